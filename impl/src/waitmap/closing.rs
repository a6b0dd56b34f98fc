//! Closing a map: every waiter ends, and is woken without the lock, in batches.
//!
//! The lock is not held while a waker runs, so wakers have to be put somewhere meanwhile, and there is no
//! allocating. Hence a batch: an array on the stack. Between two batches waiters may leave on their own, but
//! none can come: they would find the map closed. A batch is taken with all stripes locked, since the oldest
//! waiter may be in any of them.

use core::mem;
use core::task::Waker;

use arrayvec::ArrayVec;

use super::WaitMap;
use super::index::{Guards, Index};
use crate::platform::{Memory, Payload};

/// How many wakers are taken in one round of the locks. A quarter of a kilobyte of stack, and rounds are rare
/// enough that more would not show.
const BATCH: usize = 16;

/// A close under way.
///
/// If a waker's panic gets through (a platform without `catch_unwind`), dropping this does the rest.
pub(super) struct Closing<'a, K, V, P: Memory, I: Index> {
    map: &'a WaitMap<K, V, P, I>,
    batch: ArrayVec<Waker, BATCH>,
    /// Whether there may be registered waiters left.
    more: bool,
    /// The first panic of a waker.
    panic: Option<Payload>,
}

impl<'a, K, V, P: Memory, I: Index> Closing<'a, K, V, P, I> {
    /// Begins with the batch that `stripes` offer: the guards under which the map was marked closed.
    pub(super) fn begin(map: &'a WaitMap<K, V, P, I>, mut stripes: Guards<'a, K, V, P, I>) -> Self {
        let mut closing = Closing { map, batch: ArrayVec::new(), more: true, panic: None };
        P::must_not_unwind(|| stripes.as_mut().iter_mut().for_each(|stripe| I::end(stripe)));
        closing.gather(stripes);
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
    fn gather(&mut self, mut stripes: Guards<'_, K, V, P, I>) {
        P::must_not_unwind(|| {
            self.more = true;
            while self.more && !self.batch.is_full() {
                match end_oldest::<K, V, P, I>(&mut stripes) {
                    Some(waker) => self.batch.push(waker),
                    None => self.more = false,
                }
            }
            drop(stripes);
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
            let stripes = self.map.lock_all();
            self.gather(stripes);
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

/// Ends the oldest waiter of all stripes, if there is one; returns its waker.
fn end_oldest<K, V, P: Memory, I: Index>(stripes: &mut Guards<'_, K, V, P, I>) -> Option<Waker> {
    let heads = stripes.as_mut().iter_mut().filter_map(|stripe| Some((I::ended(stripe).oldest()?, stripe)));
    let (node, stripe) = heads.min_by_key(|(node, _)| {
        // SAFETY: it is in a stripe that is held, so its address is good (L3).
        let waiter = unsafe { node.as_ref() }.item();
        // SAFETY: W4, it is in a stripe that is held.
        unsafe { I::age(&waiter.place) }
    })?;
    // SAFETY: it is the head of this stripe.
    unsafe { I::remove(stripe, node) };
    // SAFETY: L4, its future is told below, so until then it does not free it.
    let waiter = unsafe { node.as_ref() }.item();
    // SAFETY: W1, the lock is held.
    let waker = unsafe { waiter.replace_waker(None) };
    // W3: the last touch.
    waiter.phase.transition_to_closed();
    Some(waker.expect("a registered waiter has a waker"))
}

impl<K, V, P: Memory, I: Index> Drop for Closing<'_, K, V, P, I> {
    fn drop(&mut self) {
        self.wake_all();
    }
}
