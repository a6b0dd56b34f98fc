//! Long random sequences on one thread, against a model that is a vector.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, subscribe};

use super::index::{Wait, WaitMap, new_map};

/// What the model knows of a wait.
#[derive(Clone, Copy, PartialEq)]
enum Expected {
    Idle,
    Registered,
    Delivered(u64),
    Closed,
    Finished,
}

struct Waiter<'map> {
    key: u64,
    expected: Expected,
    wait: Pin<Box<Wait<'map, u64, u64>>>,
    task: Arc<Task>,
}

/// SplitMix64: the sequence is the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

struct Model<'map> {
    map: &'map WaitMap<u64, u64>,
    closed: bool,
    waiters: BTreeMap<u64, Waiter<'map>>,
    next: u64,
}

impl<'map> Model<'map> {
    fn registered(&self, key: u64) -> Option<u64> {
        let found = self
            .waiters
            .iter()
            .find(|(_, waiter)| waiter.key == key && waiter.expected == Expected::Registered);
        found.map(|(number, _)| *number)
    }

    fn refusal(&self, key: u64) -> Option<WaitError> {
        if self.closed {
            return Some(WaitError::Closed);
        }
        self.registered(key).map(|_| WaitError::Duplicate)
    }

    fn add(&mut self, key: u64) {
        let wait = Box::pin(self.map.wait(key));
        self.waiters.insert(self.next, Waiter { key, expected: Expected::Idle, wait, task: Task::new() });
        self.next += 1;
    }

    fn poll(&mut self, number: u64) {
        let refusal = self.refusal(self.waiters[&number].key);
        let waiter = self.waiters.get_mut(&number).unwrap();
        let (result, next) = match (waiter.expected, refusal) {
            (Expected::Idle, Some(error)) => (Poll::Ready(Err(error)), Expected::Finished),
            (Expected::Idle, None) | (Expected::Registered, _) => (Poll::Pending, Expected::Registered),
            (Expected::Delivered(value), _) => (Poll::Ready(Ok(value)), Expected::Finished),
            (Expected::Closed, _) => (Poll::Ready(Err(WaitError::Closed)), Expected::Finished),
            (Expected::Finished, _) => (Poll::Ready(Err(WaitError::AlreadyConsumed)), Expected::Finished),
        };
        assert_eq!(waiter.task.poll(waiter.wait.as_mut()), result);
        waiter.expected = next;
    }

    fn subscribe(&mut self, number: u64) {
        let refusal = self.refusal(self.waiters[&number].key);
        let waiter = self.waiters.get_mut(&number).unwrap();
        let (result, next) = match (waiter.expected, refusal) {
            (Expected::Idle, Some(error)) => (Err(error), Expected::Finished),
            (Expected::Idle, None) => (Ok(()), Expected::Registered),
            (unchanged, _) => (Ok(()), unchanged),
        };
        assert_eq!(subscribe(&waiter.task, waiter.wait.as_mut()), result);
        waiter.expected = next;
    }

    fn wake(&mut self, key: u64, value: u64) {
        let found = self.registered(key);
        let outcome = match found {
            _ if self.closed => WakeOutcome::Closed(value),
            None => WakeOutcome::NoMatch(value),
            Some(_) => WakeOutcome::Woke,
        };
        assert_eq!(self.map.wake(&key, value), outcome);
        if let (WakeOutcome::Woke, Some(number)) = (outcome, found) {
            let waiter = self.waiters.get_mut(&number).unwrap();
            waiter.expected = Expected::Delivered(value);
            assert_eq!(waiter.task.wakes(), 1);
        }
    }

    fn close(&mut self) {
        self.map.close();
        self.closed = true;
        for waiter in self.waiters.values_mut().filter(|waiter| waiter.expected == Expected::Registered) {
            waiter.expected = Expected::Closed;
            assert_eq!(waiter.task.wakes(), 1);
        }
    }

    fn step(&mut self, random: &mut Random, step: u64) {
        let some = random.below(self.waiters.len().max(1) as u64) as usize;
        let some = self.waiters.keys().nth(some).copied();
        match (random.below(9), some) {
            (0 | 1, _) | (_, None) => self.add(random.below(24)),
            (2 | 3, Some(number)) => self.poll(number),
            (4, Some(number)) => self.subscribe(number),
            (5, Some(number)) => drop(self.waiters.remove(&number)),
            _ => self.wake(random.below(24), step),
        }
        let expected = self.waiters.values().filter(|waiter| waiter.expected == Expected::Registered).count();
        assert!(format!("{:?}", self.map).ends_with(&format!("registered: Some({expected}) }}")));
    }
}

#[test]
fn a_map_does_what_a_vector_of_waiters_does() {
    for seed in 0..40 {
        let map = new_map();
        let mut model = Model { map: &map, closed: false, waiters: BTreeMap::new(), next: 0 };
        let mut random = Random(seed);
        for step in 0..600 {
            if step == 500 {
                model.close();
            }
            model.step(&mut random, step);
        }
    }
}
