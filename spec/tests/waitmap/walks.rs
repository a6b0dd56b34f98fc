//! The spec against its own monitor: what the spec does is accepted, what it does not do is rejected, and a second
//! monitor that takes no short cuts agrees.

use crate::support::*;
use crate::walk::{Random, Walk};
use raddle_spec::waitmap::{Event, Kind, Op, RULES, Ret, ValueId, WaitError, WaitMap, spec};
use raddle_spec::{Actor, Automaton, Direction, End, Lifted, Monitor, Verdict};
use std::collections::{BTreeSet, HashSet};

type State = <Lifted<WaitMap> as Automaton>::State;

#[test]
fn what_the_spec_does_is_accepted_at_every_length_and_every_rule_has_its_turn() {
    let mut rules = BTreeSet::new();
    let mut deepest = 0;
    for seed in 0..6_000 {
        let mut walk = Walk::new(Random(seed), 1 + (seed % 5) as u32);
        walk.wander(200);
        let cut = Trace(walk.rest().0.clone());
        let verdict = cut.judged(End::Rest);
        assert!(verdict.is_accepted(), "seed {seed}: {verdict}\n{}", listing(&cut));
        rules.extend(walk.rules);
        deepest = deepest.max(walk.deepest);
    }
    // An excuse is no step: tests of rest cover it.
    let expected: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).filter(|&id| id != "WM-31").collect();
    assert_eq!(rules, expected, "walks that leave rules out show nothing about them");
    assert!(deepest > 2, "no nested calls");
}

#[test]
fn an_explanation_names_the_rules_of_the_walk() {
    let mut exact = 0;
    let mut union = BTreeSet::new();
    for seed in 0..1_000 {
        let mut walk = Walk::new(Random(seed), 1 + (seed % 4) as u32);
        walk.wander(100);
        let trace = Trace(walk.rest().0.clone());
        let explained = Monitor::new(&spec()).explain(&trace.0, End::Rest).expect("a walk is explained");
        let mut explained: BTreeSet<&str> = explained.iter().map(|rule| rule.id).collect();
        union.extend(explained.iter().copied());
        explained.remove("WM-31"); // an excuse, and no step of the walk
        // Of what nobody sees an explanation may know better: who skipped, who shared, what a stuck call had done.
        let invisible =
            ["WM-19", "WM-20"].iter().any(|&id| walk.rules.contains(id) || explained.contains(id));
        assert!(invisible || explained.is_subset(&walk.rules), "seed {seed}\n{}", listing(&trace));
        exact += u32::from(explained == walk.rules);
    }
    assert!(exact > 700, "only {exact} explanations are like their walks");
    let missing: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !union.contains(id)).collect();
    assert!(
        missing.iter().all(|id| ["WM-19", "WM-20"].contains(id)),
        "never part of an explanation: {missing:?}"
    );
    let wrong = trace().calls(0, Op::Close).returns(0, Ret::Pending);
    assert_eq!(Monitor::new(&spec()).explain(&wrong.0, End::Cut), Err(wrong.judged(End::Cut)));
}

#[test]
fn a_walk_that_is_cut_anywhere_is_accepted() {
    for seed in 0..100 {
        let walked = Walk::new(Random(seed), 4).steps(120);
        for end in 0..=walked.0.len() {
            let cut = Trace(walked.0[..end].to_vec());
            assert!(cut.judged(End::Cut).is_accepted(), "seed {seed}, first {end} events");
        }
    }
}

#[test]
fn most_changes_make_a_walk_wrong_and_the_reference_monitor_agrees_on_each() {
    let mut random = Random(1);
    let mut changed = 0;
    let mut rejected = 0;
    let mut shapes = BTreeSet::new();
    for seed in 0..3_000 {
        let mut walked = Walk::new(Random(seed), 1 + (seed % 4) as u32).steps(100);
        if walked.0.len() < 4 || !change(&mut walked.0, &mut random) {
            continue;
        }
        changed += 1;
        let verdict = walked.judged(End::Cut);
        assert!(!matches!(verdict, Verdict::Undecided { .. }), "seed {seed}");
        let first_wrong = first_inexplicable(&walked.0);
        assert_eq!(verdict.at(), first_wrong, "seed {seed}: {verdict}\n{}", listing(&walked));
        assert_eq!(verdict.is_accepted(), first_wrong.is_none(), "seed {seed}: {verdict}");
        rejected += usize::from(!verdict.is_accepted());
        shapes.insert(shape(&verdict));
        assert_eq!(verdict, walked.judged(End::Cut), "the same trace, the same words");
    }
    assert!(rejected * 10 > changed * 7, "only {rejected} of {changed} changed walks were rejected");
    let all = BTreeSet::from(["accepted", "environment", "malformed", "violation"]);
    assert_eq!(shapes, all, "kinds of changes that never occur test nothing");
}

