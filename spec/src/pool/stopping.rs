//! The ends of generations: stop in phases (tell all, receive all, join all), and the drops of iterators and of the pool.

use super::operations::{Phase, Pool};
use super::receiving::{apply_parking, apply_taking};
use super::rules::*;
use super::state::{Generation, State};
use super::types::{Cb, Down, Op, Ret, StopId, ValueId, WorkerId};
use crate::event::Actor;
use crate::object::{Effects, Then};

pub(super) fn apply_stop(of: Generation, holder: Actor, tries: bool, effects: &mut Effects<'_, Pool>) {
    let then = Then::Phase(Phase::Telling { of, told: 0, tries });
    effects.push_with(&STOP, then, |next| next.replace(of, holder));
}

pub(super) fn apply_telling(
    state: &State,
    of: Generation,
    told: u32,
    tries: bool,
    effects: &mut Effects<'_, Pool>,
) {
    let next_one = state.members(of).nth(told as usize).map(|worker| worker.id);
    if let Some(id) = next_one {
        let then = Then::Phase(Phase::Telling { of, told: told + 1, tries });
        effects.push_with(&STOP_TELLS, then, |next| {
            next.change(id, |worker| worker.hears(Down::Stop));
        });
    }
    // Each sender at once, or all of them in the end: both are right.
    if let Some(worker) = state.members(of).take(told as usize).find(|worker| worker.is_owned) {
        let then = Then::Phase(Phase::Telling { of, told, tries });
        let id = worker.id;
        effects.push_with(&STOP_LETS_GO, then, |next| next.change(id, |worker| worker.is_owned = false));
    } else if next_one.is_none() {
        match of {
            Generation::Joining => {
                let then = Phase::Gathering { tries, values: Vec::new() };
                effects.push(&STOP_RECEIVES, Then::Phase(then));
            }
            _ => effects.push(&STOP, Then::Return(Ret::Done)),
        }
    }
}

/// Whether nothing can come any more, and no thread is left.
fn is_over(state: &State, of: Generation) -> bool {
    !state.has_senders(of) && state.members(of).all(|worker| worker.has_ended())
}

pub(super) fn apply_next(pool: &Pool, state: &State, stop: StopId, effects: &mut Effects<'_, Pool>) {
    let of = Generation::Stopped(stop);
    let Some(channel) = state.channel(of) else { return };
    if channel.is_finished {
        return effects.push(&STOP_ENDS, Then::Return(Ret::End));
    }
    if let Some(message) = channel.first() {
        let then = Then::Return(Ret::Value(message.value));
        effects.push_with(&STOP_RECEIVES, then, |next| {
            next.take(of);
        });
        return apply_taking(pool, state, of, Phase::Begin(Op::NextOfStop { stop }), effects);
    }
    if is_over(state, of) {
        let (rule, ret) = match state.panics(of).next() {
            Some(worker) => (&PANIC_PASSES, Ret::Panicked(worker)),
            None => (&STOP_ENDS, Ret::End),
        };
        return effects.push_with(rule, Then::Return(ret), |next| next.finish(of));
    }
    if state.has_senders(of) {
        apply_parking(pool, state, of, Phase::Begin(Op::NextOfStop { stop }), effects);
    }
}

pub(super) fn apply_gathering(
    pool: &Pool,
    state: &State,
    tries: bool,
    values: &[ValueId],
    effects: &mut Effects<'_, Pool>,
) {
    let of = Generation::Joining;
    if let Some(message) = state.channel(of).and_then(|channel| channel.first()) {
        let mut values = values.to_vec();
        if pool.remembers {
            values.push(message.value);
        }
        let then = Then::Phase(Phase::Gathering { tries, values });
        return effects.push_with(&STOP_RECEIVES, then, |next| {
            next.take(of);
        });
    }
    if is_over(state, of) {
        let values = values.to_vec();
        let mut panics = state.panics(of).peekable();
        let first = panics.peek().copied();
        let (rule, then) = match first {
            _ if tries => {
                let rule = if first.is_some() { &PANIC_PASSES } else { &STOP_ENDS };
                (rule, Then::Return(Ret::Joined { values, panics: panics.collect() }))
            }
            None => (&STOP_ENDS, Then::Return(Ret::Values(values))),
            Some(_) => (&PANIC_PASSES, Then::Phase(Phase::Discarding { values, panic: first })),
        };
        return effects.push_with(rule, then, |next| drop(next.close(of)));
    }
    if state.has_senders(of) {
        let then = Phase::Gathering { tries, values: values.to_vec() };
        apply_parking(pool, state, of, then, effects);
    }
}

pub(super) fn apply_drop(state: &State, of: Generation, effects: &mut Effects<'_, Pool>) {
    let values = state.clone().close(of);
    let then = if values.is_empty() {
        Then::Return(Ret::Done)
    } else {
        Then::Phase(Phase::Discarding { values, panic: None })
    };
    effects.push_with(&DROP_STOP, then, |next| drop(next.close(of)));
}

pub(super) fn apply_discarding(values: &[ValueId], panic: Option<WorkerId>, effects: &mut Effects<'_, Pool>) {
    apply_drops(values, |values| Phase::Discarding { values, panic }, effects);
    if values.is_empty() {
        match panic {
            Some(worker) => effects.push(&PANIC_PASSES, Then::Return(Ret::Panicked(worker))),
            None => effects.push(&DROP_VALUES, Then::Return(Ret::Done)),
        }
    }
}

/// Each of the values may be dropped next.
fn apply_drops(values: &[ValueId], then: impl Fn(Vec<ValueId>) -> Phase, effects: &mut Effects<'_, Pool>) {
    for (place, &value) in values.iter().enumerate() {
        if !values[..place].contains(&value) {
            let mut rest = values.to_vec();
            rest.remove(place);
            effects.push(&DROP_VALUES, Then::Enter(Cb::DropValue { value }, then(rest)));
        }
    }
}

/// Before the channel is closed.
pub(super) fn apply_drop_pool(state: &State, effects: &mut Effects<'_, Pool>) {
    let values = state.clone().close(Generation::Current);
    effects.push_with(&DROP_POOL, Then::Phase(Phase::LettingGo { values }), |next| {
        next.end_burst();
        next.rotation = 0;
        next.close(Generation::Current);
    });
    apply_release(state, Phase::Begin(Op::DropPool), effects);
}

pub(super) fn apply_letting_go(state: &State, values: &[ValueId], effects: &mut Effects<'_, Pool>) {
    apply_drops(values, |values| Phase::LettingGo { values }, effects);
    apply_release(state, Phase::LettingGo { values: values.to_vec() }, effects);
    if values.is_empty() && !state.workers.iter().any(|worker| worker.is_owned) {
        effects.push(&DROP_POOL, Then::Return(Ret::Done));
    }
}

/// Drops the pool's sender to the next worker that it has one to.
fn apply_release(state: &State, then: Phase, effects: &mut Effects<'_, Pool>) {
    if let Some(worker) = state.workers.iter().find(|worker| worker.is_owned) {
        let id = worker.id;
        effects.push_with(&DROP_POOL, Then::Phase(then), |next| {
            next.change(id, |worker| worker.is_owned = false);
            next.forget();
        });
    }
}
