//! From the log of an execution to happens-before.
//!
//! | steps | dependent on |
//! |---|---|
//! | load | stores and modifications of the same atomic |
//! | store, modification, count | everything on the same object |
//! | lock, relock, unlock, a `try_lock` that succeeds | everything on the same mutex |
//! | a `try_lock` that fails | what takes or frees the mutex, but no other failed one |
//! | wait | everything on the mutex that it frees, and on the condition variable |
//! | notify | everything on the condition variable; a relock comes after the first that can have caused it |
//! | start | its spawn |
//! | join | the exit |
//! | `is_finished` | the exit and what is not `is_finished` |
//! | park | the unparks of its thread, which do not depend on each other |
//! | a time limit that begins or ends, a reading of the clock | each other, and the queue or the unparks that it is about |
//! | everything on a readers-writer lock, barrier, channel, initialisation or future | everything on the same object |
//! | yield, spin, point | nothing |
//!
//! A compare-and-exchange that fails counts as a modification, since the log does not tell, and two readers of one lock are
//! taken to depend on each other. So executions may count as different that no thread can tell apart.

use super::clock::VectorClock;
use crate::kernel::{OpKind, StepRecord};

/// Goes through a log step by step, and knows what happened before. Made once, it can go through any number of logs.
#[derive(Debug, Default)]
pub struct HappensBefore {
    threads: Vec<Thread>,
    objects: Vec<Object>,
    /// What was done to the clock.
    time: Accesses,
    /// How many of them the log at hand has shown: the others are left from earlier ones, for their memory.
    threads_seen: usize,
    objects_seen: usize,
}

/// A thread, and what others do to it.
#[derive(Debug, Default)]
struct Thread {
    clock: VectorClock,
    life: Accesses,
    token: Accesses,
    /// The mutexes that it holds, in the order in which it took them.
    held: Vec<u32>,
    /// The condition variable at which it waits, and how many notifications that had seen when the wait began.
    waits: Option<(u32, usize)>,
}

#[derive(Debug, Default)]
struct Object {
    accesses: Accesses,
    /// Of a mutex.
    is_held: bool,
    /// Of a condition variable: the clocks of all notifications.
    notifications: Vec<VectorClock>,
}

/// What has been done to one thing.
#[derive(Debug, Default)]
struct Accesses {
    /// Everything before and with the last write.
    written: VectorClock,
    /// The same of all reads.
    read: VectorClock,
}

impl Accesses {
    fn clear(&mut self) {
        self.written.clear();
        self.read.clear();
    }

    /// What an access comes after.
    fn order(&self, clock: &mut VectorClock, access: Access) {
        clock.join(&self.written);
        if access == Access::Write {
            clock.join(&self.read);
        }
    }

