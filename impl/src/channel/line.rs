//! What senders and receiver share: the line of messages, and who waits.

use core::mem;
use core::sync::atomic::Ordering;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::errors::{SendError, TryRecvError, TrySendError};
use crate::platform::{Atomic, AtomicInt, Mutex, Threads, Unpark};

/// The shared part of a channel.
pub(super) struct Line<T: Send + 'static, P: Threads> {
    /// How many messages may be queued; `usize::MAX` for a channel without a bound.
    capacity: usize,
    state: P::Mutex<State<T, P>>,
    /// How many handles can send.
    senders: P::AtomicUsize,
    /// How many blocked messages have found room or have been taken. They do so in the order of their
    /// tickets. Written under the lock only.
    served: P::AtomicU64,
}

struct State<T, P: Threads> {
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
    /// The senders to wake when the lock is released. Empty otherwise; kept for its memory.
    to_wake: Vec<P::Thread>,
}

impl<T, P: Threads> Hand<T, P> {
    pub(super) fn new() -> Self {
        Hand { taken: VecDeque::new(), to_wake: Vec::new() }
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
    pub(super) fn send(&self, value: T) -> Result<(), SendError<T>> {
        let mut state = self.state.lock();
        if !state.has_receiver {
            return Err(SendError(value));
        }
        if state.queue.len() < self.capacity {
            state.queue.push_back(value);
            let reader = state.reader.take();
            drop(state);
            wake(reader);
            return Ok(());
        }
        let ticket = state.block(value);
        // With capacity 0 a receiver may be waiting.
        let reader = state.reader.take();
        drop(state);
        wake(reader);
        self.wait_until_served(ticket)
    }

    fn wait_until_served(&self, ticket: u64) -> Result<(), SendError<T>> {
        loop {
            P::park();
            // Acquire pairs with the release in `take`: with capacity 0, what the receiver did before it
            // took the message has happened.
            if self.served.load(Ordering::Acquire) > ticket {
                return Ok(());
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

    /// Takes what can be taken at once into an empty hand: at least one message, if it succeeds.
    pub(super) fn take(&self, hand: &mut Hand<T, P>, if_empty: IfEmpty) -> Result<(), TryRecvError> {
        let mut state = self.state.lock();
        let result = self.take_locked(&mut state, hand, if_empty);
        drop(state);
        hand.wake_senders();
        result
    }

    fn take_locked(
        &self,
        state: &mut State<T, P>,
        hand: &mut Hand<T, P>,
        if_empty: IfEmpty,
    ) -> Result<(), TryRecvError> {
        state.take(self.capacity, hand);
        if !hand.taken.is_empty() {
            if !hand.to_wake.is_empty() {
                // Release pairs with the acquire in `wait_until_served`.
                self.served.store(state.served(), Ordering::Release);
            }
            return Ok(());
        }
        // Also takes back the registration of a receiver that has waited long enough.
        let is_going_to_wait = state.has_senders && if_empty == IfEmpty::Register;
        state.reader = is_going_to_wait.then(P::current);
        Err(if state.has_senders { TryRecvError::Empty } else { TryRecvError::Disconnected })
    }

    /// How many messages there are to take, those of blocked senders included. If the hand is empty, takes what
    /// can be taken at once.
    pub(super) fn count_and_take(&self, hand: &mut Hand<T, P>) -> usize {
        let mut state = self.state.lock();
        let count = hand.taken.len() + state.queue.len() + state.blocked.len();
        if hand.taken.is_empty() {
            let _ = self.take_locked(&mut state, hand, IfEmpty::Return);
        }
        drop(state);
        hand.wake_senders();
        count
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
        let queue = mem::take(&mut state.queue);
        let senders: Vec<P::Thread> = state.blocked.iter().map(|blocked| blocked.thread.clone()).collect();
        drop(state);
        for sender in senders {
            sender.unpark();
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
    /// capacity 0 allows. Then moves blocked messages to where there is room.
    fn take(&mut self, capacity: usize, hand: &mut Hand<T, P>) {
        debug_assert!(hand.taken.is_empty() && hand.to_wake.is_empty());
        mem::swap(&mut self.queue, &mut hand.taken);
        if capacity == 0
            && hand.taken.is_empty()
            && let Some(Blocked { value, thread, .. }) = self.blocked.pop_front()
        {
            hand.taken.push_back(value);
            hand.to_wake.push(thread);
        }
        while self.queue.len() < capacity {
            let Some(Blocked { value, thread, .. }) = self.blocked.pop_front() else { break };
            self.queue.push_back(value);
            hand.to_wake.push(thread);
        }
    }

    /// How many tickets were served.
    fn served(&self) -> u64 {
        self.blocked.front().map_or(self.next_ticket, |blocked| blocked.ticket)
    }
}

impl<T, P: Threads> Hand<T, P> {
    fn wake_senders(&mut self) {
        for sender in self.to_wake.drain(..) {
            sender.unpark();
        }
    }
}

fn wake<Thread: Unpark>(reader: Option<Thread>) {
    if let Some(reader) = reader {
        reader.unpark();
    }
}
