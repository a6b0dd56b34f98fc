//! The platform of shuttle, and the schedules under which a scenario runs on it.
//!
//! Shuttle executes a program under one random schedule after the other. It is no proof, but it takes any
//! number of threads and draws the choices of a scenario itself, so it runs what loom has to leave out. Every
//! load reads the newest value, so mistakes in memory orderings are not visible here; and like loom it takes
//! a halt for a deadlock.
//!
//! Shuttle leaves a panic hook behind, which prints. Hence the tests of this module are a process of their own, and that of the module
//! [`model`] comes after it, so that planned panics do not get there.

mod atomic;
mod memory;
mod threads;

use std::sync::Once;

use raddle_sim::world::Substrate;
use shuttle::rand::Rng;
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};

pub use self::atomic::{ShuttleBool, ShuttlePtr, ShuttleU64, ShuttleUsize};
pub use self::memory::ShuttleMutex;
pub use self::threads::{ShuttleCondvar, ShuttleJoinHandle, ShuttleThread};

use crate::model::{self, Explored};
use crate::program::{Program, Sight};
use crate::report::Searched;
use crate::script::Script;

/// How many schedules each of the two schedulers runs.
pub const SCHEDULES: usize = 5_000;

/// The seed of both schedulers.
pub const SEED: u64 = 1;

/// How many scheduling constraints a bug may need for the PCT scheduler to have a guaranteed chance of
/// finding it.
pub const PCT_DEPTH: usize = 3;

/// Enough for a scenario with its records. Shuttle's own default is less than half of it.
const STACK_BYTES: usize = 128 * 1024;

/// The memory and threads of shuttle.
#[derive(Copy, Clone, Debug, Default)]
pub struct Shuttle;

/// Shuttle, as the world of a scenario sees it.
pub const SHUTTLE: Substrate = Substrate {
    thread: threads::current_number,
    step: || 0,
    live: || true,
    choose: |_, options| choose(options),
    expose: threads::expose,
    can_run_while_unwinding: false,
};

/// Draws a number below `options`.
fn choose(options: u32) -> u32 {
    let taken = shuttle::rand::thread_rng().gen_range(0..options);
    model::unscripted(threads::current_number(), options, taken)
}

/// Runs `program` under [`SCHEDULES`] schedules of a random walk and as many of PCT.
#[must_use]
pub fn search(program: &Program) -> Searched {
    let mut searched = Searched::default();
    searched.add(run(program, || RandomScheduler::new_from_seed(SEED, SCHEDULES)));
    if searched.failure.is_none() {
        searched.add(run(program, || PctScheduler::new_from_seed(SEED, PCT_DEPTH, SCHEDULES)));
    }
    searched
}

fn run<T: Scheduler + 'static>(program: &Program, scheduler: fn() -> T) -> Explored {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        Runner::new(RandomScheduler::new_from_seed(SEED, 1), config()).run(|| ());
    });
    let program = program.clone();
    model::explore(Sight::Newest, Script::default(), move || {
        Runner::new(scheduler(), config()).run(move || {
            threads::begin_execution();
            model::execute(SHUTTLE, &program, threads::await_others);
        });
    })
}

fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = STACK_BYTES;
    config.failure_persistence = FailurePersistence::None;
    config.silence_warnings = true;
    config
}
