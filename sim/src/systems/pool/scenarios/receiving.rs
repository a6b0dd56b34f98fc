//! Receiving: one by one, in bursts, and across all ways of receiving.

use std::sync::mpsc::TryRecvError;

use raddle::DownMsg;

use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;
use crate::systems::pool::worker::{Sent, Worker};

use super::send_some;

pub(super) fn recv<S: Subject>(mut scene: Scene<S>) {
    for _ in 0..2 {
        scene.execute(|worker| send_some(&worker, 1));
    }
    scene.recv();
    scene.recv();
    scene.stop_and_join();
}

pub(super) fn past_stamp<S: Subject>(mut scene: Scene<S>) {
    // The last value has its stamp as soon as the worker waits for room, which may be before the burst begins.
    let values = scene.capacity() + 1;
    scene.execute(move |worker| send_some(&worker, values));
    scene.burst().finish();
    scene.stop_and_join();
}

pub(super) fn burst<S: Subject>(mut scene: Scene<S>) {
    for _ in 0..2 {
        scene.execute(|worker| send_some(&worker, 1));
    }
    scene.burst().finish();
    scene.burst().finish();
    scene.stop_and_join();
}

pub(super) fn look_ahead<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| send_some(&worker, 2));
    let received = scene.burst().finish();
    match scene.choose(4) {
        // Nobody sends a third one.
        0 if received < 2 => {
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
    // Of a new generation, if the old one was stopped: nothing of that turns up in it.
    scene.burst().finish();
    scene.stop_and_join();
}

/// Sends until it is told to stop.
fn busy<S: Subject>(worker: &Worker<S>) {
    while !matches!(worker.down.try_recv(), Ok(DownMsg::Stop) | Err(TryRecvError::Disconnected)) {
        if worker.up.send() == Sent::Refused {
            break;
        }
    }
}

pub(super) fn endless<S: Subject>(mut scene: Scene<S>) {
    for _ in 0..2 {
        scene.execute(|worker| busy(&worker));
    }
    scene.burst().finish();
    scene.stop_and_join();
}

pub(super) fn generations<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| send_some(&worker, 2));
    if scene.choose(2) == 1 {
        scene.burst().finish();
    }
    let old = scene.stop();
    scene.execute(|worker| {
        worker.up.send();
        worker.down.wait_for_stop();
    });
    scene.recv();
    old.finish();
    scene.stop_and_join();
}

pub(super) fn try_send<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        worker.up.try_send();
        worker.up.try_send();
    });
    match scene.choose(3) {
        0 => {
            scene.stop_and_join();
        }
        1 => {
            scene.burst().finish();
        }
        _ => scene.drop_pool(),
    }
}
