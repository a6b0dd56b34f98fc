//! The command `raddle`, as its users meet it: the built binary, its two streams and its exit code.

mod bad_input;
mod determinism;
mod outcomes;
mod output;
mod schema;

use std::process::{Command, Output};

/// A failure of the canary that its shrunk token shows.
const CANARY: &str = "waitmap/close-against-registration";

/// What the command did.
#[derive(Debug)]
struct Answer {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_raddle"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

fn raddle(arguments: &[&str]) -> Answer {
    Answer::of(command(arguments).output().expect("the command runs"))
}

impl Answer {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the command writes text");
        Answer { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
    }

    /// The answer as a JSON document.
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The token in the first replay line of a report.
fn token_in(report: &str) -> String {
    let line =
        report.lines().find(|line| line.contains("raddle replay")).expect("the report has a replay line");
    line.split_whitespace().find(|word| word.starts_with("r1-")).expect("the line has a token").to_owned()
}
