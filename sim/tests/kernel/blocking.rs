//! Blocking: mutexes, condition variables, parking and joining, and what a report says of those that wait for ever.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex as RealMutex};

use raddle::platform::{Condvar, Join, Mutex, Threads, Unpark};
use raddle_sim::kernel::{End, ObjectKind, OpKind, ThreadState, current_thread};
use raddle_sim::platform::{Sim, SimCondvar};
use raddle_sim::strategy::{Random, Strategy};

use crate::{LIMITS, Lock, find, run_all, run_once, spawn, spawn_and_join};

#[test]
fn a_deadlock_names_who_holds_and_who_waits_for_what_from_where() {
    let body = || {
        let (first, second) = (Arc::new(Lock::new(())), Arc::new(Lock::new(())));
        let (theirs_first, theirs_second) = (first.clone(), second.clone());
        let other = spawn(move || {
            let _second = theirs_second.lock();
            let _first = theirs_first.lock();
        });
        {
            let _first = first.lock();
            let _second = second.lock();
        }
        other.join().unwrap();
    };
    let mut stuck = 0;
    let executions = run_all(body, |run, kernel| {
        assert_eq!(run.leaked_threads, 0);
        if run.end != End::Stuck {
            assert_eq!(run.end, End::Finished);
            return;
        }
        stuck += 1;
        for (thread, holder) in [(0, 1), (1, 0)] {
            let report = &kernel.threads()[thread];
            let ThreadState::Blocked { op, object: Some(object) } = &report.state else {
                panic!("{report}");
            };
            assert_eq!(
                (op.kind, object.kind, object.holder),
                (OpKind::Lock, ObjectKind::Mutex, Some(holder))
            );
            assert!(object.birthplace.file().ends_with("blocking.rs"), "{report}");
            let text = report.to_string();
            assert!(text.contains(&format!("which thread {holder} holds")), "{text}");
            assert!(text.contains(&object.birthplace.to_string()), "{text}");
        }
        assert!(kernel.threads()[1].to_string().contains("(spawned at "), "{}", kernel.threads()[1]);
    });
    assert!(stuck > 0 && stuck < executions, "{stuck} of {executions} executions deadlock");
}

#[test]
fn a_thread_that_locks_twice_waits_for_itself() {
    let (run, threads) = run_once(|| {
        let lock = Lock::new(());
        let _once = lock.lock();
        let _twice = lock.lock();
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 0));
    let ThreadState::Blocked { object: Some(object), .. } = &threads[0].state else {
        panic!("{}", threads[0])
    };
    assert_eq!(object.holder, Some(0));
}

#[test]
fn unparks_before_a_park_count_as_one() {
    let executions = run_all(
        || {
            let parker = spawn(|| {
                Sim::park();
                Sim::park();
            });
            parker.thread().unpark();
            parker.thread().unpark();
            parker.join().unwrap();
        },
        |run, kernel| match run.end {
            End::Finished => {}
            End::Stuck => {
                let parks = kernel.log().iter().filter(|step| step.op.kind == OpKind::Park).count();
                assert_eq!(parks, 1, "both unparks came before the first park, or one of them before each");
                assert!(kernel.threads()[1].to_string().contains("waits to be unparked"));
            }
            other => panic!("{other}"),
        },
    );
    assert!(executions > 2);
}

#[test]
fn an_unpark_that_is_tested_for_and_then_forgotten_is_lost() {
    // The parker looks at the flag, is overtaken, and consumes the token elsewhere: a lost wakeup that a report must show.
    let is_found = find(
        || {
            let flag = Arc::new(Lock::new(false));
            let theirs = flag.clone();
            let parker = spawn(move || {
                while !*theirs.lock() {
                    Sim::park();
                }
                Sim::park();
            });
            *flag.lock() = true;
            parker.thread().unpark();
            parker.join().unwrap();
        },
        |run, _| run.end == End::Stuck,
    );
    assert!(is_found);
}

#[test]
fn either_of_two_waiters_can_be_notified_first() {
    let woken = RealMutex::new(BTreeSet::new());
    let order = Arc::new(RealMutex::new(Vec::new()));
    run_all(
        || {
            order.lock().unwrap().clear();
            let shared = Arc::new((Lock::new(0), SimCondvar::new()));
            let waiters: Vec<_> = (0..2)
                .map(|_| {
                    let (shared, order) = (shared.clone(), order.clone());
                    spawn(move || {
                        let mut waiting = shared.0.lock();
                        *waiting += 1;
                        let _waiting = shared.1.wait(waiting);
                        order.lock().unwrap().push(current_thread());
                    })
                })
                .collect();
            // No spinning: whether both wait is seen once, and executions where they do not are not of interest.
            if *shared.0.lock() == 2 {
                shared.1.notify_one();
                let notified = waiters.iter().position(Join::is_finished);
                shared.1.notify_one();
                order.lock().unwrap().push(notified.map(|index| index + 1));
            }
            shared.1.notify_all();
            for waiter in waiters {
                waiter.join().unwrap();
            }
        },
        |run, _| {
            if run.end == End::Finished && order.lock().unwrap().len() == 3 {
                woken.lock().unwrap().insert(order.lock().unwrap().clone());
            }
        },
    );
    let firsts: BTreeSet<_> = woken.lock().unwrap().iter().filter_map(|order| order[0]).collect();
    assert_eq!(firsts, BTreeSet::from([1, 2]));
}

