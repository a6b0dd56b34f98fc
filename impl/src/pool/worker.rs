//! What a worker has in hand, and how its thread is started.

use core::fmt;
use core::marker::PhantomData;

use alloc::sync::Arc;
use std::sync::{Mutex, PoisonError};

use super::msg::DownMsg;
use super::outcome::ExecuteError;
use crate::channel::{Receiver, SendError, SyncSender, TrySendError};
use crate::platform::{Native, Threads};

/// Where a worker takes its orders from.
pub type WorkerReceiver<Down, P = Native> = Receiver<DownMsg<Down>, P>;

/// Sends a worker's values up to the manager.
///
/// It stays on the worker's thread, and so do its clones: it is neither `Send` nor `Sync`. When the closure of a
/// worker ends, all of its senders must be gone: the pool takes their end for the worker's
/// ([O5](super#what-workers-owe)).
pub struct WorkerSender<Up: Send + 'static, P: Threads = Native> {
    sender: SyncSender<Up, P>,
    /// Keeps it on its thread.
    _local: PhantomData<*const ()>,
}

impl<Up: Send + 'static, P: Threads> WorkerSender<Up, P> {
    /// Sends `value`, and blocks until there is room for it; in a pool with a buffer of length 0, until the
    /// manager has taken it.
    ///
    /// # Errors
    ///
    /// The value, if nobody can receive it any more: the iterator of [`stop`](super::WorkerPool::stop) was
    /// dropped early, or the pool was dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(1);
    /// pool.execute(|tx, _rx| {
    ///     let mut number = 0;
    ///     while tx.send(number).is_ok() {
    ///         number += 1;
    ///     }
    /// });
    /// assert_eq!(pool.recv(), Ok(0));
    /// drop(pool); // The worker ends.
    /// ```
    pub fn send(&self, value: Up) -> Result<(), SendError<Up>> {
        self.sender.send(value)
    }

    /// Sends `value` if that needs no waiting: if there is room, or, in a pool with a buffer of length 0, if the
    /// manager waits for a value already. A [burst](super::WorkerPool::recv_burst) never waits.
    ///
    /// # Errors
    ///
    /// The value, if there is no room, or nobody can receive it any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::pool::TrySendError;
    ///
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(1);
    /// pool.execute(|tx, _rx| {
    ///     assert_eq!(tx.try_send(1), Ok(()));
    ///     assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// });
    /// # while pool.get(0).is_some_and(|(thread, _)| !thread.is_finished()) {}
    /// assert_eq!(pool.stop_and_join(), [1]);
    /// ```
    pub fn try_send(&self, value: Up) -> Result<(), TrySendError<Up>> {
        self.sender.try_send(value)
    }
}

impl<Up: Send + 'static, P: Threads> Clone for WorkerSender<Up, P> {
    fn clone(&self) -> Self {
        WorkerSender { sender: self.sender.clone(), _local: PhantomData }
    }
}

impl<Up: Send + 'static, P: Threads> fmt::Debug for WorkerSender<Up, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WorkerSender").finish_non_exhaustive()
    }
}

/// Starts a thread that calls `body`.
///
/// A platform drops what it cannot start, so `body` is kept where both sides reach it. This is not the platform's
/// mutex, as there is nothing for a checker to interleave: either the thread was started, and it alone takes
/// `body`, or it was not, and there is nobody else.
pub(super) fn start<Up, Down, P, F>(
    name: &str,
    sender: SyncSender<Up, P>,
    receiver: WorkerReceiver<Down, P>,
    body: F,
) -> Result<P::JoinHandle<()>, ExecuteError<F>>
where
    Up: Send + 'static,
    Down: Send + 'static,
    P: Threads,
    F: FnOnce(WorkerSender<Up, P>, WorkerReceiver<Down, P>) + Send + 'static,
{
    let kept = Arc::new(Mutex::new(Some(body)));
    let shared = Arc::clone(&kept);
    let started = P::spawn(name, move || {
        let body = take(&shared);
        drop(shared);
        body(WorkerSender { sender, _local: PhantomData }, receiver);
    });
    started.map_err(|error| ExecuteError { error, body: take(&kept) })
}

fn take<F>(kept: &Mutex<Option<F>>) -> F {
    // A panic of `take` itself would have to come first.
    let body = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    body.expect("one of the two takes it")
}
