//! The coordinator: hands work to workers, puts their results in order, and watches that they go on.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::kernel::{self, Kernel, Limits};
use crate::order::Classes;
use crate::strategy::{Profile, Sampler};

use super::judgement::{Class, Finding};
use super::plan::{Cell, CellReport, Completion, Failure, Method, Progress, Tally};
use super::search::{Brakes, RawFailure, Stretch, calibrate, explain, run_depth_first, run_sampled};
use super::threads;

/// How many schedules a worker takes at a time.
const STRETCH: u64 = 256;

/// How often the coordinator looks around.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A campaign to be run.
#[derive(Debug)]
pub struct Campaign {
    /// What is to be done, in the order of the report.
    pub cells: Vec<Cell>,
    /// The seed of all random choices.
    pub seed: u64,
    /// How many OS threads work on it, at least one. Does not change the result.
    pub jobs: usize,
    /// Ends the campaign early, inconclusive.
    pub budget: Option<Duration>,
    /// The bounds of one execution.
    pub limits: Limits,
    /// A worker that makes no step for so long is given up.
    pub patience: Duration,
    /// Set by whoever wants the campaign to stop: it ends soon, and is reported as interrupted.
    pub interrupted: Arc<AtomicBool>,
}

/// What a worker is asked to do.
enum Job {
    Calibrate { cell: usize, sampler: Sampler, to: u64 },
    Stretch { cell: usize, from: u64, to: u64, profile: Arc<Profile> },
    DepthFirst { cell: usize },
    Explain { cell: usize, failure: RawFailure },
}

impl Job {
    fn cell(&self) -> usize {
        match self {
            Job::Calibrate { cell, .. }
            | Job::Stretch { cell, .. }
            | Job::DepthFirst { cell }
            | Job::Explain { cell, .. } => *cell,
        }
    }
}

/// Where a cell stands.
#[derive(Default)]
struct State {
    /// The first schedule that nobody has taken.
    next: u64,
    /// What the calibration batch has taught, once it is done. From then on it stays as it is, so it does not matter who runs
    /// which schedule when.
    profile: Option<Arc<Profile>>,
    /// Jobs under way.
    under_way: usize,
    /// Finished stretches by their first schedule.
    stretches: BTreeMap<u64, Stretch>,
    /// The lowest failing schedule so far: stretches that begin later are not worth starting.
    lowest_failure: Option<u64>,
    /// Set when the search was ended from outside.
    ended: Option<Completion>,
    explaining: bool,
    report: Option<CellReport>,
}

struct Shared {
    campaign: Campaign,
    states: Mutex<Vec<State>>,
    /// Notified when a job is done.
    changed: Condvar,
    deadline: Option<Instant>,
    /// Executions that no kernel counts.
    runs_on_threads: AtomicU64,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("campaign", &self.campaign).finish_non_exhaustive()
    }
}

/// A worker, as the coordinator sees it.
struct Worker {
    /// Set once the worker has a kernel.
    progress: Arc<Mutex<Option<Arc<kernel::Progress>>>>,
    /// The cell that it works on.
    busy: Arc<Mutex<Option<usize>>>,
    seen: (u64, u64),
    since: Instant,
}

/// Runs a campaign to its end. Blocks; `on_progress` is called about ten times a second, on the calling thread.
pub fn run(campaign: Campaign, mut on_progress: impl FnMut(Progress)) -> Vec<CellReport> {
    let began = Instant::now();
    let deadline = campaign.budget.and_then(|budget| began.checked_add(budget));
    let cells = campaign.cells.len();
    let states = Mutex::new(campaign.cells.iter().map(|_| State::default()).collect());
    let shared = Arc::new(Shared {
        campaign,
        states,
        changed: Condvar::new(),
        deadline,
        runs_on_threads: AtomicU64::new(0),
    });
    shared.report_empty_cells();
    let mut workers: Vec<Worker> = (0..shared.campaign.jobs.max(1)).map(|_| start_worker(&shared)).collect();
    loop {
        let states = shared.lock();
        let (mut states, _) =
            shared.changed.wait_timeout(states, LOOK_EVERY).unwrap_or_else(PoisonError::into_inner);
        let done = states.iter().filter(|state| state.report.is_some()).count();
        let simulated: u64 =
            workers.iter().filter_map(Worker::progress).map(|kernel| kernel.executions()).sum();
        // Relaxed: a number to look at.
        let schedules = simulated + shared.runs_on_threads.load(Ordering::Relaxed);
        if done == cells {
            return states.iter_mut().filter_map(|state| state.report.take()).collect();
        }
        for worker in &mut workers {
            if let Some(cell) = worker.given_up(shared.campaign.patience) {
                shared.give_up(&mut states[cell], cell, worker);
                *worker = start_worker(&shared);
            }
        }
        drop(states);
        on_progress(Progress { cells_done: done, cells, schedules, elapsed: began.elapsed() });
    }
}

