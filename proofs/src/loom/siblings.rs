//! Whoever can go on where another thread cannot is tried there, though one of them sleeps.
//!
//! In each program V is preempted before it stores to `x` by U, which may swap `x`, and U, before it has loaded `y`, by R, which stores to `y`
//! and then lets others go. Loom goes on with V, whose step is asleep; what U does first is not a race there, as it loads the
//! old `y`.

use std::sync::atomic::Ordering::Relaxed;

use raddle::platform::{Atomic, Join, Memory, Mutex, Shared, Threads, Unpark};

use super::random::{Search, outcomes};
use super::{Loom, LoomArc, LoomMutex, LoomU64};

/// How R lets others go.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lets {
    /// It looks again and again, with yields, until V has gone on.
    Yield,
    /// It waits until V has gone on.
    Park,
    /// It waits for a mutex, which U holds.
    Lock,
    /// It ends.
    End,
}

struct Shelf {
    x: LoomU64,
    y: LoomU64,
    z: LoomU64,
    has_gone_on: <Loom as Memory>::AtomicBool,
    held: LoomMutex<()>,
    first: <Loom as Threads>::Thread,
}

fn r(shelf: &Shelf, lets: Lets) -> u64 {
    let z = shelf.z.load(Relaxed);
    shelf.y.store(1, Relaxed);
    match lets {
        Lets::Yield => {
            while !shelf.has_gone_on.load(Relaxed) {
                Loom::yield_now();
            }
        }
        Lets::Park => Loom::park(),
        Lets::Lock => drop(shelf.held.lock()),
        Lets::End => {}
    }
    z
}

fn v(shelf: &Shelf, lets: Lets) {
    shelf.z.store(1, Relaxed);
    shelf.x.store(1, Relaxed);
    match lets {
        Lets::Yield => shelf.has_gone_on.store(true, Relaxed),
        Lets::Park => shelf.first.unpark(),
        Lets::Lock | Lets::End => {}
    }
}

/// What was in `x`, if it was to be swapped.
fn u(shelf: &Shelf, lets: Lets) -> Option<u64> {
    let _guard = (lets == Lets::Lock).then(|| shelf.held.lock());
    (shelf.y.load(Relaxed) == 1).then(|| shelf.x.swap(2, Relaxed))
}

/// What R and U have read.
fn run(lets: Lets) -> (u64, Option<u64>) {
    let shelf = LoomArc::new(Shelf {
        x: Atomic::new(0),
        y: Atomic::new(0),
        z: Atomic::new(0),
        has_gone_on: Atomic::new(false),
        held: Mutex::new(()),
        first: Loom::current(),
    });
    let (of_v, of_u, of_r) = (shelf.clone(), shelf.clone(), shelf.clone());
    let started = "loom starts threads";
    let second = Loom::spawn("v", move || v(&of_v, lets)).expect(started);
    let third = Loom::spawn("u", move || u(&of_u, lets)).expect(started);
    let panicked = "it does not panic";
    // The main thread does not end before the others.
    let z = if lets == Lets::End {
        Loom::spawn("r", move || r(&of_r, lets)).expect(started).join().expect(panicked)
    } else {
        r(&shelf, lets)
    };
    second.join().expect(panicked);
    (z, third.join().expect(panicked))
}

#[track_caller]
fn all_is_found(lets: Lets) {
    let (_, plain) = outcomes(move || run(lets), Search::Plain);
    let (_, pruned) = outcomes(move || run(lets), Search::Pruned);
    assert!(pruned.contains(&(1, Some(0))), "{lets:?}: {pruned:?}");
    assert!(pruned.is_superset(&plain), "{lets:?}: {pruned:?} of {plain:?}");
}

#[test]
fn who_can_go_on_is_tried_where_another_yields() {
    all_is_found(Lets::Yield);
}

#[test]
fn who_can_go_on_is_tried_where_another_parks() {
    all_is_found(Lets::Park);
}

#[test]
fn who_can_go_on_is_tried_where_another_waits_for_a_mutex() {
    all_is_found(Lets::Lock);
}

#[test]
fn who_can_go_on_is_tried_where_another_ends() {
    all_is_found(Lets::End);
}
