//! Mutexes and condition variables: who holds, who waits, who can go on.
//!
//! A thread that waits is in the queue of one object, threaded through the slots. A thread whose next operation takes a
//! mutex is in the mutex's queue while it is suspended, and can go on while nobody holds the mutex. A thread that waits for a
//! notification is in the queue of the condition variable and cannot go on; the notification moves it to the queue of the
//! mutex that it has to take again. So whoever frees a mutex enables its queue, whoever takes it disables the rest, and
//! nobody ever tries in vain.

use crate::choice::Kind;

use super::core::{Core, Execution, NOBODY};
use super::object::ObjectSlot;
use super::operation::{Op, OpKind};
use super::step::Turn;

impl Core {
    #[inline]
    pub(crate) fn object(&mut self, index: u32) -> &mut ObjectSlot {
        &mut self.objects[index as usize]
    }

    #[inline]
    fn is_held(&self, mutex: u32) -> bool {
        self.objects[mutex as usize].holder != NOBODY
    }

    /// Puts `thread` at the end of the queue of `index`.
    pub(crate) fn enqueue(&mut self, index: u32, thread: u32) {
        let queue = self.object(index);
        let last = std::mem::replace(&mut queue.last, thread);
        queue.length += 1;
        if last == NOBODY {
            queue.first = thread;
        } else {
            self.slot(last).following = thread;
        }
        let slot = self.slot(thread);
        debug_assert_eq!(slot.queue, NOBODY, "a thread waits in one queue");
        slot.queue = index;
        slot.previous = last;
        slot.following = NOBODY;
    }

    /// Takes `thread` out of the queue that it is in, if it is in one.
    pub(crate) fn dequeue(&mut self, thread: u32) {
        let slot = self.slot(thread);
        let (index, previous, following) = (slot.queue, slot.previous, slot.following);
        if index == NOBODY {
            return;
        }
        slot.queue = NOBODY;
        self.object(index).length -= 1;
        if previous == NOBODY {
            self.object(index).first = following;
        } else {
            self.slot(previous).following = following;
        }
        if following == NOBODY {
            self.object(index).last = previous;
        } else {
            self.slot(following).previous = previous;
        }
    }

    /// The thread at place `rank` of the queue of `index`; nobody, if there are not so many.
    pub(crate) fn queued(&self, index: u32, rank: u32) -> u32 {
        let mut thread = self.objects[index as usize].first;
        for _ in 0..rank {
            if thread == NOBODY {
                break;
            }
            thread = self.slots[thread as usize].following;
        }
        thread
    }

    /// Enables or disables all threads in the queue of `mutex`.
    #[inline]
    fn set_runnable(&mut self, mutex: u32, can_go_on: bool) {
        let mut thread = self.object(mutex).first;
        while thread != NOBODY {
            if can_go_on {
                self.runnable.insert(thread);
            } else {
                self.runnable.remove(thread);
            }
            thread = self.slot(thread).following;
        }
    }

    /// Gives the free mutex to the current thread.
    #[inline]
    fn grant(&mut self, mutex: u32) {
        debug_assert!(!self.is_held(mutex), "a mutex has one holder");
        self.object(mutex).holder = self.current;
        self.set_runnable(mutex, false);
    }

    /// Takes the mutex from its holder and enables its queue.
    #[inline]
    fn free(&mut self, mutex: u32) {
        self.object(mutex).holder = NOBODY;
        self.set_runnable(mutex, true);
    }

    /// Moves `waiter` from the queue of the condition variable to that of its mutex.
    fn notify(&mut self, waiter: u32) {
        self.dequeue(waiter);
        self.take_back_limit(waiter);
        let mutex = self.slot(waiter).relock;
        self.pending[waiter as usize] = Op { kind: OpKind::Relock, target: mutex };
        self.enqueue(mutex, waiter);
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
        let (is_held, must_decide) = self.with(|core| {
            core.announce(kind, mutex);
            let is_held = core.is_held(mutex);
            (is_held, if is_held { None } else { core.must_decide(Turn::Kept) })
        });
        if is_held {
            self.wait_for_turn(mutex);
        } else if let Some(decide) = must_decide {
            let next = decide(self, Turn::Kept);
            if next != self.current() {
                self.switch_in_queue(mutex, next);
            }
        }
        self.with(|core| core.grant(mutex));
        self.record();
    }

    /// Blocks until it is this thread's turn to take the mutex, which is held.
    fn wait_for_turn(self, mutex: u32) {
        self.before_blocking();
        self.with(|core| core.runnable.remove(core.current));
        let next = self.pick_other();
        self.switch_in_queue(mutex, next);
    }

    pub(crate) fn switch_in_queue(self, index: u32, next: u32) {
        self.with(|core| core.enqueue(index, core.current));
        self.switch(next);
        self.with(|core| core.dequeue(core.current));
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
        self.switch_in_queue(condvar, next);
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
