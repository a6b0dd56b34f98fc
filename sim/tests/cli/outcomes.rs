//! Exit codes, and what is said about work that was not done.

use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Answer, CANARY, command, raddle, token_in};

#[test]
fn what_was_planned_ran_and_nothing_was_found() {
    let run = raddle(&["run", "waitmap/two-keys", "--schedules", "100"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("\npassed: 1 search, 100 schedules, "), "{run:?}");
}

#[test]
fn the_canary_is_caught_by_every_strategy_and_its_twin_by_none() {
    // Depth-first search of everything would take long: three scenarios that it finishes.
    let searches: &[&[&str]] = &[
        &["waitmap", "--schedules", "200"],
        &["waitmap", "--schedules", "200", "--strategy", "random"],
        &["waitmap", "--schedules", "200", "--strategy", "pct"],
        &["waitmap", "--schedules", "200", "--strategy", "pct", "--depth", "3"],
        &["waitmap", "--schedules", "200", "--strategy", "pos"],
        &["waitmap", "--schedules", "200", "--strategy", "surw"],
        &["waitmap/close-against-registration", "--strategy", "depth-first"],
        &["waitmap/close-is-absorbing", "--strategy", "depth-first"],
        &["waitmap/two-keys", "--strategy", "depth-first"],
    ];
    for search in searches {
        let run = |subject| raddle(&[&["run", "--subject", subject], *search].concat());
        let (canary, twin) = (run("canary"), run("twin"));
        assert_eq!((canary.code, twin.code), (Some(1), Some(0)), "{search:?}: {canary:?} {twin:?}");
        assert!(
            canary.stdout.contains("\nFAILED ") && !twin.stdout.contains("FAILED"),
            "{search:?}: {twin:?}"
        );
    }
}

#[test]
fn the_replay_line_of_a_failure_shows_that_failure() {
    for strategy in ["swarm", "random", "pct", "pos", "surw", "depth-first"] {
        let found = raddle(&["run", CANARY, "--subject", "canary", "--strategy", strategy]).stdout;
        let line = found.lines().find(|line| line.contains("raddle replay")).expect("there is a replay line");
        let arguments: Vec<&str> = line.split_whitespace().skip(1).collect();
        let again = raddle(&arguments);
        assert_eq!(again.code, Some(1), "{again:?}");
        let sentence =
            found.lines().find(|line| line.contains("which no rule allows")).expect("a verdict").trim();
        assert!(again.stdout.contains(sentence), "{sentence}: {again:?}");
    }
}

#[test]
fn a_run_on_a_sound_subject_replays_as_passed() {
    let token = token_in(&raddle(&["run", CANARY, "--subject", "canary"]).stdout);
    let again = raddle(&["replay", CANARY, &token, "--subject", "twin"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(again.stdout.contains("\npassed: "), "{again:?}");
}

#[test]
fn a_budget_that_ends_too_early_is_inconclusive_and_says_what_was_not_done() {
    for json in [false, true] {
        let mut arguments = vec!["run", "waitmap", "--schedules", "1000000000", "--budget", "200ms"];
        arguments.extend(json.then_some("--json"));
        let cut = raddle(&arguments);
        assert_eq!(cut.code, Some(3), "{cut:?}");
        if json {
            assert_eq!(cut.json()["outcome"], "inconclusive");
            assert_eq!(cut.json()["searches"][0]["completion"], "out of time");
        } else {
            assert!(cut.stdout.contains("inconclusive: out of time"), "{cut:?}");
            assert!(cut.stdout.contains("\nnot done as planned:\n"), "{cut:?}");
            assert!(cut.stdout.contains(" of 1,000,000,000 schedules\n"), "{cut:?}");
        }
    }
}

#[test]
fn a_search_that_hits_its_limit_is_inconclusive() {
    let cut = raddle(&["run", "waitmap/two-keys", "--strategy", "depth-first", "--schedules", "10"]);
    assert_eq!(cut.code, Some(3), "{cut:?}");
    assert!(cut.stdout.contains("limit hit after 10 schedules"), "{cut:?}");
}

#[test]
fn without_the_time_for_anything_not_even_the_canaries_count_as_missed() {
    let cut = raddle(&["test", "--budget", "1ns"]);
    assert_eq!(cut.code, Some(3), "{cut:?}");
    assert!(cut.stdout.contains("\ninconclusive: "), "{cut:?}");
}

#[test]
fn a_planted_bug_that_is_missed_is_a_fault_of_raddle() {
    // Without faults nothing reveals the bugs that are planted for them; the others are found all the same.
    let missed = raddle(&["test", "--smoke", "--faults", "none"]);
    assert_eq!(missed.code, Some(101), "{missed:?}");
    for part in [
        "MISSED by swarm and depth-first as panic\n",
        "\nA planted bug was missed: what this testbed says of other rows proves nothing. Faults were switched off that \
         reveal it.\n",
        "\nfault of Raddle: ",
    ] {
        assert!(missed.stdout.contains(part), "{part}: {missed:?}");
    }
    let json = raddle(&["test", "--smoke", "--faults", "none", "--json"]);
    assert_eq!((json.code, json.json()["outcome"].as_str()), (Some(101), Some("fault of Raddle")));
    let canaries = json.json()["canaries"].as_array().expect("a list").clone();
    let missed_by = |scenario: &str| {
        let canary = canaries.iter().find(|canary| canary["scenario"] == scenario).expect("it is told of");
        canary["missed_by"].clone()
    };
    assert_eq!(missed_by("spurious-wakeup"), serde_json::json!(["swarm", "depth-first"]));
    assert_eq!(missed_by("circle-of-counts"), serde_json::json!([]));
}

#[test]
fn help_and_version_are_answers() {
    for arguments in
        [&["--help"][..], &["-h"], &["run", "--help"], &["test", "--help"], &["replay", "--help"]]
    {
        let help = raddle(arguments);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{help:?}");
        let text = help.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let codes = "0 passed; 1 violation found; 2 usage error; 3 inconclusive, something planned was not done; \
                     101 a fault of Raddle itself";
        assert!(text.contains(codes), "{arguments:?}: {help:?}");
    }
    assert_eq!(raddle(&["--version"]).stdout, format!("raddle {}\n", env!("CARGO_PKG_VERSION")));
}

/// Starts work without end, and returns once it listens to interruptions.
#[cfg(unix)]
fn endless(json: bool) -> Child {
    let mut arguments = vec!["run", "waitmap", "--schedules", "18446744073709551615"];
    arguments.extend(json.then_some("--json"));
    let child = command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the command starts");
    let status = format!("/proc/{}/status", child.id());
    let caught = |status: String| {
        let signals = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        u64::from_str_radix(signals.trim(), 16).ok()
    };
    let interrupts = 1 << (libc::SIGINT - 1);
    while cfg!(target_os = "linux")
        && fs::read_to_string(&status).ok().and_then(caught).is_some_and(|caught| caught & interrupts == 0)
    {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(200));
    child
}

#[cfg(unix)]
fn interrupt(child: &Child) {
    let process = libc::pid_t::try_from(child.id()).expect("process numbers fit");
    // SAFETY: the process is a child that was not waited for, so the number is its own.
    assert_eq!(unsafe { libc::kill(process, libc::SIGINT) }, 0);
}

#[cfg(unix)]
#[test]
fn an_interruption_shows_what_was_done_and_is_inconclusive() {
    for json in [false, true] {
        let child = endless(json);
        interrupt(&child);
        let since = Instant::now();
        let answer = Answer::of(child.wait_with_output().expect("it ends"));
        assert!(since.elapsed() < Duration::from_secs(5), "an interruption is heard soon");
        assert_eq!(answer.code, Some(3), "{answer:?}");
        if json {
            assert_eq!(answer.json()["outcome"], "inconclusive");
            assert_eq!(answer.json()["searches"][0]["completion"], "interrupted");
        } else {
            assert!(answer.stdout.contains("inconclusive: interrupted"), "{answer:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_second_interruption_ends_it_at_once() {
    let child = endless(false);
    interrupt(&child);
    interrupt(&child);
    let answer = Answer::of(child.wait_with_output().expect("it ends"));
    assert_eq!(answer.code, Some(3), "{answer:?}");
}