#[test]
fn an_unfinished_walk_rests_exactly_where_the_reference_monitor_says_so() {
    let mut shapes = BTreeSet::new();
    for seed in 0..2_000 {
        let walked = Walk::new(Random(seed), 1 + (seed % 4) as u32).steps(60);
        let verdict = walked.judged(End::Rest);
        let excused = candidates(&walked.0).expect("a walk is explained").iter().any(may_rest);
        assert_eq!(matches!(verdict, Verdict::Stuck(_)), !excused, "seed {seed}: {verdict}");
        shapes.insert(shape(&verdict));
    }
    assert_eq!(shapes, BTreeSet::from(["accepted", "environment", "stuck"]));
}

fn shape(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Violation(_) => "violation",
        Verdict::Stuck(_) => "stuck",
        Verdict::Environment(_) => "environment",
        Verdict::Malformed { .. } => "malformed",
        Verdict::Undecided { .. } => "undecided",
    }
}

fn listing(trace: &Trace) -> String {
    trace.0.iter().enumerate().map(|(index, event)| format!("{index}: {event}\n")).collect()
}

/// Changes a trace in one place. False: the place that was drawn offers nothing to change.
fn change(events: &mut Vec<Event>, random: &mut Random) -> bool {
    let at = random.below(events.len());
    match random.below(4) {
        0 => drop(events.remove(at)),
        1 => events.insert(at, events[at]),
        2 => {
            let other = random.below(events.len());
            let (Kind::Return(ret), Kind::Return(other_ret)) = (events[at].kind, events[other].kind) else {
                return false;
            };
            events[at].kind = Kind::Return(other_ret);
            events[other].kind = Kind::Return(ret);
            return ret != other_ret;
        }
        _ => {
            let Kind::Return(ret) = events[at].kind else { return false };
            let rets =
                [Ret::Pending, Ret::Done, Ret::Woke, no_match(1), got(1), CLOSED, Ret::Closed(ValueId(1))];
            let drawn = rets[random.below(rets.len())];
            events[at].kind = Kind::Return(drawn);
            return drawn != ret && ret != Ret::Subscribed(Err(WaitError::Closed));
        }
    }
    true
}

/// The whole set of states that explain a trace, carried along event by event and closed under hidden steps before
/// each: slow, without short cuts, and so short that it can be checked by reading.
fn candidates(events: &[Event]) -> Result<HashSet<State>, usize> {
    let automaton = spec();
    let mut states = closed(HashSet::from([automaton.init()]));
    for (index, event) in events.iter().enumerate() {
        let next = states.into_iter().filter_map(|mut state| {
            let taken = match automaton.direction(&event.kind) {
                Direction::Input => automaton.input(&mut state, event.actor, &event.kind).is_ok(),
                Direction::Output => automaton.output(&mut state, event.actor, &event.kind).is_some(),
            };
            taken.then_some(state)
        });
        states = closed(next.collect());
        if states.is_empty() {
            return Err(index);
        }
    }
    Ok(states)
}

fn first_inexplicable(events: &[Event]) -> Option<usize> {
    candidates(events).err()
}

fn closed(mut states: HashSet<State>) -> HashSet<State> {
    let mut fresh: Vec<State> = states.iter().cloned().collect();
    while let Some(state) = fresh.pop() {
        for step in steps(&state) {
            if step.1.is_none() && states.insert(step.0.clone()) {
                fresh.push(step.0);
            }
        }
    }
    states
}

fn actors(state: &State) -> Vec<Actor> {
    let mut actors = Vec::new();
    spec().actors(state, &mut actors);
    actors
}

fn steps(state: &State) -> Vec<(State, Option<Kind>, bool)> {
    let mut steps = Vec::new();
    for actor in actors(state) {
        spec().steps(state, actor, &mut steps);
    }
    steps.into_iter().map(|step| (step.next, step.output, step.rule.is_due())).collect()
}

fn may_rest(state: &State) -> bool {
    let due = steps(state).iter().any(|step| step.2);
    let excused = |actor| spec().pause(state, actor) != Some(raddle_spec::Pause::Unexcused);
    !due && actors(state).into_iter().all(excused)
}
