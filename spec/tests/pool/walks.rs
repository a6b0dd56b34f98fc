//! The spec against its own monitor: what the spec does is accepted, what it does not do is rejected, and a set of
//! candidates that takes no short cuts agrees.

use crate::support::Trace;
use crate::walk::{Random, Walk};
use raddle_spec::pool::{Down, Kind, NoteId, RECV_HAS_A_SENDER, RULES, Ret, ValueId, WorkerId, spec};
use raddle_spec::{Candidates, End, Monitor, Verdict};
use std::collections::BTreeSet;

#[test]
fn what_the_spec_does_is_accepted_and_every_rule_has_its_turn() {
    let mut rules = BTreeSet::new();
    for seed in 0..3_000 {
        let mut walk = Walk::new(seed, (seed % 4) as u32);
        walk.wander(250);
        let trace = walk.rest().clone();
        match trace.judged(End::Rest) {
            Verdict::Accepted => {}
            // The walk has ended all workers while its owner waited.
            Verdict::Environment(fault) if fault.obligation == &RECV_HAS_A_SENDER && fault.at.is_none() => {}
            verdict => panic!("seed {seed}: {verdict}\n{}", listing(&trace)),
        }
        rules.extend(walk.rules);
    }
    // An excuse is no step: tests of rest cover it.
    let excuses = ["PL-9", "PL-16", "PL-38"];
    let expected: BTreeSet<&str> =
        RULES.iter().map(|rule| rule.id).filter(|id| !excuses.contains(id)).collect();
    assert_eq!(rules, expected, "walks that leave rules out show nothing about them");
}

#[test]
fn a_walk_that_is_cut_anywhere_is_accepted() {
    for seed in 0..60 {
        let walked = Walk::new(seed, (seed % 3) as u32).wander(150).clone();
        for end in 0..=walked.events.len() {
            let cut = Trace { capacity: walked.capacity, events: walked.events[..end].to_vec() };
            assert!(cut.judged(End::Cut).is_accepted(), "seed {seed}, first {end} events");
        }
    }
}

#[test]
fn an_explanation_uses_rules_and_ends_where_the_walk_does() {
    let mut union = BTreeSet::new();
    for seed in 0..400 {
        let trace = Walk::new(seed, (seed % 3) as u32).wander(120).clone();
        let spec = spec(trace.capacity);
        let explained = Monitor::new(&spec).explain(&trace.events, End::Cut).expect("a walk is explained");
        union.extend(explained.iter().map(|rule| rule.id));
    }
    // What only an excuse or a hidden step shows that no event follows from, need not be in an explanation.
    for rule in ["PL-1", "PL-3", "PL-6", "PL-8", "PL-13", "PL-15", "PL-19", "PL-20", "PL-25", "PL-36"] {
        assert!(union.contains(rule), "{rule} never explains anything");
    }
}

#[test]
fn most_changes_make_a_walk_wrong_and_the_set_of_all_candidates_agrees_on_each() {
    let mut random = Random(1);
    let (mut changed, mut rejected) = (0, 0);
    let mut shapes = BTreeSet::new();
    for seed in 0..1_500 {
        let mut walked = Walk::new(seed, (seed % 3) as u32).wander(70).clone();
        if walked.events.len() < 4 {
            continue;
        }
        change(&mut walked, &mut random);
        changed += 1;
        let verdict = walked.judged(End::Cut);
        assert!(!matches!(verdict, Verdict::Undecided { .. }), "seed {seed}");
        let first_wrong = first_inexplicable(&walked);
        assert_eq!(verdict.at(), first_wrong, "seed {seed}: {verdict}\n{}", listing(&walked));
        assert_eq!(verdict.is_accepted(), first_wrong.is_none(), "seed {seed}: {verdict}");
        rejected += usize::from(!verdict.is_accepted());
        shapes.insert(shape(&verdict));
    }
    assert!(rejected * 10 > changed * 6, "only {rejected} of {changed} changed walks were rejected");
    assert!(shapes.is_superset(&BTreeSet::from(["accepted", "malformed", "violation"])), "{shapes:?}");
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

/// Takes every hidden step before every event, whether it commutes or not.
fn first_inexplicable(trace: &Trace) -> Option<usize> {
    let spec = spec(trace.capacity);
    let mut candidates = Candidates::initial(&spec);
    trace.events.iter().position(|event| {
        candidates.close();
        candidates.advance(event);
        candidates.is_empty()
    })
}

fn change(trace: &mut Trace, random: &mut Random) {
    let at = random.below(trace.events.len() as u32 - 1) as usize;
    match random.below(4) {
        0 => drop(trace.events.remove(at)),
        1 => trace.events.swap(at, at + 1),
        2 => {
            let again = trace.events[at].clone();
            trace.events.insert(at + 1, again);
        }
        _ => {
            let answers = trace.events.iter_mut().skip(at).find_map(|event| match &mut event.kind {
                Kind::Return(ret) => Some(ret),
                _ => None,
            });
            if let Some(ret) = answers {
                *ret = another(ret, random);
            }
        }
    }
}

fn another(ret: &Ret, random: &mut Random) -> Ret {
    let (value, worker) = (ValueId(random.below(30)), WorkerId(random.below(3)));
    let message = Down::Other(NoteId(random.below(4)));
    let all = [
        Ret::Done,
        Ret::Failed,
        Ret::Value(value),
        Ret::End,
        Ret::Values(vec![value]),
        Ret::Joined { values: vec![], panics: vec![worker] },
        Ret::Panicked(worker),
        Ret::Sent,
        Ret::Refused(value),
        Ret::Full(value),
        Ret::Message(message),
        Ret::Empty,
        Ret::Disconnected,
        Ret::RefusedDown(message),
        Ret::SenderTo(worker),
        Ret::Nobody,
        Ret::Count(random.below(4)),
    ];
    let mut others = all.into_iter().filter(|other| other != ret);
    others.nth(random.below(16) as usize).expect("there are sixteen others")
}

fn listing(trace: &Trace) -> String {
    let lines = trace.events.iter().enumerate().map(|(index, event)| format!("{index}: {event}\n"));
    format!("capacity {}\n{}", trace.capacity, lines.collect::<String>())
}
