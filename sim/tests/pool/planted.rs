//! Planted bugs are found by every search, and nothing is found where there is none.

use raddle_sim::campaign::{Class, Options};
use raddle_sim::platform::Sim;
use raddle_sim::systems::Suite;
use raddle_sim::systems::pool::{Ours, QueuePool, bug, check, suite};

use crate::{STEPS, case, methods, search};

/// Searches `scenario` of `suite` in every way, each of which must find something of one of these classes.
fn is_found(suite: &Suite, scenario: &str, classes: &[Class]) {
    let case = case(suite, scenario);
    for method in methods(5_000) {
        let report = search(&case, method, STEPS);
        let schedules = report.tally.schedules;
        let failure = report.failure.unwrap_or_else(|| panic!("{scenario}: {} finds nothing", method.name()));
        let headline = &failure.finding.headline;
        assert!(classes.contains(&failure.finding.class), "{scenario} by {}: {headline}", method.name());
        println!(
            "{scenario}: {} found it in schedule {} of {schedules}: {headline}",
            method.name(),
            failure.schedule
        );
    }
}

#[test]
fn a_look_ahead_that_a_stop_loses() {
    let suite = suite("canary", QueuePool::<Sim, { bug::LOSES_LOOK_AHEAD }>::new);
    is_found(&suite, "look-ahead", &[Class::WrongEvent]);
}

#[test]
fn a_burst_that_compares_with_greater_or_equal() {
    let suite = suite("spurns ties", QueuePool::<Sim, { bug::SPURNS_TIES }>::new);
    is_found(&suite, "burst-past-stamp", &[Class::WrongEvent]);
}

/// Who has ties may do so: then both have the same time.
#[test]
fn a_burst_that_begins_at_its_first_next() {
    let suite = suite("begins late", QueuePool::<Sim, { bug::BEGINS_LATE }>::new);
    is_found(&suite, "burst-past-stamp", &[Class::WrongEvent]);
}

/// Where it is exposed to faults it panics as if a thread could not be created; elsewhere any panic is one too many.
#[test]
fn an_execute_that_panics_for_no_reason() {
    let suite = suite("cries wolf", QueuePool::<Sim, { bug::CRIES_WOLF }>::new);
    is_found(&suite, "execute-panics", &[Class::WrongEvent, Class::Panic]);
}

#[test]
fn a_stop_that_joins_before_it_receives() {
    let suite = suite("joins first", QueuePool::<Sim, { bug::JOINS_FIRST }>::new);
    is_found(&suite, "join-full-0", &[Class::Stuck]);
    is_found(&suite, "join-full-1", &[Class::Stuck]);
}

#[test]
fn nothing_is_found_on_our_own_pool_and_on_the_twin() {
    let options = Options { schedules: 100, preemptions: None, ..Options::default() };
    let ours = check("raddle", Ours::<Sim>::new, &options).unwrap();
    let twin = check("twin", QueuePool::<Sim, { bug::NONE }>::new, &options).unwrap();
    assert_eq!(ours.left_out, 0);
    assert_eq!((twin.scenarios + twin.left_out, twin.left_out), (ours.scenarios, 4));
}

/// The command searches with a mixture and depth first. Here each way of searching comes to each scenario.
#[test]
fn nothing_is_found_on_our_own_pool_by_any_search() {
    for entry in &suite("raddle", Ours::<Sim>::new).entries {
        let case = case(&suite("raddle", Ours::<Sim>::new), entry.scenario);
        for method in methods(50) {
            let report = search(&case, method, STEPS);
            assert!(
                report.failure.is_none(),
                "{} by {}: {:?}",
                entry.scenario,
                method.name(),
                report.failure
            );
            assert!(report.tally.schedules > 0 && report.tally.cut_short == 0, "{}", entry.scenario);
        }
    }
}
