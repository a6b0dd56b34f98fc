//! Starting workers: one or many, or none for want of a thread.

use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;

use super::send_some;

pub(super) fn try_execute<S: Subject>(mut scene: Scene<S>) {
    for _ in 0..2 {
        scene.try_execute(|worker| send_some(&worker, 1));
    }
    scene.count();
    scene.stop_and_join();
}

/// Has one worker at most.
pub(super) fn alone<S: Subject>(mut scene: Scene<S>) {
    for _ in 0..2 {
        if scene.try_execute(|worker| send_some(&worker, 2)) {
            scene.recv();
            break;
        }
        scene.burst().finish();
    }
    scene.count();
    scene.stop_and_join();
}

pub(super) fn execute<S: Subject>(mut scene: Scene<S>) {
    if !scene.execute_or_panic(|worker| send_some(&worker, 1)) {
        // The pool stays usable.
        scene.execute(|worker| send_some(&worker, 1));
    }
    scene.count();
    scene.recv();
    scene.stop_and_join();
}

pub(super) fn execute_many<S: Subject>(mut scene: Scene<S>) {
    scene.execute_many(0, |worker| send_some(&worker, 1));
    scene.execute_many_or_panic(2, |worker| send_some(&worker, 1));
    scene.count();
    scene.stop_and_join();
}
