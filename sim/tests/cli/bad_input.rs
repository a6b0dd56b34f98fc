//! Bad input of every kind: one line on stderr that says what to do, nothing on stdout, exit code 2.

use std::ffi::OsStr;

use raddle_sim::kernel::{Faults, Limits};
use raddle_sim::token::{Expected, Token};

use crate::{Answer, CANARY, command, raddle, token_in};

/// Arguments, and what the line must contain.
#[rustfmt::skip] // a table
const REFUSED: &[(&[&str], &str)] = &[
    // Names.
    (&["frob"], "unrecognized subcommand 'frob'"),
    (&["runn", "waitmap"], "'run'"),
    (&["run", "waitmpa"], "did you mean `waitmap`?"),
    (&["run", ""], "`raddle list` shows them all"),
    (&["run", "waitmap/"], "`raddle list` shows them all"),
    (&["run", "/two-keys"], "there is no system called ``"),
    (&["run", "waitmap/two-kyes"], "did you mean `two-keys`?"),
    (&["run", "waitmap/two-keys/again"], "did you mean `two-keys`?"),
    (&["run", "wait\nmap"], "there is no system called `wait\\nmap`"),
    (&["run", "waitmap", "--subject", "canaries"], "did you mean `canary`?"),
    (&["run", "waitmap", "--subject", ""], "`raddle list` shows them all"),
    (&["run", "waitmap", "--strategy", "pcd"], "a similar value exists: 'pct'"),
    (&["run", "waitmap", "--strategy", "swram"], "a similar value exists: 'swarm'"),
    (&["run", "waitmap", "--strategy", "dpor"], "swarm, random, pct, pos, surw, depth-first"),
    (&["run", "waitmap", "--strategy", ""], "swarm, random, pct, pos, surw, depth-first"),
    (&["rules", "waitmap/two-keys"], "there is no system called"),
    (&["rules", ""], "`raddle list` shows them all"),
    (&["replay", "waitmap/nothing", "r1-"], "`raddle list` shows them all"),
    // Arguments that are missing, superfluous or in the wrong place.
    (&["run"], "<SYSTEM[/SCENARIO]>"),
    (&["replay"], "<TOKEN>"),
    (&["replay", "waitmap/two-keys"], "<TOKEN>"),
    (&["replay", "waitmap", "r1-"], "waitmap/SCENARIO"),
    (&["run", "waitmap", "two-keys"], "raddle run --help"),
    (&["list", "waitmap"], "raddle list --help"),
    (&["--frob"], "raddle --help"),
    (&["run", "waitmap", "--frob"], "raddle run --help"),
    (&["list", "--seed", "1"], "unexpected argument '--seed'"),
    (&["--smoke", "run", "waitmap"], "cannot be used with '--smoke'"),
    (&["--json=yes"], "unexpected value 'yes'"),
    (&["run", "waitmap", "--seed", "1", "--seed", "2"], "multiple times"),
    (&["run", "waitmap", "--preemptions", "1"], "--strategy depth-first"),
    (&["run", "waitmap", "--depth", "3"], "--strategy pct"),
    (&["run", "waitmap", "--strategy", "pos", "--depth", "3"], "--strategy pct"),
    // A scenario that the subject cannot run.
    (&["run", "waitmap/wait-for-rounds", "--subject", "canary"], "choose another scenario or subject"),
    (&["replay", "waitmap/wait-for-rounds", "r1-", "--subject", "canary"], "another subject"),
    // Files.
    (&["judge"], "<FILE>"),
    (&["judge", "no/such/file"], "name the file of a trace"),
    (&["judge", "tests"], "Is a directory"),
    (&["judge", "Cargo.toml"], "line 1"),
    // Durations.
    (&["--budget", "0s"], "longer than nothing"),
    (&["--budget", "30"], "30s or 2m"),
    (&["--budget", ""], "30s or 2m"),
    (&["--budget", "soon"], "30s or 2m"),
    (&["--budget", "-1s"], "30s or 2m"),
    (&["--budget", "99999999999999999999s"], "30s or 2m"),
    (&["--budget"], "--budget <TIME>"),
    // Tokens.
    (&["replay", "waitmap/two-keys", ""], "begins with 'r1-'"),
    (&["replay", "waitmap/two-keys", "r1-"], "begins with 'r1-'"),
    (&["replay", "waitmap/two-keys", "r1-ä"], "begins with 'r1-'"),
    (&["replay", "waitmap/two-keys", "two-keys"], "begins with 'r1-'"),
    (&["replay", "waitmap/two-keys", "r0-AAAA"], "the version that made it"),
    (&["replay", "waitmap/two-keys", "r2-AAAA"], "replay it with a newer one"),
    (&["replay", "waitmap/two-keys", "r99999999999-AAAA"], "begins with 'r1-'"),
];

