//! Atomics. Each access is a step.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use raddle::platform::{Atomic, AtomicInt};

use crate::kernel::{self, ObjectId, ObjectKind, OpKind};

/// Announces an access; false outside of an execution.
#[inline(always)]
fn announce(id: &ObjectId, kind: OpKind) -> bool {
    let Some(execution) = kernel::current() else { return false };
    let index = id.index(execution, ObjectKind::Atomic);
    execution.step(kind, index);
    true
}

/// Panics as `core` does on an order that a load cannot have.
#[inline]
fn check_load(order: Ordering) {
    assert!(!matches!(order, Ordering::Release | Ordering::AcqRel), "a load cannot have the order {order:?}");
}

/// Panics as `core` does on an order that a store cannot have.
#[inline]
fn check_store(order: Ordering) {
    assert!(
        !matches!(order, Ordering::Acquire | Ordering::AcqRel),
        "a store cannot have the order {order:?}"
    );
}

// Inside of an execution one thread runs at a time, so a relaxed load and a relaxed store are one step there; the dear
// instructions of the processor are for the outside.
//
// Everything is inlined into the code under test: a thread that is suspended in its own frame goes on without a return that
// the processor cannot predict, which is most of what a switch costs.
macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident $(<$generic:ident>)?, $real:ty, $value:ty) => {
        $(#[$doc])*
        pub struct $name$(<$generic>)? {
            id: ObjectId,
            value: $real,
        }

        impl$(<$generic>)? $name$(<$generic>)? {
            /// A new atomic that holds `value`.
            #[track_caller]
            pub const fn new(value: $value) -> Self {
                Self { id: ObjectId::new(), value: <$real>::new(value) }
            }

            /// Reads and writes in one step of an execution; `None` outside of one.
            #[inline(always)]
            fn modify(&self, change: impl FnOnce($value) -> Option<$value>) -> Option<$value> {
                announce(&self.id, OpKind::Modify).then(|| {
                    let before = self.value.load(Ordering::Relaxed);
                    if let Some(after) = change(before) {
                        self.value.store(after, Ordering::Relaxed);
                    }
                    before
                })
            }
        }

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_tuple(stringify!($name)).field(&self.value.load(Ordering::Relaxed)).finish()
            }
        }

        impl$(<$generic>)? Atomic<$value> for $name$(<$generic>)? {
            #[track_caller]
            fn new(value: $value) -> Self {
                Self::new(value)
            }
            #[inline(always)]
            fn load(&self, order: Ordering) -> $value {
                check_load(order);
                let order = if announce(&self.id, OpKind::Load) { Ordering::Relaxed } else { order };
                self.value.load(order)
            }
            #[inline(always)]
            fn store(&self, value: $value, order: Ordering) {
                check_store(order);
                if announce(&self.id, OpKind::Store) {
                    self.value.store(value, Ordering::Relaxed);
                } else {
                    self.value.store(value, order);
                }
            }
            #[inline(always)]
            fn swap(&self, value: $value, order: Ordering) -> $value {
                self.modify(|_| Some(value)).unwrap_or_else(|| self.value.swap(value, order))
            }
            #[inline(always)]
            fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                check_load(failure);
                match self.modify(|before| (before == current).then_some(new)) {
                    Some(before) if before == current => Ok(before),
                    Some(before) => Err(before),
                    None => self.value.compare_exchange(current, new, success, failure),
                }
            }
            #[inline(always)]
            fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                Atomic::compare_exchange(self, current, new, success, failure)
            }
            #[inline(always)]
            fn get_mut(&mut self) -> &mut $value {
                self.value.get_mut()
            }
        }
    };
}

macro_rules! atomic_int {
    ($(#[$doc:meta])* $name:ident, $real:ty, $value:ty) => {
        atomic!($(#[$doc])* $name, $real, $value);

        impl AtomicInt<$value> for $name {
            #[inline(always)]
            fn fetch_add(&self, value: $value, order: Ordering) -> $value {
                let simulated = self.modify(|before| Some(before.wrapping_add(value)));
                simulated.unwrap_or_else(|| self.value.fetch_add(value, order))
            }
            #[inline(always)]
            fn fetch_sub(&self, value: $value, order: Ordering) -> $value {
                let simulated = self.modify(|before| Some(before.wrapping_sub(value)));
                simulated.unwrap_or_else(|| self.value.fetch_sub(value, order))
            }
            #[inline(always)]
            fn fetch_and(&self, value: $value, order: Ordering) -> $value {
                let simulated = self.modify(|before| Some(before & value));
                simulated.unwrap_or_else(|| self.value.fetch_and(value, order))
            }
            #[inline(always)]
            fn fetch_or(&self, value: $value, order: Ordering) -> $value {
                let simulated = self.modify(|before| Some(before | value));
                simulated.unwrap_or_else(|| self.value.fetch_or(value, order))
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
    SimAtomicPtr<T>, AtomicPtr<T>, *mut T
);
atomic_int!(
    /// An atomic `usize` of the simulator.
    SimAtomicUsize, AtomicUsize, usize
);
atomic_int!(
    /// An atomic `u64` of the simulator.
    SimAtomicU64, AtomicU64, u64
);
