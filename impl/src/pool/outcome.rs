//! What may go wrong: threads that do not start, and workers that panic.

use core::error::Error;
use core::fmt;

use alloc::vec::Vec;
use std::io;

use crate::platform::{Memory, Payload};

/// A thread could not be started.
pub struct ExecuteError<F> {
    /// Why not.
    pub error: io::Error,
    /// What the thread was to do. It was not called.
    pub body: F,
}

impl<F> fmt::Debug for ExecuteError<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ExecuteError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<F> fmt::Display for ExecuteError<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot start a thread for a worker: {}", self.error)
    }
}

impl<F> Error for ExecuteError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}

/// A worker that panicked.
pub struct WorkerPanic {
    /// Its number: how many workers of its generation were started before it.
    pub worker: usize,
    /// What it panicked with.
    pub payload: Payload,
}

impl fmt::Debug for WorkerPanic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WorkerPanic").field("worker", &self.worker).finish_non_exhaustive()
    }
}

/// Some workers panicked. All threads have been joined.
pub struct WorkersPanicked<Up> {
    /// The values that were still to be received, of all workers, in the order in which they were sent.
    pub values: Vec<Up>,
    /// The panics, at least one, in the order in which the workers were started.
    pub panics: Vec<WorkerPanic>,
}

impl<Up> fmt::Debug for WorkersPanicked<Up> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("WorkersPanicked");
        debug.field("values", &self.values.len()).field("panics", &self.panics).finish()
    }
}

impl<Up> fmt::Display for WorkersPanicked<Up> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.panics.as_slice() {
            [one] => write!(formatter, "worker {} panicked", one.worker),
            several => write!(formatter, "{} workers panicked", several.len()),
        }
    }
}

impl<Up> Error for WorkersPanicked<Up> {}

impl<Up> WorkersPanicked<Up> {
    /// Goes on with the first panic; the others and the values are dropped.
    pub(super) fn resume<P: Memory>(self) -> ! {
        drop_each::<P, _>(self.values);
        resume_first::<P>(self.panics)
    }
}

/// Goes on with the first of the panics, of which there is one at least; the others are dropped.
pub(super) fn resume_first<P: Memory>(panics: Vec<WorkerPanic>) -> ! {
    let mut panics = panics.into_iter();
    let first = panics.next().expect("somebody panicked");
    drop_each::<P, _>(panics);
    P::resume_unwind(first.payload)
}

/// Drops each item, whether or not others panic while they are dropped: the panic of a worker is the one to
/// go on, and a second panic while it does would end the process.
fn drop_each<P: Memory, T>(items: impl IntoIterator<Item = T>) {
    for item in items {
        if let Err(payload) = P::catch_unwind(|| drop(item)) {
            // Its drop may panic again, and so on for ever.
            core::mem::forget(payload);
        }
    }
}
