//! The fuzzers find what was planted: these inputs are theirs. On the clean twins nothing is found.

use std::fs;
use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use raddle::platform::Std;
use raddle_fuzz::operations::pool;
use raddle_fuzz::operations::waitmap::{self, Program};
use raddle_fuzz::schedule::Runner;
use raddle_fuzz::tally::Ran;
use raddle_fuzz::{token, trace};
use raddle_sim::systems::pool::script::Overlap;
use raddle_sim::systems::waitmap::TableMap;

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

/// The same input for each of the two maps, which its first byte selects.
fn for_both(bytes: &[u8]) -> [Vec<u8>; 2] {
    [0, 1].map(|index| [&[index], &bytes[1..]].concat())
}

/// Performs what is in `folders` on a map that `new` makes, or on those that the inputs select. Whatever is not judged to its end is not
/// passed.
#[track_caller]
fn nothing_found(perform: impl Fn(&Program) -> Result<Ran, String>, folders: &[&str]) {
    for (path, bytes) in folders.iter().flat_map(|folder| inputs(folder)) {
        for bytes in for_both(&bytes) {
            assert_eq!(perform(&program(&bytes)), Ok(Ran::Judged), "{}", path.display());
        }
    }
}

const OPERATIONS: [&str; 2] = ["canaries/waitmap_ops", "seeds/waitmap_ops"];

#[test]
fn operations_show_a_waker_that_is_not_replaced() {
    for (path, bytes) in inputs("canaries/waitmap_ops") {
        for bytes in for_both(&bytes) {
            let report = waitmap::run_on(Some("canary"), &program(&bytes)).expect_err("the planted bug");
            assert!(report.contains("the waker of task"), "{}: {report}", path.display());
            assert!(report.contains("which no rule allows here"), "{}: {report}", path.display());
        }
    }
}

#[test]
fn operations_find_nothing_without_it() {
    nothing_found(|program| waitmap::run_on(Some("twin"), program), &OPERATIONS);
    nothing_found(|program| waitmap::run_on(None, program), &OPERATIONS);
    nothing_found(|program| waitmap::run(TableMap::<Std, false>::default(), program), &OPERATIONS);
}

#[test]
fn one_thread_cannot_see_a_close_that_is_lost_in_a_race() {
    nothing_found(|program| waitmap::run(TableMap::<Std, true>::default(), program), &OPERATIONS);
}

/// The steps that the fuzzer makes of these bytes.
fn steps(bytes: &[u8]) -> pool::Program {
    pool::Program::arbitrary_take_rest(Unstructured::new(bytes)).expect("enough bytes")
}

#[test]
fn steps_show_a_look_ahead_that_a_stop_leaves_behind() {
    let mut runner = pool::Runner::new(Some("canary"));
    for (path, bytes) in inputs("canaries/pool_ops") {
        let report = runner.run(&steps(&bytes)).expect_err("the planted bug");
        assert!(report.contains("which no rule allows here"), "{}: {report}", path.display());
    }
}

#[test]
fn steps_find_nothing_without_it() {
    for subject in [None, Some("twin")] {
        let mut runner = pool::Runner::new(subject);
        for (path, bytes) in ["canaries/pool_ops", "seeds/pool_ops"].iter().flat_map(|folder| inputs(folder))
        {
            assert_eq!(runner.run(&steps(&bytes)), Ok(Ran::Judged), "{subject:?} {}", path.display());
        }
    }
}

#[test]
fn steps_that_overlap_find_nothing_without_it() {
    for subject in [None, Some("twin")] {
        let mut runner = pool::Runner::new(subject);
        for (path, bytes) in inputs("seeds/pool_ops") {
            // All ways to overlap, and all beginnings of orders.
            for overlap in 1..64 {
                let bytes = [&[(bytes[0] % 4) | (overlap << 2)], &bytes[1..]].concat();
                let ran = runner.run(&steps(&bytes));
                assert_eq!(ran, Ok(Ran::Judged), "{subject:?} {} {overlap}", path.display());
            }
        }
    }
}

#[test]
fn the_first_byte_says_whether_steps_overlap() {
    assert_eq!(steps(&[0b1111_0011, 0xFF]).0.overlap, None);
    let overlap = Some(Overlap { steps: 3, seed: 0x503 });
    assert_eq!(steps(&[0b0101_1001, 3]).0.overlap, overlap);
}

#[test]
fn two_bytes_are_a_step_and_one_is_none() {
    assert_eq!([2, 3, 4, 5, 6].map(|length| steps(&vec![0; length]).0.steps.len()), [0, 0, 1, 1, 2]);
    assert_eq!(steps(&[7, 0b101]).0.numbers, [1, 0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(steps(&[7, 0]).0.capacity, 3);
}

#[test]
fn the_first_byte_selects_the_map() {
    let maps = [0, 1, 2, 255].map(|byte| program(&[byte]).index.subject());
    assert_eq!(maps, ["raddle", "hashed", "raddle", "hashed"]);
}

/// The name of the scenario that an input was made for.
fn name(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

#[test]
fn schedules_show_a_close_that_is_lost_in_a_race() {
    schedules_show(Runner::waitmap(Some("canary")), "waitmap");
}

#[test]
fn schedules_show_a_look_ahead_that_a_stop_leaves_behind() {
    schedules_show(Runner::pool(Some("canary")), "pool");
}

/// The canaries of a system are found, with a line that replays what was found.
#[track_caller]
fn schedules_show(mut runner: Runner, system: &str) {
    for (path, bytes) in inputs(&format!("canaries/{system}_schedule")) {
        let scenario = runner.scenario(&bytes);
        let report = runner.run(&bytes).expect_err("the planted bug");
        assert!(
            report.contains(&format!("raddle replay {system}/{scenario} r1-")),
            "{}: {report}",
            path.display()
        );
    }
}

#[test]
fn schedules_find_nothing_without_it() {
    schedules_pass(Runner::waitmap, "waitmap");
    schedules_pass(Runner::pool, "pool");
}

#[track_caller]
fn schedules_pass(new: fn(Option<&str>) -> Runner, system: &str) {
    // The twin offers less than some of the scenarios need.
    let subjects: [(_, &[Ran]); 2] =
        [(None, &[Ran::Judged]), (Some("twin"), &[Ran::Judged, Ran::NotOffered])];
    for (subject, passed) in subjects {
        let mut runner = new(subject);
        for (path, bytes) in
            ["canaries", "seeds"].iter().flat_map(|folder| inputs(&format!("{folder}/{system}_schedule")))
        {
            for bytes in for_both(&bytes) {
                let scenario = runner.scenario(&bytes);
                // A new scenario shifts what a second byte selects: then the inputs have to be written anew.
                assert_eq!(name(&path), scenario, "the file is named after the scenario that it runs");
                let ran = runner.run(&bytes);
                assert!(
                    ran.as_ref().is_ok_and(|ran| passed.contains(ran)),
                    "{subject:?} {scenario}: {ran:?}"
                );
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
