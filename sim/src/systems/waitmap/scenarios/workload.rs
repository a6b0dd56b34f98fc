//! A random mixture of operations on a few keys by a few threads.
//!
//! Each run first switches whole kinds of operations off: a mixture of everything seldom gets deep into anything
//! (a close, for one, ends all that is interesting).

use crate::systems::waitmap::scene::{Patience, Scene, Waiting};
use crate::systems::waitmap::subject::Subject;
use crate::systems::waitmap::task::Task;

const THREADS: [&str; 3] = ["first", "second", "third"];
const OPERATIONS: u32 = 5;
const KEYS: u32 = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wait,
    Poll,
    Cancel,
    Wake,
    Subscribe,
    IsClosed,
    Close,
}

const KINDS: [Kind; 7] =
    [Kind::Wake, Kind::Wait, Kind::Poll, Kind::Cancel, Kind::Subscribe, Kind::IsClosed, Kind::Close];

pub(super) fn mixed<S: Subject>(scene: Scene<S>) {
    // Waking stays: without it a run is a run of nothing.
    let enabled: Vec<Kind> =
        KINDS.into_iter().filter(|kind| *kind == Kind::Wake || scene.choose(2) == 0).collect();
    let strands = THREADS.map(|name| {
        let enabled = enabled.clone();
        scene.spawn(name, move |scene| act(&scene, &enabled))
    });
    strands.into_iter().for_each(|strand| strand.join());
    scene.close();
    let task = scene.task();
    scene.wait(0).finish(&task, Patience::Endless);
}

fn act<S: Subject>(scene: &Scene<S>, enabled: &[Kind]) {
    let task = scene.task();
    let mut held: Vec<Waiting<'_, S>> = Vec::new();
    for _ in 0..OPERATIONS {
        let kind = enabled[scene.choose(u32::try_from(enabled.len()).expect("seven kinds")) as usize];
        step(scene, kind, &task, &mut held);
    }
}

fn step<'a, S: Subject>(
    scene: &'a Scene<S>,
    kind: Kind,
    task: &Task<S::Platform>,
    held: &mut Vec<Waiting<'a, S>>,
) {
    match kind {
        Kind::Wake => drop(scene.wake(scene.choose(KEYS))),
        Kind::Close => scene.close(),
        Kind::IsClosed => drop(scene.is_closed()),
        Kind::Wait => {
            let mut wait = scene.wait(scene.choose(KEYS));
            wait.poll(task);
            held.push(wait);
        }
        Kind::Subscribe => {
            let mut wait = scene.wait(scene.choose(KEYS));
            wait.subscribe(task);
            held.push(wait);
        }
        Kind::Poll | Kind::Cancel if held.is_empty() => {}
        Kind::Poll => {
            let which = scene.choose(u32::try_from(held.len()).expect("a few waits"));
            held[which as usize].poll(task);
        }
        Kind::Cancel => {
            let which = scene.choose(u32::try_from(held.len()).expect("a few waits"));
            drop(held.remove(which as usize));
        }
    }
}
