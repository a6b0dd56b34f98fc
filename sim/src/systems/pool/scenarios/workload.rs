//! A random mixture of operations of a manager and two workers.
//!
//! Each run first switches whole kinds of operations off: a mixture of everything seldom gets deep into anything.

use raddle::DownMsg;

use crate::systems::pool::handles::Next;
use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;
use crate::systems::pool::worker::{Sent, Worker};

const WORKERS: u32 = 2;
const OPERATIONS: u32 = 5;
/// How many values a worker sends at most.
const VALUES: u32 = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Burst,
    BurstDropped,
    Broadcast,
    BroadcastOne,
    Get,
    Stop,
    StopDropped,
    Join,
}

const KINDS: [Kind; 8] = [
    Kind::Burst,
    Kind::BurstDropped,
    Kind::Broadcast,
    Kind::BroadcastOne,
    Kind::Get,
    Kind::Stop,
    Kind::StopDropped,
    Kind::Join,
];

/// What workers of a run do besides sending.
#[derive(Clone, Copy)]
struct Habits {
    clones: bool,
    looks: bool,
    is_deaf: bool,
    panics: bool,
}

pub(super) fn mixed<S: Subject>(mut scene: Scene<S>) {
    // Bursts stay: without them a run is a run of nothing.
    let enabled: Vec<Kind> =
        KINDS.into_iter().filter(|kind| *kind == Kind::Burst || scene.choose(2) == 0).collect();
    let habits = Habits {
        clones: scene.choose(2) == 1,
        looks: scene.choose(2) == 1,
        is_deaf: scene.choose(2) == 1,
        panics: scene.choose(2) == 1,
    };
    let mut left = WORKERS;
    for _ in 0..OPERATIONS {
        if left > 0 && scene.choose(2) == 0 {
            left -= 1;
            scene.execute(move |worker| act(worker, habits));
        }
        let kind = enabled[scene.choose(u32::try_from(enabled.len()).expect("eight kinds")) as usize];
        step(&mut scene, kind);
    }
    scene.stop_and_join();
}

fn act<S: Subject>(worker: Worker<S>, habits: Habits) {
    if habits.clones {
        worker.up.clone().send();
    }
    for _ in 0..worker.choose(VALUES) {
        if habits.panics {
            worker.may_panic();
        }
        let sent = if worker.choose(2) == 0 { worker.up.send() } else { worker.up.try_send() };
        if sent == Sent::Refused {
            return;
        }
        if habits.looks {
            let _ = worker.down.try_recv();
        }
    }
    match worker.choose(2) {
        0 => worker.down.wait_for_stop(),
        _ if habits.is_deaf => {
            drop(worker.down);
            worker.up.send();
        }
        _ => {}
    }
}

fn step<S: Subject>(scene: &mut Scene<S>, kind: Kind) {
    match kind {
        Kind::Burst => {
            scene.burst().finish();
        }
        Kind::BurstDropped => {
            scene.burst().call_next();
        }
        Kind::Broadcast => scene.broadcast(DownMsg::Other(())),
        Kind::BroadcastOne => {
            scene.broadcast_one(DownMsg::Pause);
        }
        Kind::Get => {
            if let Some(line) = scene.get(0) {
                line.send(DownMsg::Other(()));
            }
        }
        Kind::Stop => {
            scene.stop().finish();
        }
        Kind::StopDropped => {
            let mut stop = scene.stop();
            if scene.choose(2) == 0 {
                while let Next::Value(_) = stop.call_next() {}
            }
        }
        Kind::Join => {
            scene.stop_and_join();
        }
    }
}
