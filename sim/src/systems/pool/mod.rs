//! The system `pool`: the one place where its spec and its implementations meet.
//!
//! | part | is |
//! |---|---|
//! | [`Subject`] | what an implementation offers |
//! | [`Ours`], [`QueuePool`] | Raddle's own WorkerPool; the canary and its clean twin |
//! | [`Scene`], [`Burst`], [`Stop`], [`Line`], [`Worker`] | wrappers that make calls and write them down as events of the spec |
//! | [`Value`], [`Note`] | items that are accounted for |
//! | [`scenarios`] | the programs that are run |
//! | [`program`] | programs as data, for whoever makes them up |
//! | [`script`] | programs as lists of steps, for fuzzers and property tests |
//!
//! To hold a worker pool of your own against the spec, implement [`Subject`] for it and call [`check`] in a test, and
//! [`stress`](fn@stress) for threads of the operating system.

pub mod canary;
mod endless;
mod items;
mod ours;
pub mod program;
pub mod scenarios;
mod scene;
pub mod script;
mod stress;
mod subject;
mod worker;

use std::sync::Arc;

use raddle_spec::pool::{self as spec, Kind};
use raddle_spec::{End, Lifted, Monitor};

pub use canary::{QueuePool, bug};
pub use items::{Note, Value};
pub use ours::Ours;
pub use scene::{Burst, Line, Next, Say, Scene, Stop, Strand};
pub use stress::stress;
pub use subject::{Feature, Message, ReceiveDown, SendDown, SendUp, Subject};
pub use worker::{Inlet, Sent, Up, Worker};

use super::{Entry, Expectation, Planted, Suite, System};
use crate::campaign::{
    Case, CaseId, Checked, Class, Detail, Execution, Judgement, NOT_ON_THREADS, Options, Origin, ReplayError,
    Replayed, Unchecked, check_suite, judge_execution, replay_entry,
};
use crate::kernel::Kernel;
use crate::platform::Sim;
use crate::report::Transcript;
use crate::strategy::Strategy;
use crate::stress::{Jittered, Stress};
use program::Program;
use scenarios::{Scenario, misuse};
use stress::OnThreads;

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
    let new: Arc<dyn Fn(u32) -> S + Send + Sync> = Arc::new(new);
    let entries =
        scenarios::all::<S>().into_iter().map(|scenario| entry(subject, scenario, &new, None)).collect();
    Suite { subject: subject.to_owned(), about: String::new(), expectation: Expectation::Clean, entries }
}

/// A subject that the command knows: `new` makes it under the simulator, `new_on_threads` on real threads.
fn built_in<S: Subject<Platform = Sim>, T: Subject<Platform = Jittered>>(
    subject: &str,
    about: &str,
    expectation: Expectation,
    new: fn(u32) -> S,
    new_on_threads: fn(u32) -> T,
) -> Suite {
    let new: Arc<dyn Fn(u32) -> S + Send + Sync> = Arc::new(new);
    let entries = scenarios::all::<S>()
        .into_iter()
        .zip(stress::programs(new_on_threads))
        .map(|(scenario, on_threads)| entry(subject, scenario, &new, Some(on_threads)))
        .collect();
    Suite { subject: subject.to_owned(), about: about.to_owned(), expectation, entries }
}

