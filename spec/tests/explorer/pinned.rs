//! What must hold of all studies of a spec, and the numbers of their states.

use raddle_spec::explorer::{Conclusion, Exploration, Failure, Limits, Study};
use raddle_spec::{Obligation, Rule};
use std::collections::BTreeSet;

/// Explores the studies, of which each must have so many states and transitions.
#[track_caller]
pub(crate) fn all_is_well_and_counts_are(
    studies: &[Study],
    pinned: &[(&str, usize, usize)],
) -> Vec<Exploration> {
    let found: Vec<Exploration> =
        studies.iter().map(|study| study.explore(Limits::default(), &|| false)).collect();
    for (study, exploration) in studies.iter().zip(&found) {
        let failures: Vec<String> = exploration.failures.iter().map(Failure::to_string).collect();
        assert_eq!(exploration.conclusion(), Conclusion::Passed, "{}: {failures:?}", study.name);
        assert!(exploration.liveness_checked && exploration.rests.owed_by_system == 0, "{}", study.name);
    }
    let named = studies.iter().zip(&found);
    let counts: Vec<_> = named.map(|(study, found)| (study.name, found.states, found.transitions)).collect();
    assert_eq!(counts, pinned);
    found
}

/// Every rule has its turn in some study, and some study goes wrong without each obligation.
#[track_caller]
pub(crate) fn shows_everything(found: &[Exploration], rules: &[&Rule], obligations: &[&Obligation]) {
    let reached: BTreeSet<&str> = found.iter().flat_map(|found| &found.rules).map(|rule| rule.id).collect();
    assert_eq!(reached, rules.iter().map(|rule| rule.id).collect());
    assert_eq!(needed(found), obligations.iter().map(|obligation| obligation.id).collect());
}

/// The obligations without which something goes wrong.
pub(crate) fn needed<'f>(found: impl IntoIterator<Item = &'f Exploration>) -> BTreeSet<&'static str> {
    let necessities = found.into_iter().flat_map(|found| &found.obligations);
    necessities.filter(|necessity| necessity.example.is_some()).map(|needed| needed.obligation.id).collect()
}
