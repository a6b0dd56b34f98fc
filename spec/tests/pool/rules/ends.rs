//! The rules of the ends of generations: stops, and drops.

use super::{Case, case, due};
use crate::support::*;
use raddle_spec::pool::{Down, Op, Ret, WorkerId};

pub(super) fn stopping() -> Vec<Case> {
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

pub(super) fn drops() -> Vec<Case> {
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
