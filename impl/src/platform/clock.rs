//! A monotonic clock, and waits that end when a time has passed.

use core::fmt::Debug;
use core::ops::{Add, Sub};
use core::time::Duration;

use super::memory::Memory;
use super::threads::{Condvar, Guard, Threads};

/// A monotonic clock and the waits that it can end.
pub trait Clock: Threads<Condvar: TimedCondvar<Self>> {
    /// A moment. Two calls may give equal moments: the clock has a granularity.
    ///
    /// The difference of two is the time between them, or zero if the second is the later one.
    type Instant: Copy
        + Ord
        + Debug
        + Send
        + Sync
        + Add<Duration, Output = Self::Instant>
        + Sub<Output = Duration>
        + 'static;

    /// The current moment. Never earlier than one returned before, on any thread.
    fn now() -> Self::Instant;

    /// As [`park`](Threads::park), but returns at the latest when `limit` has passed.
    fn park_timeout(limit: Duration);

    /// Blocks for at least `duration`.
    fn sleep(duration: Duration);
}

/// A condition variable whose waits can have a limit.
pub trait TimedCondvar<P: Memory>: Condvar<P> {
    /// As [`wait`](Condvar::wait), but returns at the latest when `limit` has passed and the mutex is free;
    /// the flag tells whether the limit ended the wait.
    fn wait_timeout<'a, T: Send + 'a>(
        &self,
        guard: Guard<'a, P, T>,
        limit: Duration,
    ) -> (Guard<'a, P, T>, bool);
}
