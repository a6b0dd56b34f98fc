//! What the owner receives: one value, or a burst of those whose stamps are not later than its start.

use super::operations::{Phase, Pool};
use super::rules::*;
use super::state::{Generation, State};
use super::types::{BurstId, Op, Ret};
use crate::object::{Effects, Then};

pub(super) fn apply_recv(pool: &Pool, state: &State, of: Generation, effects: &mut Effects<'_, Pool>) {
    match state.channel(of).and_then(|channel| channel.first()) {
        Some(message) => {
            effects.push_with(&RECV, Then::Return(Ret::Value(message.value)), |next| {
                next.end_burst();
                next.take(of);
            });
            apply_taking(pool, state, of, Phase::Begin(Op::Recv), effects);
        }
        None => apply_parking(pool, state, of, Phase::Begin(Op::Recv), effects),
    }
}

/// A receive that finds nothing. In a channel with room nobody sees that it waits.
pub(super) fn apply_parking(
    pool: &Pool,
    state: &State,
    of: Generation,
    then: Phase,
    effects: &mut Effects<'_, Pool>,
) {
    let waits = state.channel(of).is_some_and(|channel| channel.receive_waits);
    if pool.capacity == 0 && !waits {
        effects.push_with(&RECEIVE_PARKS, Then::Phase(then), |next| {
            if of == Generation::Current {
                next.end_burst();
            }
            if let Some(channel) = next.channel_mut(of) {
                channel.receive_waits = true;
            }
        });
    }
}

pub(super) fn apply_burst(burst: BurstId, effects: &mut Effects<'_, Pool>) {
    effects.push_with(&BURST_BEGINS, Then::Phase(Phase::Bursting(burst)), |next| next.begin_burst(burst));
}

pub(super) fn apply_bursting(pool: &Pool, state: &State, burst: BurstId, effects: &mut Effects<'_, Pool>) {
    effects.push(&BURST_BEGINS, Then::Return(Ret::Done));
    apply_taking(pool, state, Generation::Current, Phase::Bursting(burst), effects);
}

pub(super) fn apply_next(pool: &Pool, state: &State, op: Op, effects: &mut Effects<'_, Pool>) {
    let channel = state.channel(Generation::Current);
    match channel.and_then(|channel| channel.first()) {
        Some(message) if !message.is_later => {
            effects.push_with(&BURST_YIELDS, Then::Return(Ret::Value(message.value)), |next| {
                next.take(Generation::Current);
            });
        }
        _ => effects.push_with(&BURST_ENDS, Then::Return(Ret::End), |next| {
            if let Some(burst) = &mut next.burst {
                burst.gave_none = true;
            }
        }),
    }
    apply_taking(pool, state, Generation::Current, Phase::Begin(op), effects);
}

/// What makes room before it is given. A joining stop gives nothing before its end, so it just receives.
pub(super) fn apply_taking(
    pool: &Pool,
    state: &State,
    of: Generation,
    then: Phase,
    effects: &mut Effects<'_, Pool>,
) {
    let Some(channel) = state.channel(of) else { return };
    if !channel.up.is_empty() && channel.ahead.len() < pool.room_ahead() {
        effects.push_with(&TAKES, Then::Phase(then), |next| next.take_ahead(of));
    }
}
