//! Each rule, one by one: an execution that keeps it is accepted, its broken twin is rejected, and the verdict names
//! the rule. Striking the rule out of the spec makes the good execution unexplainable, so no rule is decoration.

use crate::support::*;
use raddle_spec::pool::{Cb, Down, NoteId, Op, RULES, Reply, Ret, ValueId, WorkerId, spec};
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

fn workers() -> Vec<Case> {
    let many = Op::ExecuteMany { first: WorkerId(0), count: 2 };
    let failed = pool(1).owner(execute(0), Ret::Failed);
    let stopping = pool(1).hires(0).calls(OWNER, Op::StopAndJoin).hears(0, Down::Stop).lets_go(0);
    vec![
        case(
            "PL-1",
            &["PL-33"],
            pool(1)
                .hires(9)
                .owner(many, Ret::Done)
                .starts(1)
                .starts(0)
                .owner(get(1), Ret::SenderTo(WorkerId(0))),
            pool(1)
                .hires(9)
                .owner(many, Ret::Done)
                .starts(1)
                .starts(0)
                .owner(get(0), Ret::SenderTo(WorkerId(0))),
        ),
        due("PL-2", &["PL-3"], failed.clone(), pool(1).hires(0).owner(execute(1), Ret::Done)),
        case(
            "PL-2",
            &["PL-33"],
            pool(1).hires(0).owner(execute(1), Ret::Failed).hires(2).owner(Op::Count, Ret::Count(2)),
            failed.owner(Op::Count, Ret::Count(1)),
        ),
        due(
            "PL-3",
            &["PL-3"],
            pool(1).owner(execute(0), Ret::Done).starts(0),
            pool(1).owner(execute(0), Ret::Done),
        ),
        case("PL-3", &[], pool(1).hires(0), pool(1).hires(0).enters(11, work(0))),
        case(
            "PL-4",
            &["PL-26"],
            stopping.clone().leaves(strand(0), Reply::Done).returns(OWNER, values(&[])),
            stopping.leaves(strand(0), Reply::Done).returns(OWNER, panic_of(0)),
        ),
        case(
            "PL-5",
            &["PL-36"],
            pool(1)
                .hires(0)
                .calls(OWNER, broadcast(note(4)))
                .runs(OWNER, Cb::DropNote { note: NoteId(4) })
                .returns(OWNER, Ret::Done)
                .calls(OWNER, execute(1))
                .runs(OWNER, Cb::DropClosure { worker: WorkerId(1) })
                .returns(OWNER, Ret::Failed),
            pool(1)
                .hires(0)
                .owner(broadcast(Down::Pause), Ret::Done)
                .calls(strand(0), recv_down(WorkerId(0)))
                .enters(strand(0), Cb::DropClosure { worker: WorkerId(0) }),
        ),
    ]
}

fn sending() -> Vec<Case> {
    let one = pool(1).hires(0).sends(0, 1);
    let two = pool(2).hires(0);
    let closed = pool(1).hires(0).owner(Op::DropPool, Ret::Done);
    let blocked = one.clone().calls(strand(0), send(0, 2));
    // The second send is later than the burst: the third is as well, although the second was given since.
    let ticked = two.clone().owner(burst(0), Ret::Done).sends(0, 1).owner(next_of_burst(0), Ret::End);
    vec![
        case(
            "PL-6",
            &["PL-20"],
            ticked.clone().sends(0, 2).owner(Op::Recv, got(1)),
            ticked.owner(next_of_burst(0), got(1)),
        ),
        case(
            "PL-7",
            &["PL-15"],
            two.clone()
                .owner(burst(0), Ret::Done)
                .sends(0, 1)
                .owner(next_of_burst(0), got(1))
                .sends(0, 2)
                .owner(next_of_burst(0), Ret::End),
            two.owner(burst(0), Ret::Done).sends(0, 1).owner(Op::Recv, Ret::End),
        ),
        case("PL-8", &["PL-8"], one.clone(), pool(1).hires(0).does(strand(0), send(0, 1), full(1))),
        case("PL-8", &["PL-8"], one.clone(), pool(1).hires(0).does(strand(0), try_send(0, 1), full(1))),
        case("PL-9", &["PL-9"], blocked.clone(), blocked.clone().returns(strand(0), Ret::Sent)),
        case(
            "PL-10",
            &["PL-10"],
            closed.clone().does(strand(0), send(0, 1), refused(1)).does(
                strand(0),
                try_send(0, 2),
                refused(2),
            ),
            closed.does(strand(0), send(0, 1), Ret::Sent),
        ),
        due(
            "PL-10",
            &["PL-10"],
            blocked
                .clone()
                .calls(OWNER, Op::DropPool)
                .runs(OWNER, dropped(1))
                .returns(OWNER, Ret::Done)
                .returns(strand(0), refused(2)),
            blocked.calls(OWNER, Op::DropPool).runs(OWNER, dropped(1)).returns(OWNER, Ret::Done),
        ),
        case(
            "PL-11",
            &["PL-11"],
            one.clone().does(strand(0), try_send(0, 2), full(2)),
            one.does(strand(0), try_send(0, 2), Ret::Sent),
        ),
    ]
}

