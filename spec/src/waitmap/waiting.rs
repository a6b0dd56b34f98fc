//! The life of one wait: created, registered, handed a value or ended, dropped.

use super::operations::{Phase, WaitMap};
use super::rules::*;
use super::state::{Stage, State, Wait};
use super::types::{Cb, Key, Ret, TaskId, ValueId, WaitError, WaitId};
use crate::object::{Effects, Then};
use crate::rule::{Refused, Rule};

pub(super) fn create(state: &mut State, id: WaitId, key: Key, looping: bool) -> Result<Phase, Refused> {
    match state.index(id) {
        Ok(_) => Err(Refused::Malformed("a wait is created under the id of one that still exists")),
        Err(place) => {
            let wait = Wait { id, key, looping, busy: true, key_dropped: false, stage: Stage::Start };
            state.waits.insert(place, wait);
            Ok(Phase::Create(id))
        }
    }
}

pub(super) fn occupy(state: &mut State, wait: WaitId) -> Result<(), Refused> {
    let wait = state.get_mut(wait).ok_or(Refused::Obligation(&ALIVE))?;
    if wait.busy {
        return Err(Refused::Obligation(&ONE_AT_A_TIME));
    }
    wait.busy = true;
    Ok(())
}

pub(super) fn poll(state: &mut State, wait: WaitId, task: TaskId) -> Result<Phase, Refused> {
    match state.get(wait) {
        Some(Wait { looping: true, busy: false, stage: Stage::Finished, .. }) => {
            Err(Refused::Obligation(&NOT_AFTER_COMPLETION))
        }
        Some(Wait { looping: true, .. }) => occupy(state, wait).map(|()| Phase::Round(wait, task)),
        _ => occupy(state, wait).map(|()| Phase::Poll(wait, task)),
    }
}

pub(super) fn may_drop_key(wait: &Wait) -> bool {
    let over = match wait.stage {
        Stage::Start | Stage::Registered(_) => false,
        Stage::Delivered(_) => !wait.looping,
        Stage::Ended | Stage::ToldClosed | Stage::Finished => true,
    };
    over && !wait.key_dropped
}

/// Why a wait that asks to register is refused, and the rule that says so.
fn refusal(state: &State, wait: &Wait) -> Option<(&'static Rule, WaitError)> {
    if state.closed {
        Some((&REFUSED_CLOSED, WaitError::Closed))
    } else {
        state.matching(wait.key).map(|_| (&REFUSED_DUPLICATE, WaitError::Duplicate))
    }
}

fn after_error(error: WaitError) -> Stage {
    match error {
        WaitError::Closed => Stage::ToldClosed,
        WaitError::Duplicate | WaitError::AlreadyConsumed => Stage::Finished,
    }
}

pub(super) fn apply_subscribe(state: &State, id: WaitId, task: TaskId, effects: &mut Effects<'_, WaitMap>) {
    let Some(wait) = state.get(id) else { return };
    let success = Then::Return(Ret::Subscribed(Ok(())));
    match wait.stage {
        Stage::Start => match refusal(state, wait) {
            None => effects.push_with(&SUBSCRIBE_REGISTERS, success, |next| next.register(id, task)),
            Some((rule, error)) => {
                effects.push_with(rule, Then::Return(Ret::Subscribed(Err(error))), |next| {
                    next.set_stage(id, after_error(error));
                });
            }
        },
        Stage::Registered(_) => {
            effects.push_with(&SUBSCRIBE_WAITS, success, |next| next.set_stage(id, Stage::Registered(task)));
        }
        Stage::Delivered(_) | Stage::Ended | Stage::ToldClosed | Stage::Finished => {
            effects.push(&SUBSCRIBE_AFTER, success);
        }
    }
}

