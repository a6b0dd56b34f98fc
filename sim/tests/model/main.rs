//! Random lists of operations on one thread, judged by the spec; a list that fails is shrunk to a few operations.
//!
//! One thread has no races, but it has every order of operations: waits cancelled at any point, polled again after their
//! end, and polled by other tasks. What the schedules of the simulator reach through time, this reaches through sequence.

mod broken;
mod program;

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use raddle::platform::Std;
use raddle_sim::systems::waitmap::{Ours, OursHashed};
use raddle_spec::waitmap as spec;
use raddle_spec::{End, Monitor};

use broken::{Broken, Bug};
use program::{execute, programs, verdict};

/// Rules that one thread without re-entrant user code cannot reach, and why.
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("WM-12", "permits Closed to be repeated; ours gives AlreadyConsumed"),
    ("WM-19", "needs two calls of close at once"),
    ("WM-20", "needs a wait that is polled while it is being woken"),
    ("WM-30", "nobody sleeps"),
    ("WM-31", "nobody sleeps"),
    ("WM-32", "is written down only where clones and drops of wakers call the map"),
];

/// A runner that makes the same lists on every machine.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn the_map_does_what_the_spec_allows() {
    let outcome = runner(2_000).run(&programs(), |program| verdict(Ours::<Std>::new(), &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_hashed_map_does_so_too() {
    let outcome = runner(2_000).run(&programs(), |program| verdict(OursHashed::<Std>::hashed(), &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_wrapper_without_a_bug_is_not_flagged() {
    let outcome = runner(500).run(&programs(), |program| verdict(Broken::new(None), &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A planted bug is found, and the list that shows it is shrunk to `operations`, the fewest that can.
#[track_caller]
fn shrinks_to(bug: Bug, complaint: &str, operations: usize) {
    match runner(500).run(&programs(), |program| verdict(Broken::new(Some(bug)), &program)) {
        Err(TestError::Fail(reason, program)) => {
            assert!(reason.message().contains(complaint), "{reason}");
            assert_eq!(program.len(), operations, "{program:?}\n{reason}");
        }
        other => panic!("the bug was not found: {other:?}"),
    }
}

#[test]
fn a_wake_of_the_wrong_task_is_found_and_shrunk() {
    // Wait, two polls by different tasks, and a wake or a close.
    shrinks_to(Bug::KeepsFirstWaker, "enters the waker of task", 4);
}

#[test]
fn a_wrong_no_match_is_found_and_shrunk() {
    // Two wakes of a key, and a close in between: the second one must say Closed.
    shrinks_to(Bug::WakesAKeyOnce, "returns NoMatch", 3);
}

#[test]
fn a_leak_by_cancellation_is_found_and_shrunk() {
    // A wait and its registration; the end of the list drops it.
    shrinks_to(Bug::ForgetsCancelled, "WM-24", 2);
}

#[test]
fn every_rule_is_reached_or_said_to_be_out_of_reach() {
    let reached = RefCell::new(BTreeSet::new());
    let outcome = runner(500).run(&programs(), |program| {
        let book = execute(Ours::<Std>::new(), &program);
        let rules = Monitor::new(&spec::spec()).explain(&book.events, End::Rest);
        reached.borrow_mut().extend(rules.unwrap_or_default().iter().map(|rule| rule.id));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let reached = reached.into_inner();
    let missed: Vec<&str> =
        spec::RULES.iter().map(|rule| rule.id).filter(|id| !reached.contains(id)).collect();
    let excused: Vec<&str> = OUT_OF_REACH.iter().map(|(id, _)| *id).collect();
    assert_eq!(missed, excused);
}
