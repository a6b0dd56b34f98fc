//! The way down: messages to all workers, to one after the other, to a certain one; and the macros that workers live by.

use raddle::{DownMsg, recv_break, try_recv_break};

use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;

pub(super) fn broadcast<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| worker.down.wait_for_stop());
    scene.execute(|worker| {
        let _ = worker.down.try_recv();
        drop(worker.down);
    });
    scene.broadcast(DownMsg::Other(()));
    scene.broadcast(DownMsg::Pause);
    scene.stop_and_join();
    // Nobody is there.
    scene.broadcast(DownMsg::Other(()));
}

pub(super) fn broadcast_one<S: Subject>(mut scene: Scene<S>) {
    scene.broadcast_one(DownMsg::Other(()));
    scene.execute(|worker| worker.down.wait_for_stop());
    scene.execute(|worker| drop(worker.down));
    // To the second, the first and the second one.
    for _ in 0..3 {
        scene.broadcast_one(DownMsg::Other(()));
    }
    scene.stop_and_join();
    scene.broadcast_one(DownMsg::Continue);
}

pub(super) fn get<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| worker.down.wait_for_stop());
    scene.count();
    scene.get(1);
    let Some(line) = scene.get(0) else { return };
    let other = line.clone();
    let teller = scene.spawn("teller", move || {
        other.send(DownMsg::Other(()));
    });
    let stop = scene.stop();
    line.send(DownMsg::Other(()));
    stop.finish();
    line.send(DownMsg::Other(()));
    scene.count();
    scene.get(0);
    teller.join();
}

pub(super) fn recv_break<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        loop {
            worker.up.send();
            let _note: u32 = recv_break!(worker.down);
        }
    });
    scene.broadcast(DownMsg::Pause);
    scene.broadcast(DownMsg::Other(()));
    match scene.choose(3) {
        0 => {
            scene.recv();
        }
        1 => {
            scene.stop_and_join();
        }
        // Disconnection ends the loop as well.
        _ => scene.drop_pool(),
    }
}

pub(super) fn try_recv_break<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        for _ in 0..3 {
            let note: Option<u32> = try_recv_break!(worker.down);
            if note.is_some() {
                worker.up.send();
            }
        }
    });
    scene.broadcast(DownMsg::Other(()));
    scene.broadcast(DownMsg::Pause);
    scene.broadcast(DownMsg::Other(()));
    // Otherwise it is told to stop while it is paused.
    if scene.choose(2) == 0 {
        scene.broadcast(DownMsg::Continue);
    }
    scene.stop_and_join();
}
