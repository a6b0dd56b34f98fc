//! Small programs that other tools are known to answer wrongly, with the right answers.

use raddle_sim::kernel::{End, ThreadState};
use raddle_sim::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use raddle_sim::sync::mpsc::channel;
use raddle_sim::sync::{Arc, Condvar, Mutex};
use raddle_sim::thread;
use raddle_sim::time::Duration;

use crate::{outcomes, returned, run_all, run_once};

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
            let (x, y) = (AtomicUsize::new(0), AtomicUsize::new(0));
            thread::scope(|scope| {
                let reader = scope.spawn(|| (x.load(SeqCst), y.load(SeqCst)));
                x.store(1, SeqCst);
                if redundant {
                    y.load(SeqCst);
                }
                y.store(1, SeqCst);
                x.store(2, SeqCst);
                y.store(2, SeqCst);
                reader.join().unwrap()
            })
        })
    };
    assert_eq!(reads(true), reads(false));
    assert!(reads(true).contains(&Ok((1, 0))));
}

#[test]
fn either_of_two_waiters_can_be_notified_first() {
    let mut firsts = std::collections::BTreeSet::new();
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
