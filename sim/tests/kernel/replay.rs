//! Any run can be had again, and any list of numbers is a run.

use quickcheck::{Gen, QuickCheck};
use raddle_sim::choice::{Choice, Kind};
use raddle_sim::kernel::{End, Kernel, Run, StepRecord, choose};
use raddle_sim::strategy::{Coverage, DepthFirst, Pct, Pos, Random, Replay, Strategy};
use raddle_sim::token::{Expected, Token};

use crate::model::{Program, Shared, simulate};
use crate::{LIMITS, Scripted};

/// All that is known of an execution.
fn run(
    kernel: &mut Kernel,
    strategy: &mut dyn Strategy,
    program: &Program,
) -> Option<(Run, Vec<Choice>, Vec<StepRecord>)> {
    let shared = Shared::of(program);
    let run = kernel.run(strategy, || {
        choose(Kind::Scenario, 3);
        simulate(program, &shared);
    })?;
    Some((run, kernel.choices().to_vec(), kernel.log().to_vec()))
}

#[test]
fn a_run_of_any_strategy_is_replayed_step_by_step() {
    fn replays(program: Program, seed: u64) -> bool {
        let mut kernel = Kernel::new(LIMITS);
        let last_first = Scripted(|now: &raddle_sim::strategy::Now<'_>| Some(now.options() - 1));
        let strategies: [Box<dyn Strategy>; 6] = [
            Box::new(Random::new(seed)),
            Box::new(Pct::new(seed, 20)),
            Box::new(Pos::new(seed)),
            Box::new(DepthFirst::unbounded()),
            Box::new(DepthFirst::bounded(1)),
            Box::new(last_first),
        ];
        strategies.into_iter().all(|mut strategy| {
            (0..5).all(|_| {
                let Some(first) = run(&mut kernel, &mut *strategy, &program) else { return true };
                let mut replay = Replay::of(&first.1);
                let again = run(&mut Kernel::new(LIMITS), &mut replay, &program);
                again.as_ref() == Some(&first) && replay.was_exact()
            })
        })
    }
    QuickCheck::new()
        .rng(Gen::from_size_and_seed(20, 1))
        .tests(60)
        .quickcheck(replays as fn(Program, u64) -> bool);
}

#[test]
fn a_run_survives_being_written_down() {
    let program = Program(vec![vec![crate::model::Act::Add(0); 20]; 3]);
    let expected = Expected { scenario: "test/three", version: 1, settings: "" };
    let mut kernel = Kernel::new(LIMITS);
    let first = run(&mut kernel, &mut Random::new(9), &program).expect("a random walk always goes on");
    let text = Token::new(expected, first.1.iter().map(|choice| choice.taken).collect()).to_string();
    let token: Token = text.parse().expect("it was just written");
    let choices = token.choices_for(expected, &[]).expect("it was made for this");
    let again = run(&mut kernel, &mut Replay::new(choices.to_vec()), &program);
    assert_eq!(again.as_ref(), Some(&first));
}

#[test]
fn any_list_of_numbers_is_a_run_and_its_choices_replay_exactly() {
    fn is_a_run(program: Program, values: Vec<u32>) -> bool {
        let mut kernel = Kernel::new(LIMITS);
        let bent = run(&mut kernel, &mut Replay::new(values), &program).expect("a replay is one run");
        let mut exact = Replay::of(&bent.1);
        let again = run(&mut kernel, &mut exact, &program).expect("a replay is one run");
        matches!(bent.0.end, End::Finished | End::Stuck) && bent == again && exact.was_exact()
    }
    QuickCheck::new()
        .rng(Gen::from_size_and_seed(30, 1))
        .tests(200)
        .quickcheck(is_a_run as fn(Program, Vec<u32>) -> bool);
}

#[test]
fn a_replay_knows_whether_it_was_bent() {
    let program = Program(vec![vec![crate::model::Act::Add(0)]; 2]);
    let mut kernel = Kernel::new(LIMITS);
    let mut bent_by = |values: Vec<u32>| {
        let mut replay = Replay::new(values);
        run(&mut kernel, &mut replay, &program).expect("a replay is one run");
        assert!(run(&mut kernel, &mut replay, &program).is_none(), "a replay is one run");
        !replay.was_exact()
    };
    let exact: Vec<u32> = vec![0; 2];
    assert!(bent_by(vec![]), "too short");
    assert!(bent_by(vec![7, 0, 0]), "no option");
    assert!(bent_by([exact, vec![0; 1000]].concat()), "too long");
}

#[test]
fn each_schedule_of_a_random_walk_can_be_had_alone() {
    let program = Program(vec![vec![crate::model::Act::Add(0); 5]; 3]);
    let mut kernel = Kernel::new(LIMITS);
    let mut walk = Random::new(3);
    let all: Vec<_> = (0..10).map(|_| run(&mut kernel, &mut walk, &program)).collect();
    assert_eq!(walk.next_schedule(), 10);
    let alone = run(&mut kernel, &mut Random::starting_at(3, 7), &program);
    assert_eq!(all[7], alone);
    assert!(all.windows(2).any(|pair| pair[0] != pair[1]));
}

#[test]
fn a_program_that_is_not_deterministic_is_told_so() {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = DepthFirst::unbounded();
    let mut executions = 0;
    let mut execute = |strategy: &mut DepthFirst| {
        executions += 1;
        kernel.run(strategy, || {
            choose(Kind::Scenario, 2 + executions);
        })
    };
    assert!(execute(&mut strategy).is_some());
    assert_eq!(strategy.objection(), None);
    assert!(execute(&mut strategy).is_some());
    assert_eq!(strategy.objection(), Some("choice 0 had 3 options and has 4 when it is met again"));
    assert_eq!(strategy.coverage(), Coverage::Unfinished);
    assert!(execute(&mut strategy).is_none(), "there is no point in going on");
}
