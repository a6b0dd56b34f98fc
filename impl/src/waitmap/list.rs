//! A doubly linked list whose nodes live inside the things that it links.
//!
//! A future that waits has to be found by whoever wakes it and has to leave the list from the middle when it
//! is dropped, and neither may allocate. So the future carries its own [`Node`], and the list is a chain of
//! addresses. The compiler cannot check who may follow them; these rules do, and every `SAFETY` note cites
//! the one it relies on.
//!
//! - **L1** A node is linked into at most one list, and only by its owner, who has it pinned; or the holder
//!   of the lock takes it from one list and links it into another that is under the same lock.
//! - **L2** The links of linked nodes are read by those who hold `&List` and written by those who hold `&mut
//!   List`. The list sits in a mutex, so that these are the holders of its lock.
//! - **L3** The owner of a linked node neither moves nor frees it: first it takes the lock and removes the
//!   node. Therefore every address in the chain is good while the lock is held.
//! - **L4** Whoever unlinks a node that is not its own may go on using it until it tells the owner so, in a
//!   way that the owner reads with acquire ordering; that is the last it does to the node. `waiter.rs` has
//!   the word that tells.

#![expect(
    missing_debug_implementations,
    reason = "no user can name these types: they are public for the sealed traits of `index`"
)]

use core::fmt;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr::NonNull;

use crate::platform::{Cell, Memory};

/// An item that can be linked where it stands.
// In this order, so that the item begins on the line of the cache that a walk along the chain reads anyway.
#[repr(C)]
pub struct Node<T, P: Memory> {
    /// `None` while unlinked.
    links: P::Cell<Option<Links<T, P>>>,
    item: T,
    _pinned: PhantomPinned,
}

/// The neighbours of a linked node.
pub(super) struct Links<T, P: Memory> {
    pub(super) previous: Option<NonNull<Node<T, P>>>,
    pub(super) next: Option<NonNull<Node<T, P>>>,
}

impl<T, P: Memory> Copy for Links<T, P> {}

impl<T, P: Memory> Clone for Links<T, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, P: Memory> Node<T, P> {
    pub(super) fn new(item: T) -> Self {
        Node { links: P::Cell::new(None), item, _pinned: PhantomPinned }
    }

    /// The item. Having it does not mean being allowed to touch what is in it: that is for the item's own
    /// rules to say.
    pub(super) fn item(&self) -> &T {
        &self.item
    }

    /// Announces to a checker that the owner is about to free the node, so that a list which still uses it is
    /// seen.
    pub(super) fn announce_free(&self) {
        self.links.with_mut(|_| ());
    }

    /// The neighbours, or `None` if the node is not linked.
    ///
    /// # Safety
    ///
    /// L2: the caller holds the list that the node is in, or is the owner of a node that is in none.
    pub(super) unsafe fn links(&self) -> Option<Links<T, P>> {
        // SAFETY: nobody writes meanwhile, as the caller vouches (L2).
        self.links.with(|links| unsafe { *links })
    }

    /// Sets the neighbours.
    ///
    /// # Safety
    ///
    /// L2: the caller holds, exclusively, the list that the node is in, enters or leaves.
    pub(super) unsafe fn set_links(&self, neighbours: Option<Links<T, P>>) {
        // SAFETY: nobody else reads or writes meanwhile, as the caller vouches (L2).
        self.links.with_mut(|links| unsafe { *links = neighbours });
    }
}

/// A chain of nodes, oldest first.
pub struct List<T, P: Memory> {
    ends: Option<Ends<T, P>>,
    length: usize,
}

/// Where a chain that is not empty begins and ends.
struct Ends<T, P: Memory> {
    head: NonNull<Node<T, P>>,
    tail: NonNull<Node<T, P>>,
}

impl<T, P: Memory> Copy for Ends<T, P> {}

impl<T, P: Memory> Clone for Ends<T, P> {
    fn clone(&self) -> Self {
        *self
    }
}

// SAFETY: a list owns addresses, not nodes. Moving the addresses to another thread does nothing; to follow
// them is unsafe or under L2 and L3, and whether items may be reached from there is decided by the type that
// owns the list and the nodes.
unsafe impl<T, P: Memory> Send for List<T, P> {}

