//! The bound on configurations: running into it is never a pass.

use crate::support::*;
use raddle_spec::waitmap::{Cb, Key, Op, Reply, Ret, TaskId, WaitId, spec};
use raddle_spec::{End, Monitor, Verdict};

/// Many overlapping calls whose order is open, and a last event that no order explains.
fn crowd() -> Trace {
    let mut crowd = trace();
    for actor in 0..10 {
        crowd = crowd.does(actor, create(actor, KEY), Ret::Done);
    }
    for actor in 0..10 {
        crowd = crowd.calls(actor, poll(actor, actor));
    }
    crowd.does(10, Op::IsClosed, Ret::IsClosed(true))
}

#[test]
fn a_search_that_hits_the_bound_is_undecided() {
    let verdict = Monitor::new(&spec()).bound(100).judge(&crowd().0, End::Cut);
    assert_eq!(verdict, Verdict::Undecided { explained: 31, visited: 100 });
    assert!(!verdict.is_accepted() && !verdict.is_fault());
}

#[test]
fn a_bound_of_nothing_decides_nothing() {
    let waiting = trace().registers(0, 0, KEY);
    let verdict = Monitor::new(&spec()).bound(0).judge(&waiting.0, End::Cut);
    assert!(matches!(verdict, Verdict::Undecided { .. }), "{verdict}");
}

#[test]
fn the_same_search_within_the_bound_finds_the_fault() {
    assert_eq!(ids(&crowd().judged(End::Cut)), ["WM-29"]);
}

/// A close, and inside of it user code that drops all the waits and closes the map once more.
fn close_within_a_close(waits: u32) -> Trace {
    let mut trace = trace();
    for wait in 0..waits {
        trace = trace.does(0, create(wait, Key(wait)), Ret::Done).does(0, poll(wait, 0), Ret::Pending);
    }
    trace = trace.calls(0, Op::Close).runs(0, waker(0)).enters(0, Cb::DropWaker { task: TaskId(0) });
    for wait in 0..waits {
        trace = trace.calls(0, Op::Drop { wait: WaitId(wait) });
        trace = trace.runs(0, Cb::DropKey { wait: WaitId(wait) }).returns(0, Ret::Done);
    }
    trace = trace.closes(0).leaves(0, Reply::Done);
    for _ in 1..waits {
        trace = trace.runs(0, waker(0));
    }
    trace.returns(0, Ret::Done)
}

#[test]
fn wakers_that_may_be_skipped_cost_no_search_when_they_are_not() {
    let verdict = Monitor::new(&spec()).bound(500).judge(&close_within_a_close(28).0, End::Rest);
    assert_eq!(verdict, Verdict::Accepted);
}