/// Each option that takes a number, with numbers that it does not take.
const NUMBERS: &[(&[&str], &[&str])] = &[
    (&["--seed"], &["18446744073709551616"]),
    (&["--jobs"], &["0", "1025", "18446744073709551616"]),
    (&["run", "waitmap", "--schedules"], &["0", "18446744073709551616"]),
    (&["run", "waitmap", "--strategy", "pct", "--depth"], &["0", "101", "4294967297"]),
    (&["run", "waitmap", "--strategy", "depth-first", "--preemptions"], &["4294967296"]),
];

/// These are numbers nowhere.
const NO_NUMBERS: &[&str] = &["", "-1", "1.5", "1e3", "0x10", "many", "1 000", "٣"];

#[track_caller]
fn assert_refused(arguments: &[&str], answer: &Answer, says: &str) {
    assert_eq!(answer.code, Some(2), "{arguments:?}: {answer:?}");
    assert_eq!(answer.stdout, "", "{arguments:?}");
    assert_eq!(answer.stderr.lines().count(), 1, "{arguments:?}: {answer:?}");
    assert!(
        answer.stderr.starts_with("raddle: ") && answer.stderr.ends_with('\n'),
        "{arguments:?}: {answer:?}"
    );
    assert!(answer.stderr.contains(says), "{arguments:?} should say `{says}`: {answer:?}");
}

#[test]
fn each_bad_question_gets_one_line_that_says_what_to_do() {
    for (arguments, says) in REFUSED {
        assert_refused(arguments, &raddle(arguments), says);
        let in_json: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        if arguments.last() != Some(&"--budget") {
            assert_refused(&in_json, &raddle(&in_json), says);
        }
    }
}

#[test]
fn each_option_says_which_numbers_it_takes() {
    for (option, out_of_range) in NUMBERS {
        for number in NO_NUMBERS.iter().chain(*out_of_range) {
            let arguments: Vec<&str> = option.iter().copied().chain([*number]).collect();
            assert_refused(&arguments, &raddle(&arguments), "write a whole number from ");
        }
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let no_text = OsStr::from_bytes(b"\xff");
    for before in [&[][..], &["run"], &["run", "waitmap", "--subject"], &["replay", "waitmap/two-keys"]] {
        let answer = Answer::of(command(before).arg(no_text).output().expect("the command runs"));
        assert_refused(before, &answer, "raddle ");
    }
}

/// A token of the canary, and the arguments to replay it.
fn token() -> String {
    token_in(&raddle(&["run", CANARY, "--subject", "canary"]).stdout)
}

#[test]
fn a_token_of_another_scenario_is_refused_by_the_name_of_that_scenario() {
    let token = token();
    let arguments = ["replay", "waitmap/two-keys", &token, "--subject", "canary"];
    assert_refused(&arguments, &raddle(&arguments), CANARY);
    let strange = Token::new(expected("waitmap/gone", 1, "memory=sc steps=100000 threads=256"), vec![]);
    let arguments = ["replay", CANARY, &strange.to_string()];
    assert_refused(&arguments, &raddle(&arguments), "one that this version does not have");
}

#[test]
fn a_damaged_token_is_refused_wherever_the_damage_is() {
    let token = token();
    for at in 3..token.len() {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        let damaged = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        let arguments = ["replay", CANARY, &damaged];
        assert_refused(&arguments, &raddle(&arguments), "token");
    }
    let arguments = ["replay", CANARY, &token[..token.len() - 1]];
    assert_refused(&arguments, &raddle(&arguments), "paste");
}

fn expected<'a>(scenario: &'a str, version: u32, settings: &'a str) -> Expected<'a> {
    Expected { scenario, version, settings }
}

#[test]
fn a_token_of_another_version_or_of_other_settings_is_refused() {
    let Limits { steps, threads, .. } = Limits::default();
    let faults = Faults::kinds().map(|kind| kind.to_string()).collect::<Vec<_>>().join(",");
    let settings = format!("memory=sc steps={steps} threads={threads} faults={faults}");
    let cases = [
        (expected(CANARY, 0, &settings), "an older version"),
        (expected(CANARY, 9_999, &settings), "a newer version"),
        (expected(CANARY, 1, "memory=c11 steps=1 threads=2"), "other settings"),
    ];
    for (made_for, says) in cases {
        let token = Token::new(made_for, vec![1, 0, 1]).to_string();
        let arguments = ["replay", CANARY, &token];
        assert_refused(&arguments, &raddle(&arguments), says);
    }
    let fitting = Token::new(expected(CANARY, 1, &settings), vec![]).to_string();
    assert_eq!(raddle(&["replay", CANARY, &fitting]).code, Some(0), "the fitting one is taken");
}
