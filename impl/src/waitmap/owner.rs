//! The future's side of the protocol: register, look after the waker, collect, cancel.
//!
//! No user code but `K::eq` runs here under the lock. The key is hashed and a waker is cloned before the lock
//! is taken and dropped after it is released, and so is everything else that has a destructor of the user's.

use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Poll, Waker};

use super::index::{Find, Index, StripeGuard};
use super::phase::{Phase, PhaseWord};
use super::waiter::{Waiter, WaiterNode};
use super::{WaitError, WaitMap, WaitResult};
use crate::platform::Memory;

/// Exclusive access to a waiter, on behalf of its future.
pub(super) struct Owner<'a, K, V, P: Memory, I: Index> {
    map: &'a WaitMap<K, V, P, I>,
    node: Pin<&'a WaiterNode<K, V, P, I>>,
}

/// What the future is visited for.
#[derive(Copy, Clone, Eq, PartialEq)]
enum Visit {
    Poll,
    Subscribe,
}

impl<'a, K, V, P: Memory, I: Index> Owner<'a, K, V, P, I> {
    /// # Safety
    ///
    /// The caller has exclusive access to the future that `node` is part of, for `'a`, and that future waits
    /// on `map` and no other, from first to last.
    pub(super) unsafe fn new(map: &'a WaitMap<K, V, P, I>, node: Pin<&'a WaiterNode<K, V, P, I>>) -> Self {
        Owner { map, node }
    }

    /// As `Future::poll`.
    pub(super) fn poll(&self, waker: &Waker) -> Poll<WaitResult<V>>
    where
        I: Find<K>,
    {
        let phase = match self.phase().observe() {
            Phase::Idle => match self.register(waker) {
                Ok(()) => Phase::Registered,
                Err(error) => return Poll::Ready(Err(error)),
            },
            Phase::Registered => self.visit_registered(waker, Visit::Poll),
            settled => settled,
        };
        match phase {
            Phase::Idle | Phase::Registered => Poll::Pending,
            Phase::Delivered => Poll::Ready(Ok(self.collect())),
            Phase::Closed => {
                self.phase().transition_to_finished(phase);
                Poll::Ready(Err(WaitError::Closed))
            }
            Phase::Finished => Poll::Ready(Err(WaitError::AlreadyConsumed)),
        }
    }

    /// Registers, if that was not done before.
    pub(super) fn subscribe(&self, waker: &Waker) -> WaitResult<()>
    where
        I: Find<K>,
    {
        match self.phase().observe() {
            Phase::Idle => return self.register(waker),
            Phase::Registered => {
                self.visit_registered(waker, Visit::Subscribe);
            }
            Phase::Delivered | Phase::Closed | Phase::Finished => {}
        }
        Ok(())
    }

    /// Takes a registered waiter out of the list. All that is left to do then is to drop the node.
    pub(super) fn cancel(&self) {
        if self.phase().observe() == Phase::Registered {
            // If this broke off, the list would go on pointing to a node that is freed.
            let waker = P::must_not_unwind(|| {
                let mut stripe = self.lock_own();
                match self.phase().observe_locked() {
                    Phase::Registered => self.leave(&mut stripe),
                    _ => None,
                }
            });
            drop(waker);
        }
        self.node.announce_free();
        self.waiter().announce_free();
    }

    /// Makes a finished waiter as good as new, with its key.
    pub(super) fn rearm(&self) {
        self.phase().transition_to_idle();
    }

