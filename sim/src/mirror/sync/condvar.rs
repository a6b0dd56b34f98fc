//! Condition variables.

use std::fmt;
use std::sync::{LockResult, PoisonError};
use std::time::Duration;

use super::mutex::MutexGuard;
use crate::mirror::time::Instant;
use crate::platform::SimCondvar;

/// A condition variable: [`std::sync::Condvar`] on the simulator.
///
/// Which waiter [`notify_one`](Condvar::notify_one) wakes is a choice. A waiter can wake without a notification where the
/// strategy injects that fault.
///
/// ```
/// use raddle_sim::sync::{Arc, Condvar, Mutex};
/// use raddle_sim::thread;
///
/// let shared = Arc::new((Mutex::new(false), Condvar::new()));
/// let theirs = shared.clone();
/// let other = thread::spawn(move || {
///     *theirs.0.lock().unwrap() = true;
///     theirs.1.notify_one();
/// });
/// let ready = shared.1.wait_while(shared.0.lock().unwrap(), |ready| !*ready).unwrap();
/// assert!(*ready);
/// drop(ready);
/// other.join().unwrap();
/// ```
pub struct Condvar(SimCondvar);

impl Condvar {
    /// A new condition variable, for which nobody waits.
    #[track_caller]
    pub const fn new() -> Self {
        Condvar(SimCondvar::new())
    }

    /// Unlocks, blocks until notified, and locks again. It may return without a notification.
    ///
    /// # Errors
    ///
    /// The guard all the same, if the mutex is poisoned.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        guard.while_given_up(|inner| (self.0.wait_with(inner), ())).0
    }

    /// [`wait`](Condvar::wait)s as long as `condition` holds.
    ///
    /// # Errors
    ///
    /// The guard all the same, if the mutex is poisoned.
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`wait`](Condvar::wait), but waits no longer than `limit`.
    ///
    /// Inside of an execution the time is virtual: no run sleeps, and a limit can be used up at any time while others could
    /// go on.
    ///
    /// # Errors
    ///
    /// The same all the same, if the mutex is poisoned.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (guard, timed_out) = guard.while_given_up(|inner| self.0.wait_timeout_with(inner, limit));
        let result = WaitTimeoutResult { timed_out };
        match guard {
            Ok(guard) => Ok((guard, result)),
            Err(poisoned) => Err(PoisonError::new((poisoned.into_inner(), result))),
        }
    }

    /// [`wait`](Condvar::wait)s as long as `condition` holds, but no longer than `limit`. If it says that the limit was used up,
    /// the condition held when it was looked at last.
    ///
    /// # Errors
    ///
    /// The same all the same, if the mutex is poisoned.
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        limit: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let start = Instant::now();
        loop {
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult { timed_out: false }));
            }
            let Some(left) = limit.checked_sub(start.elapsed()) else {
                return Ok((guard, WaitTimeoutResult { timed_out: true }));
            };
            guard = self.wait_timeout(guard, left)?.0;
        }
    }

    /// Wakes one waiter, if there is one.
    pub fn notify_one(&self) {
        self.0.wake_one();
    }

    /// Wakes all waiters.
    pub fn notify_all(&self) {
        self.0.wake_all();
    }
}

/// How a wait with a limit has ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult {
    timed_out: bool,
}

impl WaitTimeoutResult {
    /// Whether the limit was used up.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.timed_out
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Condvar").finish_non_exhaustive()
    }
}

impl Default for Condvar {
    #[track_caller]
    fn default() -> Self {
        Condvar::new()
    }
}
