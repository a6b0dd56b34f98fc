//! How waits are reached: by a value for their key, or by the end of the map.

use super::operations::{Phase, WaitMap};
use super::rules::*;
use super::state::{OwedWake, Stage, State, Ticket};
use super::types::{Cb, Key, Ret, ValueId};
use crate::object::{Effects, Then};
use crate::rule::Rule;

pub(super) fn apply_wake(state: &State, key: Key, value: ValueId, effects: &mut Effects<'_, WaitMap>) {
    if state.closed {
        return effects.push(&WAKE_CLOSED, Then::Return(Ret::Closed(value)));
    }
    let Some((wait, task)) = state.matching(key) else {
        return effects.push(&WAKE_NO_MATCH, Then::Return(Ret::NoMatch(value)));
    };
    let ticket = state.free_ticket();
    effects.push_with(&WAKE_DELIVERS, Then::Phase(Phase::Waking(ticket)), |next| {
        next.leave_map(wait, Stage::Delivered(value));
        next.owed.push(OwedWake { ticket, wait, task, noticed: false });
    });
}

pub(super) fn apply_waking(state: &State, ticket: Ticket, effects: &mut Effects<'_, WaitMap>) {
    if let Some(place) = state.owed.iter().position(|owed| owed.ticket == ticket) {
        invoke(state, place, &WAKE_INVOKES, Phase::Woken { panicked: false }, effects);
    }
}

pub(super) fn apply_woken(panicked: bool, effects: &mut Effects<'_, WaitMap>) {
    if panicked {
        effects.push(&PANIC_PASSES, Then::Return(Ret::Panicked));
    } else {
        effects.push(&WAKE_DELIVERS, Then::Return(Ret::Woke));
    }
}

pub(super) fn apply_closing(state: &State, panicked: bool, effects: &mut Effects<'_, WaitMap>) {
    let alone = state.closes_in_progress == 1;
    let all_invoked = state.owed.iter().all(|owed| owed.ticket != Ticket::CLOSE);
    // First, because the monitor tries the steps in this order: to leave all wakers to another close is one step, and there
    // are as many ways to invoke or skip some before as there are sets of them.
    if all_invoked || !alone {
        let rule = match (all_invoked, panicked) {
            (false, _) => &CLOSES_SHARE,
            (true, true) => &PANIC_PASSES,
            (true, false) => &CLOSE_ENDS,
        };
        let ret = if panicked { Ret::Panicked } else { Ret::Done };
        effects.push_with(rule, Then::Return(ret), |next| next.closes_in_progress -= 1);
    }
    let mut rule = &CLOSE_INVOKES;
    for (place, owed) in state.owed.iter().enumerate() {
        if owed.ticket != Ticket::CLOSE {
            continue;
        }
        invoke(state, place, rule, Phase::Closing { panicked }, effects);
        if alone {
            return;
        }
        rule = &CLOSES_SHARE;
    }
}

/// Invokes the waker at this place of the list, or leaves it alone if its wait does not need it any more.
fn invoke(state: &State, place: usize, rule: &'static Rule, then: Phase, effects: &mut Effects<'_, WaitMap>) {
    let OwedWake { task, noticed, .. } = state.owed[place];
    effects.push_with(rule, Then::Enter(Cb::Wake { task }, then), |next| {
        next.owed.remove(place);
    });
    if noticed {
        effects.push_with(&SKIP_FINISHED, Then::Phase(then), |next| {
            next.owed.remove(place);
        });
    }
}
