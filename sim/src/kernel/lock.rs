//! Mutexes and condition variables: who holds, who waits, who can go on.
//!
//! A mutex is a [gate](super::gate) with one side, which is open while nobody holds the mutex. A thread that waits for a
//! notification is in the list of the condition variable and cannot go on; the notification moves it to the side of the
//! mutex that it has to take again. So whoever frees a mutex enables those who wait for it, whoever takes it disables the
//! rest, and nobody ever tries in vain.

use crate::choice::Kind;

use super::core::{Core, Execution, NOBODY};
use super::gate::{Open, Side};
use super::object::ObjectSlot;
use super::operation::{Op, OpKind};

/// The side of those who take a mutex.
const TAKE: Side = Side::Left;

impl Core {
    #[inline]
    pub(crate) fn object(&mut self, index: u32) -> &mut ObjectSlot {
        &mut self.objects[index as usize]
    }

    #[inline]
    fn is_held(&self, mutex: u32) -> bool {
        self.objects[mutex as usize].holder != NOBODY
    }

    /// Gives the free mutex to the current thread.
    #[inline]
    fn grant(&mut self, mutex: u32) {
        debug_assert!(!self.is_held(mutex), "a mutex has one holder");
        self.object(mutex).holder = self.current;
        self.set_open(mutex, Open::NONE);
    }

    /// Takes the mutex from its holder and enables its queue.
    #[inline]
    fn free(&mut self, mutex: u32) {
        self.object(mutex).holder = NOBODY;
        self.set_open(mutex, Open::BOTH);
    }

    /// Moves `waiter` from the list of the condition variable to the side of its mutex.
    fn notify(&mut self, waiter: u32) {
        self.dequeue(waiter);
        self.take_back_limit(waiter);
        let mutex = self.slot(waiter).relock;
        self.pending[waiter as usize] = Op { kind: OpKind::Relock, target: mutex };
        self.enqueue(mutex, TAKE, waiter);
        if !self.is_held(mutex) {
            self.runnable.insert(waiter);
        }
    }
}

impl Execution {
    /// Takes the mutex; blocks while it is held.
    #[inline]
    pub(crate) fn lock(self, mutex: u32) {
        self.acquire(OpKind::Lock, mutex);
    }

    /// Takes the mutex by the operation `kind`; blocks while it is held.
    #[inline(always)]
    pub(crate) fn acquire(self, kind: OpKind, mutex: u32) {
        self.enter(kind, mutex, TAKE);
        self.with(|core| core.grant(mutex));
        self.record();
    }

    /// Takes the mutex if it is free.
    #[inline]
    pub(crate) fn try_lock(self, mutex: u32) -> bool {
        self.offer(OpKind::TryLock, mutex);
        let is_free = self.with(|core| {
            let is_free = !core.is_held(mutex);
            if is_free {
                core.grant(mutex);
            }
            is_free
        });
        self.record();
        is_free
    }

    /// Frees the mutex, which the current thread holds and has announced that it unlocks.
    #[inline]
    pub(crate) fn unlock(self, mutex: u32) {
        self.with(|core| core.free(mutex));
        self.record();
    }

    /// Frees the mutex, which the current thread holds and has announced that it waits with; blocks until notified, or for no reason, and
    /// takes the mutex again.
    pub(crate) fn wait(self, condvar: u32, mutex: u32) {
        self.begin_wait(mutex);
        if self.fault(Kind::Wakeup) {
            return self.acquire(OpKind::Relock, mutex);
        }
        self.with(|core| core.runnable.remove(core.current));
        let next = self.pick_other();
        self.switch_in_queue(condvar, Side::InOrder, next);
        self.finish_wait(mutex);
    }

    /// Frees the mutex, which the current thread holds and has announced that it waits with.
    pub(crate) fn begin_wait(self, mutex: u32) {
        self.with(|core| core.free(mutex));
        self.record();
        self.with(|core| core.current_slot().relock = mutex);
    }

    /// Takes the mutex again, which is free, after a notification.
    pub(crate) fn finish_wait(self, mutex: u32) {
        self.with(|core| {
            debug_assert_eq!(
                core.current_pending().kind,
                OpKind::Relock,
                "only a notification enables a waiter"
            );
            core.grant(mutex);
        });
        self.record();
    }

    /// Notifies one waiter, if there is one: which, is a choice.
    pub(crate) fn notify_one(self, condvar: u32) {
        self.offer(OpKind::NotifyOne, condvar);
        let (waiting, value) = self.with(|core| (core.object(condvar).length, core.value));
        let rank = if waiting > 1 { value(self, Kind::Waiter, waiting) } else { 0 };
        self.with(|core| match core.queued(condvar, rank) {
            NOBODY => {}
            waiter => core.notify(waiter),
        });
        self.record();
    }

    /// Notifies all waiters.
    pub(crate) fn notify_all(self, condvar: u32) {
        self.offer(OpKind::NotifyAll, condvar);
        self.with(|core| {
            loop {
                match core.queued(condvar, 0) {
                    NOBODY => break,
                    waiter => core.notify(waiter),
                }
            }
        });
        self.record();
    }
}