fn rendezvous() -> Vec<Case> {
    let offers = pool(0).hires(0).calls(strand(0), send(0, 1));
    let waits = pool(0).hires(0).calls(OWNER, Op::Recv);
    let both = pool(0).hires(0).hires(1).calls(strand(0), send(0, 1));
    vec![
        due(
            "PL-12",
            &["PL-15", "PL-13"],
            offers.clone().owner(Op::Recv, got(1)).returns(strand(0), Ret::Sent),
            offers.clone().calls(OWNER, Op::Recv),
        ),
        case(
            "PL-13",
            &["PL-9"],
            offers.clone().owner(Op::Recv, got(1)).returns(strand(0), Ret::Sent),
            offers.clone().returns(strand(0), Ret::Sent),
        ),
        due(
            "PL-13",
            &["PL-13"],
            offers.clone().owner(Op::Recv, got(1)).returns(strand(0), Ret::Sent),
            offers.owner(Op::Recv, got(1)),
        ),
        case(
            "PL-14",
            &["PL-14"],
            waits.clone().does(strand(0), try_send(0, 1), Ret::Sent).returns(OWNER, got(1)),
            pool(0).hires(0).does(strand(0), try_send(0, 1), Ret::Sent),
        ),
        case(
            "PL-14",
            &["PL-14"],
            both.clone().does(strand(1), try_send(1, 2), full(2)),
            both.owner(burst(0), Ret::Done).calls(OWNER, next_of_burst(0)).does(
                strand(1),
                try_send(1, 2),
                Ret::Sent,
            ),
        ),
        case(
            "PL-17",
            &["PL-14"],
            waits.clone().does(strand(0), try_send(0, 1), Ret::Sent).returns(OWNER, got(1)),
            waits.hires_another(1).does(strand(0), try_send(0, 1), Ret::Sent).does(
                strand(1),
                try_send(1, 2),
                Ret::Sent,
            ),
        ),
    ]
}

fn receiving() -> Vec<Case> {
    let two = pool(2).hires(0).sends(0, 1).sends(0, 2);
    let began = pool(2).hires(0).sends(0, 1).owner(burst(0), Ret::Done);
    let waits = pool(1).hires(0).calls(OWNER, Op::Recv);
    let ahead = pool(1).hires(0).sends(0, 1).owner(burst(0), Ret::Done).sends(0, 2);
    vec![
        case("PL-15", &["PL-15"], two.clone().owner(Op::Recv, got(1)), two.clone().owner(Op::Recv, got(2))),
        case("PL-16", &["PL-16"], waits.clone(), waits.returns(OWNER, got(1))),
        case(
            "PL-18",
            &["PL-19"],
            began.clone().owner(next_of_burst(0), got(1)),
            began.clone().owner(next_of_burst(0), Ret::End),
        ),
        case(
            "PL-19",
            &["PL-19"],
            // It took its stamp before the burst, as far as anybody can see, and entered the channel after it.
            pool(1)
                .hires(0)
                .sends(0, 1)
                .calls(strand(0), send(0, 2))
                .owner(burst(0), Ret::Done)
                .owner(next_of_burst(0), got(1))
                .returns(strand(0), Ret::Sent)
                .owner(next_of_burst(0), got(2)),
            began.clone().owner(next_of_burst(0), got(2)),
        ),
        case(
            "PL-20",
            &["PL-20"],
            began.clone().owner(next_of_burst(0), got(1)).owner(next_of_burst(0), Ret::End),
            began.owner(next_of_burst(0), got(1)).owner(next_of_burst(0), got(1)),
        ),
        // With room for one the second is sent although the first was not given: it was taken.
        case("PL-21", &["PL-9"], ahead.clone(), ahead.does(strand(0), send(0, 3), Ret::Sent)),
    ]
}

