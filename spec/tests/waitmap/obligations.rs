//! Each obligation, one by one: breaking it is a fault of the environment and never one of the implementation.

use crate::support::*;
use raddle_spec::waitmap::{Cb, OBLIGATIONS, Op, Reply, Ret, TaskId};
use raddle_spec::{End, ObligationKind, Verdict};
use std::collections::BTreeSet;

/// An execution that breaks the obligation at its last event, or at rest.
fn cases() -> Vec<(&'static str, Trace, End)> {
    let registered = trace().registers(0, 0, KEY);
    let tested = trace().does(0, create_for(0, KEY), Ret::Done).calls(0, poll(0, 0)).enters(0, test(0));
    let met = tested.clone().leaves(0, Reply::Holds(true)).returns(0, Ret::Met(Ok(())));
    let clone = Cb::CloneWaker { task: TaskId(0) };
    let gone = registered.clone().calls(0, dropped(0)).runs(0, key_of(0)).returns(0, Ret::Done);
    vec![
        ("WM-O1", registered.clone().calls(0, poll(0, 0)).calls(1, poll(0, 1)), End::Cut),
        ("WM-O1", registered.clone().calls(0, poll(0, 0)).enters(0, clone).calls(0, dropped(0)), End::Cut),
        ("WM-O1", trace().calls(0, create(0, KEY)).calls(1, poll(0, 0)), End::Cut),
        ("WM-O2", gone.clone().calls(0, poll(0, 0)), End::Cut),
        ("WM-O2", gone.calls(1, dropped(0)), End::Cut),
        ("WM-O2", trace().calls(1, subscribe(3, 0)), End::Cut),
        ("WM-O3", met.calls(0, poll(0, 0)), End::Cut),
        ("WM-O4", tested.clone().leaves(0, Reply::Panicked), End::Cut),
        (
            "WM-O4",
            registered.clone().calls(0, poll(0, 0)).enters(0, clone).leaves(0, Reply::Panicked),
            End::Cut,
        ),
        ("WM-O4", registered.calls(0, dropped(0)).enters(0, key_of(0)).leaves(0, Reply::Panicked), End::Cut),
        ("WM-O5", tested, End::Rest),
    ]
}

#[test]
fn breaking_an_obligation_is_a_fault_of_the_environment() {
    for (id, trace, end) in cases() {
        match trace.judged(end) {
            Verdict::Environment(fault) => {
                assert_eq!(fault.obligation.id, id);
                assert_eq!(fault.at, (end == End::Cut).then_some(trace.0.len() - 1), "{id}");
            }
            verdict => panic!("{id}: {verdict}"),
        }
    }
}

#[test]
fn every_obligation_that_a_trace_can_break_has_a_case() {
    let covered: BTreeSet<&str> = cases().iter().map(|(id, ..)| *id).collect();
    for obligation in OBLIGATIONS {
        // No finite trace breaks "finitely often": only the explorer can judge that.
        let on_traces = obligation.kind != ObligationKind::Finitely;
        assert_eq!(covered.contains(obligation.id), on_traces, "{obligation}");
    }
}

#[test]
fn a_wait_for_that_is_woken_again_and_again_during_one_poll_is_within_its_rules() {
    let mut long = trace().does(0, create_for(0, KEY), Ret::Done).calls(0, poll(0, 0));
    for round in 0..50 {
        let woken = long.enters(0, test(0)).wakes(1, KEY, round, 0);
        long = woken.leaves(0, Reply::Holds(false)).runs(0, value(round));
    }
    long.enters(0, test(0)).leaves(0, Reply::Holds(false)).returns(0, Ret::Pending).accepted();
}

#[test]
fn what_no_execution_can_do_is_blamed_on_the_recording() {
    let registered = trace().registers(0, 0, KEY);
    let in_waker = registered.clone().calls(1, wake(KEY, 5)).enters(1, waker(0));
    for malformed in [
        trace().leaves(0, Reply::Done),
        registered.clone().calls(0, poll(0, 0)).leaves(0, Reply::Done),
        registered.clone().calls(0, poll(0, 0)).calls(0, Op::Close),
        registered.does(0, Op::IsClosed, Ret::IsClosed(false)).calls(0, create(0, KEY)),
        in_waker.leaves(1, Reply::Holds(true)),
        trace().does(0, create_for(0, KEY), Ret::Done).calls(0, subscribe(0, 0)),
    ] {
        let verdict = malformed.judged(End::Cut);
        assert!(matches!(verdict, Verdict::Malformed { .. }), "{verdict}");
        assert_eq!(verdict.at(), Some(malformed.0.len() - 1));
        assert!(!verdict.is_fault());
    }
}
