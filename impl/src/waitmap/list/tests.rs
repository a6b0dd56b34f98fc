//! The list alone: every way to enter and leave, and what the check of validity sees.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::pin::Pin;
use core::ptr::NonNull;

use super::{Links, List, Node};
use crate::platform::Native;

type Nodes = Vec<Pin<Box<Node<usize, Native>>>>;

fn nodes(number: usize) -> Nodes {
    (0..number).map(|index| Box::pin(Node::new(index))).collect()
}

fn list_of(nodes: &Nodes) -> List<usize, Native> {
    let mut list = List::new();
    for node in nodes {
        // SAFETY: L1 and L3: each is in no list, and `nodes` outlives the list.
        unsafe { list.push_back(node.as_ref()) };
    }
    list
}

fn address(nodes: &Nodes, index: usize) -> NonNull<Node<usize, Native>> {
    NonNull::from(nodes[index].as_ref().get_ref())
}

fn remove_oldest(list: &mut List<usize, Native>) -> Option<NonNull<Node<usize, Native>>> {
    let oldest = list.oldest()?;
    // SAFETY: it is linked into this list.
    unsafe { list.remove(oldest) };
    Some(oldest)
}

/// From the oldest to the youngest.
fn contents(list: &List<usize, Native>) -> Vec<usize> {
    let mut contents = Vec::new();
    let mut next = list.oldest();
    while let Some(address) = next {
        // SAFETY: it is linked, so it is alive.
        let node = unsafe { address.as_ref() };
        contents.push(*node.item());
        // SAFETY: L2: this thread alone holds the list.
        next = unsafe { node.links() }.and_then(|links| links.next);
    }
    contents
}

#[test]
fn nodes_leave_in_the_order_in_which_they_came() {
    let nodes = nodes(4);
    let mut list = list_of(&nodes);
    for expected in 0..4 {
        assert_eq!(list.length(), 4 - expected);
        assert_eq!(remove_oldest(&mut list), Some(address(&nodes, expected)));
    }
    assert_eq!(remove_oldest(&mut list), None);
    assert_eq!(list.length(), 0);
}

#[test]
fn a_node_can_leave_from_any_place_and_enter_again() {
    for length in 1..=4 {
        for removed in 0..length {
            let nodes = nodes(length);
            let mut list = list_of(&nodes);
            // SAFETY: all of them are linked.
            unsafe { list.remove(address(&nodes, removed)) };
            let mut expected: Vec<usize> = (0..length).filter(|index| *index != removed).collect();
            assert_eq!(contents(&list), expected);
            // SAFETY: L1 and L3: it is in no list now, and `nodes` outlives the list.
            unsafe { list.push_back(nodes[removed].as_ref()) };
            expected.push(removed);
            assert_eq!(contents(&list), expected);
            list.assert_valid();
        }
    }
}

#[test]
fn find_asks_each_once_from_both_ends_in_turn() {
    for (length, order) in
        [(0, &[][..]), (1, &[0]), (2, &[0, 1]), (5, &[0, 4, 1, 3, 2]), (6, &[0, 5, 1, 4, 2, 3])]
    {
        let nodes = nodes(length);
        let list = list_of(&nodes);
        let mut asked = Vec::new();
        let found = list.find(|index| {
            asked.push(*index);
            false
        });
        assert_eq!((found, &asked[..]), (None, order));
        for wanted in 0..length {
            assert_eq!(list.find(|index| *index == wanted), Some(address(&nodes, wanted)));
        }
    }
}

#[test]
#[should_panic(expected = "a node that is removed is linked")]
fn removing_a_node_that_is_not_linked_is_noticed() {
    let nodes = nodes(2);
    let mut list = list_of(&nodes);
    remove_oldest(&mut list);
    // SAFETY: none: this is the mistake. The address is good, and the list panics before it changes anything.
    unsafe { list.remove(address(&nodes, 0)) };
}

#[cfg(debug_assertions)]
#[test]
#[should_panic(expected = "a node is linked once")]
fn linking_a_node_twice_is_noticed() {
    let nodes = nodes(2);
    let mut list = list_of(&nodes);
    // SAFETY: none: this is the mistake. The address is good, and the list panics before it changes anything.
    unsafe { list.push_back(nodes[0].as_ref()) };
}

#[test]
#[should_panic(expected = "the length counts the chain")]
fn a_wrong_length_is_not_valid() {
    let nodes = nodes(2);
    let mut list = list_of(&nodes);
    list.length += 1;
    list.assert_valid();
}

#[test]
#[should_panic(expected = "an empty chain has length zero")]
fn a_length_of_nothing_is_not_valid() {
    let mut list = List::<usize, Native>::new();
    list.length = 1;
    list.assert_valid();
}

/// A chain of three whose middle node has other neighbours.
fn assert_noticed(neighbours: impl FnOnce(&Nodes) -> Option<Links<usize, Native>>) {
    let nodes = nodes(3);
    let list = list_of(&nodes);
    // SAFETY: L2: this thread alone holds the list.
    unsafe { nodes[1].set_links(neighbours(&nodes)) };
    list.assert_valid();
}

#[test]
#[should_panic(expected = "neighbours agree about each other")]
fn neighbours_that_disagree_are_not_valid() {
    assert_noticed(|nodes| Some(Links { previous: None, next: Some(address(nodes, 2)) }));
}

#[test]
#[should_panic(expected = "neighbours agree about each other")]
fn a_circle_is_not_valid() {
    assert_noticed(|nodes| Some(Links { previous: Some(address(nodes, 0)), next: Some(address(nodes, 0)) }));
}

#[test]
#[should_panic(expected = "the chain ends at its tail")]
fn a_chain_that_ends_early_is_not_valid() {
    assert_noticed(|nodes| Some(Links { previous: Some(address(nodes, 0)), next: None }));
}

#[test]
#[should_panic(expected = "a node in the chain is linked")]
fn an_unlinked_node_in_the_chain_is_not_valid() {
    assert_noticed(|_| None);
}
