//! The pool as an object: which phases its operations go through, and what each of them may do next.
//!
//! What goes up is in [`sending`](super::sending) and [`receiving`](super::receiving), what goes down in [`down`](super::down), the ends of
//! generations in [`stopping`](super::stopping). What its users owe is in [`debts`](super::debts).

use super::rules::*;
use super::state::{Channel, Generation, Sending, State, Thread, Told, Worker};
use super::types::{BurstId, Cb, Down, Op, Reply, Ret, ValueId, WorkerId};
use super::{debts, down, receiving, sending, stopping};
use crate::event::{Actor, Kind};
use crate::object::{ActionOf, Debt, Effects, Object, Strand, Then};
use crate::rule::{Obligation, Refused, Rule};
use std::fmt;

/// The pool as an object with guarded operations.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// How many values a channel up has room for; 0: each send meets a receive.
    pub capacity: u32,
    /// Whether stamps may be equal to the start of a burst ([`STAMP_TIES`]), as readings of a clock may be. Without ties a burst gives
    /// nothing of a send that was called after its start.
    pub ties: bool,
    /// What the strands of workers are called as long as nobody has seen them: this number plus that of the worker.
    pub strands_from: u32,
    /// Whether a joining stop remembers the values that it received. One that does not has finitely many states even if workers send
    /// for ever, so that an explorer can see them all; it returns no values.
    pub remembers: bool,
    /// An obligation that is not demanded although it is a guard, for those who want to see what it is good for.
    pub forgives: Option<&'static Obligation>,
}

/// Where an operation stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Has had no effect yet, or goes on without a phase of its own.
    Begin(Op),
    /// `execute_many` with so many closures left.
    Executing {
        /// The next one.
        next: WorkerId,
        /// How many.
        left: u32,
    },
    /// `recv_burst` after the start of the burst.
    Bursting(BurstId),
    /// A stop that has told so many workers.
    Telling {
        /// The generation that it took.
        of: Generation,
        /// How many workers of it have Stop.
        told: u32,
        /// Whether it reports panics instead of going on with them.
        tries: bool,
    },
    /// A joining stop that has told all workers.
    Gathering {
        /// Whether it reports panics instead of going on with them.
        tries: bool,
        /// What it received.
        values: Vec<ValueId>,
    },
    /// `broadcast` that has come so far.
    Broadcasting {
        /// What is sent.
        message: Down,
        /// How many workers were looked at.
        next: u32,
    },
    /// The drop of the pool after it has closed the channel.
    LettingGo {
        /// What is left to drop.
        values: Vec<ValueId>,
    },
    /// A drop of an iterator, or `stop_and_join`, with values to drop.
    Discarding {
        /// What is left to drop.
        values: Vec<ValueId>,
        /// `stop_and_join` goes on with this panic.
        panic: Option<WorkerId>,
    },
    /// The closure of a worker.
    Working(WorkerId),
    /// The thread of a worker after its closure.
    Over {
        /// Whose.
        worker: WorkerId,
        /// Whether the closure panicked.
        panicked: bool,
    },
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Phase::Begin(op) => op.fmt(f),
            Phase::Executing { next, left } => write!(f, "execute_many, {left} left from {next}"),
            Phase::Bursting(burst) => write!(f, "recv_burst in {burst}"),
            Phase::Telling { of, told, .. } => write!(f, "the telling of {of} after {told}"),
            Phase::Gathering { values, .. } => write!(f, "the joining stop with {} received", values.len()),
            Phase::Broadcasting { message, next } => write!(f, "broadcast({message}) after {next}"),
            Phase::LettingGo { values } => write!(f, "the drop of the pool with {} to drop", values.len()),
            Phase::Discarding { values, .. } => write!(f, "a stop with {} to drop", values.len()),
            Phase::Working(worker) => write!(f, "the work of {worker}"),
            Phase::Over { worker, .. } => write!(f, "the end of {worker}"),
        }
    }
}

const NO_POOL: Refused = Refused::Malformed("the pool is used after its drop");
const POOL_BUSY: Refused = Refused::Malformed("the pool is used by two calls at once");
const NO_ITERATOR: Refused = Refused::Malformed("an iterator of stop is used that does not exist");
const NO_WORKER: Refused = Refused::Malformed("a handle of a worker is used that does not exist");

/// More workers at once are a mistake of whoever wrote the trace.
const WORKERS_AT_ONCE_MAX: u32 = 256;

