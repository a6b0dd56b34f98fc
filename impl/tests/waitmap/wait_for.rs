//! Waiting for a condition: as many rounds as it takes.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, Tracked, count, panic_text, registered};

use super::index::{WaitMap, immortal, new_map};

type Map = WaitMap<u32, u32>;

#[test]
fn a_condition_that_holds_ends_the_wait_at_once_and_frees_the_key() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = pin!(map.wait_for(1, || true));
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(map.wake(&1, 7), WakeOutcome::NoMatch(7));
    let _other = registered(&map, 1, &task);
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let map: Map = new_map();
    let tested = Cell::new(0);
    let wait = map.wait_for(1, || {
        tested.set(tested.get() + 1);
        false
    });
    assert_eq!(map.wake(&1, 7), WakeOutcome::NoMatch(7));
    drop(wait);
    assert_eq!(tested.get(), 0);
}

#[test]
fn every_wake_makes_it_test_and_wait_again() {
    let map = new_map::<u32, Tracked>();
    let task = Task::new();
    let (tests, holds) = (Cell::new(0), Cell::new(false));
    let mut wait = pin!(map.wait_for(1, || {
        tests.set(tests.get() + 1);
        holds.get()
    }));
    assert!(task.poll(wait.as_mut()).is_pending());
    for round in 1..=5 {
        assert_eq!(tests.get(), round);
        let (value, drops) = Tracked::new(round);
        assert_eq!(map.wake(&1, value), WakeOutcome::Woke);
        assert_eq!(task.wakes(), round as usize);
        assert_eq!(count(&drops), 0, "not looked at yet");
        assert!(task.poll(wait.as_mut()).is_pending());
        assert_eq!(count(&drops), 1, "the value is discarded");
    }
    assert!(task.poll(wait.as_mut()).is_pending(), "a poll without a reason");
    assert_eq!(tests.get(), 6, "does not test");
    holds.set(true);
    assert_eq!(map.wake(&1, Tracked::new(0).0), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(())));
    assert!(matches!(map.wake(&1, Tracked::new(0).0), WakeOutcome::NoMatch(_)), "the key is free");
}

#[test]
fn a_condition_may_give_a_value() {
    let map: Map = new_map();
    let task = Task::new();
    let found = RefCell::new(None);
    let mut wait = pin!(map.wait_for_value(1, || found.borrow_mut().take()));
    assert!(task.poll(wait.as_mut()).is_pending());
    assert_eq!(map.wake(&1, 0), WakeOutcome::Woke);
    assert!(task.poll(wait.as_mut()).is_pending());
    *found.borrow_mut() = Some(String::from("found"));
    assert_eq!(map.wake(&1, 0), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(String::from("found"))));
}

#[test]
fn it_is_registered_while_the_condition_is_tested() {
    let map: &'static WaitMap<u32, Tracked> = immortal();
    let task = Task::new();
    let tests = AtomicUsize::new(0);
    let (value, drops) = Tracked::new(0);
    let value = Cell::new(Some(value));
    // A wake during the first test is not lost: the second test follows in the same poll.
    let mut wait = pin!(map.wait_for(1, || {
        if let Some(value) = value.take() {
            assert_eq!(map.wake(&1, value), WakeOutcome::Woke);
        }
        tests.fetch_add(1, Ordering::SeqCst) == 1
    }));
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(())));
    assert_eq!((tests.load(Ordering::SeqCst), count(&drops)), (2, 1));
}

#[test]
fn a_value_that_came_when_the_condition_held_is_dropped() {
    let map: &'static WaitMap<u32, Tracked> = immortal();
    let (value, drops) = Tracked::new(0);
    let value = Cell::new(Some(value));
    let mut wait = pin!(map.wait_for(1, || {
        assert_eq!(map.wake(&1, value.take().expect("tested once")), WakeOutcome::Woke);
        true
    }));
    assert_eq!(Task::new().poll(wait.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(count(&drops), 1);
}

#[test]
fn a_taken_key_is_reported_at_the_first_registration_before_any_test() {
    let map: Map = new_map();
    let task = Task::new();
    let _first = registered(&map, 1, &task);
    let mut wait = pin!(map.wait_for(1, || panic!("not tested")));
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Duplicate)));
}

