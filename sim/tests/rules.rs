//! The scenarios reach every rule: a rule that no execution ever uses is not checked by any.

use std::collections::BTreeSet;

use raddle_sim::campaign::Detail;
use raddle_sim::kernel::{Faults, Kernel, Limits};
use raddle_sim::strategy::Random;
use raddle_sim::systems::{self, System};

/// Rules that our own implementation never uses, and why.
const NEVER_USED: &[(&str, &str)] = &[
    ("WM-12", "permits Closed to be repeated; ours gives AlreadyConsumed"),
    ("PL-5", "permits drops that say nothing, and that scenarios therefore do not write down"),
    ("PL-7", "permits ties; ours counts, and has none"),
    ("PL-9", "permits to wait, which shows only in a run that comes to rest"),
    ("PL-16", "permits to wait"),
    ("PL-38", "permits to wait"),
];

const SCHEDULES: usize = 400;

/// The rules by which the spec explains runs of the system's own implementation.
fn rules_reached(system: &System) -> BTreeSet<&'static str> {
    let mut kernel = Kernel::new(Limits { faults: Faults::ALL, ..Limits::default() });
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
        let of_system = |id: &&str| system.rules.iter().any(|rule| rule.id == *id);
        let excused: Vec<&str> = NEVER_USED.iter().map(|(id, _)| *id).filter(of_system).collect();
        assert_eq!(unused, excused, "{}: rules that no scenario uses", system.name);
    }
}
