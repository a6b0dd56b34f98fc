//! Executions that came to a halt: what waits must be excused, what is owed is named.

use crate::support::*;
use raddle_spec::waitmap::{Op, Ret};
use raddle_spec::{Actor, End, Verdict};

#[test]
fn a_task_whose_wait_nobody_wakes_may_sleep() {
    trace().registers(0, 0, KEY).calls(0, sleep(0)).accepted();
}

#[test]
fn an_invocation_before_the_sleep_counts() {
    let notified = trace().registers(0, 0, KEY).wakes(1, KEY, 5, 0).calls(0, sleep(0));
    notified.clone().returns(0, Ret::Done).does(0, poll(0, 0), got(5)).accepted();
    notified.clone().stuck(&["WM-30"]);
    notified.returns(0, Ret::Done).calls(0, sleep(0)).accepted();
}

#[test]
fn a_wake_that_never_invokes_the_waker_is_a_lost_wakeup() {
    trace().registers(0, 0, KEY).calls(0, sleep(0)).calls(1, wake(KEY, 5)).stuck(&["WM-16"]);
}

#[test]
fn a_call_that_never_returns_is_owed_by_the_rule_of_its_return() {
    trace().calls(0, Op::Close).stuck(&["WM-17"]);
    trace().calls(0, wake(KEY, 5)).stuck(&["WM-14"]);
    trace().calls(0, Op::IsClosed).stuck(&["WM-29"]);
    trace().does(0, create(0, KEY), Ret::Done).calls(0, poll(0, 0)).stuck(&["WM-2"]);
}

#[test]
fn a_close_that_hangs_between_its_wakers_owes_the_next_one() {
    let two = trace().registers(0, 0, KEY).registers(1, 1, OTHER_KEY).calls(0, sleep(0)).calls(1, sleep(1));
    let hung = two.calls(2, Op::Close).runs(2, waker(0)).returns(0, Ret::Done);
    hung.stuck(&["WM-18"]);
}

#[test]
fn everybody_who_owes_is_named() {
    match trace().calls(0, Op::Close).calls(1, Op::IsClosed).judged(End::Rest) {
        Verdict::Stuck(stuck) => {
            for candidate in &stuck.candidates {
                let owing: Vec<Actor> = candidate.owed.iter().map(|open| open.actor).collect();
                assert_eq!(owing, [Actor(0), Actor(1)], "{stuck}");
            }
            assert_eq!(stuck.candidates.len(), 2, "is_closed is owed as true or as false: {stuck}");
        }
        verdict => panic!("{verdict}"),
    }
}

#[test]
fn one_invocation_lets_one_of_two_sleeps_of_a_task_go_on() {
    let two = trace().registers(0, 0, KEY).calls(0, sleep(0)).calls(1, sleep(0)).wakes(2, KEY, 5, 0);
    two.clone().returns(1, Ret::Done).accepted();
    two.clone().returns(0, Ret::Done).returns(1, Ret::Done).violates(&["WM-31"]);
    two.stuck(&["WM-30"]);
}

#[test]
fn an_invocation_between_the_end_of_a_sleep_and_its_return_may_count_for_the_next_one() {
    let woken = trace().registers(0, 0, KEY).registers(0, 1, OTHER_KEY).does(0, poll(1, 0), Ret::Pending);
    let twice = woken.calls(0, sleep(0)).wakes(1, KEY, 5, 0).wakes(1, OTHER_KEY, 6, 0).returns(0, Ret::Done);
    twice.clone().does(0, sleep(0), Ret::Done).accepted();
    twice.calls(0, sleep(0)).accepted();
}

#[test]
fn nothing_is_concluded_from_what_is_missing_in_a_cut_trace() {
    for cut in [trace().calls(0, Op::Close), trace().registers(0, 0, KEY).calls(1, wake(KEY, 5))] {
        assert!(cut.judged(End::Cut).is_accepted());
    }
}

#[test]
fn what_is_wrong_in_the_middle_is_reported_there_and_not_as_a_halt() {
    let wrong = trace().does(0, wake(KEY, 5), Ret::Woke).calls(1, Op::Close);
    assert_eq!(wrong.judged(End::Rest).at(), Some(1));
}
