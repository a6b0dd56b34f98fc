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
//! To hold a WaitMap of your own against the spec, implement [`Subject`] for it and call [`check`] in a test, and [`stress`](fn@stress) for
//! threads of the operating system.

pub mod canary;
mod items;
mod ours;
pub mod scenarios;
mod scene;
mod stress;
mod subject;
mod task;

use std::sync::Arc;

use raddle_spec::waitmap::{self as spec, Kind};
use raddle_spec::{End, Monitor};

pub use canary::TableMap;
pub use items::{Hook, Key, Value};
pub use ours::{CrowdedHasher, Ours, OursHashed};
pub use raddle::{WaitError, WakeOutcome};
pub use scene::{Patience, Progress, Scene, Strand, Waiting, Wakeup};
pub use stress::stress;
pub use subject::{Feature, LoopingWait, OwnedWait, Subject, Test};
pub use task::{Hooks, Task};

use super::{Entry, Expectation, Suite, System};
use crate::campaign::{
    Case, CaseId, Checked, Detail, Execution, Judgement, NOT_ON_THREADS, Options, Origin, ReplayError,
    Replayed, Unchecked, check_suite, judge_execution, replay_entry,
};
use crate::kernel::Kernel;
use crate::platform::Sim;
use crate::report::Transcript;
use crate::strategy::Strategy;
use crate::stress::{Jittered, Stress};
use scenarios::Scenario;
use stress::OnThreads;

/// The record of an execution of this system.
pub type World = crate::world::World<Kind>;

/// The noun.
pub const NAME: &str = "waitmap";

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
    let new: Arc<dyn Fn() -> S + Send + Sync> = Arc::new(new);
    let entries =
        scenarios::all::<S>().into_iter().map(|scenario| entry(subject, scenario, &new, None)).collect();
    Suite { subject: subject.to_owned(), about: String::new(), expectation: Expectation::Clean, entries }
}

/// A subject that the command knows: `new` makes it under the simulator, `new_on_threads` on real threads.
fn built_in<S: Subject<Platform = Sim>, T: Subject<Platform = Jittered>>(
    subject: &str,
    about: &str,
    expectation: Expectation,
    new: fn() -> S,
    new_on_threads: fn() -> T,
) -> Suite {
    let new: Arc<dyn Fn() -> S + Send + Sync> = Arc::new(new);
    let entries = scenarios::all::<S>()
        .into_iter()
        .zip(stress::programs(new_on_threads))
        .map(|(scenario, on_threads)| entry(subject, scenario, &new, Some(on_threads)))
        .collect();
    Suite { subject: subject.to_owned(), about: about.to_owned(), expectation, entries }
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

/// `on_threads` is given for subjects that the command knows.
fn entry<S: Subject<Platform = Sim>>(
    subject: &str,
    scenario: Scenario<S>,
    new: &Arc<dyn Fn() -> S + Send + Sync>,
    on_threads: Option<OnThreads>,
) -> Entry {
    let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
    let Scenario { name, about, version, small, run, .. } = scenario;
    let case = match missing {
        Some(feature) => Err(feature.name()),
        None => {
            let origin = if on_threads.is_some() { Origin::BuiltIn } else { Origin::Subject };
            let on_threads = on_threads.unwrap_or(Err(NOT_ON_THREADS));
            let id =
                CaseId { system: NAME, scenario: name.into(), version, subject: subject.to_owned(), origin };
            Ok(Arc::new(WaitMapCase { id, run, new: Arc::clone(new), on_threads }) as Arc<dyn Case>)
        }
    };
    Entry { scenario: name, about, small, fewer_preemptions: 0, planted: None, case }
}

struct WaitMapCase<S: Subject> {
    id: CaseId,
    run: fn(Scene<S>),
    new: Arc<dyn Fn() -> S + Send + Sync>,
    on_threads: OnThreads,
}

impl<S: Subject<Platform = Sim>> Case for WaitMapCase<S> {
    fn id(&self) -> &CaseId {
        &self.id
    }

    fn execute(&self, kernel: &mut Kernel, strategy: &mut dyn Strategy, detail: Detail) -> Option<Execution> {
        let world = World::new(crate::world::SIMULATED);
        let (run_scenario, new) = (self.run, Arc::clone(&self.new));
        let inside = world.clone();
        let run = kernel.run(strategy, move || run_scenario(Scene::new(inside, new())))?;
        let mut book = world.take_book();
        book.delay_calls(kernel.log(), |kind| matches!(kind, Kind::Call(_)));
        let judgement = judge_execution(&spec::spec(), &book, kernel, &run);
        let transcript = (detail == Detail::Shown).then(|| Transcript::of(&book));
        let rules = match (detail, &judgement) {
            (Detail::Shown, Judgement::Passed | Judgement::Rested) => {
                Monitor::new(&spec::spec()).explain(&book.events, End::Rest).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Some(Execution { run, judgement, events: book.events.len(), transcript, rules })
    }

    fn on_threads(&self) -> Result<&dyn Stress, &'static str> {
        self.on_threads.as_deref().map_err(|needs| *needs)
    }
}
