//! The users of a pool in an exploration: an owner who follows a script, and workers who do whatever they can.
//!
//! Nobody is well-behaved here. A worker may spin, hang at a message, send for ever, go on when it is told to end, leave a sender behind;
//! an owner may stop in the middle of anything. What obligations ask of them is only noted at the moves that keep them, and the
//! explorer holds them to it or not.

use super::Kind;
use super::operations::Pool;
use super::rules::*;
use super::types::{Cb, Op, Reply, ValueId, WorkerId};
use crate::automaton::Automaton;
use crate::event::Actor;
use crate::explorer::{Environment, Input, Place};
use crate::object::Lifted;
use crate::rule::Obligation;

/// The strand of the owner; those of the workers follow.
const OWNER: Actor = Actor(0);

/// The strand of the first worker.
pub(super) const FIRST_WORKER: u32 = 1;

/// A part of the owner's script.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// One of these at a time.
    ops: Vec<Op>,
    /// So many times at most; `None`: without end, which is the last turn.
    times: Option<u8>,
    /// Whether fewer times are enough to go on.
    may_be_cut_short: bool,
    owed: Option<&'static Obligation>,
}

impl Turn {
    /// One of these calls.
    pub(super) fn one(ops: impl Into<Vec<Op>>) -> Self {
        Turn { ops: ops.into(), times: Some(1), may_be_cut_short: false, owed: None }
    }

    /// Up to so many of these calls.
    pub(super) fn up_to(times: u8, ops: impl Into<Vec<Op>>) -> Self {
        Turn { times: Some(times), may_be_cut_short: true, ..Turn::one(ops) }
    }

    /// These calls without end, under this obligation.
    pub(super) fn endless(ops: impl Into<Vec<Op>>, owed: &'static Obligation) -> Self {
        Turn { times: None, owed: Some(owed), ..Turn::one(ops) }
    }
}

/// An owner and workers.
#[derive(Clone, Debug)]
pub(super) struct Crew {
    pub(super) script: Vec<Turn>,
    /// How many workers the script makes at most.
    pub(super) workers: u32,
    /// What workers call, besides sending and dropping their senders.
    pub(super) calls: Vec<fn(WorkerId) -> Op>,
    /// How workers send.
    pub(super) sends: Vec<fn(WorkerId, ValueId) -> Op>,
    /// How many values each worker sends; `None`: the same value without end.
    pub(super) values: Option<u8>,
    /// How the closures of workers and the drops of values end.
    pub(super) replies: Vec<Reply>,
    pub(super) asides: Vec<Kind>,
}

/// What the users remember.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    turn: u8,
    /// Calls in this turn.
    made: u8,
    /// How many values each worker has sent.
    pub(super) sent: Vec<u8>,
}

type Inputs = Vec<Input<Kind, Memory>>;

impl Crew {
    fn owner_calls(&self, memory: &Memory, sink: &mut Inputs) {
        let mut made = memory.made;
        for (number, turn) in self.script.iter().enumerate().skip(usize::from(memory.turn)) {
            for &op in &turn.ops {
                let (turn, made) = match turn.times {
                    None => (number, 0),
                    Some(times) if made + 1 == times => (number + 1, 0),
                    Some(_) => (number, made + 1),
                };
                let next = Memory { turn: turn as u8, made, ..memory.clone() };
                sink.push(Input { action: Kind::Call(op), next, owed: turn_owed(&self.script, number) });
            }
            if !turn.may_be_cut_short {
                return;
            }
            made = 0;
        }
    }

    fn worker_calls(&self, memory: &Memory, index: u32, owed: &'static Obligation, sink: &mut Inputs) {
        let worker = WorkerId(index);
        let own_calls = self.calls.iter().map(|call| call(worker)).chain([Op::DropSender { worker }]);
        sink.extend(own_calls.map(|op| Input {
            action: Kind::Call(op),
            next: memory.clone(),
            owed: keeps(&op, owed).then_some(owed),
        }));
        let sent = memory.sent[index as usize];
        if self.values.is_some_and(|values| sent == values) {
            return;
        }
        let mut next = memory.clone();
        next.sent[index as usize] += u8::from(self.values.is_some());
        let value = ValueId(index * 16 + u32::from(sent));
        sink.extend(self.sends.iter().map(|send| Input {
            action: Kind::Call(send(worker, value)),
            next: next.clone(),
            owed: (*owed == MESSAGES_ARE_DONE).then_some(owed),
        }));
    }
}

fn turn_owed(script: &[Turn], number: usize) -> Option<&'static Obligation> {
    script[number].owed
}

/// Whether this call of a worker is what the obligation asks for.
fn keeps(op: &Op, owed: &Obligation) -> bool {
    let receives = matches!(op, Op::RecvDown { .. } | Op::TryRecvDown { .. });
    let ends = matches!(op, Op::DropSender { .. });
    *owed == MESSAGES_ARE_DONE || ends || (receives && *owed == WORKERS_READ)
}

impl Environment<Lifted<Pool>> for Crew {
    type State = Memory;

    fn init(&self) -> Memory {
        Memory { turn: 0, made: 0, sent: vec![0; self.workers as usize] }
    }

    fn strands(&self) -> u32 {
        FIRST_WORKER + self.workers
    }

    fn inputs(&self, memory: &Memory, actor: Actor, place: Place, sink: &mut Inputs) {
        match place {
            Place::Outside if actor == OWNER => self.owner_calls(memory, sink),
            Place::InUserCode(owed) => {
                sink.extend(self.replies.iter().map(|reply| Input {
                    action: Kind::Leave(*reply),
                    next: memory.clone(),
                    owed: Some(owed),
                }));
                // From inside a drop nobody calls: that would nest without end.
                if let Some(index) = actor.0.checked_sub(FIRST_WORKER).filter(|_| *owed != DROPS_END) {
                    self.worker_calls(memory, index, owed, sink);
                }
            }
            Place::Outside | Place::InCall => {}
        }
    }

    fn asides(&self) -> &[<Lifted<Pool> as Automaton>::Action] {
        &self.asides
    }
}

/// The asides that say most: a note and a closure are dropped.
pub(super) fn care(note: super::NoteId, worker: WorkerId) -> Vec<Kind> {
    [Cb::DropNote { note }, Cb::DropClosure { worker }].map(Kind::Enter).to_vec()
}
