//! Shared memory: atomics, mutex, cell and reference count.

use alloc::boxed::Box;
use core::any::Any;
use core::fmt::Debug;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::Ordering;

/// What a panic carries: the same type as the error of `std::thread::Result`.
pub type Payload = Box<dyn Any + Send + 'static>;

/// The memory that concurrent code runs on.
///
/// Implemented by a unit-like type that is used as a type parameter only and never holds state.
///
/// # Safety
///
/// Systems build unsafe code on these promises, so an implementation vouches for them:
///
/// - `Mutex` excludes: between `lock` and the drop of its guard nobody else gets a guard.
/// - `Cell` hands out the one address of its value, and every access to the memory behind a shared reference
///   of a `Cell` is legal as long as no two accesses race. A cell may be reached from any thread as far as
///   its value may.
/// - Atomics and fences order memory at least as strongly as asked for.
/// - `Arc` keeps its value alive and in place until its last clone is dropped.
/// - [`must_not_unwind`](Memory::must_not_unwind) is never left by unwinding.
pub unsafe trait Memory: Copy + Debug + Default + Send + Sync + 'static {
    /// An atomic `bool`.
    type AtomicBool: Atomic<bool>;
    /// An atomic `usize`.
    type AtomicUsize: AtomicInt<usize>;
    /// An atomic `u64`.
    type AtomicU64: AtomicInt<u64>;
    /// An atomic raw pointer. Publishing what it points to is the caller's business.
    type AtomicPtr<T>: Atomic<*mut T>;
    /// Mutual exclusion.
    type Mutex<T: Send>: Mutex<T>;
    /// Memory without synchronisation of its own, whose accesses a checker may watch for data races.
    type Cell<T>: Cell<T>;
    /// A shared reference count. The last drop synchronises with all earlier ones.
    type Arc<T: Send + Sync + 'static>: Shared<T>;

    /// An atomic fence, as `core::sync::atomic::fence`.
    fn fence(order: Ordering);

    /// Tells the processor, or the scheduler of a checker, that the caller spins.
    fn spin_hint();

    /// Tells the processor that the caller is going to access the memory of `place` soon, which another processor may have
    /// written last. A hint: nothing is read, and a platform may do nothing.
    #[inline]
    fn prefetch<T>(place: &T) {
        let _ = place;
    }

    /// Calls `user_code` and catches its panic, if it panics.
    ///
    /// All user code that a system calls goes through here, so that a checker can tell its own
    /// unwinding from the user's. A platform without unwinding calls `user_code` and returns `Ok`.
    ///
    /// # Errors
    ///
    /// The payload of the panic.
    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload>;

    /// Goes on with a panic that [`catch_unwind`](Memory::catch_unwind) caught, without a second report of
    /// it.
    ///
    /// # Panics
    ///
    /// Always: that is its purpose.
    fn resume_unwind(payload: Payload) -> !;

    /// Runs `section`, the middle of a change that would leave dangling pointers behind if a panic broke it
    /// off.
    ///
    /// A section that unwinds all the same ends the process. A checker that unwinds unfinished threads must
    /// not raise its panic at an operation inside `section`: it lets the section finish first, or leaks
    /// the thread.
    fn must_not_unwind<R>(section: impl FnOnce() -> R) -> R {
        let bomb = AbortOnUnwind;
        let result = section();
        core::mem::forget(bomb);
        result
    }

    /// Whether the current thread is unwinding from a panic.
    fn panicking() -> bool;
}

/// Ends the process when it is dropped by unwinding: a panic out of a destructor that unwinding runs aborts.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        panic!("a panic broke off a change that must not be broken off");
    }
}

/// An atomic value: the methods of `core::sync::atomic` that all types have.
pub trait Atomic<T: Copy>: Debug + Send + Sync {
    /// A new atomic that holds `value`.
    fn new(value: T) -> Self;
    /// Reads the value.
    ///
    /// # Panics
    ///
    /// As `core`: if `order` is `Release` or `AcqRel`.
    fn load(&self, order: Ordering) -> T;
    /// Writes `value`.
    ///
    /// # Panics
    ///
    /// As `core`: if `order` is `Acquire` or `AcqRel`.
    fn store(&self, value: T, order: Ordering);
    /// Writes `value` and returns the one before, as one step.
    fn swap(&self, value: T, order: Ordering) -> T;
    /// Writes `new` if the value is `current`, as one step.
    ///
    /// # Errors
    ///
    /// The value found, if it was not `current`.
    fn compare_exchange(&self, current: T, new: T, success: Ordering, failure: Ordering) -> Result<T, T>;
    /// As [`compare_exchange`](Atomic::compare_exchange), but may fail although the value is `current`.
    ///
    /// # Errors
    ///
    /// The value found. It may be `current`.
    fn compare_exchange_weak(&self, current: T, new: T, success: Ordering, failure: Ordering)
    -> Result<T, T>;
    /// The value, by exclusive access: no other thread can hold a reference.
    fn get_mut(&mut self) -> &mut T;
}

/// An atomic integer: read, modify and write as one step, wrapping around on overflow.
pub trait AtomicInt<T: Copy>: Atomic<T> {
    /// Adds and returns the value before.
    fn fetch_add(&self, value: T, order: Ordering) -> T;
    /// Subtracts and returns the value before.
    fn fetch_sub(&self, value: T, order: Ordering) -> T;
    /// Bitwise and; returns the value before.
    fn fetch_and(&self, value: T, order: Ordering) -> T;
    /// Bitwise or; returns the value before.
    fn fetch_or(&self, value: T, order: Ordering) -> T;
}

/// Mutual exclusion. A panic of a holder unlocks and leaves no mark.
pub trait Mutex<T>: Debug + Send + Sync {
    /// Unlocks when dropped.
    type Guard<'a>: DerefMut<Target = T>
    where
        Self: 'a,
        T: 'a;

    /// A new, unlocked mutex.
    fn new(value: T) -> Self;
    /// Blocks until the mutex is free, and takes it.
    ///
    /// # Panics
    ///
    /// May panic, and otherwise never returns, if the current thread holds it already.
    fn lock(&self) -> Self::Guard<'_>;
    /// Takes the mutex if it is free at this moment.
    fn try_lock(&self) -> Option<Self::Guard<'_>>;
    /// The value, by exclusive access.
    fn get_mut(&mut self) -> &mut T;
}

/// Memory that several threads reach without synchronisation of its own: an `UnsafeCell` whose accesses are
/// visible to a checker.
///
/// The pointer is valid for the duration of the closure only, and following it is as unsafe as following the
/// pointer of `UnsafeCell::get`. Because the two methods announce a read or a write, a checker can report two
/// that race.
pub trait Cell<T> {
    /// A new cell.
    fn new(value: T) -> Self;
    /// Announces a read and hands the address to `read`.
    fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R;
    /// Announces a write and hands the address to `write`.
    fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R;
    /// The value, by exclusive access.
    fn get_mut(&mut self) -> &mut T;
}

/// A shared reference count, as `alloc::sync::Arc`, without its coercions.
pub trait Shared<T>: Clone + Deref<Target = T> + Send + Sync {
    /// Moves `value` behind a new reference count of one.
    fn new(value: T) -> Self;
    /// Whether both count the same value.
    fn ptr_eq(this: &Self, other: &Self) -> bool;
    /// How many references there are at some moment during the call.
    fn strong_count(this: &Self) -> usize;
    /// The value, if this was the last reference.
    fn into_inner(this: Self) -> Option<T>;
}
