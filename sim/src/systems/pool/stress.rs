//! The scenarios on threads of the operating system.

use std::sync::Arc;

use super::scenarios::{self, Scenario};
use super::{NAME, Scene, Subject, spec_of};
use crate::campaign::{Case, CaseId, Checked, Detail, Execution, Options, Origin, Unchecked, stress_suite};
use crate::kernel::Kernel;
use crate::strategy::Strategy;
use crate::stress::{self, Jittered, Plan, Stress};
use crate::systems::{Entry, Expectation, Suite};

/// A scenario on a subject that stands on real threads, or what it needs that they have not.
pub(super) type OnThreads = Result<Arc<dyn Stress>, &'static str>;

/// Holds a worker pool against the spec on threads of the operating system: runs every scenario
/// [`schedules`](Options::schedules) times on pools that `new` makes. Blocks.
///
/// The subject stands on [`Jittered`], which is the platform of `std` with pauses. What is found is not reproducible: see
/// [`crate::stress`]. Scenarios that need a [`Feature`](super::Feature) which the subject does not offer are left out, and counted in the result.
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
    let new: Arc<dyn Fn(u32) -> S + Send + Sync> = Arc::new(new);
    let entry = |scenario: Scenario<S>| {
        let Scenario { name, about, version, small, .. } = scenario;
        let id = CaseId {
            system: NAME,
            scenario: name.into(),
            version,
            subject: subject.to_owned(),
            origin: Origin::Subject,
        };
        let case =
            program(&scenario, &new).map(|program| Arc::new(StressCase { id, program }) as Arc<dyn Case>);
        Entry { scenario: name, about, small, fewer_preemptions: 0, planted: None, case }
    };
    let entries = scenarios::all::<S>().into_iter().map(entry).collect();
    let suite =
        Suite { subject: subject.to_owned(), about: String::new(), expectation: Expectation::Clean, entries };
    stress_suite(&suite, options)
}

/// All scenarios on real threads, in their order.
pub(super) fn programs<S: Subject<Platform = Jittered>>(new: fn(u32) -> S) -> Vec<OnThreads> {
    let new: Arc<dyn Fn(u32) -> S + Send + Sync> = Arc::new(new);
    scenarios::all::<S>().iter().map(|scenario| program(scenario, &new)).collect()
}

fn program<S: Subject<Platform = Jittered>>(
    scenario: &Scenario<S>,
    new: &Arc<dyn Fn(u32) -> S + Send + Sync>,
) -> OnThreads {
    let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
    match missing {
        Some(feature) => Err(feature.name()),
        None => {
            Ok(Arc::new(Program { capacity: scenario.capacity, run: scenario.run, new: Arc::clone(new) }))
        }
    }
}

struct Program<S: Subject> {
    capacity: u32,
    run: fn(Scene<S>),
    new: Arc<dyn Fn(u32) -> S + Send + Sync>,
}

impl<S: Subject<Platform = Jittered>> Stress for Program<S> {
    fn execute(&self, plan: &Plan) -> stress::Execution {
        let (run_scenario, new, capacity) = (self.run, Arc::clone(&self.new), self.capacity);
        let spec = spec_of::<S>(capacity);
        stress::execute(&spec, plan, move |world| run_scenario(Scene::new(world, capacity, new(capacity))))
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
