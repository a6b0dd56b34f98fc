//! Verdicts of `raddle judge` on traces that were written by hand: `traces/NAME.jsonl`, and what is printed in `traces/NAME.txt`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

/// The traces, and the exit code of each.
const TRACES: &[(&str, i32)] = &[
    ("accepted", 0),
    ("recorded-late", 1),
    ("stuck", 1),
    ("user-at-fault", 1),
    ("pool-accepted", 0),
    ("pool-out-of-order", 1),
    ("pool-kept-waiting", 1),
    ("pool-two-burst", 1),
    ("pool-two-lost", 1),
    ("pool-two-panics", 1),
];

/// Set to `1`, this writes what is printed into the `.txt` files instead of comparing.
const UPDATE: &str = "RADDLE_UPDATE_GOLDEN";

fn path(name: &str, ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces").join(format!("{name}.{ending}"))
}

fn judge(arguments: &[&str]) -> Output {
    let raddle = Command::new(env!("CARGO_BIN_EXE_raddle")).arg("judge").args(arguments).output();
    raddle.expect("the command runs")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it prints text")
}

#[test]
fn each_trace_gets_its_verdict() {
    for (name, exit) in TRACES {
        let output = judge(&[path(name, "jsonl").to_str().expect("the path is text")]);
        assert_eq!(output.status.code(), Some(*exit), "{name}");
        let printed = text(output.stdout);
        if env::var(UPDATE).as_deref() == Ok("1") {
            fs::write(path(name, "txt"), printed).expect("the file can be written");
        } else {
            let expected = fs::read_to_string(path(name, "txt")).expect("the file is there");
            assert_eq!(printed, expected, "{name}; {UPDATE}=1 writes what is printed into the file");
        }
    }
}

#[test]
fn a_trace_may_come_from_standard_input() {
    let trace = fs::File::open(path("accepted", "jsonl")).expect("the file is there");
    let mut raddle = Command::new(env!("CARGO_BIN_EXE_raddle"));
    let output = raddle.args(["judge", "-"]).stdin(Stdio::from(trace)).output().expect("the command runs");
    assert_eq!(text(output.stdout), "accepted: 8 events by 2 actors\n");
}

#[test]
fn the_verdict_is_there_for_programs_too() {
    let output = judge(&["--json", path("stuck", "jsonl").to_str().expect("the path is text")]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(document["schema"], "raddle.judge/1");
    assert_eq!(document["outcome"], "rejected");
    assert_eq!(document["rules"][0]["id"], "WM-30");
    assert_eq!(document["threads"], serde_json::json!(["reader", "writer"]));
}

#[test]
fn what_is_no_trace_is_a_usage_error_of_one_line() {
    let not_json = path("accepted", "txt");
    for file in ["no/such/file", ".", not_json.to_str().expect("the path is text")] {
        let output = judge(&[file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert_eq!(output.stdout, b"", "{file}");
        let complaint = text(output.stderr);
        assert!(complaint.starts_with("raddle: ") && complaint.lines().count() == 1, "{file}: {complaint}");
    }
}
