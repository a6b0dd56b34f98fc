//! The environments in which the spec of a WaitMap is explored.
//!
//! All operations, all callbacks and all ways in which user code may end in one environment have too many states. So
//! there are several, each with what belongs together, and each as large as a bound allows. What they cover is told by
//! [`Study::covers`] and in the README; that together they reach every rule and need every obligation is a test.

use super::operations::{Phase, WaitMap};
use super::rules::*;
use super::state::{Stage, State};
use super::types::{Cb, Key, Op, Reply, Ret, TaskId, ValueId, WaitId};
use super::{Kind, spec};
use crate::automaton::Automaton;
use crate::event::Actor;
use crate::explorer::{Bound, Closed, Explorer, Granularity, Menu, Menus, Study, World};
use crate::object::{Lifted, Stand};
use std::collections::BTreeSet;

type Environment = Menus<Kind>;
type Model = Closed<Lifted<WaitMap>, Environment>;
type Whole = World<<Lifted<WaitMap> as Automaton>::State, Vec<u8>>;

/// All studies at one bound, in the order of reports.
pub fn studies(bound: Bound) -> Vec<Study> {
    vec![
        any_order(bound),
        step_by_step(bound),
        looping(bound),
        executor(bound),
        closing(bound),
        nesting(bound),
        asides(bound),
    ]
}

/// Operations in any order, on overlapping strands.
fn any_order(bound: Bound) -> Study {
    let times = bound.pick(2, 3, 3);
    let (keys, more, what): (&[Key], _, _) = match bound {
        Bound::Large => (&[KEY, OTHER, Key::UNEQUAL], true, "2 keys and one unequal to itself, no wait_for"),
        _ => (&[KEY, OTHER], false, "2 keys, no wait_for, is_closed and sleep"),
    };
    let covers = format!("3 actors, {} each on a wait of their own, {what}; fused", count(times, "call"));
    let model = Closed::new(spec(), everything(3, times, keys, more)).granularity(Granularity::Fused);
    Study::new("any-order", covers, model, |explorer| {
        basics(explorer)
            .always(VALUES, values_are_in_one_place)
            .sometimes("two waits are registered", |world| shared(world).registered.len() == 2)
            .needs([&ALIVE, &USER_CODE_ENDS])
            .explore()
    })
}

/// The same with fewer calls, but nothing fused.
fn step_by_step(bound: Bound) -> Study {
    let (actors, times) = bound.pick((2, 2), (2, 4), (2, 5));
    let covers = format!(
        "{actors} actors, {} each on a wait of their own, 1 key and one unequal to itself, no wait_for",
        count(times, "call")
    );
    let model = Closed::new(spec(), everything(actors, times, &[KEY, Key::UNEQUAL], true));
    Study::new("step-by-step", covers, model, |explorer| {
        basics(explorer).always(VALUES, values_are_in_one_place).needs([&ALIVE, &USER_CODE_ENDS]).explore()
    })
}

/// `wait_for` with a key that is woken again and again.
fn looping(bound: Bound) -> Study {
    let (times, rival) = bound.pick((3, 1), (4, 3), (6, 4));
    let covers = format!(
        "wait_for: {} of the waiter, wakes of its key without end, {} of a rival, who may close",
        count(times, "call"),
        count(rival, "call")
    );
    let (wait, task) = (WaitId(0), TaskId(0));
    let waiter = [Op::WaitFor { wait, key: KEY }, poll(0), Op::Drop { wait }, Op::Sleep { task }];
    let rival_calls = [create(1, KEY), poll(1), drop_of(1), Op::Close];
    let menus = Menus::new([
        calls(waiter).times(times),
        calls([wake(KEY)]).tireless(),
        calls(rival_calls).times(rival),
    ]);
    Study::new("looping", covers, Closed::new(spec(), menus.replies(replies())), move |explorer| {
        basics(explorer)
            .sometimes("the waiter is between two rounds", |world| {
                is_inside(world, |cb| matches!(cb, Cb::DropValue { .. }))
            })
            .sometimes("the test holds although a value came", |world| {
                runs(world, |phase| matches!(phase, Phase::Met(_)))
                    && is_in(world, |stage| matches!(stage, Stage::Delivered(_)))
            })
            .needs([&ALIVE, &NOT_AFTER_COMPLETION, &USER_CODE_ENDS, &WOKEN_FINITELY])
            .explore()
    })
}

