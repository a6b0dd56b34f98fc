//! The bound on configurations: running into it is never a pass.

use crate::support::*;
use raddle_spec::waitmap::{Op, Ret, spec};
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
