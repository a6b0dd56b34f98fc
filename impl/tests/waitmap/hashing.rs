//! Hashing: user code that runs outside of the locks and may do what it likes.

use std::hash::{Hash, Hasher};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use raddle::{HashedWaitMap, WaitError, WakeOutcome};

use crate::support::{Repeatable, Task, Tracked, count, panic_text, registered, subscribe};

type Map<K, V> = HashedWaitMap<K, V, Repeatable>;
type Hook = Option<Box<dyn Fn() + Send>>;

/// Runs a hook when it is hashed, and counts that.
struct Hooked {
    number: u32,
    hashed: Arc<AtomicUsize>,
    hook: Hook,
}

impl Hooked {
    fn new(number: u32) -> Hooked {
        Hooked { number, hashed: Arc::default(), hook: None }
    }

    fn with(number: u32, hook: impl Fn() + Send + 'static) -> Hooked {
        Hooked { hook: Some(Box::new(hook)), ..Hooked::new(number) }
    }

    /// Panics when it is hashed for the `nth` time, counted from zero.
    fn panicking(number: u32, nth: usize) -> Hooked {
        let hashed = Arc::new(AtomicUsize::new(0));
        let counter = hashed.clone();
        let hook = move || assert!(count(&counter) != nth + 1, "the hash panics");
        Hooked { number, hashed, hook: Some(Box::new(hook)) }
    }
}

impl PartialEq for Hooked {
    fn eq(&self, other: &Hooked) -> bool {
        self.number == other.number
    }
}

impl Eq for Hooked {}

impl Hash for Hooked {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.hashed.fetch_add(1, Ordering::SeqCst);
        if let Some(hook) = &self.hook {
            hook();
        }
        self.number.hash(hasher);
    }
}

#[test]
fn a_wake_whose_hash_panics_drops_its_value_and_leaves_the_map_as_it_was() {
    let map = Map::<Hooked, Tracked>::with_buckets_on(8);
    let task = Task::new();
    let mut wait = registered(&map, Hooked::new(1), &task);
    let (value, drops) = Tracked::new(0);
    assert_eq!(panic_text(|| map.wake(&Hooked::panicking(1, 0), value)), "the hash panics");
    assert_eq!((count(&drops), task.wakes()), (1, 0));
    assert_eq!(map.wake(&Hooked::new(1), Tracked::new(5).0), WakeOutcome::Woke);
    let Poll::Ready(Ok(value)) = task.poll(wait.as_mut()) else { panic!("delivered") };
    assert_eq!(value.number, 5);
}

#[test]
fn a_registration_whose_hash_panics_did_not_happen_and_can_be_repeated() {
    let map = Map::<Hooked, u32>::with_buckets_on(8);
    let task = Task::new();
    let mut wait = Box::pin(map.wait(Hooked::panicking(1, 0)));
    assert_eq!(panic_text(|| task.poll(wait.as_mut())), "the hash panics");
    assert_eq!(task.clones(), task.drops());
    assert_eq!(map.wake(&Hooked::new(1), 1), WakeOutcome::NoMatch(1));
    assert_eq!(subscribe(&task, wait.as_mut()), Ok(()));
    assert_eq!(map.wake(&Hooked::new(1), 2), WakeOutcome::Woke);
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Ok(2)));
}

#[test]
fn a_wait_whose_hash_panicked_may_be_dropped() {
    let map = Map::<Hooked, u32>::with_buckets_on(8);
    let task = Task::new();
    let mut wait = Box::pin(map.wait(Hooked::panicking(1, 0)));
    assert_eq!(panic_text(|| subscribe(&task, wait.as_mut())), "the hash panics");
    drop(wait);
    assert!(format!("{map:?}").contains("registered: Some(0)"));
}

#[test]
fn a_condition_whose_second_hash_panics_ends_with_the_panic() {
    let map = Map::<Hooked, u32>::with_buckets_on(8);
    let task = Task::new();
    let mut wait = Box::pin(map.wait_for(Hooked::panicking(1, 1), || false));
    assert!(task.poll(wait.as_mut()).is_pending());
    assert_eq!(map.wake(&Hooked::new(1), 1), WakeOutcome::Woke);
    assert_eq!(panic_text(|| task.poll(wait.as_mut())), "the hash panics");
    assert_eq!(map.wake(&Hooked::new(1), 2), WakeOutcome::NoMatch(2));
}

#[test]
fn a_registered_wait_is_not_hashed_again() {
    let map = Map::<Hooked, u32>::with_buckets_on(8);
    let (one, other) = (Task::new(), Task::new());
    let key = Hooked::panicking(1, 1);
    let hashed = key.hashed.clone();
    let mut wait = registered(&map, key, &one);
    assert!(other.poll(wait.as_mut()).is_pending(), "with a new waker");
    drop(wait);
    let ended = Hooked::panicking(1, 1);
    let mut ended = registered(&map, ended, &one);
    map.close();
    assert_eq!(one.poll(ended.as_mut()), Poll::Ready(Err(WaitError::Closed)));
    assert_eq!(count(&hashed), 1);
}

#[test]
fn a_hash_may_use_the_map() {
    let map: &'static Map<Hooked, u32> = Box::leak(Box::new(Map::with_buckets_on(8)));
    let task = Task::new();
    let use_it = move || {
        assert_eq!(map.wake(&Hooked::new(1), 7), WakeOutcome::NoMatch(7));
        drop(registered(map, Hooked::new(1), &Task::new()));
    };
    let _wait = registered(map, Hooked::with(1, use_it), &task);
    let close = Hooked::with(1, move || map.close());
    assert_eq!(map.wake(&close, 7), WakeOutcome::Closed(7));
    assert_eq!(task.wakes(), 1);
}

/// Equal to every other, but hashed by number: what `Hash` forbids.
struct Liar(u32);

impl PartialEq for Liar {
    fn eq(&self, _: &Liar) -> bool {
        true
    }
}

impl Eq for Liar {}

impl Hash for Liar {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.hash(hasher);
    }
}

#[test]
fn equal_keys_with_unequal_hashes_do_no_harm() {
    let map = Map::<Liar, u32>::with_buckets_on(1);
    let task = Task::new();
    let mut waits: Vec<_> = (0..40).map(|number| registered(&map, Liar(number), &task)).collect();
    assert_eq!(task.poll(pin!(map.wait(Liar(3)))), Poll::Ready(Err(WaitError::Duplicate)));
    assert_eq!(map.wake(&Liar(3), 3), WakeOutcome::Woke);
    assert_eq!(task.poll(waits[3].as_mut()), Poll::Ready(Ok(3)));
    drop(waits.drain(10..30));
    map.close();
    assert_eq!(task.wakes(), 1 + 19);
}
