//! The system `pool`: the one place where its spec and its implementations meet.
//!
//! | part | is |
//! |---|---|
//! | [`Subject`] | what an implementation offers |
//! | [`Ours`], [`QueuePool`] | Raddle's own WorkerPool; the canary and its clean twin |
//! | [`Scene`], [`Burst`], [`Stop`], [`Line`], [`Worker`] | wrappers that make calls and write them down as events of the spec |
//! | [`Value`], [`Note`] | items that are accounted for |
//! | [`scenarios`] | the programs that are run |
//! | [`script`] | programs as data, for fuzzers and property tests |
//!
//! To hold a worker pool of your own against the spec, implement [`Subject`] for it and call [`check`] in a test, and
//! [`stress`] for threads of the operating system.

pub mod canary;
mod endless;
mod handles;
mod items;
mod observe;
mod ours;
mod review;
pub mod scenarios;
mod scene;
pub mod script;
mod subject;
mod worker;

use std::sync::Arc;

use raddle_spec::Lifted;
use raddle_spec::pool::{self as spec, Kind};

pub use canary::{QueuePool, bug};
pub use handles::{Burst, Line, Next, Stop};
pub use items::{Note, Value};
pub use ours::Ours;
pub use scene::{Say, Scene, Strand};
pub use subject::{Feature, Message, ReceiveDown, SendDown, SendUp, Subject};
pub use worker::{Inlet, Sent, Up, Worker};

use super::on_subject::{self, OnSubject};
use super::{Entry, Expectation, Planted, Suite, System};
use crate::campaign::{
    Checked, Class, Options, ReplayError, Replayed, Unchecked, check_suite, replay_entry, stress_suite,
};
use crate::platform::Sim;
use crate::stress::Jittered;
use scenarios::{Scenario, misuse};

/// The record of an execution of this system.
pub type World = crate::world::World<Kind>;

/// The noun.
pub const NAME: &str = "pool";

/// The system, with the subjects that Raddle brings along.
#[must_use]
pub fn system() -> System {
    let suites = vec![
        built_in(
            "raddle",
            "the WorkerPool of the crate `raddle`",
            Expectation::Clean,
            Ours::<Sim>::new,
            Ours::<Jittered>::new,
        ),
        built_in(
            "twin",
            "the canary without its bug",
            Expectation::Clean,
            QueuePool::<Sim, { bug::NONE }>::new,
            QueuePool::<Jittered, { bug::NONE }>::new,
        ),
        built_in(
            "canary",
            "a queue behind a lock; a stop can lose a value",
            Expectation::Caught,
            QueuePool::<Sim, { bug::LOSES_LOOK_AHEAD }>::new,
            QueuePool::<Jittered, { bug::LOSES_LOOK_AHEAD }>::new,
        ),
        misused(
            "misused",
            "the pool of the crate `raddle`, whose users break an obligation each",
            Ours::<Sim>::new,
        ),
    ];
    System {
        name: NAME,
        about: "worker threads, bounded channels, stop and join",
        rules: spec::RULES,
        obligations: spec::OBLIGATIONS,
        studies: spec::studies,
        suites,
        thrift: 10,
    }
}

/// All scenarios on the subject that `new` makes, which is given the capacity.
pub fn suite<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn(u32) -> S + Send + Sync + 'static,
) -> Suite {
    on_subject::suite(subject, on(scenarios::all(), new))
}

/// A subject that the command knows: `new` makes it under the simulator, `new_on_threads` on real threads.
fn built_in<S: Subject<Platform = Sim>, T: Subject<Platform = Jittered>>(
    subject: &str,
    about: &str,
    expectation: Expectation,
    new: fn(u32) -> S,
    new_on_threads: fn(u32) -> T,
) -> Suite {
    let on_threads = on(scenarios::all(), new_on_threads);
    on_subject::built_in(subject, about, expectation, on(scenarios::all(), new), on_threads)
}

