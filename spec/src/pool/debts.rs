//! Who owes what: for what calls wait if the users of the pool owe it, and under which obligation user code goes on.

use super::operations::Phase;
use super::rules::*;
use super::state::{Generation, State, Told, Worker};
use super::types::{Cb, Op};
use crate::event::Actor;
use crate::object::{Debt, Debtor};
use crate::rule::Obligation;

/// What the worker owes next, as long as it has not ended.
fn owed_by(worker: &Worker) -> &'static Obligation {
    match worker.told {
        Told::Nothing => &WORKERS_READ,
        Told::AMessage => &MESSAGES_ARE_DONE,
        Told::ToEnd => &TOLD_WORKERS_END,
    }
}

/// For what the receives of a stop wait when there is no value, if not everything has ended.
fn debt_of(state: &State, of: Generation, actor: Actor) -> Option<Debt<Cb>> {
    let running = state.members(of).find(|worker| !worker.has_ended());
    if let Some(worker) = running {
        let debtor = Debtor::Strand(Cb::Work { worker: worker.id });
        return Some(Debt { obligation: owed_by(worker), debtor, is_broken: false });
    }
    let obligation = &SENDERS_END_WITH_WORKERS;
    let debt = Debt { obligation, debtor: Debtor::Actor(actor), is_broken: false };
    state.has_senders(of).then_some(debt)
}

/// For what a call in this phase waits, if its users owe it.
pub(super) fn waits_for(state: &State, actor: Actor, phase: &Phase) -> Option<Debt<Cb>> {
    match *phase {
        Phase::Begin(Op::Recv) => {
            let debtor = Debtor::Actor(actor);
            let debt = Debt { obligation: &RECV_HAS_A_SENDER, debtor, is_broken: true };
            (!state.has_senders(Generation::Current)).then_some(debt)
        }
        Phase::Begin(Op::RecvDown { worker }) => {
            // The pool has told it, and nobody but a sender from `get` keeps its receiver connected.
            let worker = state.worker(worker).filter(|worker| worker.told == Told::ToEnd)?;
            let debtor = Debtor::Actor(actor);
            let debt = Debt { obligation: &TOLD_WORKERS_END, debtor, is_broken: true };
            (!worker.is_owned).then_some(debt)
        }
        Phase::Begin(Op::NextOfStop { stop }) => debt_of(state, Generation::Stopped(stop), actor),
        Phase::Gathering { .. } => debt_of(state, Generation::Joining, actor),
        Phase::Begin(Op::Send { worker, .. }) => {
            let of = state.worker(worker)?.of;
            let channel = state.channel(of).filter(|_| matches!(of, Generation::Stopped(_)))?;
            let debtor = Debtor::Actor(channel.holder);
            let debt = Debt { obligation: &STOPS_ARE_ITERATED, debtor, is_broken: false };
            (!channel.busy).then_some(debt)
        }
        _ => None,
    }
}

/// Under which obligation this user code goes on or ends.
pub(super) fn owed(state: &State, entered: &Cb) -> &'static Obligation {
    match *entered {
        Cb::Work { worker } => state.worker(worker).map_or(&TOLD_WORKERS_END, owed_by),
        Cb::DropValue { .. } | Cb::DropNote { .. } | Cb::DropClosure { .. } => &DROPS_END,
    }
}

/// Under which obligation this call happens only finitely often.
pub(super) fn limited(state: &State, op: &Op) -> Option<&'static Obligation> {
    let (worker, obligation) = match *op {
        Op::Send { worker, .. } | Op::TrySend { worker, .. } => (worker, &TOLD_WORKERS_SEND_FINITELY),
        Op::CloneSender { worker } | Op::RecvDown { worker } | Op::TryRecvDown { worker } => {
            (worker, &TOLD_WORKERS_END)
        }
        _ => return None,
    };
    state.worker(worker).filter(|worker| worker.told == Told::ToEnd).map(|_| obligation)
}
