//! The channel of the canary: a queue behind one lock, with one condition variable for all who wait.
//!
//! Each message carries the time at which its sender began to send it. Time is a count that the receiver moves on.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{RecvError, SendError, TryRecvError, TrySendError};

use raddle::platform::{Condvar, Guard, Mutex, Threads};

/// A bounded channel; with a capacity of 0 a message is handed over. `None`: unbounded.
pub(super) fn channel<P: Threads, T: Send + 'static>(
    capacity: Option<usize>,
) -> (Sender<P, T>, Receiver<P, T>) {
    let queue = Queue {
        capacity,
        messages: VecDeque::new(),
        time: 0,
        entered: 0,
        left: 0,
        waiting_receivers: 0,
        senders: 1,
        is_open: true,
    };
    let shared = Arc::new(Shared { queue: Mutex::new(queue), changed: P::Condvar::default() });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

/// Sends, from as many clones as one likes.
pub(super) struct Sender<P: Threads, T: Send + 'static>(Arc<Shared<P, T>>);

/// Receives. Dropping it refuses what is sent from then on, and drops what was not received.
pub(super) struct Receiver<P: Threads, T: Send + 'static>(Arc<Shared<P, T>>);

/// A message with the time at which its sender began.
pub(super) struct Stamped<T> {
    pub(super) stamp: u64,
    pub(super) message: T,
}

/// The reference count is an ordinary one: the queue is empty when the last owner goes, so that has nothing to touch.
struct Shared<P: Threads, T: Send> {
    queue: P::Mutex<Queue<T>>,
    /// Notified at every change that somebody may wait for.
    changed: P::Condvar,
}

struct Queue<T> {
    capacity: Option<usize>,
    messages: VecDeque<Stamped<T>>,
    time: u64,
    /// How many messages have entered the queue.
    entered: u64,
    /// How many have left it, in the same order.
    left: u64,
    waiting_receivers: usize,
    senders: usize,
    /// Whether there is a receiver.
    is_open: bool,
}

impl<T> Queue<T> {
    fn has_room(&self) -> bool {
        self.capacity.is_none_or(|capacity| self.messages.len() < capacity.max(1))
    }

    fn push(&mut self, stamp: u64, message: T) -> u64 {
        self.messages.push_back(Stamped { stamp, message });
        self.entered += 1;
        self.entered - 1
    }

    fn pop(&mut self) -> Option<Stamped<T>> {
        let message = self.messages.pop_front()?;
        self.left += 1;
        Some(message)
    }
}

impl<P: Threads, T: Send> Shared<P, T> {
    fn wait<'a>(&'a self, queue: Guard<'a, P, Queue<T>>) -> Guard<'a, P, Queue<T>> {
        self.changed.wait(queue)
    }
}

impl<P: Threads, T: Send> Sender<P, T> {
    pub(super) fn send(&self, message: T) -> Result<(), SendError<T>> {
        let shared = &*self.0;
        let mut queue = shared.queue.lock();
        let stamp = queue.time;
        while queue.is_open && !queue.has_room() {
            queue = shared.wait(queue);
        }
        if !queue.is_open {
            return Err(SendError(message));
        }
        let number = queue.push(stamp, message);
        shared.changed.notify_all();
        if queue.capacity != Some(0) {
            return Ok(());
        }
        while queue.is_open && queue.left <= number {
            queue = shared.wait(queue);
        }
        if queue.left > number {
            return Ok(());
        }
        let refused = queue.messages.pop_front().expect("it was not taken, and there is room for one");
        Err(SendError(refused.message))
    }

    pub(super) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let shared = &*self.0;
        let mut queue = shared.queue.lock();
        if !queue.is_open {
            return Err(TrySendError::Disconnected(message));
        }
        let has_room = match queue.capacity {
            Some(0) => queue.waiting_receivers > queue.messages.len(),
            _ => queue.has_room(),
        };
        if !has_room {
            return Err(TrySendError::Full(message));
        }
        let stamp = queue.time;
        queue.push(stamp, message);
        shared.changed.notify_all();
        Ok(())
    }
}

impl<P: Threads, T: Send> Clone for Sender<P, T> {
    fn clone(&self) -> Self {
        self.0.queue.lock().senders += 1;
        Sender(Arc::clone(&self.0))
    }
}

impl<P: Threads, T: Send> Drop for Sender<P, T> {
    fn drop(&mut self) {
        let mut queue = self.0.queue.lock();
        queue.senders -= 1;
        if queue.senders == 0 {
            self.0.changed.notify_all();
        }
    }
}

impl<P: Threads, T: Send> Receiver<P, T> {
    pub(super) fn recv(&self) -> Result<T, RecvError> {
        let shared = &*self.0;
        let mut queue = shared.queue.lock();
        loop {
            if let Some(stamped) = queue.pop() {
                shared.changed.notify_all();
                return Ok(stamped.message);
            }
            if queue.senders == 0 {
                return Err(RecvError);
            }
            queue.waiting_receivers += 1;
            queue = shared.wait(queue);
            queue.waiting_receivers -= 1;
        }
    }

    /// As `try_recv` of `std`, with the stamp.
    pub(super) fn try_recv(&self) -> Result<Stamped<T>, TryRecvError> {
        let shared = &*self.0;
        let mut queue = shared.queue.lock();
        match queue.pop() {
            Some(stamped) => {
                shared.changed.notify_all();
                Ok(stamped)
            }
            None if queue.senders == 0 => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    /// The time. It is another one afterwards, if `moves_on` says so.
    pub(super) fn time(&self, moves_on: bool) -> u64 {
        let mut queue = self.0.queue.lock();
        let now = queue.time;
        queue.time += u64::from(moves_on);
        now
    }
}

impl<P: Threads, T: Send> Drop for Receiver<P, T> {
    fn drop(&mut self) {
        let unreceived = {
            let mut queue = self.0.queue.lock();
            queue.is_open = false;
            self.0.changed.notify_all();
            // What was about to be handed over goes back to its sender.
            if queue.capacity == Some(0) { VecDeque::new() } else { std::mem::take(&mut queue.messages) }
        };
        // User code runs without the lock.
        drop(unreceived);
    }
}
