//! What the mirror does not do, each with a test that says so.

use raddle_sim::kernel::{End, Kernel};
use raddle_sim::strategy::Random;
use raddle_sim::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use raddle_sim::sync::{Mutex, RwLock};
use raddle_sim::thread;

use crate::{LIMITS, outcomes, returned};

#[test]
fn a_static_keeps_its_value_and_is_reported_once_it_was_changed() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static NAMES: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    static READ_ONLY: RwLock<usize> = RwLock::new(7);
    let mut kernel = Kernel::new(LIMITS);
    for execution in 0..3 {
        let run = kernel.run(&mut Random::new(1), || {
            let own = AtomicUsize::new(0);
            own.fetch_add(1, Relaxed);
            assert_eq!(COUNT.fetch_add(*READ_ONLY.read().unwrap(), Relaxed), 7 * execution);
            NAMES.lock().unwrap().push(execution);
        });
        assert_eq!(run.map(|run| (run.end, run.panics)), Some((End::Finished, 0)), "{}", kernel.threads()[0]);
        let reported: Vec<String> = kernel.carried_over().iter().map(ToString::to_string).collect();
        match execution {
            0 => assert!(reported.is_empty(), "{reported:?}"),
            _ => {
                assert_eq!(reported.len(), 2, "what is only read, or made anew, is no cause: {reported:?}");
                assert!(
                    reported[0].starts_with("atomic #") && reported[0].contains("gaps.rs:"),
                    "{reported:?}"
                );
                assert!(
                    reported[1].starts_with("mutex #") && reported[1].contains("gaps.rs:"),
                    "{reported:?}"
                );
            }
        }
    }
}

/// Message passing without order: the language allows the stale read.
#[test]
fn cannot_see_stale_reads_of_relaxed_atomics() {
    static DATA: AtomicUsize = AtomicUsize::new(0);
    static READY: AtomicBool = AtomicBool::new(false);
    let all = outcomes(|| {
        DATA.store(0, Relaxed);
        READY.store(false, Relaxed);
        let writer = thread::spawn(|| {
            DATA.store(1, Relaxed);
            READY.store(true, Relaxed);
        });
        let ready = READY.load(Relaxed);
        let data = DATA.load(Relaxed);
        writer.join().unwrap();
        (ready, data)
    });
    assert_eq!(all, returned([(false, 0), (false, 1), (true, 1)]), "(true, 0) is missing");
}
