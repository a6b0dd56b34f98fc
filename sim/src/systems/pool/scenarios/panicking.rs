//! Workers that panic: the others are joined all the same, and the first panic in the order of `execute` goes on in the manager.

use crate::systems::pool::handles::Next;
use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;
use crate::systems::pool::worker::Worker;

/// Panics before it has done anything, between its two calls, or at its end; or not at all.
fn fragile<S: Subject>(worker: &Worker<S>) {
    worker.may_panic();
    worker.up.send();
    worker.may_panic();
    worker.down.wait_for_stop();
    worker.may_panic();
}

fn crowd<S: Subject>(scene: &mut Scene<S>) {
    for _ in 0..2 {
        scene.execute(|worker| fragile(&worker));
    }
}

pub(super) fn join<S: Subject>(mut scene: Scene<S>) {
    crowd(&mut scene);
    scene.stop_and_join();
    // The pool stays usable.
    scene.execute(|worker| {
        worker.up.send();
    });
    scene.recv();
}

pub(super) fn stop<S: Subject>(mut scene: Scene<S>) {
    crowd(&mut scene);
    let mut stop = scene.stop();
    while let Next::Value(_) = stop.call_next() {}
    stop.call_next();
}

pub(super) fn try_join<S: Subject>(mut scene: Scene<S>) {
    crowd(&mut scene);
    scene.try_stop_and_join();
}
