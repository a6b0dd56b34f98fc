//! Threads: joining, scopes and parking, in all schedules.

use std::collections::BTreeSet;

use raddle_sim::choice::Kind;
use raddle_sim::future;
use raddle_sim::kernel::{End, Faults, InjectedPanic, Kernel, Limits, ThreadState, spared};
use raddle_sim::strategy::{DepthFirst, Random};
use raddle_sim::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use raddle_sim::sync::mpsc::channel;
use raddle_sim::sync::{Arc, Mutex};
use raddle_sim::thread;

use crate::{LIMITS, outcomes, returned, run_all, run_once};

#[test]
fn a_scope_ends_after_its_threads() {
    run_all(
        || {
            let mut numbers = [1, 2];
            thread::scope(|scope| {
                for number in &mut numbers {
                    scope.spawn(move || *number += 10);
                }
            });
            assert_eq!(numbers, [11, 12]);
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn a_thread_of_a_scope_can_be_joined_by_another_while_the_scope_waits() {
    run_all(
        || {
            thread::scope(|scope| {
                let first = scope.spawn(thread::yield_now);
                scope.spawn(move || first.join().unwrap());
            });
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn a_scope_that_is_torn_down_waits_for_what_borrows_from_it() {
    let dropped = AtomicUsize::new(0);
    let (run, kernel) = run_once(|| {
        struct Looks<'a>(&'a [i32; 2], &'a AtomicUsize);
        impl Drop for Looks<'_> {
            fn drop(&mut self) {
                thread::yield_now();
                self.1.fetch_add(self.0.iter().sum::<i32>() as usize, SeqCst);
            }
        }
        let numbers = [1, 2];
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let _looks = Looks(&numbers, &dropped);
                    thread::park();
                });
            }
            thread::park();
        });
        unreachable!("nobody unparks");
    });
    assert_eq!((run.end, run.panics, run.leaked_threads), (End::Stuck, 0, 0), "{:?}", kernel.threads());
    assert!(dropped.load(SeqCst).is_multiple_of(3));
}

#[test]
fn a_scope_waits_for_threads_that_never_end_and_says_so() {
    let (run, kernel) = run_once(|| {
        thread::scope(|scope| {
            scope.spawn(thread::park);
        });
    });
    assert_eq!((run.end, run.leaked_threads), (End::Stuck, 0));
    let main = kernel.threads()[0].to_string();
    assert!(main.contains("waits for the end of thread 1"), "{main}");
    assert!(kernel.threads()[1].to_string().starts_with("thread 1 (spawned at "), "{}", kernel.threads()[1]);
}

#[test]
fn a_panic_ends_its_thread_alone() {
    let all = outcomes(|| {
        let (sender, receiver) = channel();
        let panics = thread::spawn(|| panic!("on purpose"));
        let goes_on = thread::spawn(move || sender.send(1).unwrap());
        let failed = panics.join().is_err();
        goes_on.join().unwrap();
        (failed, receiver.recv().ok())
    });
    assert_eq!(all, returned([(true, Some(1))]));
    run_all(
        || drop(thread::spawn(|| panic!("on purpose")).join()),
        |run, kernel| {
            assert_eq!((run.end, run.panics), (End::Finished, 1));
            assert!(kernel.threads()[1].joined);
            assert_eq!(kernel.threads()[1].state, ThreadState::Panicked("on purpose".to_owned()));
        },
    );
}

#[test]
fn parking_waits_for_one_unpark() {
    let all = outcomes(|| {
        let flag = Arc::new(AtomicUsize::new(0));
        let theirs = flag.clone();
        let main = thread::current();
        let other = thread::spawn(move || {
            theirs.store(1, SeqCst);
            main.unpark();
        });
        thread::park();
        let seen = flag.load(SeqCst);
        other.join().unwrap();
        seen
    });
    assert_eq!(all, returned([1]));
}

#[test]
fn ids_count_and_names_are_those_of_the_reports() {
    let (run, kernel) = run_once(|| {
        assert_eq!(thread::current().name(), Some("main"));
        let named =
            thread::Builder::new().name("weaver".to_owned()).spawn(|| thread::current().id()).unwrap();
        assert_eq!(format!("{:?}", named.thread().id()), "ThreadId(1)");
        assert_eq!(named.thread().id(), named.join().unwrap());
        assert_eq!(thread::available_parallelism().unwrap().get(), 2);
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0), "{}", kernel.threads()[0]);
    assert_eq!(kernel.threads()[1].name, "weaver");
    assert!(kernel.threads()[1].birthplace.file().ends_with("threads.rs"));
}

#[test]
fn a_result_that_is_not_asked_for_is_dropped_by_its_thread() {
    struct Notes(Arc<Mutex<Vec<String>>>);
    impl Drop for Notes {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(format!("{:?}", thread::current().id()));
        }
    }
    let notes = Arc::new(Mutex::new(Vec::new()));
    for seed in 0..100 {
        let theirs = Notes(notes.clone());
        let mut kernel = Kernel::new(LIMITS);
        let run = kernel.run(&mut Random::new(seed), move || drop(thread::spawn(move || theirs)));
        assert_eq!(run.map(|run| (run.end, run.panics)), Some((End::Finished, 0)));
        assert_eq!(std::mem::take(&mut *notes.lock().unwrap()), ["ThreadId(1)"]);
    }
}

/// What can come of `body` when the bodies of threads may panic.
fn with_panicking_bodies<T: Ord>(body: impl Fn() -> T) -> BTreeSet<T> {
    let mut kernel = Kernel::new(Limits { faults: Faults::NONE.with(Kind::Body), ..LIMITS });
    let mut strategy = DepthFirst::unbounded().faults(2);
    let mut all = BTreeSet::new();
    let mut value = None;
    while let Some(run) = kernel.run(&mut strategy, || value = Some(body())) {
        assert_eq!((run.end, run.leaked_threads), (End::Finished, 0));
        assert_eq!(u64::from(run.panics), run.faults[Kind::Body], "each is counted, and nothing else panics");
        all.extend(value.take());
    }
    all
}

#[test]
fn a_body_panics_before_it_begins_or_once_it_is_done() {
    let all = with_panicking_bodies(|| {
        let done = Arc::new(AtomicUsize::new(0));
        let theirs = done.clone();
        let result = thread::spawn(move || theirs.fetch_add(1, SeqCst)).join();
        let result = result.map_err(|payload| payload.is::<InjectedPanic>());
        (result, done.load(SeqCst))
    });
    assert_eq!(all, [(Ok(0), 1), (Err(true), 0), (Err(true), 1)].into());
}

#[test]
fn bodies_of_scoped_threads_and_futures_panic_as_well() {
    let scoped = with_panicking_bodies(|| thread::scope(|scope| scope.spawn(|| 5).join().is_ok()));
    assert_eq!(scoped, [false, true].into());
    let futures = with_panicking_bodies(|| future::block_on(future::spawn(async { 5 })).is_ok());
    assert_eq!(futures, [false, true].into());
}

#[test]
fn the_body_of_a_thread_that_was_spared_does_not_panic() {
    let all = with_panicking_bodies(|| spared(|| thread::spawn(|| 5)).join().is_ok());
    assert_eq!(all, [true].into());
}
