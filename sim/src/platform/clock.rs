//! The clock, and waits that it can end.

use std::ops::{Add, Sub};
use std::sync::{OnceLock, PoisonError};
use std::time::{Duration, Instant};

use raddle::platform::{Clock, Guard, Std, TimedCondvar};

use super::{Sim, SimCondvar, SimMutexGuard};
use crate::kernel::{self, ObjectKind, OpKind};

/// A moment of an execution: the time since it began. Outside of any, a moment of the process.
///
/// Moments of different executions can be compared, but it says nothing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimInstant(Duration);

/// What moments outside of an execution are counted from.
static EPOCH: OnceLock<Instant> = OnceLock::new();

impl SimInstant {
    /// The time since the execution began.
    pub fn since_start(self) -> Duration {
        self.0
    }
}

impl SimInstant {
    /// The current moment.
    pub(crate) fn current() -> Self {
        SimInstant(match kernel::current() {
            Some(execution) => Duration::from_nanos(execution.now()),
            None => EPOCH.get_or_init(Instant::now).elapsed(),
        })
    }
}

impl Add<Duration> for SimInstant {
    type Output = SimInstant;

    fn add(self, duration: Duration) -> SimInstant {
        SimInstant(self.0 + duration)
    }
}

impl Sub for SimInstant {
    type Output = Duration;

    fn sub(self, earlier: SimInstant) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Clock for Sim {
    type Instant = SimInstant;

    fn now() -> SimInstant {
        SimInstant::current()
    }

    fn park_timeout(limit: Duration) {
        match kernel::current() {
            Some(execution) => execution.park_timeout(limit),
            None => Std::park_timeout(limit),
        }
    }

    fn sleep(duration: Duration) {
        match kernel::current() {
            Some(execution) => execution.sleep(duration),
            None => Std::sleep(duration),
        }
    }
}

impl SimCondvar {
    /// Unlocks, blocks until notified or until `limit` has passed, and locks again; whether the limit ended the wait.
    pub(crate) fn wait_timeout_with<'a, T>(
        &self,
        guard: SimMutexGuard<'a, T>,
        limit: Duration,
    ) -> (SimMutexGuard<'a, T>, bool) {
        let mutex = guard.mutex();
        match guard.simulated() {
            Some(execution) => {
                let condvar = self.id.index(execution, ObjectKind::Condvar);
                let index = mutex.index(execution);
                execution.offer(OpKind::Wait, condvar);
                drop(guard.into_real());
                let is_notified = execution.wait_timeout(condvar, index, limit);
                (mutex.granted(execution), !is_notified)
            }
            None => {
                let waited = self.real.wait_timeout(guard.into_real(), limit);
                let (real, result) = waited.unwrap_or_else(PoisonError::into_inner);
                (SimMutexGuard::outside(mutex, real), result.timed_out())
            }
        }
    }
}

impl TimedCondvar<Sim> for SimCondvar {
    fn wait_timeout<'a, T: Send + 'a>(
        &self,
        guard: Guard<'a, Sim, T>,
        limit: Duration,
    ) -> (Guard<'a, Sim, T>, bool) {
        self.wait_timeout_with(guard, limit)
    }
}
