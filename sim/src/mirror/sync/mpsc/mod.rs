//! The mirror of [`std::sync::mpsc`]: channels with many senders and one receiver.
//!
//! ```
//! use raddle_sim::sync::mpsc::sync_channel;
//! use raddle_sim::thread;
//!
//! let (sender, receiver) = sync_channel(2);
//! let producer = thread::spawn(move || (0..5).for_each(|number| sender.send(number).unwrap()));
//! assert_eq!(receiver.iter().sum::<i32>(), 10);
//! producer.join().unwrap();
//! ```
//!
//! Sending, receiving and dropping an end are one step each; a message that is handed over without a buffer is up to two on
//! either side. Cloning a sender is no step: who clones has one, so nobody can tell when.

mod buffered;
mod rendezvous;

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

use self::buffered::Buffered;
use self::rendezvous::Rendezvous;

/// A channel that holds any number of messages.
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let channel = Arc::new(Channel::Buffered(Buffered::new(usize::MAX)));
    (Sender(SendingEnd(channel.clone())), Receiver::new(channel))
}

/// A channel that holds up to `bound` messages. With a bound of zero a message is handed over: sending blocks until it is
/// received.
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let channel = Arc::new(match bound {
        0 => Channel::Rendezvous(Rendezvous::new()),
        bound => Channel::Buffered(Buffered::new(bound)),
    });
    (SyncSender(SendingEnd(channel.clone())), Receiver::new(channel))
}

/// The end of a [`channel`] into which messages are sent.
pub struct Sender<T>(SendingEnd<T>);

/// The end of a [`sync_channel`] into which messages are sent.
pub struct SyncSender<T>(SendingEnd<T>);

/// The end of a channel that messages come out of.
pub struct Receiver<T> {
    channel: Arc<Channel<T>>,
    /// One thread at a time receives.
    not_shared: PhantomData<Cell<()>>,
}

enum Channel<T> {
    Buffered(Buffered<T>),
    Rendezvous(Rendezvous<T>),
}

/// Calls the same method of either kind of channel.
macro_rules! dispatch {
    ($channel:expr, $method:ident($($argument:expr),*)) => {
        match &*$channel {
            Channel::Buffered(channel) => channel.$method($($argument),*),
            Channel::Rendezvous(channel) => channel.$method($($argument),*),
        }
    };
}

/// What both kinds of senders are.
struct SendingEnd<T>(Arc<Channel<T>>);

impl<T> Clone for SendingEnd<T> {
    fn clone(&self) -> Self {
        dispatch!(self.0, add_sender());
        SendingEnd(self.0.clone())
    }
}

impl<T> Drop for SendingEnd<T> {
    fn drop(&mut self) {
        /// Drops the sender even if announcing it panics.
        struct Leave<'a, T>(&'a Channel<T>);
        impl<T> Drop for Leave<'_, T> {
            fn drop(&mut self) {
                dispatch!(self.0, remove_sender());
            }
        }
        let leave = Leave(&self.0);
        dispatch!(leave.0, announce_disconnect());
    }
}

impl<T> Sender<T> {
    /// Sends a message. Does not block.
    ///
    /// # Errors
    ///
    /// The message, if the receiver was dropped.
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        dispatch!(self.0.0, send(message))
    }
}

impl<T> SyncSender<T> {
    /// Sends a message; blocks while there is no room, and in a channel without room until the message is received.
    ///
    /// # Errors
    ///
    /// The message, if the receiver was dropped.
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        dispatch!(self.0.0, send(message))
    }

    /// Sends a message if there is room; in a channel without room, if the receiver is waiting.
    ///
    /// # Errors
    ///
    /// The message, if there is no room or the receiver was dropped.
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        dispatch!(self.0.0, try_send(message))
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender(self.0.clone())
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> Self {
        SyncSender(self.0.clone())
    }
}

impl<T> Receiver<T> {
    fn new(channel: Arc<Channel<T>>) -> Self {
        Receiver { channel, not_shared: PhantomData }
    }

    /// The next message; blocks while there is none and a sender is left.
    ///
    /// # Errors
    ///
    /// If there is no message and all senders were dropped.
    #[inline]
    pub fn recv(&self) -> Result<T, RecvError> {
        dispatch!(self.channel, receive())
    }

    /// The next message, if there is one.
    ///
    /// # Errors
    ///
    /// If there is none; whether all senders were dropped.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        dispatch!(self.channel, try_receive())
    }

    /// The next message; blocks while there is none and a sender is left, but no longer than `limit`. Inside of an execution
    /// the time is virtual.
    ///
    /// # Errors
    ///
    /// If there is no message: because the limit was used up, or all senders were dropped.
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        dispatch!(self.channel, receive_within(limit))
    }

    /// The messages until all senders are dropped; blocks for each.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// The messages that are there already. Does not block.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        /// Drops the receiver even if announcing it panics.
        struct Leave<'a, T>(&'a Channel<T>);
        impl<T> Drop for Leave<'_, T> {
            fn drop(&mut self) {
                dispatch!(self.0, remove_receiver());
            }
        }
        let leave = Leave(&self.channel);
        dispatch!(leave.0, announce_disconnect());
    }
}

/// Messages of a borrowed receiver, blocking; see [`Receiver::iter`].
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// Messages of a borrowed receiver, without blocking; see [`Receiver::try_iter`].
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// Messages of a receiver that it owns, blocking.
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SyncSender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Receiver").finish_non_exhaustive()
    }
}
