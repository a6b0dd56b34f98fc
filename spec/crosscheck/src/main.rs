//! Holds Raddle's explorer against stateright: the same spec in the same environments must have as many states.
//!
//! `cargo run --release --manifest-path spec/crosscheck/Cargo.toml`
//!
//! Only the spec itself is shared. How it is closed, which moves there are and how states are kept is written a second
//! time here, for stateright.

use raddle_spec::explorer::{Closed, Explorer, Menu, Menus};
use raddle_spec::waitmap::{Key, Kind, Op, Reply, TaskId, ValueId, WaitId, WaitMap, spec};
use raddle_spec::{Actor, Automaton, Lifted};
use stateright::{Checker, Model, Property};
use std::process::ExitCode;
use std::time::Instant;

const KEY: Key = Key(0);
const REPLIES: [Reply; 4] = [Reply::Done, Reply::Holds(true), Reply::Holds(false), Reply::Panicked];

/// Each actor makes these calls, in any order, so many times in all; the flag: from inside user code as well.
struct Environment {
    name: &'static str,
    actors: Vec<(Vec<Op>, u8, bool)>,
}

fn environments() -> Vec<Environment> {
    let (wait, task) = (WaitId(0), TaskId(0));
    let plain = vec![
        Op::Wait { wait, key: KEY },
        Op::Subscribe { wait, task },
        Op::Poll { wait, task },
        Op::Drop { wait },
        Op::Sleep { task },
    ];
    let (rival, rival_task) = (WaitId(1), TaskId(1));
    let looping = vec![
        Op::WaitFor { wait: rival, key: KEY },
        Op::Poll { wait: rival, task: rival_task },
        Op::Drop { wait: rival },
    ];
    let wakes = vec![Op::Wake { key: KEY, value: ValueId(0) }, Op::Close, Op::IsClosed];
    let close = vec![Op::Close];
    let nested = [&plain[2..4], &wakes[..]].concat();
    vec![
        Environment {
            name: "three strands",
            actors: vec![(plain.clone(), 4, false), (looping, 3, false), (wakes.clone(), 2, false)],
        },
        Environment {
            name: "three closers",
            actors: vec![
                (plain, 3, false),
                (close.clone(), 1, false),
                (close.clone(), 1, false),
                (close, 1, false),
            ],
        },
        Environment {
            name: "nested calls",
            actors: vec![(vec![Op::Wait { wait, key: KEY }], 1, false), (nested, 5, true)],
        },
    ]
}

type State = <Lifted<WaitMap> as Automaton>::State;

/// A move of the environment, or the step of an actor with this place in the list of its steps.
#[derive(Clone, Debug, PartialEq)]
enum Action {
    Call(u32, Op),
    Leave(u32, Reply),
    Step(u32, usize),
}

fn steps(state: &State, actor: u32) -> Vec<State> {
    let mut steps = Vec::new();
    spec().steps(state, Actor(actor), &mut steps);
    steps.into_iter().map(|step| step.next).collect()
}

impl Model for Environment {
    type State = (State, Vec<u8>);
    type Action = Action;

    fn init_states(&self) -> Vec<Self::State> {
        vec![(spec().init(), vec![0; self.actors.len()])]
    }

    fn actions(&self, (state, made): &Self::State, actions: &mut Vec<Action>) {
        let mut unfinished = Vec::new();
        spec().actors(state, &mut unfinished);
        for ((calls, times, nested), number) in self.actors.iter().zip(0..) {
            actions.extend((0..steps(state, number).len()).map(|place| Action::Step(number, place)));
            actions.extend(REPLIES.map(|reply| Action::Leave(number, reply)));
            let outside = !unfinished.contains(&Actor(number));
            if made[number as usize] < *times && (outside || *nested) {
                actions.extend(calls.iter().map(|&op| Action::Call(number, op)));
            }
        }
    }

    fn next_state(&self, (state, made): &Self::State, action: Action) -> Option<Self::State> {
        let (mut state, mut made) = (state.clone(), made.clone());
        match action {
            Action::Step(actor, place) => state = steps(&state, actor).swap_remove(place),
            Action::Leave(actor, reply) => {
                spec().input(&mut state, Actor(actor), &Kind::Leave(reply)).ok()?;
            }
            Action::Call(actor, op) => {
                made[actor as usize] += 1;
                spec().input(&mut state, Actor(actor), &Kind::Call(op)).ok()?;
            }
        }
        Some((state, made))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("in order", |_, (state, _): &Self::State| state.shared().invalid().is_none())]
    }
}

fn with_raddle(environment: &Environment) -> usize {
    let menus = environment.actors.iter().map(|(ops, times, nested)| {
        let calls = ops.iter().map(|&op| Kind::Call(op));
        let inside: Vec<Kind> = if *nested { calls.clone().collect() } else { Vec::new() };
        Menu::new(calls).nested(inside).times(*times)
    });
    let model = Closed::new(spec(), Menus::new(menus).replies(REPLIES.map(Kind::Leave)));
    Explorer::new(&model).explore().states
}

fn main() -> ExitCode {
    let mut agree = true;
    for environment in environments() {
        let name = environment.name;
        let start = Instant::now();
        let ours = with_raddle(&environment);
        let our_seconds = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let theirs = environment.checker().spawn_bfs().join().unique_state_count();
        let their_seconds = start.elapsed().as_secs_f64();
        let word = if ours == theirs { "agrees" } else { "DIFFERS" };
        println!(
            "{name}: {ours} states, stateright {theirs}: {word} ({our_seconds:.2} s, {their_seconds:.2} s)"
        );
        agree &= ours == theirs;
    }
    if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
