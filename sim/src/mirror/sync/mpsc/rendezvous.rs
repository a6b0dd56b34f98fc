//! Channels without a buffer: a message goes from hand to hand.
//!
//! A sender that finds the receiver waiting gives it the message and goes on. Otherwise it leaves the message as an *offer* and
//! waits until it is taken. A receiver takes the oldest offer; if there is none it says that it waits, and waits.

use std::collections::VecDeque;
use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::kernel::{self, Birth, Execution, ObjectId, ObjectKind, OpKind, ValueKind};

/// A channel without a buffer.
pub(super) struct Rendezvous<T> {
    id: ObjectId,
    _birth: Birth,
    state: Mutex<State<T>>,
    /// For real threads: an offer was taken or the receiver was dropped; there is an offer, or a message was handed over, or
    /// the last sender was dropped.
    taken: Condvar,
    given: Condvar,
}

struct State<T> {
    offers: VecDeque<Offer<T>>,
    next_ticket: u64,
    receiver: Receiving<T>,
    senders: usize,
}

/// A message whose sender waits until it is taken.
struct Offer<T> {
    ticket: u64,
    /// The thread to release; real ones are notified.
    sender: Option<u32>,
    message: T,
}

/// What the receiver is doing.
enum Receiving<T> {
    /// Something else.
    Not,
    /// It waits; the thread to release, if it is a simulated one.
    Waits(Option<u32>),
    /// It has waited, and was given a message.
    Given(T),
    /// It was dropped.
    Gone,
}

impl<T> State<T> {
    fn take_offer(&mut self) -> Option<Offer<T>> {
        self.offers.pop_front()
    }

    fn position(&self, ticket: u64) -> Option<usize> {
        self.offers.iter().position(|offer| offer.ticket == ticket)
    }

    /// Gives the message to the receiver, if it waits; the thread to release.
    fn give(&mut self, message: T) -> Result<Option<u32>, TrySendError<T>> {
        match self.receiver {
            Receiving::Waits(thread) => {
                self.receiver = Receiving::Given(message);
                Ok(thread)
            }
            Receiving::Gone => Err(TrySendError::Disconnected(message)),
            Receiving::Not | Receiving::Given(_) => Err(TrySendError::Full(message)),
        }
    }

    fn offer(&mut self, message: T, sender: Option<u32>) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.offers.push_back(Offer { ticket, sender, message });
        ticket
    }

    /// The receiver waits no longer: what it was given, if it was.
    fn end_waiting(&mut self) -> Option<T> {
        match std::mem::replace(&mut self.receiver, Receiving::Not) {
            Receiving::Given(message) => Some(message),
            Receiving::Waits(_) => None,
            Receiving::Not | Receiving::Gone => unreachable!("the receiver was waiting"),
        }
    }

    fn none(&self) -> TryRecvError {
        if self.senders == 0 { TryRecvError::Disconnected } else { TryRecvError::Empty }
    }
}

/// An offer that is taken back, if it was not taken, when this is dropped.
struct Offered<'a, T> {
    channel: &'a Rendezvous<T>,
    ticket: u64,
}

impl<T> Offered<'_, T> {
    /// Takes the offer back; the message, if nobody has taken it.
    fn take_back(&self) -> Option<T> {
        let mut state = self.channel.state();
        let position = state.position(self.ticket)?;
        state.offers.remove(position).map(|offer| offer.message)
    }
}

impl<T> Drop for Offered<'_, T> {
    fn drop(&mut self) {
        drop(self.take_back());
    }
}

/// Says that the receiver waits, until this is dropped.
struct Waiting<'a, T>(&'a Rendezvous<T>);

impl<T> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if !matches!(state.receiver, Receiving::Not) {
            let given = state.end_waiting();
            drop(state);
            drop(given);
        }
    }
}

impl<T> Rendezvous<T> {
    #[track_caller]
    pub(super) fn new() -> Self {
        let state = State { offers: VecDeque::new(), next_ticket: 0, receiver: Receiving::Not, senders: 1 };
        Rendezvous {
            id: ObjectId::new(),
            _birth: Birth::new(ValueKind::Channel),
            state: Mutex::new(state),
            taken: Condvar::new(),
            given: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing panics while the state is locked: messages are made and dropped elsewhere.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self, execution: Execution) -> u32 {
        self.id.note_change();
        self.id.index(execution, ObjectKind::Channel)
    }

    pub(super) fn send(&self, message: T) -> Result<(), SendError<T>> {
        let Some(execution) = kernel::current() else { return self.send_outside(message) };
        let index = self.index(execution);
        execution.offer(OpKind::Send, index);
        let mut state = self.state();
        let message = match state.give(message) {
            Ok(receiver) => {
                drop(state);
                self.release(execution, index, receiver);
                return Ok(());
            }
            Err(TrySendError::Disconnected(message)) => {
                drop(state);
                execution.record();
                return Err(SendError(message));
            }
            Err(TrySendError::Full(message)) => message,
        };
        let ticket = state.offer(message, Some(execution.current()));
        drop(state);
        let offered = Offered { channel: self, ticket };
        execution.record();
        execution.wait_for_release(OpKind::HandOver, index);
        execution.record();
        match offered.take_back() {
            None => Ok(()),
            Some(message) => Err(SendError(message)),
        }
    }

    /// Releases a thread that was given something or whose offer was taken, and ends the step.
    fn release(&self, execution: Execution, index: u32, thread: Option<u32>) {
        match thread {
            Some(thread) => execution.release(index, thread),
            None => self.notify(),
        }
        execution.record();
    }

    /// Notifies real threads.
    fn notify(&self) {
        self.given.notify_all();
        self.taken.notify_all();
    }

    pub(super) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        match kernel::current() {
            Some(execution) => {
                let index = self.index(execution);
                execution.offer(OpKind::TrySend, index);
                let given = self.state().give(message);
                match given {
                    Ok(receiver) => {
                        self.release(execution, index, receiver);
                        Ok(())
                    }
                    Err(error) => {
                        execution.record();
                        Err(error)
                    }
                }
            }
            None => {
                self.state().give(message)?;
                self.notify();
                Ok(())
            }
        }
    }

