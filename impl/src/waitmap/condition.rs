//! Waiting for a condition: a wait that registers again until the condition holds.

use core::pin::pin;

use super::index::Find;
use super::{WaitMap, WaitResult};
use crate::platform::Memory;

impl<K, V, P: Memory, I: Find<K>> WaitMap<K, V, P, I> {
    /// Waits until `condition` holds. It is tested at once and again after each wake of `key`, each time with
    /// `key` registered, so that a wake after a failed test is never missed. The values of those wakes
    /// are dropped.
    ///
    /// # Errors
    ///
    /// [`Closed`](super::WaitError::Closed), and [`Duplicate`](super::WaitError::Duplicate) if another waiter
    /// has the key, be it at first or because it took it between a wake and the poll that follows.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    /// use raddle::{WaitMap, WakeOutcome};
    ///
    /// let map = WaitMap::new();
    /// let credit = Cell::new(0);
    /// let mut context = Context::from_waker(Waker::noop());
    /// let mut enough = pin!(map.wait_for("credit", || credit.get() >= 2));
    ///
    /// for _ in 0..2 {
    ///     assert!(enough.as_mut().poll(&mut context).is_pending());
    ///     credit.set(credit.get() + 1);
    ///     assert_eq!(map.wake(&"credit", ()), WakeOutcome::Woke);
    /// }
    /// assert_eq!(enough.as_mut().poll(&mut context), Poll::Ready(Ok(())));
    /// ```
    pub async fn wait_for(&self, key: K, mut condition: impl FnMut() -> bool) -> WaitResult<()> {
        self.wait_for_value(key, || condition().then_some(())).await
    }

    /// As [`wait_for`](WaitMap::wait_for), until `condition` gives something, which is the result.
    ///
    /// # Errors
    ///
    /// As `wait_for`.
    pub async fn wait_for_value<T>(&self, key: K, mut condition: impl FnMut() -> Option<T>) -> WaitResult<T> {
        let mut wait = pin!(self.wait(key));
        loop {
            wait.as_mut().subscribe().await?;
            if let Some(found) = condition() {
                return Ok(found);
            }
            let discarded = wait.as_mut().await?;
            drop(discarded);
            wait.as_mut().rearm();
        }
    }
}
