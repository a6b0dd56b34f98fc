//! Objects with up to two kinds of waiting operations, each of which is possible or not: a channel that has room and
//! something in it, a lock that can be read and written.
//!
//! Such an object has two *sides*, each open or closed. A thread whose next operation is on a side is in the object's queue
//! while it is suspended, and can go on while that side is open. Whoever changes the object says which sides are open from
//! then on. Nobody tries in vain, and nobody is woken to find that he cannot go on.
//!
//! A thread can also wait to be *released*, whatever is open: until the barrier is full, or until its own message is taken.

use std::time::Duration;

use super::core::{Core, Execution, NOBODY};
use super::operation::OpKind;
use super::step::Turn;

/// Where a thread in the queue of an object waits.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The side of those who send, or read.
    Left,
    /// The side of those who receive, or write.
    Right,
    /// On neither: until it is released.
    Released,
    /// In the list of those that are picked one by one; see [`queue`](super::queue).
    InOrder,
}

/// The sides that are open.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) left: bool,
    pub(crate) right: bool,
}

impl Open {
    pub(crate) const BOTH: Open = Open { left: true, right: true };
    pub(crate) const NONE: Open = Open { left: false, right: false };

    #[inline]
    fn at(self, side: Side) -> bool {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
            Side::Released | Side::InOrder => false,
        }
    }
}

impl Core {
    /// Lets a thread that waits to be released go on.
    fn release(&mut self, thread: u32) {
        self.dequeue(thread);
        self.take_back_limit(thread);
        self.runnable.insert(thread);
    }

    /// Says which sides of `index` are open from now on.
    #[inline]
    pub(crate) fn set_open(&mut self, index: u32, open: Open) {
        let object = self.object(index);
        object.open = open;
        if object.sets != NOBODY {
            self.update_sides(index, open);
        }
    }
}

impl Execution {
    /// Says which sides of `index` are open from now on.
    #[inline]
    pub(crate) fn set_open(self, index: u32, open: Open) {
        self.with(|core| core.set_open(index, open));
    }

    /// Whether a side of `index` is open.
    #[inline]
    pub(crate) fn is_open(self, index: u32, side: Side) -> bool {
        self.with(|core| core.object(index).open.at(side))
    }

    /// Announces an operation on a side of `index`, and returns when it is this thread's turn and the side is open. The
    /// caller executes the operation, says what is open then, and records the step.
    #[inline(always)]
    pub(crate) fn enter(self, kind: OpKind, index: u32, side: Side) {
        let next = self.next_at(kind, index, side);
        if next != self.current() {
            self.switch_in_queue(index, side, next);
        }
        debug_assert!(self.is_open(index, side), "a thread goes on where it can");
    }

    /// Announces an operation on a side of `index`; whose turn it is now. A function of its own, which returns before the
    /// switch: a thread that is suspended in few frames returns from few that the processor did not expect.
    #[inline(never)]
    fn next_at(self, kind: OpKind, index: u32, side: Side) -> u32 {
        let (is_open, must_decide) = self.with(|core| {
            core.announce(kind, index);
            let is_open = core.object(index).open.at(side);
            (is_open, if is_open { core.must_decide(Turn::Kept) } else { None })
        });
        match must_decide {
            _ if !is_open => {
                self.before_blocking();
                self.with(|core| core.runnable.remove(core.current));
                self.pick_other()
            }
            Some(decide) => decide(self, Turn::Kept),
            None => self.current(),
        }
    }

    /// Gives the turn to `next`, with this thread in the queue of `index`, and returns when it is its turn again.
    #[inline(always)]
    pub(crate) fn switch_in_queue(self, index: u32, side: Side, next: u32) {
        self.with(|core| core.enqueue(index, side, core.current));
        self.switch(next);
        self.with(|core| match side {
            // Nobody takes a thread from there but itself.
            Side::Left | Side::Right => core.leave(index, side, core.current),
            Side::Released | Side::InOrder => core.dequeue(core.current),
        });
    }

    /// As [`enter`](Execution::enter), but waits no longer than `limit`. Returns whether the side opened in time; if not, the
    /// end of the limit was the step. For a side that closes by operations of this thread alone: once it has opened the limit
    /// is no more.
    pub(crate) fn enter_within(self, kind: OpKind, index: u32, side: Side, limit: Duration) -> bool {
        if self.is_open(index, side) {
            self.enter(kind, index, side);
            return true;
        }
        self.wait_in_queue(kind, index, side, limit)
    }

    /// As [`wait_for_release`](Execution::wait_for_release), but waits no longer than `limit`. Returns whether it was released
    /// in time; if not, the end of the limit was the step.
    pub(crate) fn wait_for_release_within(self, kind: OpKind, index: u32, limit: Duration) -> bool {
        self.wait_in_queue(kind, index, Side::Released, limit)
    }

    /// Announces an operation on `index`, and returns when another thread has released this one.
    pub(crate) fn wait_for_release(self, kind: OpKind, index: u32) {
        self.with(|core| core.announce(kind, index));
        self.wait_at(index, Side::Released);
    }

    /// Blocks at a side of `index` with the operation that is announced.
    pub(crate) fn wait_at(self, index: u32, side: Side) {
        self.before_blocking();
        self.with(|core| core.runnable.remove(core.current));
        let next = self.pick_other();
        self.switch_in_queue(index, side, next);
    }

    /// Releases `thread` if it waits for that at `index`.
    pub(crate) fn release(self, index: u32, thread: u32) {
        self.with(|core| {
            let slot = core.slot(thread);
            if slot.queue == index && slot.side == Side::Released {
                core.release(thread);
            }
        });
    }

    /// Releases all that wait for that at `index`.
    pub(crate) fn release_all(self, index: u32) {
        self.with(|core| core.for_each_at(index, Side::Released, Core::release));
    }
}
