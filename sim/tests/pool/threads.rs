//! The scenarios on threads of the operating system.

use std::time::Duration;

use raddle_sim::campaign::{Class, Options, Unchecked};
use raddle_sim::stress::Jittered;
use raddle_sim::systems::pool::{Ours, QueuePool, bug, stress};

fn options(schedules: u64, scenarios: &[&str]) -> Options {
    let scenarios = scenarios.iter().map(|name| (*name).to_owned()).collect();
    Options { schedules, scenarios, ..Options::quick() }
}

fn class_of<T>(checked: Result<T, Unchecked>) -> Class {
    match checked {
        Err(Unchecked::Failed(report)) => {
            let failure = report.failure.expect("it failed");
            println!("found in run {}: {}", failure.schedule, failure.finding.headline);
            failure.finding.class
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nothing is found"),
    }
}

#[test]
fn the_canary_is_found_given_enough_runs() {
    let found = stress(
        "canary",
        QueuePool::<Jittered, { bug::LOSES_LOOK_AHEAD }>::new,
        &options(20_000, &["look-ahead"]),
    );
    assert!(matches!(class_of(found), Class::WrongEvent | Class::Accounts));
}

#[test]
fn a_stop_that_joins_first_is_found_by_the_watchdog() {
    let options = Options { patience: Duration::from_millis(300), ..options(20_000, &["join-full-1"]) };
    let found = stress("joins first", QueuePool::<Jittered, { bug::JOINS_FIRST }>::new, &options);
    assert_eq!(class_of(found), Class::Stuck);
}

#[test]
fn an_execute_that_panics_for_no_reason_is_found() {
    let options = options(100, &["execute-panics"]);
    let found = stress("cries wolf", QueuePool::<Jittered, { bug::CRIES_WOLF }>::new, &options);
    assert_eq!(class_of(found), Class::Panic);
}

#[test]
fn our_own_pool_and_the_twin_are_never_flagged() {
    let ours = stress("raddle", Ours::<Jittered>::new, &options(40, &[])).unwrap();
    assert_eq!(ours.left_out, 0);
    let twin = stress("twin", QueuePool::<Jittered, { bug::NONE }>::new, &options(40, &[])).unwrap();
    assert_eq!(twin.left_out, 4);
}
