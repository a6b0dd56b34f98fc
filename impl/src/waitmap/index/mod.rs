//! Which index a map has: how it finds, under one of its locks, the waiter of a key.
//!
//! | index | keys | find | locks | room |
//! |---|---|---|---|---|
//! | [`Linear`] | `PartialEq` | compares with each waiter, from both ends | one | nothing but the waiters |
//! | [`Hashed`] | `Hash + Eq` | compares with those of one bucket | one for eight buckets, at most 64 | eight bytes for each bucket and a line of the cache for each lock |
//!
//! The map sees an index as a number of *stripes*. A stripe is a set of waiters behind one lock, and to which
//! stripe a key belongs can be told without a lock. So what happens to one key takes one lock, and only
//! closing takes them all. Closing wakes the oldest first: so a waiter has an age, where there are several
//! stripes, and a closed stripe has its waiters in order.

#![expect(
    missing_debug_implementations,
    reason = "no user can name these types: they are public for the sealed traits of this module"
)]

mod hashed;
mod linear;
mod sorter;
mod table;

use core::pin::Pin;
use core::ptr::NonNull;

pub(super) use self::hashed::Stripes as HashedStripes;
pub use self::hashed::{DefaultHasher, Hashed};
pub use self::linear::Linear;

use super::waiter::{WaiterList, WaiterNode};
use crate::platform::{Memory, Mutex};

/// How a [`WaitMap`](super::WaitMap) finds the waiter of a key: [`Linear`] or [`Hashed`].
///
/// Sealed: the index follows the addresses of waiters, and the map relies on how it does.
pub trait Index: Storage + Send + Sync {}

/// An [`Index`] that can find keys of the type `K`: [`Linear`] those with `PartialEq`, [`Hashed`] those with
/// `Hash` and `Eq`.
pub trait Find<K>: Index + Lookup<K> {}

impl<K, I: Index + Lookup<K>> Find<K> for I {}

/// A stripe behind its lock.
pub(super) type StripeLock<K, V, P, I> = <P as Memory>::Mutex<<I as Storage>::Stripe<K, V, P>>;

/// A stripe whose lock is held.
pub(super) type StripeGuard<'a, K, V, P, I> =
    <StripeLock<K, V, P, I> as Mutex<<I as Storage>::Stripe<K, V, P>>>::Guard<'a>;

/// All stripes, locked.
pub(super) type Guards<'a, K, V, P, I> = <I as Storage>::Guards<StripeGuard<'a, K, V, P, I>>;

/// The part of an index that knows no keys: where waiters are kept, so that they can leave.
pub trait Storage: Sized + 'static {
    /// What leads from a key to its stripe, and further inside of it.
    type Clue: Copy;
    /// What a waiter carries for the index.
    type Place<K, V, P: Memory>;
    /// The waiters behind one lock.
    type Stripe<K, V, P: Memory>: Send;
    /// All stripes, each in its lock.
    type Stripes<K, V, P: Memory>;
    /// Room for the guards of all stripes.
    type Guards<G>: FromIterator<G> + AsMut<[G]>;

    /// The place of a waiter that is in no stripe.
    fn new_place<K, V, P: Memory>() -> Self::Place<K, V, P>;

    /// Announces to a checker that the owner of `place` is about to free it.
    fn announce_free<K, V, P: Memory>(place: &Self::Place<K, V, P>);

    /// The lock of the stripe that `clue` leads to.
    fn stripe<K, V, P: Memory>(
        stripes: &Self::Stripes<K, V, P>,
        clue: Self::Clue,
    ) -> &StripeLock<K, V, P, Self>;

    /// The locks of all stripes, in the order in which they are to be taken.
    fn all<'a, K: 'a, V: 'a, P: Memory>(
        stripes: &'a Self::Stripes<K, V, P>,
    ) -> impl Iterator<Item = &'a StripeLock<K, V, P, Self>>;

    /// The clue with which the waiter was inserted.
    ///
    /// # Safety
    ///
    /// W4: the waiter has been inserted at least once, and is not being inserted now.
    unsafe fn clue<K, V, P: Memory>(place: &Self::Place<K, V, P>) -> Self::Clue;

    /// How many waiters of the same map came before this one, where there is more than one stripe.
    ///
    /// # Safety
    ///
    /// W4: as for `clue`.
    unsafe fn age<K, V, P: Memory>(place: &Self::Place<K, V, P>) -> u64;

    /// How many waiters a stripe has.
    fn length<K, V, P: Memory>(stripe: &Self::Stripe<K, V, P>) -> usize;

    /// Gets a stripe ready for `ended`. Called once, when the map is closed: nobody registers after it, and
    /// nobody is looked for.
    fn end<K, V, P: Memory>(stripe: &mut Self::Stripe<K, V, P>);

    /// The waiters of a stripe that has been through `end`, oldest first.
    fn ended<K, V, P: Memory>(stripe: &Self::Stripe<K, V, P>) -> &WaiterList<K, V, P, Self>;

    /// Links `node` into the stripe that `clue` leads to, as the youngest waiter of the whole map.
    ///
    /// # Safety
    ///
    /// L1: the caller owns `node`, which is in no stripe. L3: the caller keeps it in place until it is
    /// removed. `stripe` is one of `stripes`, and the one that `clue` leads to.
    unsafe fn insert<K, V, P: Memory>(
        stripes: &Self::Stripes<K, V, P>,
        stripe: &mut Self::Stripe<K, V, P>,
        node: Pin<&WaiterNode<K, V, P, Self>>,
        clue: Self::Clue,
    );

    /// Unlinks `node`.
    ///
    /// # Safety
    ///
    /// `node` is in this stripe.
    unsafe fn remove<K, V, P: Memory>(
        stripe: &mut Self::Stripe<K, V, P>,
        node: NonNull<WaiterNode<K, V, P, Self>>,
    );
}

/// The part of an index that knows keys of the type `K`.
pub trait Lookup<K>: Storage {
    /// The clue for `key`. Runs the user's code, and so not under a lock.
    fn clue_of<V, P: Memory>(stripes: &Self::Stripes<K, V, P>, key: &K) -> Self::Clue;

    /// The waiter in `stripe` whose key equals `key`, if there is one. Its address is good while the stripe
    /// is held (L3).
    fn find<V, P: Memory>(
        stripe: &Self::Stripe<K, V, P>,
        clue: Self::Clue,
        key: &K,
    ) -> Option<NonNull<WaiterNode<K, V, P, Self>>>;
}