impl<T, P: Memory> List<T, P> {
    pub(super) const fn new() -> Self {
        List { ends: None, length: 0 }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Links `node` in as the youngest.
    ///
    /// # Safety
    ///
    /// L1, L3: the caller owns `node`, it is in no list, and the caller keeps it in place until it is
    /// unlinked.
    pub(super) unsafe fn push_back(&mut self, node: Pin<&Node<T, P>>) {
        let address = NonNull::from(node.get_ref());
        // SAFETY: the caller owns the node, which is in no list (L2).
        debug_assert!(unsafe { node.links() }.is_none(), "a node is linked once (L1)");
        let previous = self.ends.map(|ends| ends.tail);
        // SAFETY: the node enters this list, which the caller holds exclusively (L2).
        unsafe { node.set_links(Some(Links { previous, next: None })) };
        // SAFETY: both are in this list, which the caller holds exclusively.
        unsafe { join(previous, Some(address)) };
        let head = self.ends.map_or(address, |ends| ends.head);
        self.ends = Some(Ends { head, tail: address });
        self.length += 1;
        self.assert_valid_in_debug();
    }

    /// Unlinks `node`.
    ///
    /// # Safety
    ///
    /// `node` is linked into this list.
    pub(super) unsafe fn remove(&mut self, node: NonNull<Node<T, P>>) {
        // SAFETY: it is linked, so its address is good (L3).
        let node_reference = unsafe { node.as_ref() };
        // SAFETY: `self` is the list that it is in (L2).
        let links = unsafe { node_reference.links() };
        let Links { previous, next } = links.expect("a node that is removed is linked");
        // SAFETY: as above, and `self` is exclusive.
        unsafe { node_reference.set_links(None) };
        // SAFETY: as above.
        unsafe { join(previous, next) };
        self.ends = self.ends.and_then(|ends| {
            let head = if ends.head == node { next } else { Some(ends.head) };
            let tail = if ends.tail == node { previous } else { Some(ends.tail) };
            Some(Ends { head: head?, tail: tail? })
        });
        self.length -= 1;
        self.assert_valid_in_debug();
    }

    /// The oldest node. Its address is good while the list is held (L3).
    pub(super) fn oldest(&self) -> Option<NonNull<Node<T, P>>> {
        self.ends.map(|ends| ends.head)
    }

    /// A node whose item satisfies `predicate`, looked for from both ends. Its address is good while the list
    /// is held (L3).
    ///
    /// From both ends, because the oldest and the youngest are the most likely to be asked for, and because
    /// the processor can fetch the next of one direction while it waits for the other.
    #[inline]
    pub(super) fn find(&self, mut predicate: impl FnMut(&T) -> bool) -> Option<NonNull<Node<T, P>>> {
        let Ends { head: mut older, tail: mut younger } = self.ends?;
        let mut unseen = self.length;
        loop {
            // SAFETY: it is linked into this list, so its address is good (L3).
            let node = unsafe { older.as_ref() };
            if predicate(&node.item) {
                return Some(older);
            }
            // SAFETY: L2, it is in this list, which the caller holds.
            let next = unsafe { node.links() }.and_then(|links| links.next);
            // SAFETY: it is linked into this list, so its address is good (L3).
            let node = unsafe { younger.as_ref() };
            if unseen == 1 {
                return None;
            }
            if predicate(&node.item) {
                return Some(younger);
            }
            // SAFETY: L2, it is in this list, which the caller holds.
            let previous = unsafe { node.links() }.and_then(|links| links.previous);
            unseen -= 2;
            if unseen == 0 {
                return None;
            }
            (older, younger) = (next?, previous?);
        }
    }

    /// Checks the whole chain, in builds with debug assertions.
    #[inline]
    fn assert_valid_in_debug(&self) {
        if cfg!(debug_assertions) {
            self.assert_valid();
        }
    }

    /// Checks that the chain runs from head to tail, that neighbours agree, and that the length is right.
    ///
    /// # Panics
    ///
    /// If not.
    pub(super) fn assert_valid(&self) {
        let Some(Ends { head, tail }) = self.ends else {
            assert_eq!(self.length, 0, "an empty chain has length zero");
            return;
        };
        let mut previous = None;
        let mut next = Some(head);
        let mut count = 0;
        while let Some(address) = next {
            count += 1;
            assert!(count <= self.length, "the chain is longer than counted, or runs in a circle");
            // SAFETY: it is linked into this list, so its address is good (L3).
            let node = unsafe { address.as_ref() };
            // SAFETY: `self` is the list that it is in (L2).
            let links = unsafe { node.links() }.expect("a node in the chain is linked");
            assert_eq!(links.previous, previous, "neighbours agree about each other");
            previous = Some(address);
            next = links.next;
        }
        assert_eq!(previous, Some(tail), "the chain ends at its tail");
        assert_eq!(count, self.length, "the length counts the chain");
    }
}

/// Makes two nodes of a chain, where they exist, each other's neighbours.
///
/// # Safety
///
/// They are in a chain that the caller holds exclusively (L2, L3).
pub(super) unsafe fn join<T, P: Memory>(
    left: Option<NonNull<Node<T, P>>>,
    right: Option<NonNull<Node<T, P>>>,
) {
    if let Some(left) = left {
        // SAFETY: it is linked, so its address is good (L3).
        let node = unsafe { left.as_ref() };
        // SAFETY: L2, as the caller vouches.
        let links = unsafe { node.links() }.expect("a neighbour is linked");
        // SAFETY: as above.
        unsafe { node.set_links(Some(Links { next: right, ..links })) };
    }
    if let Some(right) = right {
        // SAFETY: it is linked, so its address is good (L3).
        let node = unsafe { right.as_ref() };
        // SAFETY: L2, as the caller vouches.
        let links = unsafe { node.links() }.expect("a neighbour is linked");
        // SAFETY: as above.
        unsafe { node.set_links(Some(Links { previous: left, ..links })) };
    }
}

impl<T, P: Memory> fmt::Debug for List<T, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("List").field("length", &self.length).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
