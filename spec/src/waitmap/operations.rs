//! The WaitMap as an object: which phases its operations go through, and what user code may do meanwhile.
//!
//! Every effect is atomic. A poll decides at one moment whether to wait ([`waiting`](super::waiting)); `wake` and
//! `close` change the map at one moment and then invoke wakers, during which everybody else goes on
//! ([`waking`](super::waking)).

use super::rules::*;
use super::state::{State, Ticket};
use super::types::{Cb, Key, Op, Reply, Ret, TaskId, ValueId, WaitId};
use super::{waiting, waking};
use crate::event::{Actor, Kind};
use crate::object::{ActionOf, Effects, Object, Then};
use crate::rule::{Obligation, Refused, Rule};
use std::fmt;

/// The WaitMap as an object with guarded operations.
#[derive(Clone, Copy, Debug, Default)]
pub struct WaitMap;

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// `wait` and `wait_for`.
    Create(WaitId),
    /// `subscribe`.
    Subscribe(WaitId, TaskId),
    /// Poll of a plain wait.
    Poll(WaitId, TaskId),
    /// Poll of `wait_for`: at the start of a round or at its await, as the stage of the wait says.
    Round(WaitId, TaskId),
    /// Poll of `wait_for` whose condition was found to hold.
    Met(WaitId),
    /// Drop of a wait.
    Drop(WaitId),
    /// Drop of a wait that is out of the map, with the value that it must drop.
    Dropping(WaitId, Option<ValueId>),
    /// `wake`.
    Wake(Key, ValueId),
    /// `wake` after the value was handed over; the ticket finds the waker that is due.
    Waking(Ticket),
    /// `wake` after the waker was invoked or left alone.
    Woken {
        /// Whether the waker has panicked.
        panicked: bool,
    },
    /// `close`.
    Close,
    /// `close` after all registered waits were ended.
    Closing {
        /// Whether a waker has panicked.
        panicked: bool,
    },
    /// `is_closed`.
    IsClosed,
    /// A task sleeps.
    Sleep(TaskId),
}

impl Phase {
    fn wait(self) -> Option<WaitId> {
        match self {
            Phase::Create(wait)
            | Phase::Subscribe(wait, _)
            | Phase::Poll(wait, _)
            | Phase::Round(wait, _)
            | Phase::Met(wait)
            | Phase::Drop(wait)
            | Phase::Dropping(wait, _) => Some(wait),
            Phase::Wake(..)
            | Phase::Waking(_)
            | Phase::Woken { .. }
            | Phase::Close
            | Phase::Closing { .. }
            | Phase::IsClosed
            | Phase::Sleep(_) => None,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Phase::Create(wait) => write!(f, "the creation of {wait}"),
            Phase::Subscribe(wait, task) => write!(f, "the subscription of {wait} for {task}"),
            Phase::Poll(wait, task) | Phase::Round(wait, task) => write!(f, "the poll of {wait} for {task}"),
            Phase::Met(wait) => write!(f, "the poll of {wait} after its test held"),
            Phase::Drop(wait) | Phase::Dropping(wait, _) => write!(f, "the drop of {wait}"),
            Phase::Wake(key, value) => write!(f, "wake({key}, {value})"),
            Phase::Waking(_) => f.write_str("wake before its waker"),
            Phase::Woken { .. } => f.write_str("wake after its waker"),
            Phase::Close => f.write_str("close"),
            Phase::Closing { .. } => f.write_str("close among its wakers"),
            Phase::IsClosed => f.write_str("is_closed"),
            Phase::Sleep(task) => write!(f, "the sleep of {task}"),
        }
    }
}

