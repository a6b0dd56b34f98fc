//! Condition variables.

use std::fmt;
use std::sync::{self, PoisonError};

use raddle::platform::{Condvar, Guard};

use super::{Sim, SimMutexGuard};
use crate::kernel::{self, ObjectId, ObjectKind, OpKind};

/// A condition variable of the simulator.
pub struct SimCondvar {
    pub(super) id: ObjectId,
    pub(super) real: sync::Condvar,
}

impl SimCondvar {
    /// A new condition variable.
    #[track_caller]
    pub const fn new() -> Self {
        SimCondvar { id: ObjectId::new(), real: sync::Condvar::new() }
    }
}

impl fmt::Debug for SimCondvar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SimCondvar").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Default for SimCondvar {
    #[track_caller]
    fn default() -> Self {
        SimCondvar::new()
    }
}

impl SimCondvar {
    /// Unlocks, blocks until notified, and locks again.
    pub(crate) fn wait_with<'a, T>(&self, guard: SimMutexGuard<'a, T>) -> SimMutexGuard<'a, T> {
        let mutex = guard.mutex();
        match guard.simulated() {
            Some(execution) => {
                let condvar = self.id.index(execution, ObjectKind::Condvar);
                let index = mutex.index(execution);
                execution.offer(OpKind::Wait, condvar);
                drop(guard.into_real());
                execution.wait(condvar, index);
                mutex.granted(execution)
            }
            None => {
                let real = self.real.wait(guard.into_real()).unwrap_or_else(PoisonError::into_inner);
                SimMutexGuard::outside(mutex, real)
            }
        }
    }

    /// Wakes one waiter, if there is one.
    pub(crate) fn wake_one(&self) {
        match kernel::current() {
            Some(execution) => execution.notify_one(self.id.index(execution, ObjectKind::Condvar)),
            None => self.real.notify_one(),
        }
    }

    /// Wakes all waiters.
    pub(crate) fn wake_all(&self) {
        match kernel::current() {
            Some(execution) => execution.notify_all(self.id.index(execution, ObjectKind::Condvar)),
            None => self.real.notify_all(),
        }
    }
}

impl Condvar<Sim> for SimCondvar {
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, Sim, T>) -> Guard<'a, Sim, T> {
        self.wait_with(guard)
    }

    fn notify_one(&self) {
        self.wake_one();
    }

    fn notify_all(&self) {
        self.wake_all();
    }
}