impl Pool {
    /// A pool whose channels have room for so many values.
    pub const fn new(capacity: u32) -> Self {
        Pool { capacity, ties: true, strands_from: 1 << 31, remembers: true, forgives: None }
    }

    pub(super) fn strand(&self, worker: WorkerId) -> Strand<Cb, Phase> {
        Strand {
            name: Actor(self.strands_from.wrapping_add(worker.0)),
            rule: &STARTS,
            cb: Cb::Work { worker },
            phase: Phase::Working(worker),
        }
    }

    /// How many values may be taken and not given.
    pub(super) fn room_ahead(&self) -> usize {
        self.capacity.max(1) as usize
    }

    fn apply_execute(&self, worker: WorkerId, effects: &mut Effects<'_, Self>) {
        effects.push_strand(&EXECUTE, Then::Return(Ret::Done), self.strand(worker), |next| next.hire(worker));
        effects.push_with(&EXECUTE_FAILS, Then::Return(Ret::Failed), State::end_burst);
    }

    fn apply_executing(&self, next: WorkerId, left: u32, effects: &mut Effects<'_, Self>) {
        let Some(left) = left.checked_sub(1) else {
            return effects.push_with(&EXECUTE, Then::Return(Ret::Done), State::end_burst);
        };
        let then = Phase::Executing { next: WorkerId(next.0.wrapping_add(1)), left };
        effects.push_strand(&EXECUTE, Then::Phase(then), self.strand(next), |state| state.hire(next));
        effects.push_with(&EXECUTE_FAILS, Then::Return(Ret::Failed), State::end_burst);
    }

    fn apply_begin(&self, state: &State, actor: Actor, op: Op, effects: &mut Effects<'_, Self>) {
        match op {
            Op::Execute { worker } | Op::TryExecute { worker } => self.apply_execute(worker, effects),
            Op::ExecuteMany { first, count } => self.apply_executing(first, count, effects),
            Op::Recv => receiving::apply_recv(self, state, Generation::Current, effects),
            Op::Burst { burst } => receiving::apply_burst(burst, effects),
            Op::NextOfBurst { .. } => receiving::apply_next(self, state, op, effects),
            Op::Stop { stop } => stopping::apply_stop(Generation::Stopped(stop), actor, false, effects),
            Op::StopAndJoin => stopping::apply_stop(Generation::Joining, actor, false, effects),
            Op::TryStopAndJoin => stopping::apply_stop(Generation::Joining, actor, true, effects),
            Op::NextOfStop { stop } => stopping::apply_next(self, state, stop, effects),
            Op::DropStop { stop } => stopping::apply_drop(state, Generation::Stopped(stop), effects),
            Op::DropPool => stopping::apply_drop_pool(state, effects),
            Op::Broadcast { message } => down::apply_broadcast(state, message, 0, effects),
            Op::BroadcastOne { message } => down::apply_broadcast_one(state, message, effects),
            Op::Get { index } => down::apply_get(state, index, effects),
            Op::Count => {
                let count = state.members(Generation::Current).count() as u32;
                effects.push_with(&GET, Then::Return(Ret::Count(count)), State::end_burst);
            }
            Op::SendDown { worker, message } => down::apply_send(state, worker, message, effects),
            Op::Send { worker, value } => sending::apply(self, state, worker, value, true, effects),
            Op::TrySend { worker, value } => sending::apply(self, state, worker, value, false, effects),
            Op::RecvDown { worker } => down::apply_recv(state, worker, true, effects),
            Op::TryRecvDown { worker } => down::apply_recv(state, worker, false, effects),
            Op::CloneDownSender { worker } => {
                handle(worker, effects, |worker| worker.down_senders += 1);
            }
            Op::DropDownSender { worker } => {
                handle(worker, effects, |worker| worker.down_senders = worker.down_senders.saturating_sub(1));
            }
            Op::CloneSender { worker } => handle(worker, effects, |worker| worker.senders += 1),
            Op::DropSender { worker } => {
                handle(worker, effects, |worker| worker.senders = worker.senders.saturating_sub(1))
            }
            Op::DropReceiver { worker } => handle(worker, effects, |worker| {
                worker.receives = false;
                worker.down.clear();
            }),
        }
    }
}

fn handle(id: WorkerId, effects: &mut Effects<'_, Pool>, change: impl FnOnce(&mut Worker)) {
    effects.push_with(&HANDLES, Then::Return(Ret::Done), |next| {
        next.change(id, change);
        next.forget();
    });
}

