//! The platform that needs no operating system.

use core::cell::UnsafeCell;
use core::fmt;
use core::sync::atomic::{self, AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use alloc::sync::Arc;

use super::memory::{self, Memory, Payload};

/// Memory without an operating system: a lock that spins.
///
/// It is [`Native`](super::Native) where the feature `std` is off. There is no way to catch a panic without
/// `std`: then [`catch_unwind`](Memory::catch_unwind) lets it pass, and [`panicking`](Memory::panicking) is
/// always `false`.
#[derive(Copy, Clone, Debug, Default)]
pub struct Spin;

/// A mutex that spins until it is free.
pub struct SpinMutex<T>(spin::Mutex<T>);

impl<T> SpinMutex<T> {
    /// A new, unlocked mutex.
    pub const fn new(value: T) -> Self {
        SpinMutex(spin::Mutex::new(value))
    }
}

impl<T> fmt::Debug for SpinMutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SpinMutex").finish_non_exhaustive()
    }
}

impl<T: Send> memory::Mutex<T> for SpinMutex<T> {
    type Guard<'a>
        = spin::MutexGuard<'a, T>
    where
        T: 'a;

    #[inline]
    fn new(value: T) -> Self {
        SpinMutex::new(value)
    }
    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock()
    }
    #[inline]
    fn try_lock(&self) -> Option<Self::Guard<'_>> {
        self.0.try_lock()
    }
    #[inline]
    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

// SAFETY: spin's mutex excludes; the rest is `core`'s and `alloc`'s; the section that must not unwind is the
// trait's own.
unsafe impl Memory for Spin {
    type AtomicBool = AtomicBool;
    type AtomicUsize = AtomicUsize;
    type AtomicU64 = AtomicU64;
    type AtomicPtr<T> = AtomicPtr<T>;
    type Mutex<T: Send> = SpinMutex<T>;
    type Cell<T> = UnsafeCell<T>;
    type Arc<T: Send + Sync + 'static> = Arc<T>;

    #[inline]
    fn fence(order: Ordering) {
        atomic::fence(order);
    }

    #[inline]
    fn spin_hint() {
        core::hint::spin_loop();
    }

    #[cfg(feature = "std")]
    #[inline]
    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload> {
        std::panic::catch_unwind(core::panic::AssertUnwindSafe(user_code))
    }

    #[cfg(not(feature = "std"))]
    #[inline]
    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload> {
        Ok(user_code())
    }

    #[cfg(feature = "std")]
    fn resume_unwind(payload: Payload) -> ! {
        std::panic::resume_unwind(payload)
    }

    #[cfg(not(feature = "std"))]
    fn resume_unwind(payload: Payload) -> ! {
        match payload.downcast_ref::<&str>() {
            Some(message) => panic!("{message}"),
            None => panic!("a panic whose payload is not a text"),
        }
    }

    #[cfg(feature = "std")]
    #[inline]
    fn panicking() -> bool {
        std::thread::panicking()
    }

    #[cfg(not(feature = "std"))]
    #[inline]
    fn panicking() -> bool {
        false
    }
}
