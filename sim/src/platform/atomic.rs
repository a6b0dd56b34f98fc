//! Atomics: those of the [mirror](crate::sync::atomic), with the methods of the platform's traits.

use std::fmt;
use std::sync::atomic::Ordering;

use raddle::platform::{Atomic, AtomicInt};

use crate::mirror::sync::atomic;

macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident $(<$generic:ident>)?, $inner:ident, $value:ty) => {
        $(#[$doc])*
        #[repr(transparent)]
        pub struct $name$(<$generic>)?(atomic::$inner$(<$generic>)?);

        impl$(<$generic>)? $name$(<$generic>)? {
            /// A new atomic that holds `value`.
            #[track_caller]
            pub const fn new(value: $value) -> Self {
                Self(atomic::$inner::new(value))
            }
        }

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl$(<$generic>)? Atomic<$value> for $name$(<$generic>)? {
            #[track_caller]
            fn new(value: $value) -> Self {
                Self::new(value)
            }
            #[inline(always)]
            fn load(&self, order: Ordering) -> $value {
                self.0.load(order)
            }
            #[inline(always)]
            fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, order);
            }
            #[inline(always)]
            fn swap(&self, value: $value, order: Ordering) -> $value {
                self.0.swap(value, order)
            }
            #[inline(always)]
            fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.0.compare_exchange(current, new, success, failure)
            }
            #[inline(always)]
            fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.0.compare_exchange_weak(current, new, success, failure)
            }
            #[inline(always)]
            fn get_mut(&mut self) -> &mut $value {
                self.0.get_mut()
            }
        }
    };
}

macro_rules! atomic_int {
    ($(#[$doc:meta])* $name:ident, $inner:ident, $value:ty) => {
        atomic!($(#[$doc])* $name, $inner, $value);

        impl AtomicInt<$value> for $name {
            #[inline(always)]
            fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_add(value, order)
            }
            #[inline(always)]
            fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_sub(value, order)
            }
            #[inline(always)]
            fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_and(value, order)
            }
            #[inline(always)]
            fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                self.0.fetch_or(value, order)
            }
        }
    };
}

atomic!(
    /// An atomic `bool` of the simulator.
    SimAtomicBool, AtomicBool, bool
);
atomic!(
    /// An atomic pointer of the simulator.
    SimAtomicPtr<T>, AtomicPtr, *mut T
);
atomic_int!(
    /// An atomic `usize` of the simulator.
    SimAtomicUsize, AtomicUsize, usize
);
atomic_int!(
    /// An atomic `u64` of the simulator.
    SimAtomicU64, AtomicU64, u64
);
