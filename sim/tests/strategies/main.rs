//! The strategies, held against what their papers say of them.

mod profiles;
mod uniform;

use raddle::platform::{Join, Memory, Threads};
use raddle_sim::kernel::{Faults, Kernel, Limits};
use raddle_sim::platform::{Sim, SimJoinHandle};
use raddle_sim::strategy::{Profile, Random};

/// An atomic of the simulator.
type Count = <Sim as Memory>::AtomicUsize;

/// Small stacks, and room for programs with many threads.
const LIMITS: Limits = Limits { steps: 10_000, threads: 300, stack_bytes: 128 * 1024, faults: Faults::NONE };

fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> SimJoinHandle<T> {
    Sim::spawn("worker", body).expect("the simulator does not fail to spawn")
}

/// Starts a thread for each body, and waits for all of them.
fn spawn_and_join<F: FnOnce() + Send + 'static>(bodies: impl IntoIterator<Item = F>) {
    let handles: Vec<_> = bodies.into_iter().map(spawn).collect();
    for handle in handles {
        handle.join().expect("no body panics");
    }
}

/// The profile of `executions` random walks through `program`.
fn profile(executions: u64, program: impl Fn()) -> Profile {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Random::new(0x5EED);
    let mut profile = Profile::default();
    for _ in 0..executions {
        kernel.run(&mut strategy, &program).expect("a random walk always goes on");
        profile.observe(&kernel);
    }
    profile
}
