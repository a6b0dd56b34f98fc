//! Atomics, each access of which is a step, and fences.
//!
//! Inside of an execution memory is sequentially consistent: the orderings are checked as `core` checks them, and have no
//! other effect. A program that is wrong only under a weaker order is not caught.
//!
//! [`compare_exchange_weak`](AtomicUsize::compare_exchange_weak) can fail although it need not where the strategy injects
//! that fault. Formatting with `Debug` shows the value without a step. Left out are `as_ptr`, `from_ptr` and what the
//! standard library has deprecated: an access through a pointer would go unseen.

use std::fmt;
use std::sync::atomic as real;

pub use std::sync::atomic::{Ordering, compiler_fence};

use crate::choice::Kind;
use crate::kernel::{self, Execution, ObjectId, ObjectKind, OpKind};

/// A fence, as [`std::sync::atomic::fence`].
///
/// Memory is sequentially consistent inside of an execution, so there it orders nothing that is not in order.
///
/// # Panics
///
/// If `order` is relaxed.
#[inline]
pub fn fence(order: Ordering) {
    real::fence(order);
}

/// Announces an access; `None` outside of an execution.
#[inline(always)]
fn announce(id: &ObjectId, kind: OpKind) -> Option<Announced> {
    let execution = kernel::current()?;
    let index = id.index(execution, ObjectKind::Atomic);
    let was_asked = execution.step(kind, index);
    Some(Announced { execution, was_asked })
}

/// An access whose turn it is.
struct Announced {
    execution: Execution,
    was_asked: bool,
}

impl Announced {
    /// Tells the kernel what was read, or else written. It never wants to know where it did not ask who goes on.
    #[inline(always)]
    fn note(self, value: impl Seen) {
        if self.was_asked {
            self.execution.note_value(|| value.seen());
        }
    }
}

/// A value of which the kernel is to tell whether it is the same as another.
trait Seen {
    fn seen(self) -> u64;
}

macro_rules! seen {
    ($($value:ty)*) => {
        $(impl Seen for $value {
            #[inline]
            fn seen(self) -> u64 {
                self as u64
            }
        })*
    };
}

