//! The scenarios of `waitmap` as programs.

use raddle_sim::systems::waitmap::scenarios::{self, Scenario};
use raddle_sim::systems::waitmap::{NAME, Scene, Subject, World};
use raddle_spec::waitmap::spec;

use super::stale;
use crate::program::{Demands, Program};

/// The scenario in which each checker must find the canary's bug.
pub const CAUGHT_BY: &str = "close-against-registration";

/// Every scenario on maps that `new` makes, in the order of reports; `subject` is their name.
#[must_use]
pub fn programs<S: Subject>(subject: &'static str, new: fn() -> S) -> Vec<Program> {
    let program = |scenario: Scenario<S>| {
        let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
        let demands = Demands {
            system: NAME,
            scenario: scenario.name,
            subject,
            threads: scenario.threads,
            missing: missing.map(|feature| feature.name()),
            may_rest: scenario.may_rest,
            chooses_often: scenario.chooses_often,
        };
        let run = move |world: World| (scenario.run)(Scene::new(world, new()));
        Program::new(demands, spec, stale::remove_answers, run)
    };
    scenarios::all::<S>().into_iter().map(program).collect()
}