#[test]
fn which_waiter_is_notified_is_a_choice_of_its_own() {
    // The waiters are started in order and each waits before the next is started, so the queue is always 1, 2, 3.
    let shared_body = |order: Arc<RealMutex<Vec<usize>>>| {
        let shared = Arc::new((Lock::new(()), SimCondvar::new()));
        let waiters: Vec<_> = (1..=3)
            .map(|number| {
                let (shared, order) = (shared.clone(), order.clone());
                spawn(move || {
                    let guard = shared.0.lock();
                    let _guard = shared.1.wait(guard);
                    order.lock().unwrap().push(number);
                })
            })
            .collect();
        let guard = shared.0.lock();
        drop(guard);
        shared.1.notify_one();
        shared.1.notify_all();
        for waiter in waiters {
            waiter.join().unwrap();
        }
    };
    let order = Arc::new(RealMutex::new(Vec::new()));
    let mut firsts = BTreeSet::new();
    find(
        || {
            order.lock().unwrap().clear();
            shared_body(order.clone());
        },
        |run, kernel| {
            if run.end == End::Finished && kernel.choices().iter().any(|choice| choice.options == 3) {
                firsts.extend(order.lock().unwrap().first().copied());
            }
            firsts.len() == 3
        },
    );
    assert_eq!(firsts, BTreeSet::from([1, 2, 3]));
}

#[test]
fn waiting_frees_the_mutex_and_a_notification_takes_it_again() {
    run_all(
        || {
            let shared = Arc::new((Lock::new(false), SimCondvar::new()));
            let theirs = shared.clone();
            let waiter = spawn(move || {
                let mut ready = theirs.0.lock();
                while !*ready {
                    ready = theirs.1.wait(ready);
                }
                assert!(theirs.0.try_lock().is_none(), "the waiter holds the mutex again");
            });
            *shared.0.lock() = true;
            shared.1.notify_one();
            waiter.join().unwrap();
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn a_notification_before_the_wait_is_lost() {
    let ends = RealMutex::new(BTreeSet::new());
    run_all(
        || {
            let shared = Arc::new((Lock::new(()), SimCondvar::new()));
            let theirs = shared.clone();
            let waiter = spawn(move || {
                let guard = theirs.0.lock();
                let _guard = theirs.1.wait(guard);
            });
            shared.1.notify_one();
            waiter.join().unwrap();
        },
        |run, kernel| {
            ends.lock().unwrap().insert(format!("{}", run.end));
            if run.end == End::Stuck {
                let text = kernel.threads()[1].to_string();
                assert!(text.contains("waits for a notification of condvar #"), "{text}");
                let text = kernel.threads()[0].to_string();
                assert!(text.contains("waits for the end of thread 1"), "{text}");
            }
        },
    );
    assert_eq!(*ends.lock().unwrap(), ["finished", "stuck"].map(str::to_owned).into());
}

#[test]
fn try_lock_fails_exactly_while_somebody_holds() {
    let outcomes = RealMutex::new(BTreeSet::new());
    run_all(
        || {
            let lock = Arc::new(Lock::new(()));
            let theirs = lock.clone();
            let other = spawn(move || drop(theirs.lock()));
            let taken = lock.try_lock().is_some();
            other.join().unwrap();
            outcomes.lock().unwrap().insert(taken);
            assert!(lock.try_lock().is_some(), "nobody is left to hold it");
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
    assert_eq!(*outcomes.lock().unwrap(), BTreeSet::from([false, true]));
}

#[test]
fn a_mutex_excludes_in_every_schedule() {
    run_all(
        || {
            let lock = Arc::new(Lock::new(0));
            spawn_and_join((0..2).map(|_| {
                let lock = lock.clone();
                move || {
                    let mut count = lock.lock();
                    let before = *count;
                    Sim::yield_now();
                    *count = before + 1;
                }
            }));
            assert_eq!(*lock.lock(), 2);
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn whether_a_thread_has_ended_can_be_asked_without_waiting() {
    let answers = RealMutex::new(BTreeSet::new());
    run_all(
        || {
            let other = spawn(|| ());
            answers.lock().unwrap().insert(other.is_finished());
            other.join().unwrap();
        },
        |run, _| assert_eq!(run.end, End::Finished),
    );
    assert_eq!(*answers.lock().unwrap(), BTreeSet::from([false, true]));
}

#[test]
fn a_hundred_threads_take_turns_and_spinning_on_a_yield_ends() {
    let mut kernel = raddle_sim::kernel::Kernel::new(LIMITS);
    for seed in 0..5 {
        let mut strategy: Box<dyn Strategy> = Box::new(Random::new(seed));
        let run = kernel.run(&mut *strategy, || {
            let turn = Arc::new(Lock::new(0));
            spawn_and_join((0..120).map(|_| {
                let turn = turn.clone();
                move || {
                    *turn.lock() += 1;
                    while *turn.lock() < 3 {
                        Sim::yield_now();
                    }
                }
            }));
            assert_eq!(*turn.lock(), 120);
        });
        let run = run.expect("a random walk always goes on");
        assert_eq!((run.end, run.threads, run.panics), (End::Finished, 121, 0));
    }
}
