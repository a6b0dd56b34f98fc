//! One stripe of the hashed index: buckets, each a chain of waiters.
//!
//! The rules L1 to L4 of `list.rs` hold here with "stripe" for "list": a waiter enters and leaves a chain
//! under the lock of its stripe.
//!
//! Chains keep no order between buckets, and nobody needs one until the map is closed. Then no waiter comes
//! any more and none is looked for, so the buckets have had their time: all waiters move into one list,
//! sorted by age, which they leave one by one. That is what keeps registering and waking away from the memory
//! of all waiters but those of one bucket.

use core::pin::Pin;
use core::ptr::NonNull;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Hashed;
use super::sorter::Sorter;
use crate::platform::{Cell, Memory};
use crate::waitmap::list::{Links, List, join};
use crate::waitmap::waiter::{WaiterList, WaiterNode};

/// How many buckets fill a line of the cache, where an address has 64 bits.
pub(super) const LINE: usize = 8;

type Node<K, V, P, S> = WaiterNode<K, V, P, Hashed<S>>;

/// What a waiter carries for the hashed index (W4).
pub struct Place<P: Memory>(P::Cell<Label>);

/// What is known of a waiter since it was inserted.
#[derive(Copy, Clone)]
pub(super) struct Label {
    /// The mixed hash of the key.
    pub(super) hash: u64,
    /// How many waiters of the map were inserted before.
    pub(super) age: u64,
}

impl<P: Memory> Place<P> {
    pub(super) fn new() -> Self {
        Place(P::Cell::new(Label { hash: 0, age: 0 }))
    }

    pub(super) fn announce_free(&self) {
        self.0.with_mut(|_| ());
    }

    /// # Safety
    ///
    /// W4: nobody writes it now.
    pub(super) unsafe fn label(&self) -> Label {
        // SAFETY: as the caller vouches.
        self.0.with(|label| unsafe { *label })
    }

    /// # Safety
    ///
    /// W4: the caller owns the waiter, which is in no stripe.
    unsafe fn set_label(&self, new: Label) {
        // SAFETY: as the caller vouches.
        self.0.with_mut(|label| unsafe { *label = new });
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
    /// A power of two of them. All buckets are empty once the map is closed.
    lines: Box<[Line<K, V, P, S>]>,
    /// How many waiters the buckets hold.
    length: usize,
    /// The waiters that were in the buckets when the map was closed, oldest first. Empty before that.
    ended: WaiterList<K, V, P, Hashed<S>>,
}

// SAFETY: as for `List`: addresses alone do nothing.
unsafe impl<K, V, P: Memory, S> Send for Table<K, V, P, S> {}

impl<K, V, P: Memory, S: 'static> Table<K, V, P, S> {
    /// An empty table of `lines` times eight buckets. `lines` is a power of two.
    pub(super) fn new(lines: usize) -> Self {
        debug_assert!(lines.is_power_of_two(), "a mask has to do");
        let mut buckets = Vec::with_capacity(lines);
        buckets.resize_with(lines, || Line([None; LINE]));
        Table { lines: buckets.into_boxed_slice(), length: 0, ended: List::new() }
    }

    /// Where its lines begin. An address to ask the processor for, not one to follow.
    pub(super) fn address(&self) -> usize {
        self.lines.as_ptr().addr()
    }

    /// How far from there the bucket of `hash` is, in a stripe of so many `lines`.
    #[inline]
    pub(super) fn offset(hash: u64, lines: usize) -> usize {
        position(hash, lines).0 * size_of::<Line<K, V, P, S>>()
    }

    pub(super) fn length(&self) -> usize {
        self.length + self.ended.length()
    }

    /// The waiters that were there when the map was closed and have not been told.
    pub(super) fn ended(&self) -> &WaiterList<K, V, P, Hashed<S>> {
        &self.ended
    }

    /// Links `node` into the bucket of its label.
    ///
    /// # Safety
    ///
    /// L1: the caller owns `node`, which is in no stripe. L3: the caller keeps it in place until it is
    /// removed.
    pub(super) unsafe fn insert(&mut self, node: Pin<&Node<K, V, P, S>>, label: Label) {
        debug_assert_eq!(self.ended.length(), 0, "nobody registers after the close");
        // SAFETY: L2, the caller owns the node, which is in no stripe.
        debug_assert!(unsafe { node.get_ref().links() }.is_none(), "a node is linked once (L1)");
        // SAFETY: W4, the caller owns the node, which is in no stripe.
        unsafe { node.get_ref().item().place.set_label(label) };
        let address = NonNull::from(node.get_ref());
        let next = self.bucket_mut(label.hash).replace(address);
        // SAFETY: L2, the node enters this stripe, which the caller holds exclusively.
        unsafe { node.set_links(Some(Links { previous: None, next })) };
        // SAFETY: both are in this stripe, which the caller holds exclusively.
        unsafe { join(Some(address), next) };
        self.length += 1;
        self.assert_valid_in_debug(label.hash);
    }

