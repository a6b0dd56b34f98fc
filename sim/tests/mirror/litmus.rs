//! The small programs by which memory models are told apart. The simulator's memory is sequentially consistent, so what every model
//! forbids never happens here, and what only a weaker one allows does not happen either: those are known gaps, and their names say
//! so.

use std::collections::BTreeSet;

use raddle_sim::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use raddle_sim::sync::atomic::{AtomicUsize, fence};
use raddle_sim::thread;

use crate::{Outcomes, outcomes, returned};

type Cells = [AtomicUsize; 2];

/// All pairs that two threads return.
fn pairs<A, B>(one: fn(&Cells) -> A, other: fn(&Cells) -> B) -> Outcomes<(A, B)>
where
    A: Ord + Send,
    B: Ord + Send,
{
    outcomes(move || {
        let cells = [const { AtomicUsize::new(0) }; 2];
        thread::scope(|scope| {
            let one = scope.spawn(|| one(&cells));
            let other = other(&cells);
            (one.join().unwrap(), other)
        })
    })
}

/// Each of two threads stores into its cell and loads that of the other, with a fence in between if one is given.
fn store_buffering(store: Ordering, load: Ordering, between: Option<Ordering>) -> Outcomes<(usize, usize)> {
    let side = move |own: &AtomicUsize, other: &AtomicUsize| {
        own.store(1, store);
        if let Some(order) = between {
            fence(order);
        }
        other.load(load)
    };
    outcomes(move || {
        let [x, y] = [const { AtomicUsize::new(0) }; 2];
        thread::scope(|scope| {
            let one = scope.spawn(|| side(&x, &y));
            let other = side(&y, &x);
            (one.join().unwrap(), other)
        })
    })
}

#[test]
fn store_buffering_with_fences_is_forbidden() {
    let all = store_buffering(Relaxed, Relaxed, Some(SeqCst));
    assert_eq!(all, returned([(0, 1), (1, 0), (1, 1)]));
}

#[test]
fn cannot_see_store_buffering_of_weaker_orders() {
    for (store, load) in [(Relaxed, Relaxed), (Release, Acquire)] {
        let all = store_buffering(store, load, None);
        assert_eq!(all, returned([(0, 1), (1, 0), (1, 1)]), "(0, 0) is missing");
    }
}

#[test]
fn message_passing_by_release_and_acquire_is_never_stale() {
    let all = pairs(
        |[data, ready]| {
            data.store(1, Relaxed);
            ready.store(1, Release);
        },
        |[data, ready]| (ready.load(Acquire), data.load(Relaxed)),
    );
    assert_eq!(all, returned([((), (0, 0)), ((), (0, 1)), ((), (1, 1))]));
}

#[test]
fn cannot_see_stale_reads_of_relaxed_atomics() {
    let all = pairs(
        |[data, ready]| {
            data.store(1, Relaxed);
            ready.store(1, Relaxed);
        },
        |[data, ready]| (ready.load(Relaxed), data.load(Relaxed)),
    );
    assert_eq!(all, returned([((), (0, 0)), ((), (0, 1)), ((), (1, 1))]), "(1, 0) is missing");
}

#[test]
fn message_passing_through_a_release_sequence_is_never_stale() {
    let all = outcomes(|| {
        let [data, ready] = [const { AtomicUsize::new(0) }; 2];
        thread::scope(|scope| {
            scope.spawn(|| {
                data.store(1, Relaxed);
                ready.store(1, Release);
            });
            // A read-modify-write in between keeps the sequence that the store has begun.
            scope.spawn(|| ready.fetch_add(1, Relaxed));
            (ready.load(Acquire), data.load(Relaxed))
        })
    });
    let seen: BTreeSet<(usize, usize)> =
        all.into_iter().map(|outcome| outcome.expect("it returns")).collect();
    assert!(seen.contains(&(2, 1)) && !seen.contains(&(2, 0)), "{seen:?}");
}

/// The writer's store, as another thread passes it on, seen by a third.
fn write_to_read_causality(pass_on: Ordering, look: Ordering) -> BTreeSet<(usize, usize, usize)> {
    let all = outcomes(move || {
        let [x, y] = [const { AtomicUsize::new(0) }; 2];
        thread::scope(|scope| {
            scope.spawn(|| x.store(1, Relaxed));
            let middle = scope.spawn(|| {
                let seen = x.load(Relaxed);
                y.store(1, pass_on);
                seen
            });
            let last = (y.load(look), x.load(Relaxed));
            (middle.join().unwrap(), last.0, last.1)
        })
    });
    all.into_iter().map(|outcome| outcome.expect("it returns")).collect()
}

#[test]
fn what_was_seen_and_passed_on_is_seen() {
    let all = write_to_read_causality(Release, Acquire);
    assert!(all.contains(&(1, 1, 1)) && !all.contains(&(1, 1, 0)), "{all:?}");
}

#[test]
fn cannot_see_causality_broken_by_relaxed_atomics() {
    let all = write_to_read_causality(Relaxed, Relaxed);
    assert!(!all.contains(&(1, 1, 0)), "the language allows it");
}

#[test]
fn two_reads_of_one_atomic_never_go_back_in_time() {
    let all = pairs(|[x, _]| x.store(1, Relaxed), |[x, _]| (x.load(Relaxed), x.load(Relaxed)));
    assert_eq!(all, returned([((), (0, 0)), ((), (0, 1)), ((), (1, 1))]));
}

#[test]
fn the_later_of_two_writes_of_a_thread_is_the_last() {
    let all = pairs(
        |[x, _]| {
            x.store(1, Relaxed);
            x.store(2, Relaxed);
            x.load(Relaxed)
        },
        |[x, _]| x.load(Relaxed),
    );
    assert_eq!(all, returned([(2, 0), (2, 1), (2, 2)]));
}

#[test]
fn cannot_see_both_first_of_four_relaxed_writes_last() {
    let all = outcomes(|| {
        let [x, y] = [const { AtomicUsize::new(0) }; 2];
        thread::scope(|scope| {
            scope.spawn(|| {
                x.store(1, Relaxed);
                y.store(2, Relaxed);
            });
            y.store(1, Relaxed);
            x.store(2, Relaxed);
        });
        (x.into_inner(), y.into_inner())
    });
    assert_eq!(all, returned([(1, 2), (2, 1), (2, 2)]), "(1, 1) is missing");
}

#[test]
fn cannot_see_load_buffering() {
    let all = pairs(
        |[x, y]| {
            let seen = x.load(Relaxed);
            y.store(1, Relaxed);
            seen
        },
        |[x, y]| {
            let seen = y.load(Relaxed);
            x.store(1, Relaxed);
            seen
        },
    );
    assert_eq!(all, returned([(0, 0), (0, 1), (1, 0)]), "(1, 1) is missing");
}

#[test]
fn an_exchange_is_never_split() {
    let all = pairs(|[x, _]| x.swap(1, AcqRel), |[x, _]| x.swap(2, AcqRel));
    assert_eq!(all, returned([(0, 1), (2, 0)]));
}
