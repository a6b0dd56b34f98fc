//! Random walks through the spec: executions that are right by construction.

use crate::support::{Trace, pool, strand};
use raddle_spec::pool::{
    BurstId, Cb, Down, Event, Kind, NoteId, Op, Pool, Reply, Ret, StopId, ValueId, WorkerId, spec,
};
use raddle_spec::{Actor, Automaton, Lifted, Stand};
use std::collections::BTreeSet;

/// A small generator of pseudo-random numbers (SplitMix64): the same seed, the same walk.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % u64::from(bound)) as u32
    }
}

type State = <Lifted<Pool> as Automaton>::State;

/// Strands that are neither the owner's nor those of workers.
const VISITOR: u32 = 5;
const CLEANER: u32 = 6;

/// So many ids of each kind are in use; workers beyond that are not made.
const WORKERS: u32 = 4;
const STOPS: u32 = 2;

/// A walk in progress.
pub(crate) struct Walk {
    random: Random,
    spec: Lifted<Pool>,
    capacity: u32,
    state: State,
    trace: Trace,
    hired: u32,
    values: u32,
    /// Rules under which a step was taken.
    pub(crate) rules: BTreeSet<&'static str>,
}

impl Walk {
    pub(crate) fn new(seed: u64, capacity: u32) -> Self {
        let spec = spec(capacity);
        Walk {
            random: Random(seed),
            capacity,
            state: spec.init(),
            spec,
            trace: pool(capacity),
            hired: 0,
            values: 0,
            rules: BTreeSet::new(),
        }
    }

    /// This many attempts to move.
    pub(crate) fn wander(&mut self, attempts: usize) -> &Trace {
        for _ in 0..attempts {
            match self.random.below(10) {
                0..2 => self.owner_call(),
                2..5 => self.worker_call(),
                5 => self.leave_somewhere(),
                6 => self.aside(),
                _ => drop(self.system()),
            }
            assert_eq!(self.state.shared().invalid(self.capacity), None);
        }
        &self.trace
    }

    /// Lets everything come to its end, as far as it can, and gives the trace up to there.
    pub(crate) fn rest(&mut self) -> &Trace {
        while self.system() || self.end_one() || self.clean() {}
        &self.trace
    }

    fn seen(&mut self, actor: Actor, kind: Kind) {
        self.trace.events.push(Event::new(actor, kind));
    }

    fn input(&mut self, actor: u32, kind: Kind) -> bool {
        let taken = self.spec.input(&mut self.state, Actor(actor), &kind).is_ok();
        if taken {
            self.seen(Actor(actor), kind);
        }
        taken
    }

    fn message(&mut self) -> Down {
        match self.random.below(8) {
            0 => Down::Stop,
            1 => Down::Pause,
            2 => Down::Continue,
            _ => Down::Other(NoteId(self.random.below(4))),
        }
    }

    fn owner_call(&mut self) {
        let message = self.message();
        let stop = StopId(self.random.below(STOPS));
        let burst = BurstId(0);
        let worker = WorkerId(self.hired);
        let may_hire = self.hired < WORKERS;
        let op = match self.random.below(64) {
            0..12 if may_hire => Op::Execute { worker },
            12..14 if may_hire => Op::TryExecute { worker },
            14..16 if self.hired + 1 < WORKERS => Op::ExecuteMany { first: worker, count: 2 },
            16..22 => Op::Recv,
            22..27 => Op::Burst { burst },
            27..36 => Op::NextOfBurst { burst },
            36..38 => Op::Stop { stop },
            38..46 => Op::NextOfStop { stop },
            46 => Op::DropStop { stop },
            47 => Op::StopAndJoin,
            48 => Op::TryStopAndJoin,
            49..54 => Op::Broadcast { message },
            54..58 => Op::BroadcastOne { message },
            58..61 => Op::Get { index: self.random.below(3) },
            61 => Op::Count,
            62 if self.random.below(3) == 0 => Op::DropPool,
            _ => return,
        };
        if self.input(0, Kind::Call(op)) {
            self.hired += match op {
                Op::Execute { .. } | Op::TryExecute { .. } => 1,
                Op::ExecuteMany { count, .. } => count,
                _ => 0,
            };
        }
    }