impl Object for Pool {
    type State = State;
    type Op = Op;
    type Ret = Ret;
    type Cb = Cb;
    type Reply = Reply;
    type Phase = Phase;

    fn init(&self) -> State {
        State::default()
    }

    fn call(&self, state: &mut State, _: Actor, op: &Op) -> Result<Phase, Refused> {
        match *op {
            Op::NextOfStop { stop } | Op::DropStop { stop } => {
                let channel = state.channel_mut(Generation::Stopped(stop)).ok_or(NO_ITERATOR)?;
                occupy_iterator(channel)?;
            }
            Op::SendDown { worker, .. } | Op::CloneDownSender { worker } | Op::DropDownSender { worker } => {
                state.worker(worker).filter(|worker| worker.down_senders > 0).ok_or(NO_WORKER)?;
            }
            Op::Send { worker, .. }
            | Op::TrySend { worker, .. }
            | Op::CloneSender { worker }
            | Op::DropSender { worker } => sending::occupy(state, worker, op)?,
            Op::RecvDown { worker } | Op::TryRecvDown { worker } | Op::DropReceiver { worker } => {
                let receives = |worker: &&Worker| worker.receives && worker.thread != Thread::Starts;
                state.worker(worker).filter(receives).ok_or(NO_WORKER)?;
                state.change(worker, goes_on);
            }
            _ => occupy_pool(state, op)?,
        }
        Ok(Phase::Begin(*op))
    }

    fn apply(&self, state: &State, actor: Actor, phase: &Phase, effects: &mut Effects<'_, Self>) {
        match phase {
            Phase::Begin(op) => self.apply_begin(state, actor, *op, effects),
            Phase::Executing { next, left } => self.apply_executing(*next, *left, effects),
            Phase::Bursting(burst) => receiving::apply_bursting(self, state, *burst, effects),
            Phase::Telling { of, told, tries } => stopping::apply_telling(state, *of, *told, *tries, effects),
            Phase::Gathering { tries, values } => {
                stopping::apply_gathering(self, state, *tries, values, effects);
            }
            Phase::Broadcasting { message, next } => down::apply_broadcast(state, *message, *next, effects),
            Phase::LettingGo { values } => stopping::apply_letting_go(state, values, effects),
            Phase::Discarding { values, panic } => stopping::apply_discarding(values, *panic, effects),
            Phase::Working(_) => {}
            Phase::Over { worker, panicked } => effects.push_with(&ENDS, Then::Done, |next| {
                next.change(*worker, |worker| worker.thread = Thread::Ended { panicked: *panicked });
                next.forget();
            }),
        }
    }

    fn leave(
        &self,
        state: &mut State,
        _: Actor,
        entered: &Cb,
        phase: &Phase,
        reply: &Reply,
    ) -> Result<Phase, Refused> {
        let panicked = *reply == Reply::Panicked;
        match *entered {
            Cb::Work { worker } => {
                let leaks = state.worker(worker).is_some_and(|worker| worker.senders > 0);
                if leaks && self.forgives != Some(&SENDERS_END_WITH_WORKERS) {
                    return Err(Refused::Obligation(&SENDERS_END_WITH_WORKERS));
                }
                Ok(Phase::Over { worker, panicked })
            }
            _ if panicked => Err(Refused::Obligation(&DROPS_DO_NOT_PANIC)),
            _ => Ok(phase.clone()),
        }
    }

    fn entered(&self, state: &mut State, _: Actor, cb: &Cb) {
        if let Cb::Work { worker } = *cb {
            state.change(worker, |worker| worker.thread = Thread::Runs);
        }
    }

    fn returned(&self, state: &mut State, _: Actor, phase: &Phase) {
        match *phase {
            Phase::Begin(Op::Send { worker, .. } | Op::TrySend { worker, .. }) => {
                state.change(worker, |worker| worker.sending = Sending::No);
            }
            Phase::Begin(Op::NextOfStop { stop }) => {
                if let Some(channel) = state.channel_mut(Generation::Stopped(stop)) {
                    channel.busy = false;
                }
            }
            Phase::Begin(
                Op::DropStop { .. }
                | Op::SendDown { .. }
                | Op::CloneDownSender { .. }
                | Op::DropDownSender { .. }
                | Op::CloneSender { .. }
                | Op::DropSender { .. }
                | Op::RecvDown { .. }
                | Op::TryRecvDown { .. }
                | Op::DropReceiver { .. },
            )
            | Phase::Discarding { panic: None, .. }
            | Phase::Working(_)
            | Phase::Over { .. } => {}
            Phase::Begin(_)
            | Phase::Executing { .. }
            | Phase::Bursting(_)
            | Phase::Telling { .. }
            | Phase::Gathering { .. }
            | Phase::Broadcasting { .. }
            | Phase::LettingGo { .. }
            | Phase::Discarding { panic: Some(_), .. } => state.busy = false,
        }
    }

