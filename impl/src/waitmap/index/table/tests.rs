//! The table alone: what its check of validity sees.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::pin::Pin;
use core::ptr::NonNull;

use super::{Label, Table};
use crate::platform::Spin;
use crate::waitmap::index::Hashed;
use crate::waitmap::list::Links;
use crate::waitmap::waiter::{Waiter, WaiterNode};

type Item = Waiter<u32, (), Spin, Hashed<()>>;
type Node = WaiterNode<u32, (), Spin, Hashed<()>>;
type Nodes = Vec<Pin<Box<Node>>>;

/// The bucket of all waiters, in a table of sixteen.
const HASH: u64 = 3 << 32;

/// The bucket beside it.
const OTHER_HASH: u64 = 4 << 32;

fn nodes(number: u32) -> Nodes {
    (0..number).map(|key| Box::pin(Node::new(Waiter::new(key)))).collect()
}

fn address(nodes: &Nodes, index: usize) -> NonNull<Node> {
    NonNull::from(nodes[index].as_ref().get_ref())
}

/// A table with all nodes in one bucket; the ages count from 10.
fn table_of(nodes: &Nodes) -> Table<u32, (), Spin, ()> {
    let mut table = Table::new(2);
    for (age, node) in (10..).zip(nodes) {
        // SAFETY: L1 and L3: each is in no stripe, and `nodes` outlives the table.
        unsafe { table.insert(node.as_ref(), Label { hash: HASH, age }) };
    }
    table
}

/// Three waiters in one bucket, and a mistake.
fn assert_noticed(mistake: impl FnOnce(&Nodes, &mut Table<u32, (), Spin, ()>)) {
    let nodes = nodes(3);
    let mut table = table_of(&nodes);
    table.assert_valid(HASH);
    mistake(&nodes, &mut table);
    table.assert_valid(HASH);
}

fn set_links(nodes: &Nodes, index: usize, links: Option<Links<Item, Spin>>) {
    // SAFETY: L2: this thread alone holds the table.
    unsafe { nodes[index].set_links(links) };
}

fn set_label(nodes: &Nodes, index: usize, label: Label) {
    // SAFETY: W4: this thread alone holds the table.
    unsafe { nodes[index].item().place.set_label(label) };
}

#[test]
fn waiters_leave_a_bucket_from_any_place() {
    for removed in 0..3 {
        let nodes = nodes(3);
        let mut table = table_of(&nodes);
        // SAFETY: it is in the table.
        unsafe { table.remove(address(&nodes, removed)) };
        table.assert_valid(HASH);
        assert_eq!(table.length(), 2);
        let found = |key: usize| table.find(HASH, |theirs| *theirs as usize == key).is_some();
        assert!((0..3).all(|key| found(key) == (key != removed)));
    }
}

#[test]
#[should_panic(expected = "a node in the chain is linked")]
fn a_broken_chain_is_noticed() {
    assert_noticed(|nodes, _| set_links(nodes, 1, None));
}

#[test]
#[should_panic(expected = "neighbours agree about each other")]
fn neighbours_that_disagree_are_noticed() {
    assert_noticed(|nodes, _| {
        set_links(nodes, 1, Some(Links { previous: None, next: Some(address(nodes, 0)) }));
    });
}

#[test]
#[should_panic(expected = "the bucket holds more than the stripe, or runs in a circle")]
fn a_chain_in_a_circle_is_noticed() {
    // From the oldest, at the end of the chain, back to the youngest, which agrees.
    assert_noticed(|nodes, _| {
        let [middle, young] = [1, 2].map(|index| address(nodes, index));
        set_links(nodes, 0, Some(Links { previous: Some(middle), next: Some(young) }));
    });
}

#[test]
#[should_panic(expected = "a waiter is in the bucket of its hash")]
fn a_waiter_in_the_wrong_bucket_is_noticed() {
    assert_noticed(|nodes, _| set_label(nodes, 1, Label { hash: OTHER_HASH, age: 11 }));
}

#[test]
#[should_panic(expected = "the bucket holds more than the stripe, or runs in a circle")]
fn a_length_that_is_too_small_is_noticed() {
    assert_noticed(|_, table| table.length -= 1);
}

#[test]
#[should_panic(expected = "the youngest comes first")]
fn a_stale_age_is_noticed() {
    // As if it had drawn its age before it took the lock.
    assert_noticed(|nodes, _| set_label(nodes, 2, Label { hash: HASH, age: 5 }));
}

#[test]
#[should_panic(expected = "the youngest comes first")]
fn an_age_that_was_drawn_twice_is_noticed() {
    assert_noticed(|nodes, _| set_label(nodes, 2, Label { hash: HASH, age: 11 }));
}

#[cfg(debug_assertions)]
#[test]
#[should_panic(expected = "a node is linked once")]
fn linking_a_waiter_twice_is_noticed() {
    let nodes = nodes(2);
    let mut table = table_of(&nodes);
    // SAFETY: none: this is the mistake. The address is good, and the table panics before it changes anything.
    unsafe { table.insert(nodes[0].as_ref(), Label { hash: HASH, age: 20 }) };
}

#[test]
#[should_panic(expected = "a node that is removed is linked")]
fn removing_a_waiter_that_is_not_linked_is_noticed() {
    let nodes = nodes(2);
    let mut table = table_of(&nodes);
    // SAFETY: it is in the table.
    unsafe { table.remove(address(&nodes, 0)) };
    // SAFETY: none: this is the mistake. The address is good, and the table panics before it changes anything.
    unsafe { table.remove(address(&nodes, 0)) };
}
