//! The environments in which the spec of a pool is explored.
//!
//! The studies `joining` and `stopping` ask what the pool is for: does a stop come to its end if everybody keeps the obligations, and
//! what happens if one is not kept? In these workers send without end, so values have no identity. The others look at what can be
//! told apart: values, generations, bursts, messages down.

use super::crew::{Crew, FIRST_WORKER, Memory, Turn, care};
use super::operations::{Phase, Pool};
use super::rules::*;
use super::state::{Generation, Sending, State, Thread, Told};
use super::types::{BurstId, Down, NoteId, Op, Reply, Ret, StopId, ValueId, WorkerId};
use crate::automaton::Automaton;
use crate::explorer::{Bound, Closed, Explorer, Granularity, Study, World};
use crate::object::{Lifted, Stand};
use std::collections::BTreeSet;

type Model = Closed<Lifted<Pool>, Crew>;
type Whole = World<<Lifted<Pool> as Automaton>::State, Memory>;

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

const VALUES: &str = "every value is in one place";

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

fn shared(world: &Whole) -> &State {
    world.system.shared()
}

fn runs(world: &Whole, phase: impl Fn(&Phase) -> bool) -> bool {
    world.system.stands().any(|(_, stand)| matches!(stand, Stand::Runs(running) if phase(running)))
}

fn joins(world: &Whole) -> bool {
    runs(world, |phase| matches!(phase, Phase::Gathering { .. }))
}

fn waits_in_send(worker: &super::state::Worker) -> bool {
    matches!(worker.sending, Sending::Stamped { .. } | Sending::Offers)
}

fn burst_goes_on(world: &Whole) -> bool {
    shared(world).burst.is_some_and(|burst| !burst.gave_none)
}

/// All values that nobody outside has got.
fn values_inside(world: &Whole) -> Vec<ValueId> {
    let state = shared(world);
    let channels = state.channels.iter().flat_map(|channel| channel.ahead.iter().chain(&channel.up));
    let mut values: Vec<ValueId> = channels.map(|message| message.value).collect();
    for (_, stand) in world.system.stands() {
        match stand {
            // A send that offers has its value in the channel; one whose offer was taken has none any more.
            Stand::Runs(&Phase::Begin(Op::Send { worker, value } | Op::TrySend { worker, value })) => {
                let sending = state.worker(worker).map(|worker| worker.sending);
                if !matches!(sending, Some(Sending::Offers | Sending::Taken)) {
                    values.push(value);
                }
            }
            Stand::Runs(
                Phase::Gathering { values: held, .. }
                | Phase::Discarding { values: held, .. }
                | Phase::LettingGo { values: held },
            ) => values.extend(held),
            Stand::Returns(Ret::Value(value) | Ret::Refused(value) | Ret::Full(value)) => values.push(*value),
            Stand::Returns(Ret::Values(held) | Ret::Joined { values: held, .. }) => values.extend(held),
            Stand::Enters(super::Cb::DropValue { value }) | Stand::Inside(super::Cb::DropValue { value }) => {
                values.push(*value);
            }
            _ => {}
        }
    }
    values
}

fn values_are_in_one_place(world: &Whole) -> bool {
    let values = values_inside(world);
    values.iter().collect::<BTreeSet<_>>().len() == values.len()
}

