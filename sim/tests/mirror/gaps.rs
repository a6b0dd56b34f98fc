//! What the mirror does not do, each with a test that says so. What its memory does not do is in [`litmus`](super::litmus).

use std::fmt::Display;

use raddle_sim::kernel::{End, Kernel};
use raddle_sim::strategy::Random;
use raddle_sim::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use raddle_sim::sync::{Arc, Mutex, RwLock};

use crate::LIMITS;

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

/// The language lets `std`'s count alone coerce by itself; that it does not compile here is shown beside
/// [`Arc`](raddle_sim::sync::Arc). What can be had instead behaves like it.
#[test]
fn a_count_becomes_one_of_a_trait_object_or_a_slice_by_a_macro_and_is_still_the_same() {
    let run = Kernel::new(LIMITS).run(&mut Random::new(1), || {
        let number = Arc::new(5);
        let shown = raddle_sim::unsize_arc!(number.clone() => dyn Display);
        assert_eq!((shown.to_string(), Arc::strong_count(&number)), ("5".to_owned(), 2));
        drop(shown);
        assert_eq!(Arc::strong_count(&number), 1);
        let slice = raddle_sim::unsize_arc!(Arc::new([1, 2, 3]) => [u32]);
        assert_eq!((slice.len(), slice.iter().sum::<u32>()), (3, 6));
        let weak = Arc::downgrade(&slice);
        drop(slice);
        assert!(weak.upgrade().is_none());
    });
    assert_eq!(run.map(|run| (run.end, run.panics)), Some((End::Finished, 0)));
}
