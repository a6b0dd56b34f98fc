//! Each rule, one by one: an execution that keeps it is accepted, its broken twin is rejected, and the verdict names
//! the rule. Striking the rule out of the spec makes the good execution unexplainable, so no rule is decoration.

use crate::support::*;
use crate::without::Without;
use raddle_spec::waitmap::{Cb, Key, Op, RULES, Reply, Ret, TaskId, ValueId, WaitError, spec};
use raddle_spec::{End, Force, judge};
use std::collections::BTreeSet;

struct Case {
    /// The rule that the case is about.
    rule: &'static str,
    /// The rules that the verdict on the wrong execution names.
    named: &'static [&'static str],
    right: Trace,
    wrong: Trace,
    /// How the wrong execution ends; the right one always comes to rest.
    end: End,
}

/// A case of a rule that demands something: the verdict names this rule and no other.
fn must(rule: &'static [&'static str; 1], right: Trace, wrong: Trace) -> Case {
    Case { rule: rule[0], named: rule, right, wrong, end: End::Cut }
}

/// A case of a rule that permits something: the wrong execution goes beyond the permission.
fn may(rule: &'static str, named: &'static [&'static str], right: Trace, wrong: Trace) -> Case {
    Case { rule, named, right, wrong, end: End::Cut }
}

fn creation_and_registration() -> Vec<Case> {
    let created = trace().does(0, create(0, KEY), Ret::Done);
    let registered = trace().registers(0, 0, KEY);
    let late = trace().closes(0).does(0, create(0, KEY), Ret::Done);
    let late_for = trace().closes(0).does(0, create_for(0, KEY), Ret::Done);
    let second = registered.clone().does(1, create(1, KEY), Ret::Done);
    let unequal = trace().registers(0, 0, Key::UNEQUAL).does(1, create(1, Key::UNEQUAL), Ret::Done);
    vec![
        must(
            &["WM-1"],
            trace().closes(0).does(0, create(0, KEY), Ret::Done),
            trace().closes(0).does(0, create(0, KEY), Ret::Panicked),
        ),
        must(
            &["WM-2"],
            created.clone().does(0, poll(0, 0), Ret::Pending),
            created.clone().does(0, poll(0, 0), DUPLICATE),
        ),
        must(
            &["WM-2"],
            unequal.clone().does(1, poll(1, 1), Ret::Pending),
            unequal.does(1, poll(1, 1), DUPLICATE),
        ),
        must(
            &["WM-3"],
            created.clone().does(0, subscribe(0, 0), Ret::Subscribed(Ok(()))),
            created.does(0, subscribe(0, 0), Ret::Subscribed(Err(WaitError::Duplicate))),
        ),
        must(
            &["WM-4"],
            late.clone().does(0, poll(0, 0), CLOSED),
            late.clone().does(0, poll(0, 0), Ret::Pending),
        ),
        must(
            &["WM-4"],
            late.clone().does(0, subscribe(0, 0), Ret::Subscribed(Err(WaitError::Closed))),
            late.does(0, subscribe(0, 0), Ret::Subscribed(Ok(()))),
        ),
        must(
            &["WM-4"],
            late_for.clone().does(0, poll(0, 0), Ret::Met(Err(WaitError::Closed))),
            late_for.calls(0, poll(0, 0)).enters(0, test(0)),
        ),
        must(
            &["WM-5"],
            second.clone().does(1, poll(1, 1), DUPLICATE).wakes(1, KEY, 5, 0),
            second.clone().does(1, poll(1, 1), Ret::Pending),
        ),
        must(
            &["WM-5"],
            second.clone().does(1, subscribe(1, 1), Ret::Subscribed(Err(WaitError::Duplicate))),
            second.does(1, subscribe(1, 1), Ret::Subscribed(Ok(()))),
        ),
        must(
            &["WM-6"],
            registered.clone().does(0, poll(0, 1), Ret::Pending).wakes(1, KEY, 5, 1),
            registered.clone().does(0, poll(0, 1), CONSUMED),
        ),
        must(
            &["WM-7"],
            registered.clone().does(0, subscribe(0, 1), Ret::Subscribed(Ok(()))).wakes(1, KEY, 5, 1),
            registered.does(0, subscribe(0, 1), Ret::Subscribed(Err(WaitError::AlreadyConsumed))),
        ),
    ]
}

fn the_end_of_a_wait() -> Vec<Case> {
    let delivered = trace().registers(0, 0, KEY).wakes(1, KEY, 5, 0);
    let ended = trace().registers(0, 0, KEY).calls(1, Op::Close).runs(1, waker(0)).returns(1, Ret::Done);
    let told = ended.clone().does(0, poll(0, 0), CLOSED);
    let subscribed = Ret::Subscribed(Ok(()));
    vec![
        must(
            &["WM-8"],
            delivered.clone().does(0, subscribe(0, 0), subscribed).does(0, poll(0, 0), got(5)),
            delivered.clone().does(0, subscribe(0, 0), Ret::Subscribed(Err(WaitError::AlreadyConsumed))),
        ),
        must(
            &["WM-8"],
            told.clone().does(0, subscribe(0, 0), subscribed),
            told.clone().does(0, subscribe(0, 0), Ret::Subscribed(Err(WaitError::Closed))),
        ),
        must(
            &["WM-9"],
            delivered.clone().closes(1).does(0, poll(0, 0), got(5)),
            delivered.clone().closes(1).does(0, poll(0, 0), CLOSED),
        ),
        must(
            &["WM-9"],
            delivered.clone().does(0, poll(0, 0), got(5)),
            delivered.clone().does(0, poll(0, 0), Ret::Pending),
        ),
        must(&["WM-10"], told.clone(), ended.does(0, poll(0, 0), CONSUMED)),
        must(
            &["WM-11"],
            delivered.clone().does(0, poll(0, 0), got(5)).does(0, poll(0, 0), CONSUMED),
            delivered.clone().does(0, poll(0, 0), got(5)).does(0, poll(0, 0), got(5)),
        ),
        may(
            "WM-12",
            &["WM-11"],
            told.clone().does(0, poll(0, 0), CLOSED).does(0, poll(0, 0), CONSUMED),
            told.clone().does(0, poll(0, 0), CONSUMED).does(0, poll(0, 0), CLOSED),
        ),
        may(
            "WM-12",
            &["WM-11", "WM-12"],
            told.clone().does(0, poll(0, 0), CLOSED),
            told.does(0, poll(0, 0), Ret::Pending),
        ),
        must(
            &["WM-22"],
            trace().registers(0, 0, KEY).calls(0, dropped(0)).runs(0, key_of(0)).returns(0, Ret::Done),
            trace().registers(0, 0, KEY).calls(0, dropped(0)).runs(0, key_of(0)).enters(0, key_of(0)),
        ),
        must(
            &["WM-23"],
            delivered.clone().calls(0, dropped(0)).runs(0, key_of(0)).runs(0, value(5)).returns(0, Ret::Done),
            delivered.clone().calls(0, dropped(0)).runs(0, key_of(0)).returns(0, Ret::Done),
        ),
        must(
            &["WM-24"],
            delivered.clone().calls(0, dropped(0)).runs(0, value(5)).runs(0, key_of(0)).returns(0, Ret::Done),
            delivered.clone().calls(0, dropped(0)).runs(0, value(5)).returns(0, Ret::Done),
        ),
        may(
            "WM-25",
            &["WM-6"],
            delivered.calls(0, poll(0, 0)).runs(0, key_of(0)).returns(0, got(5)).does(
                0,
                dropped(0),
                Ret::Done,
            ),
            trace().registers(0, 0, KEY).calls(0, poll(0, 0)).enters(0, key_of(0)),
        ),
    ]
}

fn waking() -> Vec<Case> {
    let registered = trace().registers(0, 0, KEY);
    let migrated = registered.clone().does(0, poll(0, 1), Ret::Pending).calls(1, wake(KEY, 5));
    let woken = registered.clone().calls(1, wake(KEY, 5));
    let raced = woken.clone().does(0, poll(0, 0), got(5));
    vec![
        must(
            &["WM-13"],
            trace().closes(0).does(0, wake(KEY, 5), Ret::Closed(ValueId(5))),
            trace().closes(0).does(0, wake(KEY, 5), no_match(5)),
        ),
        must(
            &["WM-14"],
            trace().does(0, wake(KEY, 5), no_match(5)).registers(0, 0, KEY),
            trace().does(0, wake(KEY, 5), Ret::Woke),
        ),
        must(
            &["WM-14"],
            registered.clone().does(1, wake(OTHER_KEY, 5), no_match(5)),
            registered.clone().does(1, wake(OTHER_KEY, 5), Ret::Woke),
        ),
        must(
            &["WM-15"],
            woken.clone().runs(1, waker(0)).returns(1, Ret::Woke),
            woken.clone().runs(1, waker(0)).returns(1, no_match(5)),
        ),
        must(
            &["WM-16"],
            woken.clone().runs(1, waker(0)).returns(1, Ret::Woke),
            woken.clone().returns(1, Ret::Woke),
        ),
        must(
            &["WM-16"],
            migrated.clone().runs(1, waker(1)).returns(1, Ret::Woke),
            migrated.enters(1, waker(0)),
        ),
        may("WM-20", &["WM-16"], raced.returns(1, Ret::Woke), woken.clone().returns(1, Ret::Woke)),
        must(
            &["WM-21"],
            woken.clone().enters(1, waker(0)).leaves(1, Reply::Panicked).returns(1, Ret::Panicked),
            woken.enters(1, waker(0)).leaves(1, Reply::Panicked).returns(1, Ret::Woke),
        ),
    ]
}

fn closing() -> Vec<Case> {
    let two = trace().registers(0, 0, KEY).registers(0, 1, OTHER_KEY).calls(1, Op::Close);
    let three = trace().registers(0, 0, KEY).registers(0, 1, OTHER_KEY).registers(0, 2, Key(9));
    let three = three.calls(1, Op::Close);
    let both = two.clone().calls(2, Op::Close);
    let panicked = two.clone().enters(1, waker(0)).leaves(1, Reply::Panicked);
    vec![
        must(&["WM-17"], trace().closes(0).closes(0), trace().closes(0).does(0, Op::Close, Ret::Panicked)),
        must(
            &["WM-18"],
            two.clone().runs(1, waker(0)).runs(1, waker(1)).returns(1, Ret::Done),
            two.clone().runs(1, waker(0)).returns(1, Ret::Done),
        ),
        must(
            &["WM-18"],
            two.clone().runs(1, waker(0)).runs(1, waker(1)).returns(1, Ret::Done),
            two.clone().enters(1, waker(1)),
        ),
        must(
            &["WM-18"],
            panicked.clone().runs(1, waker(1)).returns(1, Ret::Panicked),
            panicked.clone().returns(1, Ret::Panicked),
        ),
        may(
            "WM-19",
            &["WM-18"],
            both.clone().returns(2, Ret::Done).runs(1, waker(0)).runs(1, waker(1)).returns(1, Ret::Done),
            both.returns(2, Ret::Done).runs(1, waker(0)).returns(1, Ret::Done),
        ),
        may(
            "WM-19",
            &["WM-18"],
            three
                .clone()
                .calls(2, Op::Close)
                .runs(2, waker(2))
                .runs(1, waker(0))
                .runs(1, waker(1))
                .returns(1, Ret::Done)
                .returns(2, Ret::Done),
            three.enters(1, waker(2)),
        ),
        must(
            &["WM-21"],
            panicked.clone().runs(1, waker(1)).returns(1, Ret::Panicked),
            panicked.runs(1, waker(1)).returns(1, Ret::Done),
        ),
        must(
            &["WM-29"],
            trace().does(0, Op::IsClosed, Ret::IsClosed(false)).closes(0).does(
                1,
                Op::IsClosed,
                Ret::IsClosed(true),
            ),
            trace().closes(0).does(1, Op::IsClosed, Ret::IsClosed(false)),
        ),
    ]
}

fn waiting_for_a_condition() -> Vec<Case> {
    let tested = trace().does(0, create_for(0, KEY), Ret::Done).calls(0, poll(0, 0)).enters(0, test(0));
    let waiting = tested.clone().leaves(0, Reply::Holds(false)).returns(0, Ret::Pending);
    let met = tested.clone().leaves(0, Reply::Holds(true));
    let woken = waiting.clone().wakes(1, KEY, 5, 0).calls(0, poll(0, 0));
    vec![
        must(
            &["WM-26"],
            waiting.clone(),
            trace().does(0, create_for(0, KEY), Ret::Done).does(0, poll(0, 0), Ret::Pending),
        ),
        must(
            &["WM-27"],
            met.clone().returns(0, Ret::Met(Ok(()))).does(1, wake(KEY, 5), no_match(5)),
            met.returns(0, Ret::Pending),
        ),
        must(
            &["WM-28"],
            woken
                .clone()
                .runs(0, value(5))
                .enters(0, test(0))
                .leaves(0, Reply::Holds(true))
                .returns(0, Ret::Met(Ok(()))),
            woken.clone().returns(0, Ret::Pending),
        ),
        must(
            &["WM-26"],
            woken
                .clone()
                .runs(0, value(5))
                .enters(0, test(0))
                .leaves(0, Reply::Holds(false))
                .returns(0, Ret::Pending),
            woken.runs(0, value(5)).returns(0, Ret::Met(Ok(()))),
        ),
        must(
            &["WM-10"],
            waiting.clone().calls(1, Op::Close).runs(1, waker(0)).returns(1, Ret::Done).does(
                0,
                poll(0, 0),
                Ret::Met(Err(WaitError::Closed)),
            ),
            waiting.calls(1, Op::Close).runs(1, waker(0)).returns(1, Ret::Done).does(
                0,
                poll(0, 0),
                Ret::Pending,
            ),
        ),
    ]
}

fn tasks_and_wakers() -> Vec<Case> {
    let sleeping = trace().registers(0, 0, KEY).calls(0, sleep(0));
    let notified = sleeping.clone().wakes(1, KEY, 5, 0);
    let clone = Cb::CloneWaker { task: TaskId(0) };
    let drop = Cb::DropWaker { task: TaskId(0) };
    let created = trace().does(0, create(0, KEY), Ret::Done);
    vec![
        Case { end: End::Rest, ..must(&["WM-30"], notified.clone().returns(0, Ret::Done), notified) },
        may("WM-31", &["WM-31"], sleeping.clone(), sleeping.clone().returns(0, Ret::Done)),
        may(
            "WM-32",
            &["WM-31"],
            created.calls(0, poll(0, 0)).runs(0, clone).runs(0, drop).returns(0, Ret::Pending),
            sleeping.enters(0, clone),
        ),
    ]
}

fn cases() -> Vec<Case> {
    let groups = [
        creation_and_registration(),
        the_end_of_a_wait(),
        waking(),
        closing(),
        waiting_for_a_condition(),
        tasks_and_wakers(),
    ];
    groups.into_iter().flatten().collect()
}

#[test]
fn every_rule_rejects_the_execution_that_breaks_it_and_is_named() {
    for Case { rule, named, right, wrong, end } in cases() {
        let verdict = right.judged(End::Rest);
        assert!(verdict.is_accepted(), "{rule}: {verdict}");
        let verdict = wrong.judged(end);
        assert!(verdict.is_fault(), "{rule}: {verdict}");
        assert_eq!(ids(&verdict), named, "{rule}: {verdict}");
        if end == End::Cut {
            assert_eq!(verdict.at(), Some(wrong.0.len() - 1), "{rule}: {verdict}");
        }
        assert!(verdict.to_string().contains(named[0]), "{rule}: {verdict}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let covered: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(covered, all);
    for case in cases() {
        let rule = RULES.iter().find(|rule| rule.id == case.rule).expect("a known rule");
        let named_alone = case.named == [case.rule];
        assert!(named_alone || rule.force == Force::May, "{rule} demands, so a verdict must name it alone");
    }
}

#[test]
fn a_spec_that_lacks_a_rule_rejects_what_that_rule_explains() {
    for case in cases() {
        let rule = RULES.iter().find(|rule| rule.id == case.rule).expect("a known rule");
        let verdict = judge(&Without { inner: spec(), rule }, &case.right.0, End::Rest);
        assert!(verdict.is_fault(), "{} is not needed: {verdict}", case.rule);
    }
}

#[test]
fn nothing_but_the_rule_itself_rejects_the_execution_that_breaks_it() {
    for case in cases().into_iter().filter(|case| case.named == [case.rule] && case.end == End::Cut) {
        let rule = RULES.iter().find(|rule| rule.id == case.rule).expect("a known rule");
        if rule.force == Force::Must {
            let verdict = judge(&Deaf { inner: spec(), rule }, &case.wrong.0, End::Cut);
            assert!(verdict.is_accepted(), "{}: {verdict}", case.rule);
        }
    }
}

#[test]
fn rules_are_numbered_without_gaps_and_say_one_sentence_each() {
    for (index, rule) in RULES.iter().enumerate() {
        assert_eq!(rule.id, format!("WM-{}", index + 1));
        assert!(rule.sentence.ends_with('.'), "{rule}");
        assert!(!rule.sentence.trim_end_matches('.').contains(". "), "{rule}");
        assert!(!rule.sentence.contains("  "), "{rule}");
    }
}
