//! What the README shows is what the command prints.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A block that begins with this shows a command of Raddle, and below it what it prints.
const PROMPT: &str = "```console\n$ cargo run --release -- ";

/// Set to `1`, this writes the real output into the README instead of comparing.
const UPDATE: &str = "RADDLE_UPDATE_GOLDEN";

#[test]
fn every_command_that_the_readme_shows_prints_what_it_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let mut readme = fs::read_to_string(&path).expect("the README is there");
    let mut shown = 0;
    let mut from = 0;
    while let Some(at) = readme[from..].find(PROMPT) {
        let command_starts = from + at + PROMPT.len();
        let command_ends = command_starts + readme[command_starts..].find('\n').expect("a block has an end");
        let block_ends =
            command_ends + 1 + readme[command_ends + 1..].find("```").expect("a block has an end");
        let command = readme[command_starts..command_ends].to_owned();
        let output = Command::new(env!("CARGO_BIN_EXE_raddle")).args(command.split(' ')).output();
        let output = String::from_utf8(output.expect("the command runs").stdout).expect("it prints text");
        if std::env::var(UPDATE).as_deref() == Ok("1") {
            readme.replace_range(command_ends + 1..block_ends, &output);
        } else {
            assert_eq!(
                &readme[command_ends + 1..block_ends],
                output,
                "`raddle {command}` prints something else than the README shows; with {UPDATE}=1 this test updates the README"
            );
        }
        shown += 1;
        from = command_ends;
    }
    assert!(shown > 0, "the README shows a failure");
    if std::env::var(UPDATE).as_deref() == Ok("1") {
        fs::write(path, readme).expect("the README can be written");
    }
}
