//! The queue of a channel with a bound: senders append to it without a lock.
//!
//! # The idea
//!
//! There are two *halves*, each with as many slots as the channel has room for messages. Senders fill one
//! while the receiver empties the other. One word, the gate, says which one is open to senders, and how many
//! slots of it are claimed. So a sender claims a slot by adding one, and the receiver takes all that was
//! claimed by one swap, which opens the other half.
//!
//! A claimed slot may not be full yet: its sender is between its two steps, with nothing to wait for. The receiver, when
//! it comes to that slot, looks again until it is full. It is not woken: a sender that asked, after its store, whether
//! somebody waits would need a fence between the two, which costs about as much as to claim the slot.
//!
//! The memory of the open half comes to the senders from the receiver's processor. They ask for it some groups in advance
//! ([`Memory::prefetch`]), or they would stand still once in each group.
//!
//! # Access rules
//!
//! - **R1** Of the open half, slot *i* belongs to the sender whose addition found the count *i* in an open gate,
//!   until it marks the slot as full. It does so once, after it has written the value.
//! - **R2** All other slots belong to the receiver: those of the half that is not open, and of both once the gate is
//!   closed, save the claimed ones that are not marked as full. Slots of the open half that nobody has claimed are
//!   left alone.
//! - **R3** The value of a slot is initialized if and only if it is marked as full, save that the owner may be about to
//!   change that.
//! - **R4** The receiver opens a half only after it has emptied all slots of it and unmarked them. It turns
//!   and closes the ring under the lock of the line, so one at a time.

use core::array;
use core::mem::{self, MaybeUninit};
use core::sync::atomic::Ordering;

use alloc::boxed::Box;
use alloc::collections::VecDeque;

use crate::platform::{Atomic, AtomicInt, Cell, Memory};

/// Two halves and their gate.
pub(super) struct Ring<T, P: Memory> {
    gate: Padded<P::AtomicU64>,
    capacity: usize,
    halves: [Half<T, P>; 2],
}

/// Keeps the gate, which all write, away from what all read: two lines, as processors fetch pairs.
#[repr(align(128))]
struct Padded<T>(T);

type Half<T, P> = Box<[Group<T, P>]>;

/// Slots, and which of them are full. A sender writes both; where they share a line of memory, as with values of eight
/// bytes, processors have one to hand to each other, not two.
#[repr(align(64))]
struct Group<T, P: Memory> {
    slots: [P::Cell<MaybeUninit<T>>; SLOTS_PER_GROUP],
    are_full: [P::AtomicBool; SLOTS_PER_GROUP],
}

/// As many values of eight bytes, and their marks, as a line of memory holds.
const SLOTS_PER_GROUP: usize = 7;
/// How many groups in advance a sender asks for: while so many are filled, memory comes over from another processor.
const GROUPS_AHEAD: usize = 4;

// SAFETY: slots are handed from thread to thread by R1 and R2, and values move only; so `T: Send` is enough.
unsafe impl<T: Send, P: Memory> Send for Ring<T, P> {}
// SAFETY: as above.
unsafe impl<T: Send, P: Memory> Sync for Ring<T, P> {}

/// What the gate says: flags, and how often senders have added one since the half was opened. That may be more
/// than there are slots.
#[derive(Clone, Copy, PartialEq)]
struct Gate(u64);

impl Gate {
    const COUNT: u64 = (1 << 56) - 1;
    /// The second half is open, not the first.
    const SECOND: u64 = 1 << 61;
    /// The sender that claims the first slot is to wake the receiver.
    const WAITING: u64 = 1 << 62;
    /// The receiver is gone.
    const CLOSED: u64 = 1 << 63;

    fn count(self) -> usize {
        // Beyond any number of slots it does not matter how much.
        usize::try_from(self.0 & Self::COUNT).unwrap_or(usize::MAX)
    }

    fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }

    fn half(self) -> usize {
        usize::from(self.has(Self::SECOND))
    }
}

