//! Small programs that other tools are known to answer wrongly, with the right answers. Those that need weak memory are in
//! [`litmus`](super::litmus).

use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};

use raddle_sim::choice::Kind;
use raddle_sim::kernel::{End, Faults, Kernel, Limits, ThreadState};
use raddle_sim::strategy::DepthFirst;
use raddle_sim::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use raddle_sim::sync::mpsc::channel;
use raddle_sim::sync::{Arc, Condvar, Mutex};
use raddle_sim::thread;
use raddle_sim::time::Duration;

use crate::{LIMITS, outcomes, returned, run_all, run_once};

#[test]
fn store_buffering_is_forbidden() {
    let all = outcomes(|| {
        let (x, y) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                x.store(1, SeqCst);
                y.load(SeqCst)
            });
            y.store(1, SeqCst);
            let mine = x.load(SeqCst);
            (other.join().unwrap(), mine)
        })
    });
    assert_eq!(all, returned([(0, 1), (1, 0), (1, 1)]));
}

#[test]
fn two_readers_agree_on_the_order_of_two_writes() {
    let all = outcomes(|| {
        let (x, y) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            scope.spawn(|| x.store(1, SeqCst));
            scope.spawn(|| y.store(1, SeqCst));
            let other = scope.spawn(|| (y.load(SeqCst), x.load(SeqCst)));
            let mine = (x.load(SeqCst), y.load(SeqCst));
            (mine, other.join().unwrap())
        })
    });
    assert!(!all.contains(&Ok(((1, 0), (1, 0)))), "each reader saw the other's write first");
    assert_eq!(all.len(), 15);
}

#[test]
fn the_last_two_of_four_writes_are_not_both_first() {
    let all = outcomes(|| {
        let (x, y) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                x.store(1, SeqCst);
                y.store(2, SeqCst);
            });
            y.store(1, SeqCst);
            x.store(2, SeqCst);
        });
        (x.into_inner(), y.into_inner())
    });
    assert_eq!(all, returned([(1, 2), (2, 1), (2, 2)]));
}

#[test]
fn a_redundant_load_hides_no_outcome() {
    let reads = |redundant: bool| {
        outcomes(move || {
            let (key, value) = (AtomicUsize::new(0), AtomicUsize::new(0));
            thread::scope(|scope| {
                let reader = scope.spawn(|| (value.load(SeqCst), key.load(SeqCst)));
                key.store(1, SeqCst);
                value.store(1, SeqCst);
                value.store(0, SeqCst);
                if redundant {
                    key.load(SeqCst);
                }
                key.store(0, SeqCst);
                reader.join().unwrap()
            })
        })
    };
    assert_eq!(reads(true), reads(false));
    assert!(reads(true).contains(&Ok((1, 0))));
}

/// What can come of `body` when faults of this kind happen.
fn outcomes_with(kind: Kind, body: impl Fn() -> bool) -> BTreeSet<bool> {
    let mut kernel = Kernel::new(Limits { faults: Faults::NONE.with(kind), ..LIMITS });
    let mut strategy = DepthFirst::unbounded();
    let mut all = BTreeSet::new();
    let mut value = None;
    while let Some(run) = kernel.run(&mut strategy, || value = Some(body())) {
        assert_eq!((run.end, run.panics), (End::Finished, 0));
        all.extend(value.take());
    }
    all
}

#[test]
fn a_waiter_is_woken_without_a_notification() {
    // `if` in place of `while`: whether the flag was set when the wait was over.
    let is_set = outcomes_with(Kind::Wakeup, || {
        let (flag, condvar) = (Mutex::new(false), Condvar::new());
        thread::scope(|scope| {
            scope.spawn(|| {
                *flag.lock().unwrap() = true;
                condvar.notify_one();
            });
            let mut is_set = flag.lock().unwrap();
            if !*is_set {
                is_set = condvar.wait(is_set).unwrap();
            }
            *is_set
        })
    });
    assert_eq!(is_set, [false, true].into());
}

