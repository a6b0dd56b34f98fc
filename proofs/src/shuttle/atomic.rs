//! Shuttle's atomics.

use std::fmt;
use std::sync::atomic::Ordering;

use raddle::platform::{Atomic, AtomicInt};

macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident $(<$generic:ident>)?, $shared:ty, $value:ty) => {
        $(#[$doc])*
        pub struct $name$(<$generic>)?($shared);

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl$(<$generic>)? Atomic<$value> for $name$(<$generic>)? {
            fn new(value: $value) -> Self {
                $name(<$shared>::new(value))
            }
            fn load(&self, order: Ordering) -> $value {
                self.0.load(order)
            }
            fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, order);
            }
            fn swap(&self, value: $value, order: Ordering) -> $value {
                self.0.swap(value, order)
            }
            fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.0.compare_exchange(current, new, success, failure)
            }
            fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                // Shuttle does not let it fail without a reason.
                self.0.compare_exchange_weak(current, new, success, failure)
            }
            fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut()
            }
        }
    };
}

macro_rules! atomic_int {
    ($(#[$doc:meta])* $name:ident, $shared:ty, $value:ty) => {
        atomic!($(#[$doc])* $name, $shared, $value);

        impl AtomicInt<$value> for $name {
            fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_add(value, order)
            }
            fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_sub(value, order)
            }
            fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_and(value, order)
            }
            fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_or(value, order)
            }
        }
    };
}

atomic!(
    /// Shuttle's `AtomicBool`.
    ShuttleBool, shuttle::sync::atomic::AtomicBool, bool
);
atomic!(
    /// Shuttle's `AtomicPtr`.
    ShuttlePtr<T>, shuttle::sync::atomic::AtomicPtr<T>, *mut T
);
atomic_int!(
    /// Shuttle's `AtomicUsize`.
    ShuttleUsize, shuttle::sync::atomic::AtomicUsize, usize
);
atomic_int!(
    /// Shuttle's `AtomicU64`.
    ShuttleU64, shuttle::sync::atomic::AtomicU64, u64
);