/// What became of a value that was to be appended.
#[must_use]
pub(super) enum Pushed<T> {
    /// It is in; nobody waits for it.
    Done,
    /// It is in, and the receiver is to be woken.
    Awaited,
    /// There is no slot for it.
    Full(T),
    /// The receiver is gone.
    Closed(T),
}

/// Slots that the receiver has taken and not emptied yet.
pub(super) struct Batch {
    half: usize,
    pub(super) len: usize,
}

impl<T, P: Memory> Ring<T, P> {
    pub(super) fn new(capacity: usize) -> Self {
        let half = || (0..capacity.div_ceil(SLOTS_PER_GROUP)).map(|_| Group::new()).collect();
        Ring { gate: Padded(P::AtomicU64::new(0)), capacity, halves: [half(), half()] }
    }

    /// Appends `value` if there is room.
    #[inline]
    pub(super) fn push(&self, value: T) -> Pushed<T> {
        // Nobody but this thread can write the slot that it claims, so it must not be broken off.
        P::must_not_unwind(|| {
            // Acquire pairs with the release in `turn`: the slot has been emptied.
            let gate = Gate(self.gate.0.fetch_add(1, Ordering::Acquire));
            let index = gate.count();
            if gate.has(Gate::CLOSED) {
                return Pushed::Closed(value);
            }
            if index >= self.capacity {
                return Pushed::Full(value);
            }
            let (half, number, slot) =
                (&self.halves[gate.half()], index / SLOTS_PER_GROUP, index % SLOTS_PER_GROUP);
            half[number].slots[slot].with_mut(|place| {
                // SAFETY: the slot is ours by R1.
                unsafe { (*place).write(value) };
            });
            // Release pairs with the acquire in `drain`.
            half[number].are_full[slot].store(true, Ordering::Release);
            if index == 0 {
                half.iter().skip(1).take(GROUPS_AHEAD - 1).for_each(P::prefetch);
            }
            if slot == SLOTS_PER_GROUP - 1 {
                half.get(number + GROUPS_AHEAD).into_iter().for_each(P::prefetch);
            }
            if index == 0 && gate.has(Gate::WAITING) { Pushed::Awaited } else { Pushed::Done }
        })
    }

    /// As `push`, but leaves the gate alone if it can be seen that there is no room.
    pub(super) fn try_push(&self, value: T) -> Pushed<T> {
        // Acquire: what a full channel is told of has happened.
        let gate = Gate(self.gate.0.load(Ordering::Acquire));
        if gate.has(Gate::CLOSED) {
            Pushed::Closed(value)
        } else if gate.count() >= self.capacity {
            Pushed::Full(value)
        } else {
            self.push(value)
        }
    }

    /// Waits while the queue grows quickly, so that the receiver does not take the memory of the gate away from the
    /// senders for every few messages. `pause` takes about a microsecond, or
    /// less if the queue is short.
    pub(super) fn let_grow(&self, pause: impl Fn()) {
        /// Messages for each pause.
        const QUICKLY: usize = 8;
        const LOOKS: usize = 5;
        /// Between two looks, but the first: most queues do not grow.
        const PAUSES: usize = 4;
        let (mut count, mut pauses) = (self.len(), 1);
        for _ in 0..LOOKS {
            if count == 0 || count > self.capacity / 2 {
                return;
            }
            (0..pauses).for_each(|_| pause());
            let before = mem::replace(&mut count, self.len());
            let grown = count.saturating_sub(before) / pauses;
            if grown < QUICKLY {
                return;
            }
            // A full queue would stop the senders.
            pauses = ((self.capacity - count) / grown).saturating_sub(1).clamp(1, PAUSES);
        }
    }

    /// How many messages are queued. Called by the receiver.
    pub(super) fn len(&self) -> usize {
        // Relaxed: a sender that happened before us is counted in any case; values are read by `drain`.
        Gate(self.gate.0.load(Ordering::Relaxed)).count().min(self.capacity)
    }

