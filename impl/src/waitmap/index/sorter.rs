//! Sorts the waiters of a stripe by age, in place: a merge sort without recursion.

use core::mem;
use core::pin::Pin;
use core::ptr::NonNull;

use super::Hashed;
use crate::platform::Memory;
use crate::waitmap::list::List;
use crate::waitmap::waiter::{WaiterList, WaiterNode};

type Run<K, V, P, S> = WaiterList<K, V, P, Hashed<S>>;

/// Sorted runs, of which the one at place `n` has two to the power of `n` waiters, or none.
pub(super) struct Sorter<K, V, P: Memory, S: 'static>([Run<K, V, P, S>; usize::BITS as usize]);

impl<K, V, P: Memory, S: 'static> Sorter<K, V, P, S> {
    pub(super) fn new() -> Self {
        Sorter([const { List::new() }; usize::BITS as usize])
    }

    /// Adds a waiter.
    ///
    /// # Safety
    ///
    /// L1: the caller has just unlinked `node`, under a lock that is held until the result of `finish` is
    /// under it. L3: its owner has not been told, and so keeps it in place.
    pub(super) unsafe fn add(&mut self, node: NonNull<WaiterNode<K, V, P, Hashed<S>>>) {
        let mut run = List::new();
        // SAFETY: as the caller vouches.
        unsafe { push(&mut run, node) };
        for place in &mut self.0 {
            if place.length() == 0 {
                *place = run;
                return;
            }
            run = merge(mem::replace(place, List::new()), run);
        }
        unreachable!("more waiters than addresses");
    }

    /// All waiters, oldest first.
    pub(super) fn finish(self) -> Run<K, V, P, S> {
        self.0.into_iter().fold(List::new(), merge)
    }
}

/// Merges two lists that are sorted by age.
fn merge<K, V, P: Memory, S: 'static>(
    mut left: Run<K, V, P, S>,
    mut right: Run<K, V, P, S>,
) -> Run<K, V, P, S> {
    if left.length() == 0 {
        return right;
    }
    let mut merged = List::new();
    while left.length() + right.length() > 0 {
        let left_is_older = match (oldest_age(&left), oldest_age(&right)) {
            (Some(left), Some(right)) => left < right,
            (left, _) => left.is_some(),
        };
        let older = if left_is_older { &mut left } else { &mut right };
        if let Some(node) = older.oldest() {
            // SAFETY: it is the head of this list.
            unsafe { older.remove(node) };
            // SAFETY: L1 and L3: it was unlinked under this lock, and its owner does not know.
            unsafe { push(&mut merged, node) };
        }
    }
    merged
}

/// The age of the head of a list.
fn oldest_age<K, V, P: Memory, S: 'static>(list: &Run<K, V, P, S>) -> Option<u64> {
    let node = list.oldest()?;
    // SAFETY: it is linked, so its address is good (L3).
    let waiter = unsafe { node.as_ref() }.item();
    // SAFETY: W4, it is in a stripe that is held.
    Some(unsafe { waiter.place.label() }.age)
}

/// # Safety
///
/// As for `List::push_back`.
unsafe fn push<K, V, P: Memory, S: 'static>(
    list: &mut Run<K, V, P, S>,
    node: NonNull<WaiterNode<K, V, P, Hashed<S>>>,
) {
    // SAFETY: its address is good, as the caller vouches.
    let reference = unsafe { node.as_ref() };
    // SAFETY: its owner has it pinned (L1).
    let pinned = unsafe { Pin::new_unchecked(reference) };
    // SAFETY: as the caller vouches.
    unsafe { list.push_back(pinned) };
}
