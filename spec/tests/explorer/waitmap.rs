//! The spec of WaitMap in all its studies: how many states there are, which rules and obligations they show.

use crate::naive;
use crate::pinned::{all_is_well_and_counts_are, shows_everything};
use crate::without::Without;
use raddle_spec::explorer::{Bound, Closed, Explorer, Failure, Granularity, Menu, Menus, World};
use raddle_spec::waitmap::{
    CLOSE_INVOKES, Key, Kind, OBLIGATIONS, Op, RULES, Reply, SLEEP_ENDS, TaskId, ValueId, WaitId, WaitMap,
    spec, studies,
};
use raddle_spec::{Automaton, Force, Lifted};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// States and transitions of each study. A change here is a change of the spec: say in the commit which.
const SMALL: [(&str, usize, usize); 7] = [
    ("any-order", 13_711, 52_581),
    ("step-by-step", 9_177, 21_536),
    ("looping", 9_075, 27_727),
    ("executor", 3_155, 8_766),
    ("closing", 58_158, 203_967),
    ("nesting", 1_418, 4_049),
    ("asides", 5_578, 17_887),
];
const DEFAULT: [(&str, usize, usize); 7] = [
    ("any-order", 1_117_444, 4_846_554),
    ("step-by-step", 562_749, 1_376_514),
    ("looping", 227_266, 729_726),
    ("executor", 87_680, 317_281),
    ("closing", 512_421, 1_916_624),
    ("nesting", 52_358, 184_735),
    ("asides", 57_961, 193_961),
];
/// Only optimised builds have the time.
#[cfg(not(debug_assertions))]
const LARGE: [(&str, usize, usize); 7] = [
    ("any-order", 3_413_196, 17_186_394),
    ("step-by-step", 2_262_170, 5_664_774),
    ("looping", 1_030_198, 3_432_743),
    ("executor", 288_324, 1_070_645),
    ("closing", 3_590_448, 17_268_893),
    ("nesting", 1_000_086, 4_165_557),
    ("asides", 146_509, 494_594),
];

#[test]
fn the_small_bound_has_these_states_and_shows_every_rule_and_every_obligation() {
    let found = all_is_well_and_counts_are(&studies(Bound::Small), &SMALL);
    shows_everything(&found, RULES, OBLIGATIONS);
}

#[test]
fn the_default_bound_has_these_states() {
    let _ = all_is_well_and_counts_are(&studies(Bound::Default), &DEFAULT);
}

#[cfg(not(debug_assertions))]
#[test]
fn the_large_bound_has_these_states() {
    let _ = all_is_well_and_counts_are(&studies(Bound::Large), &LARGE);
}

fn poll(wait: u32) -> Op {
    Op::Poll { wait: WaitId(wait), task: TaskId(wait) }
}

fn create(wait: u32) -> Op {
    Op::Wait { wait: WaitId(wait), key: Key(0) }
}

const WAKE: Op = Op::Wake { key: Key(0), value: ValueId(0) };
const SLEEP: Op = Op::Sleep { task: TaskId(0) };

/// A waiter, a looping waiter, and somebody who wakes and closes.
fn environment(times: u8) -> Menus<Kind> {
    let (wait, key, task) = (WaitId(1), Key(0), TaskId(1));
    let waiter = [create(0), poll(0), Op::Subscribe { wait: WaitId(0), task: TaskId(0) }, SLEEP];
    let looping = [Op::WaitFor { wait, key }, Op::Poll { wait, task }];
    let rest = [Op::Drop { wait: WaitId(0) }, Op::Drop { wait }];
    let menu = waiter.into_iter().chain(looping).chain(rest).map(Kind::Call);
    let replies = [Reply::Done, Reply::Holds(true), Reply::Holds(false), Reply::Panicked];
    let wakes = Menu::new([WAKE, Op::Close, Op::IsClosed].map(Kind::Call)).times(2);
    Menus::new([Menu::new(menu).times(times), wakes]).replies(replies.map(Kind::Leave))
}

#[test]
fn a_search_that_keeps_whole_states_finds_as_many() {
    for granularity in [Granularity::Full, Granularity::Fused] {
        let model = Closed::new(spec(), environment(5)).granularity(granularity);
        let found = Explorer::new(&model).explore();
        assert_eq!((found.states, found.transitions), naive::count(&model), "{granularity:?}");
    }
}

type State = <Lifted<WaitMap> as Automaton>::State;

#[test]
fn fused_steps_reach_the_same_states_between_calls_by_a_fraction_of_the_states() {
    let visited = |granularity| {
        let model = Closed::new(spec(), environment(5)).granularity(granularity);
        let idle = RefCell::new(BTreeSet::new());
        let collect = |world: &World<State, Vec<u8>>| {
            let mut unfinished = Vec::new();
            spec().actors(&world.system, &mut unfinished);
            if unfinished.is_empty() {
                idle.borrow_mut().insert(world.to_string());
            }
            true
        };
        let states = Explorer::new(&model).always("collected", collect).explore().states;
        (states, idle.into_inner())
    };
    let (full, idle_full) = visited(Granularity::Full);
    let (fused, idle_fused) = visited(Granularity::Fused);
    assert_eq!(idle_full, idle_fused);
    assert!(fused * 3 < full, "{fused} of {full}");
}

#[test]
fn a_spec_without_one_of_its_duties_deadlocks() {
    // A task that is never told to go on still has its excuse: whether it should have been told is for a sentence
    // that holds always, as in the study of executors.
    let duties = RULES.iter().filter(|rule| rule.force == Force::Must && **rule != &SLEEP_ENDS);
    for rule in duties {
        let model = Closed::new(Without { inner: spec(), rule }, environment(5));
        let found = Explorer::new(&model).explore();
        assert!(matches!(found.failures[..], [Failure::Deadlock { .. }]), "{rule}: {:?}", found.failures);
    }
}

#[test]
fn a_counterexample_tells_every_step_with_its_rule() {
    let model = Closed::new(Without { inner: spec(), rule: &CLOSE_INVOKES }, environment(3));
    let found = Explorer::new(&model).explore();
    let run = found.failures[0].run().expect("a deadlock has a run");
    let expected = "  actor 0 calls wait(key 0) making wait 0
  actor 0 takes effect (WM-1)
  actor 0 returns () (WM-1)
  actor 0 calls poll of wait 0 for task 0
  actor 0 takes effect (WM-2)
  actor 0 returns Pending (WM-2)
  actor 1 calls close
  actor 1 takes effect (WM-17)
  state: closed; wait 0 (key 0) ended by close; the waker of task 0 is due for wait 0; actor 1 in close among its wakers";
    assert_eq!(run.to_string(), expected);
}
