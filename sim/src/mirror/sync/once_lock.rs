//! Values that are made once.
//!
//! # Rules of access
//!
//! - **O1** `value` is null or points to a value made by `Box`. It is replaced by the one thread that runs the
//!   initialisation, and taken by who has the lock for itself.
//! - **O2** A value that an earlier execution has made can still be borrowed, by a thread that was leaked for example. When a
//!   new one takes its place it is kept among the `retired` until the lock is dropped.

use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use super::once::Once;

/// A place that is written once: [`std::sync::OnceLock`] on the simulator.
///
/// A value that an execution has put in is gone in the next, so that executions begin alike even where a static is concerned;
/// its memory is kept as long as the lock exists.
///
/// ```
/// use raddle_sim::sync::OnceLock;
///
/// static NAME: OnceLock<String> = OnceLock::new();
/// assert_eq!(NAME.get(), None);
/// assert_eq!(NAME.get_or_init(|| "raddle".to_owned()), "raddle");
/// assert!(NAME.set("heddle".to_owned()).is_err());
/// ```
pub struct OnceLock<T> {
    once: Once,
    value: AtomicPtr<T>,
    retired: Mutex<Vec<Retired<T>>>,
    owns: PhantomData<T>,
}

/// A value that some may still borrow, to be dropped with the lock.
struct Retired<T>(NonNull<T>);

// SAFETY: it is owned by the lock as the value itself is.
unsafe impl<T: Send> Send for Retired<T> {}

// SAFETY: it gives out shared references, and takes and gives values.
unsafe impl<T: Sync + Send> Sync for OnceLock<T> {}
// SAFETY: it owns its values.
unsafe impl<T: Send> Send for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// An empty place.
    #[track_caller]
    pub const fn new() -> Self {
        OnceLock {
            once: Once::new(),
            value: AtomicPtr::new(ptr::null_mut()),
            retired: Mutex::new(Vec::new()),
            owns: PhantomData,
        }
    }

    /// The value, once the initialisation has happened.
    fn value(&self) -> &T {
        // Relaxed: `once` orders.
        let value = self.value.load(Ordering::Relaxed);
        // SAFETY: O1, O2: not freed while the lock is borrowed.
        unsafe { &*value }
    }

    /// The value, if it is there, without a step.
    pub(super) fn peek(&self) -> Option<&T> {
        self.once.has_happened().then(|| self.value())
    }

    /// The value, if it is there.
    pub fn get(&self) -> Option<&T> {
        self.once.is_completed().then(|| self.value())
    }

    /// The value, if it is there; nobody else can touch it now. No step.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        if !self.once.has_happened() {
            return None;
        }
        // SAFETY: O1, and the lock is borrowed for this alone.
        unsafe { self.value.get_mut().as_mut() }
    }

    /// Blocks until the value is there.
    pub fn wait(&self) -> &T {
        self.once.wait_force();
        self.value()
    }

    /// Puts `value` in, if the place is empty. Blocks while another thread puts one in.
    ///
    /// # Errors
    ///
    /// `value`, if there is one already.
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init(|| value.take().expect("called once"));
        value.map_or(Ok(()), Err)
    }

    /// The value; made by `make` if the place is empty. Blocks while another thread makes it.
    pub fn get_or_init<F: FnOnce() -> T>(&self, make: F) -> &T {
        self.once.call_once_force(|_| self.put(make()));
        self.value()
    }

    /// As [`get_or_init`](OnceLock::get_or_init), but refuses once `make` has panicked.
    #[track_caller]
    pub(super) fn get_or_poison<F: FnOnce() -> T>(&self, make: F) -> &T {
        self.once.call_once_force(|state| {
            assert!(!state.is_poisoned(), "LazyLock instance has previously been poisoned");
            self.put(make());
        });
        self.value()
    }

    /// Puts a value in, by the thread that runs the initialisation.
    fn put(&self, value: T) {
        let value = Box::into_raw(Box::new(value));
        // Relaxed: `once` orders.
        if let Some(before) = NonNull::new(self.value.swap(value, Ordering::Relaxed)) {
            self.retired.lock().unwrap_or_else(PoisonError::into_inner).push(Retired(before));
        }
    }

    /// Takes the value out; nobody else can touch it now. No step.
    pub fn take(&mut self) -> Option<T> {
        if !self.once.has_happened() {
            return None;
        }
        self.once.forget();
        let value = std::mem::replace(self.value.get_mut(), ptr::null_mut());
        // SAFETY: O1, and nobody borrows it.
        NonNull::new(value).map(|value| *unsafe { Box::from_raw(value.as_ptr()) })
    }

    /// Takes the value out. No step.
    pub fn into_inner(mut self) -> Option<T> {
        self.take()
    }
}

impl<T> Drop for OnceLock<T> {
    fn drop(&mut self) {
        let retired = self.retired.get_mut().unwrap_or_else(PoisonError::into_inner);
        let last = NonNull::new(std::mem::replace(self.value.get_mut(), ptr::null_mut()));
        for value in retired.drain(..).map(|retired| retired.0).chain(last) {
            // SAFETY: O1, O2, and nobody borrows it any more.
            drop(unsafe { Box::from_raw(value.as_ptr()) });
        }
    }
}

/// Shows the value without a step.
impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = formatter.debug_tuple("OnceLock");
        match self.peek() {
            Some(value) => shape.field(value),
            None => shape.field(&format_args!("<uninit>")),
        };
        shape.finish()
    }
}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    fn default() -> Self {
        OnceLock::new()
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        self.get().map_or_else(OnceLock::new, |value| OnceLock::from(value.clone()))
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        let lock = OnceLock::new();
        let put = lock.set(value);
        assert!(put.is_ok(), "a new place is empty");
        lock
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}