fn start_worker(shared: &Arc<Shared>) -> Worker {
    let progress = Arc::new(Mutex::new(None));
    let busy = Arc::new(Mutex::new(None));
    let worker = Worker {
        progress: Arc::clone(&progress),
        busy: Arc::clone(&busy),
        seen: (0, 0),
        since: Instant::now(),
    };
    start_thread(Arc::clone(shared), progress, busy);
    worker
}

type Shown<T> = Arc<Mutex<Option<T>>>;

fn start_thread(shared: Arc<Shared>, progress: Shown<Arc<kernel::Progress>>, busy: Shown<usize>) {
    let worker = thread::Builder::new().name("raddle-worker".to_owned());
    let work = move || work(shared, progress, busy);
    worker.spawn(work).expect("the operating system starts a worker thread");
}

/// The life of a worker thread: job after job.
fn work(shared: Arc<Shared>, progress: Shown<Arc<kernel::Progress>>, busy: Shown<usize>) {
    let mut kernel = Kernel::new(shared.campaign.limits);
    *lock(&progress) = Some(kernel.progress());
    while let Some(job) = shared.next_job() {
        let cell = job.cell();
        *lock(&busy) = Some(cell);
        let performed = panic::catch_unwind(AssertUnwindSafe(|| shared.perform(&mut kernel, job)));
        if let Err(payload) = performed {
            shared.blame_raddle(cell, &kernel::message_of(&*payload));
            kernel = Kernel::new(shared.campaign.limits);
            *lock(&progress) = Some(kernel.progress());
        }
        *lock(&busy) = None;
        if kernel.is_spent() {
            // For `std` this thread panics from now on; the next job is better done on one that does not.
            return start_thread(shared, progress, busy);
        }
    }
}

