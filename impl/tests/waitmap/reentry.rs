//! User code that comes back into the map: nothing of it runs under the lock, so all of these return.

use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, Tracked, count, panic_text, registered};

use super::index::{Wait, WaitMap, immortal, new_map};

type Map = WaitMap<u32, &'static str>;

/// Does everything that can be done to a map but close it.
fn use_it(map: &Map) {
    assert_eq!(map.wake(&99, "nobody"), WakeOutcome::NoMatch("nobody"));
    let task = Task::new();
    let mut wait = registered(map, 98, &task);
    assert_eq!(map.wake(&98, "value"), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
    drop(registered(map, 98, &task));
    assert!(!map.is_closed());
    assert!(format!("{map:?}").contains("registered: Some"), "the lock is free");
}

#[test]
fn a_waker_may_use_the_map_when_it_is_woken() {
    let map: &'static Map = immortal();
    let task = Task::on_wake(move || use_it(map));
    let mut wait = registered(map, 1, &task);
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
}

#[test]
fn a_waker_may_wake_the_next_which_wakes_the_next() {
    let map: &'static Map = immortal();
    let mut waits = Vec::new();
    for key in 0..10 {
        let task =
            Task::on_wake(move || assert!(key == 9 || map.wake(&(key + 1), "on") == WakeOutcome::Woke));
        waits.push((registered(map, key, &task), task));
    }
    assert_eq!(map.wake(&0, "on"), WakeOutcome::Woke);
    for (mut wait, task) in waits {
        assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("on")));
    }
}

#[test]
fn a_waker_may_poll_and_drop_the_wait_that_it_wakes() {
    let map: &'static Map = immortal();
    let slot = Arc::new(Mutex::new(None));
    let shared = slot.clone();
    let task = Task::on_wake(move || {
        let mut wait: std::pin::Pin<Box<Wait<'_, u32, &str>>> =
            shared.lock().unwrap().take().unwrap();
        assert_eq!(Task::new().poll(wait.as_mut()), Poll::Ready(Ok("value")));
    });
    *slot.lock().unwrap() = Some(registered(map, 1, &task));
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert!(slot.lock().unwrap().is_none());
}

#[test]
fn a_waker_may_close_the_map_when_it_is_woken() {
    let map: &'static Map = immortal();
    let task = Task::on_wake(move || map.close());
    let other_task = Task::new();
    let mut wait = registered(map, 1, &task);
    let mut other = registered(map, 2, &other_task);
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")), "delivered before the close");
    assert_eq!(other_task.wakes(), 1);
    assert_eq!(other_task.poll(other.as_mut()), Poll::Ready(Err(WaitError::Closed)));
}

#[test]
fn a_panicking_waker_does_not_undo_the_wake() {
    let map: Map = new_map();
    let task = Task::on_wake(|| panic!("the waker panics"));
    let mut wait = registered(&map, 1, &task);
    assert_eq!(panic_text(|| map.wake(&1, "value")), "the waker panics");
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
    use_it(&map);
}

#[test]
fn a_waker_may_use_the_map_when_it_is_cloned() {
    let map: &'static Map = immortal();
    let mut wait = registered(map, 1, &Task::on_clone(move || use_it(map)));
    let other = Task::on_clone(move || use_it(map));
    assert!(other.poll(wait.as_mut()).is_pending());
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(other.wakes(), 1);
}

#[test]
fn a_wake_before_the_registration_took_effect_finds_nobody() {
    let map: &'static Map = immortal();
    let task = Task::on_clone(move || assert_eq!(map.wake(&1, "early"), WakeOutcome::NoMatch("early")));
    let _wait = registered(map, 1, &task);
}

#[test]
fn a_close_before_the_registration_took_effect_refuses_it() {
    let map: &'static Map = immortal();
    let task = Task::on_clone(move || map.close());
    assert_eq!(task.poll(pin!(map.wait(1))), Poll::Ready(Err(WaitError::Closed)));
    assert_eq!((task.clones(), task.drops()), (1, 1));
}

#[test]
fn another_waiter_that_registers_first_makes_a_duplicate() {
    let map: &'static Map = immortal();
    let slot = Arc::new(Mutex::new(None));
    let shared = slot.clone();
    let task = Task::on_clone(move || *shared.lock().unwrap() = Some(registered(map, 1, &Task::new())));
    assert_eq!(task.poll(pin!(map.wait(1))), Poll::Ready(Err(WaitError::Duplicate)));
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
}

#[test]
fn a_wake_while_the_new_waker_is_cloned_makes_the_poll_ready() {
    let map: &'static Map = immortal();
    let old = Task::new();
    let mut wait = registered(map, 1, &old);
    let new = Task::on_clone(move || assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke));
    assert_eq!(new.poll(wait.as_mut()), Poll::Ready(Ok("value")));
    assert_eq!((old.wakes(), new.wakes()), (1, 0), "the stored one was woken");
    assert_eq!((new.clones(), new.drops()), (1, 1));
}

