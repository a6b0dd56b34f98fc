//! The fuzzers find what was planted: these inputs are theirs. On the clean twins nothing is found.

use std::fs;
use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use raddle::platform::Std;
use raddle_fuzz::canary::Wrapped;
use raddle_fuzz::operations::{self, Program};
use raddle_fuzz::schedule::Runner;
use raddle_fuzz::{token, trace};
use raddle_sim::systems::waitmap::{Ours, Subject, TableMap};

/// The files of a folder here, in the order of their names.
fn inputs(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no files", folder.display());
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("it can be read"))).collect()
}

/// The program that the fuzzer makes of these bytes.
fn program(bytes: &[u8]) -> Program {
    Program::arbitrary_take_rest(Unstructured::new(bytes)).expect("enough bytes")
}

#[track_caller]
fn nothing_found<S: Subject>(new: impl Fn() -> S, folders: &[&str]) {
    for (path, bytes) in folders.iter().flat_map(|folder| inputs(folder)) {
        let found = operations::run(new(), &program(&bytes));
        assert_eq!(found, Ok(()), "{}", path.display());
    }
}

#[test]
fn operations_show_a_waker_that_is_not_replaced() {
    for (path, bytes) in inputs("canaries/waitmap_ops") {
        let map = Wrapped::<_, true>(Ours::<Std>::new());
        let report = operations::run(map, &program(&bytes)).expect_err("the planted bug");
        assert!(report.contains("the waker of task"), "{}: {report}", path.display());
        assert!(report.contains("which no rule allows here"), "{}: {report}", path.display());
    }
}

#[test]
fn operations_find_nothing_without_it() {
    let folders = ["canaries/waitmap_ops", "seeds/waitmap_ops"];
    nothing_found(|| Wrapped::<_, false>(Ours::<Std>::new()), &folders);
    nothing_found(Ours::<Std>::new, &folders);
    nothing_found(TableMap::<Std, false>::default, &folders);
}

#[test]
fn one_thread_cannot_see_a_close_that_is_lost_in_a_race() {
    nothing_found(TableMap::<Std, true>::default, &["canaries/waitmap_ops", "seeds/waitmap_ops"]);
}

#[test]
fn schedules_show_a_close_that_is_lost_in_a_race() {
    let mut runner = Runner::new("canary");
    for (path, bytes) in inputs("canaries/waitmap_schedule") {
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        let scenario = runner.scenario(&bytes);
        // A new scenario shifts what a first byte selects: then this input has to be looked for again.
        assert_eq!(name, scenario, "the file is named after the scenario that it runs");
        let report = runner.run(&bytes).expect_err("the planted bug");
        assert!(report.contains(&format!("raddle replay waitmap/{scenario} r1-")), "{report}");
    }
}

#[test]
fn schedules_find_nothing_without_it() {
    for subject in ["twin", "raddle"] {
        let mut runner = Runner::new(subject);
        for folder in ["canaries/waitmap_schedule", "seeds/waitmap_schedule"] {
            for (path, bytes) in inputs(folder) {
                assert_eq!(runner.run(&bytes), Ok(()), "{subject}: {}", path.display());
            }
        }
    }
}

#[test]
fn the_seeds_of_tokens_keep_the_laws() {
    inputs("seeds/token_parse").iter().for_each(|(_, bytes)| token::check(bytes));
}

#[test]
fn the_seeds_of_traces_keep_the_laws() {
    inputs("seeds/trace_parse").iter().for_each(|(_, bytes)| trace::check(bytes));
}
