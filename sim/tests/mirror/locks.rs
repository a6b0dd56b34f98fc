//! Mutexes, condition variables, barriers and initialisation, in all schedules.

use std::collections::BTreeSet;
use std::sync::Mutex as RealMutex;

use raddle_sim::kernel::{End, Kernel, ThreadState};
use raddle_sim::strategy::Random;
use raddle_sim::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use raddle_sim::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock};
use raddle_sim::thread;

use crate::{LIMITS, outcomes, returned, run_all, run_once};

#[test]
fn the_last_to_arrive_leads_and_nobody_passes_early() {
    let all = outcomes(|| {
        let barrier = Barrier::new(2);
        let arrived = AtomicUsize::new(0);
        let pass = || {
            arrived.fetch_add(1, SeqCst);
            let leads = barrier.wait().is_leader();
            assert_eq!(arrived.load(SeqCst), 2);
            leads
        };
        thread::scope(|scope| {
            let other = scope.spawn(pass);
            let mine = pass();
            (mine, other.join().unwrap())
        })
    });
    assert_eq!(all, returned([(true, false), (false, true)]));
}

#[test]
fn a_barrier_that_is_not_reached_by_all_is_named() {
    let (run, kernel) = run_once(|| {
        Barrier::new(2).wait();
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 0));
    let main = kernel.threads()[0].to_string();
    assert!(main.contains("waits for the others at barrier #0 (created at "), "{main}");
}

#[test]
fn one_of_two_initialises_and_the_other_waits_for_it() {
    let all = outcomes(|| {
        let once = Once::new();
        let steps = AtomicUsize::new(0);
        let initialise = || {
            let mut did_it = false;
            once.call_once(|| {
                steps.fetch_add(1, SeqCst);
                steps.fetch_add(1, SeqCst);
                did_it = true;
            });
            assert_eq!(steps.load(SeqCst), 2);
            did_it
        };
        thread::scope(|scope| {
            let other = scope.spawn(initialise);
            (initialise(), other.join().unwrap())
        })
    });
    assert_eq!(all, returned([(true, false), (false, true)]));
}

#[test]
fn an_initialisation_that_panics_poisons_in_every_order() {
    let all = outcomes(|| {
        let once = Arc::new(Once::new());
        let theirs = once.clone();
        let other = thread::spawn(move || theirs.call_once(|| panic!("on purpose")));
        let mine = thread::spawn(move || once.call_once(|| ())).join().is_ok();
        (other.join().is_ok(), mine)
    });
    // Whoever comes first: the panic is the other's own, or mine finds it, or the other finds it done.
    assert_eq!(all, returned([(false, false), (true, true)]));
}

#[test]
fn who_initialises_while_initialising_waits_for_himself() {
    let (run, kernel) = run_once(|| {
        let once = Once::new();
        once.call_once(|| once.call_once(|| ()));
    });
    assert_eq!(run.end, End::Stuck);
    let main = kernel.threads()[0].to_string();
    assert!(main.contains("waits for the initialisation of once #0"), "{main}");
}

#[test]
fn waiting_for_an_initialisation_ends_with_it() {
    let all = outcomes(|| {
        let lock = OnceLock::new();
        thread::scope(|scope| {
            scope.spawn(|| lock.set(1).unwrap());
            (lock.get().copied(), *lock.wait())
        })
    });
    assert_eq!(all, returned([(None, 1), (Some(1), 1)]));
}

#[test]
fn what_is_initialised_once_begins_afresh_in_each_execution() {
    static MADE: RealMutex<u32> = RealMutex::new(0);
    static LAZY: LazyLock<Mutex<Vec<u32>>> = LazyLock::new(|| {
        *MADE.lock().unwrap() += 1;
        Mutex::new(Vec::new())
    });
    static LOCK: OnceLock<u32> = OnceLock::new();
    static ONCE: Once = Once::new();
    let mut kernel = Kernel::new(LIMITS);
    let mut logs = Vec::new();
    for execution in 0..3 {
        let run = kernel.run(&mut Random::new(1), || {
            LAZY.lock().unwrap().push(execution);
            assert_eq!(*LAZY.lock().unwrap(), [execution]);
            assert_eq!((LOCK.get(), LOCK.set(execution)), (None, Ok(())));
            ONCE.call_once(|| assert!(!ONCE.is_completed()));
        });
        assert_eq!(run.map(|run| (run.end, run.panics)), Some((End::Finished, 0)), "{}", kernel.threads()[0]);
        assert!(kernel.carried_over().is_empty());
        logs.push(kernel.log().to_vec());
        assert_eq!((LOCK.get(), ONCE.is_completed()), (Some(&execution), true), "as it was left");
    }
    assert!(logs.windows(2).all(|pair| pair[0] == pair[1]), "executions begin alike");
    assert_eq!(*MADE.lock().unwrap(), 3);
}

