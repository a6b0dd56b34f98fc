//! The same programs on shuttle: what it reports is the bug, and nothing else.
//!
//! A process of its own, since shuttle leaves a panic hook behind.

use std::panic::{self, AssertUnwindSafe};

use raddle_proofs::shuttle::Shuttle;
use raddle_sim_benches::bugs::{Form, PROGRAMS, Program};
use shuttle::scheduler::UrwRandomScheduler;
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

fn fails(program: Program, form: Form, schedules: usize) -> bool {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::ContinueAfter(10_000);
    let runner = Runner::new(UrwRandomScheduler::new_from_seed(1, schedules), config);
    panic::catch_unwind(AssertUnwindSafe(|| runner.run(move || program.run::<Shuttle>(form)))).is_err()
}

#[test]
fn the_bugs_of_few_threads_show_and_no_others() {
    for program in PROGRAMS {
        assert!(!fails(*program, Form::Repaired, 100), "{program}");
    }
    for name in [
        "reorder_3",
        "reorder_20",
        "twostage",
        "WorkStealQueue",
        "InterlockedWSQ",
        "stringbuffer",
        "deadlock01",
    ] {
        let program = Program::named(name).unwrap_or_else(|| panic!("{name} is a program"));
        assert!(fails(program, Form::Buggy, 10_000), "{name}");
    }
}
