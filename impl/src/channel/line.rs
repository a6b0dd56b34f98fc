//! What senders and receiver share: the line of messages, and who waits.

use core::mem;
use core::sync::atomic::Ordering;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::errors::{SendError, TryRecvError, TrySendError};
use super::ring::{Batch, Pushed, Ring};
use crate::platform::{Atomic, AtomicInt, Mutex, Threads, Unpark};

/// The shared part of a channel.
pub(super) struct Line<T: Send + 'static, P: Threads> {
    /// How many messages may be queued; `usize::MAX` for a channel without a bound.
    capacity: usize,
    /// The queue, if it is bounded, but not by zero and not by a number above [`Threads::LONGEST_RING`]. Otherwise it
    /// is in `state`.
    ring: Option<Ring<T, P>>,
    state: P::Mutex<State<T, P>>,
    /// How many handles can send.
    senders: P::AtomicUsize,
    /// How many blocked messages have found room or have been taken. They do so in the order of their
    /// tickets. Written under the lock only.
    served: P::AtomicU64,
}

struct State<T, P: Threads> {
    /// The queue, where there is no ring.
    queue: VecDeque<T>,
    blocked: VecDeque<Blocked<T, P>>,
    /// The ticket of the next sender that blocks.
    next_ticket: u64,
    /// Who is to be woken by the next message, or by the end of the last sender.
    reader: Option<P::Thread>,
    has_senders: bool,
    has_receiver: bool,
}

/// A sender that waits, and its message.
struct Blocked<T, P: Threads> {
    ticket: u64,
    value: T,
    thread: P::Thread,
}

/// What the receiver keeps for itself, to take much under one lock.
pub(super) struct Hand<T, P: Threads> {
    /// Taken from the line and not returned yet, oldest first.
    pub(super) taken: VecDeque<T>,
    /// What was taken from the ring and is to be moved to `taken` when the lock is released. Nothing otherwise.
    batch: Option<Batch>,
    /// The senders to wake when the lock is released. Empty otherwise; kept for its memory.
    to_wake: Vec<P::Thread>,
}

impl<T, P: Threads> Hand<T, P> {
    pub(super) fn new() -> Self {
        Hand { taken: VecDeque::new(), batch: None, to_wake: Vec::new() }
    }
}

/// Whether the receiver is going to wait if it finds nothing.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum IfEmpty {
    Return,
    Register,
}

