//! The mirror of `std`, held against `std` and against all interleavings of small programs.

mod channels;
mod rwlock;

use std::collections::BTreeSet;
use std::sync::Mutex;

use raddle::platform::Threads;
use raddle_sim::kernel::{End, Faults, Kernel, Limits, Run};
use raddle_sim::platform::{Sim, SimJoinHandle};
use raddle_sim::strategy::{Coverage, DepthFirst};

const LIMITS: Limits = Limits { steps: 10_000, threads: 64, stack_bytes: 128 * 1024, faults: Faults::NONE };

/// How the executions of a program ended: what it returned, or how it came to a halt.
type Outcomes<T> = BTreeSet<Result<T, String>>;

/// All outcomes of `body` in all schedules.
fn outcomes<T: Ord>(body: impl Fn() -> T) -> Outcomes<T> {
    let mut outcomes = Outcomes::new();
    let returned = Mutex::new(None);
    run_all(
        || *returned.lock().unwrap() = Some(body()),
        |run, kernel| {
            let value = returned.lock().unwrap().take();
            outcomes.insert(match (run.end, value) {
                (End::Finished, Some(value)) => Ok(value),
                (End::Finished, None) => Err(kernel.threads()[0].state.to_string()),
                (end, _) => Err(end.to_string()),
            });
        },
    );
    outcomes
}

/// Runs `body` in all schedules, and tells `judge` of each.
fn run_all(body: impl Fn(), mut judge: impl FnMut(&Run, &Kernel)) -> u64 {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = DepthFirst::unbounded();
    let mut executions = 0;
    while let Some(run) = kernel.run(&mut strategy, &body) {
        executions += 1;
        assert_eq!(kernel.fault(), None);
        assert_eq!(run.leaked_threads, 0, "{run:?}");
        judge(&run, &kernel);
    }
    assert_eq!(strategy.coverage(), Coverage::Complete);
    executions
}

fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> SimJoinHandle<T> {
    Sim::spawn("worker", body).expect("the simulator does not fail to spawn")
}

/// The outcomes of programs that always return.
fn returned<T: Ord>(values: impl IntoIterator<Item = T>) -> Outcomes<T> {
    values.into_iter().map(Ok).collect()
}
