//! Panics of code under test stay where they belong, and those of a strategy do not reach it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use raddle::platform::{AtomicInt, Join, Memory, Mutex, Threads};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::{End, Kernel, ThreadState, choose};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Now, Strategy};
use std::sync::atomic::Ordering::SeqCst;

use crate::{Count, LIMITS, Lock, Scripted, panic_message, run_all, run_once, spawn};

/// Panics without a word on stderr.
fn quiet_panic(message: &str) -> ! {
    Sim::resume_unwind(Box::new(message.to_owned()))
}

#[test]
fn a_panic_of_a_thread_is_what_join_returns_and_the_others_go_on() {
    run_all(
        || {
            let count = Arc::new(Count::new(0));
            let theirs = count.clone();
            let panicking = spawn(move || {
                theirs.fetch_add(1, SeqCst);
                quiet_panic("on purpose");
            });
            let theirs = count.clone();
            let other = spawn(move || theirs.fetch_add(1, SeqCst));
            let payload = panicking.join().expect_err("it panics");
            assert_eq!(payload.downcast_ref::<String>().map(String::as_str), Some("on purpose"));
            other.join().unwrap();
            assert_eq!(count.fetch_add(0, SeqCst), 2);
        },
        |run, kernel| {
            assert_eq!((run.end, run.panics, run.leaked_threads), (End::Finished, 1, 0));
            let threads = kernel.threads();
            assert_eq!(panic_message(&threads[1]), "on purpose");
            assert!(threads[1].joined);
            assert_eq!(threads[0].state, ThreadState::Finished);
        },
    );
}

#[test]
fn a_panic_of_main_is_reported_and_the_others_go_on() {
    let count = Arc::new(Count::new(0));
    let (run, threads) = run_once(|| {
        let theirs = count.clone();
        spawn(move || theirs.fetch_add(5, SeqCst));
        quiet_panic("main has had enough");
    });
    assert_eq!((run.end, run.panics), (End::Finished, 1));
    assert_eq!(panic_message(&threads[0]), "main has had enough");
    assert!(!threads[0].joined);
    assert_eq!(count.fetch_add(0, SeqCst), 5);
}

#[test]
fn a_panic_of_a_holder_unlocks() {
    run_all(
        || {
            let lock = Arc::new(Lock::new(1));
            let theirs = lock.clone();
            let holder = spawn(move || {
                let _guard = theirs.lock();
                quiet_panic("while holding");
            });
            *lock.lock() += 1;
            assert!(holder.join().is_err());
            assert_eq!(*lock.lock(), 2);
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 1)),
    );
}

#[test]
fn only_the_thread_that_unwinds_is_said_to_be_panicking() {
    struct Witness {
        lock: Arc<Lock<()>>,
    }
    impl Drop for Witness {
        fn drop(&mut self) {
            assert!(Sim::panicking(), "this runs by unwinding");
            // Others get their turn while this thread unwinds.
            drop(self.lock.lock());
            Sim::yield_now();
            assert!(Sim::panicking(), "it still does");
        }
    }
    run_all(
        || {
            let lock = Arc::new(Lock::new(()));
            let witness = Witness { lock: lock.clone() };
            let unwinding = spawn(move || {
                let _witness = witness;
                quiet_panic("unwinds");
            });
            for _ in 0..2 {
                assert!(!Sim::panicking(), "this thread does not unwind");
                drop(lock.lock());
            }
            assert_eq!(unwinding.join().unwrap_err().downcast_ref::<String>().unwrap(), "unwinds");
        },
        |run, kernel| {
            assert_eq!((run.end, run.panics), (End::Finished, 1), "{:?}", kernel.threads());
        },
    );
}

#[test]
fn the_platform_catches_panics_of_user_code() {
    let (run, _) = run_once(|| {
        let caught = Sim::catch_unwind(|| quiet_panic("caught"));
        assert!(caught.is_err_and(|payload| payload.is::<String>()));
        assert!(!Sim::panicking());
        assert_eq!(Sim::catch_unwind(|| 3).ok(), Some(3));
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0));
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_ends_its_thread_only() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            quiet_panic("the payload");
        }
    }
    let (run, threads) = run_once(|| std::panic::resume_unwind(Box::new(Bomb)));
    assert_eq!((run.end, run.panics, run.leaked_threads), (End::Finished, 1, 0));
    assert_eq!(panic_message(&threads[0]), "the payload");
}

