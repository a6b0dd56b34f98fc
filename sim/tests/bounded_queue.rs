//! The example `bounded_queue`, and what the README tells of it: a bug that is found, executed again, and fixed.

#[path = "../examples/bounded_queue.rs"]
#[allow(dead_code, reason = "the example's `main` is not run here")]
mod bounded_queue;

use std::fs;
use std::path::Path;

use bounded_queue::hand_over;
use raddle_sim::Check;
use raddle_sim::campaign::{Class, Unchecked};

/// What the test is called in the README.
const NAME: &str = "items_are_handed_over";
/// Set to `1`, this writes the real report into the README instead of comparing.
const UPDATE: &str = "RADDLE_UPDATE_GOLDEN";

/// The report of the first version, with the places as the example itself would tell them.
fn report() -> String {
    match Check::new().name(NAME).try_run(hand_over::<false>) {
        Err(failed @ Unchecked::Failed(_)) => failed.to_string().replace("tests/../", ""),
        other => panic!("the bug was missed: {other:?}"),
    }
}

#[test]
fn the_first_version_is_caught_with_the_report_that_the_readme_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&path).expect("the README is there");
    let start = format!("FAILED {NAME} ");
    let from = readme.find(&start).expect("the README shows the failure");
    let until = from + readme[from..].find("```").expect("a block has an end");
    let report = report();
    if std::env::var(UPDATE).as_deref() == Ok("1") {
        let readme = format!("{}{report}{}", &readme[..from], &readme[until..]);
        return fs::write(path, readme).expect("the README can be written");
    }
    assert_eq!(&readme[from..until], report, "with {UPDATE}=1 this test updates the README");
}

#[test]
fn the_failing_run_is_a_deadlock_and_the_same_with_every_search() {
    for check in [Check::new(), Check::new().seed(2), Check::new().depth_first(0, 200_000)] {
        let Err(Unchecked::Failed(report)) = check.name(NAME).try_run(hand_over::<false>) else {
            panic!("the bug was missed")
        };
        assert_eq!(report.failure.expect("it failed").finding.class, Class::Deadlock);
    }
}

#[test]
fn the_second_version_passes() {
    Check::new().schedules(3_000).try_run(hand_over::<true>).unwrap();
}
