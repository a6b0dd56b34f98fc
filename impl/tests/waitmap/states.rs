//! The states of a waiter, row by row.

use std::pin::pin;
use std::task::Poll;

use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, Tracked, count, registered, subscribe};

use super::index::{WaitMap, new_map};

type Map = WaitMap<u32, &'static str>;

#[test]
fn a_wait_that_was_not_polled_is_not_registered() {
    let map: Map = new_map();
    let wait = map.wait(1);
    assert_eq!(map.wake(&1, "early"), WakeOutcome::NoMatch("early"));
    drop(wait);
}

#[test]
fn nothing_is_stored_for_a_waiter_to_come() {
    let map: Map = new_map();
    assert_eq!(map.wake(&1, "early"), WakeOutcome::NoMatch("early"));
    let task = Task::new();
    let wait = registered(&map, 1, &task);
    assert_eq!(task.wakes(), 0);
    drop(wait);
}

#[test]
fn a_poll_registers_and_a_wake_delivers() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(task.wakes(), 1);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
}

#[test]
fn a_wake_of_another_key_gives_its_value_back() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&2, "other"), WakeOutcome::NoMatch("other"));
    assert_eq!(task.wakes(), 0);
    assert!(task.poll(wait.as_mut()).is_pending());
}

#[test]
fn each_of_two_keys_gets_its_own_value() {
    let map: Map = new_map();
    let (one, two) = (Task::new(), Task::new());
    let mut first = registered(&map, 1, &one);
    let mut second = registered(&map, 2, &two);
    assert_eq!(map.wake(&2, "second"), WakeOutcome::Woke);
    assert_eq!((one.wakes(), two.wakes()), (0, 1));
    assert_eq!(map.wake(&1, "first"), WakeOutcome::Woke);
    assert_eq!(two.poll(second.as_mut()), Poll::Ready(Ok("second")));
    assert_eq!(one.poll(first.as_mut()), Poll::Ready(Ok("first")));
}

#[test]
fn a_key_wakes_one_waiter_once() {
    let map: Map = new_map();
    let task = Task::new();
    let _wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, "first"), WakeOutcome::Woke);
    assert_eq!(map.wake(&1, "second"), WakeOutcome::NoMatch("second"));
    assert_eq!(task.wakes(), 1);
}

#[test]
fn a_key_is_free_before_the_woken_waiter_is_polled() {
    let map: Map = new_map();
    let (old_task, new_task) = (Task::new(), Task::new());
    let mut old = registered(&map, 1, &old_task);
    assert_eq!(map.wake(&1, "old"), WakeOutcome::Woke);
    let mut new = registered(&map, 1, &new_task);
    assert_eq!(map.wake(&1, "new"), WakeOutcome::Woke);
    assert_eq!(new_task.poll(new.as_mut()), Poll::Ready(Ok("new")));
    assert_eq!(old_task.poll(old.as_mut()), Poll::Ready(Ok("old")));
}

#[test]
fn a_poll_after_the_value_says_already_consumed() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
    for _ in 0..2 {
        assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
    }
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"), "it did not register again");
}

#[test]
fn a_duplicate_is_refused_for_good_and_does_not_disturb_the_first() {
    let map: Map = new_map();
    let (one, two) = (Task::new(), Task::new());
    let mut first = registered(&map, 1, &one);
    let mut second = pin!(map.wait(1));
    assert_eq!(two.poll(second.as_mut()), Poll::Ready(Err(WaitError::Duplicate)));
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(one.poll(first.as_mut()), Poll::Ready(Ok("value")));
    assert_eq!(
        two.poll(second.as_mut()),
        Poll::Ready(Err(WaitError::AlreadyConsumed)),
        "though the key is free now"
    );
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
    assert_eq!((two.wakes(), two.clones()), (0, two.drops()));
}

#[test]
fn a_refused_subscription_finishes_the_wait() {
    let map: Map = new_map();
    let task = Task::new();
    let first = registered(&map, 1, &task);
    let mut second = pin!(map.wait(1));
    assert_eq!(subscribe(&task, second.as_mut()), Err(WaitError::Duplicate));
    drop(first);
    assert_eq!(subscribe(&task, second.as_mut()), Ok(()), "it has ended");
    assert_eq!(task.poll(second.as_mut()), Poll::Ready(Err(WaitError::AlreadyConsumed)));
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
}

#[test]
fn a_subscription_registers_so_that_the_first_poll_is_ready() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = pin!(map.wait(1));
    assert_eq!(subscribe(&task, wait.as_mut()), Ok(()));
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(task.wakes(), 1);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok("value")));
}

