//! Random walks through the spec: executions that are right by construction.

use crate::support::Trace;
use raddle_spec::waitmap::{Cb, Event, Key, Kind, Op, Reply, TaskId, ValueId, WaitId, WaitMap, spec};
use raddle_spec::{Actor, Automaton, Lifted, Rule};
use std::collections::BTreeSet;

/// A small generator of pseudo-random numbers (SplitMix64): the same seed, the same walk.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn number(&mut self, bound: u32) -> u32 {
        self.below(bound as usize) as u32
    }
}

type State = <Lifted<WaitMap> as Automaton>::State;

/// A walk in progress.
pub(crate) struct Walk {
    random: Random,
    actors: u32,
    state: State,
    trace: Trace,
    /// Rules under which a step was taken.
    pub(crate) rules: BTreeSet<&'static str>,
    /// The deepest call stack so far.
    pub(crate) deepest: usize,
    depth: Vec<usize>,
}

impl Walk {
    pub(crate) fn new(random: Random, actors: u32) -> Self {
        Walk {
            random,
            actors,
            state: spec().init(),
            trace: Trace::default(),
            rules: BTreeSet::new(),
            deepest: 0,
            depth: vec![0; actors as usize],
        }
    }

    /// This many attempts to move, and what was seen of them.
    pub(crate) fn steps(mut self, attempts: usize) -> Trace {
        self.wander(attempts);
        self.trace
    }

    pub(crate) fn wander(&mut self, attempts: usize) {
        for _ in 0..attempts {
            let actor = Actor(self.random.number(self.actors));
            match self.random.below(10) {
                0..2 => self.call(actor),
                2 => self.aside(actor),
                3..5 => drop(self.leave(actor)),
                _ => drop(self.system(actor)),
            }
            self.state.shared().assert_valid();
        }
    }

    /// Lets everything come to its end, and gives the trace up to there.
    pub(crate) fn rest(&mut self) -> &Trace {
        loop {
            let mut moved = false;
            for actor in (0..self.actors).map(Actor) {
                moved |= self.system(actor) || self.leave(actor);
            }
            if !moved {
                return &self.trace;
            }
        }
    }

    fn seen(&mut self, actor: Actor, kind: Kind) {
        let depth = &mut self.depth[actor.0 as usize];
        match kind {
            Kind::Call(_) => *depth += 1,
            Kind::Return(_) => *depth -= 1,
            Kind::Enter(_) | Kind::Leave(_) => {}
        }
        self.deepest = self.deepest.max(*depth);
        self.trace.0.push(Event::new(actor, kind));
    }

    fn input(&mut self, actor: Actor, kind: Kind) -> bool {
        let taken = spec().input(&mut self.state, actor, &kind).is_ok();
        if taken {
            self.seen(actor, kind);
        }
        taken
    }

    fn call(&mut self, actor: Actor) {
        if self.depth[actor.0 as usize] > 2 {
            return;
        }
        let wait = WaitId(self.random.number(5));
        let key = [Key(0), Key(1), Key::UNEQUAL][self.random.below(3)];
        let task = TaskId(self.random.number(3));
        let value = ValueId(self.random.number(50));
        // Close is rare, or most of a walk would happen on a closed map.
        let op = match self.random.below(40) {
            0..5 => Op::Wait { wait, key },
            5..9 => Op::WaitFor { wait, key },
            9..13 => Op::Subscribe { wait, task },
            13..23 => Op::Poll { wait, task },
            23..27 => Op::Drop { wait },
            27..36 => Op::Wake { key, value },
            36 => Op::Close,
            37 => Op::IsClosed,
            _ => Op::Sleep { task },
        };
        self.input(actor, Kind::Call(op));
    }

    fn leave(&mut self, actor: Actor) -> bool {
        let replies = match self.random.below(8) {
            0 => [Reply::Panicked, Reply::Done, Reply::Holds(false)],
            1..4 => [Reply::Holds(false), Reply::Done, Reply::Panicked],
            _ => [Reply::Holds(true), Reply::Done, Reply::Panicked],
        };
        replies.into_iter().any(|reply| self.input(actor, Kind::Leave(reply)))
    }

    fn aside(&mut self, actor: Actor) {
        let task = TaskId(self.random.number(3));
        let wait = WaitId(self.random.number(5));
        let cb = match self.random.below(6) {
            0 => Cb::CloneWaker { task },
            1 => Cb::DropWaker { task },
            _ => Cb::DropKey { wait },
        };
        if let Some(rule) = spec().output(&mut self.state, actor, &Kind::Enter(cb)) {
            self.rules.insert(rule.id);
            self.seen(actor, Kind::Enter(cb));
        }
    }

    /// One step of the system on behalf of this actor.
    fn system(&mut self, actor: Actor) -> bool {
        let mut steps = Vec::new();
        spec().steps(&self.state, actor, &mut steps);
        if steps.is_empty() {
            return false;
        }
        let step = steps.swap_remove(self.random.below(steps.len()));
        let rule: &'static Rule = step.rule;
        self.rules.insert(rule.id);
        self.state = step.next;
        if let Some(kind) = step.output {
            self.seen(actor, kind);
        }
        true
    }
}
