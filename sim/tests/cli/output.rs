//! What people get to see: golden files, colour and progress on terminals only, and readers that go away.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::Stdio;

use crate::{CANARY, command, raddle, token_in};

/// `RADDLE_UPDATE_GOLDEN=1 cargo test -p raddle-sim --test cli` writes the golden files instead of comparing.
const UPDATE: &str = "RADDLE_UPDATE_GOLDEN";

#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    match std::env::var(UPDATE).as_deref() {
        Ok("1") => fs::write(path, text).expect("the golden file can be written"),
        Err(std::env::VarError::NotPresent) | Ok("0") => {
            let golden = fs::read_to_string(&path).unwrap_or_default();
            let first_difference = golden.lines().zip(text.lines()).position(|(old, new)| old != new);
            assert!(
                golden == text,
                "{name} is no longer what the command prints, from line {} on; it prints:\n{text}\n{UPDATE}=1 writes it down",
                first_difference.map_or(golden.lines().count().min(text.lines().count()), |at| at) + 1
            );
        }
        other => panic!("{UPDATE} is {other:?}: set it to 1 to write golden files, or to 0 to compare"),
    }
}

#[test]
fn list_prints_what_there_is() {
    assert_golden("list.txt", &raddle(&["list"]).stdout);
}

#[test]
fn rules_prints_the_normative_text() {
    assert_golden("rules.txt", &raddle(&["rules"]).stdout);
    let of = |system| raddle(&["rules", system]).stdout;
    assert_eq!(raddle(&["rules"]).stdout, of("waitmap") + &of("pool"));
}

#[test]
fn a_failure_is_told_in_a_sentence_a_rule_a_table_and_a_line_to_paste() {
    assert_golden("failure.txt", &raddle(&["run", CANARY, "--subject", "canary"]).stdout);
}

#[test]
fn a_replay_shows_the_run_and_its_steps() {
    let token = token_in(&raddle(&["run", CANARY, "--subject", "canary"]).stdout);
    let replay = raddle(&["replay", CANARY, &token, "--subject", "canary", "--steps"]);
    assert_golden("replay.txt", &replay.stdout);
    let without = raddle(&["replay", CANARY, &token, "--subject", "canary"]);
    assert!(replay.stdout.starts_with(&without.stdout), "the steps come last");
}

#[test]
fn the_main_job_is_told_in_one_aligned_table() {
    let smoke = raddle(&["--smoke"]);
    assert_golden("smoke.txt", &smoke.stdout);
}

#[test]
fn no_line_ends_in_white_space() {
    for question in [&["list"][..], &["rules"], &["run", CANARY, "--subject", "canary"]] {
        for line in raddle(question).stdout.lines() {
            assert_eq!(line, line.trim_end(), "{question:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_reason_to_panic() {
    let token = token_in(&raddle(&["run", CANARY, "--subject", "canary"]).stdout);
    let questions: &[(&[&str], i32)] = &[
        (&["list"], 0),
        (&["rules"], 0),
        (&["list", "--json"], 0),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["test", "--smoke", "--budget", "1ns"], 3),
        (&["run", CANARY, "--subject", "canary"], 1),
        (&["replay", CANARY, &token, "--subject", "canary"], 1),
    ];
    for (question, code) in questions {
        let mut child = command(question)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{question:?}: {stderr}");
        assert_eq!(output.status.code(), Some(*code), "{question:?}: the answer is what it would have been");
        // The same for a reader of stderr.
        let mut child = command(question)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        drop(child.stderr.take());
        assert_eq!(child.wait_with_output().expect("it ends").status.code(), Some(*code), "{question:?}");
    }
}

#[test]
fn there_is_no_colour_and_no_progress_without_a_terminal() {
    for question in [&["run", "waitmap", "--schedules", "10"][..], &["run", CANARY, "--subject", "canary"]] {
        let answer = raddle(question);
        assert!(!answer.stdout.contains('\x1b') && !answer.stderr.contains('\x1b'), "{answer:?}");
        assert_eq!(answer.stderr.lines().count(), 1, "one remark on the time it took: {answer:?}");
    }
}

/// What the command writes to a terminal that is its stdout and stderr.
#[cfg(target_os = "linux")]
fn on_terminal(question: &[&str], no_color: Option<&str>) -> String {
    use std::os::fd::{FromRawFd, OwnedFd};

    let (mut ours, mut theirs) = (0, 0);
    let (none, unnamed) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: both numbers are written to, and the other arguments may be null.
    let opened =
        unsafe { libc::openpty(&raw mut ours, &raw mut theirs, unnamed, none, std::ptr::null_mut()) };
    assert_eq!(opened, 0, "there are terminals");
    // SAFETY: the descriptor was just opened and belongs to nobody else.
    let mut ours = unsafe { fs::File::from_raw_fd(ours) };
    // SAFETY: as above.
    let theirs = unsafe { OwnedFd::from_raw_fd(theirs) };
    let mut command = command(question);
    command.stdout(theirs.try_clone().expect("it can be shared")).stderr(theirs);
    command.envs(no_color.map(|value| ("NO_COLOR", value)));
    let mut child = command.spawn().expect("the command starts");
    // Closes our copies of the other end, so that reading ends with the command.
    drop(command);
    let mut written = Vec::new();
    // A terminal whose other end is closed gives an error where a pipe would just end.
    let _ = ours.read_to_end(&mut written);
    child.wait().expect("it ends");
    String::from_utf8(written).expect("the command writes text")
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colour_unless_no_color_is_set() {
    const RED: &str = "\x1b[31mFAILED\x1b[0m";
    let failing = ["run", CANARY, "--subject", "canary"];
    assert!(on_terminal(&failing, None).contains(RED));
    assert!(on_terminal(&failing, Some("")).contains(RED), "an empty NO_COLOR is none");
    let plain = on_terminal(&failing, Some("1"));
    assert!(plain.contains("FAILED") && !plain.contains("\x1b[31m"), "{plain}");
    let json = on_terminal(&["run", CANARY, "--subject", "canary", "--json"], None);
    assert!(!json.contains("\x1b[31m"), "{json}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_progress_and_wipes_it_away() {
    let written = on_terminal(&["run", "waitmap", "--schedules", "3000"], None);
    assert!(written.contains(" of 26 searches, "), "{written}");
    let last = written.rfind("\x1b[2K").expect("the line is wiped");
    let table = written.find("scenario ").expect("the table is there");
    assert!(last < table, "no progress after the answer: {written}");
}