    fn worker_call(&mut self) {
        let index = self.random.below(WORKERS);
        let worker = WorkerId(index);
        let message = self.message();
        self.values += 1;
        let value = ValueId(self.values);
        let (actor, op) = match self.random.below(26) {
            0..7 => (strand(index), Op::Send { worker, value }),
            7..12 => (strand(index), Op::TrySend { worker, value }),
            12 => (strand(index), Op::CloneSender { worker }),
            13..15 => (strand(index), Op::DropSender { worker }),
            15..18 => (strand(index), Op::RecvDown { worker }),
            18..21 => (strand(index), Op::TryRecvDown { worker }),
            21 => (strand(index), Op::DropReceiver { worker }),
            22..24 => (VISITOR, Op::SendDown { worker, message }),
            24 => (VISITOR, Op::CloneDownSender { worker }),
            _ => (VISITOR, Op::DropDownSender { worker }),
        };
        // What `get` gives is nobody's before it has returned.
        let gives = |(_, stand)| matches!(stand, Stand::Returns(Ret::SenderTo(_)));
        if actor != VISITOR || !self.state.stands().any(gives) {
            self.input(actor, Kind::Call(op));
        }
    }

    /// Somebody who is inside user code leaves it.
    fn leave_somewhere(&mut self) {
        let inside: Vec<Actor> = self
            .state
            .stands()
            .filter(|(_, stand)| matches!(stand, Stand::Inside(_)))
            .map(|(actor, _)| actor)
            .collect();
        if let Some(&actor) = inside.get(self.random.below(inside.len().max(1) as u32) as usize) {
            let panics = self.random.below(4) == 0;
            let _ = (panics && self.input(actor.0, Kind::Leave(Reply::Panicked)))
                || self.input(actor.0, Kind::Leave(Reply::Done));
        }
    }

    fn aside(&mut self) {
        let actor = Actor([0, VISITOR, strand(0), strand(1)][self.random.below(4) as usize]);
        let cb = match self.random.below(2) {
            0 => Cb::DropNote { note: NoteId(self.random.below(4)) },
            _ => Cb::DropClosure { worker: WorkerId(self.random.below(WORKERS)) },
        };
        if let Some(rule) = self.spec.output(&mut self.state, actor, &Kind::Enter(cb)) {
            self.rules.insert(rule.id);
            self.seen(actor, Kind::Enter(cb));
        }
    }

    /// One step of the system on behalf of whomever.
    fn system(&mut self) -> bool {
        let (mut actors, mut steps) = (Vec::new(), Vec::new());
        self.spec.actors(&self.state, &mut actors);
        for actor in actors {
            let mut own = Vec::new();
            self.spec.steps(&self.state, actor, &mut own);
            steps.extend(own.into_iter().map(|step| (actor, step)));
        }
        if steps.is_empty() {
            return false;
        }
        let (actor, step) = steps.swap_remove(self.random.below(steps.len() as u32) as usize);
        self.rules.insert(step.rule.id);
        match step.output {
            Some(Kind::Enter(Cb::Work { worker })) => {
                // A new strand: whoever records it calls it as he likes.
                let (actor, kind) = (Actor(strand(worker.0)), Kind::Enter(Cb::Work { worker }));
                let rule = self.spec.output(&mut self.state, actor, &kind);
                assert_eq!(rule.map(|rule| rule.id), Some("PL-3"));
                self.seen(actor, kind);
            }
            output => {
                self.state = step.next;
                if let Some(kind) = output {
                    self.seen(actor, kind);
                }
            }
        }
        true
    }

    /// Somebody who is inside user code ends it; a worker lets go of its senders first.
    fn end_one(&mut self) -> bool {
        let actors: BTreeSet<Actor> = self.state.stands().map(|(actor, _)| actor).collect();
        actors.into_iter().any(|actor| {
            let worker = WorkerId(actor.0.wrapping_sub(strand(0)));
            self.input(actor.0, Kind::Leave(Reply::Done))
                || self.input(actor.0, Kind::Call(Op::DropSender { worker }))
        })
    }

    /// Drops whatever keeps others waiting.
    fn clean(&mut self) -> bool {
        (0..WORKERS)
            .any(|worker| self.input(CLEANER, Kind::Call(Op::DropDownSender { worker: WorkerId(worker) })))
            || (0..STOPS).any(|stop| self.input(CLEANER, Kind::Call(Op::DropStop { stop: StopId(stop) })))
    }
}
