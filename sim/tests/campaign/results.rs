//! What a campaign reports does not depend on who did the work, and says what was not done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use raddle_sim::campaign::{Campaign, Case, Cell, Class, Completion, Method, Outcome, run};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::choose;
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Calibration, Sampler};
use raddle_sim::sync::atomic::AtomicUsize;

use raddle::platform::Threads;

use crate::{campaign, depth_first, random, report_of, toy};

/// Panics in one of so many schedules.
fn seldom(one_in: u32) -> Arc<dyn Case> {
    toy(move |_| assert_ne!(choose(Kind::Scenario, one_in), 7, "an unlucky number"))
}

#[test]
fn the_lowest_failing_schedule_is_reported_whoever_finds_one_first() {
    let with_jobs = |jobs| report_of(Campaign { jobs, ..campaign(vec![random(&seldom(1_000), 20_000)]) });
    let alone = with_jobs(1);
    let failure = alone.failure.expect("one in a thousand is unlucky");
    assert_eq!(alone.tally.schedules, failure.schedule + 1, "what came after the failure does not count");
    for jobs in [2, 7] {
        let together = with_jobs(jobs);
        assert_eq!(together.tally, alone.tally);
        let again = together.failure.expect("as before");
        assert_eq!((again.schedule, again.token), (failure.schedule, failure.token.clone()));
    }
    let before = report_of(campaign(vec![random(&seldom(1_000), failure.schedule)]));
    assert_eq!(before.outcome(), Outcome::Passed, "none before it fails");
}

#[test]
fn what_any_strategy_finds_does_not_depend_on_the_number_of_workers() {
    for sampler in Sampler::ALL {
        let with_jobs = |jobs, schedules| {
            let cell = Cell { case: seldom(500), method: Method::Sampled { sampler, schedules } };
            report_of(Campaign { jobs, ..campaign(vec![cell]) })
        };
        let alone = with_jobs(1, 20_000);
        let failure = alone.failure.expect("one in five hundred is unlucky");
        assert_eq!(alone.tally.schedules, failure.schedule + 1, "{sampler}");
        for jobs in [2, 4] {
            let together = with_jobs(jobs, 20_000);
            assert_eq!(together.tally, alone.tally, "{sampler}");
            let again = together.failure.expect("as before");
            assert_eq!((again.schedule, again.token), (failure.schedule, failure.token.clone()), "{sampler}");
        }
        let before = with_jobs(2, failure.schedule);
        assert_eq!(before.outcome(), Outcome::Passed, "none before it fails");
    }
}

#[test]
fn the_calibration_batch_is_among_the_schedules() {
    for schedules in [1, 5, Calibration::EXECUTIONS, 40, Sampler::Swarm.calibration()] {
        let method = Method::Sampled { sampler: Sampler::Swarm, schedules };
        let report = report_of(campaign(vec![Cell { case: toy(|_| {}), method }]));
        assert_eq!((report.outcome(), report.tally.schedules), (Outcome::Passed, schedules));
    }
    let method = Method::Sampled { sampler: Sampler::Pct { depth: None }, schedules: 1_000 };
    let report = report_of(campaign(vec![Cell { case: toy(|_| panic!("no luck")), method }]));
    assert_eq!(report.failure.expect("it always fails").schedule, 0, "and is judged");
    assert_eq!(report.tally.schedules, 1);
}

#[test]
fn schedules_past_a_failure_are_not_begun() {
    let executions = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&executions);
    let case = toy(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        assert_ne!(choose(Kind::Scenario, 10), 7, "an unlucky number");
    });
    let report = report_of(Campaign { jobs: 2, ..campaign(vec![random(&case, 1_000_000)]) });
    assert_eq!(report.completion, Completion::Failed);
    assert!(executions.load(Ordering::Relaxed) < 20_000, "{executions:?} executions");
}

#[test]
fn every_cell_is_reported_in_its_place() {
    let (passing, failing) = (toy(|_| {}), toy(|_| panic!("no luck")));
    let cells =
        vec![random(&passing, 600), random(&failing, 600), depth_first(&passing), depth_first(&failing)];
    let reports = run(Campaign { jobs: 3, ..campaign(cells) }, |_| {});
    let outcomes: Vec<Outcome> = reports.iter().map(|report| report.outcome()).collect();
    assert_eq!(outcomes, [Outcome::Passed, Outcome::Failed, Outcome::Passed, Outcome::Failed]);
    assert_eq!(reports[2].completion, Completion::Exhausted);
    assert_eq!(reports[2].tally.schedules, 1, "a program without choices has one execution");
}

#[test]
fn nothing_explored_is_inconclusive() {
    let report = report_of(campaign(vec![random(&toy(|_| {}), 0)]));
    assert_eq!(report.outcome(), Outcome::Inconclusive);
    assert_eq!(report.shortcoming(), Some("nothing was run"));
    assert!(run(campaign(Vec::new()), |_| {}).is_empty(), "nothing asked, nothing answered");
}

#[test]
fn a_run_that_is_cut_short_is_inconclusive() {
    let report = report_of(campaign(vec![random(
        &toy(|_| {
            let count = AtomicUsize::new(0);
            while count.fetch_add(1, Ordering::SeqCst) < 1_000_000 {}
        }),
        3,
    )]));
    assert_eq!(report.outcome(), Outcome::Inconclusive);
    assert_eq!(report.tally.cut_short, 3);
    assert!(
        report.shortfall().ends_with("3 of 3 runs were cut short at the bounds"),
        "{}",
        report.shortfall()
    );
}

#[test]
fn a_rest_that_the_spec_excuses_passes_and_is_counted() {
    let report = report_of(campaign(vec![random(&toy(|_| Sim::park()), 5)]));
    assert_eq!((report.outcome(), report.tally.rested), (Outcome::Passed, 5));
}

#[test]
fn a_campaign_that_is_stopped_says_by_what() {
    let endless = || vec![random(&toy(|_| {}), u64::MAX)];
    let budget = Some(Duration::from_millis(50));
    let out_of_time = report_of(Campaign { budget, ..campaign(endless()) });
    assert_eq!(out_of_time.completion, Completion::OutOfTime);
    let interrupted = Arc::new(AtomicBool::new(true));
    let interrupted = report_of(Campaign { interrupted, ..campaign(endless()) });
    assert_eq!(interrupted.completion, Completion::Interrupted);
    for report in [out_of_time, interrupted] {
        assert_eq!(report.outcome(), Outcome::Inconclusive);
    }
}

#[test]
fn a_budget_beyond_all_clocks_is_no_budget() {
    let budget = Some(Duration::MAX);
    assert_eq!(
        report_of(Campaign { budget, ..campaign(vec![random(&toy(|_| {}), 10)]) }).outcome(),
        Outcome::Passed
    );
}

#[test]
fn a_failure_is_shrunk_to_what_it_needs() {
    let case = toy(|_| {
        let numbers: Vec<u32> = (0..10).map(|_| choose(Kind::Scenario, 6)).collect();
        assert!(numbers.iter().filter(|number| **number >= 3).count() < 2, "too many");
    });
    let failure = report_of(campaign(vec![random(&case, 100)])).failure.expect("it fails soon");
    assert_eq!(failure.finding.class, Class::Panic);
    assert_eq!(failure.choices.1, 2, "two numbers are needed");
}
