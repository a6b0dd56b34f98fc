//! Pools whose stamps may be equal to the start of a burst, and pools that have no such ties.

use crate::support::*;
use raddle_spec::pool::{Ret, spec_without_ties};
use raddle_spec::{End, Verdict, judge};

fn judged_without_ties(trace: &Trace) -> Verdict {
    judge(&spec_without_ties(trace.capacity), &trace.events, End::Cut)
}

#[test]
fn what_is_sent_after_a_burst_began_is_part_of_it_only_as_a_tie() {
    let sent = pool(2).hires(0).owner(burst(0), Ret::Done).sends(0, 1);
    let given = sent.clone().owner(next_of_burst(0), got(1));
    given.accepted();
    let verdict = judged_without_ties(&given);
    assert!(verdict.is_fault(), "{verdict}");
    assert_eq!(ids(&verdict), ["PL-20"]);
    assert!(judged_without_ties(&sent.owner(next_of_burst(0), Ret::End)).is_accepted());
}

/// It may have its stamp already, or not yet.
#[test]
fn a_send_that_goes_on_when_a_burst_begins_may_be_part_of_it_without_a_tie() {
    let began = pool(2).hires(0).calls(strand(0), send(0, 1)).owner(burst(0), Ret::Done);
    let sent = began.returns(strand(0), Ret::Sent);
    for ret in [got(1), Ret::End] {
        let verdict = judged_without_ties(&sent.clone().owner(next_of_burst(0), ret));
        assert!(verdict.is_accepted(), "{verdict}");
    }
}

#[test]
fn a_burst_gives_without_ties_what_was_sent_before() {
    let began = pool(2).hires(0).sends(0, 1).owner(burst(0), Ret::Done);
    assert_eq!(ids(&judged_without_ties(&began.owner(next_of_burst(0), Ret::End))), ["PL-19"]);
}
