//! Environments of a WaitMap.

use raddle_spec::waitmap::{Key, Op, Reply, TaskId, ValueId, WaitId, WaitMap, spec};

use crate::environment::{Caller, Environment, Place};

const KEY: Key = Key(0);

fn environment(name: &'static str, callers: Vec<Caller<Op>>) -> Environment<WaitMap> {
    let replies = vec![Reply::Done, Reply::Holds(true), Reply::Holds(false), Reply::Panicked];
    Environment { name, spec: spec(), callers, replies, is_in_order: |_, state| state.invalid().is_none() }
}

fn caller(calls: &[Op], times: u8, place: Place) -> Caller<Op> {
    Caller { calls: calls.to_vec(), times, place }
}

pub fn environments() -> Vec<Environment<WaitMap>> {
    let (wait, task) = (WaitId(0), TaskId(0));
    let plain = [
        Op::Wait { wait, key: KEY },
        Op::Subscribe { wait, task },
        Op::Poll { wait, task },
        Op::Drop { wait },
        Op::Sleep { task },
    ];
    let (rival, rival_task) = (WaitId(1), TaskId(1));
    let looping = [
        Op::WaitFor { wait: rival, key: KEY },
        Op::Poll { wait: rival, task: rival_task },
        Op::Drop { wait: rival },
    ];
    let wakes = [Op::Wake { key: KEY, value: ValueId(0) }, Op::Close, Op::IsClosed];
    let close = || caller(&[Op::Close], 1, Place::Outside);
    let nested = [&plain[2..4], &wakes[..]].concat();
    vec![
        environment(
            "waitmap, three strands",
            vec![
                caller(&plain, 4, Place::Outside),
                caller(&looping, 3, Place::Outside),
                caller(&wakes, 2, Place::Outside),
            ],
        ),
        environment(
            "waitmap, three closers",
            vec![caller(&plain, 3, Place::Outside), close(), close(), close()],
        ),
        environment(
            "waitmap, nested calls",
            vec![
                caller(&[Op::Wait { wait, key: KEY }], 1, Place::Outside),
                caller(&nested, 5, Place::Anywhere),
            ],
        ),
    ]
}