pub(super) fn apply_poll(state: &State, id: WaitId, task: TaskId, effects: &mut Effects<'_, WaitMap>) {
    let Some(wait) = state.get(id) else { return };
    let ready = |result| Then::Return(Ret::Ready(result));
    match wait.stage {
        Stage::Start => match refusal(state, wait) {
            None => {
                effects
                    .push_with(&POLL_REGISTERS, Then::Return(Ret::Pending), |next| next.register(id, task));
            }
            Some((rule, error)) => effects.push_with(rule, ready(Err(error)), |next| {
                next.set_stage(id, after_error(error));
            }),
        },
        Stage::Registered(_) => effects.push_with(&POLL_WAITS, Then::Return(Ret::Pending), |next| {
            next.set_stage(id, Stage::Registered(task));
        }),
        Stage::Delivered(value) => effects.push_with(&POLL_DELIVERS, ready(Ok(value)), |next| {
            next.set_stage(id, Stage::Finished);
            next.notice(id);
        }),
        Stage::Ended => effects.push_with(&POLL_ENDED, ready(Err(WaitError::Closed)), |next| {
            next.set_stage(id, Stage::ToldClosed);
            next.notice(id);
        }),
        Stage::ToldClosed | Stage::Finished => {
            effects.push_with(&POLL_CONSUMED, ready(Err(WaitError::AlreadyConsumed)), |next| {
                next.set_stage(id, Stage::Finished);
            });
            if wait.stage == Stage::ToldClosed {
                effects.push(&POLL_CLOSED_AGAIN, ready(Err(WaitError::Closed)));
            }
        }
    }
}

pub(super) fn apply_round(state: &State, id: WaitId, task: TaskId, effects: &mut Effects<'_, WaitMap>) {
    let Some(wait) = state.get(id) else { return };
    let round = Phase::Round(id, task);
    match wait.stage {
        Stage::Start => match refusal(state, wait) {
            None => effects.push_with(&FOR_TESTS, Then::Enter(Cb::Test { wait: id }, round), |next| {
                next.register(id, task);
            }),
            Some((rule, error)) => effects.push_with(rule, Then::Return(Ret::Met(Err(error))), |next| {
                next.set_stage(id, Stage::Finished);
            }),
        },
        Stage::Registered(_) => effects.push_with(&POLL_WAITS, Then::Return(Ret::Pending), |next| {
            next.set_stage(id, Stage::Registered(task));
        }),
        Stage::Delivered(value) => {
            effects.push_with(&FOR_DISCARDS, Then::Enter(Cb::DropValue { value }, round), |next| {
                next.set_stage(id, Stage::Start);
                next.notice(id);
            });
        }
        Stage::Ended => {
            effects.push_with(&POLL_ENDED, Then::Return(Ret::Met(Err(WaitError::Closed))), |next| {
                next.set_stage(id, Stage::Finished);
                next.notice(id);
            });
        }
        Stage::ToldClosed | Stage::Finished => {}
    }
}

pub(super) fn apply_met(state: &State, id: WaitId, effects: &mut Effects<'_, WaitMap>) {
    let Some(wait) = state.get(id) else { return };
    let (rule, then) = match wait.stage {
        Stage::Delivered(value) => (&FOR_DISCARDS, Then::Enter(Cb::DropValue { value }, Phase::Met(id))),
        _ => (&FOR_MET, Then::Return(Ret::Met(Ok(())))),
    };
    effects.push_with(rule, then, |next| {
        next.leave_map(id, Stage::Finished);
        next.notice(id);
    });
}

pub(super) fn apply_drop(state: &State, id: WaitId, effects: &mut Effects<'_, WaitMap>) {
    let Some(wait) = state.get(id) else { return };
    let value = match wait.stage {
        Stage::Delivered(value) => Some(value),
        _ => None,
    };
    effects.push_with(&DROP_UNREGISTERS, Then::Phase(Phase::Dropping(id, value)), |next| {
        next.leave_map(id, Stage::Finished);
        next.notice(id);
    });
}

pub(super) fn apply_dropping(
    state: &State,
    id: WaitId,
    value: Option<ValueId>,
    effects: &mut Effects<'_, WaitMap>,
) {
    let key_dropped = state.get(id).is_none_or(|wait| wait.key_dropped);
    if let Some(value) = value {
        effects.push(&DROP_VALUE, Then::Enter(Cb::DropValue { value }, Phase::Dropping(id, None)));
    }
    if !key_dropped {
        effects.push(&DROP_KEY, Then::Enter(Cb::DropKey { wait: id }, Phase::Dropping(id, value)));
    }
    if value.is_none() && key_dropped {
        effects.push(&DROP_UNREGISTERS, Then::Return(Ret::Done));
    }
}
