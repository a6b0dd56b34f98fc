//! Environments of a worker pool: an owner, and workers who do whatever they can inside of their closures.

use raddle_spec::Lifted;
use raddle_spec::pool::{BurstId, Down, Op, Pool, Reply, StopId, ValueId, WorkerId};

use crate::environment::{Caller, Environment, Place};

/// What a worker may call, and how often in all.
type Work = (fn(WorkerId) -> Vec<Op>, u8);

/// The owner is actor 0, and workers are the next ones.
fn environment(
    name: &'static str,
    capacity: u32,
    (owner, times): (Vec<Op>, u8),
    workers: &[Work],
) -> Environment<Pool> {
    let spec = Lifted(Pool { strands_from: 1, ..Pool::new(capacity) });
    let owner = Caller { calls: owner, times, place: Place::Outside };
    let inside = |(&(calls, times), number): (&Work, u32)| Caller {
        calls: calls(WorkerId(number)),
        times,
        place: Place::Inside,
    };
    Environment {
        name,
        spec,
        callers: [owner].into_iter().chain(workers.iter().zip(0..).map(inside)).collect(),
        replies: vec![Reply::Done, Reply::Panicked],
        is_in_order: |pool, state| state.invalid(pool.capacity).is_none(),
    }
}

/// Values are told apart by their senders alone: each sends the same one again.
fn sends(worker: WorkerId) -> Vec<Op> {
    let value = ValueId(worker.0);
    vec![
        Op::Send { worker, value },
        Op::TrySend { worker, value },
        Op::DropSender { worker },
        Op::DropReceiver { worker },
    ]
}

fn listens(worker: WorkerId) -> Vec<Op> {
    vec![
        Op::Send { worker, value: ValueId(worker.0) },
        Op::RecvDown { worker },
        Op::TryRecvDown { worker },
        Op::CloneSender { worker },
        Op::DropSender { worker },
        Op::DropReceiver { worker },
    ]
}

pub fn environments() -> Vec<Environment<Pool>> {
    let (burst, stop) = (BurstId(0), StopId(0));
    let execute = |worker| Op::TryExecute { worker: WorkerId(worker) };
    let receives = [
        execute(0),
        execute(1),
        Op::Burst { burst },
        Op::NextOfBurst { burst },
        Op::Recv,
        Op::StopAndJoin,
        Op::DropPool,
    ];
    let stops = [
        execute(0),
        Op::Broadcast { message: Down::Pause },
        Op::Stop { stop },
        Op::NextOfStop { stop },
        Op::DropStop { stop },
        Op::TryStopAndJoin,
        Op::DropPool,
    ];
    vec![
        environment("pool, two senders meet", 0, (receives.to_vec(), 4), &[(sends, 2), (sends, 1)]),
        environment("pool, two senders and room", 1, (receives.to_vec(), 4), &[(sends, 2), (sends, 1)]),
        environment("pool, stops", 1, (stops.to_vec(), 4), &[(listens, 3)]),
    ]
}
