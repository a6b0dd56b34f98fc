//! Who may wait at rest, who must not, and who is to blame.

use crate::support::*;
use raddle_spec::pool::{
    Down, MESSAGES_ARE_DONE, Op, RECV_HAS_A_SENDER, Reply, Ret, STOPS_ARE_ITERATED, TOLD_WORKERS_END,
    WORKERS_READ, WorkerId,
};
use raddle_spec::{End, Verdict};

#[test]
fn recv_waits_for_a_worker_that_has_a_sender() {
    let waits = pool(1).hires(0).calls(OWNER, Op::Recv);
    waits.accepted();
    // The worker may go on for ever, as long as nobody waits for its end.
    pool(1).hires(0).accepted();
    waits.sends(0, 7).stuck(&["PL-15"]);
}

#[test]
fn recv_without_a_sender_is_a_deadlock_of_its_caller() {
    pool(1).calls(OWNER, Op::Recv).owes(OWNER, &RECV_HAS_A_SENDER);
    pool(1).hires(0).calls(OWNER, Op::Recv).ends(0).owes(OWNER, &RECV_HAS_A_SENDER);
}

#[test]
fn a_full_channel_excuses_send_until_it_is_closed() {
    let full = pool(1).hires(0).sends(0, 1).calls(strand(0), send(0, 2));
    full.accepted();
    full.clone().owner(Op::Recv, got(1)).stuck(&["PL-8"]);
    full.calls(OWNER, Op::DropPool).runs(OWNER, dropped(1)).returns(OWNER, Ret::Done).stuck(&["PL-10"]);
}

#[test]
fn with_capacity_0_send_waits_for_a_receive() {
    let offers = pool(0).hires(0).calls(strand(0), send(0, 1));
    offers.accepted();
    offers.clone().calls(OWNER, Op::Recv).returns(OWNER, got(1)).stuck(&["PL-13"]);
    offers.calls(OWNER, Op::Recv).stuck(&["PL-15", "PL-13"]);
}

#[test]
fn who_waits_for_a_stop_names_the_worker_that_does_not_end() {
    let at_work = pool(1).hires(0).hires(1).calls(OWNER, Op::StopAndJoin);
    at_work.owes(strand(0), &WORKERS_READ);
    let first_ends = at_work.clone().hears(0, Down::Stop).ends(0);
    first_ends.owes(strand(1), &WORKERS_READ);
    first_ends.hears(1, Down::Stop).owes(strand(1), &TOLD_WORKERS_END);
    // Stop is there for whoever receives.
    let receives = at_work.hears(0, Down::Stop).calls(strand(1), recv_down(WorkerId(1)));
    receives.stuck(&["PL-36"]);
}

#[test]
fn a_worker_that_hangs_at_a_message_is_named() {
    let at_message = pool(1).hires(0).owner(broadcast(Down::Pause), Ret::Done).hears(0, Down::Pause);
    at_message.accepted();
    at_message.clone().calls(OWNER, Op::StopAndJoin).owes(strand(0), &MESSAGES_ARE_DONE);
    let went_on = at_message.worker(0, try_recv_down, Ret::Empty);
    went_on.calls(OWNER, Op::StopAndJoin).owes(strand(0), &WORKERS_READ);
}

#[test]
fn a_told_worker_that_receives_again_waits_in_vain_as_long_as_somebody_has_a_sender_to_it() {
    let stopped = pool(1).hires(0).owner(get(0), Ret::SenderTo(WorkerId(0)));
    let stopped = stopped.calls(OWNER, Op::StopAndJoin).hears(0, Down::Stop);
    let again = stopped.calls(strand(0), recv_down(WorkerId(0)));
    again.owes(strand(0), &TOLD_WORKERS_END);
    let released = again.does(5, drop_down_sender(0), Ret::Done);
    released.stuck(&["PL-39"]);
}

#[test]
fn an_iterator_that_nobody_calls_leaves_senders_waiting() {
    let left = pool(1).hires(0).sends(0, 1).calls(strand(0), send(0, 2)).owner(stop(0), Ret::Done);
    left.owes(OWNER, &STOPS_ARE_ITERATED);
    left.clone().owner(next(0), got(1)).stuck(&["PL-8"]);
    let dropped_early = left.calls(OWNER, drop_stop(0)).runs(OWNER, dropped(1)).returns(OWNER, Ret::Done);
    dropped_early.stuck(&["PL-10"]);
    dropped_early.returns(strand(0), refused(2)).accepted();
}

#[test]
fn a_thread_that_does_not_start_is_missed() {
    pool(1).owner(execute(0), Ret::Done).stuck(&["PL-3"]);
}

#[test]
fn the_verdict_names_worker_and_obligation() {
    let verdict = pool(1).hires(0).calls(OWNER, Op::StopAndJoin).judged(End::Rest);
    assert_eq!(
        verdict.to_string(),
        "environment fault at rest: actor 10, the closure of worker 0, still owes PL-O1: A worker that is not told and \
         not at a message receives again and again, or ends."
    );
    let leaks = pool(1).hires(3).leaves(strand(3), Reply::Done).judged(End::Cut);
    assert!(matches!(leaks, Verdict::Environment(_)));
    assert_eq!(
        leaks.to_string(),
        "environment fault at event 3: actor 13, the closure of worker 3, broke PL-O5: Every sender of a worker is \
         dropped before its closure is left."
    );
}