impl Object for WaitMap {
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
            Op::Wait { wait, key } => waiting::create(state, wait, key, false),
            Op::WaitFor { wait, key } => waiting::create(state, wait, key, true),
            Op::Subscribe { wait, task } => {
                if state.get(wait).is_some_and(|wait| wait.looping) {
                    return Err(Refused::Malformed("a wait_for has no subscribe"));
                }
                waiting::occupy(state, wait)?;
                Ok(Phase::Subscribe(wait, task))
            }
            Op::Poll { wait, task } => waiting::poll(state, wait, task),
            Op::Drop { wait } => {
                waiting::occupy(state, wait)?;
                Ok(Phase::Drop(wait))
            }
            Op::Wake { key, value } => Ok(Phase::Wake(key, value)),
            Op::Close => Ok(Phase::Close),
            Op::IsClosed => Ok(Phase::IsClosed),
            Op::Sleep { task } => Ok(Phase::Sleep(task)),
        }
    }

    fn apply(&self, state: &State, _: Actor, phase: &Phase, effects: &mut Effects<'_, Self>) {
        match *phase {
            Phase::Create(_) => effects.push(&CREATE, Then::Return(Ret::Done)),
            Phase::Subscribe(wait, task) => waiting::apply_subscribe(state, wait, task, effects),
            Phase::Poll(wait, task) => waiting::apply_poll(state, wait, task, effects),
            Phase::Round(wait, task) => waiting::apply_round(state, wait, task, effects),
            Phase::Met(wait) => waiting::apply_met(state, wait, effects),
            Phase::Drop(wait) => waiting::apply_drop(state, wait, effects),
            Phase::Dropping(wait, value) => waiting::apply_dropping(state, wait, value, effects),
            Phase::Wake(key, value) => waking::apply_wake(state, key, value, effects),
            Phase::Waking(ticket) => waking::apply_waking(state, ticket, effects),
            Phase::Woken { panicked } => waking::apply_woken(panicked, effects),
            Phase::Close => {
                effects.push_with(&CLOSE_ENDS, Then::Phase(Phase::Closing { panicked: false }), State::close);
            }
            Phase::Closing { panicked } => waking::apply_closing(state, panicked, effects),
            Phase::IsClosed => effects.push(&IS_CLOSED, Then::Return(Ret::IsClosed(state.closed))),
            Phase::Sleep(task) => {
                if let Ok(place) = state.notified.binary_search(&task) {
                    effects.push_with(&SLEEP_ENDS, Then::Return(Ret::Done), |next| {
                        next.notified.remove(place);
                    });
                }
            }
        }
    }

    fn leave(
        &self,
        _: &mut State,
        _: Actor,
        entered: &Cb,
        phase: &Phase,
        reply: &Reply,
    ) -> Result<Phase, Refused> {
        match (entered, reply, *phase) {
            (Cb::Wake { .. }, Reply::Panicked, Phase::Woken { .. }) => Ok(Phase::Woken { panicked: true }),
            (Cb::Wake { .. }, Reply::Panicked, Phase::Closing { .. }) => {
                Ok(Phase::Closing { panicked: true })
            }
            (_, Reply::Panicked, _) => Err(Refused::Obligation(&ONLY_WAKERS_PANIC)),
            (Cb::Test { wait }, Reply::Holds(true), _) => Ok(Phase::Met(*wait)),
            (Cb::Test { .. }, Reply::Holds(false), phase) => Ok(phase),
            (Cb::Test { .. }, Reply::Done, _) => Err(Refused::Malformed("a test must say whether it holds")),
            (_, Reply::Holds(_), _) => Err(Refused::Malformed("only a test says whether it holds")),
            (_, Reply::Done, phase) => Ok(phase),
        }
    }

    fn entered(&self, state: &mut State, _: Actor, cb: &Cb) {
        match *cb {
            Cb::Wake { task } => state.notify(task),
            Cb::DropKey { wait } => {
                if let Some(wait) = state.get_mut(wait) {
                    wait.key_dropped = true;
                }
            }
            Cb::CloneWaker { .. } | Cb::DropWaker { .. } | Cb::DropValue { .. } | Cb::Test { .. } => {}
        }
    }

    fn returned(&self, state: &mut State, _: Actor, phase: &Phase) {
        if let Phase::Dropping(gone, _) = *phase {
            state.waits.retain(|wait| wait.id != gone);
        } else if let Some(wait) = phase.wait().and_then(|wait| state.get_mut(wait)) {
            wait.busy = false;
        }
    }

    fn aside(&self, state: &State, _: Actor, phase: &Phase, cb: &Cb) -> Option<&'static Rule> {
        match *cb {
            Cb::CloneWaker { .. } | Cb::DropWaker { .. } => {
                (!matches!(phase, Phase::Sleep(_))).then_some(&WAKER_CARE)
            }
            Cb::DropKey { wait } => {
                // The drop of a wait is left out: there the drop of the key is due, not an aside.
                let on_this_wait = matches!(
                    *phase,
                    Phase::Poll(of, _) | Phase::Subscribe(of, _) | Phase::Round(of, _) | Phase::Met(of)
                        if of == wait
                );
                (on_this_wait && waiting::may_drop_key(state.get(wait)?)).then_some(&DROP_KEY_EARLY)
            }
            Cb::Wake { .. } | Cb::DropValue { .. } | Cb::Test { .. } => None,
        }
    }

    fn leave_aside(&self, _: &Cb, reply: &Reply) -> Result<(), Refused> {
        match reply {
            Reply::Done => Ok(()),
            Reply::Panicked => Err(Refused::Obligation(&ONLY_WAKERS_PANIC)),
            Reply::Holds(_) => Err(Refused::Malformed("only a test says whether it holds")),
        }
    }

    fn may_wait(&self, _: &State, _: Actor, phase: &Phase) -> Option<&'static Rule> {
        matches!(phase, Phase::Sleep(_)).then_some(&SLEEP_WAITS)
    }

    fn owed(&self, _: &State, _: &Cb) -> &'static Obligation {
        &USER_CODE_ENDS
    }

    fn prolongs(&self, state: &State, op: &Op, phase: &Phase) -> Option<&'static Obligation> {
        let (Op::Wake { key, .. }, Phase::Round(wait, _)) = (op, phase) else { return None };
        state.get(*wait).is_some_and(|wait| wait.key.matches(*key)).then_some(&WOKEN_FINITELY)
    }

    fn commutes(&self, action: &ActionOf<Self>) -> bool {
        // Calls, returns and replies touch only the wait that they are about, which no other strand may use. The
        // invocation of a waker sets what the sleep of another strand takes away. An aside interrupts its operation,
        // which may have taken effect before it or not.
        match action {
            Kind::Call(_) | Kind::Return(_) | Kind::Leave(_) => true,
            Kind::Enter(cb) => matches!(cb, Cb::DropValue { .. } | Cb::Test { .. }),
        }
    }

    fn is_weak_query(&self, op: &Op) -> bool {
        matches!(op, Op::IsClosed)
    }
}
