//! Users who break an obligation, on a sound pool: the verdict names the obligation and whose it is.

use std::sync::Arc;

use raddle_sim::campaign::{Case, Class, Detail, Judgement};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{DepthFirst, Random, Strategy};
use raddle_sim::systems::pool::scenarios::misuse::{self, Misuse};
use raddle_sim::systems::pool::{Ours, case};

use crate::{STEPS, methods, search};

/// Every search must name the obligation, and who broke it.
fn is_named((scenario, obligation, culprit): Misuse<Ours<Sim>>) {
    let name = scenario.name;
    let entry = case("raddle", Ours::<Sim>::new, scenario);
    let case: Arc<dyn Case> = entry.case.expect("our own implementation offers everything");
    for method in methods(50) {
        let report = search(&case, method, STEPS);
        let by = method.name();
        let failure = report.failure.unwrap_or_else(|| panic!("{name}: {by} finds nothing"));
        let (class, headline) = (failure.finding.class, &failure.finding.headline);
        assert_eq!(class, Class::Obligation, "{name} by {by}: {headline}");
        assert!(headline.contains(&format!("{obligation}:")), "{name} by {by}: {headline}");
        assert!(
            headline.starts_with(&format!("`{culprit}` broke an obligation")),
            "{name} by {by}: {headline}"
        );
    }
}

#[test]
fn who_comes_to_a_halt_is_named_with_the_obligation() {
    misuse::halting().into_iter().for_each(is_named);
}

/// Every run goes to the bound on steps, so a few are enough, and none is made shorter.
#[test]
fn who_goes_on_for_ever_is_named_with_the_obligation() {
    let mut kernel = Kernel::new(Limits { steps: 2_000, ..Limits::default() });
    for (scenario, obligation, culprit) in misuse::endless() {
        let name = scenario.name;
        let entry = case("raddle", Ours::<Sim>::new, scenario);
        let case: Arc<dyn Case> = entry.case.expect("our own implementation offers everything");
        let mut strategies: [Box<dyn Strategy>; 2] =
            [Box::new(Random::new(1)), Box::new(DepthFirst::bounded(1))];
        for strategy in &mut strategies {
            for _ in 0..10 {
                let execution = case.execute(&mut kernel, strategy, Detail::Judged).expect("there are more");
                let Judgement::Failed(finding) = execution.judgement else {
                    panic!("{name}: {}", execution.judgement.sentence());
                };
                let headline = finding.headline;
                assert_eq!(finding.class, Class::Obligation, "{name}: {headline}");
                let begins = format!("`{culprit}` broke an obligation, and goes on for ever: {obligation}:");
                assert!(headline.starts_with(&begins), "{name}: {headline}");
            }
        }
    }
}

#[test]
fn each_obligation_of_a_stop_is_broken_by_somebody() {
    let all = misuse::halting::<Ours<Sim>>().into_iter().chain(misuse::endless());
    let broken: Vec<&str> = all.map(|(_, obligation, _)| obligation).collect();
    for obligation in ["PL-O1", "PL-O2", "PL-O3", "PL-O4", "PL-O5", "PL-O6"] {
        assert!(broken.contains(&obligation), "{obligation}");
    }
}
