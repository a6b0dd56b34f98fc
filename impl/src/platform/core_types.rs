//! The atomics and cells of `core` and the reference count of `alloc`: what every platform but a checker
//! uses.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use alloc::sync::Arc;

use super::memory::{Atomic, AtomicInt, Cell, Shared};

macro_rules! atomic {
    ($atomic:ty, $value:ty $(, $generic:ident)?) => {
        impl$(<$generic>)? Atomic<$value> for $atomic {
            #[inline]
            fn new(value: $value) -> Self {
                <$atomic>::new(value)
            }
            #[inline]
            fn load(&self, order: Ordering) -> $value {
                <$atomic>::load(self, order)
            }
            #[inline]
            fn store(&self, value: $value, order: Ordering) {
                <$atomic>::store(self, value, order);
            }
            #[inline]
            fn swap(&self, value: $value, order: Ordering) -> $value {
                <$atomic>::swap(self, value, order)
            }
            #[inline]
            fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                <$atomic>::compare_exchange(self, current, new, success, failure)
            }
            #[inline]
            fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                <$atomic>::compare_exchange_weak(self, current, new, success, failure)
            }
            #[inline]
            fn get_mut(&mut self) -> &mut $value {
                <$atomic>::get_mut(self)
            }
        }
    };
}

macro_rules! atomic_int {
    ($atomic:ty, $value:ty) => {
        atomic!($atomic, $value);
        impl AtomicInt<$value> for $atomic {
            #[inline]
            fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                <$atomic>::fetch_add(self, value, order)
            }
            #[inline]
            fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                <$atomic>::fetch_sub(self, value, order)
            }
            #[inline]
            fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                <$atomic>::fetch_and(self, value, order)
            }
            #[inline]
            fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                <$atomic>::fetch_or(self, value, order)
            }
        }
    };
}

atomic!(AtomicBool, bool);
atomic!(AtomicPtr<T>, *mut T, T);
atomic_int!(AtomicUsize, usize);
atomic_int!(AtomicU64, u64);

impl<T> Cell<T> for UnsafeCell<T> {
    #[inline]
    fn new(value: T) -> Self {
        UnsafeCell::new(value)
    }
    #[inline]
    fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.get().cast_const())
    }
    #[inline]
    fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.get())
    }
    #[inline]
    fn get_mut(&mut self) -> &mut T {
        UnsafeCell::get_mut(self)
    }
}

impl<T: Send + Sync + 'static> Shared<T> for Arc<T> {
    #[inline]
    fn new(value: T) -> Self {
        Arc::new(value)
    }
    #[inline]
    fn ptr_eq(this: &Self, other: &Self) -> bool {
        Arc::ptr_eq(this, other)
    }
    #[inline]
    fn strong_count(this: &Self) -> usize {
        Arc::strong_count(this)
    }
    #[inline]
    fn into_inner(this: Self) -> Option<T> {
        Arc::into_inner(this)
    }
}
