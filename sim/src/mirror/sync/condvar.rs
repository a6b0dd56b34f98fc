//! Condition variables.

use std::fmt;
use std::sync::LockResult;

use super::mutex::MutexGuard;
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

    /// Wakes one waiter, if there is one.
    pub fn notify_one(&self) {
        self.0.wake_one();
    }

    /// Wakes all waiters.
    pub fn notify_all(&self) {
        self.0.wake_all();
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
