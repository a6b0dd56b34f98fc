//! What the monitor says about a trace.

use crate::event::Actor;
use crate::rule::{Obligation, Rule};
use std::fmt;

/// The outcome of holding one trace against a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a verdict that nobody reads is a test that always passes"]
pub enum Verdict {
    /// The spec explains every event, and at rest every waiting call.
    Accepted,
    /// The system did something that no rule allows.
    Violation(Violation),
    /// The system came to rest although it still owed something.
    Stuck(Stuck),
    /// The code around the system broke one of its obligations.
    Environment(Environment),
    /// The trace is not one that any execution could have: the recording is at fault.
    Malformed {
        /// Index of the event that cannot be.
        at: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The bound on visited configurations was reached before an answer was found.
    Undecided {
        /// How many events of the trace were explained at most.
        explained: usize,
        /// How many configurations were visited.
        visited: usize,
    },
}

/// An event of the system that no candidate explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Index of the first wrong event: all events that come before it in the order of judgement are explained.
    pub at: usize,
    /// That event, in words.
    pub event: String,
    /// What the actor could have done instead, one entry for each distinct possibility.
    pub open: Vec<Open>,
    /// The states in which the system could have been, in words.
    pub candidates: Vec<String>,
    /// An obligation that the environment had broken already in some other reading of the same trace.
    pub environment_fault_possible: Option<&'static Obligation>,
}

/// A step that the spec allowed where the system did something else, or that it still owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Who would have made it.
    pub actor: Actor,
    /// The rules that lead to it since the last visible event of that actor; the last one is the rule of the step.
    pub rules: Vec<&'static Rule>,
    /// The visible event that the rules would have led to, in words; `None`: the actor had to wait.
    pub output: Option<String>,
}

impl Open {
    /// The rule that allows the step itself.
    pub fn rule(&self) -> Option<&'static Rule> {
        self.rules.last().copied()
    }
}

/// A halt that the spec does not allow: a lost wakeup or a deadlock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// What is owed, for each state in which the system could have come to rest.
    pub candidates: Vec<StuckCandidate>,
    /// An obligation that the environment had broken already in some other reading of the same trace.
    pub environment_fault_possible: Option<&'static Obligation>,
}

/// One state in which the system could have come to rest, and why it must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StuckCandidate {
    /// The state, in words.
    pub state: String,
    /// The steps that the system owes there. A step without rules is a wait that no rule excuses.
    pub owed: Vec<Open>,
}

/// A fault of the code around the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Index of the event that broke the obligation; `None` when it is still owed at rest.
    pub at: Option<usize>,
    /// Whose event it was, or who owes it.
    pub actor: Actor,
    /// What the strand of that actor is, in words, if the system began it.
    pub subject: Option<String>,
    /// The obligation.
    pub obligation: &'static Obligation,
}

impl Verdict {
    /// Whether the spec explains the whole trace.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Verdict::Accepted)
    }

    /// Whether the system under test is at fault.
    pub fn is_fault(&self) -> bool {
        matches!(self, Verdict::Violation(_) | Verdict::Stuck(_))
    }

    /// Index of the event at which judgement ended, where there is one.
    pub fn at(&self) -> Option<usize> {
        match self {
            Verdict::Violation(violation) => Some(violation.at),
            Verdict::Environment(environment) => environment.at,
            Verdict::Malformed { at, .. } => Some(*at),
            Verdict::Accepted | Verdict::Stuck(_) | Verdict::Undecided { .. } => None,
        }
    }

    /// The rules that the verdict names (the rule of each open or owed step), without repetition, in order of
    /// appearance.
    pub fn rules(&self) -> Vec<&'static Rule> {
        let open: Vec<&Open> = match self {
            Verdict::Violation(violation) => violation.open.iter().collect(),
            Verdict::Stuck(stuck) => stuck.candidates.iter().flat_map(|candidate| &candidate.owed).collect(),
            _ => Vec::new(),
        };
        let mut rules = Vec::new();
        for rule in open.into_iter().filter_map(Open::rule) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        rules
    }
}

/// More candidates than this make a report longer, not clearer.
const CANDIDATES_SHOWN: usize = 6;

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Accepted => f.write_str("accepted"),
            Verdict::Violation(violation) => violation.fmt(f),
            Verdict::Stuck(stuck) => stuck.fmt(f),
            Verdict::Environment(environment) => environment.fmt(f),
            Verdict::Malformed { at, reason } => write!(f, "malformed trace: event {at}: {reason}"),
            Verdict::Undecided { explained, visited } => write!(
                f,
                "undecided: gave up after {visited} configurations; the longest explained prefix has {explained} events"
            ),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "violation at event {}: {}, which no rule allows here", self.at, self.event)?;
        if self.open.is_empty() {
            f.write_str("\n  nothing was open for this actor")?;
        }
        for open in &self.open {
            write!(f, "\n  open instead: {open}")?;
        }
        list(f, "candidate", &self.candidates)?;
        possible(f, self.environment_fault_possible)
    }
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.output {
            Some(output) => write!(f, "{} {output}", self.actor)?,
            None => write!(f, "{} waits", self.actor)?,
        }
        if self.rules.is_empty() {
            f.write_str(", excused by no rule")?;
        }
        for rule in &self.rules {
            write!(f, "\n    {rule}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stuck: nothing moves any more, but the system still owes a step")?;
        for candidate in self.candidates.iter().take(CANDIDATES_SHOWN) {
            for owed in &candidate.owed {
                write!(f, "\n  owed: {owed}")?;
            }
            write!(f, "\n  in candidate: {}", candidate.state)?;
        }
        more(f, self.candidates.len())?;
        possible(f, self.environment_fault_possible)
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "environment fault at event {at}: {}", self.actor)?,
            None => write!(f, "environment fault at rest: {}", self.actor)?,
        }
        if let Some(subject) = &self.subject {
            write!(f, ", {subject},")?;
        }
        f.write_str(if self.at.is_some() { " broke " } else { " still owes " })?;
        self.obligation.fmt(f)
    }
}

fn list(f: &mut fmt::Formatter<'_>, title: &str, lines: &[String]) -> fmt::Result {
    for line in lines.iter().take(CANDIDATES_SHOWN) {
        write!(f, "\n  {title}: {line}")?;
    }
    more(f, lines.len())
}

fn more(f: &mut fmt::Formatter<'_>, total: usize) -> fmt::Result {
    match total.saturating_sub(CANDIDATES_SHOWN) {
        0 => Ok(()),
        hidden => write!(f, "\n  and {hidden} more candidates"),
    }
}

fn possible(f: &mut fmt::Formatter<'_>, obligation: Option<&Obligation>) -> fmt::Result {
    match obligation {
        None => Ok(()),
        Some(obligation) => write!(f, "\n  environment fault possible: {obligation}"),
    }
}