    fn aside(&self, state: &State, _: Actor, phase: &Phase, cb: &Cb) -> Option<&'static Rule> {
        let permitted = match *cb {
            Cb::DropNote { .. } => true,
            Cb::DropClosure { worker } => {
                let executes = matches!(
                    phase,
                    Phase::Begin(Op::Execute { .. } | Op::TryExecute { .. } | Op::ExecuteMany { .. })
                        | Phase::Executing { .. }
                );
                executes && state.worker(worker).is_none()
            }
            Cb::Work { .. } | Cb::DropValue { .. } => false,
        };
        permitted.then_some(&CARE)
    }

    fn leave_aside(&self, _: &Cb, reply: &Reply) -> Result<(), Refused> {
        match reply {
            Reply::Done => Ok(()),
            Reply::Panicked => Err(Refused::Obligation(&DROPS_DO_NOT_PANIC)),
        }
    }

    fn waits_for(&self, state: &State, actor: Actor, phase: &Phase) -> Option<Debt<Cb>> {
        debts::waits_for(state, actor, phase)
    }

    fn may_wait(&self, _: &State, _: Actor, phase: &Phase) -> Option<&'static Rule> {
        match phase {
            Phase::Begin(Op::Recv) => Some(&RECV_WAITS),
            Phase::Begin(Op::RecvDown { .. }) => Some(&DOWN_WAITS),
            Phase::Begin(Op::Send { .. }) => Some(&SEND_WAITS),
            _ => None,
        }
    }

    fn owed(&self, state: &State, entered: &Cb) -> &'static Obligation {
        debts::owed(state, entered)
    }

    fn limited(&self, state: &State, op: &Op) -> Option<&'static Obligation> {
        debts::limited(state, op)
    }

    fn commutes(&self, action: &ActionOf<Self>) -> bool {
        // A call notes only that its handle is in use, which nobody else may use meanwhile, and a return that it is not. What a reply
        // changes shows only in the step that follows it. An aside interrupts its operation, which may have taken effect before it
        // or not.
        match action {
            Kind::Call(_) | Kind::Return(_) | Kind::Leave(_) => true,
            Kind::Enter(cb) => matches!(cb, Cb::Work { .. } | Cb::DropValue { .. }),
        }
    }
}

fn occupy_pool(state: &mut State, op: &Op) -> Result<(), Refused> {
    state.channel(Generation::Current).ok_or(NO_POOL)?;
    if state.busy {
        return Err(POOL_BUSY);
    }
    match *op {
        Op::Execute { worker } | Op::TryExecute { worker } => is_new(state, worker, 1)?,
        Op::ExecuteMany { first, count } => is_new(state, first, count)?,
        Op::NextOfBurst { burst } if state.burst.is_none_or(|live| live.id != burst) => {
            return Err(Refused::Malformed("an iterator of recv_burst is used that does not exist any more"));
        }
        Op::Stop { stop } if state.channel(Generation::Stopped(stop)).is_some() => {
            return Err(Refused::Malformed("a stop has the id of one whose iterator still exists"));
        }
        _ => {}
    }
    state.busy = true;
    Ok(())
}

fn is_new(state: &State, first: WorkerId, count: u32) -> Result<(), Refused> {
    let ids = u64::from(first.0)..u64::from(first.0) + u64::from(count);
    if state.workers.iter().any(|worker| ids.contains(&u64::from(worker.id.0))) {
        return Err(Refused::Malformed("a worker has the id of one that still exists"));
    }
    if count > WORKERS_AT_ONCE_MAX {
        return Err(Refused::Malformed("more than 256 workers are made at once"));
    }
    Ok(())
}

fn occupy_iterator(channel: &mut Channel) -> Result<(), Refused> {
    if channel.busy {
        return Err(Refused::Malformed("an iterator of stop is used by two calls at once"));
    }
    channel.busy = true;
    Ok(())
}

/// A worker does something, so it is done with the message that it received last.
pub(super) fn goes_on(worker: &mut Worker) {
    if worker.told == Told::AMessage {
        worker.told = Told::Nothing;
    }
}
