//! Unfinished threads are unwound in order, or leaked and counted.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex as RealMutex};

use raddle::platform::{Atomic, Condvar, Join, Memory, Mutex, Shared, Threads};
use raddle_sim::kernel::{End, Kernel, ThreadState};
use raddle_sim::platform::{Sim, SimArc, SimCondvar};
use raddle_sim::strategy::{Random, Replay};
use std::sync::atomic::Ordering::SeqCst;

use crate::{Count, LIMITS, Lock, find, run_once, spawn};

/// Notes its name when dropped.
struct Note(&'static str, Arc<RealMutex<Vec<&'static str>>>);

impl Drop for Note {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[test]
fn the_youngest_is_unwound_first() {
    let notes = Arc::new(RealMutex::new(Vec::new()));
    let (run, threads) = run_once(|| {
        let _note = Note("main", notes.clone());
        for name in ["first", "second"] {
            let note = Note(name, notes.clone());
            spawn(move || {
                let _note = note;
                Sim::park();
            });
        }
        Sim::park();
    });
    assert_eq!((run.end, run.panics, run.leaked_threads), (End::Stuck, 0, 0));
    assert_eq!(*notes.lock().unwrap(), ["second", "first", "main"]);
    assert!(
        threads.iter().all(|thread| matches!(thread.state, ThreadState::Blocked { .. }) && !thread.leaked)
    );
}

#[test]
fn what_a_thread_captured_is_dropped_although_it_never_started() {
    let notes = Arc::new(RealMutex::new(Vec::new()));
    let mut kernel = Kernel::new(LIMITS);
    // The current thread always goes on, so the spawned one does not start before main is stuck on itself.
    let mut strategy = crate::Scripted(|now: &raddle_sim::strategy::Now<'_>| now.current().and(Some(0)));
    let run = kernel.run(&mut strategy, || {
        let note = Note("captured", notes.clone());
        let lock = SimArc::new(Lock::new(()));
        let theirs = lock.clone();
        spawn(move || drop((note, theirs)));
        let _guard = lock.lock();
        spawn(|| ());
        drop(lock.lock());
    });
    assert_eq!(run.map(|run| (run.end, run.leaked_threads)), Some((End::Abandoned, 0)));
    assert_eq!(*notes.lock().unwrap(), ["captured"]);
}

/// Takes a lock when dropped, and checks that it is alone with it.
struct LocksOnDrop {
    lock: Arc<Lock<bool>>,
    dropped: Arc<RealMutex<u32>>,
}

impl Drop for LocksOnDrop {
    fn drop(&mut self) {
        let mut taken = self.lock.lock();
        assert!(!*taken, "two destructors hold one mutex");
        *taken = true;
        Sim::yield_now();
        *taken = false;
        *self.dropped.lock().unwrap() += 1;
    }
}

#[test]
fn destructors_that_lock_exclude_each_other() {
    let dropped = Arc::new(RealMutex::new(0));
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Random::new(2);
    for _ in 0..300 {
        *dropped.lock().unwrap() = 0;
        let run = kernel.run(&mut strategy, || {
            let lock = Arc::new(Lock::new(false));
            for _ in 0..3 {
                let (lock, dropped) = (lock.clone(), dropped.clone());
                spawn(move || {
                    let _value = LocksOnDrop { lock: lock.clone(), dropped };
                    // Some are stuck with the mutex, so that the destructors of the others have to wait for them.
                    let _guard = lock.lock();
                    Sim::park();
                });
            }
            Sim::park();
        });
        assert_eq!(run.map(|run| (run.end, run.panics, run.leaked_threads)), Some((End::Stuck, 0, 0)));
        assert_eq!(*dropped.lock().unwrap(), 3);
    }
}

#[test]
fn a_waiter_of_a_condition_variable_unwinds_without_the_mutex() {
    let (run, threads) = run_once(|| {
        let shared = Arc::new((Lock::new(()), SimCondvar::new()));
        let theirs = shared.clone();
        let waiter = spawn(move || {
            let guard = theirs.0.lock();
            let _guard = theirs.1.wait(guard);
        });
        waiter.join().unwrap();
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 0));
    assert!(
        matches!(&threads[1].state, ThreadState::Blocked { object: Some(object), .. } if object.holder.is_none())
    );
}

#[test]
fn code_that_catches_everything_does_not_stop_the_teardown() {
    let swallowed = Arc::new(RealMutex::new(0));
    let (run, _) = run_once(|| {
        let swallowed = swallowed.clone();
        spawn(move || {
            for _ in 0..5 {
                if catch_unwind(AssertUnwindSafe(Sim::park)).is_err() {
                    *swallowed.lock().unwrap() += 1;
                }
            }
        });
    });
    assert_eq!((run.end, run.panics, run.leaked_threads), (End::Stuck, 0, 0));
    assert_eq!(*swallowed.lock().unwrap(), 5);
}

#[test]
fn code_that_catches_everything_for_ever_is_leaked() {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Random::new(1);
    for _ in 0..3 {
        let run = kernel.run(&mut strategy, || {
            spawn(|| {
                loop {
                    let _ = catch_unwind(AssertUnwindSafe(Sim::park));
                }
            });
        });
        assert_eq!(run.map(|run| (run.end, run.leaked_threads)), Some((End::Stuck, 1)));
        assert!(kernel.threads()[1].leaked);
        assert!(kernel.threads()[1].to_string().contains("leaked"));
    }
    let run = kernel.run(&mut strategy, || spawn(|| 7).join().map(drop).unwrap());
    assert_eq!(
        run.map(|run| (run.end, run.leaked_threads)),
        Some((End::Finished, 0)),
        "the kernel is as good as new"
    );
}

#[test]
fn the_platforms_own_catching_lets_the_teardown_through() {
    let (run, _) = run_once(|| {
        spawn(|| {
            let caught = Sim::catch_unwind(Sim::park);
            unreachable!("caught {caught:?}");
        });
    });
    assert_eq!((run.end, run.panics, run.leaked_threads), (End::Stuck, 0, 0));
}

#[test]
fn a_destructor_that_never_ends_is_given_up() {
    struct Spins(Arc<Count>);
    impl Drop for Spins {
        fn drop(&mut self) {
            while self.0.load(SeqCst) == 0 {
                Sim::spin_hint();
            }
        }
    }
    let count = Arc::new(Count::new(0));
    let (run, threads) = run_once(|| {
        let spins = Spins(count.clone());
        spawn(move || {
            let _spins = spins;
            Sim::park();
        });
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 1));
    assert!(threads[1].leaked);
}

#[test]
fn a_destructor_that_joins_a_finished_thread_gets_its_result() {
    struct JoinsOnDrop(Option<raddle_sim::platform::SimJoinHandle<u32>>, Arc<RealMutex<u32>>);
    impl Drop for JoinsOnDrop {
        fn drop(&mut self) {
            *self.1.lock().unwrap() = self.0.take().unwrap().join().unwrap();
        }
    }
    let result = Arc::new(RealMutex::new(0));
    let is_found = find(
        || {
            *result.lock().unwrap() = 0;
            let _joins = JoinsOnDrop(Some(spawn(|| 42)), result.clone());
            Sim::park();
        },
        |run, kernel| run.leaked_threads == 0 && kernel.threads()[1].state == ThreadState::Finished,
    );
    assert!(is_found);
    assert_eq!(*result.lock().unwrap(), 42);
}

#[test]
fn a_destructor_that_joins_what_was_torn_down_is_leaked() {
    // There is no result to return, and an error might well be unwrapped, which ends the process while unwinding.
    struct JoinsOnDrop(Option<raddle_sim::platform::SimJoinHandle<()>>);
    impl Drop for JoinsOnDrop {
        fn drop(&mut self) {
            self.0.take().unwrap().join().unwrap();
        }
    }
    let (run, threads) = run_once(|| {
        let _joins = JoinsOnDrop(Some(spawn(Sim::park)));
        Sim::park();
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 1));
    assert!(threads[0].leaked && !threads[1].leaked);
}

#[test]
fn a_section_that_must_not_unwind_is_finished_first() {
    let passed = Cell::new(0);
    let mut kernel = Kernel::new(LIMITS);
    for cut in 0..20 {
        passed.set(0);
        let mut left = cut;
        let mut strategy = crate::Scripted(|_: &raddle_sim::strategy::Now<'_>| {
            left -= 1;
            (left >= 0).then_some(0)
        });
        let run = kernel.run(&mut strategy, || {
            spawn(|| ());
            let lock = Lock::new(());
            Sim::must_not_unwind(|| {
                passed.set(1);
                drop(lock.lock());
                Sim::yield_now();
                passed.set(2);
            });
            drop(lock.lock());
        });
        assert_ne!(passed.get(), 1, "the section was broken off");
        assert_eq!(run.map(|run| run.leaked_threads), Some(0));
    }
    assert_eq!(passed.get(), 2);
}

#[test]
fn a_thread_that_unwinds_already_is_not_broken_off_again() {
    struct LocksOnDrop(Arc<Lock<()>>);
    impl Drop for LocksOnDrop {
        fn drop(&mut self) {
            drop(self.0.lock());
        }
    }
    // A panic of its own unwinds the thread into a destructor that waits for a mutex whose holder is stuck.
    let run = |choices: Vec<u32>| {
        let mut kernel = Kernel::new(LIMITS);
        let run = kernel.run(&mut Replay::new(choices), || {
            let lock = Arc::new(Lock::new(()));
            let theirs = LocksOnDrop(lock.clone());
            spawn(move || {
                let _theirs = theirs;
                Sim::resume_unwind(Box::new("its own"));
            });
            let _guard = lock.lock();
            Sim::park();
        });
        assert!(matches!(kernel.threads()[1].state, ThreadState::Blocked { .. }));
        (run.expect("a replay is one run"), kernel.is_spent())
    };
    // The holder was suspended before that, so it is known not to unwind: it frees the mutex, and both come to their ends.
    let (known, is_spent) = run(vec![]);
    assert_eq!((known.end, known.leaked_threads, is_spent), (End::Stuck, 0, false));
    // The holder was suspended after that. `std` cannot tell whether it unwinds too, and raising a panic in a thread that
    // unwinds would end the process.
    let (unknown, is_spent) = run(vec![1, 1]);
    assert_eq!((unknown.end, unknown.leaked_threads, is_spent), (End::Stuck, 2, true));
    // From then on `std` takes this OS thread for one that panics. The kernel does not.
    let (run, _) = run_once(|| assert!(!Sim::panicking()));
    assert_eq!((run.end, run.panics), (End::Finished, 0));
}

#[test]
fn references_given_up_by_unwinding_are_counted() {
    let arc = SimArc::new(5);
    let (run, _) = run_once(|| {
        let theirs = arc.clone();
        spawn(move || {
            Sim::park();
            drop(theirs);
        });
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 0));
    assert_eq!(SimArc::into_inner(arc), Some(5));
}
