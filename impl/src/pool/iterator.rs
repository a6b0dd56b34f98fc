//! The iterators over what workers have sent.

use core::iter::FusedIterator;

use alloc::vec::Vec;

use super::outcome::resume_first;
use super::team::join_all;
use crate::channel::Receiver;
use crate::platform::{Native, Threads};

/// The values that were sent before it was made: [`WorkerPool::recv_burst`](super::WorkerPool::recv_burst).
///
/// Its `next` waits for no worker but one that was [interrupted](crate::channel#differences-from-stdsyncmpsc) in the
/// middle of `send`. What is left when it is dropped is received later.
#[derive(Debug)]
pub struct RecvBurstIterator<'pool, Up: Send + 'static, P: Threads = Native> {
    receiver: &'pool mut Receiver<Up, P>,
    /// How many of the values that were sent before have not been yielded.
    left: usize,
}

impl<'pool, Up: Send + 'static, P: Threads> RecvBurstIterator<'pool, Up, P> {
    /// Begins the burst.
    pub(super) fn new(receiver: &'pool mut Receiver<Up, P>) -> Self {
        let left = receiver.count();
        RecvBurstIterator { receiver, left }
    }
}

impl<Up: Send + 'static, P: Threads> Iterator for RecvBurstIterator<'_, Up, P> {
    type Item = Up;

    fn next(&mut self) -> Option<Up> {
        self.left = self.left.checked_sub(1)?;
        Some(self.receiver.try_recv().expect("what was counted stays there until it is received"))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<Up: Send + 'static, P: Threads> ExactSizeIterator for RecvBurstIterator<'_, Up, P> {}
impl<Up: Send + 'static, P: Threads> FusedIterator for RecvBurstIterator<'_, Up, P> {}

/// The values that were still to come when the pool was stopped: [`WorkerPool::stop`](super::WorkerPool::stop).
///
/// Its `next` blocks until a worker sends or all have ended.
///
/// # Panics
///
/// When there are no more values, `next` joins all threads. If workers panicked, it then panics with the panic of
/// the one that was started first, and gives `None` from then on.
#[derive(Debug)]
pub struct RecvAllIterator<Up: Send + 'static, P: Threads = Native> {
    /// Dropped first, if it is dropped early: workers that block in `send` go on.
    receiver: Receiver<Up, P>,
    /// Those not joined yet, in the order in which they were started.
    threads: Vec<P::JoinHandle<()>>,
}

impl<Up: Send + 'static, P: Threads> RecvAllIterator<Up, P> {
    pub(super) fn new(receiver: Receiver<Up, P>, threads: Vec<P::JoinHandle<()>>) -> Self {
        RecvAllIterator { receiver, threads }
    }
}

impl<Up: Send + 'static, P: Threads> Iterator for RecvAllIterator<Up, P> {
    type Item = Up;

    fn next(&mut self) -> Option<Up> {
        if let Ok(value) = self.receiver.recv() {
            return Some(value);
        }
        let panics = join_all::<P>(core::mem::take(&mut self.threads));
        if !panics.is_empty() {
            resume_first::<P>(panics);
        }
        None
    }
}

impl<Up: Send + 'static, P: Threads> FusedIterator for RecvAllIterator<Up, P> {}
