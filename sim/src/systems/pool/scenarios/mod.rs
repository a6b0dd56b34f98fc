//! The scenarios: small programs whose interleavings cover what the rules of the spec speak of.
//!
//! A scenario is written against [`Subject`], so that it runs on any implementation, and makes every choice through
//! [`Scene::choose`] and its like, so that any run of it can be replayed. It asserts nothing: the monitor judges each event, and the
//! ledger each value, note and closure. Workers keep their obligations, so every call returns and every thread ends; those that do not
//! are in [`misuse`].

mod dropping;
pub mod misuse;
mod panicking;
mod receiving;
mod starting;
mod stopping;
mod telling;
mod workload;

use super::scene::Scene;
use super::subject::{Feature, Subject};
use super::worker::{Sent, Worker};

/// A scenario on subjects of type `S`.
#[derive(Debug)]
pub struct Scenario<S: Subject> {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is about, in one line.
    pub about: &'static str,
    /// Raised with each change after which old tokens mean another run.
    pub version: u16,
    /// The parts of the API that it needs besides the core.
    pub needs: &'static [Feature],
    /// Whether it is small enough for depth-first search within the bound that the main job uses.
    pub small: bool,
    /// How many threads it has, the main thread included.
    pub threads: u8,
    /// How many values the pool holds before `send` waits.
    pub capacity: u32,
    /// Whether it chooses so often that nobody can enumerate what it chooses.
    pub chooses_often: bool,
    /// How many steps a run may have, if it is known that none ends and that more show no more.
    pub steps_max: Option<u64>,
    /// The body of its main thread.
    pub run: fn(Scene<S>),
}

impl<S: Subject> Scenario<S> {
    const fn small(
        name: &'static str,
        threads: u8,
        capacity: u32,
        about: &'static str,
        run: fn(Scene<S>),
    ) -> Self {
        Scenario {
            name,
            about,
            version: 1,
            needs: &[],
            small: true,
            threads,
            capacity,
            chooses_often: false,
            steps_max: None,
            run,
        }
    }

    const fn large(self) -> Self {
        Scenario { small: false, ..self }
    }

    const fn choosing_often(self) -> Self {
        Scenario { chooses_often: true, ..self }
    }

    const fn cut_after(self, steps: u64) -> Self {
        Scenario { steps_max: Some(steps), ..self }
    }

    const fn needing(self, needs: &'static [Feature]) -> Self {
        Scenario { needs, ..self }
    }
}

