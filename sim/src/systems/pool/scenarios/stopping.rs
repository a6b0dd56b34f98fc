//! Stop and join: they return, whatever the workers are in the middle of.

use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;
use crate::systems::pool::worker::Worker;

use super::send_some;

/// Two workers that send more than there is room for, so that one of them waits in `send` unless somebody receives.
fn crowd<S: Subject>(scene: &mut Scene<S>) {
    let values = scene.capacity() / 2 + 1;
    for _ in 0..2 {
        scene.execute(move |worker| send_some(&worker, values));
    }
}

pub(super) fn join_full<S: Subject>(mut scene: Scene<S>) {
    crowd(&mut scene);
    scene.stop_and_join();
}

pub(super) fn stop_full<S: Subject>(mut scene: Scene<S>) {
    crowd(&mut scene);
    scene.stop().finish();
}

/// Its last value waits for room unless somebody receives.
pub(super) fn alone<S: Subject>(mut scene: Scene<S>) {
    let values = scene.capacity() + 1;
    scene.execute(move |worker| send_some(&worker, values));
    stop_or_join(&mut scene);
}

pub(super) fn alone_deaf<S: Subject>(mut scene: Scene<S>) {
    let is_deaf_first = scene.choose(2) == 0;
    scene.execute(move |worker| {
        let Worker { up, down, .. } = worker;
        if is_deaf_first {
            drop(down);
            up.send();
        } else {
            up.send();
            drop(down);
        }
    });
    stop_or_join(&mut scene);
}

fn stop_or_join<S: Subject>(scene: &mut Scene<S>) {
    match scene.choose(2) {
        0 => {
            scene.stop_and_join();
        }
        _ => {
            scene.stop().finish();
        }
    }
}

pub(super) fn last_words<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        worker.down.wait_for_stop();
        worker.up.send();
    });
    stop_or_join(&mut scene);
}

pub(super) fn sender_clones<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        let clone = worker.up.clone();
        worker.up.send();
        drop(worker.up);
        clone.send();
        worker.down.wait_for_stop();
    });
    stop_or_join(&mut scene);
}

pub(super) fn deaf_workers<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        drop(worker.down);
        worker.up.send();
    });
    scene.execute(|worker| {
        worker.up.send();
        drop(worker.down);
    });
    stop_or_join(&mut scene);
}

pub(super) fn nobody<S: Subject>(mut scene: Scene<S>) {
    scene.stop_and_join();
    let mut stop = scene.stop();
    stop.call_next();
    stop.call_next();
    drop(stop);
    scene.burst().finish();
}