#[test]
fn a_close_while_the_new_waker_is_cloned_ends_the_poll() {
    let map: &'static Map = immortal();
    let old = Task::new();
    let mut wait = registered(map, 1, &old);
    let new = Task::on_clone(move || map.close());
    assert_eq!(new.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Closed)));
    assert_eq!((old.wakes(), new.wakes()), (1, 0));
}

#[test]
fn a_replaced_waker_may_use_the_map_when_it_is_dropped() {
    let map: &'static Map = immortal();
    let old = Task::on_drop(move || assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke));
    let mut wait = registered(map, 1, &old);
    let new = Task::new();
    assert!(new.poll(wait.as_mut()).is_pending(), "the poll had taken effect");
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    assert_eq!(new.poll(wait.as_mut()), Poll::Ready(Ok("value")));
}

#[test]
fn the_waker_of_a_cancelled_wait_may_use_the_map_when_it_is_dropped() {
    let map: &'static Map = immortal();
    let task = Task::on_drop(move || {
        assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
        use_it(map);
    });
    drop(registered(map, 1, &task));
    assert_eq!(task.drops(), 1);
}

#[test]
fn a_wait_whose_waker_panics_when_it_is_dropped_leaves_the_map_all_the_same() {
    let map: Map = new_map();
    let neighbour_task = Task::new();
    let mut before = registered(&map, 0, &neighbour_task);
    let wait = registered(&map, 1, &Task::on_drop(|| panic!("the drop panics")));
    let mut after = registered(&map, 2, &neighbour_task);
    assert_eq!(panic_text(|| drop(wait)), "the drop panics");
    for (key, neighbour) in [(0, &mut before), (2, &mut after)] {
        assert_eq!(map.wake(&key, "value"), WakeOutcome::Woke);
        assert_eq!(neighbour_task.poll(neighbour.as_mut()), Poll::Ready(Ok("value")));
    }
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
}

#[test]
fn a_waker_that_panics_when_it_is_cloned_leaves_the_wait_as_it_was() {
    let map: Map = new_map();
    let mut idle = Box::pin(map.wait(1));
    let panicking = Task::on_clone(|| panic!("the clone panics"));
    assert_eq!(panic_text(|| panicking.poll(idle.as_mut())), "the clone panics");
    let task = Task::new();
    assert!(task.poll(idle.as_mut()).is_pending(), "it can still register");
    let panicking = Task::on_clone(|| panic!("the clone panics"));
    assert_eq!(panic_text(|| panicking.poll(idle.as_mut())), "the clone panics");
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!((task.wakes(), panicking.wakes()), (1, 0), "the old waker is still the one");
}

#[test]
fn a_value_may_use_the_map_when_it_is_dropped_with_its_wait() {
    let map: &'static WaitMap<u32, Tracked> = immortal();
    let wait = registered(map, 1, &Task::new());
    let ran = Arc::new(AtomicUsize::new(0));
    let in_drop = ran.clone();
    let value = Tracked::on_drop(0, move || {
        assert!(matches!(map.wake(&1, Tracked::new(1).0), WakeOutcome::NoMatch(_)));
        drop(registered(map, 1, &Task::new()));
        map.close();
        in_drop.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!(map.wake(&1, value), WakeOutcome::Woke);
    drop(wait);
    assert_eq!(count(&ran), 1);
    assert!(map.is_closed());
}

#[test]
fn a_key_may_use_the_map_when_it_is_dropped_with_its_wait() {
    let map: &'static WaitMap<Tracked, u32> = immortal();
    let ran = Arc::new(AtomicUsize::new(0));
    let in_drop = ran.clone();
    let key = Tracked::on_drop(1, move || {
        assert_eq!(map.wake(&Tracked::new(1).0, 5), WakeOutcome::NoMatch(5), "not registered any more");
        drop(registered(map, Tracked::new(1).0, &Task::new()));
        in_drop.fetch_add(1, Ordering::SeqCst);
    });
    drop(registered(map, key, &Task::new()));
    assert_eq!(count(&ran), 1);
}

#[test]
fn a_key_and_a_value_are_both_dropped_when_the_first_of_them_panics() {
    let map = new_map::<Tracked, Tracked>();
    let key = Tracked::on_drop(1, || panic!("the key panics"));
    let wait = registered(&map, key, &Task::new());
    let (value, drops) = Tracked::new(2);
    assert_eq!(map.wake(&Tracked::new(1).0, value), WakeOutcome::Woke);
    assert!(panic::catch_unwind(AssertUnwindSafe(|| drop(wait))).is_err());
    assert_eq!(count(&drops), 1);
}