/// The scenarios whose users are at fault, on a sound subject that the command knows. The verdict must name the obligation and who
/// broke it. A thread that waits for ever is none for the operating system.
fn misused<S: Subject<Platform = Sim>>(subject: &str, about: &str, new: fn(u32) -> S) -> Suite {
    const ENDLESS: &str = "a thread that does not end";
    let new: Arc<dyn Fn(u32) -> S + Send + Sync> = Arc::new(new);
    let planted = |(scenario, obligation, culprit)| Entry {
        planted: Some(Planted { class: Class::Obligation, names: vec![obligation, culprit] }),
        ..entry(subject, scenario, &new, Some(Err(ENDLESS)))
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

/// `on_threads` is given for subjects that the command knows.
fn entry<S: Subject<Platform = Sim>>(
    subject: &str,
    scenario: Scenario<S>,
    new: &Arc<dyn Fn(u32) -> S + Send + Sync>,
    on_threads: Option<OnThreads>,
) -> Entry {
    let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
    let Scenario { name, about, version, small, threads, capacity, run, .. } = scenario;
    let steps_max = scenario.steps_max.unwrap_or(u64::MAX);
    let case = match missing {
        Some(feature) => Err(feature.name()),
        None => {
            let origin = if on_threads.is_some() { Origin::BuiltIn } else { Origin::Subject };
            let on_threads = on_threads.unwrap_or(Err(NOT_ON_THREADS));
            let id =
                CaseId { system: NAME, scenario: name.into(), version, subject: subject.to_owned(), origin };
            let run = Arc::new(run);
            let new = Arc::clone(new);
            Ok(Arc::new(PoolCase { id, capacity, steps_max, run, new, on_threads }) as Arc<dyn Case>)
        }
    };
    // Runs of three threads are long.
    let fewer_preemptions = if threads < 3 { 1 } else { 2 };
    Entry { scenario: name, about, small, fewer_preemptions, planted: None, case }
}

/// One scenario of one's own on the subject that `new` makes.
pub fn case<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn(u32) -> S + Send + Sync + 'static,
    scenario: Scenario<S>,
) -> Entry {
    let new: Arc<dyn Fn(u32) -> S + Send + Sync> = Arc::new(new);
    entry(subject, scenario, &new, None)
}

/// A program on the subject that `new` makes.
pub fn case_of<S: Subject<Platform = Sim>>(
    subject: &str,
    new: impl Fn(u32) -> S + Send + Sync + 'static,
    program: Program,
) -> Arc<dyn Case> {
    let id = CaseId {
        system: NAME,
        scenario: "program".into(),
        version: 1,
        subject: subject.to_owned(),
        origin: Origin::Subject,
    };
    let capacity = program.capacity;
    let run = Arc::new(move |scene| program.perform(scene));
    let (new, on_threads) = (Arc::new(new), Err(NOT_ON_THREADS));
    Arc::new(PoolCase { id, capacity, steps_max: u64::MAX, run, new, on_threads })
}

/// What executions on a subject are held against.
fn spec_of<S: Subject>(capacity: u32) -> Lifted<spec::Pool> {
    if S::TIES { spec::spec(capacity) } else { spec::spec_without_ties(capacity) }
}

struct PoolCase<S: Subject> {
    id: CaseId,
    capacity: u32,
    /// Besides the bound of the kernel.
    steps_max: u64,
    run: Arc<dyn Fn(Scene<S>) + Send + Sync>,
    new: Arc<dyn Fn(u32) -> S + Send + Sync>,
    on_threads: OnThreads,
}

impl<S: Subject<Platform = Sim>> Case for PoolCase<S> {
    fn id(&self) -> &CaseId {
        &self.id
    }

    fn execute(&self, kernel: &mut Kernel, strategy: &mut dyn Strategy, detail: Detail) -> Option<Execution> {
        let world = World::new(crate::world::SIMULATED);
        let (run_scenario, new, capacity) = (Arc::clone(&self.run), Arc::clone(&self.new), self.capacity);
        let inside = world.clone();
        let body = move || run_scenario(Scene::new(inside, capacity, new(capacity)));
        let run = kernel.run_within(self.steps_max, strategy, body)?;
        let mut book = world.take_book();
        book.delay_calls(kernel.log(), |kind| matches!(kind, Kind::Call(_)));
        let spec = spec_of::<S>(capacity);
        let judgement = endless::judge(judge_execution(&spec, &book, kernel, &run), run.end, &book);
        let transcript = (detail == Detail::Shown).then(|| Transcript::of(&book));
        let rules = match (detail, &judgement) {
            (Detail::Shown, Judgement::Passed | Judgement::Rested) => {
                Monitor::new(&spec).explain(&book.events, End::Rest).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Some(Execution { run, judgement, events: book.events.len(), transcript, rules })
    }

    fn on_threads(&self) -> Result<&dyn Stress, &'static str> {
        self.on_threads.as_deref().map_err(|needs| *needs)
    }
}