struct PanicsAt {
    thread: u32,
    value: bool,
}

impl Strategy for PanicsAt {
    fn begin(&mut self) -> bool {
        true
    }
    fn thread(&mut self, _: &Now<'_>) -> Option<usize> {
        self.thread = self.thread.checked_sub(1).unwrap_or_else(|| quiet_panic("lost its way"));
        Some(0)
    }
    fn value(&mut self, _: Kind, _: u32) -> u32 {
        if self.value { quiet_panic("no value") } else { 0 }
    }
}

#[test]
fn a_panic_of_a_strategy_is_a_fault_of_the_tool() {
    for (strategy, message) in [
        (PanicsAt { thread: 1, value: false }, "lost its way"),
        (PanicsAt { thread: 100, value: true }, "no value"),
    ] {
        let mut strategy = strategy;
        let mut kernel = Kernel::new(LIMITS);
        let run = kernel.run(&mut strategy, || {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                let other = spawn(|| choose(Kind::Scenario, 2));
                for _ in 0..5 {
                    Sim::yield_now();
                }
                choose(Kind::Scenario, 2);
                other.join().unwrap();
            }));
            assert!(caught.is_err(), "the code under test sees the teardown at most");
        });
        let run = run.expect("it begins");
        assert_eq!((run.end, run.panics, run.leaked_threads), (End::Fault, 0, 0));
        let fault = kernel.fault().expect("a fault has a message");
        assert!(fault.contains("the strategy panicked") && fault.contains(message), "{fault}");
    }
}

#[test]
fn an_answer_that_is_no_option_is_a_fault_of_the_tool() {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Scripted(|now: &Now<'_>| Some(now.options()));
    let run = kernel.run(&mut strategy, || drop(spawn(|| ()))).expect("it begins");
    assert_eq!(run.end, End::Fault);
    assert_eq!(kernel.fault(), Some("the strategy answered with option 2 of 2"));
}

#[test]
fn a_strategy_may_abandon_an_execution() {
    let mut kernel = Kernel::new(LIMITS);
    let run = kernel.run(&mut Scripted(|_: &Now<'_>| None), || drop(spawn(|| ()))).expect("it begins");
    assert_eq!((run.end, run.leaked_threads), (End::Abandoned, 0));
    assert_eq!(kernel.fault(), None);
}

#[test]
fn a_strategy_is_outside_of_the_execution() {
    let mut kernel = Kernel::new(LIMITS);
    let count = Count::new(0);
    let mut strategy = Scripted(|_: &Now<'_>| {
        count.fetch_add(1, SeqCst);
        assert!(!raddle_sim::kernel::is_simulated());
        Some(0)
    });
    let run = kernel.run(&mut strategy, || drop(spawn(|| ()))).expect("it begins");
    assert_eq!((run.end, kernel.fault()), (End::Finished, None));
    assert!(count.fetch_add(0, SeqCst) > 0);
}

/// Makes a step, so others may go on, when it is dropped: in the middle of unwinding, too.
struct StepsWhenDropped(Arc<Count>);

impl Drop for StepsWhenDropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn each_panic_is_reported_with_the_place_where_it_began() {
    run_all(
        || {
            let count = Arc::new(Count::new(0));
            let [first, second] = [StepsWhenDropped(count.clone()), StepsWhenDropped(count)];
            let threads = [
                spawn(move || {
                    let _steps = first;
                    panic!("first");
                }),
                spawn(move || {
                    let _steps = second;
                    panic!("second");
                }),
            ];
            threads.into_iter().for_each(|thread| assert!(thread.join().is_err()));
        },
        |run, kernel| {
            assert_eq!((run.end, run.panics), (End::Finished, 2));
            let places = kernel.threads().into_iter().filter_map(|thread| thread.panicked_at);
            let places: Vec<_> =
                places.map(|place| (place.file.ends_with("panics.rs"), place.line)).collect();
            let [(true, first), (true, second)] = places[..] else { panic!("two places: {places:?}") };
            assert_eq!(second, first + 4, "the second began four lines below the first");
        },
    );
}

#[test]
fn a_panic_without_a_place_is_reported_without_one() {
    run_all(
        || assert!(spawn(|| quiet_panic("nowhere")).join().is_err()),
        |_, kernel| assert_eq!(kernel.threads()[1].panicked_at, None),
    );
}