#[test]
fn a_weak_exchange_fails_although_it_could_succeed() {
    let succeeds = outcomes_with(Kind::Exchange, || {
        AtomicUsize::new(0).compare_exchange_weak(0, 1, SeqCst, SeqCst).is_ok()
    });
    assert_eq!(succeeds, [false, true].into());
}

#[test]
fn a_panic_that_is_caught_poisons_the_lock_it_came_through() {
    let (run, kernel) = run_once(|| {
        let lock = Mutex::new(5);
        let caught = panic::catch_unwind(AssertUnwindSafe(|| {
            let _guard = lock.lock().unwrap();
            panic!("on purpose");
        }));
        assert!(caught.is_err() && lock.is_poisoned());
        assert_eq!(*lock.lock().unwrap_err().into_inner(), 5);
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]);
}

#[test]
fn either_of_two_waiters_can_be_notified_first() {
    let mut firsts = BTreeSet::new();
    let order = std::sync::Mutex::new(Vec::new());
    run_all(
        || {
            order.lock().unwrap().clear();
            let (waiting, condvar) = (Mutex::new(0), Condvar::new());
            thread::scope(|scope| {
                for number in [1, 2] {
                    let (waiting, condvar, order) = (&waiting, &condvar, &order);
                    scope.spawn(move || {
                        let mut guard = waiting.lock().unwrap();
                        *guard += 1;
                        let _guard = condvar.wait(guard).unwrap();
                        order.lock().unwrap().push(number);
                    });
                }
                if *waiting.lock().unwrap() == 2 {
                    condvar.notify_one();
                    condvar.notify_one();
                }
            });
        },
        |run, _| {
            if run.end == End::Finished {
                firsts.insert(order.lock().unwrap()[0]);
            }
        },
    );
    assert_eq!(firsts, [1, 2].into());
}

#[test]
fn a_lone_wait_with_a_limit_returns() {
    let limit = Duration::from_secs(1);
    let (run, kernel) = run_once(|| {
        let (lock, condvar) = (Mutex::new(()), Condvar::new());
        assert!(condvar.wait_timeout(lock.lock().unwrap(), limit).unwrap().1.timed_out());
        thread::park_timeout(limit);
        let (_sender, receiver) = channel::<()>();
        assert!(receiver.recv_timeout(limit).is_err());
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]);
}

#[test]
fn a_panicking_thread_is_joined_with_its_payload_and_poisons_its_lock() {
    let all = outcomes(|| {
        let lock = Arc::new(Mutex::new(0));
        let theirs = lock.clone();
        let panics = thread::spawn(move || {
            let _guard = theirs.lock().unwrap();
            panic!("on purpose");
        });
        let other = thread::spawn(|| 5);
        let payload = panics.join().unwrap_err();
        (payload.downcast_ref::<&str>().copied(), lock.lock().is_err(), other.join().unwrap())
    });
    assert_eq!(all, returned([(Some("on purpose"), true, 5)]));
}

#[test]
fn trying_a_lock_that_another_holds_is_no_deadlock() {
    run_all(
        || {
            let lock = Arc::new(Mutex::new(()));
            let theirs = lock.clone();
            let other = thread::spawn(move || drop(theirs.try_lock()));
            drop(lock.try_lock());
            other.join().unwrap();
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn a_deadlock_says_who_holds_what_and_waits_for_what_and_where() {
    let mut stuck = 0;
    run_all(
        || {
            let (one, two) = (Mutex::new(()), Mutex::new(()));
            thread::scope(|scope| {
                scope.spawn(|| {
                    let _two = two.lock().unwrap();
                    let _one = one.lock().unwrap();
                });
                let _one = one.lock().unwrap();
                let _two = two.lock().unwrap();
            });
        },
        |run, kernel| {
            if run.end == End::Stuck {
                stuck += 1;
                for (thread, holder) in [(0, 1), (1, 0)] {
                    let report = &kernel.threads()[thread];
                    let ThreadState::Blocked { object: Some(object), .. } = &report.state else {
                        panic!("{report}")
                    };
                    assert_eq!(object.holder, Some(holder));
                    assert!(object.birthplace.file().ends_with("probes.rs"), "{report}");
                }
            }
        },
    );
    assert!(stuck > 0);
}
