//! Closing a map: every waiter ends, and is woken without the lock, in batches.
//!
//! The lock is not held while a waker runs, so wakers have to be put somewhere meanwhile, and there is no
//! allocating. Hence a batch: an array on the stack. Between two batches waiters may leave on their own, but
//! none can come: they would find the map closed.

use core::mem;
use core::task::Waker;

use arrayvec::ArrayVec;

use super::waiter::WaiterList;
use super::{WaitMap, WaiterGuard};
use crate::platform::{Memory, Payload};

/// How many wakers are taken in one round of the lock. A quarter of a kilobyte of stack, and rounds are rare
/// enough that more would not show.
const BATCH: usize = 16;

/// A close under way.
///
/// If a waker's panic gets through (a platform without `catch_unwind`), dropping this does the rest.
pub(super) struct Closing<'a, K, V, P: Memory> {
    map: &'a WaitMap<K, V, P>,
    batch: ArrayVec<Waker, BATCH>,
    /// Whether there may be registered waiters left.
    more: bool,
    /// The first panic of a waker.
    panic: Option<Payload>,
}

impl<'a, K, V, P: Memory> Closing<'a, K, V, P> {
    /// Begins with the batch that `list` offers. `list` is the guard under which the map was marked closed.
    pub(super) fn begin(map: &'a WaitMap<K, V, P>, list: WaiterGuard<'a, K, V, P>) -> Self {
        let mut closing = Closing { map, batch: ArrayVec::new(), more: true, panic: None };
        closing.gather(list);
        closing
    }

    /// Ends and wakes all waiters, oldest first.
    ///
    /// # Panics
    ///
    /// With the first panic of a waker, after all were woken.
    pub(super) fn finish(mut self) {
        self.wake_all();
        if let Some(payload) = self.panic.take() {
            P::resume_unwind(payload);
        }
    }

    /// Unlinks a batch of waiters and takes their wakers.
    fn gather(&mut self, mut list: WaiterGuard<'_, K, V, P>) {
        P::must_not_unwind(|| {
            while !self.batch.is_full()
                && let Some(waker) = end_oldest(&mut list)
            {
                self.batch.push(waker);
            }
            self.more = list.length() > 0;
            drop(list);
        });
    }

    fn wake_all(&mut self) {
        loop {
            while let Some(waker) = self.batch.pop_at(0) {
                if let Err(payload) = P::catch_unwind(|| waker.wake()) {
                    self.keep_first(payload);
                }
            }
            if !self.more {
                return;
            }
            let list = self.map.lock();
            self.gather(list);
        }
    }

    fn keep_first(&mut self, payload: Payload) {
        if self.panic.is_none() {
            self.panic = Some(payload);
        } else if let Err(payload) = P::catch_unwind(|| drop(payload)) {
            // Its destructor panicked. That one's payload may do the same, without end.
            mem::forget(payload);
        }
    }
}

/// Ends the oldest waiter, if there is one; returns its waker.
fn end_oldest<K, V, P: Memory>(list: &mut WaiterList<K, V, P>) -> Option<Waker> {
    let node = list.pop_front()?;
    // SAFETY: L4, its future is told below, so until then it does not free it.
    let waiter = unsafe { node.as_ref() }.item();
    // SAFETY: W1, the lock is held.
    let waker = unsafe { waiter.replace_waker(None) };
    // W3: the last touch.
    waiter.phase.transition_to_closed();
    Some(waker.expect("a registered waiter has a waker"))
}

impl<K, V, P: Memory> Drop for Closing<'_, K, V, P> {
    fn drop(&mut self) {
        self.wake_all();
    }
}