#[test]
fn a_taken_key_is_reported_at_a_later_registration() {
    let map: Map = new_map();
    let (task, thief) = (Task::new(), Task::new());
    let mut wait = pin!(map.wait_for(1, || false));
    assert!(task.poll(wait.as_mut()).is_pending());
    assert_eq!(map.wake(&1, 7), WakeOutcome::Woke);
    let mut stolen = registered(&map, 1, &thief);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Err(WaitError::Duplicate)));
    assert_eq!(map.wake(&1, 8), WakeOutcome::Woke);
    assert_eq!(thief.poll(stolen.as_mut()), Poll::Ready(Ok(8)));
}

#[test]
fn a_close_ends_it_before_while_and_between() {
    let task = Task::new();

    let map: Map = new_map();
    map.close();
    let mut before = pin!(map.wait_for(1, || panic!("not tested")));
    assert_eq!(task.poll(before.as_mut()), Poll::Ready(Err(WaitError::Closed)));

    let map: Map = new_map();
    let mut registered = pin!(map.wait_for(1, || false));
    assert!(task.poll(registered.as_mut()).is_pending());
    map.close();
    assert_eq!(task.wakes(), 1);
    assert_eq!(task.poll(registered.as_mut()), Poll::Ready(Err(WaitError::Closed)));

    let map: Map = new_map();
    let mut woken = pin!(map.wait_for_value(1, || None::<u32>));
    assert!(task.poll(woken.as_mut()).is_pending());
    assert_eq!(map.wake(&1, 7), WakeOutcome::Woke);
    map.close();
    assert_eq!(task.poll(woken.as_mut()), Poll::Ready(Err(WaitError::Closed)));
}

#[test]
fn dropped_it_frees_its_key() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = Box::pin(map.wait_for(1, || false));
    assert!(task.poll(wait.as_mut()).is_pending());
    drop(wait);
    assert_eq!((task.clones(), task.drops()), (1, 1));
    assert_eq!(map.wake(&1, 7), WakeOutcome::NoMatch(7));
}

#[test]
fn a_panicking_condition_frees_the_key() {
    let map: Map = new_map();
    let task = Task::new();
    let mut wait = Box::pin(map.wait_for(1, || panic!("the condition panics")));
    let text = panic_text(|| task.poll(wait.as_mut()));
    assert_eq!(text, "the condition panics");
    assert_eq!(map.wake(&1, 7), WakeOutcome::NoMatch(7));
}

#[test]
fn a_discarded_value_may_use_the_map_when_it_is_dropped() {
    let map: &'static WaitMap<u32, Tracked> = immortal();
    let task = Task::new();
    let mut wait = pin!(map.wait_for(1, || false));
    assert!(task.poll(wait.as_mut()).is_pending());
    let outcome = Arc::new(AtomicUsize::new(0));
    let in_drop = outcome.clone();
    let value = Tracked::on_drop(0, move || {
        let wake = map.wake(&1, Tracked::new(1).0);
        assert!(matches!(wake, WakeOutcome::NoMatch(_)), "it registers again after the drop");
        in_drop.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!(map.wake(&1, value), WakeOutcome::Woke);
    assert!(task.poll(wait.as_mut()).is_pending());
    assert_eq!(count(&outcome), 1);
    assert_eq!(map.wake(&1, Tracked::new(2).0), WakeOutcome::Woke);
}

#[test]
fn the_key_is_dropped_once_after_all_rounds() {
    let map = new_map::<Tracked, u32>();
    let task = Task::new();
    let (key, drops) = Tracked::new(1);
    let probe = Tracked::new(1).0;
    let rounds = Cell::new(0);
    let mut wait = pin!(map.wait_for(key, || rounds.replace(rounds.get() + 1) == 3));
    for _ in 0..3 {
        assert!(task.poll(wait.as_mut()).is_pending());
        assert_eq!(map.wake(&probe, 7), WakeOutcome::Woke);
        assert_eq!(count(&drops), 0);
    }
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(())));
    assert_eq!(count(&drops), 1);
}