    pub(super) fn receive(&self) -> Result<T, RecvError> {
        let result = match kernel::current() {
            Some(execution) => self.receive_simulated(execution, None),
            None => self.receive_until(None),
        };
        result.map_err(|_| RecvError)
    }

    pub(super) fn receive_within(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        match kernel::current() {
            Some(execution) => self.receive_simulated(execution, Some(limit)),
            None => self.receive_until(Instant::now().checked_add(limit)),
        }
    }

    fn receive_simulated(
        &self,
        execution: Execution,
        limit: Option<Duration>,
    ) -> Result<T, RecvTimeoutError> {
        let index = self.index(execution);
        execution.offer(OpKind::Receive, index);
        let mut state = self.state();
        if let Some(offer) = state.take_offer() {
            drop(state);
            self.release(execution, index, offer.sender);
            return Ok(offer.message);
        }
        if state.senders == 0 {
            drop(state);
            execution.record();
            return Err(RecvTimeoutError::Disconnected);
        }
        state.receiver = Receiving::Waits(Some(execution.current()));
        drop(state);
        let waiting = Waiting(self);
        execution.record();
        let is_released = match limit {
            Some(limit) => execution.wait_for_release_within(OpKind::Receive, index, limit),
            None => {
                execution.wait_for_release(OpKind::Receive, index);
                true
            }
        };
        if is_released {
            execution.record();
        }
        let given = self.state().end_waiting();
        drop(waiting);
        given.ok_or(if is_released { RecvTimeoutError::Disconnected } else { RecvTimeoutError::Timeout })
    }

    pub(super) fn try_receive(&self) -> Result<T, TryRecvError> {
        match kernel::current() {
            Some(execution) => {
                let index = self.index(execution);
                execution.offer(OpKind::TryReceive, index);
                let offer = self.state().take_offer();
                match offer {
                    Some(offer) => {
                        self.release(execution, index, offer.sender);
                        Ok(offer.message)
                    }
                    None => {
                        let none = self.state().none();
                        execution.record();
                        Err(none)
                    }
                }
            }
            None => {
                let mut state = self.state();
                let offer = state.take_offer().ok_or(state.none());
                drop(state);
                self.notify();
                offer.map(|offer| offer.message)
            }
        }
    }

    /// Announces that an end of the channel is about to be dropped.
    pub(super) fn announce_disconnect(&self) {
        if let Some(execution) = kernel::current() {
            execution.offer(OpKind::Disconnect, self.index(execution));
        }
    }

    /// Executes a disconnection, in the execution that it was announced to.
    fn disconnect(&self, operation: impl FnOnce(&mut State<T>)) {
        operation(&mut self.state());
        self.notify();
        if let Some(execution) = kernel::current().filter(|execution| self.id.is_claimed_by(*execution)) {
            execution.record();
        }
    }

    pub(super) fn add_sender(&self) {
        self.state().senders += 1;
    }

    pub(super) fn remove_sender(&self) {
        self.disconnect(|state| {
            state.senders -= 1;
            if state.senders == 0 && matches!(state.receiver, Receiving::Waits(_)) {
                self.release_all();
            }
        });
    }

    pub(super) fn remove_receiver(&self) {
        self.disconnect(|state| {
            state.receiver = Receiving::Gone;
            self.release_all();
        });
    }

    /// Releases all simulated threads that wait here: those of the other end.
    fn release_all(&self) {
        if let Some(execution) = kernel::current().filter(|execution| self.id.is_claimed_by(*execution)) {
            execution.release_all(self.index(execution));
        }
    }
}

impl<T> Rendezvous<T> {
    /// [`send`](Rendezvous::send) for real threads.
    fn send_outside(&self, message: T) -> Result<(), SendError<T>> {
        let mut state = self.state();
        let message = match state.give(message) {
            Ok(_) => {
                drop(state);
                self.notify();
                return Ok(());
            }
            Err(TrySendError::Disconnected(message)) => return Err(SendError(message)),
            Err(TrySendError::Full(message)) => message,
        };
        let ticket = state.offer(message, None);
        self.given.notify_all();
        let waits = |state: &mut State<T>| {
            state.position(ticket).is_some() && !matches!(state.receiver, Receiving::Gone)
        };
        drop(self.taken.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner));
        match (Offered { channel: self, ticket }).take_back() {
            None => Ok(()),
            Some(message) => Err(SendError(message)),
        }
    }

    /// [`receive`](Rendezvous::receive) for real threads, until `deadline`.
    pub(super) fn receive_until(&self, deadline: Option<Instant>) -> Result<T, RecvTimeoutError> {
        let mut state = self.state();
        loop {
            if let Receiving::Given(message) = std::mem::replace(&mut state.receiver, Receiving::Not) {
                return Ok(message);
            }
            if let Some(offer) = state.take_offer() {
                drop(state);
                self.notify();
                return Ok(offer.message);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let error = match left {
                _ if state.senders == 0 => Some(RecvTimeoutError::Disconnected),
                Some(left) if left.is_zero() => Some(RecvTimeoutError::Timeout),
                _ => None,
            };
            if let Some(error) = error {
                return Err(error);
            }
            state.receiver = Receiving::Waits(None);
            state = match left {
                None => self.given.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) => self.given.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}
