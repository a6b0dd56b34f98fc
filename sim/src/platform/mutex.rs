//! Mutexes.
//!
//! The kernel says who may take a mutex; the taker then takes the real one as well, which is free unless somebody outside of
//! the execution holds it.

use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::{Deref, DerefMut};
use std::sync::{self, PoisonError, TryLockError};

use raddle::platform::Mutex;

use crate::kernel::{self, Execution, ObjectId, ObjectKind, OpKind};

/// A mutex of the simulator.
pub struct SimMutex<T: ?Sized> {
    id: ObjectId,
    value: sync::Mutex<T>,
}

/// Unlocks the [`SimMutex`] when dropped.
pub struct SimMutexGuard<'a, T: ?Sized> {
    mutex: &'a SimMutex<T>,
    /// The execution that took the mutex; 0 if it was taken outside of any.
    execution: u64,
    real: ManuallyDrop<sync::MutexGuard<'a, T>>,
}

impl<T> SimMutex<T> {
    /// A new, unlocked mutex.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        SimMutex { id: ObjectId::new(), value: sync::Mutex::new(value) }
    }

    /// The value, which nobody else can touch any more.
    pub(crate) fn into_inner(self) -> T {
        self.value.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: ?Sized> SimMutex<T> {
    /// Takes the mutex; blocks while it is held.
    #[inline]
    pub(crate) fn acquire(&self) -> SimMutexGuard<'_, T> {
        match kernel::current() {
            Some(execution) => {
                execution.lock(self.index(execution));
                self.granted(execution)
            }
            None => SimMutexGuard::outside(self, self.value.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Takes the mutex if it is free.
    #[inline]
    pub(crate) fn try_acquire(&self) -> Option<SimMutexGuard<'_, T>> {
        match kernel::current() {
            Some(execution) => execution.try_lock(self.index(execution)).then(|| self.granted(execution)),
            None => self.try_real().map(|real| SimMutexGuard::outside(self, real)),
        }
    }

    /// The value, which nobody else can touch now.
    #[inline]
    pub(crate) fn value_mut(&mut self) -> &mut T {
        self.value.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows the value without a step, as far as it can be had.
    pub(crate) fn peek<R>(&self, look: impl FnOnce(Option<&T>) -> R) -> R {
        look(self.try_real().as_deref())
    }

    /// The number of this mutex in `execution`.
    #[inline]
    pub(crate) fn index(&self, execution: Execution) -> u32 {
        self.id.index(execution, ObjectKind::Mutex)
    }

    fn try_real(&self) -> Option<sync::MutexGuard<'_, T>> {
        match self.value.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The guard of a mutex that the kernel has granted to this thread.
    #[inline]
    pub(super) fn granted(&self, execution: Execution) -> SimMutexGuard<'_, T> {
        match self.try_real() {
            Some(real) => {
                SimMutexGuard { mutex: self, execution: execution.id(), real: ManuallyDrop::new(real) }
            }
            None => self.refuse(execution),
        }
    }

    #[cold]
    fn refuse(&self, execution: Execution) -> ! {
        // Nobody else is to wait for a holder that never was.
        execution.unlock(self.index(execution));
        panic!(
            "the mutex created at {} is held by somebody outside of this execution: a guard that was taken before it, by a \
             real thread, or by a thread that an earlier execution had to leak",
            self.id.birthplace()
        )
    }
}

impl<'a, T: ?Sized> SimMutexGuard<'a, T> {
    pub(super) fn mutex(&self) -> &'a SimMutex<T> {
        self.mutex
    }

    /// The execution that the guard belongs to, if the caller is inside of it.
    #[inline]
    pub(super) fn simulated(&self) -> Option<Execution> {
        kernel::current().filter(|execution| execution.id() == self.execution)
    }

    pub(super) fn outside(mutex: &'a SimMutex<T>, real: sync::MutexGuard<'a, T>) -> Self {
        SimMutexGuard { mutex, execution: 0, real: ManuallyDrop::new(real) }
    }

    /// Takes the guard apart without unlocking for the kernel.
    pub(super) fn into_real(mut self) -> sync::MutexGuard<'a, T> {
        // SAFETY: the guard is forgotten, so nobody takes it twice.
        let real = unsafe { ManuallyDrop::take(&mut self.real) };
        mem::forget(self);
        real
    }
}

impl<T: ?Sized> fmt::Debug for SimMutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimMutex").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<T: ?Sized> fmt::Debug for SimMutexGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimMutexGuard").field("mutex", &self.mutex).finish_non_exhaustive()
    }
}

impl<T: Send> Mutex<T> for SimMutex<T> {
    type Guard<'a>
        = SimMutexGuard<'a, T>
    where
        T: 'a;

    #[track_caller]
    fn new(value: T) -> Self {
        SimMutex::new(value)
    }

    #[inline]
    fn lock(&self) -> SimMutexGuard<'_, T> {
        self.acquire()
    }

    #[inline]
    fn try_lock(&self) -> Option<SimMutexGuard<'_, T>> {
        self.try_acquire()
    }

    #[inline]
    fn get_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

impl<T: ?Sized> Deref for SimMutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.real
    }
}

impl<T: ?Sized> DerefMut for SimMutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        if self.execution != 0 {
            self.mutex.id.note_change();
        }
        &mut self.real
    }
}

impl<T: ?Sized> Drop for SimMutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let simulated = self.simulated().map(|execution| (execution, self.mutex.index(execution)));
        if let Some((execution, index)) = simulated {
            execution.offer(OpKind::Unlock, index);
        }
        // SAFETY: dropped here alone; `into_real` forgets the guard.
        unsafe { ManuallyDrop::drop(&mut self.real) };
        if let Some((execution, index)) = simulated {
            execution.unlock(index);
        }
    }
}
