//! Dropping a wait while others wake it, close the map, or unlink what is next to it.

use crate::systems::waitmap::scene::{Patience, Scene};
use crate::systems::waitmap::subject::Subject;

pub(super) fn against_wake<S: Subject>(scene: Scene<S>) {
    let waiter = scene.spawn("waiter", |scene| {
        let task = scene.task();
        if scene.wait(1).finish(&task, Patience::Cancellable).is_none() {
            // The key is free again.
            scene.wait(1).finish(&task, Patience::Cancellable);
        }
    });
    scene.wake(1);
    scene.wake(1);
    scene.close();
    waiter.join();
}

pub(super) fn against_close<S: Subject>(scene: Scene<S>) {
    let waiters = [("waiter 1", 1), ("waiter 2", 2)].map(|(name, key)| {
        scene.spawn(name, move |scene| {
            let task = scene.task();
            scene.wait(key).finish(&task, Patience::Cancellable);
        })
    });
    scene.close();
    waiters.into_iter().for_each(|waiter| waiter.join());
}

pub(super) fn neighbours<S: Subject>(scene: Scene<S>) {
    let waiters = [("waiter 1", 1), ("waiter 2", 2), ("waiter 3", 3)].map(|(name, key)| {
        scene.spawn(name, move |scene| {
            let task = scene.task();
            scene.wait(key).finish(&task, Patience::Cancellable);
        })
    });
    scene.wake(2);
    scene.wake(1);
    scene.wake(3);
    scene.close();
    waiters.into_iter().for_each(|waiter| waiter.join());
}
