//! Closing: final, for everybody, and not to be stopped by a waker.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, panic_text, registered, subscribe};

use super::index::{Wait, WaitMap, immortal, new_map};

type Map = WaitMap<usize, &'static str>;

/// As many wakers as `close` takes in one round of the lock.
const BATCH: usize = 16;

#[test]
fn an_open_map_says_so_until_it_is_closed() {
    let map: Map = new_map();
    assert!(!map.is_closed());
    map.close();
    assert!(map.is_closed());
    map.close();
    assert!(map.is_closed(), "closing again changes nothing");
}

#[test]
fn a_registered_wait_ends_with_closed_once() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    map.close();
    assert_eq!(task.wakes(), 1);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Closed)));
    for _ in 0..2 {
        assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
    }
}

#[test]
fn a_wait_on_a_closed_map_ends_at_once() {
    let map: Map = new_map();
    let early = map.wait(1);
    map.close();
    let task = Task::new();
    for wait in [early, map.wait(2)] {
        let mut wait = pin!(wait);
        assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Closed)));
        assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
    }
    assert_eq!((task.wakes(), task.clones()), (0, task.drops()));
}

#[test]
fn a_subscription_on_a_closed_map_is_refused() {
    let map: Map = new_map();
    map.close();
    let task = Task::new();
    let mut wait = pin!(map.wait(1));
    assert_eq!(subscribe(&task, wait.as_mut()), Err(WaitError::Closed));
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
}

#[test]
fn a_value_that_was_delivered_before_survives_the_close() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    map.close();
    assert_eq!(task.wakes(), 1, "woken by the wake alone");
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
}

#[test]
fn a_wake_after_the_close_gives_the_value_back_as_closed() {
    let map: Map = new_map();
    let task = Task::new();
    let _wait = registered(&map, 1, &task);
    map.close();
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Closed("value"));
    assert_eq!(map.wake(&2, "other"), WakeOutcome::Closed("other"));
}

#[test]
fn a_wait_that_the_close_ended_may_be_dropped_unpolled() {
    let map: Map = new_map();
    let task = Task::new();
    let wait = registered(&map, 1, &task);
    map.close();
    drop(wait);
    assert_eq!((task.clones(), task.drops()), (1, 1));
}

#[test]
fn waiters_are_woken_oldest_first_whatever_their_number() {
    for number in [0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH, 2 * BATCH + 1, 5 * BATCH + 3] {
        let map: Map = new_map();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waits = Vec::new();
        for index in 0..number {
            let order = order.clone();
            let task = Task::on_wake(move || order.lock().unwrap().push(index));
            waits.push((registered(&map, index, &task), task));
        }
        map.close();
        assert_eq!(*order.lock().unwrap(), (0..number).collect::<Vec<_>>());
        for (mut wait, task) in waits {
            assert_eq!(task.wakes(), 1);
            assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Closed)));
        }
    }
}

type Slots = Arc<Mutex<Vec<Option<Pin<Box<Wait<'static, usize, &'static str>>>>>>>;

/// Registers `number` waits; the waker of the first calls `between` while the others of its batch are
/// unlinked and those of later batches are not.
fn close_with(
    number: usize,
    between: impl FnOnce(&'static Map, &Slots) + Send + 'static,
) -> (&'static Map, Slots, Vec<Arc<Task>>) {
    let map: &'static Map = immortal();
    let slots = Slots::default();
    let shared = slots.clone();
    let mut tasks = vec![Task::on_wake(move || between(map, &shared))];
    tasks.resize_with(number, Task::new);
    for (index, task) in tasks.iter().enumerate() {
        slots.lock().unwrap().push(Some(registered(map, index, task)));
    }
    map.close();
    (map, slots, tasks)
}

fn take(slots: &Slots, index: usize) -> Pin<Box<Wait<'static, usize, &'static str>>> {
    slots.lock().unwrap()[index].take().expect("not taken before")
}

#[test]
fn between_batches_the_map_is_closed_for_everybody() {
    let (_, _, tasks) = close_with(2 * BATCH, |map, _| {
        assert!(map.is_closed());
        map.close();
        assert_eq!(map.wake(&(BATCH + 1), "value"), WakeOutcome::Closed("value"), "though still in the list");
        let task = Task::new();
        assert_eq!(task.poll(pin!(map.wait(1_000))), Poll::Ready(Err(WaitError::Closed)));
    });
    assert!(tasks.iter().all(|task| task.wakes() == 1));
}

#[test]
fn between_batches_another_close_leaves_the_rest_to_the_first() {
    let (map, _, tasks) = close_with(3 * BATCH, |map, _| {
        let rest = format!("registered: Some({})", 2 * BATCH);
        assert!(format!("{map:?}").contains(&rest));
        map.close();
        assert!(format!("{map:?}").contains(&rest), "it wakes nobody out of turn");
    });
    assert!(format!("{map:?}").contains("registered: Some(0)"));
    assert!(tasks.iter().all(|task| task.wakes() == 1));
}

#[test]
fn between_batches_a_polled_wait_ends_without_being_woken() {
    let (_, _, tasks) = close_with(3 * BATCH, |_, slots| {
        for index in [BATCH, BATCH + 5, 3 * BATCH - 1] {
            let mut wait = take(slots, index);
            let task = Task::new();
            assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Closed)));
            assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
            assert_eq!(task.clones(), 0);
        }
    });
    for (index, task) in tasks.iter().enumerate() {
        let ended_itself = [BATCH, BATCH + 5, 3 * BATCH - 1].contains(&index);
        assert_eq!(task.wakes(), usize::from(!ended_itself), "waiter {index}");
        assert_eq!((task.clones(), task.drops()), (1, 1));
    }
}

