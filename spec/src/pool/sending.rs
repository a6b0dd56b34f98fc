//! What goes up: a stamp first, then a place in the channel, or, with capacity 0, a receive.

use super::operations::{Pool, goes_on};
use super::rules::*;
use super::state::{Generation, Message, Sending, State, Thread};
use super::types::{Op, Ret, ValueId, WorkerId};
use crate::object::{Effects, Then};
use crate::rule::Refused;

/// Begins a call on a sender.
pub(super) fn occupy(state: &mut State, id: WorkerId, op: &Op) -> Result<(), Refused> {
    let worker = state.worker(id).filter(|worker| worker.senders > 0 && worker.thread != Thread::Starts);
    let worker = worker.ok_or(Refused::Malformed("a sender of a worker is used that does not exist"))?;
    if worker.sending != Sending::No {
        return Err(Refused::Malformed("senders of one worker are used by two calls at once"));
    }
    state.change(id, |worker| {
        if matches!(op, Op::Send { .. } | Op::TrySend { .. }) {
            worker.sending = Sending::Called;
        }
        goes_on(worker);
    });
    Ok(())
}

/// `send` if it waits, `try_send` if it does not.
pub(super) fn apply(
    pool: &Pool,
    state: &State,
    id: WorkerId,
    value: ValueId,
    waits: bool,
    effects: &mut Effects<'_, Pool>,
) {
    let Some(worker) = state.worker(id) else { return };
    match worker.sending {
        Sending::No => {}
        Sending::Taken => effects.push(&OFFER_TAKEN, Then::Return(Ret::Sent)),
        Sending::GivenBack => effects.push(&SEND_REFUSED, Then::Return(Ret::Refused(value))),
        Sending::Offers => {}
        _ if state.channel(worker.of).is_none() => {
            effects.push(&SEND_REFUSED, Then::Return(Ret::Refused(value)));
        }
        Sending::Called => apply_stamp(pool, state, id, worker.of, op(id, value, waits), effects),
        Sending::Stamped { is_later } => {
            let message = Message { worker: id, value, is_later, is_offer: false };
            apply_stamped(pool, state, message, worker.of, waits, effects);
        }
    }
}

fn op(worker: WorkerId, value: ValueId, waits: bool) -> Op {
    if waits { Op::Send { worker, value } } else { Op::TrySend { worker, value } }
}

fn apply_stamp(
    pool: &Pool,
    state: &State,
    id: WorkerId,
    of: Generation,
    op: Op,
    effects: &mut Effects<'_, Pool>,
) {
    let then = || Then::Phase(super::Phase::Begin(op));
    let burst = state.burst.filter(|_| of == Generation::Current);
    if burst.is_none_or(|burst| pool.ties && !burst.ticked) {
        let rule = if burst.is_some() { &STAMP_TIES } else { &STAMP };
        effects.push_with(rule, then(), |next| {
            next.change(id, |worker| worker.sending = Sending::Stamped { is_later: false });
        });
    }
    if burst.is_some() {
        effects.push_with(&STAMP, then(), |next| {
            next.change(id, |worker| worker.sending = Sending::Stamped { is_later: true });
            if let Some(burst) = &mut next.burst {
                burst.ticked = true;
            }
        });
    }
}

fn apply_stamped(
    pool: &Pool,
    state: &State,
    message: Message,
    of: Generation,
    waits: bool,
    effects: &mut Effects<'_, Pool>,
) {
    let Some(channel) = state.channel(of) else { return };
    let append = move |next: &mut State, message: Message| {
        if let Some(channel) = next.channel_mut(of) {
            channel.receive_waits = false;
            channel.up.push(message);
        }
    };
    let has_room = channel.up.len() < pool.capacity as usize;
    let meets = channel.receive_waits && channel.up.is_empty();
    let Message { worker, value, .. } = message;
    match (pool.capacity, waits) {
        (0, true) => {
            let then = Then::Phase(super::Phase::Begin(Op::Send { worker, value }));
            effects.push_with(&OFFER, then, |next| {
                append(next, Message { is_offer: true, ..message });
                next.change(worker, |worker| worker.sending = Sending::Offers);
            });
        }
        (0, false) if meets => {
            effects.push_with(&TRY_SEND_MEETS, Then::Return(Ret::Sent), |next| append(next, message));
        }
        (0, false) => effects.push(&TRY_SEND_MEETS, Then::Return(Ret::Full(value))),
        (_, _) if has_room => {
            effects.push_with(&SEND, Then::Return(Ret::Sent), |next| append(next, message));
        }
        (_, false) => effects.push(&TRY_SEND_FULL, Then::Return(Ret::Full(value))),
        (_, true) => {}
    }
}
