//! Two values that belong together, each under a lock of its own: a reader between a writer's two stages sees the first new and
//! the second old, if no other writer has come through before.

use std::sync::Arc;

use raddle::platform::{Memory, Mutex, Threads};

use super::{Form, Racy, join_all, start};

struct Stages<P: Memory> {
    first_lock: P::Mutex<()>,
    /// Written under its lock, but read by the second stage without it.
    first: Racy<P>,
    second_lock: P::Mutex<()>,
    second: Racy<P>,
}

impl<P: Memory> Stages<P> {
    fn write(&self, form: Form) {
        let first_stage = self.first_lock.lock();
        self.first.set(1);
        // Repaired: the first lock is held until both values are written.
        let _first_stage = (form == Form::Repaired).then_some(first_stage);
        let _second_stage = self.second_lock.lock();
        self.second.set(self.first.get() + 1);
    }

    fn read(&self) {
        let first_stage = self.first_lock.lock();
        if self.first.get() == 0 {
            return;
        }
        let first = self.first.get();
        drop(first_stage);
        let second_stage = self.second_lock.lock();
        let second = self.second.get();
        drop(second_stage);
        assert_eq!(second, first + 1, "the second value is older than the first");
    }
}

pub(super) fn run<P: Threads>(writers: usize, form: Form) {
    let stages = Arc::new(Stages::<P> {
        first_lock: Mutex::new(()),
        first: Racy::new(0),
        second_lock: Mutex::new(()),
        second: Racy::new(0),
    });
    let start_writer = |_| {
        let stages = Arc::clone(&stages);
        start::<P>("writer", move || stages.write(form))
    };
    let mut threads: Vec<_> = (0..writers).map(start_writer).collect();
    threads.push(start::<P>("reader", move || stages.read()));
    join_all::<P>(threads);
}
