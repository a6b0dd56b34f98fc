//! Depth-first search visits exactly the executions that there are, and memory is sequentially consistent.

use std::collections::BTreeSet;

use quickcheck::{Gen, QuickCheck, TestResult};
use raddle_sim::kernel::{Kernel, OpKind};
use raddle_sim::strategy::{Coverage, DepthFirst};

use crate::LIMITS;
use crate::model::{Act, Outcomes, Program, Shared, enumerate, search, simulate};

fn search_all(program: &Program) -> Outcomes {
    let mut strategy = DepthFirst::unbounded();
    let outcomes = search(&mut Kernel::new(LIMITS), &mut strategy, program);
    assert_eq!(strategy.coverage(), Coverage::Complete);
    outcomes
}

fn executions(outcomes: &Outcomes) -> u64 {
    outcomes.values().sum()
}

/// The values that the threads noted, without how often.
fn noted(outcomes: &Outcomes) -> BTreeSet<Vec<Vec<usize>>> {
    outcomes.keys().map(|(_, noted, _)| noted.clone()).collect()
}

fn stores(threads: usize, each: usize) -> Program {
    Program(vec![vec![Act::Store(0, 1); each]; threads])
}

#[test]
fn straight_lines_are_shuffled_in_every_way() {
    for each in 0..=4 {
        let program = stores(2, each);
        let mut kernel = Kernel::new(LIMITS);
        let mut strategy = DepthFirst::unbounded();
        let mut orders = BTreeSet::new();
        loop {
            let shared = Shared::of(&program);
            if kernel.run(&mut strategy, || simulate(&program, &shared)).is_none() {
                break;
            }
            let stores = kernel.log().iter().filter(|step| step.op.kind == OpKind::Store);
            orders.insert(stores.map(|step| step.thread).collect::<Vec<_>>());
        }
        let each = each as u64;
        assert_eq!(orders.len() as u64, binomial(2 * each, each), "two threads, {each} stores each");
    }
}

fn binomial(n: u64, k: u64) -> u64 {
    (0..k).fold(1, |product, index| product * (n - index) / (index + 1))
}

#[test]
fn the_number_of_executions_is_pinned() {
    // Starts, ends, spawns and joins are steps too: one thread has nobody to be shuffled with but its parent, which waits.
    let pinned = [(1, 0, 1), (1, 5, 1), (2, 0, 19), (2, 1, 69), (2, 2, 251), (2, 3, 923), (3, 0, 1121)];
    for (threads, each, expected) in pinned {
        let outcomes = search_all(&stores(threads, each));
        assert_eq!(executions(&outcomes), expected, "{threads} threads, {each} stores each");
    }
}

#[test]
fn a_preemption_bound_leaves_out_what_it_says() {
    let program = stores(2, 3);
    let mut counts = Vec::new();
    for bound in 0..=12 {
        let mut strategy = DepthFirst::bounded(bound);
        let found = search(&mut Kernel::new(LIMITS), &mut strategy, &program);
        let expected = enumerate(&program, Some(bound), u64::MAX).expect("there is no limit");
        assert_eq!(found, expected, "at most {bound} preemptions");
        counts.push((executions(&found), strategy.coverage()));
    }
    let all = executions(&search_all(&program));
    // When the parent waits, and when a thread has ended, the next is chosen without a preemption.
    assert_eq!(counts[0], (3, Coverage::WithinBound));
    assert_eq!(counts[12], (all, Coverage::Complete), "a bound that nobody reaches cuts nothing");
    assert!(counts.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{counts:?}");
}

#[test]
fn every_program_has_the_executions_and_outcomes_that_brute_force_finds() {
    fn agrees(program: Program, bound: Option<u8>) -> TestResult {
        let bound = bound.map(|bound| u64::from(bound % 4));
        let Some(expected) = enumerate(&program, bound, 20_000) else { return TestResult::discard() };
        let mut strategy = bound.map_or_else(DepthFirst::unbounded, DepthFirst::bounded);
        let found = search(&mut Kernel::new(LIMITS), &mut strategy, &program);
        TestResult::from_bool(found == expected)
    }
    QuickCheck::new()
        .rng(Gen::from_size_and_seed(20, 1))
        .tests(150)
        .max_tests(10_000)
        .min_tests_passed(150)
        .quickcheck(agrees as fn(Program, Option<u8>) -> TestResult);
}

#[test]
fn store_buffering_has_three_outcomes() {
    let program = Program(vec![vec![Act::Store(0, 1), Act::Load(1)], vec![Act::Store(1, 1), Act::Load(0)]]);
    let expected = [[0, 1], [1, 0], [1, 1]].map(|[left, right]| vec![vec![left], vec![right]]);
    assert_eq!(noted(&search_all(&program)), BTreeSet::from(expected));
}

#[test]
fn message_passing_never_shows_the_flag_without_the_message() {
    let program = Program(vec![vec![Act::Store(0, 1), Act::Store(1, 1)], vec![Act::Load(1), Act::Load(0)]]);
    let expected = [[0, 0], [0, 1], [1, 1]].map(|[flag, message]| vec![vec![], vec![flag, message]]);
    assert_eq!(noted(&search_all(&program)), BTreeSet::from(expected));
}

#[test]
fn two_readers_agree_on_the_order_of_two_writes() {
    // IRIW, cut down to the outcome that sequential consistency forbids: (1, 0) on one side and (1, 0) on the other.
    let program = Program(vec![
        vec![Act::Store(0, 1), Act::Load(1)],
        vec![Act::Store(1, 1)],
        vec![Act::Load(1), Act::Load(0)],
    ]);
    let outcomes = noted(&search_all(&program));
    assert!(!outcomes.contains(&vec![vec![0], vec![], vec![1, 0]]), "{outcomes:?}");
    assert_eq!(outcomes.len(), 7);
}

#[test]
fn increments_by_load_and_store_can_be_lost_and_by_one_step_cannot() {
    let finals = |act: &[Act]| -> BTreeSet<usize> {
        let program = Program(vec![act.to_vec(), act.to_vec()]);
        search_all(&program).keys().map(|(_, _, values)| values[0]).collect()
    };
    assert_eq!(finals(&[Act::Add(0)]), BTreeSet::from([2]));
    assert_eq!(finals(&[Act::Load(0), Act::Store(0, 1)]), BTreeSet::from([1]));
}