#[test]
fn a_second_subscription_is_ok_and_replaces_the_waker() {
    let map: Map = new_map();
    let (old, new) = (Task::new(), Task::new());
    let mut wait = pin!(map.wait(1));
    assert_eq!(subscribe(&old, wait.as_mut()), Ok(()));
    assert_eq!(subscribe(&new, wait.as_mut()), Ok(()));
    assert_eq!(old.drops(), old.clones());
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
}

#[test]
fn one_subscription_may_be_polled_again() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = pin!(map.wait(1));
    let mut subscription = wait.as_mut().subscribe();
    for _ in 0..2 {
        assert_eq!(task.poll(std::pin::Pin::new(&mut subscription)), Poll::Ready(Ok(())));
    }
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
}

#[test]
fn a_subscription_of_a_wait_that_has_ended_is_ok_and_changes_nothing() {
    let map: Map = new_map();
    let task = Task::new();
    let mut delivered = registered(&map, 1, &task);
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!(subscribe(&task, delivered.as_mut()), Ok(()), "delivered");
    assert_eq!(task.poll(delivered.as_mut()), Poll::Ready(Ok("value")));
    assert_eq!(subscribe(&task, delivered.as_mut()), Ok(()), "retrieved");

    let mut closed = registered(&map, 2, &task);
    map.close();
    assert_eq!(subscribe(&task, closed.as_mut()), Ok(()), "closed while registered");
    assert_eq!(task.poll(closed.as_mut()), Poll::Ready(Err(WaitError::Closed)));
    assert_eq!(subscribe(&task, closed.as_mut()), Ok(()), "the close was reported");
}

#[test]
fn a_repeated_poll_of_the_same_task_clones_no_second_waker() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    for _ in 0..3 {
        assert!(task.poll(wait.as_mut()).is_pending());
    }
    assert_eq!((task.clones(), task.drops()), (1, 0));
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let map: Map = new_map();
    let (old, new) = (Task::new(), Task::new());
    let mut wait = registered(&map, 1, &old);
    assert!(new.poll(wait.as_mut()).is_pending());
    assert_eq!((old.clones(), old.drops()), (1, 1), "the old waker is dropped at once");
    assert_eq!(map.wake(&1, "value"), WakeOutcome::Woke);
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    assert_eq!(old.poll(wait.as_mut()), Poll::Ready(Ok("value")), "whoever polls gets the value");
}

#[test]
fn a_registered_wait_that_is_dropped_frees_its_key() {
    let map: Map = new_map();
    let task = Task::new();
    drop(registered(&map, 1, &task));
    assert_eq!((task.clones(), task.drops(), task.wakes()), (1, 1, 0));
    assert_eq!(map.wake(&1, "late"), WakeOutcome::NoMatch("late"));
    let _again = registered(&map, 1, &task);
}

#[test]
fn a_value_that_is_not_collected_is_dropped_with_the_wait() {
    let map = new_map::<u32, Tracked>();
    let task = Task::new();
    let wait = registered(&map, 1, &task);
    let (value, drops) = Tracked::new(0);
    assert_eq!(map.wake(&1, value), WakeOutcome::Woke);
    assert_eq!(count(&drops), 0);
    drop(wait);
    assert_eq!(count(&drops), 1);
}

#[test]
fn a_collected_value_is_not_dropped_with_the_wait() {
    let map = new_map::<u32, Tracked>();
    let task = Task::new();
    let mut wait = registered(&map, 1, &task);
    let (value, drops) = Tracked::new(0);
    assert_eq!(map.wake(&1, value), WakeOutcome::Woke);
    let Poll::Ready(Ok(value)) = task.poll(wait.as_mut()) else { panic!("delivered") };
    drop(wait);
    assert_eq!(count(&drops), 0);
    drop(value);
    assert_eq!(count(&drops), 1);
}

#[test]
fn a_value_given_back_is_not_dropped_by_the_map() {
    let map = new_map::<u32, Tracked>();
    let (value, drops) = Tracked::new(0);
    let WakeOutcome::NoMatch(value) = map.wake(&1, value) else { panic!("nobody waits") };
    map.close();
    let WakeOutcome::Closed(value) = map.wake(&1, value) else { panic!("closed") };
    assert_eq!(count(&drops), 0);
    drop(value);
}

#[test]
fn a_key_is_dropped_once_and_with_the_wait() {
    let map = new_map::<Tracked, u32>();
    let task = Task::new();
    let (key, drops) = Tracked::new(7);
    let (probe, _) = Tracked::new(7);
    let mut wait = registered(&map, key, &task);
    assert_eq!(map.wake(&probe, 1), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(1)));
    assert_eq!(count(&drops), 0);
    drop(wait);
    assert_eq!(count(&drops), 1);
}

#[test]
fn keys_and_values_may_have_no_size() {
    let map = new_map::<(), ()>();
    let task = Task::new();
    let mut wait = registered(&map, (), &task);
    assert_eq!(map.wake(&(), ()), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(())));
}
