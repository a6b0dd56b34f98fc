//! Threads.

use std::fmt;
use std::io;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use raddle::platform::{Join, Payload, Std, Threads, Unpark};

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
    Simulated(Arc<Packet<T>>),
    Real(thread::JoinHandle<T>),
}

/// Where a simulated thread leaves its result.
type Packet<T> = Mutex<Option<Result<T, Payload>>>;

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
            Some(execution) => spawn_simulated(execution, name, Location::caller(), body),
            None => {
                let handle = Std::spawn(name, body)?;
                let thread = SimThread(Handle::Real(handle.thread().clone()));
                Ok(SimJoinHandle { thread, result: Outcome::Real(handle) })
            }
        }
    }

    fn current() -> SimThread {
        SimThread(match kernel::current() {
            Some(execution) => Handle::Simulated { execution: execution.id(), number: execution.current() },
            None => Handle::Real(thread::current()),
        })
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

fn spawn_simulated<T: Send + 'static>(
    execution: Execution,
    name: &str,
    birthplace: &'static Location<'static>,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<SimJoinHandle<T>> {
    let packet = Arc::new(Packet::new(None));
    let theirs = packet.clone();
    let simulated = move || {
        let result = execution.contain(body);
        let has_result = result.is_some();
        *theirs.lock().unwrap_or_else(PoisonError::into_inner) = result;
        has_result
    };
    let number = execution.spawn(name, birthplace, simulated)?;
    let thread = SimThread(Handle::Simulated { execution: execution.id(), number });
    Ok(SimJoinHandle { thread, result: Outcome::Simulated(packet) })
}

impl SimThread {
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

impl<T: Send + 'static> Join<T> for SimJoinHandle<T> {
    type Thread = SimThread;

    fn join(self) -> Result<T, Payload> {
        if let Some((execution, number)) = self.thread.simulated() {
            execution.join(number);
        }
        match self.result {
            Outcome::Real(handle) => handle.join(),
            Outcome::Simulated(packet) => {
                let result = packet.lock().unwrap_or_else(PoisonError::into_inner).take();
                result.unwrap_or_else(|| Err(Box::new("the simulation had ended before this thread did")))
            }
        }
    }

    fn is_finished(&self) -> bool {
        match (&self.result, self.thread.simulated()) {
            (_, Some((execution, number))) => execution.is_finished(number),
            (Outcome::Real(handle), None) => handle.is_finished(),
            (Outcome::Simulated(_), None) => true,
        }
    }

    fn thread(&self) -> &SimThread {
        &self.thread
    }
}
