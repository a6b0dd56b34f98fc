//! Users who break an obligation each: what the verdict is then.
//!
//! Nothing is wrong with the pool, and a stop waits for ever all the same. Each of these is the scenario of a worker, or of a manager, that
//! does not keep one obligation; the verdict has to name both.

use raddle::DownMsg;
use raddle::platform::Threads;

use crate::systems::pool::scene::Scene;
use crate::systems::pool::subject::Subject;
use crate::systems::pool::worker::Sent;

use super::Scenario;

/// A scenario, the obligation that is broken in it, and who breaks it.
pub type Misuse<S> = (Scenario<S>, &'static str, &'static str);

/// How many steps show that a run does not end: many more than the calls need that a worker is given after it was told to stop.
const STEPS: u64 = 2_000;

/// Those after which nothing moves any more, and then those that go on for ever.
#[must_use]
pub fn all<S: Subject>() -> Vec<Misuse<S>> {
    halting().into_iter().chain(endless()).collect()
}

#[rustfmt::skip] // a table
fn halting<S: Subject>() -> [Misuse<S>; 5] {
    [
        (Scenario::small("never-looks", 3, 1, "a worker waits for something else, and never looks at its receiver", never_looks), "PL-O1", "worker 1"),
        (Scenario::small("hangs-when-told", 3, 1, "a worker is told to stop, and waits for something else", hangs_when_told), "PL-O2", "worker 1"),
        (Scenario::small("hangs-at-message", 3, 1, "a worker is never done with a message from before the stop", hangs_at_message), "PL-O4", "worker 1"),
        (Scenario::small("leaks-sender", 3, 1, "a worker forgets a sender, and ends", leaks_sender), "PL-O5", "worker 1"),
        (Scenario::small("never-iterates", 2, 0, "the manager has the iterator of a stop, and waits for something else", never_iterates), "PL-O6", "main"),
    ]
}

#[rustfmt::skip] // a table
fn endless<S: Subject>() -> [Misuse<S>; 4] {
    [
        (Scenario::small("spins-blindly", 3, 1, "a worker goes round and round, and never looks at its receiver", spins_blindly).cut_after(STEPS), "PL-O1", "worker 1"),
        (Scenario::small("looks-when-told", 3, 1, "a worker is told to stop, and looks for more messages for ever", looks_when_told).cut_after(STEPS), "PL-O2", "worker 1"),
        (Scenario::small("sends-when-told", 3, 1, "a worker is told to stop, and sends for ever", sends_when_told).cut_after(STEPS), "PL-O3", "worker 1"),
        (Scenario::small("spins-at-message", 3, 1, "a worker goes round and round over a message from before the stop", spins_at_message).cut_after(STEPS), "PL-O4", "worker 1"),
    ]
}

/// Waits for something that never happens.
fn hang<S: Subject>() -> ! {
    loop {
        S::Platform::park();
    }
}

/// Goes round and round.
fn spin<S: Subject>() -> ! {
    loop {
        S::Platform::yield_now();
    }
}

/// A worker that keeps its obligations, beside the one that does not.
fn with_a_good_one<S: Subject>(scene: &mut Scene<S>) {
    scene.execute(|worker| {
        worker.up.send();
        worker.down.wait_for_stop();
    });
}

fn never_looks<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|_worker| hang::<S>());
    scene.stop_and_join();
}

fn spins_blindly<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|_worker| spin::<S>());
    scene.stop_and_join();
}

fn hangs_when_told<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|worker| {
        worker.down.wait_for_stop();
        hang::<S>();
    });
    scene.stop().finish();
}

fn looks_when_told<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|worker| {
        loop {
            let _ = worker.down.try_recv();
            S::Platform::yield_now();
        }
    });
    scene.stop_and_join();
}

fn sends_when_told<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|worker| {
        worker.down.wait_for_stop();
        while worker.up.send() != Sent::Refused {}
    });
    scene.stop().finish();
}

fn hangs_at_message<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|worker| {
        let _ = worker.down.recv();
        hang::<S>();
    });
    scene.broadcast(DownMsg::Other(()));
    scene.stop_and_join();
}

fn spins_at_message<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|worker| {
        let _ = worker.down.recv();
        spin::<S>();
    });
    scene.broadcast(DownMsg::Other(()));
    scene.stop_and_join();
}

fn leaks_sender<S: Subject>(mut scene: Scene<S>) {
    with_a_good_one(&mut scene);
    scene.execute(|worker| worker.up.clone().leak());
    scene.stop_and_join();
}

fn never_iterates<S: Subject>(mut scene: Scene<S>) {
    scene.execute(|worker| {
        worker.up.send();
    });
    let _stop = scene.stop();
    hang::<S>();
}
