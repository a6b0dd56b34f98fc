//! Readers-writer locks.
//!
//! The kernel says who may read and who may write; whoever may then takes the real lock as well, which cannot fail unless
//! somebody outside of the execution holds it.

use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::{Deref, DerefMut};
use std::sync::{self, LockResult, PoisonError, TryLockError, TryLockResult};

use super::poison::{Poison, Taken};
use crate::kernel::{self, Execution, ObjectId, ObjectKind, OpKind};

/// A readers-writer lock: [`std::sync::RwLock`] on the simulator.
///
/// Whether a reader goes before a writer that waits already is a choice, since `std` leaves it to the platform: a thread
/// that reads twice can deadlock.
///
/// ```
/// use raddle_sim::sync::RwLock;
///
/// let lock = RwLock::new(5);
/// {
///     let (one, two) = (lock.read().unwrap(), lock.read().unwrap());
///     assert_eq!(*one + *two, 10);
///     assert!(lock.try_write().is_err());
/// }
/// *lock.write().unwrap() += 1;
/// assert_eq!(lock.into_inner().unwrap(), 6);
/// ```
pub struct RwLock<T: ?Sized> {
    id: ObjectId,
    poison: Poison,
    value: sync::RwLock<T>,
}

/// Lets others read and write the [`RwLock`] again when dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    held: Held<'a>,
    real: ManuallyDrop<sync::RwLockReadGuard<'a, T>>,
}

/// Unlocks the [`RwLock`] when dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    held: Held<'a>,
    taken: Taken,
    real: ManuallyDrop<sync::RwLockWriteGuard<'a, T>>,
}

/// A hold on a lock, for reading or writing.
#[derive(Copy, Clone)]
struct Held<'a> {
    id: &'a ObjectId,
    /// The execution in which the lock was taken; 0 if it was taken outside of any.
    execution: u64,
}

impl Held<'_> {
    /// Announces the unlocking, if the lock was taken in the execution that the caller is inside of.
    #[inline]
    fn announce(self) -> Option<(Execution, u32)> {
        let execution = kernel::current().filter(|execution| execution.id() == self.execution)?;
        let index = self.id.index(execution, ObjectKind::RwLock);
        execution.offer(OpKind::Unlock, index);
        Some((execution, index))
    }
}

