//! The queue of a channel with a bound: senders append to it without a lock.
//!
//! # The idea
//!
//! There are two *halves*, each with as many slots as the channel has room for messages. Senders fill one
//! while the receiver empties the other. One word, the gate, says which one is open to senders, and how many
//! slots of it are claimed. So a sender claims a slot by adding one, and the receiver takes all that was
//! claimed by one swap, which opens the other half.
//!
//! A claimed slot may not be full yet: its sender is between its two steps. The receiver, when it comes to
//! that slot, waits for it as it would wait for a lock, and says so in the word that has the bits of full slots.
//! The sender, when it sets its bit, sees that it is awaited, and wakes the receiver.
//!
//! # Access rules
//!
//! - **R1** Of the open half, slot *i* belongs to the sender whose addition found the count *i* in an open gate,
//!   until it sets the bit of the slot. It does so once, after it has written the value.
//! - **R2** All other slots belong to the receiver: those of the half that is not open, and of both once the gate is
//!   closed, save the claimed ones whose bit is not set. Slots of the open half that nobody has claimed are
//!   left alone.
//! - **R3** The value of a slot is initialized if and only if its bit is set, save that the owner may be about to change
//!   that.
//! - **R4** The receiver opens a half only after it has emptied all slots of it and cleared their bits. It turns
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

/// Slots and their states. A sender writes both; where they share a line of memory, as with values of eight bytes, processors
/// have one to hand to each other, not two.
#[repr(align(64))]
struct Group<T, P: Memory> {
    /// A bit for each slot says that it is full.
    states: P::AtomicU64,
    slots: [P::Cell<MaybeUninit<T>>; SLOTS_PER_GROUP],
}

/// With more, more senders meet in one word; with fewer, the receiver has more words to read.
const SLOTS_PER_GROUP: usize = 7;
/// In a word of states: the receiver waits, and whoever sets a bit is to wake it.
const AWAITED: u64 = 1 << 63;

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
            let group = &self.halves[gate.half()][index / SLOTS_PER_GROUP];
            let slot = index % SLOTS_PER_GROUP;
            group.slots[slot].with_mut(|place| {
                // SAFETY: the slot is ours by R1.
                unsafe { (*place).write(value) };
            });
            // Adds the bit. Release pairs with the acquire in `AwaitedSlots::are_full`. Acquire pairs with the release
            // in `set_awaited`: the receiver has registered.
            let before = group.states.fetch_add(1 << slot, Ordering::AcqRel);
            if before & AWAITED != 0 || (index == 0 && gate.has(Gate::WAITING)) {
                Pushed::Awaited
            } else {
                Pushed::Done
            }
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
    /// senders for every few messages. `pause` takes about a microsecond.
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

    /// Moves the messages of `batch` into `taken`. `await_full` is called for slots whose sender has not written them
    /// yet; it returns when they are full.
    pub(super) fn drain(
        &self,
        batch: &Batch,
        taken: &mut VecDeque<T>,
        await_full: impl Fn(AwaitedSlots<'_, P>),
    ) {
        for (place, group) in self.halves[batch.half].iter().enumerate() {
            let Some(left) = batch.len.checked_sub(place * SLOTS_PER_GROUP).filter(|left| *left > 0) else {
                break;
            };
            let slots = &group.slots[..left.min(SLOTS_PER_GROUP)];
            let awaited = AwaitedSlots { word: &group.states, bits: (1 << slots.len()) - 1 };
            if !awaited.are_full() {
                await_full(awaited);
            }
            taken.extend(slots.iter().map(|slot| {
                // SAFETY: the slot is ours by R2, and full, so initialized by R3; from now on it is empty.
                slot.with_mut(|place| unsafe { place.cast::<T>().read() })
            }));
            // Relaxed: `turn` publishes it.
            group.states.store(0, Ordering::Relaxed);
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
        group.states.fetch_add(1 << slot, Ordering::Relaxed);
    }
}

impl<T, P: Memory> Group<T, P> {
    fn new() -> Self {
        Group { states: P::AtomicU64::new(0), slots: array::from_fn(|_| P::Cell::new(MaybeUninit::uninit())) }
    }
}

/// Slots that the receiver may have to wait for.
pub(super) struct AwaitedSlots<'ring, P: Memory> {
    word: &'ring P::AtomicU64,
    bits: u64,
}

impl<P: Memory> AwaitedSlots<'_, P> {
    #[inline]
    pub(super) fn are_full(&self) -> bool {
        // Pairs with the release in `push`.
        self.word.load(Ordering::Acquire) & self.bits == self.bits
    }

    /// Has the next sender wake the receiver, which has registered to be woken; `false` if the slots are full.
    pub(super) fn set_awaited(&self) -> bool {
        // Release pairs with the acquire in `push`. Acquire, as in `are_full`.
        self.word.fetch_or(AWAITED, Ordering::AcqRel) & self.bits != self.bits
    }
}
