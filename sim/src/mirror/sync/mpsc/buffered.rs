//! Channels that hold messages: any number of them, or up to a bound above zero.
//!
//! The left side of the channel's gate is open while there is room, the right side while there is a message; both are, once
//! the other end is gone.

use std::collections::VecDeque;
use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::kernel::{self, Birth, Execution, ObjectId, ObjectKind, OpKind, Open, Side, ValueKind};

/// A channel with a buffer.
pub(super) struct Buffered<T> {
    id: ObjectId,
    _birth: Birth,
    state: Mutex<State<T>>,
    /// For real threads: there is room, there is a message.
    room: Condvar,
    message: Condvar,
}

struct State<T> {
    messages: VecDeque<T>,
    /// How many messages there is room for.
    bound: usize,
    senders: usize,
    has_receiver: bool,
    /// How many real threads wait. Notifying is a call of the system even if nobody does.
    waiting: usize,
}

impl<T> State<T> {
    fn has_room(&self) -> bool {
        !self.has_receiver || self.messages.len() < self.bound
    }

    fn has_message(&self) -> bool {
        self.senders == 0 || !self.messages.is_empty()
    }

    fn open(&self) -> Open {
        Open { left: self.has_room(), right: self.has_message() }
    }
}

impl<T> Buffered<T> {
    /// A channel with room for `bound` messages.
    #[track_caller]
    pub(super) fn new(bound: usize) -> Self {
        let state = State { messages: VecDeque::new(), bound, senders: 1, has_receiver: true, waiting: 0 };
        Buffered {
            id: ObjectId::new(),
            _birth: Birth::new(ValueKind::Channel),
            state: Mutex::new(state),
            room: Condvar::new(),
            message: Condvar::new(),
        }
    }

    #[inline]
    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing panics while the state is locked: messages are made and dropped elsewhere.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn index(&self, execution: Execution) -> u32 {
        self.id.index_at(execution, ObjectKind::Channel, || self.state().open())
    }

    /// Executes the operation that is announced and granted.
    #[inline]
    fn execute<R>(&self, execution: Execution, index: u32, operation: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut state = self.state();
        let result = operation(&mut state);
        let open = state.open();
        drop(state);
        self.id.note_change();
        execution.set_open(index, open);
        execution.record();
        result
    }

    #[inline]
    pub(super) fn send(&self, message: T) -> Result<(), SendError<T>> {
        let result = match kernel::current() {
            Some(execution) => {
                let index = self.index(execution);
                execution.enter(OpKind::Send, index, Side::Left);
                self.execute(execution, index, |state| state.push(message))
            }
            None => {
                let mut state = self.state();
                while !state.has_room() {
                    state = wait(state, &self.room);
                }
                let result = state.push(message);
                notify(state, &self.message);
                result
            }
        };
        result.map_err(|error| match error {
            TrySendError::Full(message) | TrySendError::Disconnected(message) => SendError(message),
        })
    }

    pub(super) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        match kernel::current() {
            Some(execution) => {
                let index = self.index(execution);
                execution.offer(OpKind::TrySend, index);
                self.execute(execution, index, |state| state.push(message))
            }
            None => {
                let mut state = self.state();
                let result = state.push(message);
                notify(state, &self.message);
                result
            }
        }
    }

    #[inline]
    pub(super) fn receive(&self) -> Result<T, RecvError> {
        let Some(execution) = kernel::current() else {
            return self.receive_until(None).map_err(|_| RecvError);
        };
        let index = self.index(execution);
        execution.enter(OpKind::Receive, index, Side::Right);
        self.execute(execution, index, State::pop).map_err(|_| RecvError)
    }

    pub(super) fn receive_within(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        let Some(execution) = kernel::current() else {
            return self.receive_until(Instant::now().checked_add(limit));
        };
        let index = self.index(execution);
        if execution.enter_within(OpKind::Receive, index, Side::Right, limit) {
            self.execute(execution, index, State::pop).map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            Err(RecvTimeoutError::Timeout)
        }
    }

    pub(super) fn try_receive(&self) -> Result<T, TryRecvError> {
        match kernel::current() {
            Some(execution) => {
                let index = self.index(execution);
                execution.offer(OpKind::TryReceive, index);
                self.execute(execution, index, State::pop)
            }
            None => {
                let mut state = self.state();
                let result = state.pop();
                notify(state, &self.room);
                result
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
    fn disconnect<R>(&self, operation: impl FnOnce(&mut State<T>) -> R) -> R {
        match kernel::current().filter(|execution| self.id.is_claimed_by(*execution)) {
            Some(execution) => self.execute(execution, self.index(execution), operation),
            None => operation(&mut self.state()),
        }
    }

    pub(super) fn add_sender(&self) {
        self.state().senders += 1;
    }

    pub(super) fn remove_sender(&self) {
        let is_awaited = self.disconnect(|state| {
            state.senders -= 1;
            state.waiting > 0
        });
        if is_awaited {
            self.message.notify_all();
        }
    }

    pub(super) fn remove_receiver(&self) {
        let (unread, is_awaited) = self.disconnect(|state| {
            state.has_receiver = false;
            (std::mem::take(&mut state.messages), state.waiting > 0)
        });
        if is_awaited {
            self.room.notify_all();
        }
        drop(unread);
    }
}

impl<T> State<T> {
    fn push(&mut self, message: T) -> Result<(), TrySendError<T>> {
        if !self.has_receiver {
            Err(TrySendError::Disconnected(message))
        } else if self.messages.len() >= self.bound {
            Err(TrySendError::Full(message))
        } else {
            self.messages.push_back(message);
            Ok(())
        }
    }

    fn pop(&mut self) -> Result<T, TryRecvError> {
        let none = if self.senders == 0 { TryRecvError::Disconnected } else { TryRecvError::Empty };
        self.messages.pop_front().ok_or(none)
    }
}

impl<T> Buffered<T> {
    /// As [`receive`](Buffered::receive), for real threads, until `deadline`.
    pub(super) fn receive_until(&self, deadline: Option<Instant>) -> Result<T, RecvTimeoutError> {
        let mut state = self.state();
        while !state.has_message() {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            state = match left {
                None => wait(state, &self.message),
                Some(left) if left.is_zero() => return Err(RecvTimeoutError::Timeout),
                Some(left) => wait_within(state, &self.message, left),
            };
        }
        let result = state.pop();
        notify(state, &self.room);
        result.map_err(|_| RecvTimeoutError::Disconnected)
    }
}

/// Has a real thread wait for a notification, or for no reason go on.
fn wait<'a, T>(mut state: MutexGuard<'a, State<T>>, condvar: &Condvar) -> MutexGuard<'a, State<T>> {
    state.waiting += 1;
    let mut state = condvar.wait(state).unwrap_or_else(PoisonError::into_inner);
    state.waiting -= 1;
    state
}

/// As [`wait`], but no longer than `limit`.
fn wait_within<'a, T>(
    mut state: MutexGuard<'a, State<T>>,
    condvar: &Condvar,
    limit: Duration,
) -> MutexGuard<'a, State<T>> {
    state.waiting += 1;
    let (mut state, _) = condvar.wait_timeout(state, limit).unwrap_or_else(PoisonError::into_inner);
    state.waiting -= 1;
    state
}

/// Unlocks, and notifies one real thread if any waits.
fn notify<T>(state: MutexGuard<'_, State<T>>, condvar: &Condvar) {
    let is_awaited = state.waiting > 0;
    drop(state);
    if is_awaited {
        condvar.notify_one();
    }
}
