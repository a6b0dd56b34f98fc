//! The way in for other people's tests: all scenarios on one subject, passed or failed.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use crate::kernel::{Faults, Limits};
use crate::report::{count, thousands, write_failure};
use crate::strategy::Sampler;
use crate::systems::{Entry, Suite};

use super::coordinator::{Campaign, run};
use super::judgement::Finding;
use super::plan::{Cell, CellReport, Method, Outcome, Tally};

/// How thoroughly to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Schedules of each scenario, drawn by [`Swarm`](crate::strategy::Swarm).
    pub schedules: u64,
    /// Preemptions up to which small scenarios are searched depth-first, and fewer where a scenario
    /// [says so](Entry::fewer_preemptions); `None` for no such search.
    pub preemptions: Option<u32>,
    /// The seed of all random choices.
    pub seed: u64,
    /// Which faults may happen.
    pub faults: Faults,
    /// How many OS threads work. Does not change the result.
    pub jobs: NonZeroUsize,
    /// Ends the check early, inconclusive.
    pub budget: Option<Duration>,
    /// A simulated thread that makes no step for so long is taken to block on something real. On threads of the operating
    /// system: a run in which none writes an event for so long is taken to have come to a halt.
    pub patience: Duration,
    /// Only scenarios of these names; all if empty.
    pub scenarios: Vec<String>,
}

impl Default for Options {
    /// 2,000 schedules of each scenario, and depth-first search up to one preemption.
    fn default() -> Self {
        Options {
            schedules: 2_000,
            preemptions: Some(1),
            seed: 1,
            faults: Faults::ALL,
            jobs: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            budget: None,
            patience: Duration::from_secs(10),
            scenarios: Vec::new(),
        }
    }
}

impl Options {
    /// 100 schedules of each scenario and nothing else: for a first look.
    #[must_use]
    pub fn quick() -> Self {
        Options { schedules: 100, preemptions: None, ..Options::default() }
    }
}

/// A check that found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Scenarios that ran.
    pub scenarios: usize,
    /// Scenarios that were left out for want of a part of the API.
    pub left_out: usize,
    /// Executions of all scenarios.
    pub schedules: u64,
    /// Steps of all executions.
    pub steps: u64,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Checked { scenarios, left_out, schedules, steps } = *self;
        let (scenarios, left_out) = (count(scenarios as u64, "scenario"), thousands(left_out as u64));
        let (schedules, steps) = (count(schedules, "schedule"), count(steps, "step"));
        write!(f, "passed: {scenarios}, {left_out} left out, {schedules}, {steps}")
    }
}

/// A check that did not pass. Its text is the whole report.
#[derive(Clone)]
pub enum Unchecked {
    /// Something was found.
    Failed(Box<CellReport>),
    /// The one run that was to be executed again is wrong: this is what is wrong with it.
    Replayed(Box<Finding>),
    /// Nothing was found, but not all that was planned was done.
    Inconclusive(String),
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unchecked::Failed(report) => write_failure(f, report),
            Unchecked::Replayed(finding) => write!(f, "{}: {}", finding.class, finding.headline),
            Unchecked::Inconclusive(reason) => write!(f, "inconclusive: {reason}"),
        }
    }
}

/// As [`Display`](fmt::Display), so that `unwrap` in a test prints the report.
impl fmt::Debug for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

impl std::error::Error for Unchecked {}

/// Runs all scenarios of a suite, as [`Options`] says. Blocks.
///
/// # Errors
///
/// The first failure in the order of the scenarios, or the reason why the answer is inconclusive.
pub fn check_suite(suite: &Suite, options: &Options) -> Result<Checked, Unchecked> {
    check_cells(suite, options, cells_of)
}

/// Runs all scenarios of a suite on threads of the operating system, each so often as [`Options::schedules`] says. Blocks.
///
/// # Errors
///
/// As [`check_suite`].
pub fn stress_suite(suite: &Suite, options: &Options) -> Result<Checked, Unchecked> {
    check_cells(suite, options, |entry, options| {
        let case = entry.case.as_ref().ok().filter(|case| case.on_threads().is_ok());
        let method = Method::Threads { schedules: options.schedules, patience: options.patience };
        case.map(|case| Cell { case: Arc::clone(case), method }).into_iter().collect()
    })
}

