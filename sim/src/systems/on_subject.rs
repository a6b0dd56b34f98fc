//! Scenarios once their subject is fixed: what all systems do with them.
//!
//! A system knows its subjects and its scenarios, and makes an [`OnSubject`] of one of each: a body that calls the subject and
//! writes events down, and the spec that they are held against. From here on all systems are alike: a body is searched
//! under the simulator as a [`Case`], and run on threads of the operating system as a [`Stress`].

use std::sync::Arc;

use raddle_spec::object::ActionOf;
use raddle_spec::{End, Kind, Lifted, Monitor, Object};

use super::{Entry, Expectation, Suite};
use crate::campaign::{Case, CaseId, Detail, Execution, Judgement, NOT_ON_THREADS, Origin, judge_execution};
use crate::kernel::{Kernel, Run};
use crate::report::Transcript;
use crate::strategy::Strategy;
use crate::stress::{self, Plan, Stress};
use crate::world::{Book, SIMULATED, World};

/// The body of the main thread, which writes its events down in this world.
type Body<O> = Arc<dyn Fn(World<ActionOf<O>>) + Send + Sync>;

/// A scenario on real threads, or what it needs that they have not.
type OnThreads = Result<Arc<dyn Stress>, &'static str>;

/// A scenario on a subject.
pub(super) struct OnSubject<O: Object> {
    /// The noun of the system.
    pub(super) system: &'static str,
    /// Of the scenario.
    pub(super) name: &'static str,
    /// What the scenario is about, in one line.
    pub(super) about: &'static str,
    /// Of the scenario.
    pub(super) version: u16,
    /// Whether depth-first search finishes within the main job's bound.
    pub(super) small: bool,
    /// How many preemptions fewer than elsewhere that bound has.
    pub(super) fewer_preemptions: u32,
    /// How many steps a run may have, besides the bound of the kernel.
    pub(super) steps_max: u64,
    /// A part of the API that it needs and the subject does not offer.
    pub(super) missing: Option<&'static str>,
    /// What it needs that threads of the operating system have not.
    pub(super) not_on_threads: Option<&'static str>,
    pub(super) spec: Lifted<O>,
    /// Has the last word on an execution under the simulator.
    pub(super) review: fn(Judgement, &Run, &Book<ActionOf<O>>) -> Judgement,
    pub(super) body: Body<O>,
}

/// The bounds under which events are judged, written down and shown.
pub(super) trait Observable:
    Object<Op: Send, Ret: Send, Cb: Send, Reply: Send> + Clone + Send + Sync + 'static
{
}

impl<O> Observable for O where
    O: Object<Op: Send, Ret: Send, Cb: Send, Reply: Send> + Clone + Send + Sync + 'static
{
}

/// The scenarios on a subject that somebody has brought along.
pub(super) fn suite<O: Observable>(subject: &str, scenarios: Vec<OnSubject<O>>) -> Suite {
    let entries = scenarios.into_iter().map(|scenario| scenario.entry(subject)).collect();
    Suite { subject: subject.to_owned(), about: String::new(), expectation: Expectation::Clean, entries }
}

/// The scenarios on a subject that the command knows, on both substrates.
pub(super) fn built_in<O: Observable>(
    subject: &str,
    about: &str,
    expectation: Expectation,
    simulated: Vec<OnSubject<O>>,
    on_threads: Vec<OnSubject<O>>,
) -> Suite {
    let both = simulated.into_iter().zip(on_threads);
    let entries = both.map(|(scenario, other)| scenario.built_in(subject, other.on_threads())).collect();
    Suite { subject: subject.to_owned(), about: about.to_owned(), expectation, entries }
}

/// The scenarios on a subject that stands on real threads and nothing else.
pub(super) fn suite_on_threads<O: Observable>(subject: &str, scenarios: Vec<OnSubject<O>>) -> Suite {
    let case = |scenario: OnSubject<O>| {
        let id = scenario.id(subject, Origin::Subject);
        scenario.on_threads().map(|program| Arc::new(StressCase { id, program }) as Arc<dyn Case>)
    };
    let entries = scenarios.into_iter().map(|scenario| scenario.entry_with(case)).collect();
    Suite { subject: subject.to_owned(), about: String::new(), expectation: Expectation::Clean, entries }
}