impl<T: Send + 'static, P: Threads> Line<T, P> {
    /// An empty line with one sender.
    pub(super) fn new(capacity: usize) -> Self {
        Line {
            capacity,
            ring: (1..=P::LONGEST_RING).contains(&capacity).then(|| Ring::new(capacity)),
            state: P::Mutex::new(State {
                queue: VecDeque::new(),
                blocked: VecDeque::new(),
                next_ticket: 0,
                reader: None,
                has_senders: true,
                has_receiver: true,
            }),
            senders: P::AtomicUsize::new(1),
            served: P::AtomicU64::new(0),
        }
    }

    /// Appends `value`, and waits until it is queued or, with capacity 0, taken.
    #[inline]
    pub(super) fn send(&self, value: T) -> Result<(), SendError<T>> {
        let Some(ring) = &self.ring else { return self.send_locked(value) };
        match ring.push(value) {
            Pushed::Done => Ok(()),
            Pushed::Awaited => {
                self.wake_reader();
                Ok(())
            }
            Pushed::Full(value) => self.send_locked(value),
            Pushed::Closed(value) => Err(SendError(value)),
        }
    }

    #[inline(never)]
    fn send_locked(&self, value: T) -> Result<(), SendError<T>> {
        let mut state = self.state.lock();
        if !state.has_receiver {
            return Err(SendError(value));
        }
        // The receiver may have made room meanwhile. It does so under the lock.
        match self.append(&mut state, value) {
            Ok(reader) => {
                drop(state);
                wake(reader);
                Ok(())
            }
            Err(value) => {
                let ticket = state.block(value);
                // With capacity 0 a receiver may be waiting.
                let reader = state.reader.take();
                drop(state);
                wake(reader);
                self.wait_until_served(ticket)
            }
        }
    }

    /// Appends `value` if there is room: who is to be woken then.
    fn append(&self, state: &mut State<T, P>, value: T) -> Result<Option<P::Thread>, T> {
        if let Some(ring) = &self.ring {
            match ring.push(value) {
                Pushed::Done => Ok(None),
                Pushed::Awaited => Ok(state.reader.take()),
                Pushed::Full(value) | Pushed::Closed(value) => Err(value),
            }
        } else if state.queue.len() < self.capacity {
            state.queue.push_back(value);
            Ok(state.reader.take())
        } else {
            Err(value)
        }
    }

    fn wait_until_served(&self, ticket: u64) -> Result<(), SendError<T>> {
        let mut patience = P::YIELDS;
        loop {
            if patience > 0 {
                patience -= 1;
                P::yield_now();
            } else {
                P::park();
            }
            // Acquire pairs with the release in `take`: with capacity 0, what the receiver did before it
            // took the message has happened.
            if self.served.load(Ordering::Acquire) > ticket {
                return Ok(());
            }
            if patience > 0 {
                continue;
            }
            let mut state = self.state.lock();
            if !state.has_receiver {
                return match state.withdraw(ticket) {
                    Some(value) => Err(SendError(value)),
                    None => Ok(()),
                };
            }
        }
    }

    /// Appends `value` if there is room, or, with capacity 0, if the receiver is waiting.
    pub(super) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let Some(ring) = &self.ring else { return self.try_send_locked(value) };
        match ring.try_push(value) {
            Pushed::Done => Ok(()),
            Pushed::Awaited => {
                self.wake_reader();
                Ok(())
            }
            Pushed::Full(value) => Err(TrySendError::Full(value)),
            Pushed::Closed(value) => Err(TrySendError::Disconnected(value)),
        }
    }

    fn try_send_locked(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut state = self.state.lock();
        if !state.has_receiver {
            return Err(TrySendError::Disconnected(value));
        }
        let reader = state.reader.take();
        // A receiver that waits is about to take one message, whatever the capacity.
        if state.queue.len() < self.capacity || reader.is_some() {
            state.queue.push_back(value);
            drop(state);
            wake(reader);
            Ok(())
        } else {
            Err(TrySendError::Full(value))
        }
    }

    fn wake_reader(&self) {
        let reader = self.state.lock().reader.take();
        wake(reader);
    }

    /// Takes what can be taken at once into an empty hand: at least one message, if it succeeds.
    pub(super) fn take(&self, hand: &mut Hand<T, P>, if_empty: IfEmpty) -> Result<(), TryRecvError> {
        if let Some(ring) = &self.ring
            && P::SPINS > 0
        {
            // Shorter for a short queue, or it would be full after each pause, and its senders blocked.
            let spins = u32::try_from(self.capacity / 2).unwrap_or(P::SPINS).min(P::SPINS);
            ring.let_grow(|| (0..spins).for_each(|_| P::spin_hint()));
        }
        let mut state = self.state.lock();
        let result = self.take_locked(&mut state, hand, if_empty);
        drop(state);
        self.finish_taking(hand);
        result
    }

    /// Decides what is taken. The rest is done by `finish_taking`, without the lock.
    fn take_locked(
        &self,
        state: &mut State<T, P>,
        hand: &mut Hand<T, P>,
        if_empty: IfEmpty,
    ) -> Result<(), TryRecvError> {
        loop {
            if state.take(self.capacity, self.ring.as_ref(), hand) {
                if !hand.to_wake.is_empty() {
                    // Release pairs with the acquire in `wait_until_served`.
                    self.served.store(state.served(), Ordering::Release);
                }
                return Ok(());
            }
            // Also takes back the registration of a receiver that has waited long enough.
            let is_going_to_wait = state.has_senders && if_empty == IfEmpty::Register;
            state.reader = is_going_to_wait.then(P::current);
            if !state.has_senders {
                return Err(TryRecvError::Disconnected);
            }
            match &self.ring {
                // A sender was faster. Then the next round succeeds.
                Some(ring) if is_going_to_wait && !ring.set_waiting() => state.reader = None,
                _ => return Err(TryRecvError::Empty),
            }
        }
    }

    fn finish_taking(&self, hand: &mut Hand<T, P>) {
        for sender in hand.to_wake.drain(..) {
            sender.unpark();
        }
        if let (Some(ring), Some(batch)) = (&self.ring, hand.batch.take()) {
            ring.drain(&batch, &mut hand.taken, Self::await_full);
        }
    }

    /// Waits until the sender that has claimed a slot has filled it. It has nothing to wait for before but its turn on a
    /// processor.
    #[cold]
    fn await_full(is_full: &dyn Fn() -> bool) {
        for _ in 0..P::SPINS {
            P::spin_hint();
            if is_full() {
                return;
            }
        }
        while !is_full() {
            P::yield_now();
        }
    }

    /// How many messages there are to take, those of blocked senders included. If the hand is empty, takes what
    /// can be taken at once.
    pub(super) fn count_and_take(&self, hand: &mut Hand<T, P>) -> usize {
        let mut state = self.state.lock();
        let blocked = state.blocked.len();
        let queued = if hand.taken.is_empty() {
            let queued = state.queue.len();
            let _ = self.take_locked(&mut state, hand, IfEmpty::Return);
            hand.batch.as_ref().map_or(queued, |batch| batch.len)
        } else {
            hand.taken.len() + self.ring.as_ref().map_or(state.queue.len(), Ring::len)
        };
        drop(state);
        self.finish_taking(hand);
        queued + blocked
    }

    pub(super) fn add_sender(&self) {
        // Relaxed: the caller has a sender, so the count cannot reach zero meanwhile.
        self.senders.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a sender out. The last one tells the receiver.
    pub(super) fn remove_sender(&self) {
        // The lock orders what counts; relaxed would do for the number. Release and acquire make the sends of
        // all happen before the last one tells.
        if self.senders.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let mut state = self.state.lock();
        state.has_senders = false;
        let reader = state.reader.take();
        drop(state);
        wake(reader);
    }

    /// Tells blocked senders that the receiver is gone. What was queued is the caller's to drop.
    pub(super) fn remove_receiver(&self) -> VecDeque<T> {
        let mut state = self.state.lock();
        state.has_receiver = false;
        let mut queue = mem::take(&mut state.queue);
        let batch = self.ring.as_ref().map(|ring| (ring, ring.close()));
        let senders: Vec<P::Thread> = state.blocked.iter().map(|blocked| blocked.thread.clone()).collect();
        drop(state);
        for sender in senders {
            sender.unpark();
        }
        if let Some((ring, batch)) = batch {
            ring.drain(&batch, &mut queue, Self::await_full);
        }
        queue
    }
}

