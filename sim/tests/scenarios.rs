//! Each scenario gets to what it is about: a scenario whose race never happens would pass on anything.

use std::collections::BTreeSet;

use raddle_sim::campaign::{Case, Detail, Judgement};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::strategy::Random;
use raddle_sim::systems::{self, Suite};

/// For each scenario, what some run of it must show: ends of the rows of its transcript.
#[rustfmt::skip] // a table
const SOMETIMES: &[(&str, &[&str])] = &[
    ("wake-around-registration", &["= NoMatch(value 0)", "= Woke", "= Ready(Ok(value 0))", "= Ready(Ok(value 1))", "= Ready(Err(Closed))"]),
    ("two-keys", &["= Ready(Ok(value 0))", "= Ready(Ok(value 1))", "= NoMatch(value 0)", "= Ready(Err(Closed))"]),
    ("duplicate-keys", &["= Ready(Err(Duplicate))", "= Ready(Ok(value 0))", "= Ready(Err(Closed))"]),
    ("unequal-keys", &["= NoMatch(value 0)", "= Woke", "= Ready(Err(Closed))"]),
    ("key-reuse", &["= Ready(Err(Duplicate))", "= Ready(Ok(value 0))", "= Ready(Ok(value 1))", "= Ready(Err(Closed))"]),
    ("finished-waits", &["= Ready(Err(AlreadyConsumed))", "= Ready(Err(Duplicate))", "= Ready(Ok(value 0))", "= Ready(Err(Closed))"]),
    ("subscribe-then-wake", &["= Subscribed(Ok)", "= Subscribed(Err(Closed))", "= Ready(Ok(value 0))", "= NoMatch(value 0)"]),
    ("waker-replaced", &["{ the waker of task 0 }", "{ the waker of task 1 }"]),
    ("owned-wait-migrates", &["{ the waker of task 0 }", "{ the waker of task 1 }", "= Ready(Ok(value 0))"]),
    ("owned-wait-outlives", &["= Ready(Ok(value 0))", "= Ready(Err(Closed))", "= NoMatch(value 0)"]),
    ("cancel-against-wake", &["{ the drop of value 0 }", "= Ready(Ok(value 0))", "= Ready(Ok(value 1))", "= NoMatch(value 1)"]),
    ("cancel-against-close", &["= Ready(Err(Closed))", "= Pending"]),
    ("cancel-neighbours", &["{ the drop of value 1 }", "= Ready(Ok(value 2))", "= NoMatch(value 0)"]),
    ("close-against-wake", &["= Woke", "= Closed(value 0)", "= Ready(Ok(value 0))", "= Ready(Err(Closed))"]),
    ("close-against-registration", &["= Pending", "= Ready(Err(Closed))"]),
    ("close-is-absorbing", &["is_closed = false", "is_closed = true", "= Closed(value 0)"]),
    ("close-many", &["{ the waker of task 0 }", "= Ready(Err(Closed))", "= Pending"]),
    ("close-two-batches", &["{ the waker of task 0 }", "= Ready(Err(Closed))", "= Pending"]),
    ("close-with-panics", &["= by panicking", "= Woke", "= Ready(Ok(value 0))", "= Ready(Err(Closed))"]),
    ("reenter-from-wake", &["{ the waker of task 0", "wake(key 2, value 1) ...", "close", "is_closed = false", "wait(key 3) making wait 2"]),
    ("reenter-from-waker", &["{ the clone of a waker of task 0", "{ the drop of a waker of task 0", "= NoMatch(value 0)"]),
    ("reenter-from-items", &["{ the drop of the key of wait 1", "{ the drop of value 0"]),
    ("wait-for-rounds", &["{ the test of wait 0 } = false", "{ the test of wait 0 } = true", "= Met(Ok)", "= Met(Err(Closed))", "{ the drop of value 0 }"]),
    ("wait-for-value-rounds", &["{ the test of wait 0 } = false", "{ the test of wait 0 } = true", "= Met(Ok)", "= Met(Err(Closed))", "{ the drop of value 0 }"]),
    ("wait-for-conflict", &["= Met(Err(Duplicate))", "= Met(Ok)"]),
    ("workload", &["= Woke", "= NoMatch(value 0)", "= Closed(value 3)", "= Pending", "is_closed = true", "= Ready(Ok(value 1))"]),
];

const SCHEDULES: usize = 2_000;

fn own_suite() -> Suite {
    systems::waitmap::system().suites.remove(0)
}

/// Of the maps that are Raddle's own: with either index.
fn own_suites() -> Vec<Suite> {
    let mut suites = systems::waitmap::system().suites;
    suites.truncate(2);
    assert_eq!([&suites[0].subject, &suites[1].subject], ["raddle", "hashed"]);
    suites
}

/// All rows of some runs of the case.
fn rows(case: &dyn Case, kernel: &mut Kernel) -> BTreeSet<String> {
    let mut strategy = Random::new(1);
    let mut rows = BTreeSet::new();
    for _ in 0..SCHEDULES {
        let execution = case.execute(kernel, &mut strategy, Detail::Shown).expect("a random walk never ends");
        assert!(
            matches!(execution.judgement, Judgement::Passed | Judgement::Rested),
            "{}: {}",
            case.id(),
            execution.judgement.sentence()
        );
        rows.extend(
            execution.transcript.into_iter().flat_map(|transcript| transcript.rows).map(|row| row.text),
        );
    }
    rows
}

#[test]
fn each_scenario_shows_what_it_is_about() {
    let mut kernel = Kernel::new(Limits::default());
    for entry in own_suites().iter().flat_map(|suite| &suite.entries) {
        let case = entry.case.as_ref().expect("our own implementation offers everything");
        let (_, wanted) = SOMETIMES
            .iter()
            .find(|(scenario, _)| *scenario == entry.scenario)
            .unwrap_or_else(|| panic!("say in this test what `{}` must show", entry.scenario));
        let rows = rows(&**case, &mut kernel);
        for ending in *wanted {
            let is_shown = rows.iter().any(|row| row.ends_with(ending) || row.starts_with(ending));
            assert!(is_shown, "{} never shows `{ending}`; it shows {rows:#?}", entry.scenario);
        }
    }
}

#[test]
fn the_table_of_this_test_names_no_scenario_that_is_gone() {
    let suite = own_suite();
    for (scenario, _) in SOMETIMES {
        assert!(
            suite.entries.iter().any(|entry| entry.scenario == *scenario),
            "there is no `{scenario}` any more"
        );
    }
}

#[test]
fn the_scenario_of_an_orphaned_wait_comes_to_an_excused_rest() {
    let suite = own_suite();
    let entry =
        suite.entries.iter().find(|entry| entry.scenario == "owned-wait-outlives").expect("it exists");
    let case = entry.case.as_ref().expect("our own implementation offers everything");
    let mut kernel = Kernel::new(Limits::default());
    let mut strategy = Random::new(1);
    let judgements: Vec<Judgement> = (0..100)
        .map(|_| case.execute(&mut kernel, &mut strategy, Detail::Judged).expect("endless").judgement)
        .collect();
    assert!(judgements.contains(&Judgement::Rested));
    assert!(judgements.contains(&Judgement::Passed));
}
