//! What a campaign is to do, and what it found.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::kernel::FaultCounts;
use crate::order::Classes;
use crate::report::Transcript;
use crate::strategy::Sampler;

use super::case::{Case, CaseId};
use super::judgement::Finding;

/// How schedules are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Schedules drawn at random.
    Sampled {
        /// How they are drawn.
        sampler: Sampler,
        /// How many. If the strategy needs a [calibration batch](crate::strategy::Calibration), that is among them.
        schedules: u64,
    },
    /// Every schedule with at most so many preemptions.
    DepthFirst {
        /// How often a thread that could go on may be preempted.
        preemptions: u32,
        /// The search gives up, inconclusive, after so many schedules.
        limit: u64,
    },
    /// Threads of the operating system: the machine decides who goes on.
    Threads {
        /// How many runs.
        schedules: u64,
        /// How long no thread may write an event before the run is taken to have come to a halt.
        patience: Duration,
    },
}

impl Method {
    /// The name of the strategy.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Sampled { sampler, .. } => sampler.name(),
            Method::DepthFirst { .. } => "depth-first",
            Method::Threads { .. } => "threads",
        }
    }

    /// How many schedules are to be run; `None` if the search ends by itself.
    #[must_use]
    pub fn planned(self) -> Option<u64> {
        match self {
            Method::Sampled { schedules, .. } | Method::Threads { schedules, .. } => Some(schedules),
            Method::DepthFirst { .. } => None,
        }
    }
}

/// One case under one method.
#[derive(Clone)]
pub struct Cell {
    /// The case.
    pub case: Arc<dyn Case>,
    /// How its schedules are chosen.
    pub method: Method,
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cell").field("case", self.case.id()).field("method", &self.method).finish()
    }
}

/// Counts of executions, and of what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Executions.
    pub schedules: u64,
    /// Steps of all executions.
    pub steps: u64,
    /// Events that the monitor judged.
    pub events: u64,
    /// Executions that came to rest before their end, excused by the spec.
    pub rested: u64,
    /// Executions that were stopped at the step bound.
    pub cut_short: u64,
    /// Executions that the monitor could not decide within its bound.
    pub undecided: u64,
    /// Executions that were run a second time and compared.
    pub compared: u64,
    /// Simulated threads that could not be unwound after an execution that left them unfinished: their stacks are lost.
    pub leaked_threads: u64,
    /// Threads of the operating system that did not end and were left behind.
    pub left_behind: u64,
    /// Faults of all executions, by kind.
    pub faults: FaultCounts,
}

impl Tally {
    /// Adds the counts of `other`.
    pub fn add(&mut self, other: &Tally) {
        self.schedules += other.schedules;
        self.steps += other.steps;
        self.events += other.events;
        self.rested += other.rested;
        self.cut_short += other.cut_short;
        self.undecided += other.undecided;
        self.compared += other.compared;
        self.leaked_threads += other.leaked_threads;
        self.left_behind += other.left_behind;
        self.faults += &other.faults;
    }
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// All planned schedules ran.
    Sampled,
    /// Every schedule ran: there are no others.
    Exhausted,
    /// Every schedule within the preemption bound ran; there are others.
    WithinBound,
    /// The limit on schedules came before the end of an exhaustive search.
    Limited,
    /// A failure ended it.
    Failed,
    /// The time budget ended it.
    OutOfTime,
    /// Somebody interrupted it.
    Interrupted,
}

impl Completion {
    /// The name in text and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Completion::Sampled => "sampled",
            Completion::Exhausted => "complete",
            Completion::WithinBound => "within bound",
            Completion::Limited => "limit hit",
            Completion::Failed => "failed",
            Completion::OutOfTime => "out of time",
            Completion::Interrupted => "interrupted",
        }
    }

    /// Whether the search did what was planned.
    #[must_use]
    pub fn is_conclusive(self) -> bool {
        matches!(
            self,
            Completion::Sampled | Completion::Exhausted | Completion::WithinBound | Completion::Failed
        )
    }
}

/// A failing execution, shrunk.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The index of the first schedule that failed.
    pub schedule: u64,
    /// Which strategy of a portfolio drew it: of `swarm`, the one that drew this schedule.
    pub member: Option<&'static str>,
    /// What is wrong.
    pub finding: Finding,
    /// The token that replays the shrunk execution; none if the execution cannot be replayed.
    pub token: Option<String>,
    /// The events of the shrunk execution.
    pub transcript: Transcript,
    /// How many choices other than the dullest the execution needs: before and after shrinking.
    pub choices: (usize, usize),
}

impl Failure {
    /// A failure that cannot be executed again, and so has no story.
    pub(super) fn untold(schedule: u64, finding: Finding) -> Self {
        Failure {
            schedule,
            member: None,
            finding,
            token: None,
            transcript: Transcript::default(),
            choices: (0, 0),
        }
    }
}

/// What became of one cell.
#[derive(Clone, Debug)]
pub struct CellReport {
    /// The case.
    pub id: CaseId,
    /// The method.
    pub method: Method,
    /// Counts.
    pub tally: Tally,
    /// The executions up to equivalence; none were looked at on real threads.
    pub classes: Classes,
    /// Why the search ended.
    pub completion: Completion,
    /// The failure with the lowest index.
    pub failure: Option<Failure>,
}

/// The outcome of a cell or of a campaign. The order is that of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// What was planned ran, and nothing was found.
    Passed,
    /// Something was left undone or undecided, and nothing was found.
    Inconclusive,
    /// Something was found.
    Failed,
}

impl Outcome {
    /// The name in text and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Inconclusive => "inconclusive",
            Outcome::Failed => "failed",
        }
    }
}

impl CellReport {
    /// The outcome.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if self.failure.is_some() {
            Outcome::Failed
        } else if self.shortcoming().is_some() {
            Outcome::Inconclusive
        } else {
            Outcome::Passed
        }
    }

    /// Why a search without a failure is not conclusive, in few words. `None` if it is.
    #[must_use]
    pub fn shortcoming(&self) -> Option<&'static str> {
        let Tally { schedules, cut_short, undecided, .. } = self.tally;
        if !self.completion.is_conclusive() {
            Some(self.completion.name())
        } else if self.failure.is_some() {
            None
        } else if schedules == 0 {
            Some("nothing was run")
        } else if cut_short > 0 {
            Some("runs were cut short")
        } else if undecided > 0 {
            Some("runs were left undecided")
        } else {
            None
        }
    }
}

/// Where a campaign stands, for a progress line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Cells that are done.
    pub cells_done: usize,
    /// All cells.
    pub cells: usize,
    /// Executions so far.
    pub schedules: u64,
    /// How long it has been running.
    pub elapsed: Duration,
}
