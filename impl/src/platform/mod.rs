//! What concurrent code stands on: memory, threads and a clock.
//!
//! The systems of this crate do not name `std` when they lock, spawn or sleep; they name a type
//! parameter `P`. In production `P` is [`Std`](crate::platform::Std), whose every method is inlined into the call of
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

#[cfg(feature = "std")]
mod clock;
mod memory;
#[cfg(feature = "std")]
mod threads;

#[cfg(feature = "std")]
pub use clock::{Clock, TimedCondvar};
pub use memory::{Atomic, AtomicInt, Cell, Memory, Mutex, Payload, Shared};
#[cfg(feature = "std")]
pub use threads::{Condvar, Guard, Join, Threads, Unpark};

/// Memory, threads and a clock: all that any system of this crate asks for.
///
/// Implemented by every type that implements the three.
#[cfg(feature = "std")]
pub trait Platform: Memory + Threads + Clock {}

#[cfg(feature = "std")]
impl<P: Memory + Threads + Clock> Platform for P {}
