//! The platform of loom, and the search that runs a program on it.
//!
//! Loom executes a model again and again until it has seen every interleaving of its threads, and for each
//! load every value that the C11 memory model lets it read, up to equivalence. What it cannot do shapes this
//! module:
//!
//! - It executes many interleavings that are equivalent. The module `asleep` keeps it from that in complete searches of pools: up to
//!   forty times fewer executions.
//! - It does not look for some interleavings of a write with loads of several threads. Where that matters in such a search,
//!   the module `atomic` shows them to it.
//! - It takes no choices. They are [scripts](crate::script), so what chooses often is left out.
//! - It has at most [five](crate::bounds::LOOM_THREADS) threads, no clock and no timeouts. Its threads always start. That one
//!   does not is a choice of the script here, in sections of a scenario that are exposed to it.
//! - It takes a halt for a deadlock, so scenarios that may rest are left out.
//! - Its `unpark` makes a thread runnable that is blocked on something else, a mutex for one. The module
//!   `threads` parks in a way of its own.
//! - It treats `SeqCst` accesses as acquire and release. That only adds executions, so it can raise a
//!   false alarm and never hides a mistake.
//! - Its mutex is poisoned if it is unlocked while a thread unwinds, be it another one, and then panics itself. So a thread that unwinds
//!   makes no step, which is asserted at each.

mod asleep;
mod atomic;
mod memory;
#[cfg(test)]
mod random;
mod threads;

use raddle_sim::world::Substrate;

pub use self::atomic::{LoomBool, LoomPtr, LoomU64, LoomUsize};
pub use self::memory::{LoomArc, LoomCell, LoomGuard, LoomMutex};
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
    expose: threads::expose,
    can_run_while_unwinding: false,
};

/// Runs `program`: every script of its choices, and for each every execution within `bound`.
#[must_use]
pub fn search(program: &Program, bound: Bound) -> Searched {
    let mut scripts = Scripts::default();
    let mut searched = Searched::default();
    while let Some(script) = scripts.next_script() {
        let program = program.clone();
        let explore = move || {
            let check = |begin: fn()| {
                let program = program.clone();
                builder(program.demands.threads, bound).check(move || {
                    threads::begin_execution();
                    begin();
                    model::execute(LOOM, &program, threads::await_others);
                });
            };
            if bound.has_every_interleaving() && asleep::suits(program.demands.system) {
                asleep::explore_pruned(check);
            } else {
                check(|| ());
            }
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

fn builder(threads: u8, bound: Bound) -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.max_threads = usize::from(threads);
    builder.max_branches = MAX_BRANCHES;
    builder.preemption_bound = bound.preemptions;
    builder
}