    /// Takes all that is queued, and opens the other half with what `next_blocked` gives in its first slots. Called
    /// by the receiver, with the lock of the line, when it has emptied the batch before.
    pub(super) fn turn(&self, mut next_blocked: impl FnMut() -> Option<T>) -> Option<Batch> {
        // Relaxed: as in `len`.
        let gate = Gate(self.gate.0.load(Ordering::Relaxed));
        if gate.count() == 0 {
            return None;
        }
        let mut moved = 0;
        while moved < self.capacity {
            let Some(value) = next_blocked() else { break };
            self.fill(1 - gate.half(), moved, value);
            moved += 1;
        }
        let opened = if gate.has(Gate::SECOND) { 0 } else { Gate::SECOND };
        // Release pairs with the acquire in `push`. The values are acquired one by one.
        let taken = Gate(self.gate.0.swap(opened | moved as u64, Ordering::Release));
        Some(Batch { half: taken.half(), len: taken.count().min(self.capacity) })
    }

    /// Has the next sender wake the receiver, which has registered to be woken; `false` if there is something to take
    /// instead.
    pub(super) fn set_waiting(&self) -> bool {
        // Release: the registration, though it is under a lock that the sender takes. If slots are claimed, nobody looks
        // at the flag before `turn` takes it away.
        Gate(self.gate.0.fetch_or(Gate::WAITING, Ordering::Release)).count() == 0
    }

    /// Lets nobody append any more. What was queued is to be drained, as after `turn`.
    pub(super) fn close(&self) -> Batch {
        let gate = Gate(self.gate.0.fetch_or(Gate::CLOSED, Ordering::Relaxed));
        Batch { half: gate.half(), len: gate.count().min(self.capacity) }
    }

    /// Moves the messages of `batch` into `taken`. Where the sender of a slot has not filled it yet, `await_full` is called
    /// with the question whether it has; it returns when the answer is yes.
    pub(super) fn drain(
        &self,
        batch: &Batch,
        taken: &mut VecDeque<T>,
        await_full: impl Fn(&dyn Fn() -> bool),
    ) {
        for (number, group) in self.halves[batch.half].iter().enumerate() {
            let Some(left) = batch.len.checked_sub(number * SLOTS_PER_GROUP).filter(|left| *left > 0) else {
                break;
            };
            let left = left.min(SLOTS_PER_GROUP);
            let (slots, are_full) = (&group.slots[..left], &group.are_full[..left]);
            for is_full in are_full {
                // Pairs with the release in `push`.
                let is_full = || is_full.load(Ordering::Acquire);
                if !is_full() {
                    await_full(&is_full);
                }
            }
            taken.extend(slots.iter().map(|slot| {
                // SAFETY: the slot is ours by R2, and full, so initialized by R3; from now on it is empty.
                slot.with_mut(|place| unsafe { place.cast::<T>().read() })
            }));
            for is_full in are_full {
                // Relaxed: `turn` publishes it.
                is_full.store(false, Ordering::Relaxed);
            }
        }
    }

    /// Moves a value in. Called by the receiver for the next empty slot of the half that is not open.
    fn fill(&self, half: usize, index: usize, value: T) {
        let group = &self.halves[half][index / SLOTS_PER_GROUP];
        let slot = index % SLOTS_PER_GROUP;
        group.slots[slot].with_mut(|place| {
            // SAFETY: the slot is ours by R2.
            unsafe { (*place).write(value) };
        });
        // Relaxed: `turn` publishes it, to the receiver itself.
        group.are_full[slot].store(true, Ordering::Relaxed);
    }
}

impl<T, P: Memory> Group<T, P> {
    fn new() -> Self {
        Group {
            slots: array::from_fn(|_| P::Cell::new(MaybeUninit::uninit())),
            are_full: array::from_fn(|_| P::AtomicBool::new(false)),
        }
    }
}
