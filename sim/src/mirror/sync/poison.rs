//! Poison: the memory of a lock that a thread panicked while it held it.
//!
//! `std`'s own locks cannot be asked: they look at a count of panics that all simulated threads share. While an execution is
//! torn down nothing is poisoned and no poison is reported, since the unwinding is the simulator's doing, and a destructor
//! that unwraps a lock would end the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LockResult, PoisonError};

use raddle::platform::Memory;

use crate::kernel;
use crate::platform::Sim;

/// Whether a lock is poisoned. Relaxed: it is written and read by holders of the lock, or carries no promise of order.
#[derive(Debug)]
pub(super) struct Poison(AtomicBool);

/// Whether the thread was panicking when it took a lock.
#[derive(Debug)]
pub(super) struct Taken {
    panicking: bool,
}

impl Poison {
    pub(super) const fn new() -> Self {
        Poison(AtomicBool::new(false))
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// What to remember of the taking of a lock.
    #[inline]
    pub(super) fn taken(&self) -> Taken {
        Taken { panicking: Sim::panicking() }
    }

    /// The lock that was `taken` is about to be freed.
    #[inline]
    pub(super) fn leave(&self, taken: &Taken) {
        if !taken.panicking && Sim::panicking() && !kernel::is_torn_down() {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// `Ok` if the lock is not poisoned.
    #[inline]
    pub(super) fn check<T>(&self, value: T) -> LockResult<T> {
        if self.is_set() && !kernel::is_torn_down() { Err(PoisonError::new(value)) } else { Ok(value) }
    }
}
