//! The mirror of `std`, held against `std` and against all interleavings of small programs.

mod against_std;
mod channels;
mod counts;
mod futures;
mod gaps;
mod litmus;
mod locals;
mod locks;
mod model;
mod probes;
mod replays;
mod rwlock;
mod threads;
mod timed;

use std::collections::BTreeSet;
use std::sync::Mutex;

use raddle::platform::Threads;
use raddle_sim::kernel::{End, Faults, Kernel, Limits, Run};
use raddle_sim::platform::{Sim, SimJoinHandle};
use raddle_sim::strategy::{Coverage, DepthFirst, Random, Strategy};

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

/// Runs `body` once with a random schedule.
fn run_once(body: impl FnOnce()) -> (Run, Kernel) {
    let mut kernel = Kernel::new(LIMITS);
    let run = kernel.run(&mut Random::new(1), body).expect("a random walk always goes on");
    (run, kernel)
}

/// Asserts that what the mirror gives, outside of an execution and in all of many schedules, is what `std` gives.
fn compare<T: Ord + std::fmt::Debug>(on_std: fn() -> T, on_mirror: fn() -> T) {
    let expected = on_std();
    assert_eq!(on_mirror(), expected, "outside of an execution");
    let mut strategies: [(Box<dyn Strategy>, u32); 2] =
        [(Box::new(Random::new(3)), 200), (Box::new(DepthFirst::bounded(1)), 2_000)];
    for (strategy, most) in &mut strategies {
        let mut kernel = Kernel::new(LIMITS);
        for _ in 0..*most {
            let mut value = None;
            let Some(run) = kernel.run(&mut **strategy, || value = Some(on_mirror())) else { break };
            let threads = || kernel.threads().iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!((run.end, run.leaked_threads), (End::Finished, 0), "{:#?}", threads());
            assert_eq!(value.as_ref(), Some(&expected), "{:#?}", threads());
        }
    }
}

fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> SimJoinHandle<T> {
    Sim::spawn("worker", body).expect("the simulator does not fail to spawn")
}

/// The outcomes of programs that always return.
fn returned<T: Ord>(values: impl IntoIterator<Item = T>) -> Outcomes<T> {
    values.into_iter().map(Ok).collect()
}