impl<T> RwLock<T> {
    /// A new lock that nobody holds.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        RwLock { id: ObjectId::new(), poison: Poison::new(), value: sync::RwLock::new(value) }
    }

    /// Takes the value out. No step.
    ///
    /// # Errors
    ///
    /// The value all the same, if the lock is poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        let RwLock { poison, value, .. } = self;
        poison.check(value.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: ?Sized> RwLock<T> {
    #[inline]
    fn index(&self, execution: Execution) -> u32 {
        self.id.index(execution, ObjectKind::RwLock)
    }

    /// Takes the lock to read; blocks while somebody writes, and perhaps while a writer waits.
    ///
    /// # Errors
    ///
    /// The guard all the same, if the lock is poisoned.
    #[inline]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        match kernel::current() {
            Some(execution) => {
                execution.read(self.index(execution));
                self.granted_read(execution)
            }
            None => self.reader(0, self.value.read().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Takes the lock to read if nobody writes.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if somebody writes; the guard all the same if the lock is poisoned.
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        match kernel::current() {
            Some(execution) if execution.try_read(self.index(execution)) => Ok(self.granted_read(execution)?),
            Some(_) => Err(TryLockError::WouldBlock),
            None => match self.try_real_read() {
                Some(real) => Ok(self.reader(0, real)?),
                None => Err(TryLockError::WouldBlock),
            },
        }
    }

    /// Takes the lock to write; blocks while somebody reads or writes.
    ///
    /// # Errors
    ///
    /// The guard all the same, if the lock is poisoned.
    #[inline]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        match kernel::current() {
            Some(execution) => {
                execution.write(self.index(execution));
                self.granted_write(execution)
            }
            None => self.writer(0, self.value.write().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Takes the lock to write if nobody reads or writes.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if somebody reads or writes; the guard all the same if the lock is poisoned.
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        match kernel::current() {
            Some(execution) if execution.try_write(self.index(execution)) => {
                Ok(self.granted_write(execution)?)
            }
            Some(_) => Err(TryLockError::WouldBlock),
            None => match self.try_real_write() {
                Some(real) => Ok(self.writer(0, real)?),
                None => Err(TryLockError::WouldBlock),
            },
        }
    }

    fn try_real_read(&self) -> Option<sync::RwLockReadGuard<'_, T>> {
        match self.value.try_read() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn try_real_write(&self) -> Option<sync::RwLockWriteGuard<'_, T>> {
        match self.value.try_write() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The guard of a reader that the kernel has let in.
    #[inline]
    fn granted_read(&self, execution: Execution) -> LockResult<RwLockReadGuard<'_, T>> {
        match self.try_real_read() {
            Some(real) => self.reader(execution.id(), real),
            None => {
                execution.unlock_read(self.index(execution));
                self.refuse()
            }
        }
    }

    /// The guard of a writer that the kernel has let in.
    #[inline]
    fn granted_write(&self, execution: Execution) -> LockResult<RwLockWriteGuard<'_, T>> {
        match self.try_real_write() {
            Some(real) => self.writer(execution.id(), real),
            None => {
                execution.unlock_write(self.index(execution));
                self.refuse()
            }
        }
    }

    #[cold]
    fn refuse(&self) -> ! {
        panic!(
            "the rwlock created at {} is held by somebody outside of this execution: a guard that was taken before it, by a \
             real thread, or by a thread that an earlier execution had to leak",
            self.id.birthplace()
        )
    }

    fn reader<'a>(
        &'a self,
        execution: u64,
        real: sync::RwLockReadGuard<'a, T>,
    ) -> LockResult<RwLockReadGuard<'a, T>> {
        let held = Held { id: &self.id, execution };
        self.poison.check(RwLockReadGuard { held, real: ManuallyDrop::new(real) })
    }

    fn writer<'a>(
        &'a self,
        execution: u64,
        real: sync::RwLockWriteGuard<'a, T>,
    ) -> LockResult<RwLockWriteGuard<'a, T>> {
        let held = Held { id: &self.id, execution };
        let guard =
            RwLockWriteGuard { lock: self, held, taken: self.poison.taken(), real: ManuallyDrop::new(real) };
        self.poison.check(guard)
    }

    /// Whether a thread has panicked while it wrote.
    pub fn is_poisoned(&self) -> bool {
        self.step(OpKind::Load);
        self.poison.is_set()
    }

    /// Forgets that a thread has panicked while it wrote.
    pub fn clear_poison(&self) {
        self.step(OpKind::Store);
        self.poison.clear();
    }

    fn step(&self, kind: OpKind) {
        if let Some(execution) = kernel::current() {
            execution.step(kind, self.index(execution));
        }
    }

    /// The value, which nobody else can touch now. No step.
    ///
    /// # Errors
    ///
    /// The value all the same, if the lock is poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.poison.check(self.value.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Goes on as a reader, with no writer in between.
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        let execution = kernel::current().filter(|execution| execution.id() == guard.held.execution);
        let mut guard = ManuallyDrop::new(guard);
        guard.lock.poison.leave(&guard.taken);
        if let Some(execution) = execution {
            // What breaks this off leaves the lock to its writer, whose guard is gone, so it frees it.
            let free = Free(&mut guard);
            execution.downgrade(free.0.lock.index(execution));
            mem::forget(free);
        }
        // SAFETY: the guard is not dropped, so nobody takes it twice.
        let real = unsafe { ManuallyDrop::take(&mut guard.real) };
        let real = ManuallyDrop::new(sync::RwLockWriteGuard::downgrade(real));
        RwLockReadGuard { held: guard.held, real }
    }
}

/// Drops the guard, unless forgotten.
struct Free<'a, 'b, T: ?Sized>(&'b mut ManuallyDrop<RwLockWriteGuard<'a, T>>);

impl<T: ?Sized> Drop for Free<'_, '_, T> {
    fn drop(&mut self) {
        // SAFETY: this is forgotten where the guard is used afterwards.
        unsafe { ManuallyDrop::drop(self.0) };
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let announced = self.held.announce();
        // SAFETY: dropped here alone.
        unsafe { ManuallyDrop::drop(&mut self.real) };
        if let Some((execution, index)) = announced {
            execution.unlock_read(index);
        }
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.poison.leave(&self.taken);
        let announced = self.held.announce();
        // SAFETY: dropped here alone; `downgrade` does not drop the guard.
        unsafe { ManuallyDrop::drop(&mut self.real) };
        if let Some((execution, index)) = announced {
            execution.unlock_write(index);
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.real
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.real
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        if self.held.execution != 0 {
            self.held.id.note_change();
        }
        &mut self.real
    }
}

// SAFETY: a shared guard gives no more than a shared reference to the value, and can be neither dropped nor taken apart.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockReadGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RwLockWriteGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

/// Shows the value if nobody writes, without a step.
impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shape = formatter.debug_struct("RwLock");
        match self.try_real_read() {
            Some(value) => shape.field("data", &&*value),
            None => shape.field("data", &format_args!("<locked>")),
        };
        shape.field("poisoned", &self.poison.is_set()).finish_non_exhaustive()
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}
