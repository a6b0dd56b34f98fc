//! Mutexes.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, TryLockError, TryLockResult};

use super::poison::{Poison, Taken};
use crate::kernel::{self, OpKind};
use crate::platform::{SimMutex, SimMutexGuard};

/// A mutex: [`std::sync::Mutex`] on the simulator.
///
/// ```
/// use raddle_sim::sync::Mutex;
///
/// static NAMES: Mutex<Vec<&str>> = Mutex::new(Vec::new());
/// NAMES.lock().unwrap().push("warp");
/// assert_eq!(NAMES.lock().unwrap().len(), 1);
/// ```
pub struct Mutex<T: ?Sized> {
    poison: Poison,
    inner: SimMutex<T>,
}

/// Unlocks its [`Mutex`] when dropped.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    poison: &'a Poison,
    taken: Taken,
    inner: SimMutexGuard<'a, T>,
}

// SAFETY: a shared guard gives no more than a shared reference to the value, and can be neither dropped nor taken apart.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T> Mutex<T> {
    /// A new, unlocked mutex.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Mutex { poison: Poison::new(), inner: SimMutex::new(value) }
    }

    /// Takes the value out. No step.
    ///
    /// # Errors
    ///
    /// The value all the same, if the mutex is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let Mutex { poison, inner } = self;
        poison.check(inner.into_inner())
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Takes the mutex; blocks while it is held. A thread that holds it already waits for ever.
    ///
    /// # Errors
    ///
    /// The guard all the same, if the mutex is poisoned.
    #[inline]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        self.guard(self.inner.acquire())
    }

    /// Takes the mutex if it is free.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is held; the guard all the same if the mutex is poisoned.
    #[inline]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.inner.try_acquire() {
            Some(guard) => Ok(self.guard(guard)?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    #[inline]
    fn guard<'a>(&'a self, inner: SimMutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.poison.check(MutexGuard { poison: &self.poison, taken: self.poison.taken(), inner })
    }

    /// Whether a thread has panicked while it held the mutex.
    pub fn is_poisoned(&self) -> bool {
        self.step(OpKind::Load);
        self.poison.is_set()
    }

    /// Forgets that a thread has panicked while it held the mutex.
    pub fn clear_poison(&self) {
        self.step(OpKind::Store);
        self.poison.clear();
    }

    fn step(&self, kind: OpKind) {
        if let Some(execution) = kernel::current() {
            execution.step(kind, self.inner.index(execution));
        }
    }

    /// The value, which nobody else can touch now. No step.
    ///
    /// # Errors
    ///
    /// The value all the same, if the mutex is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.poison.check(self.inner.value_mut())
    }
}

impl<'a, T> MutexGuard<'a, T> {
    /// Has `wait` give up the mutex for a while and take it again.
    pub(super) fn while_given_up<R>(
        self,
        wait: impl FnOnce(SimMutexGuard<'a, T>) -> (SimMutexGuard<'a, T>, R),
    ) -> (LockResult<Self>, R) {
        let poison = self.poison;
        let (inner, result) = wait(self.into_inner());
        (poison.check(MutexGuard { poison, taken: poison.taken(), inner }), result)
    }

    fn into_inner(self) -> SimMutexGuard<'a, T> {
        let guard = std::mem::ManuallyDrop::new(self);
        // SAFETY: the guard is not dropped, so nobody takes it twice; its other fields need no drop.
        unsafe { std::ptr::read(&raw const guard.inner) }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.poison.leave(&self.taken);
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

/// Shows the value if the mutex is free, without a step.
impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = formatter.debug_struct("Mutex");
        self.inner.peek(|value| match value {
            Some(value) => shape.field("data", &value),
            None => shape.field("data", &format_args!("<locked>")),
        });
        shape.field("poisoned", &self.poison.is_set()).finish_non_exhaustive()
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}
