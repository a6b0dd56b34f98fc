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
//! - **W4** What the index notes in a waiter when it inserts it (its hash, its age) is written by the future
//!   before the waiter is `Registered`, under the lock, and read by the future at any time and by others
//!   while they hold the lock and the waiter is `Registered`.
//!
//! Where an index has several stripes, "the lock" is that of the waiter's stripe.

#![expect(
    missing_debug_implementations,
    reason = "no user can name these types: they are public for the sealed traits of `index`"
)]

use core::task::Waker;

use super::index::Storage;
use super::list::{List, Node};
use super::phase::PhaseWord;
use crate::platform::{Cell, Memory};

/// A waiter with the links that put it in the list.
pub(super) type WaiterNode<K, V, P, I> = Node<Waiter<K, V, P, I>, P>;

/// The waiters of a stripe, oldest first.
pub(super) type WaiterList<K, V, P, I> = List<Waiter<K, V, P, I>, P>;

/// One future's share of the map.
// In this order: a search reads the first two.
#[repr(C)]
pub struct Waiter<K, V, P: Memory, I: Storage> {
    pub(super) place: I::Place<K, V, P>,
    /// Stays here until the future is dropped, since `wait_for` registers it again and again.
    key: P::Cell<K>,
    pub(super) phase: PhaseWord<P>,
    /// Present exactly while `Registered`.
    waker: P::Cell<Option<Waker>>,
    /// Present exactly while `Delivered`.
    value: P::Cell<Option<V>>,
}

impl<K, V, P: Memory, I: Storage> Waiter<K, V, P, I> {
    pub(super) fn new(key: K) -> Self {
        Waiter {
            place: I::new_place(),
            key: P::Cell::new(key),
            phase: PhaseWord::new(),
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
        I::announce_free(&self.place);
        self.key.with_mut(|_| ());
        self.waker.with_mut(|_| ());
        self.value.with_mut(|_| ());
    }
}
