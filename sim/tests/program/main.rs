//! Tests of users' own programs: what passes, what fails and how it is told, and how the environment has a say.

mod environment;
mod leaks;
mod verdicts;

use std::panic;

use raddle::platform::{Memory, Threads};
use raddle_sim::Check;
use raddle_sim::campaign::{CellReport, Class, Unchecked};
use raddle_sim::platform::Sim;

type Count = <Sim as Memory>::AtomicUsize;
type Lock = <Sim as Memory>::Mutex<usize>;

/// A thread called `name`.
#[track_caller]
fn start<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> <Sim as Threads>::JoinHandle<T> {
    Sim::spawn(name, body).expect("a simulated thread starts")
}

/// The report of a program that fails, and its text.
fn failure(check: &Check, program: impl Fn() + Send + Sync + 'static) -> (CellReport, String) {
    let unchecked = check.try_run(program).expect_err("a schedule fails");
    let text = unchecked.to_string();
    match unchecked {
        Unchecked::Failed(report) => (*report, text),
        other => panic!("no schedule failed: {other}"),
    }
}

fn class(report: &CellReport) -> Class {
    report.failure.as_ref().expect("it failed").finding.class
}