fn stopping() -> Vec<Case> {
    let stopped = pool(1).hires(0).owner(stop(0), Ret::Done);
    let ended = stopped.clone().hears(0, Down::Stop).ends(0);
    let joins = pool(1).hires(0).sends(0, 1).calls(OWNER, Op::StopAndJoin);
    let joined = joins.clone().hears(0, Down::Stop);
    let broadcast_first = pool(1).hires(0).owner(broadcast(note(1)), Ret::Done).owner(stop(0), Ret::Done);
    let two = || pool(2).hires(0).hires(1).sends(0, 1).calls(OWNER, Op::StopAndJoin);
    let both_panic = || two().panics(1).panics(0);
    let tried = pool(1).hires(0).hires(1).calls(OWNER, Op::TryStopAndJoin).panics(1).panics(0);
    let iterated = pool(1).hires(0).hires(1).owner(stop(0), Ret::Done).panics(1).panics(0);
    vec![
        case(
            "PL-22",
            &["PL-33"],
            stopped
                .clone()
                .owner(Op::Count, Ret::Count(0))
                .owner(get(0), Ret::Nobody)
                .hires(1)
                .sends(1, 9)
                .owner(Op::Recv, got(9)),
            stopped.clone().owner(Op::Count, Ret::Count(1)),
        ),
        case(
            "PL-22",
            &["PL-16"],
            stopped.clone().hires(1).sends(0, 9).owner(next(0), got(9)),
            stopped.clone().hires(1).sends(0, 9).owner(Op::Recv, got(9)),
        ),
        case(
            "PL-23",
            &["PL-36"],
            broadcast_first.clone().hears(0, note(1)).hears(0, Down::Stop),
            broadcast_first.hears(0, Down::Stop),
        ),
        due(
            "PL-23",
            &["PL-36"],
            joined.clone().ends(0).returns(OWNER, values(&[1])),
            joins.clone().calls(strand(0), recv_down(WorkerId(0))),
        ),
        due(
            "PL-24",
            &["PL-39"],
            stopped.clone().hears(0, Down::Stop).worker(0, recv_down, Ret::Disconnected),
            stopped.clone().hears(0, Down::Stop).calls(strand(0), recv_down(WorkerId(0))),
        ),
        case(
            "PL-25",
            &["PL-25"],
            stopped.clone().sends(0, 1).owner(next(0), got(1)),
            stopped.clone().sends(0, 1).ends(0).owner(next(0), Ret::End),
        ),
        case(
            "PL-26",
            &["PL-26"],
            ended.clone().owner(next(0), Ret::End).owner(next(0), Ret::End),
            joined.clone().ends(0).returns(OWNER, values(&[])),
        ),
        due("PL-26", &["PL-26"], ended.clone().owner(next(0), Ret::End), ended.calls(OWNER, next(0))),
        case(
            "PL-27",
            &["PL-27"],
            iterated.clone().owner(next(0), panic_of(0)).owner(next(0), Ret::End),
            iterated.clone().owner(next(0), panic_of(1)),
        ),
        case(
            "PL-27",
            &["PL-26"],
            iterated.clone().owner(next(0), panic_of(0)),
            iterated.owner(next(0), panic_of(0)).owner(next(0), panic_of(1)),
        ),
        case(
            "PL-27",
            &["PL-27"],
            tried.clone().returns(OWNER, joined_none(&[0, 1])),
            tried.returns(OWNER, joined_none(&[1, 0])),
        ),
        case(
            "PL-30",
            &["PL-30"],
            both_panic().runs(OWNER, dropped(1)).returns(OWNER, panic_of(0)),
            both_panic().returns(OWNER, panic_of(0)),
        ),
    ]
}

fn joined_none(panics: &[u32]) -> Ret {
    joined(&[], panics)
}

fn drops() -> Vec<Case> {
    let stopped = pool(1).hires(0).sends(0, 1).owner(stop(0), Ret::Done);
    let dropping = stopped.clone().calls(OWNER, drop_stop(0));
    let dropped_stop = dropping.clone().runs(OWNER, dropped(1)).returns(OWNER, Ret::Done);
    let no_pool = pool(1).hires(0).owner(Op::DropPool, Ret::Done);
    vec![
        case(
            "PL-28",
            &["PL-10"],
            dropped_stop.clone().does(strand(0), send(0, 2), refused(2)),
            dropped_stop.does(strand(0), send(0, 2), Ret::Sent),
        ),
        due(
            "PL-29",
            &["PL-39"],
            no_pool.clone().worker(0, recv_down, Ret::Disconnected).does(strand(0), send(0, 1), refused(1)),
            no_pool.clone().calls(strand(0), recv_down(WorkerId(0))),
        ),
        case(
            "PL-29",
            &["PL-39"],
            no_pool.clone().worker(0, try_recv_down, Ret::Disconnected),
            no_pool.worker(0, try_recv_down, Ret::Message(Down::Stop)),
        ),
        case(
            "PL-30",
            &["PL-30"],
            dropping.clone().runs(OWNER, dropped(1)).returns(OWNER, Ret::Done),
            dropping.clone().returns(OWNER, Ret::Done),
        ),
        case(
            "PL-30",
            &["PL-30"],
            dropping.clone().runs(OWNER, dropped(1)).returns(OWNER, Ret::Done),
            dropping.runs(OWNER, dropped(1)).enters(OWNER, dropped(1)),
        ),
    ]
}

