//! User code that the map calls, and that calls the map: nothing of it may run under the map's lock.

use crate::choice::Kind;
use crate::systems::waitmap::items::Hook;
use crate::systems::waitmap::scene::{Patience, Scene};
use crate::systems::waitmap::subject::Subject;
use crate::systems::waitmap::task::Hooks;

/// A hook that calls the map in one of several ways, or not at all: a choice.
fn call_back<S: Subject>(scene: &Scene<S>) -> Hook {
    let scene = scene.clone();
    Box::new(move || match scene.ask(Kind::Reentry, 5) {
        0 => {}
        1 => drop(scene.wake(2)),
        2 => scene.close(),
        3 => drop(scene.is_closed()),
        _ => {
            let task = scene.task();
            scene.wait(3).poll(&task);
        }
    })
}

pub(super) fn from_wake<S: Subject>(scene: Scene<S>) {
    let (first, second) = (scene.task(), scene.task());
    first.set_hooks(Hooks { on_wake: Some(call_back(&scene)), ..Hooks::default() });
    let mut waits = [scene.wait(1), scene.wait(2)];
    waits[0].poll(&first);
    waits[1].poll(&second);
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
        scene.close();
    });
    let [one, two] = waits;
    one.finish(&first, Patience::Cancellable);
    two.finish(&second, Patience::Cancellable);
    waker.join();
}

pub(super) fn from_waker<S: Subject>(scene: Scene<S>) {
    let (first, second) = (scene.task(), scene.task());
    let hooks =
        Hooks { on_clone: Some(call_back(&scene)), on_drop: Some(call_back(&scene)), ..Hooks::default() };
    let mut other = scene.wait(2);
    other.poll(&second);
    let mut wait = scene.wait(1);
    first.set_hooks(hooks);
    wait.poll(&first);
    // Replacing the waker drops the one before.
    let late = Hooks { on_drop: Some(call_back(&scene)), ..Hooks::default() };
    first.set_hooks(late);
    let waker = scene.spawn("waker", |scene| {
        scene.wake(1);
        scene.close();
    });
    wait.finish(&second, Patience::Cancellable);
    other.finish(&second, Patience::Cancellable);
    waker.join();
}

pub(super) fn from_items<S: Subject>(scene: Scene<S>) {
    let task = scene.task();
    let mut other = scene.wait(2);
    other.poll(&task);
    let mut wait = scene.wait_with(1, Some(call_back(&scene)));
    wait.poll(&task);
    let waker = scene.spawn("waker", |scene| {
        let on_drop = call_back(&scene);
        scene.wake_with(1, Some(on_drop));
        scene.close();
    });
    wait.finish(&task, Patience::Cancellable);
    other.finish(&task, Patience::Cancellable);
    waker.join();
}