    /// The access was made, with this clock.
    fn note(&mut self, clock: &VectorClock, access: Access) {
        match access {
            Access::Read => self.read.join(clock),
            Access::Write => self.written.copy_from(clock),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// What an access is made to.
#[derive(Clone, Copy)]
enum Thing {
    Object(u32),
    Life(u32),
    Token(u32),
    Clock,
}

impl HappensBefore {
    /// Nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        HappensBefore::default()
    }

    /// The clocks of all steps of a log: for each, what happened before it on every thread, and the step itself.
    #[must_use]
    pub fn clocks(log: &[StepRecord]) -> Vec<VectorClock> {
        let mut clocks = Vec::with_capacity(log.len());
        HappensBefore::new().walk(log, |_, clock| clocks.push(clock.clone()));
        clocks
    }

    /// Goes through a log, and shows each step with its clock.
    pub fn walk(&mut self, log: &[StepRecord], mut show: impl FnMut(&StepRecord, &VectorClock)) {
        self.threads_seen = 0;
        self.objects_seen = 0;
        self.time.clear();
        for (at, step) in log.iter().enumerate() {
            self.thread(step.thread);
            let mut clock = std::mem::take(&mut self.thread(step.thread).clock);
            self.step(step, &log[at + 1..], &mut clock);
            show(step, &clock);
            self.thread(step.thread).clock = clock;
        }
    }

    fn step(&mut self, step: &StepRecord, later: &[StepRecord], clock: &mut VectorClock) {
        let (thread, target) = (step.thread, step.op.target);
        let object = Thing::Object(target);
        match step.op.kind {
            OpKind::Load => self.access(thread, clock, &[(object, Access::Read)]),
            OpKind::Store
            | OpKind::Modify
            | OpKind::Count
            | OpKind::Read
            | OpKind::TryRead
            | OpKind::Write
            | OpKind::TryWrite
            | OpKind::Downgrade
            | OpKind::Arrive
            | OpKind::Pass
            | OpKind::Send
            | OpKind::TrySend
            | OpKind::HandOver
            | OpKind::Receive
            | OpKind::TryReceive
            | OpKind::Disconnect
            | OpKind::Initialize
            | OpKind::Initialized
            | OpKind::Await
            | OpKind::Wake => self.access(thread, clock, &[(object, Access::Write)]),
            OpKind::Now | OpKind::Sleep => self.access(thread, clock, &[(Thing::Clock, Access::Write)]),
            OpKind::ParkTimeout | OpKind::Elapse => {
                let token = (Thing::Token(thread), Access::Write);
                self.access(thread, clock, &[token, (Thing::Clock, Access::Write)]);
            }
            OpKind::Timeout => {
                self.thread(thread).waits = None;
                self.access(thread, clock, &[(object, Access::Write), (Thing::Clock, Access::Write)]);
            }
            OpKind::NotifyOne | OpKind::NotifyAll => {
                self.access(thread, clock, &[(object, Access::Write)]);
                self.object(target).notifications.push(clock.clone());
            }
            OpKind::Lock => self.take(thread, target, clock),
            OpKind::TryLock if self.object(target).is_held => {
                self.access(thread, clock, &[(object, Access::Read)]);
            }
            OpKind::TryLock => self.take(thread, target, clock),
            OpKind::Unlock => self.free(thread, target, clock, &[]),
            OpKind::Wait => self.wait(thread, target, later, clock),
            OpKind::Relock => {
                if let Some((condvar, seen)) = self.thread(thread).waits.take()
                    && let Some(cause) = self.object(condvar).notifications.get(seen)
                {
                    clock.join(cause);
                }
                self.take(thread, target, clock);
            }
            OpKind::Spawn => {
                clock.tick(thread as usize);
                self.thread(target).clock.copy_from(clock);
            }
            OpKind::Exit => self.access(thread, clock, &[(Thing::Life(thread), Access::Write)]),
            OpKind::Join | OpKind::IsFinished => {
                self.access(thread, clock, &[(Thing::Life(target), Access::Read)]);
            }
            OpKind::Park => self.access(thread, clock, &[(Thing::Token(thread), Access::Write)]),
            OpKind::Unpark => self.access(thread, clock, &[(Thing::Token(target), Access::Read)]),
            OpKind::Start | OpKind::FailedSpawn | OpKind::Yield | OpKind::Spin | OpKind::Point => {
                self.access(thread, clock, &[])
            }
        }
    }

    /// The step comes after what it depends on, and is from then on what others come after.
    fn access(&mut self, thread: u32, clock: &mut VectorClock, accesses: &[(Thing, Access)]) {
        for (thing, access) in accesses {
            self.accesses(*thing).order(clock, *access);
        }
        clock.tick(thread as usize);
        for (thing, access) in accesses {
            self.accesses(*thing).note(clock, *access);
        }
    }

    fn take(&mut self, thread: u32, mutex: u32, clock: &mut VectorClock) {
        self.access(thread, clock, &[(Thing::Object(mutex), Access::Write)]);
        self.object(mutex).is_held = true;
        self.thread(thread).held.push(mutex);
    }

    fn free(&mut self, thread: u32, mutex: u32, clock: &mut VectorClock, also: &[(Thing, Access)]) {
        let accesses = [&[(Thing::Object(mutex), Access::Write)], also].concat();
        self.access(thread, clock, &accesses);
        self.object(mutex).is_held = false;
        self.thread(thread).held.retain(|held| *held != mutex);
    }

    fn wait(&mut self, thread: u32, condvar: u32, later: &[StepRecord], clock: &mut VectorClock) {
        let seen = self.object(condvar).notifications.len();
        self.thread(thread).waits = Some((condvar, seen));
        // The wait may have a time limit, which begins now.
        let also = [(Thing::Object(condvar), Access::Write), (Thing::Clock, Access::Read)];
        // The log does not tell which mutex. A thread that waits takes it again before it does anything else; if it never
        // does, it is most likely the one that it took last.
        let is_relock = |step: &&StepRecord| step.thread == thread && step.op.kind == OpKind::Relock;
        let relock = later.iter().find(is_relock).map(|step| step.op.target);
        match relock.or_else(|| self.thread(thread).held.last().copied()) {
            Some(mutex) => self.free(thread, mutex, clock, &also),
            None => self.access(thread, clock, &also),
        }
    }

    fn accesses(&mut self, thing: Thing) -> &mut Accesses {
        match thing {
            Thing::Object(object) => &mut self.object(object).accesses,
            Thing::Life(thread) => &mut self.thread(thread).life,
            Thing::Token(thread) => &mut self.thread(thread).token,
            Thing::Clock => &mut self.time,
        }
    }

    fn thread(&mut self, number: u32) -> &mut Thread {
        let number = number as usize;
        while self.threads_seen <= number {
            if self.threads_seen == self.threads.len() {
                self.threads.push(Thread::default());
            }
            let Thread { clock, life, token, held, waits } = &mut self.threads[self.threads_seen];
            clock.clear();
            life.clear();
            token.clear();
            held.clear();
            *waits = None;
            self.threads_seen += 1;
        }
        &mut self.threads[number]
    }

    fn object(&mut self, number: u32) -> &mut Object {
        let number = number as usize;
        while self.objects_seen <= number {
            if self.objects_seen == self.objects.len() {
                self.objects.push(Object::default());
            }
            let Object { accesses, is_held, notifications } = &mut self.objects[self.objects_seen];
            accesses.clear();
            notifications.clear();
            *is_held = false;
            self.objects_seen += 1;
        }
        &mut self.objects[number]
    }
}
