//! The scenarios: small programs whose interleavings cover what the rules of the spec speak of.
//!
//! A scenario is written against [`Subject`], so that it runs on any implementation, and makes every choice through
//! [`Scene::choose`], so that any run of it can be replayed. It asserts nothing: the monitor judges each event, and the
//! ledger each key, value and waker. Most end with a `close`, which lets every task that still sleeps finish, so that the accounts can
//! be made up; where a task may sleep for ever, the spec excuses it.

mod cancelling;
mod closing;
mod looping;
mod reentering;
mod waking;
mod workload;

use super::scene::Scene;
use super::subject::{Feature, Subject};

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
    /// Whether a task of it may sleep for ever, excused by the spec. Substrates that take every halt for a deadlock leave it out.
    pub may_rest: bool,
    /// Whether it chooses so often that its scripts of choices cannot be listed. A substrate that cannot choose by itself, and runs
    /// one script at a time, bounds or leaves it out.
    pub chooses_often: bool,
    /// The body of its main thread.
    pub run: fn(Scene<S>),
}

impl<S: Subject> Scenario<S> {
    const fn small(
        name: &'static str,
        threads: u8,
        about: &'static str,
        needs: &'static [Feature],
        run: fn(Scene<S>),
    ) -> Self {
        Scenario {
            name,
            about,
            version: 1,
            needs,
            small: true,
            threads,
            may_rest: false,
            chooses_often: false,
            run,
        }
    }

    const fn large(
        name: &'static str,
        threads: u8,
        about: &'static str,
        needs: &'static [Feature],
        run: fn(Scene<S>),
    ) -> Self {
        Scenario {
            name,
            about,
            version: 1,
            needs,
            small: false,
            threads,
            may_rest: false,
            chooses_often: false,
            run,
        }
    }

    const fn resting(self) -> Self {
        Scenario { may_rest: true, ..self }
    }

    const fn choosing_often(self) -> Self {
        Scenario { chooses_often: true, ..self }
    }
}

/// All scenarios, in the order of reports.
#[must_use]
#[rustfmt::skip] // a table
pub fn all<S: Subject>() -> Vec<Scenario<S>> {
    use Feature::{OwnedWaits, PanickingWakers, Reentrancy, Subscribe, UnequalKeys, WaitFor, WaitForValue};
    vec![
        Scenario::small("wake-around-registration", 3, "wake before, during and after the registration of one wait", &[], waking::around_registration),
        Scenario::small("two-keys", 3, "two waits under two keys, woken in the other order", &[], waking::two_keys),
        Scenario::small("duplicate-keys", 3, "two tasks wait under one key", &[], waking::duplicate_keys),
        Scenario::small("unequal-keys", 2, "a key that is not equal to itself, beside one that is", &[UnequalKeys], waking::unequal_keys),
        Scenario::small("key-reuse", 2, "a key is taken again before the wait that had it was polled", &[], waking::key_reuse),
        Scenario::small("finished-waits", 2, "waits polled again after each kind of result", &[], waking::finished_waits),
        Scenario::small("subscribe-then-wake", 3, "subscribe, then wake, then await", &[Subscribe], waking::subscribe_then_wake),
        Scenario::small("waker-replaced", 2, "a wait polled by one task, then by another, against a wake", &[], waking::waker_replaced),
        Scenario::small("owned-wait-migrates", 3, "an owned wait moves to another thread while it is woken", &[OwnedWaits], waking::owned_wait_migrates),
        Scenario::small("owned-wait-outlives", 2, "an owned wait that outlives every other handle of the map", &[OwnedWaits], waking::owned_wait_outlives).resting(),
        Scenario::small("cancel-against-wake", 2, "a wait is dropped while its key is woken", &[], cancelling::against_wake),
        Scenario::small("cancel-against-close", 3, "a wait is dropped while the map is closed", &[], cancelling::against_close),
        Scenario::large("cancel-neighbours", 4, "three waits next to each other, each dropped or woken", &[], cancelling::neighbours),
        Scenario::small("close-against-wake", 3, "a registered wait, a wake and a close at once", &[], closing::against_wake),
        Scenario::small("close-against-registration", 2, "waits register while the map is closed", &[], closing::against_registration),
        Scenario::small("close-is-absorbing", 3, "once seen closed, a map stays closed", &[], closing::is_absorbing),
        Scenario::large("close-many", 2, "eighteen waits, some dropped or polled between the batches of a close", &[], closing::many).choosing_often(),
        Scenario::small("close-two-batches", 2, "seventeen waits, two of them dropped or polled between the two batches of a close", &[], closing::two_batches),
        Scenario::small("close-with-panics", 3, "wakers that panic inside close and wake", &[PanickingWakers], closing::with_panics),
        Scenario::small("reenter-from-wake", 2, "a waker that calls the map when it is invoked", &[Reentrancy], reentering::from_wake),
        Scenario::small("reenter-from-waker", 2, "a waker that calls the map when it is cloned or dropped", &[Reentrancy], reentering::from_waker),
        Scenario::small("reenter-from-items", 2, "keys and values that call the map when they are dropped", &[Reentrancy], reentering::from_items),
        Scenario::small("wait-for-rounds", 3, "wait_for over several rounds", &[WaitFor], looping::rounds),
        Scenario::small("wait-for-value-rounds", 3, "wait_for_value over several rounds", &[WaitForValue], looping::value_rounds),
        Scenario::small("wait-for-conflict", 3, "two tasks wait_for under one key", &[WaitFor], looping::conflict),
        Scenario::large("workload", 4, "a random mixture; each run switches whole kinds of operations off", &[Subscribe], workload::mixed).choosing_often(),
    ]
}
