//! A notation for traces.

use raddle_spec::pool::{
    BurstId, Cb, Down, Event, Kind, NoteId, Op, Reply, Ret, StopId, ValueId, WorkerId, spec,
};
use raddle_spec::{Actor, End, Monitor, Obligation, Verdict, judge};

/// The strand of the owner of the pool.
pub(crate) const OWNER: u32 = 0;

/// The strand of a worker.
pub(crate) fn strand(worker: u32) -> u32 {
    10 + worker
}

/// A trace under construction: each method adds events at the end.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub(crate) capacity: u32,
    pub(crate) events: Vec<Event>,
}

/// Of a pool whose channels have room for so many values.
pub(crate) fn pool(capacity: u32) -> Trace {
    Trace { capacity, events: Vec::new() }
}

impl Trace {
    fn with(mut self, actor: u32, kind: Kind) -> Self {
        self.events.push(Event::new(Actor(actor), kind));
        self
    }

    pub(crate) fn calls(self, actor: u32, op: Op) -> Self {
        self.with(actor, Kind::Call(op))
    }

    pub(crate) fn returns(self, actor: u32, ret: Ret) -> Self {
        self.with(actor, Kind::Return(ret))
    }

    pub(crate) fn enters(self, actor: u32, cb: Cb) -> Self {
        self.with(actor, Kind::Enter(cb))
    }

    pub(crate) fn leaves(self, actor: u32, reply: Reply) -> Self {
        self.with(actor, Kind::Leave(reply))
    }

    /// A call that runs no user code and overlaps nothing.
    pub(crate) fn does(self, actor: u32, op: Op, ret: Ret) -> Self {
        self.calls(actor, op).returns(actor, ret)
    }

    /// The same on the strand of the owner.
    pub(crate) fn owner(self, op: Op, ret: Ret) -> Self {
        self.does(OWNER, op, ret)
    }

    /// The same on the strand of a worker.
    pub(crate) fn worker(self, worker: u32, op: fn(WorkerId) -> Op, ret: Ret) -> Self {
        self.does(strand(worker), op(WorkerId(worker)), ret)
    }

    /// User code that does nothing.
    pub(crate) fn runs(self, actor: u32, cb: Cb) -> Self {
        self.enters(actor, cb).leaves(actor, Reply::Done)
    }

    /// A worker is made, and its thread enters its closure.
    pub(crate) fn hires(self, worker: u32) -> Self {
        self.owner(execute(worker), Ret::Done).starts(worker)
    }

    pub(crate) fn starts(self, worker: u32) -> Self {
        self.enters(strand(worker), work(worker))
    }

    /// A worker drops what it has and ends.
    pub(crate) fn ends(self, worker: u32) -> Self {
        self.lets_go(worker).leaves(strand(worker), Reply::Done)
    }

    pub(crate) fn panics(self, worker: u32) -> Self {
        self.lets_go(worker).leaves(strand(worker), Reply::Panicked)
    }

    pub(crate) fn lets_go(self, worker: u32) -> Self {
        self.worker(worker, drop_receiver, Ret::Done).worker(worker, drop_sender, Ret::Done)
    }

    /// A send for which there is room.
    pub(crate) fn sends(self, worker: u32, sent: u32) -> Self {
        self.does(strand(worker), send(worker, sent), Ret::Sent)
    }

    /// A worker receives this message.
    pub(crate) fn hears(self, worker: u32, message: Down) -> Self {
        self.worker(worker, recv_down, Ret::Message(message))
    }

    pub(crate) fn judged(&self, end: End) -> Verdict {
        judge(&spec(self.capacity), &self.events, end)
    }

    #[track_caller]
    pub(crate) fn accepted(&self) {
        let verdict = self.judged(End::Rest);
        assert!(verdict.is_accepted(), "{verdict}");
    }

    #[track_caller]
    pub(crate) fn accepted_so_far(&self) {
        let verdict = self.judged(End::Cut);
        assert!(verdict.is_accepted(), "{verdict}");
    }

    /// Fails at its last event, and these rules are named.
    #[track_caller]
    pub(crate) fn violates(&self, rules: &[&str]) {
        let verdict = self.judged(End::Cut);
        assert!(matches!(verdict, Verdict::Violation(_)), "{verdict}");
        assert_eq!(verdict.at(), Some(self.events.len() - 1), "{verdict}");
        assert_eq!(ids(&verdict), rules, "{verdict}");
    }

