//! Starting threads.

use std::io;
use std::panic::Location;
use std::thread as real;

use super::JoinHandle;
use super::body::breakable;
use super::scope::{Scope, ScopedJoinHandle};
use crate::kernel;
use crate::platform::{SimJoinHandle, spawn_simulated};

/// Starts a thread that runs `body`.
///
/// # Panics
///
/// If it cannot be started; use [`Builder::spawn`] to learn of that.
#[track_caller]
pub fn spawn<F, T>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Builder::new().spawn(body).expect("failed to spawn thread")
}

/// What a thread is to be like before it is started.
#[derive(Debug, Default)]
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    pub(super) name: Option<String>,
    pub(super) stack_size: Option<usize>,
}

impl Builder {
    /// A thread without a name, on a stack of the usual size.
    pub fn new() -> Self {
        Builder::default()
    }

    /// Names the thread.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// Says how large the stack is to be, in bytes. Inside of an execution all stacks have the size that the kernel was made
    /// with, and this has no effect.
    pub fn stack_size(mut self, size: usize) -> Self {
        self.stack_size = Some(size);
        self
    }

    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The operating system's; inside of an execution, if the strategy injects that fault.
    ///
    /// # Panics
    ///
    /// If the name contains a null byte.
    #[track_caller]
    pub fn spawn<F, T>(self, body: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_at(Location::caller(), body)
    }

    /// Starts the thread in a scope, so that it can borrow what outlives the scope.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](Builder::spawn).
    ///
    /// # Panics
    ///
    /// If the name contains a null byte.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        body: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        scope.start(self, Location::caller(), body)
    }

    /// [`spawn`](Builder::spawn)s at the place of somebody else.
    pub(crate) fn spawn_at<F, T>(
        self,
        birthplace: &'static Location<'static>,
        body: F,
    ) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let name = self.checked_name();
        let inner = match kernel::current() {
            Some(execution) => {
                let shown = name.as_deref().unwrap_or_default();
                // SAFETY: `body` borrows nothing.
                unsafe { spawn_simulated(execution, shown, birthplace, None, breakable(execution, body)) }?
            }
            None => SimJoinHandle::real(self.real().spawn(body)?),
        };
        Ok(JoinHandle::new(inner, name.as_deref()))
    }

    pub(super) fn checked_name(&self) -> Option<String> {
        let name = self.name.clone();
        let has_null = name.as_ref().is_some_and(|name| name.contains('\0'));
        assert!(!has_null, "thread name may not contain interior null bytes");
        name
    }

    pub(super) fn real(self) -> real::Builder {
        let mut builder = real::Builder::new();
        if let Some(name) = self.name {
            builder = builder.name(name);
        }
        if let Some(size) = self.stack_size {
            builder = builder.stack_size(size);
        }
        builder
    }
}
