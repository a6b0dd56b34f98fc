//! Workers that panic: the others are joined all the same, and the first panic in the order of `execute` goes on in the manager.

use crate::systems::pool::handles::Next;
use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;
use crate::systems::pool::worker::{Sent, Worker};

/// Panics before it has done anything, between its two calls, or after it was told to stop; or not at all.
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

/// Starts one that sends more than there is room for, and may panic before, between and after its calls.
fn start_alone<S: Subject>(scene: &mut Scene<S>) {
    let values = scene.capacity() + 1;
    scene.execute(move |worker| {
        worker.may_panic();
        for _ in 0..values {
            if worker.up.send() == Sent::Refused {
                break;
            }
            worker.may_panic();
        }
        worker.down.wait_for_stop();
        worker.may_panic();
    });
}

pub(super) fn alone<S: Subject>(mut scene: Scene<S>) {
    start_alone(&mut scene);
    match scene.choose(5) {
        0 => {
            scene.stop_and_join();
        }
        1 => {
            let mut stop = scene.stop();
            while let Next::Value(_) = stop.call_next() {}
            stop.call_next();
        }
        2 => {
            scene.stop().call_next();
        }
        3 => {
            scene.burst().finish();
            scene.stop_and_join();
        }
        _ => return scene.drop_pool(),
    }
    // Nothing is left of the old generation.
    scene.burst().finish();
    scene.stop_and_join();
}

pub(super) fn alone_try<S: Subject>(mut scene: Scene<S>) {
    start_alone(&mut scene);
    scene.try_stop_and_join();
    scene.stop_and_join();
}

pub(super) fn try_join<S: Subject>(mut scene: Scene<S>) {
    crowd(&mut scene);
    scene.try_stop_and_join();
}
