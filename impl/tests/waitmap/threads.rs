//! The map on real threads: every value arrives once, nobody sleeps for ever.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use raddle::platform::{Memory, Native, Spin};
use raddle::{WaitError, WakeOutcome};

use super::index::{WaitMap, new_map, new_map_on};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Wakes `key` until somebody was there to take `value`; `false` if the map was closed.
fn deliver<P: Memory>(map: &WaitMap<usize, usize, P>, key: usize, mut value: usize) -> bool {
    loop {
        match map.wake(&key, value) {
            WakeOutcome::Woke => return true,
            WakeOutcome::NoMatch(back) => value = back,
            WakeOutcome::Closed(_) => return false,
        }
        thread::yield_now();
    }
}

fn every_value_arrives<P: Memory>() {
    const KEYS: usize = 3;
    const ROUNDS: usize = 300;
    let map = new_map_on::<usize, usize, P>();
    thread::scope(|scope| {
        for key in 0..KEYS {
            let map = &map;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    assert_eq!(block_on(map.wait(key)), Ok(round));
                }
            });
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    assert!(deliver(map, key, round));
                }
            });
        }
    });
}

#[test]
fn every_value_arrives_in_order_of_its_key() {
    every_value_arrives::<Native>();
    every_value_arrives::<Spin>();
}

#[test]
fn cancelled_waits_leave_the_others_alone() {
    const KEYS: usize = 2;
    const ROUNDS: usize = 400;
    let map = new_map::<usize, usize>();
    let (woken, consumed, finished) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for key in 0..KEYS {
            let (map, consumed, finished) = (&map, &consumed, &finished);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    consumed.fetch_add(wait_impatiently(map, key, round % 3), Ordering::SeqCst);
                }
                finished.fetch_add(1, Ordering::SeqCst);
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                while finished.load(Ordering::SeqCst) < KEYS {
                    let outcomes = (0..KEYS).map(|key| map.wake(&key, key));
                    let count = outcomes.filter(|outcome| *outcome == WakeOutcome::Woke).count();
                    woken.fetch_add(count, Ordering::SeqCst);
                }
            });
        }
    });
    let (woken, consumed) = (woken.into_inner(), consumed.into_inner());
    assert!(consumed <= woken, "no value from nowhere");
    assert!(woken <= KEYS * ROUNDS, "no waiter woken twice");
    assert!(format!("{map:?}").contains("registered: Some(0)"), "nobody left behind");
}

/// Registers, looks again after `yields` yields, and is dropped, maybe with a value that came at the last
/// moment. Returns how many values it got to see.
fn wait_impatiently(map: &WaitMap<usize, usize>, key: usize, yields: usize) -> usize {
    let mut context = Context::from_waker(Waker::noop());
    let mut wait = pin!(map.wait(key));
    assert!(wait.as_mut().poll(&mut context).is_pending());
    (0..yields).for_each(|_| thread::yield_now());
    match wait.as_mut().poll(&mut context) {
        Poll::Ready(result) => usize::from(result == Ok(key)),
        Poll::Pending => 0,
    }
}

#[test]
fn a_close_reaches_everybody() {
    const WAITERS: usize = 40;
    for _ in 0..20 {
        let map = Arc::new(new_map::<usize, usize>());
        let arrived = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..WAITERS)
            .map(|key| {
                let (wait, arrived) = (map.wait_owned(key), arrived.clone());
                thread::spawn(move || {
                    arrived.fetch_add(1, Ordering::SeqCst);
                    block_on(wait)
                })
            })
            .collect();
        // From none to all of them may be registered by now, or about to be.
        while arrived.load(Ordering::SeqCst) < WAITERS / 2 {
            thread::yield_now();
        }
        map.close();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Err(WaitError::Closed));
        }
    }
}

#[test]
fn a_condition_is_not_missed() {
    const GOAL: usize = 200;
    let map = new_map::<usize, usize>();
    let reached = AtomicUsize::new(0);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| block_on(map.wait_for(1, || reached.load(Ordering::SeqCst) >= GOAL)));
        for _ in 0..GOAL {
            reached.fetch_add(1, Ordering::SeqCst);
            // Nobody there: then the test that comes later sees the count.
            let _ = map.wake(&1, 0);
        }
        assert_eq!(waiter.join().unwrap(), Ok(()));
    });
}
