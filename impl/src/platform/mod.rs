//! What concurrent code stands on: memory, threads and a clock.
//!
//! The systems of this crate do not name `std` when they lock, spawn or sleep; they name a type
//! parameter `P`. In production `P` is [`Std`], whose every method is inlined into the call of
//! the operating system's primitive, so the parameter costs nothing. Under test `P` is a
//! simulator's platform, or loom's, or shuttle's, and the very same code, not a model of it, runs
//! with every access to shared state under control.
//!
//! A platform is the sum of three traits, so that a system asks only for what it needs:
//!
//! | trait | offers | needed by |
//! |---|---|---|
//! | [`Memory`] | atomics, mutex, cell, reference count, unwinding | everything; all that `WaitMap` needs |
//! | [`Threads`] | spawn, join, park, condition variables, a context slot per thread | what owns threads |
//! | [`Clock`] | instants and every wait with a limit | what has timeouts |
//!
//! [`Platform`] is all three. The traits hold no policy: each method means what the item of `std` of the same
//! name means, with the exceptions that its documentation names. Locks ignore poison: a panic inside a
//! critical section is the business of whoever wrote the section.
//!
#![cfg_attr(feature = "std", doc = "[`Std`]: Std")]
#![cfg_attr(not(feature = "std"), doc = "[`Std`]: crate#features")]
#![cfg_attr(feature = "std", doc = "[`Threads`]: Threads")]
#![cfg_attr(not(feature = "std"), doc = "[`Threads`]: crate#features")]
#![cfg_attr(feature = "std", doc = "[`Clock`]: Clock")]
#![cfg_attr(not(feature = "std"), doc = "[`Clock`]: crate#features")]
#![cfg_attr(feature = "std", doc = "[`Platform`]: Platform")]
#![cfg_attr(not(feature = "std"), doc = "[`Platform`]: crate#features")]

#[cfg(feature = "std")]
mod clock;
mod core_types;
mod memory;
#[cfg(feature = "std")]
mod os;
mod spin;
#[cfg(feature = "std")]
mod threads;

#[cfg(feature = "std")]
pub use self::clock::{Clock, TimedCondvar};
pub use self::memory::{Atomic, AtomicInt, Cell, Memory, Mutex, Payload, Shared};
#[cfg(feature = "std")]
pub use self::os::{Std, StdMutex};
pub use self::spin::{Spin, SpinMutex};
#[cfg(feature = "std")]
pub use self::threads::{Condvar, Guard, Join, Threads, Unpark};

/// Memory, threads and a clock: all that any system of this crate asks for.
///
/// Implemented by every type that implements the three.
#[cfg(feature = "std")]
pub trait Platform: Memory + Threads + Clock {}

#[cfg(feature = "std")]
impl<P: Memory + Threads + Clock> Platform for P {}

/// The platform that a system runs on if its user names none: the operating system's.
#[cfg(feature = "std")]
pub type Native = Std;

/// The platform that a system runs on if its user names none: without the feature `std`, the one that spins.
#[cfg(not(feature = "std"))]
pub type Native = Spin;

/// The mutex of [`Native`], whose constructor is `const`.
#[cfg(feature = "std")]
pub(crate) type NativeMutex<T> = StdMutex<T>;

/// The mutex of [`Native`], whose constructor is `const`.
#[cfg(not(feature = "std"))]
pub(crate) type NativeMutex<T> = SpinMutex<T>;
