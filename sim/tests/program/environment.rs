//! The environment, seen from a child process: the variables of this one belong to all its tests.

use std::process::{Command, Output};

use raddle_sim::Check;

use super::{failure, panic, start};

const THIS: &str = "environment::a_program_that_loses_an_update";

/// The program that the child processes check. By itself it only shows that the update is lost.
#[test]
fn a_program_that_loses_an_update() {
    let is_child = std::env::var_os("RADDLE_TEST_CHILD").is_some();
    if is_child {
        return raddle_sim::check(lost_update);
    }
    let (report, _) = failure(&Check::new().name(THIS), lost_update);
    assert!(report.failure.expect("it failed").token.is_some());
}

fn lost_update() {
    use raddle::platform::{Atomic, Join};
    use std::sync::atomic::Ordering::SeqCst;
    let counter = std::sync::Arc::new(super::Count::new(0));
    let mine = counter.clone();
    let other = start("other", move || mine.store(mine.load(SeqCst) + 1, SeqCst));
    counter.store(counter.load(SeqCst) + 1, SeqCst);
    other.join().expect("it does not panic");
    if counter.load(SeqCst) != 2 {
        panic::resume_unwind(Box::new("an update was lost"));
    }
}

/// Runs the test above in a process of its own.
fn child(variables: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().expect("this test is an executable"));
    command.args(["--exact", THIS, "--nocapture"]).env("RADDLE_TEST_CHILD", "1");
    for variable in ["RADDLE_REPLAY", "RADDLE_SCHEDULES", "RADDLE_SEED", "RADDLE_JOBS"] {
        command.env_remove(variable);
    }
    let Output { status, stdout, stderr } =
        command.envs(variables.iter().copied()).output().expect("the child runs");
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

#[test]
fn a_token_executes_the_failing_run_again() {
    let (passed, text) = child(&[]);
    assert!(!passed, "{text}");
    let line =
        text.lines().find(|line| line.trim_start().starts_with("RADDLE_REPLAY=")).expect("a line to paste");
    let token = line.trim_start().trim_start_matches("RADDLE_REPLAY=").split(' ').next().expect("a token");
    assert!(line.ends_with(&format!("cargo test {THIS}")), "{line}");
    let (passed, text) = child(&[("RADDLE_REPLAY", token)]);
    assert!(!passed, "{text}");
    assert!(text.contains("replayed as RADDLE_REPLAY says") && text.contains("an update was lost"), "{text}");
    assert!(!text.contains("schedule "), "there was one run and no search: {text}");
}

#[test]
fn a_token_of_another_test_changes_nothing() {
    let (report, _) = failure(&Check::new().name("another test"), lost_update);
    let token = report.failure.and_then(|failure| failure.token).expect("it can be executed again");
    let (passed, text) = child(&[("RADDLE_REPLAY", &token)]);
    assert!(!passed && text.contains("shrunk from"), "{text}");
}

#[test]
fn the_number_of_schedules_and_the_seed_come_from_the_environment() {
    let (passed, text) = child(&[("RADDLE_SCHEDULES", "0")]);
    assert!(!passed && text.contains("nothing was run"), "{text}");
    let (_, one) = child(&[("RADDLE_SEED", "11"), ("RADDLE_JOBS", "1")]);
    let (_, two) = child(&[("RADDLE_SEED", "11"), ("RADDLE_JOBS", "2")]);
    let told = |text: &str| text.lines().find(|line| line.starts_with("FAILED")).map(str::to_owned);
    assert!(told(&one).is_some() && told(&one) == told(&two), "{one}\n{two}");
}

#[test]
fn malformed_values_are_refused() {
    for (variable, value, says) in [
        ("RADDLE_SEED", "many", "the environment variable RADDLE_SEED: `many` is not a number"),
        ("RADDLE_JOBS", "0", "RADDLE_JOBS: `0` is not a number of OS threads, at least 1"),
        ("RADDLE_REPLAY", "r1-abc", "the environment variable RADDLE_REPLAY: "),
    ] {
        let (passed, text) = child(&[(variable, value)]);
        assert!(!passed && text.contains(says), "{text}");
    }
}