/// Tasks that poll and sleep in turns, as an executor makes them.
fn executor(bound: Bound) -> Study {
    let (tasks, wakes) = bound.pick((1, 2), (2, 2), (2, 4));
    let covers = format!(
        "{} polling and sleeping in turns, {} that may be closes, and one close",
        count(tasks as u8, "task"),
        count(wakes, "wake")
    );
    let task = |number| {
        let (wait, task) = (WaitId(number), TaskId(number));
        let (poll, sleep) = (poll(number), Op::Sleep { task });
        let order = [create(number, Key(number)), poll, sleep, poll, sleep, poll, Op::Drop { wait }];
        Menu::in_order(order.map(Kind::Call))
    };
    let mut menus: Vec<_> = (0..tasks).map(task).collect();
    menus.push(calls([wake(KEY), wake(OTHER), Op::Close]).times(wakes));
    menus.push(calls([Op::Close]));
    let menus = Menus::new(menus).replies(replies()).numbered(own_value);
    Study::new("executor", covers, Closed::new(spec(), menus), |explorer| {
        basics(explorer)
            .always(VALUES, values_are_in_one_place)
            .always("a task that sleeps has missed nothing", no_wakeup_is_lost)
            .sometimes("a task sleeps", |world| runs(world, |phase| matches!(phase, Phase::Sleep(_))))
            .sometimes("a task is about to go on", |world| {
                !shared(world).notified.is_empty() && runs(world, |phase| matches!(phase, Phase::Sleep(_)))
            })
            .needs([&USER_CODE_ENDS])
            .explore()
    })
}

/// Several calls of `close` at once, with wakers that may panic.
fn closing(bound: Bound) -> Study {
    let (waits, closers, late) = bound.pick((2, 1, 1), (2, 1, 3), (3, 2, 1));
    let covers = format!(
        "{} to register, {} that may be a drop, {}, and one more or a wake; wakers may panic",
        count(waits as u8, "wait"),
        count(late, "late poll"),
        count(closers, "close")
    );
    let register = |number| [create(number, Key(number)), poll(number)];
    let order: Vec<Op> = (0..waits).flat_map(register).collect();
    let mut menus = vec![Menu::in_order(order.into_iter().map(Kind::Call))];
    menus.extend((0..closers).map(|_| calls([Op::Close])));
    menus.push(calls([Op::Close, wake(KEY), wake(OTHER)]));
    let later = (0..waits).flat_map(|number| [poll(number), drop_of(number)]);
    menus.push(Menu::new(later.map(Kind::Call)).times(late));
    let menus = Menus::new(menus).replies(panicking_replies()).numbered(own_value);
    Study::new("closing", covers, Closed::new(spec(), menus), |explorer| {
        basics(explorer)
            .sometimes("two calls of close are in progress", |world| shared(world).closes_in_progress == 2)
            .sometimes("a panic is kept while another waker is invoked", |world| {
                runs(world, |phase| matches!(phase, Phase::Closing { panicked: true }))
                    && !shared(world).owed.is_empty()
            })
            .sometimes("a waker is due although its wait has noticed", |world| {
                shared(world).owed.iter().any(|owed| owed.noticed)
            })
            .needs([&ONE_AT_A_TIME, &ALIVE, &ONLY_WAKERS_PANIC, &USER_CODE_ENDS])
            .explore()
    })
}

