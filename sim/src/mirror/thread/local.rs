//! Thread-local values.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ptr::NonNull;
use std::thread as real;

use crate::kernel::{self, Execution, Local, Lookup};

/// Declares thread-local keys: [`std::thread_local!`] on the simulator.
///
/// A simulated thread has values of its own. They are destroyed when it ends, before anybody who joins it goes on.
///
/// ```
/// use std::cell::Cell;
/// use raddle_sim::thread;
///
/// raddle_sim::thread_local! {
///     static DEPTH: Cell<u32> = const { Cell::new(0) };
/// }
/// DEPTH.set(3);
/// assert_eq!(thread::spawn(|| DEPTH.get()).join().unwrap(), 0);
/// assert_eq!(DEPTH.get(), 3);
/// ```
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $initial:expr $(; $($rest:tt)*)?) => {
        $(#[$attribute])*
        $visibility static $name: $crate::thread::LocalKey<$type> = {
            fn initial() -> $type {
                $initial
            }
            ::std::thread_local! { static REAL: $type = initial(); }
            $crate::thread::LocalKey::new(initial, &REAL)
        };
        $($crate::thread_local!($($rest)*);)?
    };
}

/// A key of which each thread has a value of its own; made by [`thread_local!`](crate::thread_local!).
pub struct LocalKey<T: 'static> {
    initial: fn() -> T,
    real: &'static real::LocalKey<T>,
}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    pub const fn new(initial: fn() -> T, real: &'static real::LocalKey<T>) -> Self {
        LocalKey { initial, real }
    }

    /// Calls `body` with the thread's value, which is made if this is the first use.
    ///
    /// # Panics
    ///
    /// If the value is destroyed already: the thread ends.
    #[track_caller]
    pub fn with<F, R>(&'static self, body: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(body) {
            Ok(result) => result,
            Err(error) => panic!("a thread-local value was used during or after its destruction: {error}"),
        }
    }

    /// Calls `body` with the thread's value, which is made if this is the first use.
    ///
    /// # Errors
    ///
    /// If the value is destroyed already: the thread ends.
    pub fn try_with<F, R>(&'static self, body: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        match kernel::current() {
            Some(execution) => {
                let value = self.value(execution, self.initial)?;
                // SAFETY: made by `add` for this key and this thread, which destroys it at its end alone.
                Ok(body(unsafe { value.as_ref() }))
            }
            None => self.real.try_with(body).map_err(|_| AccessError),
        }
    }

    fn key(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The current thread's value; `initial` makes it.
    fn value(
        &'static self,
        execution: Execution,
        initial: impl FnOnce() -> T,
    ) -> Result<NonNull<T>, AccessError> {
        match execution.local(self.key()) {
            Lookup::Alive(value) => Ok(value.cast()),
            Lookup::Destroyed => Err(AccessError),
            Lookup::Missing => {
                let made = initial();
                match execution.local(self.key()) {
                    Lookup::Missing => Ok(self.add(execution, made)),
                    // Making it has made one already, which somebody may use: that one stays.
                    Lookup::Alive(value) => Ok(value.cast()),
                    Lookup::Destroyed => Err(AccessError),
                }
            }
        }
    }

    fn add(&'static self, execution: Execution, made: T) -> NonNull<T> {
        /// Drops and frees a value.
        ///
        /// # Safety
        ///
        /// It was made by `Box`, and this is called once.
        unsafe fn destroy<T>(value: NonNull<()>) {
            // SAFETY: the caller's promise.
            drop(unsafe { Box::from_raw(value.cast::<T>().as_ptr()) });
        }
        let value = NonNull::from(Box::leak(Box::new(made)));
        execution.add_local(Local {
            key: self.key(),
            value: Some(value.cast()),
            destroy: destroy::<T>,
            has_destructor: std::mem::needs_drop::<T>(),
        });
        value
    }
}

/// The thread's value is destroyed: [`std::thread::AccessError`] on the simulator.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessError;

impl fmt::Display for AccessError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad("already destroyed")
    }
}

impl std::error::Error for AccessError {}

impl<T: 'static> LocalKey<Cell<T>> {
    /// Sets the thread's value.
    ///
    /// # Panics
    ///
    /// If the value is destroyed already.
    #[track_caller]
    pub fn set(&'static self, value: T) {
        self.begin_with(Cell::new(value), Cell::into_inner, Cell::set);
    }

    /// The thread's value.
    ///
    /// # Panics
    ///
    /// If the value is destroyed already.
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// Takes the thread's value and leaves the default.
    ///
    /// # Panics
    ///
    /// If the value is destroyed already.
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// Sets the thread's value and returns the one before.
    ///
    /// # Panics
    ///
    /// If the value is destroyed already.
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> LocalKey<T> {
    /// Gives the thread the value `begin` if it has none yet, without making the usual one; else has `set` put what is in
    /// `begin` into the value that there is.
    #[track_caller]
    fn begin_with<V>(&'static self, begin: T, open: fn(T) -> V, set: fn(&T, V)) {
        let Some(execution) = kernel::current() else {
            return self.real.with(|value| set(value, open(begin)));
        };
        match execution.local(self.key()) {
            Lookup::Missing => {
                self.add(execution, begin);
            }
            _ => self.with(|value| set(value, open(begin))),
        }
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// Calls `body` with the thread's value borrowed.
    ///
    /// # Panics
    ///
    /// If the value is mutably borrowed, or destroyed already.
    #[track_caller]
    pub fn with_borrow<F, R>(&'static self, body: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        self.with(|cell| body(&cell.borrow()))
    }

    /// Calls `body` with the thread's value mutably borrowed.
    ///
    /// # Panics
    ///
    /// If the value is borrowed, or destroyed already.
    #[track_caller]
    pub fn with_borrow_mut<F, R>(&'static self, body: F) -> R
    where
        F: FnOnce(&mut T) -> R,
    {
        self.with(|cell| body(&mut cell.borrow_mut()))
    }

    /// Sets the thread's value.
    ///
    /// # Panics
    ///
    /// If the value is borrowed, or destroyed already.
    #[track_caller]
    pub fn set(&'static self, value: T) {
        self.begin_with(RefCell::new(value), RefCell::into_inner, |cell, value| *cell.borrow_mut() = value);
    }

    /// Takes the thread's value and leaves the default.
    ///
    /// # Panics
    ///
    /// If the value is borrowed, or destroyed already.
    #[track_caller]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// Sets the thread's value and returns the one before.
    ///
    /// # Panics
    ///
    /// If the value is borrowed, or destroyed already.
    #[track_caller]
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LocalKey").finish_non_exhaustive()
    }
}
