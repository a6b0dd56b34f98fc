//! Tests of your own code: any closure, under many schedules.
//!
//! Write the code under test with this crate's mirror of `std`, or generic over a
//! [platform](raddle::platform), and hand a closure to [`check`] inside an ordinary test:
//!
//! ```
//! use std::sync::atomic::Ordering::SeqCst;
//!
//! use raddle::platform::{AtomicInt, Join, Memory, Threads};
//! use raddle_sim::platform::Sim;
//!
//! raddle_sim::check(|| {
//!     let counter = std::sync::Arc::new(<Sim as Memory>::AtomicUsize::new(0));
//!     let mine = counter.clone();
//!     let other = Sim::spawn("other", move || mine.fetch_add(1, SeqCst)).unwrap();
//!     counter.fetch_add(1, SeqCst);
//!     other.join().unwrap();
//! });
//! ```
//!
//! A schedule fails if a thread panics and nobody joins it, or if the program comes to a halt before its end. The failure
//! is shrunk, and the panic of the test tells it: a sentence, a table with a column for each thread, and a line that executes the
//! same run again. A schedule that reaches a bound makes the answer inconclusive, which fails the test as well: what was not
//! looked at was not checked.
//!
//! # Environment
//!
//! | variable | means |
//! |---|---|
//! | `RADDLE_REPLAY` | a token: the test that it belongs to executes this one run and shows every step; other tests run as usual |
//! | `RADDLE_SCHEDULES` | how many schedules, in place of what the test says; ignored by exhaustive searches |
//! | `RADDLE_SEED` | the seed of all random choices, in place of what the test says |
//! | `RADDLE_JOBS` | how many OS threads work on one test, in place of what the test says |
//!
//! An empty variable counts as not set. A value that cannot be read fails the test, with a message that says what is expected.
//!
//! # What the closure may do
//!
//! It is called once for each schedule, often by several OS threads at a time, so it begins by making everything anew. What it
//! shares between schedules (a static, a captured `Arc`) must not be changed by one: the next would find it changed. A
//! failing run, and every hundredth passing one, is executed twice and compared, so this is noticed.
//!
//! # What the closure leaves behind
//!
//! A run fails as a leak if all threads have ended without a panic, and something that was made in it is still there: an
//! [`Arc`](crate::sync::Arc) (that of the platform as well), a [channel](crate::sync::mpsc) with what is in it. A circle of
//! counts is one; so is what `mem::forget`, `Box::leak` or `Arc::into_raw` has given away. It fails as a leak as well if `main` has
//! ended and a thread or a spawned future waits for something that nobody is left to do: a worker that was never told to stop. If they
//! wait for each other, that is a deadlock.
//!
//! A mirrored static may keep what is made in it, so a run that touches a lock or an initialisation in one is not
//! judged by what it leaves behind (on Linux and Android; elsewhere, and for statics of other types, it is).
//! [`Check::leaks`] switches this off: what is left behind then passes, and a thread that waits for ever is a deadlock.
//!
//! Not noticed: memory that is counted by nothing here, such as a `Box`; the handle of a thread, which detaches when it
//! is dropped, and may as well be forgotten.

mod case;
mod deadlock;
mod environment;
mod left_behind;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use crate::campaign::{
    Campaign, Case, Cell, CellReport, Checked, Judgement, Method, Outcome, Replayed, Unchecked, replay_case,
    run,
};
use crate::kernel::{Faults, Limits};
use crate::strategy::Sampler;

pub(crate) use self::case::ProgramCase;
use self::environment::Environment;

pub use self::environment::REPLAY;

/// Checks a program under the default settings of [`Check`].
///
/// The name of the test is that of the current thread, which is what `cargo test` calls it.
///
/// # Panics
///
/// If a schedule fails, or the answer is inconclusive, or a variable of the [environment](self) cannot be read.
#[track_caller]
pub fn check(program: impl Fn() + Send + Sync + 'static) {
    Check::new().run(program);
}

/// How to check a program: a builder.
///
/// ```
/// use raddle_sim::Check;
///
/// let checked = Check::new().schedules(100).seed(7).try_run(|| ()).unwrap();
/// assert_eq!(checked.schedules, 100);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a check does nothing until it is run"]
pub struct Check {
    name: Option<String>,
    method: Method,
    seed: u64,
    jobs: NonZeroUsize,
    limits: Limits,
    budget: Option<Duration>,
    patience: Duration,
    leaks: bool,
}

/// How many schedules are drawn unless told otherwise.
const SCHEDULES: u64 = 10_000;

impl Default for Check {
    fn default() -> Self {
        Check::new()
    }
}

impl Check {
    /// 10,000 schedules of the default strategy, with seed 1, on all processors.
    pub fn new() -> Self {
        Check {
            name: None,
            method: Method::Sampled { sampler: Sampler::default(), schedules: SCHEDULES },
            seed: 1,
            jobs: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            limits: Limits::default(),
            budget: None,
            patience: Duration::from_secs(10),
            leaks: true,
        }
    }