impl<T, P: Threads> State<T, P> {
    /// Puts the calling thread and its message behind all others; the ticket to wait with.
    fn block(&mut self, value: T) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.blocked.push_back(Blocked { ticket, value, thread: P::current() });
        ticket
    }

    /// The message with this ticket, unless it was taken.
    fn withdraw(&mut self, ticket: u64) -> Option<T> {
        let index = self.blocked.binary_search_by_key(&ticket, |blocked| blocked.ticket).ok()?;
        self.blocked.remove(index).map(|blocked| blocked.value)
    }

    /// Moves messages from the front of the line to an empty hand: the whole queue, or the only message that
    /// capacity 0 allows. Moves blocked messages to where there is room then. Whether there was a message.
    fn take(&mut self, capacity: usize, ring: Option<&Ring<T, P>>, hand: &mut Hand<T, P>) -> bool {
        debug_assert!(hand.taken.is_empty() && hand.to_wake.is_empty());
        let State { queue, blocked, .. } = self;
        let Hand { taken, batch, to_wake, .. } = hand;
        let mut next_blocked = || {
            let Blocked { value, thread, .. } = blocked.pop_front()?;
            to_wake.push(thread);
            Some(value)
        };
        if let Some(ring) = ring {
            *batch = ring.turn(next_blocked);
            return batch.is_some();
        }
        mem::swap(queue, taken);
        if capacity == 0 && taken.is_empty() {
            taken.extend(next_blocked());
        }
        while queue.len() < capacity {
            let Some(value) = next_blocked() else { break };
            queue.push_back(value);
        }
        !taken.is_empty()
    }

    /// How many tickets were served.
    fn served(&self) -> u64 {
        self.blocked.front().map_or(self.next_ticket, |blocked| blocked.ticket)
    }
}

fn wake<Thread: Unpark>(reader: Option<Thread>) {
    if let Some(reader) = reader {
        reader.unpark();
    }
}