impl<O: Observable> OnSubject<O> {
    /// On a subject that somebody has brought along.
    pub(super) fn entry(self, subject: &str) -> Entry {
        self.entry_of(subject, Origin::Subject, Err(NOT_ON_THREADS))
    }

    /// On a subject that the command knows.
    pub(super) fn built_in(self, subject: &str, on_threads: OnThreads) -> Entry {
        self.entry_of(subject, Origin::BuiltIn, on_threads)
    }

    fn entry_of(self, subject: &str, origin: Origin, on_threads: OnThreads) -> Entry {
        self.entry_with(|scenario| match scenario.missing {
            Some(missing) => Err(missing),
            None => Ok(scenario.case(subject, origin, on_threads)),
        })
    }

    fn entry_with(self, case: impl FnOnce(Self) -> Result<Arc<dyn Case>, &'static str>) -> Entry {
        let OnSubject { name: scenario, about, small, fewer_preemptions, .. } = self;
        Entry { scenario, about, small, fewer_preemptions, planted: None, case: case(self) }
    }

    /// The scenario to be searched, whose subject has what it needs.
    pub(super) fn case(self, subject: &str, origin: Origin, on_threads: OnThreads) -> Arc<dyn Case> {
        Arc::new(SimulatedCase { id: self.id(subject, origin), scenario: self, on_threads })
    }

    fn id(&self, subject: &str, origin: Origin) -> CaseId {
        let OnSubject { system, name, version, .. } = *self;
        CaseId { system, scenario: name.into(), version, subject: subject.to_owned(), origin }
    }

    fn on_threads(self) -> OnThreads {
        match self.missing.or(self.not_on_threads) {
            Some(missing) => Err(missing),
            None => Ok(Arc::new(self)),
        }
    }
}

impl<O: Observable> Stress for OnSubject<O> {
    fn execute(&self, plan: &Plan) -> stress::Execution {
        let body = Arc::clone(&self.body);
        stress::execute(&self.spec, plan, move |world| body(world))
    }
}

struct SimulatedCase<O: Object> {
    id: CaseId,
    scenario: OnSubject<O>,
    on_threads: OnThreads,
}

impl<O: Observable> Case for SimulatedCase<O> {
    fn id(&self) -> &CaseId {
        &self.id
    }

    fn execute(&self, kernel: &mut Kernel, strategy: &mut dyn Strategy, detail: Detail) -> Option<Execution> {
        let OnSubject { spec, body, review, steps_max, .. } = &self.scenario;
        let world = World::new(SIMULATED);
        let run = kernel.run_within(*steps_max, strategy, || body(world.clone()))?;
        let mut book = world.take_book();
        book.delay_calls(kernel.log(), |kind| matches!(kind, Kind::Call(_)));
        let judgement = review(judge_execution(spec, &book, kernel, &run), &run, &book);
        let transcript = (detail == Detail::Shown).then(|| Transcript::of(&book));
        let rules = match (detail, &judgement) {
            (Detail::Shown, Judgement::Passed | Judgement::Rested) => {
                Monitor::new(spec).explain(&book.events, End::Rest).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        Some(Execution { run, judgement, events: book.events.len(), transcript, rules })
    }

    fn on_threads(&self) -> Result<&dyn Stress, &'static str> {
        self.on_threads.as_deref().map_err(|needs| *needs)
    }
}

/// A scenario that can be run on real threads only.
struct StressCase {
    id: CaseId,
    program: Arc<dyn Stress>,
}

impl Case for StressCase {
    fn id(&self) -> &CaseId {
        &self.id
    }

    /// There is nothing to explore.
    fn execute(&self, _: &mut Kernel, _: &mut dyn Strategy, _: Detail) -> Option<Execution> {
        None
    }

    fn on_threads(&self) -> Result<&dyn Stress, &'static str> {
        Ok(&*self.program)
    }
}
