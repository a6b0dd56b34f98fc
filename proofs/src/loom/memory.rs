//! Loom's mutex, cell and reference count.
//!
//! # Rules of access
//!
//! 1. All threads of an execution run on one OS thread. So nothing here races in fact; what would race is
//!    reported by loom.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{self, AssertUnwindSafe};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::thread;

use loom::sync::MutexGuard;
use raddle::platform::{Atomic, Cell, Memory, Mutex, Payload, Shared};

use super::Loom;
use super::asleep::{self, Access, step};
use super::atomic::{LoomBool, LoomPtr, LoomU64, LoomUsize};
use super::threads::current_number;

// SAFETY: loom's mutex excludes. Its cell hands out the address of one value, and it reports accesses that
// race before they happen. Its atomics and fences are never stronger than asked for, and never weaker than
// C11. The value behind `LoomArc` is kept by std's reference count. The section that must not unwind is the
// trait's own: panics of loom are never unwound (see `model`).
unsafe impl Memory for Loom {
    type AtomicBool = LoomBool;
    type AtomicUsize = LoomUsize;
    type AtomicU64 = LoomU64;
    type AtomicPtr<T> = LoomPtr<T>;
    type Mutex<T: Send> = LoomMutex<T>;
    type Cell<T> = LoomCell<T>;
    type Arc<T: Send + Sync + 'static> = LoomArc<T>;

    fn fence(order: Ordering) {
        asleep::unmodelled(|| loom::sync::atomic::fence(order));
    }

    fn spin_hint() {
        asleep::let_others_go(current_number());
        loom::hint::spin_loop();
    }

    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload> {
        panic::catch_unwind(AssertUnwindSafe(user_code))
    }

    fn resume_unwind(payload: Payload) -> ! {
        panic::resume_unwind(payload)
    }

    fn panicking() -> bool {
        thread::panicking()
    }
}

/// Loom's mutex.
pub struct LoomMutex<T>(loom::sync::Mutex<T>);

impl<T> fmt::Debug for LoomMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoomMutex").finish_non_exhaustive()
    }
}

impl<T: Send> Mutex<T> for LoomMutex<T> {
    type Guard<'a>
        = LoomGuard<'a, T>
    where
        T: 'a;

    fn new(value: T) -> Self {
        LoomMutex(loom::sync::Mutex::new(value))
    }

    #[track_caller]
    fn lock(&self) -> LoomGuard<'_, T> {
        let guard = asleep::lock(self, || self.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.held(guard)
    }

    #[track_caller]
    fn try_lock(&self) -> Option<LoomGuard<'_, T>> {
        assert!(!asleep::is_pruning(), "a search without a bound on preemptions cannot model `try_lock`");
        let guard = step(self, Access::Other, || self.0.try_lock().ok());
        guard.map(|guard| self.held(guard))
    }

    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds a mutex of loom.
pub struct LoomGuard<'a, T> {
    guard: MutexGuard<'a, T>,
    unlock: Unlock<'a, T>,
}

/// Dropped when its mutex is unlocked.
struct Unlock<'a, T>(&'a LoomMutex<T>);

impl<'a, T> LoomGuard<'a, T> {
    /// What it holds.
    pub(super) fn mutex(&self) -> &'a LoomMutex<T> {
        self.unlock.0
    }
}

impl<T> LoomMutex<T> {
    fn held<'a>(&'a self, guard: MutexGuard<'a, T>) -> LoomGuard<'a, T> {
        LoomGuard { guard, unlock: Unlock(self) }
    }
}

impl<T> fmt::Debug for LoomGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoomGuard").finish_non_exhaustive()
    }
}

impl<T> Deref for LoomGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for LoomGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T> Drop for Unlock<'_, T> {
    fn drop(&mut self) {
        asleep::unlock(self.0);
    }
}

/// Loom's cell: two accesses that race are a panic.
pub struct LoomCell<T>(loom::cell::UnsafeCell<T>);

impl<T> fmt::Debug for LoomCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoomCell").finish_non_exhaustive()
    }
}