/// None of these locks guards anything that a panic could leave half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Worker {
    fn progress(&self) -> Option<Arc<kernel::Progress>> {
        lock(&self.progress).clone()
    }

    /// The cell that it hangs in, if it has made no step for longer than `patience`.
    fn given_up(&mut self, patience: Duration) -> Option<usize> {
        let cell = *lock(&self.busy);
        let progress = self.progress()?;
        let seen = (progress.executions(), progress.steps());
        if seen != self.seen || cell.is_none() || !progress.is_running() {
            self.seen = seen;
            self.since = Instant::now();
        }
        cell.filter(|_| self.since.elapsed() > patience)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<State>> {
        lock(&self.states)
    }

    /// A cell without schedules gives rise to no job, so it is reported before the workers start.
    fn report_empty_cells(&self) {
        let mut states = self.lock();
        for (at, cell) in self.campaign.cells.iter().enumerate() {
            if cell.method.planned() == Some(0) {
                self.report(&mut states[at], at, None);
            }
        }
    }

    /// The next job, in the order of the cells. Waits while others may still give rise to one; `None` when all is done.
    fn next_job(&self) -> Option<Job> {
        let mut states = self.lock();
        loop {
            if states.iter().all(|state| state.report.is_some()) {
                self.changed.notify_all();
                return None;
            }
            for (at, state) in states.iter_mut().enumerate() {
                if let Some(job) = self.job_in(at, state) {
                    state.under_way += 1;
                    return Some(job);
                }
            }
            states = self.changed.wait(states).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn job_in(&self, cell: usize, state: &mut State) -> Option<Job> {
        if state.report.is_some() || state.explaining {
            return None;
        }
        match self.campaign.cells[cell].method {
            Method::Sampled { sampler, schedules } if sampler.calibration() > 0 && state.next == 0 => {
                state.next = schedules.min(sampler.calibration());
                return Some(Job::Calibrate { cell, sampler, to: state.next });
            }
            // Whoever calibrates will notify the others.
            Method::Sampled { sampler, .. } if sampler.calibration() > 0 && state.profile.is_none() => {
                return None;
            }
            Method::Sampled { schedules, .. } | Method::Threads { schedules, .. } => {
                let end = state.lowest_failure.map_or(schedules, |lowest| lowest.min(schedules));
                if state.next < end && state.ended.is_none() {
                    let from = state.next;
                    state.next = schedules.min(from.saturating_add(STRETCH));
                    let profile = state.profile.clone().unwrap_or_default();
                    return Some(Job::Stretch { cell, from, to: state.next, profile });
                }
            }
            Method::DepthFirst { .. } => {
                if state.next == 0 {
                    state.next = 1;
                    return Some(Job::DepthFirst { cell });
                }
            }
        }
        // All stretches that matter are done: the one failure that counts is known, if there is one.
        let failure = state.failure().filter(|_| state.under_way == 0)?;
        state.explaining = true;
        Some(Job::Explain { cell, failure })
    }

    fn perform(&self, kernel: &mut Kernel, job: Job) {
        let at = job.cell();
        let cell = &self.campaign.cells[at];
        let brakes = Brakes { interrupted: &self.campaign.interrupted, deadline: self.deadline };
        let seed = self.campaign.seed;
        let (from, stretch) = match job {
            Job::Explain { failure, .. } => {
                let failure = match cell.method {
                    Method::Threads { .. } => threads::explain(cell, seed, failure, &brakes),
                    _ => explain(kernel, &*cell.case, failure),
                };
                let mut states = self.lock();
                states[at].under_way -= 1;
                self.report(&mut states[at], at, Some(failure));
                return;
            }
            Job::Calibrate { sampler, to, .. } => {
                let (stretch, profile) = calibrate(kernel, cell, sampler, seed, to, &brakes);
                self.lock()[at].profile = Some(profile);
                (0, stretch)
            }
            Job::Stretch { from, to, profile, .. } => {
                let stretch = match cell.method {
                    Method::Sampled { sampler, .. } => {
                        run_sampled(kernel, cell, sampler, &profile, seed, (from, to), &brakes)
                    }
                    _ => threads::run(cell, seed, (from, to), &brakes, &self.runs_on_threads),
                };
                (from, stretch)
            }
            Job::DepthFirst { .. } => (0, run_depth_first(kernel, cell, &brakes)),
        };
        let mut states = self.lock();
        self.finish(&mut states[at], at, from, stretch);
    }

    /// Files the result of a stretch; reports the cell if it was the last one that matters.
    fn finish(&self, state: &mut State, cell: usize, from: u64, stretch: Stretch) {
        state.under_way -= 1;
        if let Some(failure) = &stretch.failure {
            let lowest = state.lowest_failure.map_or(failure.schedule, |lowest| lowest.min(failure.schedule));
            state.lowest_failure = Some(lowest);
        }
        state.ended = state.ended.or(stretch.ended);
        state.stretches.insert(from, stretch);
        let all_taken = match self.campaign.cells[cell].method {
            Method::Sampled { schedules, .. } | Method::Threads { schedules, .. } => {
                state.next >= schedules || state.ended.is_some()
            }
            Method::DepthFirst { .. } => true,
        };
        if all_taken && state.under_way == 0 && state.lowest_failure.is_none() && state.report.is_none() {
            self.report(state, cell, None);
        }
        self.changed.notify_all();
    }

    /// A worker panicked in this cell outside of any simulated thread: that is Raddle's fault.
    fn blame_raddle(&self, cell: usize, message: &str) {
        let mut states = self.lock();
        let state = &mut states[cell];
        if state.report.is_none() {
            let finding = Finding::new(Class::Fault, format!("a worker panicked: {message}"));
            let failure = Failure::untold(state.next.saturating_sub(1), finding);
            self.report(state, cell, Some(failure));
        }
    }

    /// A worker hangs in this cell: that is the finding, and what other workers still do there no longer counts.
    fn give_up(&self, state: &mut State, cell: usize, worker: &Worker) {
        if state.report.is_some() {
            return;
        }
        let thread = worker.progress().map_or(0, |progress| progress.thread());
        let headline = format!(
            "simulated thread {thread} made no step for {} seconds: it blocks on something outside the simulation (a lock of \
             the standard library, say), or computes without end. Its worker was left behind.",
            self.campaign.patience.as_secs()
        );
        let failure =
            Failure::untold(state.next.saturating_sub(1), Finding::new(Class::Unresponsive, headline));
        self.report(state, cell, Some(failure));
    }

    fn report(&self, state: &mut State, cell: usize, failure: Option<Failure>) {
        let Cell { case, method } = &self.campaign.cells[cell];
        let completion = match (&failure, state.ended, method) {
            (Some(_), ..) => Completion::Failed,
            (None, Some(ended), _) => ended,
            (None, None, _) => Completion::Sampled,
        };
        let (tally, classes) = state.tally();
        state.report =
            Some(CellReport { id: case.id().clone(), method: *method, tally, classes, completion, failure });
        state.stretches.clear();
        self.changed.notify_all();
    }
}

impl State {
    fn failure(&self) -> Option<RawFailure> {
        self.stretches.values().find_map(|stretch| stretch.failure.clone())
    }

    /// The counts up to the first failure: what came after it depends on how many workers there were.
    fn tally(&self) -> (Tally, Classes) {
        let (mut tally, mut classes) = (Tally::default(), Classes::default());
        for stretch in self.stretches.values() {
            tally.add(&stretch.tally);
            classes.add(&stretch.classes);
            if stretch.failure.is_some() {
                break;
            }
        }
        (tally, classes)
    }
}
