//! Made-up programs of a manager and its workers, judged by the spec; one that fails is shrunk to a few operations.
//!
//! What the scenarios are written for, each for one purpose, this comes to in any order and any mixture: first with nobody interrupted, so that
//! it is a sequence of operations, then under a few random schedules.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use raddle_sim::campaign::{Case, Detail, Judgement};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::report::Transcript;
use raddle_sim::strategy::{Random, Replay, Strategy as Schedule};
use raddle_sim::systems::pool::program::{Act, Order, Program, Step};
use raddle_sim::systems::pool::{Ours, QueuePool, Subject, bug, case_of};

/// Random schedules of each program, besides the one without interruptions.
const SCHEDULES: u64 = 3;

/// A runner that makes the same programs on every machine.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Any program; the dullest operation first, because shrinking goes there.
fn programs() -> impl Strategy<Value = Program> {
    (0..3_u32, prop::collection::vec(steps(), 0..10))
        .prop_map(|(capacity, steps)| Program { capacity, steps })
}

fn steps() -> impl Strategy<Value = Step> {
    let acts = || prop::collection::vec(acts(), 0..5);
    let nexts = || prop_oneof![2 => Just(None), 1 => (0..3_u8).prop_map(Some)];
    prop_oneof![
        6 => acts().prop_map(Step::Execute),
        4 => nexts().prop_map(Step::Burst),
        3 => Just(Step::Recv),
        2 => nexts().prop_map(Step::Stop),
        2 => Just(Step::Join),
        1 => Just(Step::TryJoin),
        2 => orders().prop_map(Step::Broadcast),
        2 => orders().prop_map(Step::BroadcastOne),
        1 => (0..3_u8).prop_map(Step::Get),
        1 => orders().prop_map(Step::SendDown),
        1 => Just(Step::DropLine),
        1 => acts().prop_map(Step::ExecuteMany),
        1 => Just(Step::Count),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => Just(Act::Send),
        2 => Just(Act::TrySend),
        2 => Just(Act::Look),
        2 => Just(Act::Receive),
        1 => Just(Act::SendByClone),
        1 => Just(Act::DropReceiver),
        1 => Just(Act::Panic),
    ]
}

fn orders() -> impl Strategy<Value = Order> {
    prop_oneof![4 => Just(Order::Note), 1 => Just(Order::Pause), 1 => Just(Order::Continue), 1 => Just(Order::Stop)]
}

fn told(judgement: &Judgement, transcript: &Transcript) -> String {
    let mut text = format!("{}\n", judgement.sentence());
    let wrong = if let Judgement::Failed(finding) = judgement { finding.event } else { None };
    transcript.write(&mut text, wrong).expect("a string takes all that is written");
    text
}

/// Performs `program` on pools that `new` makes, and has the spec judge every event and the accounts every value, note and closure.
fn verdict<S: Subject<Platform = Sim>>(new: fn(u32) -> S, program: &Program) -> Result<(), TestCaseError> {
    let case = case_of("a pool", new, program.clone());
    let mut kernel = Kernel::new(Limits::default());
    let mut judge = |schedule: &mut dyn Schedule| judged(&*case, &mut kernel, schedule);
    judge(&mut Replay::new(Vec::new()))?;
    let mut random = Random::new(1);
    (0..SCHEDULES).try_for_each(|_| judge(&mut random))
}

fn judged(case: &dyn Case, kernel: &mut Kernel, schedule: &mut dyn Schedule) -> Result<(), TestCaseError> {
    let execution = case.execute(kernel, schedule, Detail::Shown).expect("there is a schedule");
    match execution.judgement {
        Judgement::Passed => Ok(()),
        judgement => Err(TestCaseError::fail(told(&judgement, &execution.transcript.unwrap_or_default()))),
    }
}

#[test]
fn our_own_pool_does_what_the_spec_allows() {
    let outcome = runner(400).run(&programs(), |program| verdict(Ours::<Sim>::new, &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_twin_does_so_too() {
    let outcome =
        runner(200).run(&programs(), |program| verdict(QueuePool::<Sim, { bug::NONE }>::new, &program));
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A planted bug is found, and the program that shows it is shrunk to at most so many operations of the manager.
#[track_caller]
fn shrinks_to<S: Subject<Platform = Sim>>(new: fn(u32) -> S, operations: usize) {
    match runner(400).run(&programs(), |program| verdict(new, &program)) {
        Err(TestError::Fail(reason, program)) => {
            println!("{program:?}\n{reason}");
            assert!(program.steps.len() <= operations, "{program:?}\n{reason}");
        }
        other => panic!("the bug was not found: {other:?}"),
    }
}

#[test]
fn a_stop_that_joins_first_is_found_and_shrunk() {
    // A worker that sends more than there is room for, and the stop.
    shrinks_to(QueuePool::<Sim, { bug::JOINS_FIRST }>::new, 2);
}

#[test]
fn a_burst_that_spurns_ties_is_found_and_shrunk() {
    // A worker that sends, something that shows that it has, a burst.
    shrinks_to(QueuePool::<Sim, { bug::SPURNS_TIES }>::new, 4);
}

#[test]
fn a_lost_look_ahead_is_found_and_shrunk() {
    // A worker that sends while a burst goes on, and a stop.
    shrinks_to(QueuePool::<Sim, { bug::LOSES_LOOK_AHEAD }>::new, 4);
}
