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
    /// The body of its main thread.
    pub run: fn(Scene<S>),
}

impl<S: Subject> Scenario<S> {
    const fn small(
        name: &'static str,
        about: &'static str,
        needs: &'static [Feature],
        run: fn(Scene<S>),
    ) -> Self {
        Scenario { name, about, version: 1, needs, small: true, run }
    }

    const fn large(
        name: &'static str,
        about: &'static str,
        needs: &'static [Feature],
        run: fn(Scene<S>),
    ) -> Self {
        Scenario { name, about, version: 1, needs, small: false, run }
    }
}

/// All scenarios, in the order of reports.
#[must_use]
#[rustfmt::skip] // a table
pub fn all<S: Subject>() -> Vec<Scenario<S>> {
    use Feature::{OwnedWaits, PanickingWakers, Reentrancy, Subscribe, UnequalKeys, WaitFor, WaitForValue};
    vec![
        Scenario::small("wake-around-registration", "wake before, during and after the registration of one wait", &[], waking::around_registration),
        Scenario::small("two-keys", "two waits under two keys, woken in the other order", &[], waking::two_keys),
        Scenario::small("duplicate-keys", "two tasks wait under one key", &[], waking::duplicate_keys),
        Scenario::small("unequal-keys", "a key that is not equal to itself, beside one that is", &[UnequalKeys], waking::unequal_keys),
        Scenario::small("key-reuse", "a key is taken again before the wait that had it was polled", &[], waking::key_reuse),
        Scenario::small("finished-waits", "waits polled again after each kind of result", &[], waking::finished_waits),
        Scenario::small("subscribe-then-wake", "subscribe, then wake, then await", &[Subscribe], waking::subscribe_then_wake),
        Scenario::small("waker-replaced", "a wait polled by one task, then by another, against a wake", &[], waking::waker_replaced),
        Scenario::small("owned-wait-migrates", "an owned wait moves to another thread while it is woken", &[OwnedWaits], waking::owned_wait_migrates),
        Scenario::small("owned-wait-outlives", "an owned wait that outlives every other handle of the map", &[OwnedWaits], waking::owned_wait_outlives),
        Scenario::small("cancel-against-wake", "a wait is dropped while its key is woken", &[], cancelling::against_wake),
        Scenario::small("cancel-against-close", "a wait is dropped while the map is closed", &[], cancelling::against_close),
        Scenario::large("cancel-neighbours", "three waits next to each other, each dropped or woken", &[], cancelling::neighbours),
        Scenario::small("close-against-wake", "a registered wait, a wake and a close at once", &[], closing::against_wake),
        Scenario::small("close-against-registration", "waits register while the map is closed", &[], closing::against_registration),
        Scenario::small("close-is-absorbing", "once seen closed, a map stays closed", &[], closing::is_absorbing),
        Scenario::large("close-many", "eighteen waits, some dropped or polled between the batches of a close", &[], closing::many),
        Scenario::small("close-with-panics", "wakers that panic inside close and wake", &[PanickingWakers], closing::with_panics),
        Scenario::small("reenter-from-wake", "a waker that calls the map when it is invoked", &[Reentrancy], reentering::from_wake),
        Scenario::small("reenter-from-waker", "a waker that calls the map when it is cloned or dropped", &[Reentrancy], reentering::from_waker),
        Scenario::small("reenter-from-items", "keys and values that call the map when they are dropped", &[Reentrancy], reentering::from_items),
        Scenario::small("wait-for-rounds", "wait_for over several rounds", &[WaitFor], looping::rounds),
        Scenario::small("wait-for-value-rounds", "wait_for_value over several rounds", &[WaitForValue], looping::value_rounds),
        Scenario::small("wait-for-conflict", "two tasks wait_for under one key", &[WaitFor], looping::conflict),
        Scenario::large("workload", "a random mixture; each run switches whole kinds of operations off", &[Subscribe], workload::mixed),
    ]
}
