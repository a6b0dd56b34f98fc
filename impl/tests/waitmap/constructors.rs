//! How maps are made, and where they can live.

use std::hash::BuildHasherDefault;
use std::task::Poll;

use raddle::platform::Spin;
use raddle::{HashedWaitMap, WaitMap, WakeOutcome};

use crate::support::{ConstantHasher, Repeatable, Task, panic_text, registered};

static IN_A_STATIC: WaitMap<u32, u32> = WaitMap::new();

#[test]
fn a_linear_map_can_be_a_static() {
    let task = Task::new();
    let mut wait = registered(&IN_A_STATIC, 1, &task);
    assert_eq!(IN_A_STATIC.wake(&1, 2), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(2)));
}

#[test]
fn a_linear_map_has_a_default_on_every_platform() {
    let native: WaitMap<u32, u32> = WaitMap::default();
    let spin: WaitMap<u32, u32, Spin> = WaitMap::default();
    assert!(!native.is_closed() && !spin.is_closed());
}

/// A key that can be compared and nothing else.
#[derive(PartialEq)]
struct Plain;

#[test]
fn a_linear_map_needs_no_more_of_a_key_than_equality() {
    let map = WaitMap::new();
    let _wait = registered(&map, Plain, &Task::new());
    assert_eq!(map.wake(&Plain, 1), WakeOutcome::Woke);
}

#[cfg(feature = "std")]
#[test]
fn with_buckets_leaves_nothing_to_be_inferred_but_keys_and_values() {
    let map = WaitMap::with_buckets(16);
    let _wait = registered(&map, "key", &Task::new());
    assert_eq!(map.wake(&"key", 1), WakeOutcome::Woke);
    let named: &HashedWaitMap<&str, i32> = &map;
    assert!(!named.is_closed());
}

#[test]
fn the_hasher_and_the_platform_can_be_chosen() {
    let task = Task::new();
    let hasher = BuildHasherDefault::<ConstantHasher>::default();
    let map = WaitMap::with_buckets_and_hasher(16, hasher.clone());
    let _wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, 1), WakeOutcome::Woke);

    let map = HashedWaitMap::<u32, u32, Repeatable, Spin>::with_buckets_on(16);
    let _wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, 1), WakeOutcome::Woke);

    let map = HashedWaitMap::<u32, u32, _, Spin>::with_buckets_and_hasher_on(16, hasher);
    let _wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, 1), WakeOutcome::Woke);
}

#[test]
fn any_number_of_buckets_will_do() {
    for buckets in [0, 1, 7, 8, 9, 100, 512, 513, 10_000] {
        let map = HashedWaitMap::<u32, u32, Repeatable>::with_buckets_on(buckets);
        let task = Task::new();
        let waits: Vec<_> = (0..50).map(|key| registered(&map, key, &task)).collect();
        for key in 0..50 {
            assert_eq!(map.wake(&key, key), WakeOutcome::Woke);
        }
        for (key, mut wait) in (0..).zip(waits) {
            assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(key)));
        }
    }
}

#[test]
fn more_buckets_than_there_can_be_are_refused() {
    let make = || HashedWaitMap::<u32, u32, Repeatable>::with_buckets_on(usize::MAX);
    assert_eq!(panic_text(make), "more buckets than fit into the address space");
}
