//! The environments in which the spec of a pool is explored.
//!
//! The studies `joining` and `stopping` ask what the pool is for: does a stop come to its end if everybody keeps the obligations, and
//! what happens if one is not kept? In these workers send without end, so values have no identity. The others look at what can be
//! told apart: values, generations, bursts, messages down.

mod sentences;

use super::crew::{Crew, FIRST_WORKER, Turn, care};
use super::operations::{Phase, Pool};
use super::rules::*;
use super::state::{Generation, Sending, Thread, Told};
use super::types::{BurstId, Down, NoteId, Op, Reply, StopId, ValueId, WorkerId};
use crate::explorer::{Bound, Closed, Explorer, Granularity, Study};
use crate::object::Lifted;
use sentences::*;
use std::collections::BTreeSet;

type Model = Closed<Lifted<Pool>, Crew>;

/// All studies at one bound, in the order of reports.
pub fn studies(bound: Bound) -> Vec<Study> {
    vec![
        joining("joining-0", 0, bound),
        joining("joining-1", 1, bound),
        joining("joining-2", 2, bound),
        stopping("stopping-0", 0, bound),
        stopping("stopping-1", 1, bound),
        stopping("stopping-2", 2, bound),
        bursting(bound),
        meeting(bound),
        values(bound),
        generations(bound),
        telling(bound),
    ]
}

/// `stop_and_join` returns.
fn joining(name: &'static str, capacity: u32, bound: Bound) -> Study {
    let (workers, before) = bound.pick((1, 1), (2, 1), if capacity == 0 { (3, 1) } else { (2, 2) });
    let covers = format!(
        "capacity {capacity}, {}, endless sends, panics, receivers dropped early, up to {before} Pause, a joining stop; fused",
        count(workers, "worker")
    );
    let mut script = hiring(workers);
    script.push(Turn::up_to(before, [Op::Broadcast { message: Down::Pause }]));
    script.push(Turn::one([Op::StopAndJoin]));
    let crew = Crew { script, ..endless(workers) };
    Study::new(name, covers, fused(endless_pool(capacity), crew), move |explorer| {
        basics(explorer, capacity)
            .sometimes("a worker waits in a send while the stop receives", |world| {
                joins(world) && shared(world).workers.iter().any(waits_in_send)
            })
            .sometimes("a worker has panicked before the stop is over", |world| {
                joins(world) && shared(world).panics(Generation::Joining).next().is_some()
            })
            .sometimes("the stop waits for a worker that has dropped its receiver", |world| {
                joins(world) && shared(world).members(Generation::Joining).any(|worker| !worker.receives)
            })
            .needs([
                &WORKERS_READ,
                &TOLD_WORKERS_END,
                &TOLD_WORKERS_SEND_FINITELY,
                &MESSAGES_ARE_DONE,
                &SENDERS_END_WITH_WORKERS,
            ])
            .explore()
    })
}

/// The iterator of `stop` comes to its end, and so does every send.
fn stopping(name: &'static str, capacity: u32, bound: Bound) -> Study {
    let (workers, before) = bound.pick((1, 1), (2, 1), if capacity == 0 { (3, 1) } else { (2, 2) });
    let covers = format!(
        "capacity {capacity}, {}, endless sends, panics, receivers dropped early, up to {before} Pause, stop and its iterator; fused",
        count(workers, "worker")
    );
    let stop = StopId(0);
    let mut script = hiring(workers);
    script.push(Turn::up_to(before, [Op::Broadcast { message: Down::Pause }]));
    script.push(Turn::one([Op::Stop { stop }]));
    script.push(Turn::endless([Op::NextOfStop { stop }, Op::DropStop { stop }], &STOPS_ARE_ITERATED));
    let crew = Crew { script, ..endless(workers) };
    Study::new(name, covers, fused(endless_pool(capacity), crew), move |explorer| {
        basics(explorer, capacity)
            .ends("an iterator of stop is neither at its end nor dropped", move |world| {
                shared(world).channel(Generation::Stopped(stop)).is_some_and(|channel| !channel.is_finished)
            })
            .sometimes("the iterator is dropped while a worker waits in a send", |world| {
                shared(world)
                    .workers
                    .iter()
                    .any(|worker| worker.of == Generation::Closed && waits_in_send(worker))
            })
            .sometimes("the iterator is at its end", move |world| {
                shared(world).channel(Generation::Stopped(stop)).is_some_and(|channel| channel.is_finished)
            })
            .needs([
                &WORKERS_READ,
                &TOLD_WORKERS_END,
                &TOLD_WORKERS_SEND_FINITELY,
                &MESSAGES_ARE_DONE,
                &SENDERS_END_WITH_WORKERS,
                &STOPS_ARE_ITERATED,
            ])
            .explore()
    })
}

