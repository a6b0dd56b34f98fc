//! What goes down: to all workers, to the next in the rotation, through a sender from `get`.

use super::operations::{Phase, Pool};
use super::rules::*;
use super::state::{Generation, State, Told};
use super::types::{Down, Ret, WorkerId};
use crate::object::{Effects, Then};

/// The worker with this index in the current generation.
fn member(state: &State, index: u32) -> Option<WorkerId> {
    state.members(Generation::Current).nth(index as usize).map(|worker| worker.id)
}

pub(super) fn apply_broadcast(state: &State, message: Down, next: u32, effects: &mut Effects<'_, Pool>) {
    let Some(id) = member(state, next) else {
        return effects.push_with(&BROADCAST, Then::Return(Ret::Done), State::end_burst);
    };
    let then = Then::Phase(Phase::Broadcasting { message, next: next + 1 });
    effects.push_with(&BROADCAST, then, |state| {
        state.end_burst();
        state.change(id, |worker| worker.hears(message));
    });
}

pub(super) fn apply_broadcast_one(state: &State, message: Down, effects: &mut Effects<'_, Pool>) {
    let count = state.members(Generation::Current).count() as u32;
    let refused = Then::Return(Ret::RefusedDown(message));
    if count == 0 {
        return effects.push_with(&DOWN_REFUSED, refused, State::end_burst);
    }
    let turn = (state.rotation + 1) % count;
    let turned = |next: &mut State| {
        next.end_burst();
        next.rotation = turn;
    };
    match state.members(Generation::Current).nth(turn as usize).filter(|worker| worker.receives) {
        None => effects.push_with(&DOWN_REFUSED, refused, turned),
        Some(worker) => {
            let id = worker.id;
            effects.push_with(&BROADCAST_ONE, Then::Return(Ret::Sent), |next| {
                turned(next);
                next.change(id, |worker| worker.hears(message));
            });
        }
    }
}

pub(super) fn apply_get(state: &State, index: u32, effects: &mut Effects<'_, Pool>) {
    match member(state, index) {
        None => effects.push_with(&GET, Then::Return(Ret::Nobody), State::end_burst),
        Some(id) => effects.push_with(&GET, Then::Return(Ret::SenderTo(id)), |next| {
            next.end_burst();
            next.change(id, |worker| worker.down_senders += 1);
        }),
    }
}

pub(super) fn apply_send(state: &State, id: WorkerId, message: Down, effects: &mut Effects<'_, Pool>) {
    if state.worker(id).is_some_and(|worker| worker.receives) {
        effects.push_with(&SEND_DOWN, Then::Return(Ret::Sent), |next| {
            next.change(id, |worker| worker.hears(message));
        });
    } else {
        effects.push(&DOWN_REFUSED, Then::Return(Ret::RefusedDown(message)));
    }
}

/// `recv` of a worker if it waits, `try_recv` if it does not.
pub(super) fn apply_recv(state: &State, id: WorkerId, waits: bool, effects: &mut Effects<'_, Pool>) {
    let Some(worker) = state.worker(id) else { return };
    if let Some(&message) = worker.down.first() {
        let told = if message == Down::Stop { Told::ToEnd } else { Told::AMessage };
        effects.push_with(&DOWN, Then::Return(Ret::Message(message)), |next| {
            next.change(id, |worker| {
                worker.down.remove(0);
                worker.told = worker.told.max(told);
            });
        });
    } else if !worker.is_reachable() {
        effects.push_with(&DOWN_DISCONNECTED, Then::Return(Ret::Disconnected), |next| {
            next.change(id, |worker| worker.told = Told::ToEnd);
        });
    } else if !waits {
        effects.push(&DOWN_EMPTY, Then::Return(Ret::Empty));
    }
}
