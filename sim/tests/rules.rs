//! The scenarios reach every rule: a rule that no execution ever uses is not checked by any.

use std::collections::BTreeSet;

use raddle_sim::campaign::Detail;
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::strategy::Random;
use raddle_sim::systems::{self, System};

/// Rules that our own implementation never uses, and why.
const NEVER_USED: &[(&str, &str)] = &[("WM-12", "permits Closed to be repeated; ours gives AlreadyConsumed")];

const SCHEDULES: usize = 400;

/// The rules by which the spec explains runs of the system's own implementation.
fn rules_reached(system: &System) -> BTreeSet<&'static str> {
    let mut kernel = Kernel::new(Limits::default());
    let mut reached = BTreeSet::new();
    for entry in &system.suites[0].entries {
        let case = entry.case.as_ref().expect("our own implementation offers everything");
        let mut strategy = Random::new(1);
        for _ in 0..SCHEDULES {
            let execution = case.execute(&mut kernel, &mut strategy, Detail::Shown).expect("it never ends");
            reached.extend(execution.rules.iter().map(|rule| rule.id));
        }
    }
    reached
}

#[test]
fn every_rule_is_used_by_some_scenario_or_said_to_be_unused() {
    for system in systems::all().into_iter().filter(System::has_rules) {
        let reached = rules_reached(&system);
        let unused: Vec<&str> =
            system.rules.iter().map(|rule| rule.id).filter(|id| !reached.contains(id)).collect();
        let excused: Vec<&str> = NEVER_USED.iter().map(|(id, _)| *id).collect();
        assert_eq!(unused, excused, "{}: rules that no scenario uses", system.name);
    }
}
