//! Threads.

use std::fmt;
use std::io;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use raddle::platform::{Join, Payload, Std, Threads, Unpark};

use super::packet::{Receiver, packet};
use super::{Sim, SimCondvar};
use crate::choice::Kind;
use crate::kernel::{self, Execution, OpKind};

/// A simulated thread of one execution, or a real one.
#[derive(Clone, Debug)]
pub struct SimThread(Handle);

#[derive(Clone, Debug)]
enum Handle {
    Simulated { execution: u64, number: u32 },
    Real(thread::Thread),
}

/// The right to join a simulated thread, or a real one.
pub struct SimJoinHandle<T> {
    thread: SimThread,
    result: Outcome<T>,
}

enum Outcome<T> {
    Simulated(Receiver<Left<T>>),
    Real(thread::JoinHandle<T>),
}

/// What a simulated thread leaves for the one that joins it.
struct Left<T> {
    result: Option<Result<T, Payload>>,
    /// What to set if the thread has panicked and nobody has asked for the result.
    unhandled: Option<Arc<AtomicBool>>,
}

impl<T> Drop for Left<T> {
    fn drop(&mut self) {
        if let (Some(Err(_)), Some(unhandled)) = (&self.result, &self.unhandled) {
            // Relaxed: all of this happens on one OS thread.
            unhandled.store(true, Ordering::Relaxed);
        }
    }
}

impl Threads for Sim {
    type Condvar = SimCondvar;
    type Thread = SimThread;
    type JoinHandle<T: Send + 'static> = SimJoinHandle<T>;

    #[track_caller]
    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<SimJoinHandle<T>> {
        match kernel::current() {
            Some(execution) => {
                // SAFETY: `body` borrows nothing.
                unsafe { spawn_simulated(execution, name, Location::caller(), None, body) }
            }
            None => Ok(SimJoinHandle::real(Std::spawn(name, body)?)),
        }
    }

    fn current() -> SimThread {
        SimThread::this()
    }

    fn current_number() -> u64 {
        kernel::current().map_or_else(Std::current_number, |execution| execution.current().into())
    }

    fn park() {
        match kernel::current() {
            Some(execution) => execution.park(),
            None => Std::park(),
        }
    }

    fn yield_now() {
        match kernel::current() {
            Some(execution) => execution.let_others_go(OpKind::Yield),
            None => Std::yield_now(),
        }
    }

    fn context() -> Option<NonNull<()>> {
        kernel::current().map_or_else(Std::context, Execution::context)
    }

    fn set_context(context: Option<NonNull<()>>) -> Option<NonNull<()>> {
        match kernel::current() {
            Some(execution) => execution.set_context(context),
            None => Std::set_context(context),
        }
    }

    fn random_below(bound: usize) -> usize {
        assert!(bound > 0, "there is no number below zero");
        if kernel::is_simulated() {
            // Who asks for a number relies on none, so the numbers above `u32` are not missed.
            kernel::choose(Kind::Random, u32::try_from(bound).unwrap_or(u32::MAX)) as usize
        } else {
            Std::random_below(bound)
        }
    }
}

/// Starts a simulated thread. If it panics and its handle is dropped, `unhandled` is set.
///
/// # Errors
///
/// The kernel's.
///
/// # Safety
///
/// What `body` borrows outlives the thread, or the thread is leaked first.
pub(crate) unsafe fn spawn_simulated<T>(
    execution: Execution,
    name: &str,
    birthplace: &'static Location<'static>,
    unhandled: Option<Arc<AtomicBool>>,
    body: impl FnOnce() -> T,
) -> io::Result<SimJoinHandle<T>> {
    let (sender, receiver) = packet();
    let simulated = move || match execution.contain(body) {
        Some(result) => {
            sender.send(Left { result: Some(result), unhandled });
            true
        }
        None => false,
    };
    // SAFETY: the caller's promise; the packet is shared.
    let number = unsafe { execution.spawn(name, birthplace, simulated) }?;
    let thread = SimThread(Handle::Simulated { execution: execution.id(), number });
    Ok(SimJoinHandle { thread, result: Outcome::Simulated(receiver) })
}

impl SimThread {
    /// The thread that calls.
    pub(crate) fn this() -> Self {
        SimThread(match kernel::current() {
            Some(execution) => Handle::Simulated { execution: execution.id(), number: execution.current() },
            None => Handle::Real(thread::current()),
        })
    }

    pub(crate) fn of_real(thread: thread::Thread) -> Self {
        SimThread(Handle::Real(thread))
    }

    /// The real thread that this is, or else the execution and number of the simulated one.
    pub(crate) fn identity(&self) -> Result<&thread::Thread, (u64, u32)> {
        match &self.0 {
            Handle::Simulated { execution, number } => Err((*execution, *number)),
            Handle::Real(thread) => Ok(thread),
        }
    }
    /// The thread's number and its execution, if the caller is inside of that execution.
    ///
    /// # Panics
    ///
    /// If the thread belongs to another execution that is still running.
    fn simulated(&self) -> Option<(Execution, u32)> {
        let Handle::Simulated { execution, number } = self.0 else { return None };
        match kernel::current().filter(|current| current.id() == execution) {
            Some(current) => Some((current, number)),
            None if kernel::is_live(execution) => {
                panic!("simulated thread {number} belongs to another execution that is still running")
            }
            None => None,
        }
    }
}

impl Unpark for SimThread {
    fn unpark(&self) {
        match (&self.0, self.simulated()) {
            (_, Some((execution, number))) => execution.unpark(number),
            (Handle::Real(thread), None) => thread.unpark(),
            // The execution has ended, and the thread with it.
            (Handle::Simulated { .. }, None) => {}
        }
    }
}

impl<T> fmt::Debug for SimJoinHandle<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimJoinHandle").field("thread", &self.thread).finish_non_exhaustive()
    }
}

impl<T> SimJoinHandle<T> {
    pub(crate) fn real(handle: thread::JoinHandle<T>) -> Self {
        let thread = SimThread(Handle::Real(handle.thread().clone()));
        SimJoinHandle { thread, result: Outcome::Real(handle) }
    }

    /// Blocks until the thread has ended; what it returned or panicked with.
    pub(crate) fn wait(self) -> Result<T, Payload> {
        if let Some((execution, number)) = self.thread.simulated() {
            execution.join(number);
        }
        match self.result {
            Outcome::Real(handle) => handle.join(),
            Outcome::Simulated(receiver) => receiver
                .receive()
                .and_then(|mut left| left.result.take())
                .unwrap_or_else(|| Err(Box::new("the simulation had ended before this thread did"))),
        }
    }

    /// Whether the thread has ended.
    pub(crate) fn has_ended(&self) -> bool {
        match (&self.result, self.thread.simulated()) {
            (_, Some((execution, number))) => execution.is_finished(number),
            (Outcome::Real(handle), None) => handle.is_finished(),
            (Outcome::Simulated(_), None) => true,
        }
    }

    /// The thread.
    pub(crate) fn target(&self) -> &SimThread {
        &self.thread
    }
}

impl<T: Send + 'static> Join<T> for SimJoinHandle<T> {
    type Thread = SimThread;

    fn join(self) -> Result<T, Payload> {
        self.wait()
    }

    fn is_finished(&self) -> bool {
        self.has_ended()
    }

    fn thread(&self) -> &SimThread {
        self.target()
    }
}
