//! Keys: compared under the lock, and not always by well-behaved code.

use std::hash::{Hash, Hasher};
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use raddle::{WaitError, WakeOutcome};

use crate::support::{Task, Tracked, count, panic_text, registered, subscribe};

use super::index::{WaitMap, immortal, new_map};

/// Panics when it is compared while armed.
struct Touchy {
    number: u32,
    armed: AtomicBool,
}

impl Touchy {
    fn new(number: u32) -> Touchy {
        Touchy { number, armed: AtomicBool::new(false) }
    }

    fn armed(number: u32) -> Touchy {
        Touchy { number, armed: AtomicBool::new(true) }
    }
}

impl PartialEq for Touchy {
    fn eq(&self, other: &Touchy) -> bool {
        for key in [self, other] {
            assert!(!key.armed.swap(false, Ordering::SeqCst), "the comparison panics");
        }
        self.number == other.number
    }
}

impl Eq for Touchy {}

impl Hash for Touchy {
    // All alike, so that they are compared.
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[test]
fn a_wake_whose_comparison_panics_drops_its_value_and_leaves_the_map_as_it_was() {
    let map = new_map::<Touchy, Tracked>();
    let task = Task::new();
    let mut first = registered(&map, Touchy::new(1), &task);
    let mut second = registered(&map, Touchy::new(2), &task);
    let (value, drops) = Tracked::new(0);
    let result = panic::catch_unwind(AssertUnwindSafe(|| map.wake(&Touchy::armed(2), value)));
    assert!(result.is_err());
    assert_eq!(count(&drops), 1, "the value is gone, once");
    assert_eq!(task.wakes(), 0);
    for (key, wait) in [(2, &mut second), (1, &mut first)] {
        assert_eq!(map.wake(&Touchy::new(key), Tracked::new(key).0), WakeOutcome::Woke);
        let Poll::Ready(Ok(value)) = task.poll(wait.as_mut()) else { panic!("delivered") };
        assert_eq!(value.number, key);
    }
}

#[test]
fn a_registration_whose_comparison_panics_did_not_happen_and_can_be_repeated() {
    let map = new_map::<Touchy, &str>();
    let (one, two) = (Task::new(), Task::new());
    let _first = registered(&map, Touchy::new(1), &one);
    let mut second = Box::pin(map.wait(Touchy::armed(2)));
    assert_eq!(panic_text(|| two.poll(second.as_mut())), "the comparison panics");
    assert_eq!(two.clones(), two.drops());
    assert_eq!(map.wake(&Touchy::new(2), "early"), WakeOutcome::NoMatch("early"));
    assert!(two.poll(second.as_mut()).is_pending());
    assert_eq!(map.wake(&Touchy::new(2), "value"), WakeOutcome::Woke);
    assert_eq!(two.poll(second.as_mut()), Poll::Ready(Ok("value")));
}

#[test]
fn a_wait_whose_registration_panicked_may_be_dropped() {
    let map = new_map::<Touchy, &str>();
    let task = Task::new();
    let _first = registered(&map, Touchy::new(1), &task);
    let mut second = Box::pin(map.wait(Touchy::armed(2)));
    assert_eq!(panic_text(|| subscribe(&task, second.as_mut())), "the comparison panics");
    drop(second);
    map.close();
    assert_eq!(task.wakes(), 1);
}

/// Not equal to itself if it is not a number, though `Eq` forbids that.
#[derive(PartialEq)]
struct Number(f64);

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.to_bits().hash(hasher);
    }
}

#[test]
fn keys_that_are_not_equal_to_themselves_are_never_matched_and_never_duplicates() {
    let map = new_map::<Number, &str>();
    let (one, two, three) = (Task::new(), Task::new(), Task::new());
    let mut first = registered(&map, Number(f64::NAN), &one);
    let second = registered(&map, Number(f64::NAN), &two);
    let mut number = registered(&map, Number(1.5), &three);
    assert_eq!(map.wake(&Number(f64::NAN), "lost"), WakeOutcome::NoMatch("lost"));
    assert_eq!(map.wake(&Number(1.5), "found"), WakeOutcome::Woke);
    assert_eq!(three.poll(number.as_mut()), Poll::Ready(Ok("found")));
    drop(second);
    assert!(one.poll(first.as_mut()).is_pending());
    map.close();
    assert_eq!((one.wakes(), two.wakes()), (1, 0));
    assert_eq!(one.poll(first.as_mut()), Poll::Ready(Err(WaitError::Closed)));
}

#[test]
fn only_equality_counts_not_identity() {
    let map = new_map::<String, u32>();
    let task = Task::new();
    let _wait = registered(&map, String::from("key"), &task);
    let mut other = pin!(map.wait(["k", "ey"].concat()));
    assert_eq!(task.poll(other.as_mut()), Poll::Ready(Err(WaitError::Duplicate)));
    assert_eq!(map.wake(&String::from("key"), 1), WakeOutcome::Woke);
}

/// Looks at its map while it is compared.
struct Curious(&'static WaitMap<Curious, u32>);

impl PartialEq for Curious {
    fn eq(&self, _: &Curious) -> bool {
        assert!(!self.0.is_closed());
        assert!(format!("{:?}", self.0).contains("registered: None"), "the lock is held");
        true
    }
}

impl Eq for Curious {}

impl Hash for Curious {
    fn hash<H: Hasher>(&self, _: &mut H) {
        assert!(format!("{:?}", self.0).contains("registered: Some"), "no lock is held");
    }
}

#[test]
fn a_comparison_may_ask_whether_the_map_is_closed_and_print_it() {
    let map = immortal();
    let task = Task::new();
    let _wait = registered(map, Curious(map), &task);
    assert_eq!(map.wake(&Curious(map), 1), WakeOutcome::Woke);
}
