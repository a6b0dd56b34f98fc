//! The platform of loom, and the search that runs a program on it.
//!
//! Loom executes a model again and again until it has seen every interleaving of its threads, and for each
//! load every value that the C11 memory model lets it read, up to equivalence. What it cannot do shapes this
//! module:
//!
//! - It takes no choices. They are [scripts](crate::script), so what chooses often is left out.
//! - It has at most [five](crate::bounds::LOOM_THREADS) threads, none of which can fail to start, no clock
//!   and no timeouts.
//! - It takes a halt for a deadlock, so scenarios that may rest are left out.
//! - Its `unpark` makes a thread runnable that is blocked on something else, a mutex for one. The module
//!   `threads` parks in a way of its own.
//! - It treats `SeqCst` accesses as acquire and release. That only adds executions, so it can raise a
//!   false alarm and never hides a mistake.
//! - Its mutex is poisoned by a panic that unwinds through a critical section, and then panics itself. No
//!   scenario plans such a panic.

mod atomic;
mod memory;
mod threads;

use raddle_sim::world::Substrate;

pub use self::atomic::{LoomBool, LoomPtr, LoomU64, LoomUsize};
pub use self::memory::{LoomArc, LoomCell, LoomMutex};
pub use self::threads::{LoomCondvar, LoomJoinHandle, LoomThread};

use crate::bounds::Bound;
use crate::model;
use crate::program::{Program, Sight};
use crate::report::Searched;
use crate::script::Scripts;

/// Steps after which loom takes an execution for endless.
const MAX_BRANCHES: usize = 10_000;

/// The memory and threads of loom.
#[derive(Copy, Clone, Debug, Default)]
pub struct Loom;

/// Loom, as the world of a scenario sees it.
pub const LOOM: Substrate = Substrate {
    thread: threads::current_number,
    step: || 0,
    live: || true,
    choose: |_, options| model::scripted(threads::current_number(), options),
};

/// Runs `program`: every script of its choices, and for each every execution within `bound`.
#[must_use]
pub fn search(program: &Program, bound: Bound) -> Searched {
    let mut scripts = Scripts::default();
    let mut searched = Searched::default();
    while let Some(script) = scripts.next_script() {
        let program = program.clone();
        let explore = move || {
            let mut builder = loom::model::Builder::new();
            builder.max_threads = usize::from(program.demands.threads);
            builder.max_branches = MAX_BRANCHES;
            builder.preemption_bound = bound.preemptions;
            builder.check(move || {
                threads::begin_execution();
                model::execute(LOOM, &program, threads::await_others);
            });
        };
        let mut explored = model::explore(Sight::Weak, script.clone(), explore);
        let asked = std::mem::take(&mut explored.asked);
        searched.add(explored);
        if searched.failure.is_some() {
            break;
        }
        scripts.explored(&script, &asked);
    }
    searched
}