    /// Comes to rest too early, and these rules are owed.
    #[track_caller]
    pub(crate) fn stuck(&self, rules: &[&str]) {
        let verdict = self.judged(End::Rest);
        assert!(matches!(verdict, Verdict::Stuck(_)), "{verdict}");
        assert_eq!(ids(&verdict), rules, "{verdict}");
        self.accepted_so_far();
    }

    /// The environment is at fault at rest, on this strand.
    #[track_caller]
    pub(crate) fn owes(&self, actor: u32, obligation: &Obligation) {
        self.accepted_so_far();
        match self.judged(End::Rest) {
            Verdict::Environment(fault) => {
                assert_eq!((fault.at, fault.actor, fault.obligation), (None, Actor(actor), obligation));
            }
            verdict => panic!("{verdict}"),
        }
    }

    /// The rules of an explanation of the trace as one that came to rest.
    #[track_caller]
    pub(crate) fn rules(&self) -> Vec<&'static str> {
        let explained = Monitor::new(&spec(self.capacity)).explain(&self.events, End::Rest);
        explained.unwrap_or_else(|verdict| panic!("{verdict}")).iter().map(|rule| rule.id).collect()
    }
}

pub(crate) fn ids(verdict: &Verdict) -> Vec<&'static str> {
    verdict.rules().iter().map(|rule| rule.id).collect()
}

pub(crate) fn execute(worker: u32) -> Op {
    Op::Execute { worker: WorkerId(worker) }
}

pub(crate) fn work(worker: u32) -> Cb {
    Cb::Work { worker: WorkerId(worker) }
}

pub(crate) fn send(worker: u32, value: u32) -> Op {
    Op::Send { worker: WorkerId(worker), value: ValueId(value) }
}

pub(crate) fn try_send(worker: u32, value: u32) -> Op {
    Op::TrySend { worker: WorkerId(worker), value: ValueId(value) }
}

pub(crate) fn drop_sender(worker: WorkerId) -> Op {
    Op::DropSender { worker }
}

pub(crate) fn clone_sender(worker: WorkerId) -> Op {
    Op::CloneSender { worker }
}

pub(crate) fn drop_receiver(worker: WorkerId) -> Op {
    Op::DropReceiver { worker }
}

pub(crate) fn recv_down(worker: WorkerId) -> Op {
    Op::RecvDown { worker }
}

pub(crate) fn try_recv_down(worker: WorkerId) -> Op {
    Op::TryRecvDown { worker }
}

pub(crate) fn send_down(worker: u32, message: Down) -> Op {
    Op::SendDown { worker: WorkerId(worker), message }
}

pub(crate) fn drop_down_sender(worker: u32) -> Op {
    Op::DropDownSender { worker: WorkerId(worker) }
}

pub(crate) fn get(index: u32) -> Op {
    Op::Get { index }
}

pub(crate) fn broadcast(message: Down) -> Op {
    Op::Broadcast { message }
}

pub(crate) fn broadcast_one(message: Down) -> Op {
    Op::BroadcastOne { message }
}

pub(crate) fn burst(burst: u32) -> Op {
    Op::Burst { burst: BurstId(burst) }
}

pub(crate) fn next_of_burst(burst: u32) -> Op {
    Op::NextOfBurst { burst: BurstId(burst) }
}

pub(crate) fn stop(stop: u32) -> Op {
    Op::Stop { stop: StopId(stop) }
}

pub(crate) fn next(stop: u32) -> Op {
    Op::NextOfStop { stop: StopId(stop) }
}

pub(crate) fn drop_stop(stop: u32) -> Op {
    Op::DropStop { stop: StopId(stop) }
}

pub(crate) fn got(value: u32) -> Ret {
    Ret::Value(ValueId(value))
}

pub(crate) fn refused(value: u32) -> Ret {
    Ret::Refused(ValueId(value))
}

pub(crate) fn full(value: u32) -> Ret {
    Ret::Full(ValueId(value))
}

pub(crate) fn values(values: &[u32]) -> Ret {
    Ret::Values(ids_of(values))
}

pub(crate) fn joined(values: &[u32], panics: &[u32]) -> Ret {
    let panics = panics.iter().copied().map(WorkerId).collect();
    Ret::Joined { values: ids_of(values), panics }
}

fn ids_of(values: &[u32]) -> Vec<ValueId> {
    values.iter().copied().map(ValueId).collect()
}

pub(crate) fn panic_of(worker: u32) -> Ret {
    Ret::Panicked(WorkerId(worker))
}

pub(crate) fn dropped(value: u32) -> Cb {
    Cb::DropValue { value: ValueId(value) }
}

pub(crate) fn note(note: u32) -> Down {
    Down::Other(NoteId(note))
}