    /// `Idle` to `Registered`, or to `Finished` with an error.
    fn register(&self, waker: &Waker) -> WaitResult<()>
    where
        I: Find<K>,
    {
        let hash = |key: &K| I::clue_of(&self.map.stripes, key);
        // SAFETY: W2, the phase is `Idle`.
        let clue = unsafe { self.waiter().with_key(hash) };
        let waker = waker.clone();
        // Declared after the waker and so released before it is dropped, also when `K::eq` panics.
        let mut stripe = self.map.lock(clue);
        if let Some(error) = self.refusal(&stripe, clue) {
            drop(stripe);
            self.phase().transition_to_finished(Phase::Idle);
            return Err(error);
        }
        P::must_not_unwind(move || {
            // SAFETY: W2, the phase is still `Idle`.
            let before = unsafe { self.waiter().replace_waker(Some(waker)) };
            debug_assert!(before.is_none(), "an idle waiter has no waker");
            self.phase().transition_to_registered();
            // SAFETY: L1 and L3, the future owns the node, and `cancel` runs before it is freed. The stripe
            // is the one that the clue led to.
            unsafe { I::insert(&self.map.stripes, &mut stripe, self.node, clue) };
            drop(stripe);
        });
        Ok(())
    }

    /// Why this waiter cannot register, if it cannot.
    fn refusal(&self, stripe: &I::Stripe<K, V, P>, clue: I::Clue) -> Option<WaitError>
    where
        I: Find<K>,
    {
        if self.map.is_closed_locked() {
            return Some(WaitError::Closed);
        }
        // SAFETY: W2, the phase is `Idle`.
        let duplicate = unsafe { self.waiter().with_key(|key| I::find(stripe, clue, key)) };
        duplicate.map(|_| WaitError::Duplicate)
    }

    /// Locks the stripe of a waiter that was inserted.
    fn lock_own(&self) -> StripeGuard<'a, K, V, P, I> {
        // SAFETY: W4, it was inserted, by this future.
        let clue = unsafe { I::clue(&self.waiter().place) };
        self.map.lock(clue)
    }

    /// Sees to it that the latest waker is the one to be woken; returns how far the waiter is by now.
    ///
    /// If the map is being closed and this waiter has not had its turn, then a poll reports the close itself,
    /// since the close has taken effect already. A subscription reports nothing and leaves the waker to
    /// be woken as it is.
    fn visit_registered(&self, waker: &Waker, visit: Visit) -> Phase {
        let mut replacement = None;
        loop {
            let mut stripe = self.lock_own();
            let phase = self.phase().observe_locked();
            let closed = self.map.is_closed_locked();
            if phase != Phase::Registered || (closed && visit == Visit::Subscribe) {
                drop(stripe);
                return phase;
            }
            if closed {
                let unused = P::must_not_unwind(move || {
                    let unused = self.leave(&mut stripe);
                    self.phase().transition_to_closed();
                    drop(stripe);
                    unused
                });
                drop(unused);
                return Phase::Closed;
            }
            // SAFETY: W1, the lock is held.
            if unsafe { self.waiter().will_wake(waker) } {
                drop(stripe);
                return Phase::Registered;
            }
            if replacement.is_some() {
                // SAFETY: W1, the lock is held.
                let before = unsafe { self.waiter().replace_waker(replacement) };
                drop(stripe);
                drop(before);
                return Phase::Registered;
            }
            // To clone is to run user code: without the lock. What has changed meanwhile, the next turn sees.
            drop(stripe);
            replacement = Some(waker.clone());
        }
    }

    /// Takes the registered waiter out of the list; returns the waker, which has nothing to wake for any
    /// more.
    fn leave(&self, stripe: &mut I::Stripe<K, V, P>) -> Option<Waker> {
        // SAFETY: a registered waiter is in its stripe.
        unsafe { I::remove(stripe, NonNull::from(self.node.get_ref())) };
        // SAFETY: W1, the lock is held.
        unsafe { self.waiter().replace_waker(None) }
    }

    /// `Delivered` to `Finished`, with the value.
    fn collect(&self) -> V {
        // SAFETY: W2, the phase is `Delivered`.
        let value = unsafe { self.waiter().replace_value(None) };
        self.phase().transition_to_finished(Phase::Delivered);
        value.expect("a delivered waiter has a value")
    }

    fn waiter(&self) -> &Waiter<K, V, P, I> {
        self.node.get_ref().item()
    }

    fn phase(&self) -> &PhaseWord<P> {
        &self.waiter().phase
    }
}
