//! Readers-writer locks: who may read, who may write, who waits.
//!
//! A reader needs that nobody writes, a writer that nobody holds the lock at all: the two sides of a [gate](super::gate).
//!
//! `std` leaves open whether a reader that comes while a writer waits goes first or queues behind it, and platforms differ.
//! Which it is matters: a thread that reads twice, with a writer in between, deadlocks in the second case. So it is a choice.

use crate::choice::Kind;

use super::core::{Core, Execution, NOBODY};
use super::gate::{Open, Side};
use super::operation::OpKind;

/// The side of those who read.
const READ: Side = Side::Left;
/// The side of those who write.
const WRITE: Side = Side::Right;

impl Core {
    fn update_lock(&mut self, index: u32) {
        let lock = self.object(index);
        let is_written = lock.holder != NOBODY;
        let open = Open { left: !is_written, right: !is_written && lock.readers == 0 };
        self.set_open(index, open);
    }

    fn begin_to_read(&mut self, index: u32) {
        debug_assert_eq!(self.object(index).holder, NOBODY, "nobody reads while somebody writes");
        self.object(index).readers += 1;
        self.readers.push((index, self.current));
        self.update_lock(index);
    }

    fn begin_to_write(&mut self, index: u32) {
        debug_assert_eq!(self.object(index).holder, NOBODY, "a lock has one writer");
        debug_assert_eq!(self.object(index).readers, 0, "nobody writes while somebody reads");
        self.object(index).holder = self.current;
        self.update_lock(index);
    }

    /// Whether a writer waits until the readers are gone.
    fn is_writer_waiting(&self, index: u32) -> bool {
        self.objects[index as usize].readers > 0 && self.is_awaited(index, WRITE)
    }

    /// Lets the readers that have queued behind a writer go on as any others.
    fn end_patience(&mut self, index: u32) {
        self.for_each_at(index, Side::Released, |core, reader| {
            core.dequeue(reader);
            core.enqueue(index, READ, reader);
        });
    }
}

impl Execution {
    /// Takes the lock to read; blocks while somebody writes, and perhaps while a writer waits.
    pub(crate) fn read(self, index: u32) {
        self.enter(OpKind::Read, index, READ);
        if self.with(|core| core.is_writer_waiting(index)) {
            let value = self.with(|core| core.value);
            if value(self, Kind::Waiter, 2) == 1 {
                self.wait_at(index, Side::Released);
            }
        }
        self.with(|core| core.begin_to_read(index));
        self.record();
    }

    /// Takes the lock to write; blocks while somebody reads or writes.
    pub(crate) fn write(self, index: u32) {
        self.enter(OpKind::Write, index, WRITE);
        self.with(|core| core.begin_to_write(index));
        self.record();
    }

    /// Takes the lock to read if nobody writes.
    pub(crate) fn try_read(self, index: u32) -> bool {
        self.offer(OpKind::TryRead, index);
        let is_open = self.is_open(index, READ);
        if is_open {
            self.with(|core| core.begin_to_read(index));
        }
        self.record();
        is_open
    }

    /// Takes the lock to write if nobody reads or writes.
    pub(crate) fn try_write(self, index: u32) -> bool {
        self.offer(OpKind::TryWrite, index);
        let is_open = self.is_open(index, WRITE);
        if is_open {
            self.with(|core| core.begin_to_write(index));
        }
        self.record();
        is_open
    }

    /// Frees the lock, which the current thread reads and has announced that it unlocks.
    pub(crate) fn unlock_read(self, index: u32) {
        self.with(|core| {
            let me = (index, core.current);
            if let Some(place) = core.readers.iter().position(|&reader| reader == me) {
                core.readers.remove(place);
            }
            core.object(index).readers -= 1;
            core.update_lock(index);
        });
        self.record();
    }

    /// Frees the lock, which the current thread writes and has announced that it unlocks.
    pub(crate) fn unlock_write(self, index: u32) {
        self.with(|core| {
            core.object(index).holder = NOBODY;
            core.end_patience(index);
            core.update_lock(index);
        });
        self.record();
    }

    /// Goes on reading, with the lock that the current thread writes.
    pub(crate) fn downgrade(self, index: u32) {
        self.offer(OpKind::Downgrade, index);
        self.with(|core| {
            core.object(index).holder = NOBODY;
            core.end_patience(index);
            core.begin_to_read(index);
        });
        self.record();
    }
}
