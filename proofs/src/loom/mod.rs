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
#[cfg(test)]
mod siblings;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::resume_unwind;
    use std::sync::atomic::{AtomicU32, Ordering};

    use raddle::platform::{Join, Memory, Threads};
    use raddle_sim::world::World;
    use raddle_spec::pool::{Kind, spec};

    use crate::program::Demands;

    fn search_all(run: impl Fn(World<Kind>) + Clone + Send + Sync + 'static) -> Searched {
        let demands = Demands {
            system: "pool",
            scenario: "made up",
            subject: "none",
            threads: 3,
            missing: None,
            may_rest: false,
            chooses_often: false,
        };
        search(&Program::new(demands, || spec(1), |_| (), run), Bound { preemptions: None })
    }

    #[test]
    fn a_planned_panic_of_a_thread_comes_out_of_its_join() {
        let searched = search_all(|_| {
            let thread =
                Loom::spawn("panics", || resume_unwind(Box::new(7_u32))).expect("nothing fails here");
            let end: Result<(), _> = thread.join();
            assert_eq!(end.expect_err("it panicked").downcast_ref(), Some(&7_u32));
        });
        assert!(searched.failure.is_none(), "{:?}", searched.failure);
        assert_eq!(searched.models, 1);
    }

    #[test]
    fn a_thread_is_not_created_if_that_was_chosen_where_it_may_be() {
        static CREATED: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
        let searched = search_all(|world| {
            let spawn = || Loom::spawn("ends", || ());
            spawn().expect("nothing fails here");
            let (result, has_failed) = world.expose(spawn);
            assert_eq!(result.is_err(), has_failed);
            CREATED[usize::from(!has_failed)].fetch_add(1, Ordering::Relaxed);
        });
        assert!(searched.failure.is_none(), "{:?}", searched.failure);
        assert_eq!(searched.models, 2);
        assert!(CREATED.iter().all(|count| count.load(Ordering::Relaxed) > 0));
    }

    #[test]
    fn a_panic_for_want_of_a_thread_that_was_not_created_is_planned() {
        let searched = search_all(|world| {
            let spawn = || Loom::spawn("ends", || ()).unwrap_or_else(|error| panic!("no thread: {error}"));
            let (result, has_failed) = world.expose(|| Loom::catch_unwind(spawn).map(drop));
            assert_eq!(result.is_err(), has_failed);
        });
        assert!(searched.failure.is_none(), "{:?}", searched.failure);
        assert_eq!(searched.models, 2);
    }
}
