//! The system `waitmap`: the one place where its spec and its implementations meet.
//!
//! | part | is |
//! |---|---|
//! | [`Subject`] | what an implementation offers |
//! | [`Ours`], [`OursHashed`], [`TableMap`] | Raddle's own WaitMap, with either index; the canary and its clean twin |
//! | [`Scene`], [`Waiting`], [`Task`] | wrappers that make calls and write them down as events of the spec |
//! | [`Key`], [`Value`] | items that are accounted for, and whose drops are events |
//! | [`scenarios`] | the programs that are run |
//!
//! To hold a WaitMap of your own against the spec, implement [`Subject`] for it and call [`check`] in a test, and [`stress`] for
//! threads of the operating system.

pub mod canary;
mod items;
mod ours;
pub mod scenarios;
mod scene;
mod subject;
mod task;

use std::sync::Arc;

use raddle_spec::waitmap::{self as spec, Kind};

pub use canary::TableMap;
pub use items::{Hook, Key, Value};
pub use ours::{CrowdedHasher, Ours, OursHashed};
pub use raddle::{WaitError, WakeOutcome};
pub use scene::{Patience, Progress, Scene, Strand, Waiting, Wakeup};
pub use subject::{Feature, LoopingWait, OwnedWait, Subject, Test};
pub use task::{Hooks, Task};

use super::on_subject::{self, OnSubject};
use super::{Expectation, Suite, System};
use crate::campaign::{
    Checked, Options, ReplayError, Replayed, Unchecked, check_suite, replay_entry, stress_suite,
};
use crate::platform::Sim;
use crate::stress::Jittered;
use scenarios::Scenario;

/// The record of an execution of this system.
pub type World = crate::world::World<Kind>;

/// The noun.
pub const NAME: &str = "waitmap";

/// Why a scenario that may come to a rest is left out on threads of the operating system.
const EXCUSED_REST: &str = "an excused rest, which takes a thread that waits for ever";

/// The system, with the subjects that Raddle brings along.
#[must_use]
pub fn system() -> System {
    let suites = vec![
        built_in(
            "raddle",
            "the WaitMap of the crate `raddle`",
            Expectation::Clean,
            Ours::<Sim>::new,
            Ours::<Jittered>::new,
        ),
        built_in(
            "hashed",
            "the same, with buckets and several locks",
            Expectation::Clean,
            OursHashed::<Sim>::hashed,
            OursHashed::<Jittered>::hashed,
        ),
        built_in(
            "twin",
            "the canary without its bug",
            Expectation::Clean,
            TableMap::<Sim, false>::default,
            TableMap::<Jittered, false>::default,
        ),
        built_in(
            "canary",
            "a table behind a lock; a close can be lost",
            Expectation::Caught,
            TableMap::<Sim, true>::default,
            TableMap::<Jittered, true>::default,
        ),
    ];
    System {
        name: NAME,
        about: "wakers by key, intrusive list, cancellation",
        rules: spec::RULES,
        obligations: spec::OBLIGATIONS,
        studies: spec::studies,
        suites,
        thrift: 1,
    }
}

/// All scenarios on the subject that `new` makes.
pub fn suite<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn() -> S + Send + Sync + 'static,
) -> Suite {
    on_subject::suite(subject, on(new))
}

/// A subject that the command knows: `new` makes it under the simulator, `new_on_threads` on real threads.
fn built_in<S: Subject<Platform = Sim>, T: Subject<Platform = Jittered>>(
    subject: &str,
    about: &str,
    expectation: Expectation,
    new: fn() -> S,
    new_on_threads: fn() -> T,
) -> Suite {
    on_subject::built_in(subject, about, expectation, on(new), on(new_on_threads))
}

/// Holds a WaitMap against the spec: runs every scenario on maps that `new` makes, under the simulator.
///
/// `subject` is its name in reports. Blocks until the plan of `options` is done. Scenarios that need a [`Feature`] which the
/// subject does not [offer](Subject::OFFERS) are left out, and counted in the result.
///
/// # Errors
///
/// The first failure, with a short interleaving that shows it, or the reason why the answer is inconclusive.
///
/// # Examples
///
/// ```
/// use raddle_sim::campaign::Options;
/// use raddle_sim::platform::Sim;
/// use raddle_sim::systems::waitmap::{Ours, check};
///
/// let checked = check("mine", Ours::<Sim>::new, &Options::quick()).unwrap();
/// assert!(checked.schedules > 0);
/// ```
pub fn check<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn() -> S + Send + Sync + 'static,
    options: &Options,
) -> Result<Checked, Unchecked> {
    check_suite(&suite(subject, new), options)
}

/// Executes one scenario once, as a token of an earlier failure says, and tells what happened.
///
/// # Errors
///
/// If the token is not one, or belongs to something else.
pub fn replay<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn() -> S + Send + Sync + 'static,
    scenario: &str,
    token: &str,
) -> Result<Replayed, ReplayError> {
    replay_entry(&suite(subject, new), scenario, token)
}

/// Holds a WaitMap against the spec on threads of the operating system: runs every scenario
/// [`schedules`](Options::schedules) times on maps that `new` makes. Blocks.
///
/// The subject stands on [`Jittered`], which is the platform of `std` with pauses. What is found is not reproducible: see
/// [`crate::stress`]. Scenarios that need a [`Feature`] which the subject does not offer, or that may come to a rest, are left out, and
/// counted in the result.
///
/// # Errors
///
/// The first failure with the events of its run, or the reason why the answer is inconclusive.
///
/// # Examples
///
/// ```
/// use raddle_sim::campaign::Options;
/// use raddle_sim::stress::Jittered;
/// use raddle_sim::systems::waitmap::{Ours, stress};
///
/// let options = Options { schedules: 5, ..Options::quick() };
/// let checked = stress("mine", Ours::<Jittered>::new, &options).unwrap();
/// assert_eq!(checked.left_out, 1);
/// ```
pub fn stress<S: Subject<Platform = Jittered>>(
    subject: &str,
    new: impl Fn() -> S + Send + Sync + 'static,
    options: &Options,
) -> Result<Checked, Unchecked> {
    stress_suite(&on_subject::suite_on_threads(subject, on(new)), options)
}

/// All scenarios on what `new` makes.
fn on<S: Subject>(new: impl Fn() -> S + Send + Sync + 'static) -> Vec<OnSubject<spec::WaitMap>> {
    let new = Arc::new(new);
    scenarios::all().into_iter().map(|scenario| on_one(scenario, &new)).collect()
}

fn on_one<S: Subject>(
    scenario: Scenario<S>,
    new: &Arc<impl Fn() -> S + Send + Sync + 'static>,
) -> OnSubject<spec::WaitMap> {
    let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
    let Scenario { name, about, version, small, may_rest, run, .. } = scenario;
    let new = Arc::clone(new);
    OnSubject {
        system: NAME,
        name,
        about,
        version,
        small,
        fewer_preemptions: 0,
        steps_max: u64::MAX,
        missing: missing.map(|feature| feature.name()),
        not_on_threads: may_rest.then_some(EXCUSED_REST),
        spec: spec::spec(),
        review: |judgement, _, _| judgement,
        body: Arc::new(move |world| run(Scene::new(world, new()))),
    }
}
