//! One stripe of the hashed index: buckets, each a chain of waiters, and the order in which they came.
//!
//! A waiter is in two chains: that of its bucket, by which it is found, and the list of its stripe, by which
//! closing finds the oldest. The rules L1 to L4 of `list.rs` hold for both, with "stripe" for "list": a waiter
//! enters and leaves both under the lock of its stripe.

use core::pin::Pin;
use core::ptr::NonNull;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Hashed;
use crate::platform::{Cell, Memory};
use crate::waitmap::list::List;
use crate::waitmap::waiter::{WaiterList, WaiterNode};

/// How many buckets fill a line of the cache, where an address has 64 bits.
pub(super) const LINE: usize = 8;

type Node<K, V, P, S> = WaiterNode<K, V, P, Hashed<S>>;

/// What a waiter carries for the hashed index.
// Chain, hash and key are what a search reads: together, and `Waiter` puts the key next.
#[repr(C)]
pub struct Place<N, P: Memory> {
    neighbours: P::Cell<Neighbours<N>>,
    label: P::Cell<Label>,
}

/// What is known of a waiter since it was inserted, and does not change while it is in its stripe (W4).
#[derive(Copy, Clone)]
pub(super) struct Label {
    /// The mixed hash of the key.
    pub(super) hash: u64,
    /// How many waiters of the map were inserted before.
    pub(super) age: u64,
}

/// The waiters before and after in the chain of a bucket.
struct Neighbours<N> {
    previous: Option<NonNull<N>>,
    next: Option<NonNull<N>>,
}

impl<N> Copy for Neighbours<N> {}

impl<N> Clone for Neighbours<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Neighbours<N> {
    const NONE: Self = Neighbours { previous: None, next: None };
}

impl<N, P: Memory> Place<N, P> {
    pub(super) fn new() -> Self {
        Place { neighbours: P::Cell::new(Neighbours::NONE), label: P::Cell::new(Label { hash: 0, age: 0 }) }
    }

    pub(super) fn announce_free(&self) {
        self.neighbours.with_mut(|_| ());
        self.label.with_mut(|_| ());
    }

    /// # Safety
    ///
    /// W4: nobody writes it now.
    pub(super) unsafe fn label(&self) -> Label {
        // SAFETY: as the caller vouches.
        self.label.with(|label| unsafe { *label })
    }

    /// # Safety
    ///
    /// W4: the caller owns the waiter, which is in no stripe.
    unsafe fn set_label(&self, new: Label) {
        // SAFETY: as the caller vouches.
        self.label.with_mut(|label| unsafe { *label = new });
    }

    /// # Safety
    ///
    /// L2: the caller holds the stripe that the waiter is in.
    unsafe fn neighbours(&self) -> Neighbours<N> {
        // SAFETY: nobody writes meanwhile, as the caller vouches (L2).
        self.neighbours.with(|neighbours| unsafe { *neighbours })
    }

    /// # Safety
    ///
    /// L2: the caller holds, exclusively, the stripe that the waiter is in or enters.
    unsafe fn set_neighbours(&self, change: impl FnOnce(&mut Neighbours<N>)) {
        // SAFETY: nobody else reads or writes meanwhile, as the caller vouches (L2).
        self.neighbours.with_mut(|neighbours| change(unsafe { &mut *neighbours }));
    }
}

/// Eight buckets.
// Aligned, so that the buckets of two stripes never share a line.
#[repr(align(64))]
struct Line<K, V, P: Memory, S: 'static>([Bucket<K, V, P, S>; LINE]);

/// The youngest waiter of a bucket, where its chain begins.
type Bucket<K, V, P, S> = Option<NonNull<Node<K, V, P, S>>>;

/// The waiters of one stripe.
pub struct Table<K, V, P: Memory, S: 'static> {
    order: WaiterList<K, V, P, Hashed<S>>,
    /// A power of two of them.
    lines: Box<[Line<K, V, P, S>]>,
}

// SAFETY: as for `List`: addresses alone do nothing.
unsafe impl<K, V, P: Memory, S: 'static> Send for Table<K, V, P, S> {}

