//! User code that the map runs may call the map again.

use crate::support::*;
use raddle_spec::waitmap::{Op, Reply, Ret, ValueId};

#[test]
fn a_waker_may_poll_its_own_wait() {
    let inside = trace().registers(0, 0, KEY).calls(1, wake(KEY, 5)).enters(1, waker(0));
    let polled = inside.does(1, poll(0, 0), got(5));
    polled.leaves(1, Reply::Done).returns(1, Ret::Woke).accepted();
}

#[test]
fn a_waker_may_close_the_map_that_is_waking_it() {
    let two = trace().registers(0, 0, KEY).registers(0, 1, OTHER_KEY);
    let inside = two.calls(1, wake(KEY, 5)).enters(1, waker(0)).calls(1, Op::Close);
    let closed = inside.runs(1, waker(1)).returns(1, Ret::Done).leaves(1, Reply::Done);
    closed.returns(1, Ret::Woke).does(0, poll(0, 0), got(5)).does(0, poll(1, 1), CLOSED).accepted();
}

#[test]
fn a_waker_inside_close_may_close_again_and_leaves_the_others_to_the_outer_call() {
    let two = trace().registers(0, 0, KEY).registers(0, 1, OTHER_KEY);
    let inside = two.calls(1, Op::Close).enters(1, waker(0)).closes(1).leaves(1, Reply::Done);
    inside.clone().runs(1, waker(1)).returns(1, Ret::Done).accepted();
    inside.returns(1, Ret::Done).violates(&["WM-18"]);
}

#[test]
fn wakes_nest_as_deep_as_their_wakers_go() {
    let keys = [KEY, OTHER_KEY];
    let mut deep = trace().registers(0, 0, KEY).registers(0, 1, OTHER_KEY);
    for level in 0..2 {
        deep = deep.calls(1, wake(keys[level as usize], level)).enters(1, waker(level));
    }
    let deep = deep.does(1, wake(KEY, 9), no_match(9));
    let back = deep.leaves(1, Reply::Done).returns(1, Ret::Woke);
    back.clone().leaves(1, Reply::Done).returns(1, Ret::Woke).accepted();
    back.returns(1, Ret::Woke).violates(&[]);
}

#[test]
fn a_panic_belongs_to_the_call_whose_waker_panicked() {
    let two = trace().registers(0, 0, KEY).registers(0, 1, OTHER_KEY);
    let inner =
        two.calls(1, wake(KEY, 5)).enters(1, waker(0)).calls(1, wake(OTHER_KEY, 6)).enters(1, waker(1));
    let panicked = inner.leaves(1, Reply::Panicked).returns(1, Ret::Panicked).leaves(1, Reply::Done);
    panicked.clone().returns(1, Ret::Woke).accepted();
    panicked.returns(1, Ret::Panicked).violates(&["WM-15"]);
}

#[test]
fn the_drop_of_a_value_may_use_the_key_that_its_wait_had() {
    let inside = trace().registers(0, 0, KEY).wakes(1, KEY, 5, 0).calls(0, dropped(0)).enters(0, value(5));
    let reused = inside.registers(0, 1, KEY).does(0, wake(OTHER_KEY, 6), no_match(6)).leaves(0, Reply::Done);
    reused.runs(0, key_of(0)).returns(0, Ret::Done).accepted();
}

#[test]
fn the_drop_of_a_key_finds_its_wait_out_of_the_map() {
    let inside = trace().registers(0, 0, KEY).calls(0, dropped(0)).enters(0, key_of(0));
    let woken = inside.does(0, wake(KEY, 5), no_match(5)).leaves(0, Reply::Done);
    woken.returns(0, Ret::Done).accepted();
}

#[test]
fn the_test_of_a_wait_for_may_wake_its_own_key() {
    let tested = trace().does(0, create_for(0, KEY), Ret::Done).calls(0, poll(0, 0)).enters(0, test(0));
    let woken = tested.wakes(0, KEY, 5, 0);
    let holds = woken.clone().leaves(0, Reply::Holds(true)).runs(0, value(5));
    holds.returns(0, Ret::Met(Ok(()))).accepted();
    let again = woken.leaves(0, Reply::Holds(false)).runs(0, value(5)).enters(0, test(0));
    again.leaves(0, Reply::Holds(false)).returns(0, Ret::Pending).accepted();
}

#[test]
fn the_test_of_a_wait_for_may_close_the_map() {
    let tested = trace().does(0, create_for(0, KEY), Ret::Done).calls(0, poll(0, 0)).enters(0, test(0));
    let closed = tested.calls(0, Op::Close).runs(0, waker(0)).returns(0, Ret::Done);
    let met = Ret::Met(Ok(()));
    let ended = Ret::Met(Err(raddle_spec::waitmap::WaitError::Closed));
    closed.clone().leaves(0, Reply::Holds(true)).returns(0, met).accepted();
    closed.clone().leaves(0, Reply::Holds(false)).returns(0, ended).accepted();
    closed.leaves(0, Reply::Holds(false)).returns(0, met).violates(&["WM-10"]);
}

#[test]
fn nothing_returns_while_its_actor_is_inside_user_code() {
    let inside = trace().registers(0, 0, KEY).calls(1, wake(KEY, 5)).enters(1, waker(0));
    inside.returns(1, Ret::Woke).violates(&[]);
    trace().returns(0, Ret::Done).violates(&[]);
}

#[test]
fn wakers_that_are_passed_over_by_a_new_round_may_be_skipped_and_the_new_ones_may_not() {
    // The first waker of a wait_for is still due when the wait has already taken the value and registered again.
    let waiting = trace().does(0, create_for(0, KEY), Ret::Done).calls(0, poll(0, 0)).enters(0, test(0));
    let waiting = waiting.leaves(0, Reply::Holds(false)).returns(0, Ret::Pending);
    let round = waiting.calls(1, wake(KEY, 5)).calls(0, poll(0, 1)).runs(0, value(5)).enters(0, test(0));
    let again = round.leaves(0, Reply::Holds(false)).returns(0, Ret::Pending).calls(2, wake(KEY, 6));
    let skipped = again.returns(1, Ret::Woke);
    skipped.clone().runs(2, waker(1)).returns(2, Ret::Woke).accepted();
    skipped.clone().returns(2, Ret::Woke).violates(&["WM-16"]);
    skipped.returns(2, Ret::Closed(ValueId(6))).violates(&["WM-16"]);
}
