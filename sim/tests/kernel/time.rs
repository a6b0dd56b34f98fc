//! Virtual time: waits that end by themselves, the order in which they do, and the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex as RealMutex};
use std::time::{Duration, Instant};

use raddle::platform::{Atomic, Clock, Condvar, Join, Memory, Mutex, Threads, TimedCondvar, Unpark};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::{End, Kernel, OpKind, ThreadState};
use raddle_sim::platform::{Sim, SimCondvar};
use raddle_sim::strategy::{Coverage, DepthFirst, Random, Replay};

use crate::{Count, LIMITS, Lock, find, run_all, run_once, spawn};

const MILLISECOND: Duration = Duration::from_millis(1);
const YEAR: Duration = Duration::from_secs(31_536_000);

/// How often depth-first search sees each value that `body` returns.
fn count<T: Ord + Send>(body: impl Fn() -> T) -> BTreeMap<T, u64> {
    let seen = RealMutex::new(None);
    let mut counts = BTreeMap::new();
    run_all(
        || *seen.lock().unwrap() = Some(body()),
        |run, _| {
            assert_eq!(run.end, End::Finished);
            *counts.entry(seen.lock().unwrap().take().expect("main has ended")).or_insert(0) += 1;
        },
    );
    counts
}

#[test]
fn a_lone_wait_ends_when_its_limit_does_and_takes_no_real_time() {
    let began = Instant::now();
    let executions = run_all(
        || {
            let start = Sim::now();
            Sim::park_timeout(YEAR);
            assert!(Sim::now() >= start + YEAR);
            Sim::sleep(YEAR);
            let lock = Lock::new(7);
            let (guard, has_timed_out) = SimCondvar::new().wait_timeout(lock.lock(), YEAR);
            assert!(has_timed_out && *guard == 7);
            assert!(lock.try_lock().is_none(), "the mutex was taken again");
            assert!(Sim::now().since_start() >= 3 * YEAR);
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
    assert_eq!(executions, 1);
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn an_execution_without_a_limit_is_stuck_and_one_with_a_limit_is_not() {
    let (run, _) = run_once(Sim::park);
    assert_eq!(run.end, End::Stuck);
    let (run, threads) = run_once(|| {
        drop(spawn(|| Sim::sleep(YEAR)));
        Sim::park();
    });
    assert_eq!((run.end, &threads[1].state), (End::Stuck, &ThreadState::Finished));
}

#[test]
fn a_limit_may_end_while_others_could_go_on() {
    let seen = count(|| {
        let flag = Arc::new(Count::new(0));
        let theirs = flag.clone();
        let other = spawn(move || theirs.store(1, SeqCst));
        Sim::sleep(MILLISECOND);
        let seen = flag.load(SeqCst);
        other.join().unwrap();
        seen
    });
    assert_eq!(seen.keys().collect::<Vec<_>>(), [&0, &1]);
}

#[test]
fn parking_with_a_limit_against_an_unpark_has_three_outcomes() {
    // Unparked before it parks, unparked while it waits, and not in time.
    let mut classes = BTreeMap::new();
    let body = || {
        let thread = Sim::current();
        let other = spawn(move || thread.unpark());
        Sim::park_timeout(MILLISECOND);
        other.join().unwrap();
    };
    run_all(body, |run, kernel| {
        assert_eq!(run.end, End::Finished);
        let told = [OpKind::Unpark, OpKind::ParkTimeout, OpKind::Park, OpKind::Elapse];
        let steps = kernel.log().iter().map(|step| step.op.kind).filter(|kind| told.contains(kind));
        let class: Vec<String> = steps.map(|kind| kind.to_string()).collect();
        *classes.entry(class.join(" ")).or_insert(0) += 1;
    });
    let classes: Vec<(&str, u64)> = classes.iter().map(|(class, count)| (class.as_str(), *count)).collect();
    let expected =
        [("park_timeout elapse unpark", 3), ("park_timeout unpark park", 4), ("unpark park_timeout", 2)];
    assert_eq!(classes, expected);
}

#[test]
fn waiting_with_a_limit_against_a_notification() {
    // The flag, and whether the limit ended the wait. Who comes too late for the notification waits to the end; who is
    // notified in time was not timed out; and the limit can end before the notification, or between it and the store.
    let outcomes = count(|| {
        let shared = Arc::new((Lock::new(false), SimCondvar::new()));
        let theirs = shared.clone();
        let other = spawn(move || {
            *theirs.0.lock() = true;
            theirs.1.notify_one();
        });
        let (guard, has_timed_out) = shared.1.wait_timeout(shared.0.lock(), MILLISECOND);
        let outcome = (*guard, has_timed_out);
        drop(guard);
        other.join().unwrap();
        outcome
    });
    assert_eq!(
        outcomes.into_iter().collect::<Vec<_>>(),
        [((false, true), 6), ((true, false), 12), ((true, true), 77)]
    );
}

/// Two sleepers, and the order in which they wake.
fn sleepers(first: Duration, second: Duration) -> Vec<u32> {
    let order = Arc::new(Lock::new(Vec::new()));
    let sleeper = |number: u32, limit: Duration| {
        let order = order.clone();
        spawn(move || {
            Sim::sleep(limit);
            order.lock().push(number);
        })
    };
    let threads = [sleeper(0, first), sleeper(1, second)];
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    order.lock().clone()
}

#[test]
fn limits_that_end_together_end_in_both_orders() {
    let equal = count(|| sleepers(MILLISECOND, MILLISECOND));
    assert_eq!(equal.keys().cloned().collect::<Vec<_>>(), [vec![0, 1], vec![1, 0]]);
    let mut orders = BTreeSet::new();
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Random::new(1);
    for _ in 0..100 {
        let body = || {
            orders.insert(sleepers(MILLISECOND, MILLISECOND));
        };
        kernel.run(&mut strategy, body).unwrap();
    }
    assert_eq!(orders.len(), 2, "a random walk sees both as well");
}

#[test]
fn depth_first_search_sees_a_longer_limit_end_before_a_shorter_one() {
    let orders = count(|| sleepers(YEAR, MILLISECOND));
    assert_eq!(orders.keys().cloned().collect::<Vec<_>>(), [vec![0, 1], vec![1, 0]]);
}

#[test]
fn in_a_random_walk_limits_end_in_order_unless_one_is_eager() {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Random::new(1);
    let (mut eager, mut out_of_order) = (0, 0);
    for _ in 0..1000 {
        let mut order = Vec::new();
        kernel.run(&mut strategy, || order = sleepers(YEAR, MILLISECOND)).unwrap();
        let is_eager =
            kernel.choices().iter().any(|choice| choice.kind == Kind::Timeout && choice.taken == 1);
        assert!(is_eager || order == [1, 0], "{:?}", kernel.choices());
        eager += u32::from(is_eager);
        out_of_order += u32::from(order == [0, 1]);
    }
    assert!((50..500).contains(&eager) && out_of_order > 10, "{eager} {out_of_order}");
}

#[test]
fn nobody_sees_the_clock_go_back_and_no_wait_is_too_short() {
    run_all(
        || {
            let other = spawn(|| {
                let start = Sim::now();
                Sim::sleep(MILLISECOND);
                assert!(Sim::now() >= start + MILLISECOND);
            });
            let start = Sim::now();
            Sim::sleep(2 * MILLISECOND);
            let end = Sim::now();
            assert!(end >= start + 2 * MILLISECOND);
            other.join().unwrap();
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn who_polls_the_clock_gets_to_the_end() {
    for limit in [MILLISECOND, Duration::from_secs(3600), YEAR] {
        let (run, _) = run_once(|| {
            let end = Sim::now() + limit;
            while Sim::now() < end {
                Sim::spin_hint();
            }
        });
        assert_eq!(run.end, End::Finished);
    }
}

#[test]
fn who_spins_for_a_sleeper_lets_time_pass() {
    for spin in [|| Sim::spin_hint(), || Sim::yield_now()] {
        let body = || {
            let flag = Arc::new(Count::new(0));
            let theirs = flag.clone();
            let other = spawn(move || {
                Sim::sleep(YEAR);
                theirs.store(1, SeqCst);
            });
            while flag.load(SeqCst) == 0 {
                spin();
            }
            other.join().unwrap();
        };
        let mut kernel = Kernel::new(LIMITS);
        // The dullest answers, and random ones.
        let run = kernel.run(&mut Replay::new(Vec::new()), body).unwrap();
        assert_eq!(run.end, End::Finished);
        assert!(!find(body, |run, _| run.end != End::Finished));
    }
}

#[test]
fn a_search_with_more_limits_than_its_bound_says_so() {
    let body = || (0..3).for_each(|_| Sim::sleep(MILLISECOND));
    for (bound, coverage) in [(3, Coverage::Complete), (2, Coverage::WithinBound)] {
        let mut strategy = DepthFirst::unbounded().timeouts(bound);
        let mut kernel = Kernel::new(LIMITS);
        while kernel.run(&mut strategy, body).is_some() {}
        assert_eq!(strategy.coverage(), coverage);
    }
}

#[test]
fn a_wait_in_a_loop_is_searched_to_an_end() {
    let body = || {
        let shared = Arc::new((Lock::new(false), SimCondvar::new()));
        let theirs = shared.clone();
        let other = spawn(move || {
            *theirs.0.lock() = true;
            theirs.1.notify_one();
        });
        let mut guard = shared.0.lock();
        while !*guard {
            guard = shared.1.wait_timeout(guard, MILLISECOND).0;
        }
        drop(guard);
        other.join().unwrap();
    };
    let mut strategy = DepthFirst::bounded(2);
    let mut kernel = Kernel::new(LIMITS);
    let mut executions = 0;
    while let Some(run) = kernel.run(&mut strategy, body) {
        assert_eq!(run.end, End::Finished);
        executions += 1;
    }
    assert_eq!(executions, 171);
    assert_eq!(strategy.coverage(), Coverage::WithinBound);
}

#[test]
fn a_thread_that_waits_with_a_limit_is_torn_down_with_the_rest() {
    struct SleepsAndNotes(Arc<RealMutex<u32>>);
    impl Drop for SleepsAndNotes {
        fn drop(&mut self) {
            Sim::sleep(MILLISECOND);
            *self.0.lock().unwrap() += 1;
        }
    }
    let dropped = Arc::new(RealMutex::new(0));
    let mut kernel = Kernel::new(crate::Limits { steps: 60, ..LIMITS });
    for seed in 0..50 {
        *dropped.lock().unwrap() = 0;
        let run = kernel
            .run(&mut Random::new(seed), || {
                for _ in 0..3 {
                    let value = SleepsAndNotes(dropped.clone());
                    drop(spawn(move || {
                        let _value = value;
                        let (lock, condvar) = (Lock::new(()), SimCondvar::new());
                        loop {
                            Sim::sleep(MILLISECOND);
                            drop(condvar.wait_timeout(lock.lock(), MILLISECOND));
                            Sim::park_timeout(MILLISECOND);
                        }
                    }));
                }
                Sim::park();
            })
            .unwrap();
        assert_eq!((run.end, run.leaked_threads), (End::Livelock, 0));
        assert_eq!(*dropped.lock().unwrap(), run.threads - 1);
    }
}

#[test]
fn a_notification_and_a_limit_never_both_wake_a_waiter() {
    // One item, two consumers with limits, one producer: the item is taken once, and who was notified in vain says so.
    let outcomes = RealMutex::new(BTreeSet::new());
    let mut strategy = DepthFirst::bounded(1);
    let mut kernel = Kernel::new(LIMITS);
    let body = || {
        let shared = Arc::new((Lock::new(0_u32), SimCondvar::new()));
        let consumer = |shared: Arc<(Lock<u32>, SimCondvar)>| {
            let mut guard = shared.0.lock();
            let mut has_timed_out = false;
            while *guard == 0 && !has_timed_out {
                (guard, has_timed_out) = shared.1.wait_timeout(guard, MILLISECOND);
            }
            let takes = *guard > 0;
            *guard -= u32::from(takes);
            takes
        };
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let shared = shared.clone();
                spawn(move || consumer(shared))
            })
            .collect();
        *shared.0.lock() += 1;
        shared.1.notify_one();
        let taken: Vec<bool> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        outcomes.lock().unwrap().insert((taken, *shared.0.lock()));
    };
    while let Some(run) = kernel.run(&mut strategy, body) {
        assert_eq!((run.end, run.panics), (End::Finished, 0));
    }
    let expected = [(vec![false, false], 1), (vec![false, true], 0), (vec![true, false], 0)];
    assert_eq!(outcomes.into_inner().unwrap(), BTreeSet::from(expected));
}

#[test]
fn every_timed_run_is_replayed() {
    let body = || {
        let threads = [(); 3].map(|()| {
            spawn(|| {
                Sim::sleep(MILLISECOND);
                Sim::park_timeout(2 * MILLISECOND);
                Sim::now().since_start()
            })
        });
        threads.map(|thread| thread.join().unwrap())
    };
    let mut strategy = Random::new(3);
    let mut kernel = Kernel::new(LIMITS);
    for _ in 0..100 {
        let (mut first, mut again) = (None, None);
        kernel.run(&mut strategy, || first = Some(body())).unwrap();
        let (choices, log) = (kernel.choices().to_vec(), kernel.log().to_vec());
        let mut replay = Replay::of(&choices);
        kernel.run(&mut replay, || again = Some(body())).unwrap();
        assert!(replay.was_exact());
        assert_eq!((first, log.as_slice()), (again, kernel.log()));
    }
}
