//! Loom's atomics.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use raddle::platform::{Atomic, AtomicInt};

/// An atomic of loom, together with a value that was written by exclusive access.
///
/// Loom keeps the value of an atomic in the execution, where no reference can point to it. So exclusive
/// access gives a reference to a copy, and the next shared access begins by storing it.
struct Edited<A, T> {
    shared: A,
    /// Present between an exclusive access and the next shared one. Never locked across an operation of loom.
    copy: Mutex<Option<T>>,
}

impl<A, T: Copy> Edited<A, T> {
    fn new(shared: A) -> Self {
        Edited { shared, copy: Mutex::new(None) }
    }

    /// The atomic, after `store` put a copy back if there was one.
    fn settled(&self, store: impl FnOnce(&A, T)) -> &A {
        let copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(value) = copy {
            store(&self.shared, value);
        }
        &self.shared
    }

    fn get_mut(&mut self, load: impl FnOnce(&A) -> T) -> &mut T {
        let copy = self.copy.get_mut().unwrap_or_else(PoisonError::into_inner);
        copy.get_or_insert_with(|| load(&self.shared))
    }
}

macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident $(<$generic:ident>)?, $shared:ty, $value:ty) => {
        $(#[$doc])*
        pub struct $name$(<$generic>)?(Edited<$shared, $value>);

        impl$(<$generic>)? $name$(<$generic>)? {
            fn shared(&self) -> &$shared {
                // Relaxed: whoever had exclusive access handed it on by other means.
                self.0.settled(|shared, value| shared.store(value, Ordering::Relaxed))
            }
        }

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl$(<$generic>)? Atomic<$value> for $name$(<$generic>)? {
            #[track_caller]
            fn new(value: $value) -> Self {
                $name(Edited::new(<$shared>::new(value)))
            }
            #[track_caller]
            fn load(&self, order: Ordering) -> $value {
                self.shared().load(order)
            }
            #[track_caller]
            fn store(&self, value: $value, order: Ordering) {
                self.shared().store(value, order);
            }
            #[track_caller]
            fn swap(&self, value: $value, order: Ordering) -> $value {
                self.shared().swap(value, order)
            }
            #[track_caller]
            fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.shared().compare_exchange(current, new, success, failure)
            }
            #[track_caller]
            fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                // Loom does not let it fail without a reason.
                self.shared().compare_exchange_weak(current, new, success, failure)
            }
            #[track_caller]
            fn get_mut(&mut self) -> &mut $value {
                // Relaxed: with exclusive access there is only one value to see.
                self.0.get_mut(|shared| shared.load(Ordering::Relaxed))
            }
        }
    };
}

macro_rules! atomic_int {
    ($(#[$doc:meta])* $name:ident, $shared:ty, $value:ty) => {
        atomic!($(#[$doc])* $name, $shared, $value);

        impl AtomicInt<$value> for $name {
            #[track_caller]
            fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.shared().fetch_add(value, order)
            }
            #[track_caller]
            fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                self.shared().fetch_sub(value, order)
            }
            #[track_caller]
            fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                self.shared().fetch_and(value, order)
            }
            #[track_caller]
            fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                self.shared().fetch_or(value, order)
            }
        }
    };
}

atomic!(
    /// Loom's `AtomicBool`.
    LoomBool, loom::sync::atomic::AtomicBool, bool
);
atomic!(
    /// Loom's `AtomicPtr`.
    LoomPtr<T>, loom::sync::atomic::AtomicPtr<T>, *mut T
);
atomic_int!(
    /// Loom's `AtomicUsize`.
    LoomUsize, loom::sync::atomic::AtomicUsize, usize
);
atomic_int!(
    /// Loom's `AtomicU64`.
    LoomU64, loom::sync::atomic::AtomicU64, u64
);

// SAFETY: the pointer is a plain value here; who follows it vouches for that. As `core`'s `AtomicPtr`.
unsafe impl<T> Send for LoomPtr<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for LoomPtr<T> {}
