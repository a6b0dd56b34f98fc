//! `wait_for`: waits that go on until a condition holds, however often they are woken before.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use raddle::platform::{Atomic, AtomicInt, Memory};

use crate::systems::waitmap::scene::{Patience, Scene, Strand};
use crate::systems::waitmap::subject::Subject;

/// What the waiting task waits for: a count, raised by whoever wakes it.
type Count<S> = <<S as Subject>::Platform as Memory>::AtomicUsize;

fn count<S: Subject>() -> Arc<Count<S>> {
    Arc::new(Atomic::new(0))
}

/// Raises the count and wakes the key, twice.
fn raise_twice<S: Subject>(scene: &Scene<S>, count: Arc<Count<S>>) -> Strand<S> {
    scene.spawn("waker", move |scene| {
        for _ in 0..2 {
            count.fetch_add(1, Ordering::SeqCst);
            scene.wake(1);
        }
    })
}

pub(super) fn rounds<S: Subject>(scene: Scene<S>) {
    let count = count::<S>();
    let seen = Arc::clone(&count);
    let waiter = scene.spawn("waiter", move |scene| {
        let task = scene.task();
        let test = || seen.load(Ordering::SeqCst) >= 2;
        scene.wait_for(1, test).finish(&task, Patience::Cancellable);
    });
    raise_twice(&scene, count).join();
    scene.close();
    waiter.join();
}

pub(super) fn value_rounds<S: Subject>(scene: Scene<S>) {
    let count = count::<S>();
    let seen = Arc::clone(&count);
    let waiter = scene.spawn("waiter", move |scene| {
        let task = scene.task();
        let test = || seen.load(Ordering::SeqCst) >= 2;
        scene.wait_for_value(1, test).finish(&task, Patience::Cancellable);
    });
    raise_twice(&scene, count).join();
    scene.close();
    waiter.join();
}

pub(super) fn conflict<S: Subject>(scene: Scene<S>) {
    let count = count::<S>();
    let seen = Arc::clone(&count);
    let rival = scene.spawn("rival", move |scene| {
        let task = scene.task();
        let test = || seen.load(Ordering::SeqCst) >= 1;
        scene.wait_for(1, test).finish(&task, Patience::Cancellable);
    });
    let waker = raise_twice(&scene, Arc::clone(&count));
    let task = scene.task();
    scene.wait_for(1, || count.load(Ordering::SeqCst) >= 2).finish(&task, Patience::Endless);
    waker.join();
    scene.close();
    rival.join();
}
