//! Closing: final, seen by everybody, and it lets nobody sleep.

use crate::choice::Kind;
use crate::systems::waitmap::scene::{Patience, Scene};
use crate::systems::waitmap::subject::Subject;
use crate::systems::waitmap::task::Hooks;

pub(super) fn against_wake<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut wait = scene.wait(1);
    wait.poll(&task);
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
    });
    let closer = scene.spawn("closer", |scene| scene.close());
    wait.finish(&task, Patience::Endless);
    waker.join();
    closer.join();
    scene.wake(1);
    scene.wait(1).finish(&task, Patience::Endless);
}

pub(super) fn against_registration<S: Subject>(scene: Scene<S>) {
    let waiter = scene.spawn("waiter", |scene| {
        let task = scene.task();
        scene.wait(1).finish(&task, Patience::Endless);
    });
    scene.close();
    let task = scene.task();
    scene.wait(2).finish(&task, Patience::Endless);
    waiter.join();
}

pub(super) fn is_absorbing<S: Subject>(scene: Scene<S>) {
    let waiter = scene.spawn("waiter", |scene| {
        let task = scene.task();
        scene.wait(1).finish(&task, Patience::Cancellable);
    });
    let reader = scene.spawn("reader", |scene| {
        scene.is_closed();
        scene.is_closed();
    });
    scene.close();
    scene.is_closed();
    scene.wake(1);
    waiter.join();
    reader.join();
    scene.is_closed();
}

/// More waits than a close wakes in one batch.
const CROWD: u32 = 18;

pub(super) fn many<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut crowd: Vec<_> = (0..CROWD).map(|key| scene.wait(key)).collect();
    for wait in &mut crowd {
        wait.poll(&task);
    }
    let closer = scene.spawn("closer", |scene| scene.close());
    // The youngest first: those that the close has not come to yet.
    while let Some(mut wait) = crowd.pop() {
        match scene.choose(3) {
            0 => drop(wait.poll(&task)),
            1 => drop(wait),
            _ => drop(wait.finish(&task, Patience::Endless)),
        }
    }
    closer.join();
}

/// The fewest waits for which a close needs two batches.
const TWO_BATCHES: u32 = 17;

pub(super) fn two_batches<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut crowd: Vec<_> = (0..TWO_BATCHES).map(|key| scene.wait(key)).collect();
    for wait in &mut crowd {
        wait.poll(&task);
    }
    let closer = scene.spawn("closer", |scene| scene.close());
    // The only one of the second batch, then the first, a middle or the last one of the first batch. Nobody sleeps before the close is
    // over, so the wakers of the crowd have nobody to race with, and all orders of events can be searched.
    let place = [0, 7, 15][scene.choose(3) as usize];
    for place in [16, place] {
        let mut wait = crowd.remove(place);
        if scene.choose(2) == 0 {
            wait.poll(&task);
            crowd.push(wait);
        }
    }
    closer.join();
    for wait in crowd {
        wait.finish(&task, Patience::Endless);
    }
}

pub(super) fn with_panics<S: Subject>(scene: Scene<S>) {
    let tasks = [scene.task(), scene.task(), scene.task()];
    let mut waits = [scene.wait(1), scene.wait(2), scene.wait(3)];
    for (wait, task) in waits.iter_mut().zip(&tasks) {
        wait.poll(task);
    }
    for task in &tasks {
        task.set_hooks(Hooks { panics: scene.ask(Kind::Panic, 2) == 1, ..Hooks::default() });
    }
    let waker = scene.spawn("waker", |scene| {
        scene.wake(2);
    });
    let closer = scene.spawn("closer", |scene| scene.close());
    for (wait, task) in waits.into_iter().zip(&tasks) {
        wait.finish(task, Patience::Endless);
    }
    waker.join();
    closer.join();
}