/// A burst comes to its end although workers never stop sending.
fn bursting(bound: Bound) -> Study {
    let (workers, capacity) = bound.pick((1, 1), (2, 2), (2, 3));
    let covers = format!(
        "capacity {capacity}, {}, endless sends, a burst until None; every step by itself",
        count(workers, "worker")
    );
    let burst = BurstId(0);
    let mut script = hiring(workers);
    script.push(Turn::one([Op::Burst { burst }]));
    script.push(Turn::endless([Op::NextOfBurst { burst }], &STOPS_ARE_ITERATED));
    // Who never received, would have to end.
    let calls: Vec<fn(WorkerId) -> Op> = vec![try_recv_down];
    let crew = Crew { script, calls, ..endless(workers) };
    Study::new("bursting", covers, Closed::new(endless_pool(capacity), crew), move |explorer| {
        let explorer = basics(explorer, capacity).ends("a burst has not given None", burst_goes_on);
        let explorer = if workers == 1 {
            explorer
        } else {
            explorer.sometimes("a stamp before the burst enters the channel behind a later one", |world| {
                let channel = shared(world).channel(Generation::Current);
                channel.is_some_and(|channel| {
                    channel.up.windows(2).any(|two| two[0].is_later && !two[1].is_later)
                })
            })
        };
        explorer
            .sometimes("values are taken and not given", |world| {
                shared(world).channel(Generation::Current).is_some_and(|channel| !channel.ahead.is_empty())
            })
            .needs([&STOPS_ARE_ITERATED])
            .explore()
    })
}

/// Capacity 0, with everything that can meet or not.
fn meeting(bound: Bound) -> Study {
    let (workers, times, sent) = bound.pick((1, 2, 1), (2, 2, 1), (2, 3, 2));
    let covers = format!(
        "capacity 0, {} that send or try to, {sent} each, {times} recv or burst; every step by itself",
        count(workers, "worker")
    );
    let burst = BurstId(0);
    let mut script = hiring(workers);
    script.push(Turn::up_to(times, [Op::Recv, Op::Burst { burst }, Op::NextOfBurst { burst }]));
    script.push(Turn::one([Op::DropPool]));
    let crew = Crew {
        script,
        calls: Vec::new(),
        sends: vec![send, try_send],
        values: Some(sent),
        ..endless(workers)
    };
    Study::new("meeting", covers, Closed::new(pool(0), crew), move |explorer| {
        basics(explorer, 0)
            .always(VALUES, values_are_in_one_place)
            .sometimes("a receive waits where a try_send meets it", |world| {
                shared(world).channels.iter().any(|channel| channel.receive_waits)
            })
            .sometimes("a try_send has met a receive", |world| {
                shared(world)
                    .channels
                    .iter()
                    .any(|channel| channel.up.iter().any(|message| !message.is_offer))
            })
            .sometimes("an offer is given back", |world| {
                shared(world).workers.iter().any(|worker| worker.sending == Sending::GivenBack)
            })
            .needs([&RECV_HAS_A_SENDER])
            .explore()
    })
}

/// Each value is in one place, and those of one worker are in order, whatever receives them.
fn values(bound: Bound) -> Study {
    let (workers, sent, times) = bound.pick((1, 2, 2), (2, 2, 2), (2, 3, 3));
    let covers = format!(
        "capacity 1, {} that send or try to send {sent} values each, {times} recv or bursts, then any stop or drop; fused",
        count(workers, "worker")
    );
    let (burst, stop) = (BurstId(0), StopId(0));
    let mut script = hiring(workers);
    script.push(Turn::up_to(times, [Op::Recv, Op::Burst { burst }, Op::NextOfBurst { burst }]));
    script.push(Turn::one([Op::Stop { stop }, Op::StopAndJoin, Op::TryStopAndJoin, Op::DropPool]));
    script.push(Turn::endless([Op::NextOfStop { stop }, Op::DropStop { stop }], &STOPS_ARE_ITERATED));
    let sends: Vec<fn(WorkerId, ValueId) -> Op> = vec![send, try_send];
    let crew = Crew { script, calls: Vec::new(), sends, values: Some(sent), ..endless(workers) };
    Study::new("values", covers, fused(pool(1), crew), |explorer| {
        basics(explorer, 1)
            .always(VALUES, values_are_in_one_place)
            .always("the values of a worker are in order", values_are_in_order)
            .sometimes("a value is dropped by a stop that panics", |world| {
                runs(world, |phase| matches!(phase, Phase::Discarding { panic: Some(_), .. }))
            })
            .sometimes("a value was taken by a burst when the pool was stopped", |world| {
                let stopped = |of| matches!(of, Generation::Stopped(_) | Generation::Joining);
                shared(world).channels.iter().any(|channel| stopped(channel.of) && !channel.ahead.is_empty())
            })
            .needs([&DROPS_DO_NOT_PANIC, &DROPS_END])
            .explore()
    })
}

