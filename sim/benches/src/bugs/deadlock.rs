//! Two threads take the same two locks in opposite orders.

use std::sync::Arc;

use raddle::platform::{Memory, Mutex, Threads};

use super::{Form, Racy, join_all, start};

struct Shared<P: Memory> {
    locks: [P::Mutex<()>; 2],
    counter: Racy<P>,
}

pub(super) fn run<P: Threads>(form: Form) {
    let shared = Arc::new(Shared::<P> { locks: [Mutex::new(()), Mutex::new(())], counter: Racy::new(1) });
    let start_one = |first: usize, second: usize| {
        let shared = Arc::clone(&shared);
        start::<P>("taker", move || {
            let _outer = shared.locks[first].lock();
            let _inner = shared.locks[second].lock();
            shared.counter.set(shared.counter.get() + 1);
        })
    };
    let forward = start_one(0, 1);
    let other = if form == Form::Buggy { start_one(1, 0) } else { start_one(0, 1) };
    join_all::<P>([forward, other]);
}
