//! The kernel, its strategies and its platform, held against what can be computed by other means.

mod advance;
mod blocking;
mod bounds;
mod fairness;
mod faults;
mod identity;
mod interleavings;
mod livelock;
mod model;
mod panics;
mod process;
mod replay;
mod stacks;
mod teardown;
mod time;

use raddle::platform::{Join, Memory, Threads};
use raddle_sim::kernel::{End, Faults, Kernel, Limits, Run, ThreadReport, ThreadState};
use raddle_sim::platform::{Sim, SimJoinHandle};
use raddle_sim::strategy::{Coverage, DepthFirst, Random, Strategy};

/// A mutex of the simulator.
type Lock<T> = <Sim as Memory>::Mutex<T>;
/// An atomic of the simulator.
type Count = <Sim as Memory>::AtomicUsize;

/// Small stacks: some of these tests leak threads on purpose.
const LIMITS: Limits = Limits { steps: 10_000, threads: 200, stack_bytes: 128 * 1024, faults: Faults::NONE };

/// Runs `body` once with a random schedule.
fn run_once(body: impl FnOnce()) -> (Run, Vec<ThreadReport>) {
    let mut kernel = Kernel::new(LIMITS);
    let run = kernel.run(&mut Random::new(1), body).expect("a random walk always goes on");
    (run, kernel.threads())
}

/// Runs `body` in all schedules, and tells `judge` of each.
fn run_all(body: impl Fn(), mut judge: impl FnMut(&Run, &Kernel)) -> u64 {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = DepthFirst::unbounded();
    let mut executions = 0;
    while let Some(run) = kernel.run(&mut strategy, &body) {
        executions += 1;
        assert_eq!(kernel.fault(), None);
        judge(&run, &kernel);
    }
    assert_eq!(strategy.coverage(), Coverage::Complete);
    executions
}

/// Runs `body` in many random schedules until `found` says so of one.
fn find(body: impl Fn(), mut found: impl FnMut(&Run, &Kernel) -> bool) -> bool {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Random::new(5);
    (0..10_000).any(|_| {
        let run = kernel.run(&mut strategy, &body).expect("a random walk always goes on");
        found(&run, &kernel)
    })
}

fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> SimJoinHandle<T> {
    Sim::spawn("worker", body).expect("the simulator does not fail to spawn")
}

fn spawn_and_join<F: FnOnce() + Send + 'static>(bodies: impl IntoIterator<Item = F>) {
    let handles: Vec<_> = bodies.into_iter().map(spawn).collect();
    for handle in handles {
        handle.join().expect("no body panics");
    }
}

fn panic_message(report: &ThreadReport) -> &str {
    match &report.state {
        ThreadState::Panicked(message) => message,
        other => panic!("thread {} did not panic: {other:?}", report.number),
    }
}

/// A strategy made of closures.
struct Scripted<F>(F);

impl<F: FnMut(&raddle_sim::strategy::Now<'_>) -> Option<usize>> Strategy for Scripted<F> {
    fn begin(&mut self) -> bool {
        true
    }
    fn thread(&mut self, now: &raddle_sim::strategy::Now<'_>) -> Option<usize> {
        (self.0)(now)
    }
    fn value(&mut self, _: raddle_sim::choice::Kind, _: u32) -> u32 {
        0
    }
}

#[test]
fn a_program_without_threads_finishes() {
    let mut ran = false;
    let (run, threads) = run_once(|| ran = true);
    assert!(ran);
    assert_eq!((run.end, run.threads, run.panics, run.leaked_threads), (End::Finished, 1, 0, 0));
    assert_eq!((threads[0].name.as_str(), &threads[0].state), ("main", &ThreadState::Finished));
}