fn down() -> Vec<Case> {
    let three = pool(1).hires(0).hires(1).hires(2);
    let all_know = three.clone().owner(broadcast(note(1)), Ret::Done);
    let deaf = pool(1).hires(0).worker(0, drop_receiver, Ret::Done);
    let kept = pool(1).hires(0).owner(get(0), Ret::SenderTo(WorkerId(0)));
    let outlives = kept.clone().owner(Op::DropPool, Ret::Done);
    let waits = pool(1).hires(0).calls(strand(0), recv_down(WorkerId(0)));
    vec![
        case(
            "PL-31",
            &["PL-36"],
            all_know.clone().hears(1, note(1)).hears(2, note(1)).hears(0, note(1)),
            all_know.worker(2, try_recv_down, Ret::Empty),
        ),
        case(
            "PL-32",
            &["PL-37"],
            three.clone().owner(broadcast_one(note(1)), Ret::Sent).hears(1, note(1)),
            three.owner(broadcast_one(note(1)), Ret::Sent).worker(0, try_recv_down, Ret::Message(note(1))),
        ),
        case("PL-33", &["PL-33"], kept.clone(), pool(1).hires(0).owner(get(0), Ret::Nobody)),
        due(
            "PL-34",
            &["PL-36"],
            outlives.clone().does(5, send_down(0, note(2)), Ret::Sent).hears(0, note(2)),
            outlives
                .clone()
                .does(5, send_down(0, note(2)), Ret::Sent)
                .calls(strand(0), recv_down(WorkerId(0))),
        ),
        case(
            "PL-35",
            &["PL-35"],
            deaf.clone().owner(broadcast_one(Down::Pause), Ret::RefusedDown(Down::Pause)),
            deaf.clone().owner(broadcast_one(Down::Pause), Ret::Sent),
        ),
        case(
            "PL-35",
            &["PL-35"],
            pool(1).owner(broadcast_one(Down::Pause), Ret::RefusedDown(Down::Pause)),
            pool(1).owner(broadcast_one(Down::Pause), Ret::Sent),
        ),
        case(
            "PL-36",
            &["PL-36"],
            kept.clone()
                .owner(broadcast(note(1)), Ret::Done)
                .does(5, send_down(0, note(2)), Ret::Sent)
                .hears(0, note(1)),
            kept.owner(broadcast(note(1)), Ret::Done)
                .does(5, send_down(0, note(2)), Ret::Sent)
                .hears(0, note(2)),
        ),
        case(
            "PL-37",
            &["PL-37"],
            pool(1).hires(0).worker(0, try_recv_down, Ret::Empty),
            pool(1).hires(0).worker(0, try_recv_down, Ret::Disconnected),
        ),
        case("PL-38", &["PL-38"], waits.clone(), waits.returns(strand(0), Ret::Disconnected)),
        due(
            "PL-39",
            &["PL-39"],
            outlives.clone().does(5, drop_down_sender(0), Ret::Done).worker(0, recv_down, Ret::Disconnected),
            outlives.does(5, drop_down_sender(0), Ret::Done).calls(strand(0), recv_down(WorkerId(0))),
        ),
        due(
            "PL-40",
            &["PL-40"],
            pool(1).hires(0).worker(0, clone_sender, Ret::Done).worker(0, drop_sender, Ret::Done).sends(0, 1),
            pool(1).hires(0).calls(strand(0), clone_sender(WorkerId(0))),
        ),
    ]
}

impl Trace {
    /// Another worker, while the owner is in a call: made before, that is.
    fn hires_another(self, worker: u32) -> Self {
        let Trace { capacity, events } = self;
        let mut before = pool(capacity).owner(execute(worker), Ret::Done).starts(worker);
        before.events.extend(events);
        before
    }
}

fn cases() -> Vec<Case> {
    let groups = [workers(), sending(), rendezvous(), receiving(), stopping(), drops(), down()];
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