/// Calls from inside wakers, predicates and drops, which may panic.
fn nesting(bound: Bound) -> Study {
    let (times, others) = bound.pick((3, 2), (5, 3), (7, 4));
    let covers = format!(
        "2 actors with {times} and {}, also from inside wakers, tests and drops; wakers may panic; fused",
        count(others, "call")
    );
    let (wait, task) = (WaitId(1), TaskId(1));
    let looping = [Op::WaitFor { wait, key: KEY }, Op::Poll { wait, task }];
    let first = [create(0, KEY), poll(0), drop_of(0)].into_iter().chain(looping).chain([wake(KEY)]);
    let inside = || [poll(0), drop_of(0), drop_of(1), wake(KEY), Op::Close, Op::IsClosed].map(Kind::Call);
    let menus = Menus::new([
        Menu::new(first.map(Kind::Call)).nested(inside()).times(times),
        calls([wake(KEY), Op::Close]).nested(inside()).times(others),
    ]);
    let menus = menus.replies(panicking_replies()).numbered(own_value);
    let model = Closed::new(spec(), menus).granularity(Granularity::Fused);
    Study::new("nesting", covers, model, |explorer| {
        basics(explorer)
            .always(VALUES, values_are_in_one_place)
            .sometimes("user code runs inside user code", |world| depth(world) > 1)
            .sometimes("a waker drops the wait that it wakes", |world| {
                is_inside(world, |cb| matches!(cb, Cb::Wake { .. }))
                    && is_inside(world, |cb| matches!(cb, Cb::DropKey { .. }))
            })
            .needs([&ONE_AT_A_TIME, &ALIVE, &NOT_AFTER_COMPLETION, &ONLY_WAKERS_PANIC, &USER_CODE_ENDS])
            .explore()
    })
}

/// Clones and drops of wakers, and early drops of keys, wherever they are allowed.
fn asides(bound: Bound) -> Study {
    let (times, others) = bound.pick((3, 1), (5, 2), (6, 3));
    let covers = format!(
        "2 actors with {times} and {}; wakers cloned and dropped, and keys dropped early, at any moment",
        count(others, "call")
    );
    let (wait, task) = (WaitId(0), TaskId(0));
    let waiter = [create(0, KEY), Op::Subscribe { wait, task }, poll(0), drop_of(0)];
    let menus = Menus::new([calls(waiter).times(times), calls([wake(KEY), Op::Close]).times(others)]);
    let asides = [Cb::CloneWaker { task }, Cb::DropWaker { task }, Cb::DropKey { wait }].map(Kind::Enter);
    let menus = menus.asides(asides).replies(panicking_replies()).numbered(own_value);
    Study::new("asides", covers, Closed::new(spec(), menus), |explorer| {
        basics(explorer)
            .always(VALUES, values_are_in_one_place)
            .sometimes("a key is gone before its wait is", |world| {
                shared(world).waits.iter().any(|wait| wait.key_dropped && !wait.busy)
            })
            .needs([&ALIVE, &ONLY_WAKERS_PANIC, &USER_CODE_ENDS])
            .explore()
    })
}

const KEY: Key = Key(0);
const OTHER: Key = Key(1);
const VALUES: &str = "every value is in one place";

