//! Random executions of any spec, and random changes to what was seen of them.

use crate::toys::{self, ToyEvent};
use quickcheck::{Arbitrary, Gen};
use raddle_spec::waitmap::{self, Key, Kind, Op, Reply, Ret, TaskId, ValueId, WaitId};
use raddle_spec::{Actor, Automaton, Direction, Event};

/// What a walk does, and what is done to it.
#[derive(Clone, Debug)]
pub(crate) struct Decisions {
    /// One for each attempt to move.
    pub(crate) moves: Vec<u16>,
    /// One for each change to the trace.
    pub(crate) changes: Vec<u32>,
    /// Which states belong to the left and to the right set, a bit for each.
    pub(crate) left: u64,
    pub(crate) right: u64,
}

impl Arbitrary for Decisions {
    fn arbitrary(g: &mut Gen) -> Self {
        let length = usize::arbitrary(g) % 60;
        let changes = [0, 0, 1, 1, 2][usize::arbitrary(g) % 5];
        Decisions {
            moves: (0..length).map(|_| u16::arbitrary(g)).collect(),
            changes: (0..changes).map(|_| u32::arbitrary(g)).collect(),
            // Not all states: sets that have most in common show little.
            left: u64::arbitrary(g) & u64::arbitrary(g),
            right: u64::arbitrary(g) & u64::arbitrary(g),
        }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let (of_moves, of_changes) = (self.clone(), self.clone());
        let fewer_moves = self.moves.shrink().map(move |moves| Decisions { moves, ..of_moves.clone() });
        let fewer_changes =
            self.changes.shrink().map(move |changes| Decisions { changes, ..of_changes.clone() });
        Box::new(fewer_moves.chain(fewer_changes))
    }
}

/// An execution of a spec.
pub(crate) struct Walk<A: Automaton> {
    pub(crate) events: Vec<Event<A::Action>>,
    /// All states that it went through.
    pub(crate) states: Vec<A::State>,
}

impl<A: Automaton> Walk<A> {
    /// Each decision is an input of the menu or a step of the system, whatever is possible then.
    pub(crate) fn new(automaton: &A, menu: &[Event<A::Action>], decisions: &[u16]) -> Self {
        let mut walk: Walk<A> = Walk { events: Vec::new(), states: vec![automaton.init()] };
        for decision in decisions.iter().map(|decision| usize::from(*decision)) {
            let state: A::State = walk.states.last().expect("there is the first").clone();
            if decision % 5 < 2 {
                walk.input(automaton, state, &menu[decision / 5 % menu.len()]);
            } else {
                walk.step(automaton, &state, decision / 5);
            }
        }
        walk
    }

    fn input(&mut self, automaton: &A, mut state: A::State, event: &Event<A::Action>) {
        let taken = match automaton.direction(&event.kind) {
            Direction::Input => automaton.input(&mut state, event.actor, &event.kind).is_ok(),
            Direction::Output => automaton.output(&mut state, event.actor, &event.kind).is_some(),
        };
        if taken {
            self.events.push(event.clone());
            self.states.push(state);
        }
    }

    fn step(&mut self, automaton: &A, state: &A::State, number: usize) {
        let (mut actors, mut steps) = (Vec::new(), Vec::new());
        automaton.actors(state, &mut actors);
        for actor in actors {
            let mut own = Vec::new();
            automaton.steps(state, actor, &mut own);
            steps.extend(own.into_iter().map(|step| (actor, step)));
        }
        if steps.is_empty() {
            return;
        }
        let (actor, step) = steps.swap_remove(number % steps.len());
        self.events.extend(step.output.map(|output| Event::new(actor, output)));
        self.states.push(step.next);
    }

    /// The events, with one left out, doubled, moved or replaced for each change.
    pub(crate) fn changed(&self, menu: &[Event<A::Action>], changes: &[u32]) -> Vec<Event<A::Action>> {
        let mut events = self.events.clone();
        for change in changes.iter().map(|change| *change as usize) {
            if events.is_empty() {
                break;
            }
            let at = change / 4 % events.len();
            let other = change / 256 % events.len();
            match change % 4 {
                0 => drop(events.remove(at)),
                1 => events.insert(other, events[at].clone()),
                2 => events.swap(at, other),
                _ => events[at] = menu[change / 256 % menu.len()].clone(),
            }
        }
        events
    }
}

/// Inputs and a few outputs, of three actors.
pub(crate) fn toy_menu() -> Vec<ToyEvent> {
    use toys::Op::{Ask, Choose, Hang, Praise, SendOff, Serve, Tell, Turn};
    let of = |actor| {
        let calls = [Choose, Choose, Serve(1), Serve(2), Tell, Tell, Praise, Turn, SendOff, Hang, Ask];
        let calls = calls.map(|op| toys::call(actor, op));
        let others =
            [toys::leave(actor, 1), toys::enter(actor, "hum"), toys::ret(actor, 1), toys::ret(actor, 2)];
        calls.into_iter().chain(others)
    };
    (0..3).flat_map(of).collect()
}

/// Inputs and a few outputs, of three actors with two waits and one key.
pub(crate) fn waitmap_menu() -> Vec<waitmap::Event> {
    let (key, value) = (Key(0), ValueId(0));
    let of = |actor: u32| {
        let (wait, task) = (WaitId(actor % 2), TaskId(actor));
        let calls = [
            Op::Wait { wait, key },
            Op::Wait { wait, key },
            Op::WaitFor { wait, key },
            Op::Poll { wait, task },
            Op::Poll { wait, task },
            Op::Subscribe { wait, task },
            Op::Drop { wait },
            Op::Wake { key, value },
            Op::Wake { key, value },
            Op::Close,
            Op::IsClosed,
            Op::Sleep { task },
        ];
        let replies = [Reply::Done, Reply::Holds(true), Reply::Holds(false), Reply::Panicked];
        let outputs = [Ret::Pending, Ret::Woke, Ret::Done, Ret::IsClosed(true)];
        let kinds = calls.map(Kind::Call).into_iter();
        let kinds = kinds.chain(replies.map(Kind::Leave)).chain(outputs.map(Kind::Return));
        kinds.map(move |kind| waitmap::Event::new(Actor(actor), kind))
    };
    (0..3).flat_map(of).collect()
}
