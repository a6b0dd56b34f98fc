//! `raddle check`, as its users meet it.

use std::process::{Command, Output};

fn raddle(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_raddle")).args(arguments).output().expect("the command runs")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("the command writes text")
}

#[test]
fn the_specs_pass_and_the_answer_says_what_was_seen() {
    let answer = raddle(&["check", "--bound", "small"]);
    assert_eq!(answer.status.code(), Some(0));
    let text = stdout(&answer);
    for line in [
        "waitmap: rules reached: 32 of 32",
        "waitmap: obligations shown to be needed: 6 of 6",
        "pool: rules reached: 40 of 40",
        "pool: obligations shown to be needed: 9 of 9",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{text}");
    }
    let row = text.lines().find(|line| line.contains("executor")).expect("each environment has a row");
    assert!(row.contains("3,155") && row.ends_with("passed"), "{row}");
    assert!(text.lines().last().is_some_and(|line| line.starts_with("passed: 18 environments, ")), "{text}");
    // Speed is for people: it goes where it disturbs no comparison.
    let remarks = String::from_utf8_lossy(&answer.stderr);
    assert!(remarks.contains("states a second") && !text.contains("a second"), "{remarks}");
}

#[test]
fn the_same_question_has_the_same_answer() {
    let ask = || raddle(&["check", "waitmap", "--bound", "small"]);
    assert_eq!(stdout(&ask()), stdout(&ask()));
}

#[test]
fn the_document_says_what_the_text_says() {
    let answer = raddle(&["check", "waitmap", "--bound", "small", "--json"]);
    let document: serde_json::Value = serde_json::from_str(stdout(&answer)).expect("one document");
    assert_eq!(document["schema"], "raddle.check/1");
    assert_eq!((&document["bound"], &document["outcome"]), (&"small".into(), &"passed".into()));
    assert_eq!(document["systems"][0]["rules_missing"], serde_json::json!([]));
    let studies = document["studies"].as_array().expect("studies");
    assert_eq!(studies.len(), 7);
    let executor = studies.iter().find(|study| study["study"] == "executor").expect("executor");
    assert_eq!((&executor["states"], &executor["transitions"]), (&3_155.into(), &8_766.into()));
    assert_eq!(executor["liveness_checked"], true);
}

#[test]
fn the_number_of_jobs_does_not_show() {
    let ask = |jobs| raddle(&["check", "--bound", "small", "--jobs", jobs]);
    let (one, many) = (ask("1"), ask("1000"));
    assert_eq!(one.status.code(), Some(0));
    assert_eq!(stdout(&one), stdout(&many));
}

#[test]
fn what_a_budget_cuts_short_is_inconclusive() {
    let answer = raddle(&["check", "--bound", "large", "--budget", "50ms"]);
    let text = stdout(&answer);
    assert_eq!(answer.status.code(), Some(3), "{text}");
    assert!(
        text.lines().last().is_some_and(|line| line.starts_with("inconclusive: 18 environments, ")),
        "{text}"
    );
    assert!(text.contains("inconclusive: there are more states"), "{text}");
    // What was not seen says nothing about what is missing, but the lines are there.
    assert!(text.contains("waitmap: rules reached: "), "{text}");
    let ample = raddle(&["check", "--bound", "small", "--budget", "10m"]);
    assert_eq!(ample.status.code(), Some(0));
}

#[test]
fn what_there_is_not_cannot_be_checked() {
    for (arguments, says) in [
        (["check", "waitmpa"], "did you mean `waitmap`?"),
        (["check", "--bound=huge"], "small, default, large"),
        (["check", "--budget=0s"], "longer than nothing"),
        (["check", "--jobs=0"], "from 1 to"),
    ] {
        let answer = raddle(&arguments);
        assert_eq!(answer.status.code(), Some(2));
        assert_eq!(stdout(&answer), "");
        let line = String::from_utf8_lossy(&answer.stderr);
        assert!(line.starts_with("raddle: ") && line.contains(says) && line.lines().count() == 1, "{line}");
    }
}
