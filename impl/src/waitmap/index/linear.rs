//! One chain of waiters behind one lock.

use core::iter;
use core::pin::Pin;
use core::ptr::NonNull;

use super::{Index, Lookup, Storage, StripeLock};
use crate::platform::Memory;
use crate::waitmap::waiter::{WaiterList, WaiterNode};

use arrayvec::ArrayVec;

/// The index that needs no more of a key than `PartialEq`: it compares one key after the other. It is what a
/// [`WaitMap`](crate::WaitMap) has if its type names no other.
///
/// Registering takes time in proportion to the number of registered waiters, and so does waking, except that
/// the oldest and the youngest ones are found first. It allocates nothing and can be made by a `const`.
/// Above some tens of waiters take [`Hashed`](super::Hashed), if the keys can be hashed.
#[derive(Copy, Clone, Debug, Default)]
pub struct Linear;

impl Index for Linear {}

impl Storage for Linear {
    type Clue = ();
    type Place<K, V, P: Memory> = ();
    type Stripe<K, V, P: Memory> = WaiterList<K, V, P, Linear>;
    type Stripes<K, V, P: Memory> = StripeLock<K, V, P, Linear>;
    type Guards<G> = ArrayVec<G, 1>;

    fn new_place<K, V, P: Memory>() {}

    fn announce_free<K, V, P: Memory>((): &()) {}

    #[inline]
    fn stripe<K, V, P: Memory>(lock: &StripeLock<K, V, P, Linear>, (): ()) -> &StripeLock<K, V, P, Linear> {
        lock
    }

    fn all<'a, K: 'a, V: 'a, P: Memory>(
        lock: &'a StripeLock<K, V, P, Linear>,
    ) -> impl Iterator<Item = &'a StripeLock<K, V, P, Linear>> {
        iter::once(lock)
    }

    #[inline]
    unsafe fn clue<K, V, P: Memory>((): &()) {}

    #[inline]
    unsafe fn age<K, V, P: Memory>((): &()) -> u64 {
        0 // There is one stripe, so the heads of several are never compared.
    }

    fn length<K, V, P: Memory>(list: &WaiterList<K, V, P, Linear>) -> usize {
        list.length()
    }

    fn end<K, V, P: Memory>(_: &mut WaiterList<K, V, P, Linear>) {}

    fn ended<K, V, P: Memory>(list: &WaiterList<K, V, P, Linear>) -> &WaiterList<K, V, P, Linear> {
        list
    }

    #[inline]
    unsafe fn insert<K, V, P: Memory>(
        _: &StripeLock<K, V, P, Linear>,
        list: &mut WaiterList<K, V, P, Linear>,
        node: Pin<&WaiterNode<K, V, P, Linear>>,
        (): (),
    ) {
        // SAFETY: as the caller vouches.
        unsafe { list.push_back(node) };
    }

    #[inline]
    unsafe fn remove<K, V, P: Memory>(
        list: &mut WaiterList<K, V, P, Linear>,
        node: NonNull<WaiterNode<K, V, P, Linear>>,
    ) {
        // SAFETY: as the caller vouches.
        unsafe { list.remove(node) };
    }
}

impl<K: PartialEq> Lookup<K> for Linear {
    #[inline]
    fn clue_of<V, P: Memory>(_: &StripeLock<K, V, P, Linear>, _: &K) {}

    #[inline]
    fn find<V, P: Memory>(
        list: &WaiterList<K, V, P, Linear>,
        (): (),
        key: &K,
    ) -> Option<NonNull<WaiterNode<K, V, P, Linear>>> {
        // SAFETY: W1, the lock is held, and what is in the list is `Registered`.
        list.find(|waiter| unsafe { waiter.with_key(|theirs| theirs == key) })
    }
}