fn basics(explorer: Explorer<'_, Model>) -> Explorer<'_, Model> {
    explorer.always("the map is in order", |world| shared(world).invalid().is_none())
}

/// Actors each with a wait of their own, under any of these keys, and the operations that change something, or all.
fn everything(actors: u32, times: u8, keys: &[Key], more: bool) -> Environment {
    let menu = |actor| {
        let (wait, task) = (WaitId(actor), TaskId(actor));
        let own = [Op::Subscribe { wait, task }, poll(actor), drop_of(actor), Op::Close];
        let created = keys.iter().map(|&key| create(actor, key));
        let rest = if more { &[Op::Sleep { task }, Op::IsClosed][..] } else { &[] };
        let woken = keys.iter().map(|&key| wake(key));
        let all = created.chain(own).chain(woken).chain(rest.iter().copied());
        Menu::new(all.map(Kind::Call)).times(times)
    };
    Menus::new((0..actors).map(menu)).replies(replies()).numbered(own_value)
}

/// So many of a thing.
fn count(number: u8, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn calls<const N: usize>(ops: [Op; N]) -> Menu<Kind> {
    Menu::new(ops.map(Kind::Call))
}

fn create(wait: u32, key: Key) -> Op {
    Op::Wait { wait: WaitId(wait), key }
}

fn poll(wait: u32) -> Op {
    Op::Poll { wait: WaitId(wait), task: TaskId(wait) }
}

fn drop_of(wait: u32) -> Op {
    Op::Drop { wait: WaitId(wait) }
}

fn wake(key: Key) -> Op {
    Op::Wake { key, value: ValueId(0) }
}

fn replies() -> Vec<Kind> {
    [Reply::Done, Reply::Holds(true), Reply::Holds(false)].map(Kind::Leave).to_vec()
}

fn panicking_replies() -> Vec<Kind> {
    let mut replies = replies();
    replies.push(Kind::Leave(Reply::Panicked));
    replies
}

fn own_value(call: &Kind, number: u32) -> Kind {
    match *call {
        Kind::Call(Op::Wake { key, .. }) => Kind::Call(Op::Wake { key, value: ValueId(number) }),
        other => other,
    }
}

fn shared(world: &Whole) -> &State {
    world.system.shared()
}

fn is_in(world: &Whole, stage: impl Fn(Stage) -> bool) -> bool {
    shared(world).waits.iter().any(|wait| stage(wait.stage))
}

fn runs(world: &Whole, phase: impl Fn(Phase) -> bool) -> bool {
    world.system.stands().any(|(_, stand)| matches!(stand, Stand::Runs(running) if phase(*running)))
}

fn is_inside(world: &Whole, cb: impl Fn(Cb) -> bool) -> bool {
    world.system.stands().any(|(_, stand)| matches!(stand, Stand::Inside(inside) if cb(*inside)))
}

/// How deep user code runs inside user code.
fn depth(world: &Whole) -> usize {
    let inside = |actor: Actor| {
        let stands = world.system.stands();
        stands.filter(|(other, stand)| *other == actor && matches!(stand, Stand::Inside(_))).count()
    };
    world.system.stands().map(|(actor, _)| inside(actor)).max().unwrap_or(0)
}

/// A value is with the call of `wake` that brings it, with the wait that got it, or on its way out.
fn values_are_in_one_place(world: &Whole) -> bool {
    let held = shared(world).waits.iter().filter_map(|wait| match wait.stage {
        Stage::Delivered(value) => Some(value),
        _ => None,
    });
    let moving = world.system.stands().filter_map(|(_, stand)| match stand {
        Stand::Runs(&Phase::Wake(_, value) | &Phase::Dropping(_, Some(value))) => Some(value),
        Stand::Returns(&Ret::Ready(Ok(value)) | &Ret::NoMatch(value) | &Ret::Closed(value)) => Some(value),
        Stand::Enters(&Cb::DropValue { value }) | Stand::Inside(&Cb::DropValue { value }) => Some(value),
        _ => None,
    });
    let mut seen = BTreeSet::new();
    held.chain(moving).all(|value| seen.insert(value))
}

/// For tasks that poll after each sleep: whoever sleeps and has something to poll for, is or will be woken.
fn no_wakeup_is_lost(world: &Whole) -> bool {
    let state = shared(world);
    world.system.stands().all(|(_, stand)| {
        let Stand::Runs(&Phase::Sleep(task)) = stand else { return true };
        let reached = |stage| matches!(stage, Stage::Delivered(_) | Stage::Ended);
        let waits = state.waits.iter().any(|wait| wait.id.0 == task.0 && reached(wait.stage));
        let due = state.owed.iter().any(|owed| owed.task == task);
        // Between the debt and the event that pays it, a call is about to enter the waker.
        let entering = |(_, stand)| stand == Stand::Enters(&Cb::Wake { task });
        !waits || due || state.notified.contains(&task) || world.system.stands().any(entering)
    })
}
