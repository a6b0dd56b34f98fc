//! A case: one scenario on one subject, ready to be executed under any strategy.

use std::borrow::Cow;
use std::fmt;

use raddle_spec::Rule;

use crate::kernel::{Kernel, Run};
use crate::report::Transcript;
use crate::strategy::Strategy;
use crate::stress::Stress;

use super::judgement::Judgement;

/// What a case is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseId {
    /// The system, one of the five nouns or `verdicts`; `program` for a program of a user.
    pub system: &'static str,
    /// The scenario; the name of the test, for a program of a user.
    pub scenario: Cow<'static, str>,
    /// The version of the scenario.
    pub version: u16,
    /// The implementation that is driven.
    pub subject: String,
    /// Who can execute it again.
    pub origin: Origin,
}

/// Who can execute a case again, by its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command `raddle`, which knows the subject by its name.
    BuiltIn,
    /// The crate that brings the subject, by the system's function `replay`.
    Subject,
    /// The test that brings the program, by the environment variable `RADDLE_REPLAY`.
    Program,
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Program => write!(f, "{}", self.scenario),
            Origin::BuiltIn | Origin::Subject => {
                write!(f, "{}/{} on {}", self.system, self.scenario, self.subject)
            }
        }
    }
}

/// Whether an execution's events are to be shown afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The judgement is enough.
    Judged,
    /// The transcript as well.
    Shown,
}

/// One execution of a case.
#[derive(Debug)]
pub struct Execution {
    /// What the kernel says of it.
    pub run: Run,
    /// What the oracles say of it.
    pub judgement: Judgement,
    /// How many events there were.
    pub events: usize,
    /// The events, if they were asked for.
    pub transcript: Option<Transcript>,
    /// The rules by which the spec explains the execution, if its events were asked for and nothing is wrong.
    pub rules: Vec<&'static Rule>,
}

/// What a case needs to run on threads of the operating system, if it was made for the simulator only.
pub(crate) const NOT_ON_THREADS: &str = "an implementation on real threads";

/// One scenario on one subject.
pub trait Case: Send + Sync {
    /// What it is called.
    fn id(&self) -> &CaseId;

    /// Executes the scenario once. `None` if the strategy has nothing left to explore.
    fn execute(&self, kernel: &mut Kernel, strategy: &mut dyn Strategy, detail: Detail) -> Option<Execution>;

    /// The same on threads of the operating system.
    ///
    /// # Errors
    ///
    /// What it needs, if it cannot be run there: unless overridden, an implementation.
    fn on_threads(&self) -> Result<&dyn Stress, &'static str> {
        Err(NOT_ON_THREADS)
    }
}
