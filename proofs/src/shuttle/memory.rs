//! Shuttle's mutex. Cell and reference count are the standard library's: shuttle watches neither.

use std::cell::UnsafeCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, TryLockError};
use std::thread;

use raddle::platform::{Memory, Mutex, Payload};
use shuttle::sync::MutexGuard;

use super::Shuttle;
use super::atomic::{ShuttleBool, ShuttlePtr, ShuttleU64, ShuttleUsize};

// SAFETY: shuttle's mutex excludes, its atomics are sequentially consistent, and cell and reference count are
// `core`'s and `alloc`'s. The section that must not unwind is the trait's own: panics of shuttle are never
// unwound (see `model`).
unsafe impl Memory for Shuttle {
    type AtomicBool = ShuttleBool;
    type AtomicUsize = ShuttleUsize;
    type AtomicU64 = ShuttleU64;
    type AtomicPtr<T> = ShuttlePtr<T>;
    type Mutex<T: Send> = ShuttleMutex<T>;
    type Cell<T> = UnsafeCell<T>;
    type Arc<T: Send + Sync + 'static> = Arc<T>;

    fn fence(order: Ordering) {
        shuttle::sync::atomic::fence(order);
    }

    fn spin_hint() {
        shuttle::hint::spin_loop();
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

/// Shuttle's mutex, without poison.
pub struct ShuttleMutex<T>(shuttle::sync::Mutex<T>);

impl<T> fmt::Debug for ShuttleMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShuttleMutex").finish_non_exhaustive()
    }
}

impl<T: Send> Mutex<T> for ShuttleMutex<T> {
    type Guard<'a>
        = MutexGuard<'a, T>
    where
        T: 'a;

    fn new(value: T) -> Self {
        ShuttleMutex(shuttle::sync::Mutex::new(value))
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}
