//! Drops in the middle: of either iterator, and of the pool.

use crate::systems::pool::handles::Next;
use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;

use super::send_some;

pub(super) fn stop<S: Subject>(mut scene: Scene<S>) {
    let values = scene.capacity() + 1;
    for _ in 0..2 {
        scene.execute(move |worker| send_some(&worker, values));
    }
    let mut stop = scene.stop();
    for _ in 0..scene.choose(3) {
        stop.call_next();
    }
}

pub(super) fn alone<S: Subject>(mut scene: Scene<S>) {
    let values = scene.capacity() + 1;
    scene.execute(move |worker| {
        send_some(&worker, values);
        worker.down.wait_for_stop();
    });
    match scene.choose(3) {
        0 => drop(scene.stop()),
        1 => {
            scene.stop().call_next();
        }
        _ => scene.drop_pool(),
    }
}

pub(super) fn burst<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| send_some(&worker, 3));
    let has_one = {
        let mut burst = scene.burst();
        matches!(burst.call_next(), Next::Value(_))
    };
    match scene.choose(4) {
        // There are two more at least.
        0 => {
            scene.recv();
        }
        1 => {
            scene.burst().finish();
        }
        2 => {
            scene.stop().finish();
        }
        _ => {
            scene.stop_and_join();
        }
    }
    if has_one {
        scene.burst().finish();
    }
    scene.stop_and_join();
}

pub(super) fn pool<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        worker.up.send();
        worker.up.send();
    });
    scene.execute(|worker| {
        worker.down.wait_for_stop();
        worker.up.send();
    });
    if scene.choose(2) == 1 {
        scene.recv();
    }
    scene.drop_pool();
}