impl<T> Cell<T> for LoomCell<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        LoomCell(loom::cell::UnsafeCell::new(value))
    }

    #[track_caller]
    fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        self.0.with(read)
    }

    #[track_caller]
    fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        self.0.with_mut(write)
    }

    #[track_caller]
    fn get_mut(&mut self) -> &mut T {
        let value = self.0.with_mut(|value| value);
        // SAFETY: rule 1, and `self` is exclusive for as long as the reference lives.
        unsafe { &mut *value }
    }
}

/// A reference count.
///
/// Loom's own takes any two drops for dependent, and so executes both orders of them, though the order matters only if one of
/// the two is the last. Here std counts, and each owner has a mark of loom's, which it sets when it gives up. The
/// last owner then looks at the marks of all others: that makes what they did happen before its end, and is where loom
/// sees that another owner could have been the last. Who is the last depends on the order of any two ends, which loom need not know, but
/// what sleeps (see `asleep`) must: to that, each mark is a part of what is owned.
pub struct LoomArc<T> {
    given_up: std::sync::Arc<LoomBool>,
    /// None only while the drop runs.
    shared: Option<std::sync::Arc<Owned<T>>>,
}

struct Owned<T> {
    value: T,
    /// The marks of all owners that there ever were. Never locked across an operation of loom.
    marks: std::sync::Mutex<Vec<std::sync::Arc<LoomBool>>>,
    /// Loom reports it if the value is never dropped.
    _leak: loom::sync::Arc<()>,
}

impl<T> Owned<T> {
    fn marks(&self) -> Vec<std::sync::Arc<LoomBool>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T> LoomArc<T> {
    /// A further owner, with a mark of its own.
    fn of(shared: std::sync::Arc<Owned<T>>) -> Self {
        let given_up = std::sync::Arc::new(LoomBool::new(false));
        shared.marks.lock().unwrap_or_else(PoisonError::into_inner).push(given_up.clone());
        LoomArc { given_up, shared: Some(shared) }
    }

    fn shared(&self) -> &std::sync::Arc<Owned<T>> {
        self.shared.as_ref().expect("it is there until it is dropped")
    }

    /// Ends this owner; what is owned, if it was the last one.
    fn give_up(&mut self) -> Option<Owned<T>> {
        let shared = self.shared.take()?;
        // Release pairs with the acquire below. Nothing of loom's happens between this and the end of the reference, so
        // others see both or neither.
        self.given_up.change_as(&*shared, |mark| mark.swap(true, Ordering::Release));
        let owned = std::sync::Arc::into_inner(shared)?;
        for mark in owned.marks() {
            // A swap and not a load: that might find an old value.
            mark.change_as(&owned, |mark| mark.swap(true, Ordering::Acquire));
        }
        Some(owned)
    }
}

impl<T> fmt::Debug for LoomArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoomArc").finish_non_exhaustive()
    }
}

impl<T> Clone for LoomArc<T> {
    fn clone(&self) -> Self {
        // For `strong_count`, which depends on it. Relaxed: it says nothing; the mark is not set before the owner's end.
        self.given_up.load_as(&**self.shared(), Ordering::Relaxed);
        Self::of(std::sync::Arc::clone(self.shared()))
    }
}

impl<T> Drop for LoomArc<T> {
    fn drop(&mut self) {
        drop(self.give_up());
    }
}

impl<T> Deref for LoomArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.shared().value
    }
}

impl<T: Send + Sync + 'static> Shared<T> for LoomArc<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        let marks = std::sync::Mutex::default();
        LoomArc::of(std::sync::Arc::new(Owned { value, marks, _leak: loom::sync::Arc::new(()) }))
    }

    fn ptr_eq(this: &Self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(this.shared(), other.shared())
    }

    #[track_caller]
    fn strong_count(this: &Self) -> usize {
        // Acquire, as loom's own. A swap depends on the load of a clone, too.
        let has_given_up = |mark: &std::sync::Arc<LoomBool>| {
            let look = |mark: &loom::sync::atomic::AtomicBool| {
                mark.compare_exchange(false, false, Ordering::Acquire, Ordering::Acquire)
            };
            mark.change_as(&**this.shared(), look).is_err()
        };
        this.shared().marks().iter().filter(|mark| !has_given_up(mark)).count()
    }

    fn into_inner(mut this: Self) -> Option<T> {
        this.give_up().map(|owned| owned.value)
    }
}