/// Two generations at once.
fn generations(bound: Bound) -> Study {
    // Who sent more, would wait for an owner whom nothing in this script obliges to iterate.
    let (times, sent) = bound.pick((1, 1), (2, 1), (3, 1));
    let covers = format!(
        "capacity 1, a worker before and one after a stop, {sent} sent each, {times} of recv, next, count and broadcast, a drop of the pool; fused"
    );
    let stop = StopId(0);
    let message = Down::Continue;
    let execute = |worker| Op::TryExecute { worker: WorkerId(worker) };
    let mixed =
        [Op::Recv, Op::NextOfStop { stop }, Op::DropStop { stop }, Op::Count, Op::BroadcastOne { message }];
    let script = vec![
        Turn::one([execute(0)]),
        Turn::one([Op::Stop { stop }]),
        Turn::one([execute(1)]),
        Turn::up_to(times, mixed),
        Turn::one([Op::StopAndJoin, Op::DropPool]),
    ];
    let calls: Vec<fn(WorkerId) -> Op> = vec![recv_down];
    let crew = Crew { script, calls, values: Some(sent), ..endless(2) };
    Study::new("generations", covers, fused(pool(1), crew), |explorer| {
        basics(explorer, 1)
            .always(VALUES, values_are_in_one_place)
            .sometimes("both channels have values", |world| {
                shared(world).channels.iter().filter(|channel| !channel.up.is_empty()).count() == 2
            })
            .sometimes("there is no pool, and a worker of each generation runs", |world| {
                let running = shared(world).workers.iter().filter(|worker| worker.thread == Thread::Runs);
                shared(world).channel(Generation::Current).is_none()
                    && running.map(|worker| worker.of).collect::<BTreeSet<_>>().len() == 2
            })
            .needs([&SENDERS_END_WITH_WORKERS])
            .explore()
    })
}

/// What goes down, every step by itself.
fn telling(bound: Bound) -> Study {
    let (workers, times) = bound.pick((1, 2), (1, 3), (2, 1));
    let covers = format!(
        "{} that receive, clone or drop what they have, {times} of broadcast, broadcast_one, get and its sender, any drop; every step by itself",
        count(workers, "worker")
    );
    let (note, worker) = (NoteId(0), WorkerId(0));
    let message = Down::Other(note);
    let more = Op::ExecuteMany { first: WorkerId(0), count: workers };
    let downs = [
        Op::Broadcast { message },
        Op::BroadcastOne { message },
        Op::Get { index: 0 },
        Op::SendDown { worker, message },
        Op::DropDownSender { worker },
    ];
    let script = vec![
        Turn::one([more]),
        Turn::up_to(times, downs),
        Turn::up_to(1, [Op::DropPool, Op::TryStopAndJoin]),
        Turn::up_to(1, [Op::SendDown { worker, message }, Op::CloneDownSender { worker }]),
        Turn::up_to(2, [Op::DropDownSender { worker }]),
    ];
    let crew = Crew { script, sends: Vec::new(), asides: care(note, worker), ..endless(workers) };
    Study::new("telling", covers, Closed::new(pool(1), crew), |explorer| {
        basics(explorer, 1)
            .sometimes("a worker is told although the pool did not tell it", |world| {
                shared(world).channel(Generation::Current).is_none()
                    && shared(world).workers.iter().any(|worker| worker.told == Told::ToEnd)
            })
            .sometimes("a sender from get outlives the pool", |world| {
                shared(world).channel(Generation::Current).is_none()
                    && shared(world).workers.iter().any(|worker| worker.down_senders > 0)
            })
            .needs([&SENDERS_END_WITH_WORKERS])
            .explore()
    })
}

fn basics(explorer: Explorer<'_, Model>, capacity: u32) -> Explorer<'_, Model> {
    explorer.always("the pool is in order", move |world| shared(world).invalid(capacity).is_none())
}

fn pool(capacity: u32) -> Lifted<Pool> {
    Lifted(Pool { strands_from: FIRST_WORKER, ..Pool::new(capacity) })
}

/// For workers that send without end.
fn endless_pool(capacity: u32) -> Lifted<Pool> {
    let Lifted(pool) = pool(capacity);
    Lifted(Pool { remembers: false, ..pool })
}

fn fused(pool: Lifted<Pool>, crew: Crew) -> Model {
    Closed::new(pool, crew).granularity(Granularity::Fused)
}

fn hiring(workers: u32) -> Vec<Turn> {
    (0..workers).map(|worker| Turn::one([Op::Execute { worker: WorkerId(worker) }])).collect()
}

/// Workers that do everything but clone, without end.
fn endless(workers: u32) -> Crew {
    Crew {
        script: Vec::new(),
        workers,
        calls: vec![recv_down, try_recv_down, drop_receiver],
        sends: vec![send],
        values: None,
        replies: vec![Reply::Done, Reply::Panicked],
        asides: Vec::new(),
    }
}

fn send(worker: WorkerId, value: ValueId) -> Op {
    Op::Send { worker, value }
}

fn try_send(worker: WorkerId, value: ValueId) -> Op {
    Op::TrySend { worker, value }
}

fn recv_down(worker: WorkerId) -> Op {
    Op::RecvDown { worker }
}

fn try_recv_down(worker: WorkerId) -> Op {
    Op::TryRecvDown { worker }
}

fn drop_receiver(worker: WorkerId) -> Op {
    Op::DropReceiver { worker }
}

/// So many of a thing.
fn count(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