seen!(bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl<T> Seen for *mut T {
    #[inline]
    fn seen(self) -> u64 {
        self.addr() as u64
    }
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
    ($(#[$doc:meta])* $name:ident $(<$generic:ident>)?, $value:ty) => {
        $(#[$doc])*
        pub struct $name$(<$generic>)? {
            id: ObjectId,
            value: real::$name$(<$generic>)?,
        }

        impl$(<$generic>)? $name$(<$generic>)? {
            /// A new atomic that holds `value`.
            #[track_caller]
            pub const fn new(value: $value) -> Self {
                Self { id: ObjectId::new(), value: real::$name::new(value) }
            }

            /// Reads and writes in one step of an execution; `None` outside of one.
            #[inline(always)]
            fn modify(&self, change: impl FnOnce($value) -> Option<$value>) -> Option<$value> {
                let announced = announce(&self.id, OpKind::Modify)?;
                let before = self.value.load(Ordering::Relaxed);
                announced.note(before);
                if let Some(after) = change(before) {
                    self.id.note_change();
                    self.value.store(after, Ordering::Relaxed);
                }
                Some(before)
            }

            /// The value.
            ///
            /// # Panics
            ///
            /// If `order` is a release order.
            #[inline(always)]
            pub fn load(&self, order: Ordering) -> $value {
                check_load(order);
                let Some(announced) = announce(&self.id, OpKind::Load) else { return self.value.load(order) };
                let value = self.value.load(Ordering::Relaxed);
                announced.note(value);
                value
            }

            /// Sets the value.
            ///
            /// # Panics
            ///
            /// If `order` is an acquire order.
            #[inline(always)]
            pub fn store(&self, value: $value, order: Ordering) {
                check_store(order);
                if let Some(announced) = announce(&self.id, OpKind::Store) {
                    announced.note(value);
                    self.id.note_change();
                    self.value.store(value, Ordering::Relaxed);
                } else {
                    self.value.store(value, order);
                }
            }

            /// Sets the value and returns the one before.
            #[inline(always)]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                self.modify(|_| Some(value)).unwrap_or_else(|| self.value.swap(value, order))
            }

            /// Sets the value to `new` if it is `current`; returns the value before.
            ///
            /// # Errors
            ///
            /// The value, if it is not `current`.
            ///
            /// # Panics
            ///
            /// If `failure` is a release order.
            #[inline(always)]
            pub fn compare_exchange(
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

            /// As [`compare_exchange`](Self::compare_exchange), but it may fail where that would not.
            ///
            /// # Errors
            ///
            /// The value, which may be `current`.
            ///
            /// # Panics
            ///
            /// If `failure` is a release order.
            #[inline(always)]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                check_load(failure);
                let mut has_failed = false;
                let simulated = self.modify(|before| {
                    has_failed = before == current && kernel::fault(Kind::Exchange);
                    (before == current && !has_failed).then_some(new)
                });
                match simulated {
                    Some(before) if before == current && !has_failed => Ok(before),
                    Some(before) => Err(before),
                    None => self.value.compare_exchange_weak(current, new, success, failure),
                }
            }

            /// Replaces the value by what `change` makes of it, again until nobody came in between; returns the value
            /// before.
            ///
            /// # Errors
            ///
            /// The value for which `change` says no.
            ///
            /// # Panics
            ///
            /// If `load_order` is a release order.
            pub fn try_update(
                &self,
                store_order: Ordering,
                load_order: Ordering,
                mut change: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut before = self.load(load_order);
                while let Some(after) = change(before) {
                    match self.compare_exchange_weak(before, after, store_order, load_order) {
                        Ok(_) => return Ok(before),
                        Err(found) => before = found,
                    }
                }
                Err(before)
            }

            /// The older name of [`try_update`](Self::try_update).
            ///
            /// # Errors
            ///
            /// The value for which `change` says no.
            ///
            /// # Panics
            ///
            /// If `load_order` is a release order.
            pub fn fetch_update<F>(
                &self,
                store_order: Ordering,
                load_order: Ordering,
                change: F,
            ) -> Result<$value, $value>
            where
                F: FnMut($value) -> Option<$value>,
            {
                self.try_update(store_order, load_order, change)
            }

            /// As [`try_update`](Self::try_update), with a `change` that never says no.
            ///
            /// # Panics
            ///
            /// If `load_order` is a release order.
            pub fn update(
                &self,
                store_order: Ordering,
                load_order: Ordering,
                mut change: impl FnMut($value) -> $value,
            ) -> $value {
                match self.try_update(store_order, load_order, |before| Some(change(before))) {
                    Ok(before) | Err(before) => before,
                }
            }

            /// The value, which nobody else can touch now. No step.
            #[inline(always)]
            pub fn get_mut(&mut self) -> &mut $value {
                self.value.get_mut()
            }

            /// Takes the value out. No step.
            #[inline]
            pub const fn into_inner(self) -> $value {
                self.value.into_inner()
            }
        }

        impl$(<$generic>)? fmt::Debug for $name$(<$generic>)? {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.value.fmt(formatter)
            }
        }

        impl$(<$generic>)? Default for $name$(<$generic>)? {
            #[track_caller]
            fn default() -> Self {
                Self::new(real::$name::default().into_inner())
            }
        }

        impl$(<$generic>)? From<$value> for $name$(<$generic>)? {
            #[track_caller]
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }
    };
}

/// Methods that replace the value by something made of it, in one step, and return the value before.
macro_rules! fetch {
    ($value:ty, $($(#[$doc:meta])* $method:ident: |$before:ident, $operand:ident| $after:expr;)*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $method(&self, $operand: $value, order: Ordering) -> $value {
            self.modify(|$before| Some($after)).unwrap_or_else(|| self.value.$method($operand, order))
        }
    )* };
}

macro_rules! integer {
    ($($(#[$doc:meta])* $name:ident, $value:ty;)*) => { $(
        atomic!($(#[$doc])* $name, $value);

        impl $name {
            fetch! { $value,
                /// Adds, wrapping around; returns the value before.
                fetch_add: |before, value| before.wrapping_add(value);
                /// Subtracts, wrapping around; returns the value before.
                fetch_sub: |before, value| before.wrapping_sub(value);
                /// Bitwise and; returns the value before.
                fetch_and: |before, value| before & value;
                /// Bitwise nand; returns the value before.
                fetch_nand: |before, value| !(before & value);
                /// Bitwise or; returns the value before.
                fetch_or: |before, value| before | value;
                /// Bitwise exclusive or; returns the value before.
                fetch_xor: |before, value| before ^ value;
                /// The larger of the two; returns the value before.
                fetch_max: |before, value| before.max(value);
                /// The smaller of the two; returns the value before.
                fetch_min: |before, value| before.min(value);
            }
        }
    )* };
}

integer! {
    /// An atomic `i8`.
    AtomicI8, i8;
    /// An atomic `i16`.
    AtomicI16, i16;
    /// An atomic `i32`.
    AtomicI32, i32;
    /// An atomic `i64`.
    AtomicI64, i64;
    /// An atomic `isize`.
    AtomicIsize, isize;
    /// An atomic `u8`.
    AtomicU8, u8;
    /// An atomic `u16`.
    AtomicU16, u16;
    /// An atomic `u32`.
    AtomicU32, u32;
    /// An atomic `u64`.
    AtomicU64, u64;
    /// An atomic `usize`.
    ///
    /// ```
    /// use raddle_sim::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// static NEXT: AtomicUsize = AtomicUsize::new(1);
    /// assert_eq!(NEXT.fetch_add(1, Ordering::Relaxed), 1);
    /// assert_eq!(NEXT.load(Ordering::Relaxed), 2);
    /// ```
    AtomicUsize, usize;
}

atomic!(
    /// An atomic `bool`.
    AtomicBool,
    bool
);

impl AtomicBool {
    fetch! { bool,
        /// Logical and; returns the value before.
        fetch_and: |before, value| before & value;
        /// Logical nand; returns the value before.
        fetch_nand: |before, value| !(before & value);
        /// Logical or; returns the value before.
        fetch_or: |before, value| before | value;
        /// Logical exclusive or; returns the value before.
        fetch_xor: |before, value| before ^ value;
    }

    /// Logical not; returns the value before.
    #[inline(always)]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

atomic!(
    /// An atomic pointer.
    AtomicPtr<T>,
    *mut T
);

macro_rules! fetch_pointer {
    ($($(#[$doc:meta])* $method:ident: |$before:ident, $operand:ident| $after:expr;)*) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $method(&self, $operand: usize, order: Ordering) -> *mut T {
            self.modify(|$before| Some($after)).unwrap_or_else(|| self.value.$method($operand, order))
        }
    )* };
}

impl<T> AtomicPtr<T> {
    fetch_pointer! {
        /// Moves the address up by so many elements, wrapping around; returns the pointer before.
        fetch_ptr_add: |before, elements| before.wrapping_add(elements);
        /// Moves the address down by so many elements, wrapping around; returns the pointer before.
        fetch_ptr_sub: |before, elements| before.wrapping_sub(elements);
        /// Moves the address up by so many bytes, wrapping around; returns the pointer before.
        fetch_byte_add: |before, bytes| before.wrapping_byte_add(bytes);
        /// Moves the address down by so many bytes, wrapping around; returns the pointer before.
        fetch_byte_sub: |before, bytes| before.wrapping_byte_sub(bytes);
        /// Bitwise or of the address; returns the pointer before.
        fetch_or: |before, bits| before.map_addr(|address| address | bits);
        /// Bitwise and of the address; returns the pointer before.
        fetch_and: |before, bits| before.map_addr(|address| address & bits);
        /// Bitwise exclusive or of the address; returns the pointer before.
        fetch_xor: |before, bits| before.map_addr(|address| address ^ bits);
    }
}

impl<T> fmt::Pointer for AtomicPtr<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.value.load(Ordering::Relaxed), formatter)
    }
}