fn check_cells(
    suite: &Suite,
    options: &Options,
    cells_of: impl Fn(&Entry, &Options) -> Vec<Cell>,
) -> Result<Checked, Unchecked> {
    let wanted = |entry: &&Entry| {
        options.scenarios.is_empty() || options.scenarios.iter().any(|name| name == entry.scenario)
    };
    if let Some(unknown) = options
        .scenarios
        .iter()
        .find(|name| suite.entries.iter().all(|entry| entry.scenario != name.as_str()))
    {
        return Err(Unchecked::Inconclusive(format!("there is no scenario called `{unknown}`")));
    }
    let entries: Vec<&Entry> = suite.entries.iter().filter(wanted).collect();
    let cells: Vec<Vec<Cell>> = entries.iter().map(|entry| cells_of(entry, options)).collect();
    let left_out = cells.iter().filter(|cells| cells.is_empty()).count();
    let cells = cells.into_iter().flatten().collect();
    let reports = run(
        Campaign {
            cells,
            seed: options.seed,
            jobs: options.jobs.get(),
            budget: options.budget,
            limits: Limits { faults: options.faults, ..Limits::default() },
            patience: options.patience,
            interrupted: Arc::new(AtomicBool::new(false)),
        },
        |_| {},
    );
    conclude(reports, entries.len() - left_out, left_out)
}

fn cells_of(entry: &Entry, options: &Options) -> Vec<Cell> {
    let Ok(case) = &entry.case else { return Vec::new() };
    let sampled = Method::Sampled { sampler: Sampler::default(), schedules: options.schedules };
    let depth_first = options
        .preemptions
        .filter(|_| entry.small)
        .map(|preemptions| preemptions.saturating_sub(entry.fewer_preemptions))
        .map(|preemptions| Method::DepthFirst { preemptions, limit: DEPTH_FIRST_LIMIT });
    [Some(sampled), depth_first]
        .into_iter()
        .flatten()
        .map(|method| Cell { case: Arc::clone(case), method })
        .collect()
}

/// A depth-first search that is not done after so many schedules was too much to ask.
const DEPTH_FIRST_LIMIT: u64 = 1_000_000;

fn conclude(reports: Vec<CellReport>, scenarios: usize, left_out: usize) -> Result<Checked, Unchecked> {
    let mut tally = Tally::default();
    for report in &reports {
        tally.add(&report.tally);
    }
    if let Some(failed) = reports.iter().find(|report| report.outcome() == Outcome::Failed) {
        return Err(Unchecked::Failed(Box::new(failed.clone())));
    }
    if let Some(undone) = reports.iter().find(|report| report.outcome() == Outcome::Inconclusive) {
        return Err(Unchecked::Inconclusive(undone.shortfall()));
    }
    if reports.is_empty() {
        return Err(Unchecked::Inconclusive("no scenario was run".to_owned()));
    }
    Ok(Checked { scenarios, left_out, schedules: tally.schedules, steps: tally.steps })
}

impl CellReport {
    /// Why the outcome is inconclusive, in one sentence.
    #[must_use]
    pub fn shortfall(&self) -> String {
        let Tally { schedules, cut_short, undecided, .. } = self.tally;
        let what = if self.completion.is_conclusive() && cut_short > 0 {
            format!("{} of {} were cut short at the bounds", thousands(cut_short), count(schedules, "run"))
        } else if self.completion.is_conclusive() && undecided > 0 {
            format!("the monitor could not decide {} of {}", thousands(undecided), count(schedules, "run"))
        } else {
            let planned = self.method.planned();
            let planned = planned.map_or_else(String::new, |planned| format!(" of {}", thousands(planned)));
            let why = self.shortcoming().unwrap_or("not done");
            format!("{why} after {}{planned} schedules", thousands(schedules))
        };
        format!("{} ({}): {what}", self.id, self.method.name())
    }
}
