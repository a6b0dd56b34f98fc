//! The scenarios of `pool` as programs.

use raddle_sim::systems::pool::scenarios::{self, Scenario};
use raddle_sim::systems::pool::{NAME, Scene, Subject, World};
use raddle_spec::pool::spec;

use crate::program::{Demands, Program};

/// The scenario in which each checker must find the canary's bug.
pub const CAUGHT_BY: &str = "look-ahead";

/// Every scenario on pools that `new` makes, in the order of reports; `subject` is their name.
#[must_use]
pub fn programs<S: Subject>(subject: &'static str, new: fn(u32) -> S) -> Vec<Program> {
    let program = |scenario: Scenario<S>| {
        let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
        let capacity = scenario.capacity;
        let demands = Demands {
            system: NAME,
            scenario: scenario.name,
            subject,
            threads: scenario.threads,
            missing: missing.map(|feature| feature.name()),
            may_rest: false,
            panics: scenario.panics,
            chooses_often: scenario.chooses_often,
        };
        let run = move |world: World| (scenario.run)(Scene::new(world, capacity, new(capacity)));
        // No answer of a pool is a plain load, so a weak memory excuses nothing.
        Program::new(demands, move || spec(capacity), |_book| (), run)
    };
    scenarios::all::<S>().into_iter().map(program).collect()
}