    /// Unlinks `node`.
    ///
    /// # Safety
    ///
    /// `node` is in this stripe.
    pub(super) unsafe fn remove(&mut self, node: NonNull<Node<K, V, P, S>>) {
        if self.length == 0 {
            // SAFETY: it is in this stripe and not in a bucket, so it is in the list.
            unsafe { self.ended.remove(node) };
            return;
        }
        // SAFETY: it is linked, so its address is good (L3).
        let reference = unsafe { node.as_ref() };
        // SAFETY: L2, it is in this stripe.
        let links = unsafe { reference.links() };
        let Links { previous, next } = links.expect("a node that is removed is linked");
        // SAFETY: as above, and `self` is exclusive.
        unsafe { reference.set_links(None) };
        // SAFETY: as above.
        unsafe { join(previous, next) };
        // SAFETY: W4, it is in this stripe.
        let Label { hash, .. } = unsafe { reference.item().place.label() };
        if previous.is_none() {
            *self.bucket_mut(hash) = next;
        }
        self.length -= 1;
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
            let node = unsafe { address.as_ref() };
            // SAFETY: W4, it is in this stripe.
            let label = unsafe { node.item().place.label() };
            // SAFETY: W1, the lock is held, and what is in the stripe is `Registered`.
            if label.hash == hash && unsafe { node.item().with_key(&mut is_same) } {
                return Some(address);
            }
            // SAFETY: L2, it is in this stripe.
            next = unsafe { node.links() }.and_then(|links| links.next);
        }
        None
    }

    /// Moves all waiters from the buckets into the list of the ended ones, sorted. To be done once, when no
    /// waiter can come any more.
    pub(super) fn end(&mut self) {
        let mut sorter = Sorter::new();
        for line in 0..self.lines.len() {
            for place in 0..LINE {
                while let Some(node) = self.lines[line].0[place] {
                    // SAFETY: it is in a bucket of this stripe.
                    unsafe { self.remove(node) };
                    // SAFETY: L1 and L3: it was unlinked under this lock, and its owner does not know.
                    unsafe { sorter.add(node) };
                }
            }
        }
        self.ended = sorter.finish();
    }

    fn position(&self, hash: u64) -> (usize, usize) {
        position(hash, self.lines.len())
    }

    fn bucket(&self, hash: u64) -> Bucket<K, V, P, S> {
        let (line, place) = self.position(hash);
        self.lines[line].0[place]
    }

    fn bucket_mut(&mut self, hash: u64) -> &mut Bucket<K, V, P, S> {
        let (line, place) = self.position(hash);
        &mut self.lines[line].0[place]
    }

    /// Checks the bucket of `hash`, in builds with debug assertions.
    #[inline]
    fn assert_valid_in_debug(&self, hash: u64) {
        if cfg!(debug_assertions) {
            self.assert_valid(hash);
        }
    }

    /// Checks that in the bucket of `hash` neighbours agree, that all belong there, that each is younger than
    /// the one behind it, and that they are no more than the stripe has.
    ///
    /// # Panics
    ///
    /// If not.
    fn assert_valid(&self, hash: u64) {
        let mut previous = None;
        let mut next = self.bucket(hash);
        let mut count = 0;
        let mut younger = u64::MAX;
        while let Some(address) = next {
            count += 1;
            assert!(count <= self.length, "the bucket holds more than the stripe, or runs in a circle");
            // SAFETY: it is in this stripe, so its address is good (L3).
            let node = unsafe { address.as_ref() };
            // SAFETY: L2, it is in this stripe.
            let links = unsafe { node.links() }.expect("a node in the chain is linked");
            // SAFETY: W4, it is in this stripe.
            let label = unsafe { node.item().place.label() };
            assert_eq!(links.previous, previous, "neighbours agree about each other");
            assert_eq!(
                self.position(label.hash),
                self.position(hash),
                "a waiter is in the bucket of its hash"
            );
            assert!(label.age < younger, "the youngest comes first");
            younger = label.age;
            previous = Some(address);
            next = links.next;
        }
    }
}

/// Which bucket of a stripe of so many `lines` a hash belongs to: its line, and the place in it. The stripe was
/// chosen by the low half of the hash, so this takes the high one.
#[inline]
fn position(hash: u64, lines: usize) -> (usize, usize) {
    let high = (hash >> 32) as usize;
    ((high / LINE) & (lines - 1), high % LINE)
}

#[cfg(test)]
mod tests;