/// Workers send their values in the order of their numbers.
fn values_are_in_order(world: &Whole) -> bool {
    shared(world).channels.iter().all(|channel| {
        let messages: Vec<_> = channel.ahead.iter().chain(&channel.up).collect();
        messages.iter().enumerate().all(|(place, message)| {
            messages[..place]
                .iter()
                .all(|before| before.worker != message.worker || before.value < message.value)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explorer::{Class, Expansion, Failure};

    /// A pool and its users in a world in which no class of moves of the system is taken but for staying possible.
    struct WeaklyFair(Model);

    impl crate::explorer::Model for WeaklyFair {
        type State = Whole;
        type Action = crate::pool::Kind;

        fn init(&self) -> Whole {
            crate::explorer::Model::init(&self.0)
        }

        fn expand(&self, world: &Whole, sink: &mut Expansion<Whole, Self::Action>) {
            crate::explorer::Model::expand(&self.0, world, sink);
        }

        fn is_strong(&self, class: Class) -> bool {
            !matches!(class, Class::Due(..)) && crate::explorer::Model::is_strong(&self.0, class)
        }
    }

    #[test]
    fn a_burst_goes_on_for_ever_if_the_clock_stands_still() {
        let burst = BurstId(0);
        let mut script = hiring(1);
        script.push(Turn::one([Op::Burst { burst }]));
        script.push(Turn::endless([Op::NextOfBurst { burst }], &STOPS_ARE_ITERATED));
        let calls: Vec<fn(WorkerId) -> Op> = vec![try_recv_down];
        let crew = Crew { script, calls, ..endless(1) };
        let model = WeaklyFair(Closed::new(endless_pool(1), crew.clone()));
        let found = Explorer::new(&model).ends("a burst has not given None", burst_goes_on).explore();
        let [Failure::Lasting { run, .. }] = &found.failures[..] else { panic!("{:?}", found.failures) };
        let circle: Vec<_> = run.steps[run.circle.expect("it goes round")..].iter().collect();
        assert!(circle.iter().any(|step| step.rule == Some(&STAMP_TIES)), "{run}");
        assert!(circle.iter().any(|step| step.rule == Some(&BURST_YIELDS)), "{run}");

        let model = Closed::new(endless_pool(1), crew);
        let found = Explorer::new(&model).ends("a burst has not given None", burst_goes_on).explore();
        assert!(found.failures.is_empty(), "{:?}", found.failures);
    }

    #[test]
    fn a_stop_waits_for_ever_for_a_sender_that_a_worker_left_behind() {
        for stop in [Op::StopAndJoin, Op::Stop { stop: StopId(0) }] {
            let mut script = hiring(2);
            script.push(Turn::one([stop]));
            script.push(Turn::endless([Op::NextOfStop { stop: StopId(0) }], &STOPS_ARE_ITERATED));
            let Lifted(pool) = endless_pool(1);
            let pool = Lifted(Pool { forgives: Some(&SENDERS_END_WITH_WORKERS), ..pool });
            let model = fused(pool, Crew { script, ..endless(2) });
            let found = Explorer::new(&model).explore();
            let [Failure::Starvation { actor, run }] = &found.failures[..] else {
                panic!("{:?}", found.failures)
            };
            assert_eq!(actor.0, 0);
            assert!(run.circle.is_none(), "it comes to a halt: {run}");
            assert!(run.state.contains("1 of its senders left"), "{run}");
        }
    }

    #[test]
    fn a_script_is_followed_turn_by_turn() {
        let worker = WorkerId(0);
        let script = vec![
            Turn::one([Op::Execute { worker }]),
            Turn::up_to(2, [Op::Recv, Op::Count]),
            Turn::one([Op::DropPool]),
        ];
        let crew = Crew { script, ..endless(1) };
        let place = crate::explorer::Place::Outside;
        let offered = |memory: &Memory| {
            let mut inputs = Vec::new();
            crate::explorer::Environment::inputs(&crew, memory, crate::Actor(0), place, &mut inputs);
            inputs
        };
        let names = |memory: &Memory| -> Vec<String> {
            offered(memory).iter().map(|input| input.action.to_string()).collect()
        };
        let start = crate::explorer::Environment::init(&crew);
        assert_eq!(names(&start), ["calls execute, worker 0"]);
        let hired = offered(&start).remove(0).next;
        let both = ["calls recv", "calls the count of workers", "calls drop of the pool"];
        assert_eq!(names(&hired), both);
        let once = offered(&hired).remove(0).next;
        assert_eq!(names(&once), both);
        let twice = offered(&once).remove(1).next;
        assert_eq!(names(&twice), ["calls drop of the pool"]);
        assert_eq!(names(&offered(&hired).remove(2).next), [""; 0]);
    }
}
