//! Random lists of steps of a manager and its workers, judged by the spec; a list that fails is shrunk to a few steps.
//!
//! What the schedules of the simulator reach through time, this reaches through sequence: every order of calls,
//! drops of all handles at any point, calls that wait while others go on. Steps come each after the other, or some at a time in an
//! order that a seed decides. Each list is one execution.

mod broken;
mod memory;
mod program;

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use raddle_sim::campaign::Judgement;
use raddle_sim::platform::Sim;
use raddle_sim::report::Transcript;
use raddle_sim::systems::pool::script::{ManagerStep, Overlap, Program, Step, WorkerStep};
use raddle_sim::systems::pool::{Ours, QueuePool, Subject, bug};
use raddle_spec::pool::{self as spec, Kind};
use raddle_spec::{End, Monitor};

use broken::{Broken, Bug};
use program::{overlapping_programs, perform, programs, reentrant_programs, verdict};

/// Rules that such lists cannot reach on this pool, and why.
const OUT_OF_REACH: &[(&str, &str)] = &[
    ("PL-5", "is for recorders that write down the drops of notes and of closures"),
    ("PL-9", "nobody waits in the end"),
    ("PL-16", "nobody waits in the end"),
    ("PL-38", "nobody waits in the end"),
];

/// A runner that makes the same lists on every machine.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[track_caller]
fn nothing_found<S: Subject<Platform = Sim>>(cases: u32, new: impl Fn(u32) -> S) {
    let outcome = runner(cases).run(&programs(), |program| verdict(&new, &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let outcome = runner(cases).run(&reentrant_programs(), |program| verdict(&new, &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let outcome = runner(cases).run(&overlapping_programs(), |program| verdict(&new, &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_pool_does_what_the_spec_allows() {
    nothing_found(2_000, Ours::<Sim>::new);
}

#[test]
fn the_queue_without_a_bug_is_not_flagged() {
    nothing_found(1_000, QueuePool::<Sim, { bug::NONE }>::new);
}

#[test]
fn the_wrapper_without_a_bug_is_not_flagged() {
    nothing_found(500, |capacity| Broken::new(capacity, None));
}

#[test]
fn a_list_is_one_execution() {
    let outcome = runner(200).run(&overlapping_programs(), |program| {
        let [first, second] = [(); 2].map(|()| perform(Ours::<Sim>::new, &program));
        assert_eq!(first.judgement, second.judgement);
        assert_eq!(first.book.events, second.book.events);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Two workers that send, and a burst in their midst.
#[test]
fn steps_that_overlap_meet_in_many_ways() {
    let manager = Step::Manager;
    let sends = |worker| Step::Worker(worker, WorkerStep::Send);
    let hired =
        vec![manager(ManagerStep::ExecuteMany { count: 2, fails: false }), manager(ManagerStep::Count)];
    let met = vec![sends(0), manager(ManagerStep::Burst), manager(ManagerStep::NextOfBurst), sends(1)];
    let mut program = Program { capacity: 2, steps: [hired, met].concat(), ..Program::default() };
    let mut ways = BTreeSet::new();
    for seed in 0..100 {
        program.overlap = Some(Overlap { steps: 2, seed });
        let performed = perform(Ours::<Sim>::new, &program);
        assert_eq!(performed.judgement, Judgement::Passed);
        ways.insert(Transcript::of(&performed.book).rows.into_iter().map(|row| row.text).collect::<Vec<_>>());
    }
    println!("{} ways", ways.len());
    assert!(ways.len() > 20);
}

/// A planted bug is found, and the list that shows it is shrunk to `steps`, none of which can be left out.
#[track_caller]
fn shrinks_to<S: Subject<Platform = Sim>>(new: impl Fn(u32) -> S, complaint: &str, steps: usize) {
    shrinks_from(&programs(), new, complaint, steps);
}

#[track_caller]
fn shrinks_from<S: Subject<Platform = Sim>>(
    programs: &impl Strategy<Value = Program>,
    new: impl Fn(u32) -> S,
    complaint: &str,
    steps: usize,
) {
    let mut program = match runner(10_000).run(programs, |program| verdict(&new, &program)) {
        Err(TestError::Fail(_, program)) => program,
        other => panic!("the bug was not found: {other:?}"),
    };
    leave_out(&mut program, |program| verdict(&new, program).is_err());
    let Err(TestCaseError::Fail(reason)) = verdict(&new, &program) else { panic!("it still fails") };
    assert!(reason.message().contains(complaint), "{reason}");
    assert_eq!(program.steps.len(), steps, "{:#?}\n{reason}", program.steps);
}

/// Leaves out steps, as long as the program fails without them. Shrinking goes through a list once, and what is needed at first may
/// not be any more.
fn leave_out(program: &mut Program, fails: impl Fn(&Program) -> bool) {
    let without = |program: &Program, at: usize| {
        let mut shorter = program.clone();
        shorter.steps.remove(at);
        fails(&shorter).then_some(shorter)
    };
    while let Some(shorter) = (0..program.steps.len()).find_map(|at| without(program, at)) {
        *program = shorter;
    }
}

#[test]
fn a_look_ahead_that_a_stop_leaves_behind_is_found_and_shrunk() {
    // A worker; a burst, a value sent after its start, and a look at that value; a stop.
    shrinks_to(QueuePool::<Sim, { bug::LOSES_LOOK_AHEAD }>::new, "wrong event", 5);
}

#[test]
fn a_tie_that_a_burst_leaves_is_found_and_shrunk() {
    // A worker; a value, a burst, and a look at that value.
    shrinks_to(QueuePool::<Sim, { bug::SPURNS_TIES }>::new, "returns None from next of burst", 4);
}

#[test]
fn a_burst_that_begins_at_its_first_next_is_found_and_shrunk() {
    // A worker; a burst, a value, and a look at that value.
    shrinks_to(QueuePool::<Sim, { bug::BEGINS_LATE }>::new, "from next of burst 0", 4);
}

#[test]
fn a_join_before_the_drain_is_found_and_shrunk() {
    // A worker, its rendezvous, and a stop.
    shrinks_to(QueuePool::<Sim, { bug::JOINS_FIRST }>::new, "stuck", 3);
}

#[test]
fn a_wrong_turn_is_found_and_shrunk() {
    // Two workers, a message to one of them, and what the first one receives.
    let complaint = "from recv of worker 0, which no rule allows here";
    shrinks_to(|capacity| Broken::new(capacity, Some(Bug::BeginsWithTheFirst)), complaint, 4);
}

#[test]
fn work_that_is_refused_without_a_reason_is_found_and_shrunk() {
    // Two workers.
    shrinks_to(|capacity| Broken::new(capacity, Some(Bug::RefusesWork)), "although each one was", 2);
}

#[test]
fn values_lost_with_a_panic_are_found_and_shrunk() {
    // A worker, a value, a panic, and a stop.
    shrinks_to(|capacity| Broken::new(capacity, Some(Bug::LosesValuesOfPanics)), "try_stop_and_join", 4);
}

#[test]
fn an_iterator_that_is_not_dropped_is_found_and_shrunk() {
    // A stop.
    shrinks_to(|capacity| Broken::new(capacity, Some(Bug::ForgetsUnreceived)), "leak", 1);
}

#[test]
fn values_out_of_order_are_found_and_shrunk() {
    // A worker, two values, and a stop.
    shrinks_to(|capacity| Broken::new(capacity, Some(Bug::Reverses)), "from stop_and_join", 4);
}

#[test]
fn a_broadcast_that_gives_up_is_found_and_shrunk() {
    // Two workers, the first of which has dropped its receiver, a broadcast, and what the second one receives.
    shrinks_to(
        |capacity| Broken::new(capacity, Some(Bug::BroadcastGivesUp)),
        "returns Disconnected from recv of worker 1",
        5,
    );
}

#[test]
fn a_drop_of_values_under_a_lock_is_found_and_shrunk() {
    // A worker, a value, two stops, and the drop of the other iterator in that of the value.
    let new = |capacity| Broken::new(capacity, Some(Bug::DropsUnderLock));
    shrinks_from(&reentrant_programs(), new, "stuck", 5);
}

/// Calls of these kinds that began inside of the drop of a value.
fn calls_in_drops(events: &[spec::Event]) -> BTreeSet<String> {
    let mut depth = 0;
    let mut calls = BTreeSet::new();
    // Values are dropped by the manager alone.
    let manager = events.iter().filter(|event| event.actor.0 == 0);
    for event in manager {
        match &event.kind {
            Kind::Enter(spec::Cb::DropValue { .. }) => depth += 1,
            Kind::Leave(_) => depth -= 1,
            Kind::Call(op) if depth > 0 => {
                let debug = format!("{op:?}");
                let name = debug.split([' ', '{']).next().expect("a name");
                calls.insert(name.to_owned());
            }
            _ => {}
        }
    }
    calls
}

/// What user code in a drop can come to. Bursts borrow the pool, and a pool that is being dropped is out of reach.
#[test]
fn the_drop_of_a_value_makes_every_call_that_it_can() {
    let made = RefCell::new(BTreeSet::new());
    let outcome = runner(2_000).run(&reentrant_programs(), |program| {
        made.borrow_mut().extend(calls_in_drops(&perform(Ours::<Sim>::new, &program).book.events));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let made = made.into_inner();
    let calls = [
        "Broadcast",
        "BroadcastOne",
        "Burst",
        "CloneDownSender",
        "Count",
        "DropDownSender",
        "DropPool",
        "DropStop",
        "Execute",
        "ExecuteMany",
        "Get",
        "NextOfBurst",
        "NextOfStop",
        "Recv",
        "SendDown",
        "Stop",
        "StopAndJoin",
        "TryExecute",
        "TryStopAndJoin",
    ];
    assert_eq!(made.iter().map(String::as_str).collect::<Vec<_>>(), calls);
}

#[test]
fn every_rule_is_reached_or_said_to_be_out_of_reach() {
    let reached = RefCell::new(BTreeSet::new());
    let outcome = runner(1_000).run(&programs(), |program| {
        let book = perform(Ours::<Sim>::new, &program).book;
        let spec = spec::spec(program.capacity);
        let rules = Monitor::new(&spec).explain(&book.events, End::Rest);
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