    /// What the program is called in reports and tokens. Unless set: the name of the thread that runs the check.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many schedules the strategy draws.
    pub fn schedules(mut self, schedules: u64) -> Self {
        let sampler = self.sampler();
        self.method = Method::Sampled { sampler, schedules };
        self
    }

    /// How the schedules are drawn. Unless set: by [`Swarm`](crate::strategy::Swarm).
    pub fn strategy(mut self, sampler: Sampler) -> Self {
        let schedules = self.method.planned().unwrap_or(SCHEDULES);
        self.method = Method::Sampled { sampler, schedules };
        self
    }

    fn sampler(&self) -> Sampler {
        match self.method {
            Method::Sampled { sampler, .. } => sampler,
            _ => Sampler::default(),
        }
    }

    /// Executes every schedule in which a thread that could go on is preempted at most `preemptions` times, instead of drawing
    /// some. Inconclusive if there are more than `limit`.
    pub fn depth_first(mut self, preemptions: u32, limit: u64) -> Self {
        self.method = Method::DepthFirst { preemptions, limit };
        self
    }

    /// Which faults may happen: all but failing thread creation unless set here. Depth-first search tries at most one of each kind
    /// in an execution.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.limits.faults = faults;
        self
    }

    /// The seed of all random choices: the same seed, the same schedules.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many OS threads work on it. Does not change the result.
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = jobs;
        self
    }

    /// The bounds of one execution: steps, threads, the size of a stack.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Ends the check early, inconclusive, after so much time.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = Some(budget);
        self
    }

    /// How long a simulated thread may make no step before it is taken to block on something real. Unless set: ten seconds.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Whether what outlives a run is a failure; yes unless set. See [what the closure leaves behind](self#what-the-closure-leaves-behind).
    pub fn leaks(mut self, leaks: bool) -> Self {
        self.leaks = leaks;
        self
    }

    /// Checks `program`. Blocks.
    ///
    /// # Panics
    ///
    /// As [`check`].
    #[track_caller]
    pub fn run(&self, program: impl Fn() + Send + Sync + 'static) {
        if let Err(unchecked) = self.try_run(program) {
            panic!("{unchecked}");
        }
    }

    /// Checks `program`, and returns what came of it. Blocks.
    ///
    /// # Errors
    ///
    /// The failure, shrunk, or the reason why the answer is inconclusive.
    ///
    /// # Panics
    ///
    /// If a variable of the [environment](self) cannot be read.
    #[track_caller]
    pub fn try_run(&self, program: impl Fn() + Send + Sync + 'static) -> Result<Checked, Unchecked> {
        let environment = Environment::read().unwrap_or_else(|error| panic!("{error}"));
        let name = self.name.clone().unwrap_or_else(name_of_test);
        let case: Arc<dyn Case> = Arc::new(ProgramCase::new(name, self.leaks, Box::new(program)));
        match environment.replay(case.id(), self.limits) {
            Some((limits, choices)) => conclude_replay(&replay_case(&*case, limits, choices)),
            None => conclude(self.search(case, &environment)),
        }
    }

    fn search(&self, case: Arc<dyn Case>, environment: &Environment) -> CellReport {
        let method = match (self.method, environment.schedules) {
            (Method::Sampled { sampler, .. }, Some(schedules)) => Method::Sampled { sampler, schedules },
            (method, _) => method,
        };
        let campaign = Campaign {
            cells: vec![Cell { case, method }],
            seed: environment.seed.unwrap_or(self.seed),
            jobs: environment.jobs.unwrap_or(self.jobs).get(),
            budget: self.budget,
            limits: self.limits,
            patience: self.patience,
            interrupted: Arc::new(AtomicBool::new(false)),
        };
        run(campaign, |_| {}).pop().expect("a campaign reports each of its cells")
    }
}

/// What `cargo test` calls the test that this thread runs.
fn name_of_test() -> String {
    thread::current().name().unwrap_or("program").to_owned()
}

fn conclude(report: CellReport) -> Result<Checked, Unchecked> {
    match report.outcome() {
        Outcome::Failed => Err(Unchecked::Failed(Box::new(report))),
        Outcome::Inconclusive => Err(Unchecked::Inconclusive(report.shortfall())),
        Outcome::Passed => Ok(Checked {
            scenarios: 1,
            left_out: 0,
            schedules: report.tally.schedules,
            steps: report.tally.steps,
        }),
    }
}

/// Shows the run on stderr, and judges it like any other.
fn conclude_replay(replayed: &Replayed) -> Result<Checked, Unchecked> {
    eprintln!("{}: replayed as {REPLAY} says\n\n{replayed}", replayed.id);
    match &replayed.judgement {
        Judgement::Failed(finding) => Err(Unchecked::Replayed(Box::new(finding.as_ref().clone()))),
        judgement @ (Judgement::CutShort | Judgement::Abandoned | Judgement::Undecided) => {
            Err(Unchecked::Inconclusive(judgement.sentence()))
        }
        Judgement::Passed | Judgement::Rested => {
            Ok(Checked { scenarios: 1, left_out: 0, schedules: 1, steps: replayed.steps.len() as u64 })
        }
    }
}
