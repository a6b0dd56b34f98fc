//! Shuttle's schedulers.

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use raddle_proofs::shuttle::Shuttle;
use raddle_sim_benches::bugs::{Form, Program};
use shuttle::scheduler::{
    PctScheduler, RandomScheduler, Schedule, Scheduler, Task, TaskId, UrwRandomScheduler,
};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use crate::trial::STEPS;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Theirs {
    Random,
    Pct3,
    Pct10,
    Urw,
}

impl Theirs {
    pub const ALL: &[Theirs] = &[Theirs::Random, Theirs::Pct3, Theirs::Pct10, Theirs::Urw];

    pub fn name(self) -> &'static str {
        match self {
            Theirs::Random => "shuttle random",
            Theirs::Pct3 => "shuttle PCT-3",
            Theirs::Pct10 => "shuttle PCT-10",
            Theirs::Urw => "shuttle URW",
        }
    }

    /// How many schedules it took, and whether the last one failed.
    pub fn search(self, program: Program, form: Form, seed: u64) -> (u64, bool) {
        let cap = program.cap as usize;
        match self {
            Theirs::Random => search(RandomScheduler::new_from_seed(seed, cap), program, form),
            Theirs::Pct3 => search(PctScheduler::new_from_seed(seed, 3, cap), program, form),
            Theirs::Pct10 => search(PctScheduler::new_from_seed(seed, 10, cap), program, form),
            Theirs::Urw => search(UrwRandomScheduler::new_from_seed(seed, cap), program, form),
        }
    }
}

fn config() -> Config {
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::ContinueAfter(STEPS);
    config.silence_warnings = true;
    config
}

fn search(scheduler: impl Scheduler + 'static, program: Program, form: Form) -> (u64, bool) {
    let schedules = Arc::new(AtomicU64::new(0));
    let counted = Counted { scheduler, schedules: Arc::clone(&schedules) };
    let runner = Runner::new(counted, config());
    let silence = Silence::begin();
    // Shuttle passes a failure on as a panic, a deadlock included.
    let result = panic::catch_unwind(AssertUnwindSafe(|| runner.run(move || program.run::<Shuttle>(form))));
    drop(silence);
    (schedules.load(Ordering::Relaxed), result.is_err())
}

/// Counts the schedules.
struct Counted<S> {
    scheduler: S,
    schedules: Arc<AtomicU64>,
}

impl<S: Scheduler> Scheduler for Counted<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        let schedule = self.scheduler.new_execution()?;
        // Relaxed: one thread reads and writes it.
        self.schedules.fetch_add(1, Ordering::Relaxed);
        Some(schedule)
    }
    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        self.scheduler.next_task(runnable, current, is_yielding)
    }
    fn next_u64(&mut self) -> u64 {
        self.scheduler.next_u64()
    }
}

/// Sends standard error to nowhere until it is dropped: shuttle reports each failure there.
struct Silence {
    stderr: OwnedFd,
}

const STDERR: RawFd = libc::STDERR_FILENO;

impl Silence {
    /// `None` if standard error is closed, or nothing opens nowhere: then shuttle's reports are seen, which harms nobody.
    fn begin() -> Option<Silence> {
        let nowhere = File::options().write(true).open("/dev/null").ok()?;
        // SAFETY: reads no memory; the new descriptor is checked, and owned by nobody else.
        let stderr = unsafe {
            let copy = libc::dup(STDERR);
            (copy >= 0).then(|| OwnedFd::from_raw_fd(copy))?
        };
        point_stderr_to(nowhere.as_raw_fd());
        Some(Silence { stderr })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        point_stderr_to(self.stderr.as_raw_fd());
    }
}

fn point_stderr_to(descriptor: RawFd) {
    // SAFETY: reads no memory; standard error is open before and after.
    unsafe { libc::dup2(descriptor, STDERR) };
}

/// Lets shuttle put its panic hook in place, which it does when it first runs and never again, and takes that hook away.
///
/// Otherwise the report of a panic elsewhere would ask shuttle what it was doing.
pub fn remove_panic_hook() {
    let before = panic::take_hook();
    Runner::new(RandomScheduler::new_from_seed(1, 1), config()).run(|| {});
    panic::set_hook(before);
}
