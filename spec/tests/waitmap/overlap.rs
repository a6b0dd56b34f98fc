//! Overlapping calls take effect in some order, one after the other: every outcome that has such an order is
//! accepted, every other one is rejected.

use crate::support::*;
use raddle_spec::waitmap::{Op, Ret, ValueId};

fn registered() -> Trace {
    trace().registers(0, 0, KEY)
}

#[test]
fn a_wake_that_overlaps_close_may_come_before_it() {
    let race = registered().calls(1, Op::Close).calls(2, wake(KEY, 5));
    race.runs(2, waker(0)).returns(2, Ret::Woke).returns(1, Ret::Done).does(0, poll(0, 0), got(5)).accepted();
}

#[test]
fn a_wake_that_overlaps_close_may_come_after_it() {
    let race = registered().calls(1, Op::Close).calls(2, wake(KEY, 5)).returns(2, Ret::Closed(ValueId(5)));
    race.runs(1, waker(0)).returns(1, Ret::Done).does(0, poll(0, 0), CLOSED).accepted();
}

#[test]
fn a_wake_that_overlaps_close_never_misses_a_registered_wait() {
    let race = registered().calls(1, Op::Close).calls(2, wake(KEY, 5));
    race.returns(2, no_match(5)).violates(&["WM-16", "WM-13"]);
}

#[test]
fn both_sides_of_a_race_must_agree_on_its_order() {
    // The wake found the map closed, yet close left the wait to it.
    let race = registered().calls(1, Op::Close).calls(2, wake(KEY, 5)).returns(2, Ret::Closed(ValueId(5)));
    race.clone().returns(1, Ret::Done).violates(&["WM-18"]);
    race.does(0, poll(0, 0), got(5)).violates(&["WM-10"]);
}

#[test]
fn what_does_not_overlap_keeps_its_order() {
    let closed = registered().calls(1, Op::Close).runs(1, waker(0)).returns(1, Ret::Done);
    closed.calls(2, wake(KEY, 5)).enters(2, waker(0)).violates(&["WM-13"]);
}

#[test]
fn a_query_fixes_the_order_of_what_overlaps_it() {
    // Once anybody has seen the map closed, no later call finds it open, although close has not returned yet.
    let seen = trace().calls(0, Op::Close).does(1, Op::IsClosed, Ret::IsClosed(true));
    seen.clone().does(2, wake(KEY, 5), Ret::Closed(ValueId(5))).returns(0, Ret::Done).accepted();
    seen.clone().does(2, wake(KEY, 5), no_match(5)).violates(&["WM-13"]);
    seen.does(2, Op::IsClosed, Ret::IsClosed(false)).violates(&["WM-29"]);
}

#[test]
fn of_two_waits_that_race_for_a_key_exactly_one_gets_it() {
    let created = trace().does(0, create(0, KEY), Ret::Done).does(1, create(1, KEY), Ret::Done);
    let race = created.calls(0, poll(0, 0)).calls(1, poll(1, 1));
    race.clone().returns(0, Ret::Pending).returns(1, DUPLICATE).accepted();
    race.clone().returns(0, DUPLICATE).returns(1, Ret::Pending).accepted();
    race.clone().returns(0, Ret::Pending).returns(1, Ret::Pending).violates(&["WM-5"]);
    race.returns(0, DUPLICATE).returns(1, DUPLICATE).violates(&["WM-2"]);
}

#[test]
fn a_first_poll_that_overlaps_a_wake_may_come_on_either_side() {
    let race = trace().does(0, create(0, KEY), Ret::Done).calls(0, poll(0, 0)).calls(1, wake(KEY, 5));
    race.clone().returns(0, Ret::Pending).returns(1, no_match(5)).accepted();
    let reached = race.clone().runs(1, waker(0)).returns(1, Ret::Woke).returns(0, Ret::Pending);
    reached.does(0, poll(0, 0), got(5)).accepted();
    // One poll registers or takes a value, never both.
    race.runs(1, waker(0)).returns(1, Ret::Woke).returns(0, got(5)).violates(&["WM-2"]);
}

#[test]
fn a_key_is_free_as_soon_as_its_wait_was_taken_out() {
    let taken = registered().calls(1, wake(KEY, 5)).enters(1, waker(0));
    let taken = taken.does(2, create(1, KEY), Ret::Done);
    taken.clone().does(2, poll(1, 1), Ret::Pending).accepted_so_far();
    taken.does(2, poll(1, 1), DUPLICATE).violates(&["WM-2"]);
}

#[test]
fn a_drop_that_overlaps_a_wake_either_takes_the_value_with_it_or_leaves_no_match() {
    let race = registered().calls(0, dropped(0)).calls(1, wake(KEY, 5));
    race.clone().returns(1, no_match(5)).runs(0, key_of(0)).returns(0, Ret::Done).accepted();
    let taken = race.clone().runs(0, value(5)).runs(0, key_of(0)).returns(0, Ret::Done);
    taken.clone().returns(1, Ret::Woke).accepted();
    taken.clone().runs(1, waker(0)).returns(1, Ret::Woke).accepted();
    taken.returns(1, no_match(5)).violates(&["WM-16", "WM-15"]);
    race.runs(0, key_of(0)).returns(0, Ret::Done).runs(1, waker(0)).violates_at(9, &["WM-14"]);
}