#[test]
fn what_was_initialised_outside_stays_initialised() {
    static LOCK: OnceLock<u32> = OnceLock::new();
    LOCK.set(7).unwrap();
    for _ in 0..2 {
        let (run, kernel) = run_once(|| assert_eq!(LOCK.get(), Some(&7)));
        assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]);
    }
}

#[test]
fn a_torn_down_execution_poisons_nothing() {
    let lock = Mutex::new(0);
    let once = Once::new();
    let (run, _) = run_once(|| {
        once.call_once(|| {
            let _guard = lock.lock().unwrap();
            thread::park();
        });
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 0));
    assert!(!lock.is_poisoned() && lock.try_lock().is_ok());
    once.call_once(|| ());
    assert!(once.is_completed());
}

#[test]
fn destructors_that_unwrap_locks_survive_a_teardown() {
    struct Counts(Arc<Mutex<u32>>);
    impl Drop for Counts {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
        }
    }
    let count = Arc::new(Mutex::new(0));
    let (run, _) = run_once(|| {
        for _ in 0..2 {
            let counts = Counts(count.clone());
            thread::spawn(move || {
                let _counts = counts;
                thread::park();
            });
        }
        thread::park();
    });
    assert_eq!((run.end, run.panics, run.leaked_threads), (End::Stuck, 0, 0));
    assert_eq!(*count.lock().unwrap(), 2);
}

#[test]
fn wait_while_returns_when_the_condition_is_over_and_not_before() {
    run_all(
        || {
            let shared = (Mutex::new(0), Condvar::new());
            thread::scope(|scope| {
                scope.spawn(|| {
                    for _ in 0..2 {
                        *shared.0.lock().unwrap() += 1;
                        shared.1.notify_one();
                    }
                });
                let seen = shared.1.wait_while(shared.0.lock().unwrap(), |count| *count < 2).unwrap();
                assert_eq!(*seen, 2);
            });
        },
        |run, kernel| {
            assert_eq!((run.end, run.panics), (End::Finished, 0), "{:?}", kernel.threads());
        },
    );
}

#[test]
fn a_poisoned_mutex_is_told_by_a_wait() {
    let all = outcomes(|| {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = shared.clone();
        let other = thread::spawn(move || {
            let mut ready = theirs.0.lock().unwrap();
            *ready = true;
            theirs.1.notify_one();
            panic!("on purpose");
        });
        let told = match shared.0.lock() {
            Err(_) => "locking",
            Ok(guard) => match shared.1.wait_while(guard, |ready| !*ready) {
                Err(_) => "waiting",
                Ok(_) => "never",
            },
        };
        assert!(other.join().is_err());
        told
    });
    assert_eq!(all, returned(["locking", "waiting"]));
}

#[test]
fn an_unsized_value_can_be_locked() {
    let lock: &Mutex<[i32]> = &Mutex::new([1, 2]);
    lock.lock().unwrap()[0] = 5;
    let (run, kernel) = run_once(|| lock.lock().unwrap()[1] = 6);
    assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]);
    assert_eq!(*lock.lock().unwrap(), [5, 6]);
}

#[test]
fn locks_are_objects_of_their_kinds() {
    let (_, kernel) = run_once(|| {
        drop(Mutex::new(()).lock());
        drop(raddle_sim::sync::RwLock::new(()).read());
        Condvar::new().notify_all();
        Once::new().call_once(|| ());
        Barrier::new(1).wait();
    });
    assert_eq!(kernel.threads()[0].state, ThreadState::Finished);
    let kinds: BTreeSet<String> = kernel.objects().iter().map(|object| object.kind.to_string()).collect();
    assert_eq!(kinds, ["barrier", "condvar", "mutex", "once", "rwlock"].map(str::to_owned).into());
}
