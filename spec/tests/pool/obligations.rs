//! What the users of a pool owe, as far as a trace shows it, and traces that no execution can have.

use crate::support::*;
use raddle_spec::pool::{
    Cb, DROPS_DO_NOT_PANIC, DROPS_END, Down, OBLIGATIONS, Op, Reply, Ret, SENDERS_END_WITH_WORKERS, WorkerId,
};
use raddle_spec::{End, Obligation, Verdict};

#[track_caller]
fn breaks(trace: &Trace, obligation: &Obligation) {
    match trace.judged(End::Cut) {
        Verdict::Environment(fault) => {
            assert_eq!((fault.at, fault.obligation), (Some(trace.events.len() - 1), obligation));
        }
        verdict => panic!("{verdict}"),
    }
}

#[track_caller]
fn cannot_be(trace: &Trace, why: &str) {
    match trace.judged(End::Cut) {
        Verdict::Malformed { at, reason } => {
            assert_eq!(at, trace.events.len() - 1);
            assert!(reason.contains(why), "{reason}");
        }
        verdict => panic!("{verdict}"),
    }
}

#[test]
fn a_worker_that_ends_with_a_sender_left_is_at_fault() {
    let cloned = pool(1).hires(0).worker(0, clone_sender, Ret::Done).lets_go(0);
    breaks(&cloned.clone().leaves(strand(0), Reply::Done), &SENDERS_END_WITH_WORKERS);
    breaks(&cloned.clone().leaves(strand(0), Reply::Panicked), &SENDERS_END_WITH_WORKERS);
    cloned.worker(0, drop_sender, Ret::Done).leaves(strand(0), Reply::Panicked).accepted();
}

#[test]
fn a_receiver_may_outlive_its_worker() {
    let moved = pool(1).hires(0).worker(0, drop_sender, Ret::Done).leaves(strand(0), Reply::Done);
    let stopped = moved.owner(Op::StopAndJoin, values(&[]));
    stopped.does(7, recv_down(WorkerId(0)), Ret::Message(Down::Stop)).accepted();
}

#[test]
fn a_drop_that_panics_or_does_not_end_is_no_fault_of_the_pool() {
    let dropping = pool(1).hires(0).sends(0, 1).calls(OWNER, Op::DropPool).enters(OWNER, dropped(1));
    breaks(&dropping.clone().leaves(OWNER, Reply::Panicked), &DROPS_DO_NOT_PANIC);
    dropping.owes(OWNER, &DROPS_END);
    let closure = pool(1).calls(OWNER, execute(0)).enters(OWNER, Cb::DropClosure { worker: WorkerId(0) });
    breaks(&closure.leaves(OWNER, Reply::Panicked), &DROPS_DO_NOT_PANIC);
}

#[test]
fn what_no_execution_shows_is_a_fault_of_the_recorder() {
    let dropped_pool = pool(1).owner(Op::DropPool, Ret::Done);
    cannot_be(&dropped_pool.calls(OWNER, Op::Recv), "after its drop");
    cannot_be(&pool(1).calls(OWNER, Op::Recv).calls(5, Op::Count), "by two calls at once");
    cannot_be(&pool(1).calls(OWNER, next(0)), "an iterator of stop");
    let stopped = pool(1).owner(stop(0), Ret::Done);
    cannot_be(&stopped.clone().calls(OWNER, stop(0)), "a stop has the id");
    let waits = pool(1).hires(0).owner(stop(0), Ret::Done).calls(OWNER, next(0));
    cannot_be(&waits.calls(5, drop_stop(0)), "by two calls at once");
    cannot_be(&stopped.owner(drop_stop(0), Ret::Done).calls(OWNER, next(0)), "an iterator of stop");
    cannot_be(&pool(1).hires(0).calls(OWNER, execute(0)), "a worker has the id");
    let too_many = Op::ExecuteMany { first: WorkerId(0), count: 1_000_000 };
    cannot_be(&pool(1).calls(OWNER, too_many), "more than 256 workers");
    cannot_be(
        &pool(1).owner(burst(0), Ret::Done).calls(OWNER, next_of_burst(1)),
        "an iterator of recv_burst",
    );
    let over = pool(1).owner(burst(0), Ret::Done).owner(Op::Count, Ret::Count(0));
    cannot_be(&over.calls(OWNER, next_of_burst(0)), "an iterator of recv_burst");
    cannot_be(&pool(1).calls(3, send(0, 1)), "a sender of a worker");
    let gone = pool(1).hires(0).worker(0, drop_sender, Ret::Done);
    cannot_be(&gone.calls(strand(0), try_send(0, 1)), "a sender of a worker");
    let full = pool(1).hires(0).sends(0, 1).calls(strand(0), send(0, 2));
    cannot_be(&full.calls(5, try_send(0, 3)), "by two calls at once");
    let deaf = pool(1).hires(0).worker(0, drop_receiver, Ret::Done);
    cannot_be(&deaf.calls(strand(0), try_recv_down(WorkerId(0))), "a handle of a worker");
    cannot_be(&pool(1).hires(0).calls(OWNER, send_down(0, Down::Pause)), "a handle of a worker");
    cannot_be(&pool(1).leaves(3, Reply::Done), "that was not entered");
}

/// A trace may say anything. Whatever is made of it, nothing breaks.
#[test]
fn handles_that_are_dropped_twice_at_once_break_nothing() {
    let sender =
        pool(1).hires(0).calls(strand(0), drop_sender(WorkerId(0))).calls(5, drop_sender(WorkerId(0)));
    sender.returns(strand(0), Ret::Done).returns(5, Ret::Done).accepted_so_far();
    let receiver =
        pool(1).hires(0).calls(strand(0), drop_receiver(WorkerId(0))).calls(5, drop_receiver(WorkerId(0)));
    receiver.returns(strand(0), Ret::Done).returns(5, Ret::Done).accepted_so_far();
    let down = pool(1).hires(0).owner(get(0), Ret::SenderTo(WorkerId(0)));
    let down = down.calls(4, drop_down_sender(0)).calls(5, drop_down_sender(0));
    down.returns(4, Ret::Done).returns(5, Ret::Done).accepted_so_far();
}

#[test]
fn obligations_are_numbered_without_gaps_and_say_one_sentence_each() {
    for (index, obligation) in OBLIGATIONS.iter().enumerate() {
        assert_eq!(obligation.id, format!("PL-O{}", index + 1));
        assert!(obligation.sentence.ends_with('.'), "{obligation}");
        assert!(!obligation.sentence.contains("  "), "{obligation}");
    }
}
