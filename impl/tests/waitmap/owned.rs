//! Waits that hold their map.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::Poll;

use raddle::platform::Spin;
use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, Tracked, count};

use super::index::{WaitMap, WaitOwned, new_map, new_map_on};

type Map = WaitMap<u32, &'static str>;

fn registered(map: &Arc<Map>, key: u32, task: &Arc<Task>) -> Pin<Box<WaitOwned<u32, &'static str>>> {
    let mut wait = Box::pin(map.wait_owned(key));
    assert!(task.poll(wait.as_mut()).is_pending());
    wait
}

#[test]
fn it_goes_through_the_same_states() {
    let map: Arc<Map> = Arc::new(new_map());
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    let mut duplicate = pin!(map.wait_owned(1));
    assert_eq!(task.poll(duplicate.as_mut()), Poll::Ready(Err(WaitError::Duplicate)));
    assert_eq!(task.poll(duplicate.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));

    let dropped = registered(&map, 2, &task);
    drop(dropped);
    assert_eq!(map.wake(&2, "late"), WakeOutcome::NoMatch("late"));

    let mut closed = registered(&map, 3, &task);
    map.close();
    assert_eq!(task.poll(closed.as_mut()), Poll::Ready(Err(WaitError::Closed)));
    assert_eq!(task.poll(closed.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
}

#[test]
fn borrowed_and_owned_waits_share_one_map() {
    let map: Arc<Map> = Arc::new(new_map());
    let task = Task::new();
    let _owned = registered(&map, 1, &task);
    assert_eq!(task.poll(pin!(map.wait(1))), Poll::Ready(Err(WaitError::Duplicate)));
}

#[test]
fn it_outlives_all_other_handles_and_stays_pending() {
    let map: Arc<Map> = Arc::new(new_map());
    let weak: Weak<Map> = Arc::downgrade(&map);
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    drop(map);
    assert!(task.poll(wait.as_mut()).is_pending(), "losing all handles is no close");
    let again = weak.upgrade().expect("the wait keeps the map alive");
    assert_eq!(again.wake(&1, "value"), WakeOutcome::Woke);
    drop(again);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
    drop(wait);
    assert!(weak.upgrade().is_none(), "and lets go of it");
}

#[test]
fn the_map_is_alive_while_the_last_wait_drops_its_value() {
    let map = Arc::new(new_map::<u32, Tracked>());
    let weak = Arc::downgrade(&map);
    let mut wait = Box::pin(map.wait_owned(1));
    assert!(Task::new().poll(wait.as_mut()).is_pending());
    let ran = Arc::new(AtomicUsize::new(0));
    let in_drop = ran.clone();
    let value = Tracked::on_drop(0, move || {
        let map = weak.upgrade().expect("alive");
        assert!(matches!(map.wake(&1, Tracked::new(1).0), WakeOutcome::NoMatch(_)));
        in_drop.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!(map.wake(&1, value), WakeOutcome::Woke);
    drop(map);
    drop(wait);
    assert_eq!(count(&ran), 1);
}

#[test]
fn any_platform_has_it() {
    let map = Arc::new(new_map_on::<u32, &str, Spin>());
    let task = Task::new();
    let mut wait = pin!(WaitMap::<u32, &str, Spin>::wait_owned_on(&map, 1));
    assert!(task.poll(wait.as_mut()).is_pending());
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
}