#[test]
fn between_batches_a_subscription_leaves_the_waker_to_be_woken() {
    let newcomer = Task::new();
    let subscriber = newcomer.clone();
    let (_, slots, tasks) = close_with(2 * BATCH, move |_, slots| {
        let mut wait = take(slots, BATCH + 2);
        assert_eq!(subscribe(&subscriber, wait.as_mut()), Ok(()));
        slots.lock().unwrap()[BATCH + 2] = Some(wait);
    });
    assert_eq!((newcomer.wakes(), tasks[BATCH + 2].wakes()), (0, 1), "the wait had ended when it subscribed");
    let mut wait = take(&slots, BATCH + 2);
    assert_eq!(newcomer.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Closed)));
}

#[test]
fn between_batches_waits_may_be_dropped() {
    // One that is unlinked, one at the head of the rest, one in the middle, the last.
    let dropped = [3, BATCH, BATCH + 7, 2 * BATCH + 1];
    let (_, _, tasks) = close_with(2 * BATCH + 2, move |_, slots| {
        for index in dropped {
            drop(take(slots, index));
        }
    });
    for (index, task) in tasks.iter().enumerate() {
        let expected = usize::from(index < BATCH || !dropped.contains(&index));
        assert_eq!(task.wakes(), expected, "waiter {index}");
        assert_eq!((task.clones(), task.drops()), (1, 1));
    }
}

#[test]
fn a_panicking_waker_does_not_keep_the_others_from_being_woken() {
    for panicking in [0, 7, BATCH - 1, BATCH, 2 * BATCH] {
        let map: Map = new_map();
        let mut tasks = Vec::new();
        tasks.resize_with(2 * BATCH + 1, Task::new);
        tasks[panicking] = Task::on_wake(|| panic!("the waker panics"));
        let mut waits: Vec<_> =
            tasks.iter().enumerate().map(|(index, task)| registered(&map, index, task)).collect();
        assert_eq!(panic_text(|| map.close()), "the waker panics");
        assert!(map.is_closed());
        for (task, wait) in tasks.iter().zip(&mut waits) {
            assert_eq!(task.wakes(), 1);
            assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Closed)));
        }
        map.close();
    }
}

// Without `std` there is no way to catch a panic, and the second one ends the process.
#[cfg(feature = "std")]
#[test]
fn of_several_panicking_wakers_the_first_one_is_reported() {
    let map: Map = new_map();
    let mut tasks = Vec::new();
    tasks.resize_with(2 * BATCH + 1, Task::new);
    tasks[2] = Task::on_wake(|| panic!("the first"));
    tasks[3] = Task::on_wake(|| panic!("the second, of the same batch"));
    tasks[BATCH + 2] = Task::on_wake(|| panic!("the third, of another"));
    let _waits: Vec<_> =
        tasks.iter().enumerate().map(|(index, task)| registered(&map, index, task)).collect();
    assert_eq!(panic_text(|| map.close()), "the first");
    assert!(tasks.iter().all(|task| task.wakes() == 1));
}

#[cfg(feature = "std")]
#[test]
fn a_payload_that_panics_when_it_is_dropped_does_no_harm() {
    struct Grenade;
    impl Drop for Grenade {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let map: Map = new_map();
    let tasks = [
        Task::on_wake(|| panic!("the first")),
        Task::on_wake(|| std::panic::panic_any(Grenade)),
        Task::new(),
    ];
    let _waits: Vec<_> =
        tasks.iter().enumerate().map(|(index, task)| registered(&map, index, task)).collect();
    assert_eq!(panic_text(|| map.close()), "the first");
    assert!(tasks.iter().all(|task| task.wakes() == 1));
}
