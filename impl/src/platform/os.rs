//! The platform of `std`: memory, threads and clock of the operating system.

use core::cell::{self, UnsafeCell};
use core::fmt;
use core::hash::{BuildHasher, Hasher};
use core::ptr::NonNull;
use core::sync::atomic::{self, AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use core::time::Duration;

use alloc::string::String;
use alloc::sync::Arc;
use std::sync::{MutexGuard, PoisonError, TryLockError};
use std::time::Instant;
use std::{hash, io, panic, thread};

use super::clock::{Clock, TimedCondvar};
use super::memory::{self, Memory, Payload};
use super::threads::{Condvar, Guard, Join, Threads, Unpark};

/// The memory, threads and clock of the operating system, by way of `std`.
///
/// Every method is inlined into the one of `std`; nothing is added but that locks ignore poison.
#[derive(Copy, Clone, Debug, Default)]
pub struct Std;

/// `std`'s mutex, without poison.
pub struct StdMutex<T>(std::sync::Mutex<T>);

impl<T> StdMutex<T> {
    /// A new, unlocked mutex.
    pub const fn new(value: T) -> Self {
        StdMutex(std::sync::Mutex::new(value))
    }
}

impl<T> fmt::Debug for StdMutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StdMutex").finish_non_exhaustive()
    }
}

impl<T: Send> memory::Mutex<T> for StdMutex<T> {
    type Guard<'a>
        = MutexGuard<'a, T>
    where
        T: 'a;

    #[inline]
    fn new(value: T) -> Self {
        StdMutex::new(value)
    }
    #[inline]
    fn lock(&self) -> Self::Guard<'_> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    #[inline]
    fn try_lock(&self) -> Option<Self::Guard<'_>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
    #[inline]
    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

// SAFETY: std's mutex excludes; the rest is `core`'s and `alloc`'s; the section that must not unwind is the
// trait's own.
unsafe impl Memory for Std {
    type AtomicBool = AtomicBool;
    type AtomicUsize = AtomicUsize;
    type AtomicU64 = AtomicU64;
    type AtomicPtr<T> = AtomicPtr<T>;
    type Mutex<T: Send> = StdMutex<T>;
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

    /// Of `place`, the line of memory with its first byte. Nothing but on x86-64: stable Rust has no such hint for others.
    #[inline]
    fn prefetch<T>(place: &T) {
        #[cfg(target_arch = "x86_64")]
        {
            use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: the instruction belongs to the baseline of the architecture, and accesses no memory.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(place).cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = place;
    }

    #[inline]
    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload> {
        panic::catch_unwind(panic::AssertUnwindSafe(user_code))
    }

    fn resume_unwind(payload: Payload) -> ! {
        panic::resume_unwind(payload)
    }

    #[inline]
    fn panicking() -> bool {
        thread::panicking()
    }
}

/// The number that the next thread to ask for one gets. Never wraps: that would take centuries.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);

std::thread_local! {
    // Relaxed: read-modify-write alone keeps the numbers apart, and nothing is published by them.
    static NUMBER: u64 = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
    static CONTEXT: cell::Cell<Option<NonNull<()>>> = const { cell::Cell::new(None) };
    static RANDOM: cell::Cell<u64> = cell::Cell::new(hash::RandomState::new().build_hasher().finish());
}

impl Threads for Std {
    type Condvar = std::sync::Condvar;
    type Thread = thread::Thread;
    type JoinHandle<T: Send + 'static> = thread::JoinHandle<T>;

    const SPINS: u32 = 64;
    // To block and to be woken takes 15 to 23 µs, so many yields 12 if there is nobody to yield to. With few, threads that share
    // a processor go on to do so: those that sleep are woken where their wakers run.
    const YIELDS: u32 = 64;
    // Two places for each message: beyond this the memory that most channels never use counts for more than a lock.
    const LONGEST_RING: usize = 4096;

    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Self::JoinHandle<T>> {
        if name.contains('\0') {
            // `Builder::spawn` would panic.
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a thread's name contains a NUL"));
        }
        thread::Builder::new().name(String::from(name)).spawn(body)
    }

    fn current() -> Self::Thread {
        thread::current()
    }

    fn current_number() -> u64 {
        NUMBER.with(|number| *number)
    }

    fn park() {
        thread::park();
    }

    fn yield_now() {
        thread::yield_now();
    }

    fn context() -> Option<NonNull<()>> {
        CONTEXT.get()
    }

    fn set_context(context: Option<NonNull<()>>) -> Option<NonNull<()>> {
        CONTEXT.replace(context)
    }

    fn random_below(bound: usize) -> usize {
        assert!(bound > 0, "there is no number below zero");
        let number = u128::from(split_mix(&RANDOM));
        // The high half of the product: spread as evenly as the factor, without a division.
        ((number * bound as u128) >> 64) as usize
    }
}

/// One step of the SplitMix64 generator.
fn split_mix(state: &'static thread::LocalKey<cell::Cell<u64>>) -> u64 {
    let advanced = state.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
    state.set(advanced);
    let mixed = (advanced ^ (advanced >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

impl Unpark for thread::Thread {
    fn unpark(&self) {
        thread::Thread::unpark(self);
    }
}

impl<T: Send + 'static> Join<T> for thread::JoinHandle<T> {
    type Thread = thread::Thread;

    fn join(self) -> Result<T, Payload> {
        thread::JoinHandle::join(self)
    }
    fn is_finished(&self) -> bool {
        thread::JoinHandle::is_finished(self)
    }
    fn thread(&self) -> &Self::Thread {
        thread::JoinHandle::thread(self)
    }
}

impl Condvar<Std> for std::sync::Condvar {
    #[inline]
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, Std, T>) -> Guard<'a, Std, T> {
        std::sync::Condvar::wait(self, guard).unwrap_or_else(PoisonError::into_inner)
    }
    #[inline]
    fn notify_one(&self) {
        std::sync::Condvar::notify_one(self);
    }
    #[inline]
    fn notify_all(&self) {
        std::sync::Condvar::notify_all(self);
    }
}

impl Clock for Std {
    type Instant = Instant;

    fn now() -> Instant {
        Instant::now()
    }

    fn park_timeout(limit: Duration) {
        thread::park_timeout(limit);
    }

    fn sleep(duration: Duration) {
        thread::sleep(duration);
    }
}

impl TimedCondvar<Std> for std::sync::Condvar {
    fn wait_timeout<'a, T: Send + 'a>(
        &self,
        guard: Guard<'a, Std, T>,
        limit: Duration,
    ) -> (Guard<'a, Std, T>, bool) {
        let (guard, result) =
            std::sync::Condvar::wait_timeout(self, guard, limit).unwrap_or_else(PoisonError::into_inner);
        (guard, result.timed_out())
    }
}
