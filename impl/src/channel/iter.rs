//! A receiver as an iterator.

use core::iter::FusedIterator;

use super::Receiver;
use crate::platform::{Native, Threads};

/// All messages until the channel is disconnected: [`Receiver::iter`].
#[derive(Debug)]
pub struct Iter<'receiver, T: Send + 'static, P: Threads = Native> {
    receiver: &'receiver Receiver<T, P>,
}

/// The messages that are there now: [`Receiver::try_iter`]. Not fused: a message may come after a `None`.
#[derive(Debug)]
pub struct TryIter<'receiver, T: Send + 'static, P: Threads = Native> {
    receiver: &'receiver Receiver<T, P>,
}

/// All messages until the channel is disconnected, with the receiver inside: it is dropped with the iterator.
#[derive(Debug)]
pub struct IntoIter<T: Send + 'static, P: Threads = Native> {
    receiver: Receiver<T, P>,
}

impl<'receiver, T: Send + 'static, P: Threads> Iter<'receiver, T, P> {
    pub(super) fn new(receiver: &'receiver Receiver<T, P>) -> Self {
        Iter { receiver }
    }
}

impl<'receiver, T: Send + 'static, P: Threads> TryIter<'receiver, T, P> {
    pub(super) fn new(receiver: &'receiver Receiver<T, P>) -> Self {
        TryIter { receiver }
    }
}

impl<T: Send + 'static, P: Threads> Iterator for Iter<'_, T, P> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T: Send + 'static, P: Threads> Iterator for TryIter<'_, T, P> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

impl<T: Send + 'static, P: Threads> Iterator for IntoIter<T, P> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

// A disconnected channel stays disconnected.
impl<T: Send + 'static, P: Threads> FusedIterator for Iter<'_, T, P> {}
impl<T: Send + 'static, P: Threads> FusedIterator for IntoIter<T, P> {}

impl<'receiver, T: Send + 'static, P: Threads> IntoIterator for &'receiver Receiver<T, P> {
    type Item = T;
    type IntoIter = Iter<'receiver, T, P>;

    fn into_iter(self) -> Iter<'receiver, T, P> {
        self.iter()
    }
}

impl<T: Send + 'static, P: Threads> IntoIterator for Receiver<T, P> {
    type Item = T;
    type IntoIter = IntoIter<T, P>;

    fn into_iter(self) -> IntoIter<T, P> {
        IntoIter { receiver: self }
    }
}