impl<K, V, P: Memory, S: 'static> Table<K, V, P, S> {
    /// An empty table of `lines` times eight buckets. `lines` is a power of two.
    pub(super) fn new(lines: usize) -> Self {
        debug_assert!(lines.is_power_of_two(), "a mask has to do");
        let mut buckets = Vec::with_capacity(lines);
        buckets.resize_with(lines, || Line([None; LINE]));
        Table { order: List::new(), lines: buckets.into_boxed_slice() }
    }

    pub(super) fn order(&self) -> &WaiterList<K, V, P, Hashed<S>> {
        &self.order
    }

    /// Links `node` into the bucket of its label.
    ///
    /// # Safety
    ///
    /// L1: the caller owns `node`, which is in no stripe. L3: the caller keeps it in place until it is
    /// removed.
    pub(super) unsafe fn insert(&mut self, node: Pin<&Node<K, V, P, S>>, label: Label) {
        let place = &node.get_ref().item().place;
        // SAFETY: W4, the caller owns the node, which is in no stripe.
        unsafe { place.set_label(label) };
        let address = NonNull::from(node.get_ref());
        let next = self.bucket_mut(label.hash).replace(address);
        // SAFETY: L2, the node enters this stripe, which the caller holds exclusively.
        unsafe { place.set_neighbours(|own| *own = Neighbours { previous: None, next }) };
        if let Some(next) = next {
            // SAFETY: it is in this stripe, which is held exclusively (L2), so its address is good (L3).
            unsafe { change(next, |neighbours| neighbours.previous = Some(address)) };
        }
        // SAFETY: as the caller vouches.
        unsafe { self.order.push_back(node) };
        self.assert_valid_in_debug(label.hash);
    }

    /// Unlinks `node`.
    ///
    /// # Safety
    ///
    /// `node` is in this stripe.
    pub(super) unsafe fn remove(&mut self, node: NonNull<Node<K, V, P, S>>) {
        // SAFETY: it is linked, so its address is good (L3).
        let place = &unsafe { node.as_ref() }.item().place;
        // SAFETY: L2, it is in this stripe.
        let Neighbours { previous, next } = unsafe { place.neighbours() };
        // SAFETY: W4, it is in this stripe.
        let Label { hash, .. } = unsafe { place.label() };
        match previous {
            // SAFETY: it is in this stripe, which is held exclusively (L2), so its address is good (L3).
            Some(previous) => unsafe { change(previous, |neighbours| neighbours.next = next) },
            None => *self.bucket_mut(hash) = next,
        }
        if let Some(next) = next {
            // SAFETY: as above.
            unsafe { change(next, |neighbours| neighbours.previous = previous) };
        }
        // SAFETY: as the caller vouches.
        unsafe { self.order.remove(node) };
        self.assert_valid_in_debug(hash);
    }

    /// The waiter of the bucket of `hash` that has this hash and whose key satisfies `is_same`.
    pub(super) fn find(
        &self,
        hash: u64,
        mut is_same: impl FnMut(&K) -> bool,
    ) -> Option<NonNull<Node<K, V, P, S>>> {
        let mut next = self.bucket(hash);
        while let Some(address) = next {
            // SAFETY: it is in this stripe, so its address is good (L3).
            let waiter = unsafe { address.as_ref() }.item();
            // SAFETY: W4, it is in this stripe.
            let label = unsafe { waiter.place.label() };
            // SAFETY: W1, the lock is held, and what is in the stripe is `Registered`.
            if label.hash == hash && unsafe { waiter.with_key(&mut is_same) } {
                return Some(address);
            }
            // SAFETY: L2, it is in this stripe.
            next = unsafe { waiter.place.neighbours() }.next;
        }
        None
    }

    /// Which bucket a hash belongs to: its line, and the place in it. The stripe was chosen by the low half
    /// of the hash, so this takes the high one.
    fn position(&self, hash: u64) -> (usize, usize) {
        let high = (hash >> 32) as usize;
        ((high / LINE) & (self.lines.len() - 1), high % LINE)
    }

    fn bucket(&self, hash: u64) -> Bucket<K, V, P, S> {
        let (line, place) = self.position(hash);
        self.lines[line].0[place]
    }

    fn bucket_mut(&mut self, hash: u64) -> &mut Bucket<K, V, P, S> {
        let (line, place) = self.position(hash);
        &mut self.lines[line].0[place]
    }

    /// Checks the bucket of `hash`, in builds with debug assertions. The list checks itself.
    #[inline]
    fn assert_valid_in_debug(&self, hash: u64) {
        if cfg!(debug_assertions) {
            self.assert_valid(hash);
        }
    }

    /// Checks that in the bucket of `hash` neighbours agree, that all belong there, and that they are no more
    /// than the stripe has.
    ///
    /// # Panics
    ///
    /// If not.
    fn assert_valid(&self, hash: u64) {
        let mut previous = None;
        let mut next = self.bucket(hash);
        let mut count = 0;
        while let Some(address) = next {
            count += 1;
            assert!(
                count <= self.order.length(),
                "the bucket holds more than the stripe, or runs in a circle"
            );
            // SAFETY: it is in this stripe, so its address is good (L3).
            let place = &unsafe { address.as_ref() }.item().place;
            // SAFETY: L2, it is in this stripe.
            let neighbours = unsafe { place.neighbours() };
            // SAFETY: W4, it is in this stripe.
            let label = unsafe { place.label() };
            assert_eq!(neighbours.previous, previous, "neighbours agree about each other");
            assert_eq!(
                self.position(label.hash),
                self.position(hash),
                "a waiter is in the bucket of its hash"
            );
            previous = Some(address);
            next = neighbours.next;
        }
    }
}

/// Changes the neighbours of a waiter.
///
/// # Safety
///
/// The waiter is in a stripe that the caller holds exclusively (L2, L3).
unsafe fn change<K, V, P: Memory, S: 'static>(
    node: NonNull<Node<K, V, P, S>>,
    change: impl FnOnce(&mut Neighbours<Node<K, V, P, S>>),
) {
    // SAFETY: it is linked, so its address is good (L3).
    let place = &unsafe { node.as_ref() }.item().place;
    // SAFETY: L2, as the caller vouches.
    unsafe { place.set_neighbours(change) };
}
