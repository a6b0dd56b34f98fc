//! The same seed gives the same output, byte by byte, with any number of workers.

use crate::{CANARY, raddle};

/// What is asked with each number of workers.
const QUESTIONS: &[&[&str]] = &[
    &["test", "--smoke", "--json", "--seed", "7"],
    &["run", "waitmap", "--schedules", "100"],
    &["run", "waitmap", "--schedules", "300", "--strategy", "random"],
    &["run", "waitmap", "--schedules", "300", "--strategy", "pct", "--depth", "2"],
    &["run", "waitmap", "--schedules", "300", "--strategy", "pos"],
    &["run", "waitmap", "--schedules", "300", "--strategy", "surw"],
    &["run", "waitmap/two-keys", "--strategy", "depth-first", "--preemptions", "1"],
    &["run", "waitmap", "--subject", "canary", "--schedules", "300", "--seed", "3", "--json"],
    &["run", "waitmap/two-keys", "--subject", "canary", "--strategy", "depth-first"],
];

#[test]
fn the_number_of_workers_does_not_show() {
    for question in QUESTIONS {
        let with_jobs = |jobs: &'static str| {
            raddle(&question.iter().copied().chain(["--jobs", jobs]).collect::<Vec<&str>>())
        };
        let alone = with_jobs("1");
        assert!(!alone.stdout.is_empty(), "{question:?}: {alone:?}");
        for jobs in ["2", "7"] {
            let together = with_jobs(jobs);
            assert_eq!(alone.stdout, together.stdout, "{question:?} with {jobs} jobs");
            assert_eq!(alone.code, together.code, "{question:?} with {jobs} jobs");
        }
    }
}

#[test]
fn another_seed_gives_other_schedules() {
    let with_seed = |seed| raddle(&["run", "waitmap/workload", "--schedules", "100", "--seed", seed]).stdout;
    assert_ne!(with_seed("1"), with_seed("2"));
    assert_ne!(with_seed("0"), with_seed("18446744073709551615"));
    let canary = |seed: u32| raddle(&["run", CANARY, "--subject", "canary", "--seed", &seed.to_string()]);
    let codes: Vec<_> = (1..=5).map(|seed| canary(seed).code).collect();
    assert_eq!(codes, [Some(1); 5], "and the canary is caught with any of them");
}
