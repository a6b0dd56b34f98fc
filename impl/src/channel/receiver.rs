//! The receiving half.

use core::cell::RefCell;
use core::fmt;
use core::mem;
use core::time::Duration;

use super::errors::{RecvError, RecvTimeoutError, TryRecvError};
use super::iter::{Iter, TryIter};
use super::line::{Hand, IfEmpty, Line};
use crate::platform::{Clock, Native, Threads};

/// The receiving half of a channel.
///
/// Where it is said not to block it still waits for a sender that was interrupted in the middle of `send`: it
/// [yields](Threads::yield_now) until that one has gone on, in a channel with a bound.
///
/// It can be sent to another thread but not be shared. When it is dropped, the messages that wait are
/// dropped with it, on the same thread, and blocked senders get theirs back.
pub struct Receiver<T: Send + 'static, P: Threads = Native> {
    hand: RefCell<Hand<T, P>>,
    line: P::Arc<Line<T, P>>,
}

impl<T: Send + 'static, P: Threads> Receiver<T, P> {
    pub(super) fn new(line: P::Arc<Line<T, P>>) -> Self {
        Receiver { hand: RefCell::new(Hand::new()), line }
    }

    /// The next message. Blocks until there is one.
    ///
    /// # Errors
    ///
    /// If there is none, and all senders are gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::channel::{self, RecvError};
    ///
    /// let (sender, receiver) = channel::channel();
    /// sender.send(1).unwrap();
    /// drop(sender);
    /// assert_eq!(receiver.recv(), Ok(1));
    /// assert_eq!(receiver.recv(), Err(RecvError));
    /// ```
    pub fn recv(&self) -> Result<T, RecvError> {
        let mut patience = P::YIELDS;
        loop {
            let if_empty = if patience > 0 { IfEmpty::Return } else { IfEmpty::Register };
            match self.next(if_empty) {
                Ok(value) => return Ok(value),
                Err(TryRecvError::Disconnected) => return Err(RecvError),
                Err(TryRecvError::Empty) if patience > 0 => {
                    patience -= 1;
                    P::yield_now();
                }
                Err(TryRecvError::Empty) => P::park(),
            }
        }
    }

    /// The next message, if there is one now. With a bound of 0, that is if a sender is blocked.
    ///
    /// # Errors
    ///
    /// If there is none; whether that may change is told by the error.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::channel::{self, TryRecvError};
    ///
    /// let (sender, receiver) = channel::channel();
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    /// sender.send(1).unwrap();
    /// drop(sender);
    /// assert_eq!(receiver.try_recv(), Ok(1));
    /// assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    /// ```
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.next(IfEmpty::Return)
    }

    /// The next message. Blocks until there is one, but not much longer than `limit`.
    ///
    /// # Errors
    ///
    /// If there is none, and all senders are gone or the time has passed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use raddle::channel::{self, RecvTimeoutError};
    ///
    /// let (sender, receiver) = channel::channel();
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.recv_timeout(Duration::from_millis(5)), Ok(1));
    /// assert_eq!(receiver.recv_timeout(Duration::from_millis(5)), Err(RecvTimeoutError::Timeout));
    /// drop(sender);
    /// assert_eq!(receiver.recv_timeout(Duration::from_millis(5)), Err(RecvTimeoutError::Disconnected));
    /// ```
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError>
    where
        P: Clock,
    {
        let mut begin = None;
        loop {
            match self.next(IfEmpty::Register) {
                Ok(value) => return Ok(value),
                Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
                Err(TryRecvError::Empty) => {}
            }
            let now = P::now();
            let passed = now - *begin.get_or_insert(now);
            if passed >= limit {
                // A message may have come since; then it is not too late. If not, nobody is to wake us any more.
                return self.try_recv().map_err(|error| match error {
                    TryRecvError::Empty => RecvTimeoutError::Timeout,
                    TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
                });
            }
            P::park_timeout(limit - passed);
        }
    }

    /// All messages until the channel is disconnected. Its `next` blocks as [`recv`](Receiver::recv) does.
    ///
    /// ```
    /// let (sender, receiver) = raddle::channel::channel();
    /// sender.send(1).unwrap();
    /// sender.send(2).unwrap();
    /// drop(sender);
    /// assert_eq!(receiver.iter().sum::<i32>(), 3);
    /// ```
    pub fn iter(&self) -> Iter<'_, T, P> {
        Iter::new(self)
    }

    /// The messages that are there. Its `next` never blocks: where [`try_recv`](Receiver::try_recv) fails it
    /// gives `None`.
    ///
    /// ```
    /// let (sender, receiver) = raddle::channel::channel();
    /// sender.send(1).unwrap();
    /// assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [1]);
    /// assert_eq!(receiver.try_iter().next(), None);
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T, P> {
        TryIter::new(self)
    }

    /// How many messages there are, in the order in which they were sent: those taken, those queued, and those
    /// of blocked senders. So many calls of `try_recv` are going to succeed.
    pub(crate) fn count(&mut self) -> usize {
        self.line.count_and_take(self.hand.get_mut())
    }

    /// The next message, out of the hand or the line.
    fn next(&self, if_empty: IfEmpty) -> Result<T, TryRecvError> {
        let mut hand = self.hand.borrow_mut();
        if let Some(value) = hand.taken.pop_front() {
            return Ok(value);
        }
        self.line.take(&mut hand, if_empty)?;
        Ok(hand.taken.pop_front().expect("a success takes at least one message"))
    }
}

impl<T: Send + 'static, P: Threads> Drop for Receiver<T, P> {
    fn drop(&mut self) {
        let queued = self.line.remove_receiver();
        // User code, so after the senders were told. The oldest first.
        drop(mem::take(&mut self.hand.get_mut().taken));
        drop(queued);
    }
}

impl<T: Send + 'static, P: Threads> fmt::Debug for Receiver<T, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Receiver").finish_non_exhaustive()
    }
}
