//! The sending halves.

use core::fmt;

use super::errors::{SendError, TrySendError};
use super::line::Line;
use crate::platform::{Native, Threads};

/// The sending half of a [`channel`](super::channel()): sending never blocks.
///
/// Cloned for each thread that sends, or shared between them. The channel is disconnected when all are gone.
pub struct Sender<T: Send + 'static, P: Threads = Native> {
    line: P::Arc<Line<T, P>>,
}

/// The sending half of a [`sync_channel`](super::sync_channel): sending blocks while the channel is full.
///
/// Cloned for each thread that sends, or shared between them. The channel is disconnected when all are gone.
pub struct SyncSender<T: Send + 'static, P: Threads = Native> {
    line: P::Arc<Line<T, P>>,
}

impl<T: Send + 'static, P: Threads> Sender<T, P> {
    /// Sends `value`. Never blocks.
    ///
    /// Success does not say that the value is going to be received: the receiver may be dropped before it gets
    /// there, and then drops the value.
    ///
    /// # Errors
    ///
    /// The value, if the receiver is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::channel::{self, SendError};
    ///
    /// let (sender, receiver) = channel::channel();
    /// assert_eq!(sender.send(1), Ok(()));
    /// drop(receiver);
    /// assert_eq!(sender.send(2), Err(SendError(2)));
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.line.send(value)
    }
}

impl<T: Send + 'static, P: Threads> SyncSender<T, P> {
    /// Sends `value`, and blocks until there is room for it. With a bound of 0, blocks until the receiver has
    /// taken it.
    ///
    /// Senders that block are served in the order in which they came. With a bound of 1 or more, success does
    /// not say that the value is going to be received: the receiver may be dropped before it gets there, and
    /// then drops the value.
    ///
    /// # Errors
    ///
    /// The value, if the receiver is gone, or goes while this call waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::channel::{self, SendError};
    ///
    /// let (sender, receiver) = channel::sync_channel(0);
    /// let thread = std::thread::spawn(move || (sender.send(1), sender.send(2)));
    /// assert_eq!(receiver.recv(), Ok(1));
    /// drop(receiver);
    /// assert_eq!(thread.join().unwrap(), (Ok(()), Err(SendError(2))));
    /// ```
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.line.send(value)
    }

    /// Sends `value` if that needs no waiting. With a bound of 0, that is only while the receiver waits in a
    /// call, and no other sender has come before.
    ///
    /// # Errors
    ///
    /// The value, if the channel is full or the receiver is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::channel::{self, TrySendError};
    ///
    /// let (sender, receiver) = channel::sync_channel(1);
    /// assert_eq!(sender.try_send(1), Ok(()));
    /// assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
    /// drop(receiver);
    /// assert_eq!(sender.try_send(3), Err(TrySendError::Disconnected(3)));
    /// ```
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.line.try_send(value)
    }
}

/// What both kinds have in common.
macro_rules! sender {
    ($sender:ident) => {
        impl<T: Send + 'static, P: Threads> $sender<T, P> {
            /// The first sender of `line`.
            pub(super) fn new(line: P::Arc<Line<T, P>>) -> Self {
                $sender { line }
            }
        }

        impl<T: Send + 'static, P: Threads> Clone for $sender<T, P> {
            fn clone(&self) -> Self {
                self.line.add_sender();
                $sender { line: self.line.clone() }
            }
        }

        impl<T: Send + 'static, P: Threads> Drop for $sender<T, P> {
            fn drop(&mut self) {
                self.line.remove_sender();
            }
        }

        impl<T: Send + 'static, P: Threads> fmt::Debug for $sender<T, P> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($sender)).finish_non_exhaustive()
            }
        }
    };
}

sender!(Sender);
sender!(SyncSender);
