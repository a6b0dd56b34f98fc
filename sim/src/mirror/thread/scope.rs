//! Scoped threads, which borrow from the code that starts them.
//!
//! # Rules of access
//!
//! - **S1** [`scope`] does not return or unwind before every thread that was started in it has ended or is leaked for good: it
//!   catches what the closure panics with, and waits in a section that the teardown of an execution does not break off. So
//!   what these threads borrow outlives them.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread as real;

use super::body::breakable;
use super::builder::Builder;
use super::{Result, Thread};
use crate::kernel::{self, Execution};
use crate::platform::{SimJoinHandle, SimThread, spawn_simulated};

/// A scope in which threads can be started that borrow what outlives it; see [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    threads: Threads,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

enum Threads {
    Simulated(Simulated),
    /// The scope of `std` that this one stands for.
    Real(*const real::Scope<'static, 'static>),
}

// SAFETY: the pointer stands for a shared reference to a scope, which can be shared.
unsafe impl Send for Threads {}
// SAFETY: as above.
unsafe impl Sync for Threads {}

/// The simulated threads of a scope.
struct Simulated {
    execution: u64,
    started: Mutex<Vec<u32>>,
    /// One of them has panicked, and nobody has joined it.
    unhandled: Arc<AtomicBool>,
}

/// The right to join a thread of a scope.
pub struct ScopedJoinHandle<'scope, T>(Handle<'scope, T>);

enum Handle<'scope, T> {
    Simulated(SimJoinHandle<T>, Thread),
    Real(real::ScopedJoinHandle<'scope, T>, Thread),
}

/// Calls `body` with a scope in which it can start threads, and waits until all of them have ended.
///
/// ```
/// use raddle_sim::thread;
///
/// let mut numbers = [3, 4];
/// thread::scope(|scope| {
///     for number in &mut numbers {
///         scope.spawn(|| *number *= 2);
///     }
/// });
/// assert_eq!(numbers, [6, 8]);
/// ```
///
/// # Panics
///
/// If a thread of the scope has panicked that was not joined.
pub fn scope<'env, F, T>(body: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    match kernel::current() {
        Some(execution) => simulated_scope(execution, body),
        None => {
            // Made out here, so that it outlives the threads, which `std` waits for when its closure has returned.
            let mut place = None;
            let place = &raw mut place;
            real::scope(|inner| {
                let threads = Threads::Real((&raw const *inner).cast());
                let made = Scope { threads, scope: PhantomData, env: PhantomData };
                // SAFETY: nobody else uses the place.
                let scope = unsafe { (*place).insert(made) };
                body(scope)
            })
        }
    }
}

fn simulated_scope<'env, F, T>(execution: Execution, body: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let unhandled = Arc::new(AtomicBool::new(false));
    let simulated =
        Simulated { execution: execution.id(), started: Mutex::default(), unhandled: unhandled.clone() };
    let scope = Scope { threads: Threads::Simulated(simulated), scope: PhantomData, env: PhantomData };
    let result = panic::catch_unwind(AssertUnwindSafe(|| body(&scope)));
    let Threads::Simulated(simulated) = &scope.threads else { unreachable!("made above") };
    simulated.wait_for_all(execution);
    match result {
        Err(payload) => panic::resume_unwind(payload),
        // Relaxed: all of this happens on one OS thread.
        Ok(_) if unhandled.load(Ordering::Relaxed) => panic!("a scoped thread panicked"),
        Ok(value) => value,
    }
}

impl Simulated {
    /// Waits until all threads have ended, those that were started meanwhile as well (S1).
    fn wait_for_all(&self, execution: Execution) {
        execution.unbreakable(|| {
            while let Some(number) = {
                let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
                (!started.is_empty()).then(|| started.remove(0))
            } {
                execution.wait_for_end(number);
            }
        });
    }
}

impl<'scope, 'env> Scope<'scope, 'env> {
    /// Starts a thread in the scope.
    ///
    /// # Panics
    ///
    /// If it cannot be started; use [`Builder::spawn_scoped`] to learn of that.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, body: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.start(Builder::new(), Location::caller(), body).expect("failed to spawn thread")
    }

    pub(super) fn start<F, T>(
        &'scope self,
        builder: Builder,
        birthplace: &'static Location<'static>,
        body: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let name = builder.checked_name();
        let simulated = match &self.threads {
            Threads::Simulated(simulated) => simulated,
            Threads::Real(scope) => {
                // SAFETY: it is the scope of `std` inside of which this one exists, so it lives as long.
                let scope: &'scope real::Scope<'scope, 'env> = unsafe { &*scope.cast() };
                let handle = builder.real().spawn_scoped(scope, body)?;
                let thread = Thread::new(SimThread::of_real(handle.thread().clone()), None);
                return Ok(ScopedJoinHandle(Handle::Real(handle, thread)));
            }
        };
        let execution = kernel::current().filter(|execution| execution.id() == simulated.execution);
        let execution = execution.expect("a scope is used in the execution that it was made in");
        let shown = name.as_deref().unwrap_or_default();
        let unhandled = Some(simulated.unhandled.clone());
        // SAFETY: S1.
        let handle =
            unsafe { spawn_simulated(execution, shown, birthplace, unhandled, breakable(execution, body)) }?;
        let thread = Thread::new(handle.target().clone(), name.as_deref());
        if let Err((_, number)) = handle.target().identity() {
            simulated.started.lock().unwrap_or_else(PoisonError::into_inner).push(number);
        }
        Ok(ScopedJoinHandle(Handle::Simulated(handle, thread)))
    }
}

// SAFETY: as for `JoinHandle`: handles exist for results that can be sent alone.
unsafe impl<T> Send for ScopedJoinHandle<'_, T> {}
// SAFETY: as above.
unsafe impl<T> Sync for ScopedJoinHandle<'_, T> {}

impl<T> ScopedJoinHandle<'_, T> {
    /// Blocks until the thread has ended; what it returned.
    ///
    /// # Errors
    ///
    /// What it panicked with, if it panicked.
    pub fn join(self) -> Result<T> {
        match self.0 {
            Handle::Simulated(handle, _) => handle.wait(),
            Handle::Real(handle, _) => handle.join(),
        }
    }

    /// Whether the thread has ended. Does not block.
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            Handle::Simulated(handle, _) => handle.has_ended(),
            Handle::Real(handle, _) => handle.is_finished(),
        }
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        match &self.0 {
            Handle::Simulated(_, thread) | Handle::Real(_, thread) => thread,
        }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