/// The scenarios whose users are at fault, on a sound subject that the command knows. The verdict must name the obligation and who
/// broke it. A thread that waits for ever is none for the operating system.
fn misused<S: Subject<Platform = Sim>>(subject: &str, about: &str, new: fn(u32) -> S) -> Suite {
    const ENDLESS: &str = "a thread that does not end";
    let planted = |(scenario, obligation, culprit)| Entry {
        planted: Some(Planted { class: Class::Obligation, names: vec![obligation, culprit] }),
        ..on_one(scenario, &Arc::new(new)).built_in(subject, Err(ENDLESS))
    };
    let entries = misuse::all::<S>().into_iter().map(planted).collect();
    let expectation = Expectation::EachCaught;
    Suite { subject: subject.to_owned(), about: about.to_owned(), expectation, entries }
}

/// Holds a worker pool against the spec: runs every scenario on pools that `new` makes, under the simulator. `new` is given the
/// capacity.
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
/// use raddle_sim::systems::pool::{Ours, check};
///
/// let checked = check("mine", Ours::<Sim>::new, &Options::quick()).unwrap();
/// assert!(checked.schedules > 0);
/// ```
pub fn check<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn(u32) -> S + Send + Sync + 'static,
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
    new: impl Fn(u32) -> S + Send + Sync + 'static,
    scenario: &str,
    token: &str,
) -> Result<Replayed, ReplayError> {
    replay_entry(&suite(subject, new), scenario, token)
}

/// Holds a worker pool against the spec on threads of the operating system: runs every scenario
/// [`schedules`](Options::schedules) times on pools that `new` makes. Blocks.
///
/// The subject stands on [`Jittered`], which is the platform of `std` with pauses. What is found is not reproducible: see
/// [`crate::stress`]. Scenarios that need a [`Feature`] which the subject does not offer are left out, and counted in the result.
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
/// use raddle_sim::systems::pool::{Ours, stress};
///
/// let options = Options { schedules: 5, ..Options::quick() };
/// let checked = stress("mine", Ours::<Jittered>::new, &options).unwrap();
/// assert_eq!(checked.left_out, 0);
/// ```
pub fn stress<S: Subject<Platform = Jittered>>(
    subject: &str,
    new: impl Fn(u32) -> S + Send + Sync + 'static,
    options: &Options,
) -> Result<Checked, Unchecked> {
    stress_suite(&on_subject::suite_on_threads(subject, on(scenarios::all(), new)), options)
}

/// One scenario of one's own on the subject that `new` makes.
pub fn case<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn(u32) -> S + Send + Sync + 'static,
    scenario: Scenario<S>,
) -> Entry {
    on_one(scenario, &Arc::new(new)).entry(subject)
}

fn on<S: Subject>(
    scenarios: Vec<Scenario<S>>,
    new: impl Fn(u32) -> S + Send + Sync + 'static,
) -> Vec<OnSubject<spec::Pool>> {
    let new = Arc::new(new);
    scenarios.into_iter().map(|scenario| on_one(scenario, &new)).collect()
}

fn on_one<S: Subject>(
    scenario: Scenario<S>,
    new: &Arc<impl Fn(u32) -> S + Send + Sync + 'static>,
) -> OnSubject<spec::Pool> {
    let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
    let Scenario { name, about, version, small, threads, capacity, run, steps_max, .. } = scenario;
    let new = Arc::clone(new);
    OnSubject {
        system: NAME,
        name,
        about,
        version,
        small,
        // Runs of three threads are long.
        fewer_preemptions: if threads < 3 { 1 } else { 2 },
        steps_max: steps_max.unwrap_or(u64::MAX),
        missing: missing.map(|feature| feature.name()),
        not_on_threads: None,
        spec: spec_of::<S>(capacity),
        review: review::review,
        body: Arc::new(move |world| run(Scene::new(world, capacity, new(capacity)))),
    }
}

/// What executions on a subject are held against: the spec [with ties](Subject::TIES) or without.
#[must_use]
pub fn spec_of<S: Subject>(capacity: u32) -> Lifted<spec::Pool> {
    if S::TIES { spec::spec(capacity) } else { spec::spec_without_ties(capacity) }
}
