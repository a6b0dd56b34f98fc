//! The mirror of [`std::thread`].
//!
//! Inside of an execution a thread is a simulated one. It has a number instead of a memory address: [`ThreadId`]s and reports
//! count in the order of birth.

mod body;
mod builder;
mod local;
mod scope;

use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread as real};

use raddle::platform::{Clock, Memory, Threads, Unpark};

use crate::kernel;
use crate::platform::{Sim, SimJoinHandle, SimThread};

pub use std::thread::Result;

pub use self::builder::{Builder, spawn};
pub use self::local::{AccessError, LocalKey};
pub use self::scope::{Scope, ScopedJoinHandle, scope};

/// A handle of a thread.
#[derive(Clone)]
pub struct Thread {
    thread: SimThread,
    /// The name of a simulated thread that has one.
    name: Option<Arc<str>>,
}

/// Tells threads apart. Inside of an execution: the number of the thread, in order of birth.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct ThreadId(Id);

#[derive(Copy, Clone, PartialEq, Eq, Hash)]
enum Id {
    Simulated { number: u32, execution: Execution },
    Real(real::ThreadId),
}

/// The number of an execution. It does not count for hashes, since it differs from run to run.
#[derive(Copy, Clone, PartialEq, Eq)]
struct Execution(u64);

impl std::hash::Hash for Execution {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Thread {
    /// The handle of `thread`, whose name is `name`.
    fn new(thread: SimThread, name: Option<&str>) -> Self {
        let name = thread.identity().is_err().then_some(name).flatten().map(Arc::from);
        Thread { thread, name }
    }

    /// Makes the thread's current or next [`park`] return.
    pub fn unpark(&self) {
        self.thread.unpark();
    }

    /// What tells the thread from all others.
    pub fn id(&self) -> ThreadId {
        ThreadId(match self.thread.identity() {
            Ok(real) => Id::Real(real.id()),
            Err((execution, number)) => Id::Simulated { number, execution: Execution(execution) },
        })
    }

    /// The name, if the thread has one. The first thread of an execution is called `main`.
    pub fn name(&self) -> Option<&str> {
        match self.thread.identity() {
            Ok(real) => real.name(),
            Err(_) => self.name.as_deref(),
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = formatter.debug_struct("Thread");
        shape.field("id", &self.id()).field("name", &self.name()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ThreadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Id::Simulated { number, .. } => formatter.debug_tuple("ThreadId").field(&number).finish(),
            Id::Real(real) => real.fmt(formatter),
        }
    }
}

/// The thread that calls.
pub fn current() -> Thread {
    let name = kernel::current().and_then(|execution| {
        execution.with(|core| {
            let name = core.current_slot().name.as_str();
            (!name.is_empty()).then(|| Arc::from(name))
        })
    });
    Thread { thread: SimThread::this(), name }
}

/// Blocks until the thread is unparked, or was before. It may return without a reason where the strategy injects that fault.
pub fn park() {
    Sim::park();
}

/// As [`park`], but returns at the latest when `limit` has passed. Inside of an execution the time is virtual.
pub fn park_timeout(limit: Duration) {
    Sim::park_timeout(limit);
}

/// Blocks until `duration` has passed. Inside of an execution the time is virtual: nothing sleeps.
pub fn sleep(duration: Duration) {
    Sim::sleep(duration);
}

/// Lets other threads go first.
pub fn yield_now() {
    Sim::yield_now();
}

/// Whether the thread is unwinding because of a panic.
pub fn panicking() -> bool {
    Sim::panicking()
}

/// How many threads to start: 2 inside of an execution, on every machine.
///
/// # Errors
///
/// Outside of an execution, the operating system's.
pub fn available_parallelism() -> io::Result<NonZero<usize>> {
    const SIMULATED: NonZero<usize> = NonZero::new(2).expect("two are some");
    if kernel::is_simulated() { Ok(SIMULATED) } else { real::available_parallelism() }
}

/// The right to join a thread. Dropped, it detaches the thread.
///
/// ```
/// let handle = raddle_sim::thread::spawn(|| 6 * 7);
/// assert_eq!(handle.join().unwrap(), 42);
/// ```
pub struct JoinHandle<T> {
    inner: SimJoinHandle<T>,
    thread: Thread,
}

// SAFETY: a handle is made by `Builder::spawn` alone, for results that can be sent; a shared handle gives no access to one.
unsafe impl<T> Send for JoinHandle<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    fn new(inner: SimJoinHandle<T>, name: Option<&str>) -> Self {
        let thread = Thread::new(inner.target().clone(), name);
        JoinHandle { inner, thread }
    }

    /// Blocks until the thread has ended; what it returned.
    ///
    /// # Errors
    ///
    /// What it panicked with, if it panicked. Other threads are not concerned.
    pub fn join(self) -> Result<T> {
        self.inner.wait()
    }

    /// Whether the thread has ended. Does not block.
    pub fn is_finished(&self) -> bool {
        self.inner.has_ended()
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}
