//! The rules of workers, and of what goes down to them.

use super::{Case, case, due};
use crate::support::*;
use raddle_spec::pool::{Cb, Down, NoteId, Op, Reply, Ret, WorkerId};

pub(super) fn workers() -> Vec<Case> {
    let many = Op::ExecuteMany { first: WorkerId(0), count: 2 };
    let failed = pool(1).owner(execute(0), Ret::Failed);
    let stopping = pool(1).hires(0).calls(OWNER, Op::StopAndJoin).hears(0, Down::Stop).lets_go(0);
    vec![
        case(
            "PL-1",
            &["PL-33"],
            pool(1)
                .hires(9)
                .owner(many, Ret::Done)
                .starts(1)
                .starts(0)
                .owner(get(1), Ret::SenderTo(WorkerId(0))),
            pool(1)
                .hires(9)
                .owner(many, Ret::Done)
                .starts(1)
                .starts(0)
                .owner(get(0), Ret::SenderTo(WorkerId(0))),
        ),
        due("PL-2", &["PL-3"], failed.clone(), pool(1).hires(0).owner(execute(1), Ret::Done)),
        case(
            "PL-2",
            &["PL-33"],
            pool(1).hires(0).owner(execute(1), Ret::Failed).hires(2).owner(Op::Count, Ret::Count(2)),
            failed.owner(Op::Count, Ret::Count(1)),
        ),
        due(
            "PL-3",
            &["PL-3"],
            pool(1).owner(execute(0), Ret::Done).starts(0),
            pool(1).owner(execute(0), Ret::Done),
        ),
        case("PL-3", &[], pool(1).hires(0), pool(1).hires(0).enters(11, work(0))),
        case(
            "PL-4",
            &["PL-26"],
            stopping.clone().leaves(strand(0), Reply::Done).returns(OWNER, values(&[])),
            stopping.leaves(strand(0), Reply::Done).returns(OWNER, panic_of(0)),
        ),
        case(
            "PL-5",
            &["PL-36"],
            pool(1)
                .hires(0)
                .calls(OWNER, broadcast(note(4)))
                .runs(OWNER, Cb::DropNote { note: NoteId(4) })
                .returns(OWNER, Ret::Done)
                .calls(OWNER, execute(1))
                .runs(OWNER, Cb::DropClosure { worker: WorkerId(1) })
                .returns(OWNER, Ret::Failed),
            pool(1)
                .hires(0)
                .owner(broadcast(Down::Pause), Ret::Done)
                .calls(strand(0), recv_down(WorkerId(0)))
                .enters(strand(0), Cb::DropClosure { worker: WorkerId(0) }),
        ),
    ]
}

pub(super) fn down() -> Vec<Case> {
    let three = pool(1).hires(0).hires(1).hires(2);
    let all_know = three.clone().owner(broadcast(note(1)), Ret::Done);
    let deaf = pool(1).hires(0).worker(0, drop_receiver, Ret::Done);
    let kept = pool(1).hires(0).owner(get(0), Ret::SenderTo(WorkerId(0)));
    let outlives = kept.clone().owner(Op::DropPool, Ret::Done);
    let waits = pool(1).hires(0).calls(strand(0), recv_down(WorkerId(0)));
    vec![
        case(
            "PL-31",
            &["PL-36"],
            all_know.clone().hears(1, note(1)).hears(2, note(1)).hears(0, note(1)),
            all_know.worker(2, try_recv_down, Ret::Empty),
        ),
        case(
            "PL-32",
            &["PL-37"],
            three.clone().owner(broadcast_one(note(1)), Ret::Sent).hears(1, note(1)),
            three.owner(broadcast_one(note(1)), Ret::Sent).worker(0, try_recv_down, Ret::Message(note(1))),
        ),
        case("PL-33", &["PL-33"], kept.clone(), pool(1).hires(0).owner(get(0), Ret::Nobody)),
        due(
            "PL-34",
            &["PL-36"],
            outlives.clone().does(5, send_down(0, note(2)), Ret::Sent).hears(0, note(2)),
            outlives
                .clone()
                .does(5, send_down(0, note(2)), Ret::Sent)
                .calls(strand(0), recv_down(WorkerId(0))),
        ),
        case(
            "PL-35",
            &["PL-35"],
            deaf.clone().owner(broadcast_one(Down::Pause), Ret::RefusedDown(Down::Pause)),
            deaf.clone().owner(broadcast_one(Down::Pause), Ret::Sent),
        ),
        case(
            "PL-35",
            &["PL-35"],
            pool(1).owner(broadcast_one(Down::Pause), Ret::RefusedDown(Down::Pause)),
            pool(1).owner(broadcast_one(Down::Pause), Ret::Sent),
        ),
        case(
            "PL-36",
            &["PL-36"],
            kept.clone()
                .owner(broadcast(note(1)), Ret::Done)
                .does(5, send_down(0, note(2)), Ret::Sent)
                .hears(0, note(1)),
            kept.owner(broadcast(note(1)), Ret::Done)
                .does(5, send_down(0, note(2)), Ret::Sent)
                .hears(0, note(2)),
        ),
        case(
            "PL-37",
            &["PL-37"],
            pool(1).hires(0).worker(0, try_recv_down, Ret::Empty),
            pool(1).hires(0).worker(0, try_recv_down, Ret::Disconnected),
        ),
        case("PL-38", &["PL-38"], waits.clone(), waits.returns(strand(0), Ret::Disconnected)),
        due(
            "PL-39",
            &["PL-39"],
            outlives.clone().does(5, drop_down_sender(0), Ret::Done).worker(0, recv_down, Ret::Disconnected),
            outlives.does(5, drop_down_sender(0), Ret::Done).calls(strand(0), recv_down(WorkerId(0))),
        ),
        due(
            "PL-40",
            &["PL-40"],
            pool(1).hires(0).worker(0, clone_sender, Ret::Done).worker(0, drop_sender, Ret::Done).sends(0, 1),
            pool(1).hires(0).calls(strand(0), clone_sender(WorkerId(0))),
        ),
    ]
}
