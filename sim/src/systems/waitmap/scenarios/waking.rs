//! Registering and waking: who gets the value, and who is told so.

use raddle_spec::waitmap::Key;

use crate::systems::waitmap::scene::{Patience, Progress, Scene};
use crate::systems::waitmap::subject::Subject;

pub(super) fn around_registration<S: Subject>(scene: Scene<S>) {
    let waiter = scene.spawn("waiter", |scene| {
        let task = scene.task();
        scene.wait(1).finish(&task, Patience::Endless);
    });
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
        scene.wake(1);
    });
    waker.join();
    scene.close();
    waiter.join();
}

pub(super) fn two_keys<S: Subject>(scene: Scene<S>) {
    let waiters = [("waiter 1", 1), ("waiter 2", 2)].map(|(name, key)| {
        scene.spawn(name, move |scene| {
            let task = scene.task();
            scene.wait(key).finish(&task, Patience::Endless);
        })
    });
    scene.wake(2);
    scene.wake(1);
    scene.close();
    waiters.into_iter().for_each(|waiter| waiter.join());
}

pub(super) fn duplicate_keys<S: Subject>(scene: Scene<S>) {
    let waiters = ["waiter 1", "waiter 2"].map(|name| {
        scene.spawn(name, |scene| {
            let task = scene.task();
            scene.wait(1).finish(&task, Patience::Cancellable);
        })
    });
    scene.wake(1);
    scene.close();
    waiters.into_iter().for_each(|waiter| waiter.join());
}

pub(super) fn unequal_keys<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut strange = [scene.wait(Key::UNEQUAL.0), scene.wait(Key::UNEQUAL.0)];
    for wait in &mut strange {
        wait.poll(&task);
    }
    let waker = scene.spawn("waker", |scene| {
        scene.wake(Key::UNEQUAL.0);
        scene.wake(1);
    });
    let mut ordinary = scene.wait(1);
    ordinary.poll(&task);
    waker.join();
    scene.close();
    ordinary.finish(&task, Patience::Endless);
    for wait in strange {
        wait.finish(&task, Patience::Endless);
    }
}

pub(super) fn key_reuse<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut first = scene.wait(1);
    first.poll(&task);
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
        scene.wake(1);
    });
    // Registers if the first wake is over, is a duplicate otherwise.
    let mut second = scene.wait(1);
    second.poll(&task);
    first.poll(&task);
    waker.join();
    scene.close();
    first.finish(&task, Patience::Endless);
    second.finish(&task, Patience::Endless);
}

pub(super) fn finished_waits<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut woken = scene.wait(1);
    let mut duplicate = scene.wait(1);
    woken.poll(&task);
    duplicate.poll(&task);
    duplicate.poll(&task);
    let closer = scene.spawn("closer", |scene| {
        scene.wake(1);
        scene.close();
    });
    let mut closed = scene.wait(2);
    while closed.poll(&task) == Progress::Pending {
        task.sleep();
    }
    closer.join();
    for wait in [&mut woken, &mut duplicate, &mut closed] {
        wait.poll(&task);
        wait.poll(&task);
        wait.poll(&task);
    }
}

pub(super) fn subscribe_then_wake<S: Subject>(scene: Scene<S>) {
    let waiter = scene.spawn("waiter", |scene| {
        let task = scene.task();
        let mut wait = scene.wait(1);
        wait.subscribe(&task);
        wait.subscribe(&task);
        if wait.finish(&task, Patience::Cancellable).is_some() {
            let mut late = scene.wait(1);
            late.subscribe(&task);
            late.poll(&task);
            late.subscribe(&task);
        }
    });
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
        scene.wake(1);
    });
    waker.join();
    scene.close();
    waiter.join();
}

pub(super) fn waker_replaced<S: Subject>(scene: Scene<S>) {
    let (before, after) = (scene.task(), scene.task());
    let mut wait = scene.wait(1);
    wait.poll(&before);
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
    });
    // From here on only the second task sleeps: a wake of the first would be a wake lost.
    wait.finish(&after, Patience::Endless);
    waker.join();
}

pub(super) fn owned_wait_migrates<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut wait = scene.wait_owned(1);
    wait.poll(&task);
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
    });
    let new_home = scene.spawn("new home", |scene| {
        let task = scene.task();
        wait.finish(&task, Patience::Cancellable);
    });
    waker.join();
    new_home.join();
}

pub(super) fn owned_wait_outlives<S: Subject>(scene: Scene<S>) {
    let wait = scene.wait_owned(1);
    let waiter = scene.spawn("waiter", |scene| {
        let task = scene.task();
        drop(scene);
        wait.finish(&task, Patience::Cancellable);
    });
    match scene.choose(3) {
        0 => drop(scene.wake(1)),
        1 => scene.close(),
        // Nobody can wake it any more: it sleeps for ever, which the spec excuses.
        _ => {}
    }
    drop(scene);
    waiter.join();
}
