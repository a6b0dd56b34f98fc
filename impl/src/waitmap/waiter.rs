//! What the list links: a key, a waker, room for a value, and the word that says whose they are.
//!
//! The memory of a waiter is part of a future and belongs now to the future, now to the holder of the map's
//! lock. These rules continue those of `list.rs`:
//!
//! - **W1** While the phase is `Registered`, key, waker and value belong to the holder of the map's lock. The
//!   future, too, touches them only with the lock held.
//! - **W2** In every other phase they belong to the future, which means to whoever has exclusive access to
//!   it: one poll, or its drop.
//! - **W3** Who moves a waiter out of `Registered` does so after all else, and does not touch it afterwards
//!   unless it is the waiter's own future.

use core::task::Waker;

use super::list::{List, Node};
use super::phase::PhaseWord;
use crate::platform::{Cell, Memory};

/// A waiter with the links that put it in the list.
pub(super) type WaiterNode<K, V, P> = Node<Waiter<K, V, P>, P>;

/// The waiters of a map, oldest first.
pub(super) type WaiterList<K, V, P> = List<Waiter<K, V, P>, P>;

/// One future's share of the map.
pub(super) struct Waiter<K, V, P: Memory> {
    pub(super) phase: PhaseWord<P>,
    /// Stays here until the future is dropped, since `wait_for` registers it again and again.
    key: P::Cell<K>,
    /// Present exactly while `Registered`.
    waker: P::Cell<Option<Waker>>,
    /// Present exactly while `Delivered`.
    value: P::Cell<Option<V>>,
}

impl<K, V, P: Memory> Waiter<K, V, P> {
    pub(super) fn new(key: K) -> Self {
        Waiter {
            phase: PhaseWord::new(),
            key: P::Cell::new(key),
            waker: P::Cell::new(None),
            value: P::Cell::new(None),
        }
    }

    /// Calls `read` with the key.
    ///
    /// # Safety
    ///
    /// The key is the caller's to read, by W1 or W2.
    pub(super) unsafe fn with_key<R>(&self, read: impl FnOnce(&K) -> R) -> R {
        // SAFETY: nobody writes it meanwhile, as the caller vouches.
        self.key.with(|key| read(unsafe { &*key }))
    }

    /// Whether `waker` and the stored one wake the same task. Runs no user code: it compares addresses.
    ///
    /// # Safety
    ///
    /// The waker is the caller's to read, by W1 or W2.
    pub(super) unsafe fn will_wake(&self, waker: &Waker) -> bool {
        // SAFETY: nobody writes it meanwhile, as the caller vouches.
        let stored =
            |stored: *const Option<Waker>| unsafe { (*stored).as_ref() }.map(|own| own.will_wake(waker));
        self.waker.with(stored).unwrap_or(false)
    }

    /// Puts `waker` in and returns the one before.
    ///
    /// # Safety
    ///
    /// The waker is the caller's to write, by W1 or W2.
    pub(super) unsafe fn replace_waker(&self, waker: Option<Waker>) -> Option<Waker> {
        // SAFETY: nobody else reads or writes it meanwhile, as the caller vouches.
        self.waker.with_mut(|stored| unsafe { stored.replace(waker) })
    }

    /// Puts `value` in and returns the one before.
    ///
    /// # Safety
    ///
    /// The value is the caller's to write, by W1 or W2.
    pub(super) unsafe fn replace_value(&self, value: Option<V>) -> Option<V> {
        // SAFETY: nobody else reads or writes it meanwhile, as the caller vouches.
        self.value.with_mut(|stored| unsafe { stored.replace(value) })
    }

    /// Announces to a checker that the owner is about to free the waiter, so that a map which still uses it
    /// is seen.
    pub(super) fn announce_free(&self) {
        self.key.with_mut(|_| ());
        self.waker.with_mut(|_| ());
        self.value.with_mut(|_| ());
    }
}