/// All scenarios, in the order of reports.
#[must_use]
#[rustfmt::skip] // a table
pub fn all<S: Subject>() -> Vec<Scenario<S>> {
    use Feature::{TryExecute, TryStopAndJoin};
    vec![
        Scenario::small("join-full-0", 3, 0, "stop_and_join while two workers send by rendezvous", stopping::join_full),
        Scenario::small("join-full-1", 3, 1, "stop_and_join while two workers send more than there is room for", stopping::join_full),
        Scenario::small("join-full-2", 3, 2, "the same with room for two values", stopping::join_full),
        Scenario::small("stop-full-0", 3, 0, "stop, iterated to its end, while two workers send by rendezvous", stopping::stop_full),
        Scenario::small("stop-full-1", 3, 1, "the same while they send more than there is room for", stopping::stop_full),
        Scenario::small("stop-full-2", 3, 2, "the same with room for two values", stopping::stop_full),
        Scenario::small("stop-last-words", 2, 0, "a worker sends once more after it was told to stop", stopping::last_words),
        Scenario::small("stop-sender-clones", 2, 1, "a worker sends through a clone after it dropped the sender that it got", stopping::sender_clones),
        Scenario::small("stop-deaf-workers", 3, 1, "workers that drop their receiver early, one before it sends and one after", stopping::deaf_workers),
        Scenario::small("stop-nobody", 1, 1, "stop and stop_and_join of a pool without workers", stopping::nobody),
        Scenario::small("join-panics-0", 4, 0, "two workers that may panic at every point, against stop_and_join", panicking::join),
        Scenario::small("join-panics-1", 4, 1, "the same with room for one value", panicking::join),
        Scenario::small("stop-panics-0", 3, 0, "the same against stop, which is iterated on after the panic", panicking::stop),
        Scenario::small("stop-panics-1", 3, 1, "the same with room for one value", panicking::stop),
        Scenario::small("try-join-panics", 3, 1, "the same against try_stop_and_join, which keeps the values", panicking::try_join).needing(&[TryStopAndJoin]),
        Scenario::small("stop-dropped-0", 3, 0, "the iterator of stop is dropped early while two workers send by rendezvous", dropping::stop),
        Scenario::small("stop-dropped-1", 3, 1, "the same with room for one value", dropping::stop),
        Scenario::small("burst-dropped", 2, 2, "a burst is dropped early; what it leaves goes to the next receive, whichever that is", dropping::burst),
        Scenario::small("pool-dropped-0", 3, 0, "the pool is dropped while two workers send by rendezvous and wait for messages", dropping::pool),
        Scenario::small("pool-dropped-1", 3, 1, "the same with room for one value", dropping::pool),
        Scenario::small("recv-0", 3, 0, "recv waits for two workers that send by rendezvous", receiving::recv),
        Scenario::small("recv-1", 3, 1, "the same with room for one value", receiving::recv),
        burst_past_stamp(),
        Scenario::small("burst-0", 3, 0, "a burst meets senders that wait for a rendezvous", receiving::burst),
        Scenario::small("burst-2", 3, 2, "two bursts while two workers send", receiving::burst),
        look_ahead(),
        Scenario::small("burst-endless", 3, 1, "a burst ends although two workers send until they are told to stop", receiving::endless).large(),
        Scenario::small("generations", 3, 1, "workers and receives of a new generation beside the iterator of the old one", receiving::generations),
        Scenario::small("try-send-0", 2, 0, "try_send succeeds against a receiver that waits, and is refused when there is none any more", receiving::try_send),
        Scenario::small("try-send-1", 2, 1, "the same with room for one value", receiving::try_send),
        Scenario::small("broadcast", 3, 1, "broadcasts to two workers, one of which drops its receiver", telling::broadcast),
        Scenario::small("broadcast-one", 3, 1, "messages to one worker at a time, to nobody, and to one that is gone", telling::broadcast_one),
        Scenario::small("get-outlives", 3, 1, "a way down to one worker that is used by another thread, and outlives stop", telling::get),
        Scenario::small("recv-break", 2, 1, "a worker that lives by recv_break!", telling::recv_break),
        Scenario::small("try-recv-break", 2, 1, "a worker that works and looks by try_recv_break!, is paused and goes on", telling::try_recv_break),
        Scenario::small("execute-fails", 3, 1, "threads that cannot be created, reported by try_execute", starting::try_execute).needing(&[TryExecute]),
        execute_panics(),
        Scenario { version: 2, ..Scenario::small("execute-many", 3, 1, "workers that are started together, as far as threads can be created", starting::execute_many) },
        Scenario::small("workload", 3, 1, "a random mixture; each run switches whole kinds of operations off", workload::mixed).large().choosing_often(),
        Scenario::small("workload-2", 3, 2, "the same with room for two values", workload::mixed).large().choosing_often(),
        // At the end, because the seeds of the fuzzers select by place.
        Scenario::small("alone-0", 2, 0, "stop and stop_and_join while the only worker sends by rendezvous", stopping::alone),
        Scenario::small("alone-1", 2, 1, "the same while it sends more than there is room for", stopping::alone),
        Scenario::small("alone-2", 2, 2, "the same with room for two values", stopping::alone),
        Scenario::small("alone-3", 2, 3, "the same with room for three values, which under a checker is a long queue", stopping::alone),
        Scenario::small("alone-deaf", 2, 1, "the only worker drops its receiver early, before it sends or after", stopping::alone_deaf),
        Scenario::small("alone-dropped-0", 2, 0, "the iterator of stop or the pool is dropped while the only worker sends by rendezvous", dropping::alone),
        Scenario::small("alone-dropped-1", 2, 1, "the same with room for one value", dropping::alone),
        Scenario::small("burst-past-stamp-3", 2, 3, "burst-past-stamp with room for three values, which under a checker is a long queue", receiving::past_stamp),
        Scenario::small("burst-dropped-3", 2, 3, "burst-dropped with room for three values", dropping::burst),
        Scenario::small("look-ahead-3", 2, 3, "look-ahead with room for three values", receiving::look_ahead),
        Scenario::small("alone-panics-0", 2, 0, "the only worker may panic at every point, against all ways to stop", panicking::alone),
        Scenario::small("alone-panics-1", 2, 1, "the same with room for one value", panicking::alone),
        Scenario::small("alone-panics-3", 2, 3, "the same with room for three values, which under a checker is a long queue", panicking::alone),
        Scenario::small("alone-try-panics", 2, 1, "the same against try_stop_and_join, which keeps the values", panicking::alone_try).needing(&[TryStopAndJoin]),
        Scenario::small("alone-fails", 2, 1, "a thread that cannot be created, reported by try_execute, and tried again", starting::alone).needing(&[TryExecute]),
    ]
}

/// The one in which a burst that begins late shows.
#[must_use]
pub const fn burst_past_stamp<S: Subject>() -> Scenario<S> {
    let about = "a sender is past its stamp and not yet in the queue when a burst begins";
    Scenario::small("burst-past-stamp", 2, 1, about, receiving::past_stamp)
}

/// The one in which the bug of the [canary](super::canary) shows.
#[must_use]
pub const fn look_ahead<S: Subject>() -> Scenario<S> {
    let about = "what a burst keeps as newer goes to the next receive: recv, a burst, stop or stop_and_join";
    Scenario::small("look-ahead", 2, 1, about, receiving::look_ahead)
}

/// The one in which an `execute` shows that panics though a thread was created.
#[must_use]
pub const fn execute_panics<S: Subject>() -> Scenario<S> {
    let about = "threads that cannot be created, for which execute panics";
    Scenario::small("execute-panics", 2, 1, about, starting::execute)
}

/// Sends so many values, or until nobody is left to receive.
fn send_some<S: Subject>(worker: &Worker<S>, count: u32) {
    for _ in 0..count {
        if worker.up.send() == Sent::Refused {
            break;
        }
    }
}
