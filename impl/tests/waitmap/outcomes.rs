//! How results and maps read, and where a map can live.

use std::error::Error;
use std::pin::{Pin, pin};

use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, registered};

use super::index::{Wait, new_map};

/// Not printable, and comparable no further than the map needs.
#[derive(PartialEq, Eq, Hash)]
struct Plain(u32);

#[test]
fn errors_say_what_happened() {
    assert_eq!(WaitError::Closed.to_string(), "the map is closed");
    assert_eq!(WaitError::AlreadyConsumed.to_string(), "the future has given its result already");
    assert_eq!(WaitError::Duplicate.to_string(), "another waiter is registered for this key");
    let error: Box<dyn Error + Send + Sync> = Box::new(WaitError::Closed);
    assert!(error.source().is_none());
}

#[test]
fn a_map_prints_whether_it_is_closed_and_how_many_wait() {
    let map = new_map::<Plain, Plain>();
    assert_eq!(format!("{map:?}"), "WaitMap { closed: false, registered: Some(0) }");
    let task = Task::new();
    let _wait = registered(&map, Plain(1), &task);
    assert_eq!(format!("{map:?}"), "WaitMap { closed: false, registered: Some(1) }");
    map.close();
    assert_eq!(format!("{map:?}"), "WaitMap { closed: true, registered: Some(0) }");
}

#[test]
fn a_wait_prints_its_phase() {
    let map = new_map::<Plain, Plain>();
    let task = Task::new();
    let mut wait = Box::pin(map.wait(Plain(1)));
    assert_eq!(format!("{:?}", wait.as_ref().get_ref()), "Wait { phase: Idle, .. }");
    let subscription = wait.as_mut().subscribe();
    assert_eq!(format!("{subscription:?}"), "Subscribe { wait: Wait { phase: Idle, .. } }");
    assert!(task.poll(wait.as_mut()).is_pending());
    assert_eq!(format!("{wait:?}"), "Wait { phase: Registered, .. }");
    assert!(matches!(map.wake(&Plain(1), Plain(2)), WakeOutcome::Woke));
    assert_eq!(format!("{wait:?}"), "Wait { phase: Delivered, .. }");
    assert!(task.poll(wait.as_mut()).is_ready());
    assert_eq!(format!("{wait:?}"), "Wait { phase: Finished, .. }");
    let other = registered(&map, Plain(1), &task);
    map.close();
    assert_eq!(format!("{other:?}"), "Wait { phase: Closed, .. }");
    let owned = std::sync::Arc::new(new_map::<Plain, Plain>()).wait_owned(Plain(1));
    assert_eq!(format!("{owned:?}"), "WaitOwned { phase: Idle, .. }");
}

#[test]
fn a_map_that_has_no_registered_waits_may_move() {
    let map = new_map::<u32, u32>();
    let task = Task::new();
    drop(registered(&map, 1, &task));
    let moved = Box::new(map);
    let mut wait = registered(&moved, 1, &task);
    assert_eq!(moved.wake(&1, 2), WakeOutcome::Woke);
    assert!(task.poll(wait.as_mut()).is_ready());
}

#[test]
fn a_leaked_wait_stays_registered_and_may_be_woken() {
    let map = new_map::<u32, u32>();
    let task = Task::new();
    std::mem::forget(registered(&map, 1, &task));
    let map = Box::new(map);
    assert_eq!(map.wake(&1, 2), WakeOutcome::Woke);
    assert_eq!(task.wakes(), 1);
    std::mem::forget(registered(&map, 1, &task));
    map.close();
    assert_eq!(task.wakes(), 2);
}

#[test]
fn a_wait_may_be_moved_until_it_is_polled() {
    let map = new_map::<u32, u32>();
    let task = Task::new();
    let waits = [map.wait(1), map.wait(2)];
    let [first, second] = waits;
    let (mut second, mut first) = (pin!(second), pin!(first));
    for wait in [first.as_mut(), second.as_mut()] as [Pin<&mut Wait<'_, u32, u32>>; 2] {
        assert!(task.poll(wait).is_pending());
    }
    assert_eq!(map.wake(&2, 0), WakeOutcome::Woke);
    assert_eq!(map.wake(&1, 0), WakeOutcome::Woke);
}
