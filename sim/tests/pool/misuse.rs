//! Users who break an obligation, on a sound pool: the verdict names the obligation and whose it is.

use std::sync::Arc;

use raddle_sim::campaign::{Case, Class, Detail, Method};
use raddle_sim::kernel::{End, Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::report::write_failure;
use raddle_sim::strategy::{DepthFirst, Random, Sampler, Strategy};
use raddle_sim::systems::pool::scenarios::misuse::{self, Misuse};
use raddle_sim::systems::pool::{Ours, case};

use crate::{STEPS, methods, search};

fn case_of(scenario: Misuse<Ours<Sim>>) -> Arc<dyn Case> {
    let entry = case("raddle", Ours::<Sim>::new, scenario.0);
    entry.case.expect("our own implementation offers everything")
}

/// Every search must name the obligation, and who broke it. Runs that go on for ever are long, so two searches are enough.
#[test]
fn whoever_breaks_an_obligation_is_named_with_it() {
    for misuse in misuse::all() {
        let (name, obligation, culprit) = (misuse.0.name, misuse.1, misuse.2);
        let is_endless = misuse.0.steps_max.is_some();
        let goes_on = if is_endless { ", and goes on for ever" } else { "" };
        let begins = format!("`{culprit}` broke an obligation{goes_on}: {obligation}:");
        let case = case_of(misuse);
        let searches = methods(50).into_iter().filter(|method| {
            let in_main_job =
                matches!(method, Method::Sampled { sampler: Sampler::Swarm, .. } | Method::DepthFirst { .. });
            in_main_job || !is_endless
        });
        for method in searches {
            let report = search(&case, method, STEPS);
            let by = method.name();
            let failure = report.failure.unwrap_or_else(|| panic!("{name}: {by} finds nothing"));
            let (class, headline) = (failure.finding.class, &failure.finding.headline);
            assert_eq!(class, Class::Obligation, "{name} by {by}: {headline}");
            assert!(headline.starts_with(&begins), "{name} by {by}: {headline}");
        }
    }
}

/// Under any schedule, not only those that a search comes to first.
#[test]
fn who_goes_on_for_ever_is_named_under_every_schedule() {
    let mut kernel = Kernel::new(Limits::default());
    for misuse in misuse::all().into_iter().filter(|misuse| misuse.0.steps_max.is_some()) {
        let (name, obligation, culprit) = (misuse.0.name, misuse.1, misuse.2);
        let begins = format!("`{culprit}` broke an obligation, and goes on for ever: {obligation}:");
        let case = case_of(misuse);
        let mut strategies: [Box<dyn Strategy>; 2] =
            [Box::new(Random::new(1)), Box::new(DepthFirst::bounded(1))];
        for strategy in &mut strategies {
            for _ in 0..10 {
                let execution = case.execute(&mut kernel, strategy, Detail::Judged).expect("there are more");
                let said = execution.judgement.sentence();
                assert!(
                    said.strip_prefix("failed: ").is_some_and(|said| said.starts_with(&begins)),
                    "{name}: {said}"
                );
            }
        }
    }
}

/// By the bound of the scenario: that of the kernel is far away.
#[test]
fn who_goes_on_for_ever_is_stopped_before_there_is_too_much_to_read() {
    let mut kernel = Kernel::new(Limits::default());
    for misuse in misuse::all().into_iter().filter(|misuse| misuse.0.steps_max.is_some()) {
        let (name, steps) = (misuse.0.name, misuse.0.steps_max);
        let case = case_of(misuse);
        let execution = case.execute(&mut kernel, &mut Random::new(1), Detail::Judged);
        let run = execution.expect("there is a schedule").run;
        assert!(matches!(run.end, End::StepBound | End::Livelock), "{name}: {run:?}");
        assert_eq!(Some(run.steps), steps, "{name}");
        let report = search(&case, Method::Sampled { sampler: Sampler::Swarm, schedules: 1 }, STEPS);
        let mut text = String::new();
        write_failure(&mut text, &report).expect("a string takes all that is written");
        assert!(text.lines().count() < 200, "{name}:\n{text}");
    }
}

#[test]
fn each_obligation_of_a_stop_is_broken_by_somebody() {
    let broken: Vec<&str> = misuse::all::<Ours<Sim>>().iter().map(|misuse| misuse.1).collect();
    for obligation in ["PL-O1", "PL-O2", "PL-O3", "PL-O4", "PL-O5", "PL-O6"] {
        assert!(broken.contains(&obligation), "{obligation}");
    }
}
