//! Loom's mutex, cell and reference count.
//!
//! # Rules of access
//!
//! 1. All threads of an execution run on one OS thread. So nothing here races in fact; what would race is
//!    reported by loom.

use std::fmt;
use std::ops::Deref;
use std::panic::{self, AssertUnwindSafe};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::thread;

use loom::sync::MutexGuard;
use raddle::platform::{Cell, Memory, Mutex, Payload, Shared};

use super::Loom;
use super::atomic::{LoomBool, LoomPtr, LoomU64, LoomUsize};

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
        loom::sync::atomic::fence(order);
    }

    fn spin_hint() {
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
        = MutexGuard<'a, T>
    where
        T: 'a;

    fn new(value: T) -> Self {
        LoomMutex(loom::sync::Mutex::new(value))
    }

    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[track_caller]
    fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock().ok()
    }

    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
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

/// A reference count that loom watches, and a value that std keeps.
///
/// Loom's own count with the value in it can give the value back only by `try_unwrap`, where two last owners
/// may both miss it. Here the last one to give up its `count` is the last one to give up its `value` too,
/// because nothing of loom's happens in between.
pub struct LoomArc<T> {
    /// Dropped first: fields are dropped in order.
    count: loom::sync::Arc<()>,
    value: std::sync::Arc<T>,
}

impl<T> fmt::Debug for LoomArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoomArc").finish_non_exhaustive()
    }
}

impl<T> Clone for LoomArc<T> {
    fn clone(&self) -> Self {
        LoomArc { count: self.count.clone(), value: self.value.clone() }
    }
}

impl<T> Deref for LoomArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Send + Sync + 'static> Shared<T> for LoomArc<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        LoomArc { count: loom::sync::Arc::new(()), value: std::sync::Arc::new(value) }
    }

    fn ptr_eq(this: &Self, other: &Self) -> bool {
        std::sync::Arc::ptr_eq(&this.value, &other.value)
    }

    #[track_caller]
    fn strong_count(this: &Self) -> usize {
        loom::sync::Arc::strong_count(&this.count)
    }

    fn into_inner(this: Self) -> Option<T> {
        let LoomArc { count, value } = this;
        drop(count);
        std::sync::Arc::into_inner(value)
    }
}
