//! Each rule, one by one: an execution that keeps it is accepted, its broken twin is rejected, and the verdict names
//! the rule. Striking the rule out of the spec makes the good execution unexplainable, so no rule is decoration.

mod ends;
mod up;
mod workers;

use crate::support::*;
use crate::without::Without;
use raddle_spec::pool::{Cb, Op, RULES, Ret, ValueId, spec};
use raddle_spec::{End, judge};
use std::collections::BTreeSet;

struct Case {
    /// The rule that the case is about.
    rule: &'static str,
    /// The rules of the steps that the verdict on the wrong execution says were open or owed.
    named: &'static [&'static str],
    right: Trace,
    wrong: Trace,
    /// How the wrong execution ends; the right one always comes to rest.
    end: End,
}

/// The wrong execution fails at its last event.
fn case(rule: &'static str, named: &'static [&'static str], right: Trace, wrong: Trace) -> Case {
    Case { rule, named, right, wrong, end: End::Cut }
}

/// The wrong execution rests too early.
fn due(rule: &'static str, named: &'static [&'static str], right: Trace, wrong: Trace) -> Case {
    Case { rule, named, right, wrong, end: End::Rest }
}

fn cases() -> Vec<Case> {
    let groups = [
        workers::workers(),
        up::sending(),
        up::rendezvous(),
        up::receiving(),
        ends::stopping(),
        ends::drops(),
        workers::down(),
    ];
    groups.into_iter().flatten().collect()
}

#[test]
fn every_rule_rejects_the_execution_that_breaks_it_and_is_named() {
    for (number, Case { rule, named, right, wrong, end }) in cases().into_iter().enumerate() {
        let verdict = right.judged(End::Rest);
        assert!(verdict.is_accepted(), "case {number}, {rule}: {verdict}");
        let verdict = wrong.judged(end);
        assert!(verdict.is_fault(), "case {number}, {rule}: {verdict}");
        assert_eq!(ids(&verdict), named, "case {number}, {rule}: {verdict}");
        if end == End::Cut {
            assert_eq!(verdict.at(), Some(wrong.events.len() - 1), "case {number}, {rule}: {verdict}");
        }
    }
}

#[test]
fn every_rule_has_a_case() {
    let covered: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(covered, all);
}

#[test]
fn a_spec_that_lacks_a_rule_rejects_what_that_rule_explains() {
    for (number, case) in cases().into_iter().enumerate() {
        let rule = RULES.iter().find(|rule| rule.id == case.rule).expect("a known rule");
        assert!(case.right.rules().contains(&case.rule), "case {number}: {} is not used", case.rule);
        let inner = spec(case.right.capacity);
        let verdict = judge(&Without { inner, rule }, &case.right.events, End::Rest);
        assert!(verdict.is_fault(), "case {number}: {} is not needed: {verdict}", case.rule);
    }
}

#[test]
fn rules_are_numbered_without_gaps_and_say_one_sentence_each() {
    for (index, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.id, format!("PL-{}", index + 1));
        assert!(rule.sentence.ends_with('.'), "{rule}");
        assert!(!rule.sentence.trim_end_matches('.').contains(". "), "{rule}");
        assert!(!rule.sentence.contains("  "), "{rule}");
    }
}

#[test]
fn values_that_come_back_belong_to_their_sender() {
    let back = pool(1).hires(0).owner(Op::DropPool, Ret::Done).calls(strand(0), send(0, 1));
    back.enters(strand(0), Cb::DropValue { value: ValueId(1) }).violates(&["PL-10"]);
}
