//! What an exploration says.

use crate::event::Actor;
use crate::rule::{Obligation, Rule};
use std::fmt;

/// What was found in the states of a model. Everything in it depends on the model and the limits alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an exploration that nobody reads is a check that always passes"]
pub struct Exploration {
    /// Distinct states.
    pub states: usize,
    /// Transitions between them, those that change nothing included.
    pub transitions: usize,
    /// How many moves the furthest state is away from the start.
    pub depth: usize,
    /// The least memory that states and transitions take, in bytes.
    pub memory_bytes: usize,
    /// Whether a limit was hit, so that there are states that nobody has seen.
    pub is_cut: bool,
    /// The states in which no step of the system is due.
    pub rests: Rests,
    /// The rules under which a step was taken or a wait was excused, in order of first use.
    pub rules: Vec<&'static Rule>,
    /// The sentences that were to hold always, in every state.
    pub always: Vec<&'static str>,
    /// The sentences that were to be true sometimes, each with the number of moves after which one first was.
    pub sometimes: Vec<(&'static str, Option<usize>)>,
    /// The sentences that were not to hold for ever.
    pub ends: Vec<&'static str>,
    /// Whether it was checked that every call returns that must, and that nothing lasts that must not.
    pub liveness_checked: bool,
    /// The obligations whose necessity was to be shown.
    pub obligations: Vec<Necessity>,
    /// What is wrong.
    pub failures: Vec<Failure>,
}

/// How an exploration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// All states were seen, and all is well in them.
    Passed,
    /// Something is wrong.
    Failed,
    /// Nothing is wrong in the states that were seen, but there are more.
    Inconclusive,
}

/// The states in which no step of the system is due, by what the unfinished calls wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rests {
    /// No call is unfinished.
    pub finished: usize,
    /// Rules excuse all who wait.
    pub excused: usize,
    /// The environment owes the end of user code.
    pub owed_by_environment: usize,
    /// Somebody waits whom no rule excuses: the system owes a step that it cannot make.
    pub owed_by_system: usize,
}

/// Whether an obligation of the environment is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Necessity {
    /// The obligation.
    pub obligation: &'static Obligation,
    /// What can happen without it. `None`: nothing bad, or it was not looked for.
    pub example: Option<Counterexample>,
}

/// Something that is wrong with a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A sentence that is to hold always does not in some state.
    Always {
        /// The sentence.
        sentence: &'static str,
        /// A shortest run to such a state.
        run: Counterexample,
    },
    /// No step is due, and a call waits that no rule excuses.
    Deadlock {
        /// Whose call.
        actor: Actor,
        /// A shortest run to such a state.
        run: Counterexample,
    },
    /// A fair run on which a call never returns, although the environment keeps its obligations.
    Starvation {
        /// Whose call.
        actor: Actor,
        /// A shortest run to where that begins, and how it goes on for ever.
        run: Counterexample,
    },
    /// A fair run on which a sentence holds for ever that must not.
    Lasting {
        /// The sentence.
        sentence: &'static str,
        /// A shortest run to where that begins, and how it goes on for ever.
        run: Counterexample,
    },
    /// A sentence that is to be true sometimes never is: the model is vacuous there.
    Unreached {
        /// The sentence.
        sentence: &'static str,
    },
    /// An obligation without which all is well, too: it demands something of users for nothing.
    Unneeded {
        /// The obligation.
        obligation: &'static Obligation,
    },
}

/// A run of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What happens, hidden steps included.
    pub steps: Vec<RunStep>,
    /// The index of the step from which on the run goes round for ever. `None`: the run ends.
    pub circle: Option<usize>,
    /// The last state, in words.
    pub state: String,
}

/// A line of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStep {
    /// Whose strand it is on.
    pub actor: Actor,
    /// What happens, in words.
    pub text: String,
    /// The rule that allows it, if it is a step of the system.
    pub rule: Option<&'static Rule>,
    /// Whether anybody can see it.
    pub is_visible: bool,
}

impl Exploration {
    /// How the exploration ended.
    pub fn conclusion(&self) -> Conclusion {
        match (self.failures.is_empty(), self.is_cut) {
            (false, _) => Conclusion::Failed,
            (true, true) => Conclusion::Inconclusive,
            (true, false) => Conclusion::Passed,
        }
    }
}

impl Failure {
    /// The run that shows it, where there is one.
    pub fn run(&self) -> Option<&Counterexample> {
        match self {
            Failure::Always { run, .. }
            | Failure::Deadlock { run, .. }
            | Failure::Starvation { run, .. }
            | Failure::Lasting { run, .. } => Some(run),
            Failure::Unreached { .. } | Failure::Unneeded { .. } => None,
        }
    }
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Conclusion::Passed => "passed",
            Conclusion::Failed => "failed",
            Conclusion::Inconclusive => "inconclusive",
        })
    }
}

/// One sentence; the run is shown by [`Counterexample`].
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Always { sentence, .. } => write!(f, "not always: {sentence}"),
            Failure::Deadlock { actor, .. } => {
                write!(f, "deadlock: {actor} waits, excused by no rule, and no step is due")
            }
            Failure::Starvation { actor, run } => {
                let how = if run.circle.is_some() { "goes round for ever" } else { "comes to a halt" };
                write!(f, "{actor} never returns on a fair run that {how}")
            }
            Failure::Lasting { sentence, run } => {
                let how = if run.circle.is_some() { "goes round for ever" } else { "comes to a halt" };
                write!(f, "without end, on a fair run that {how}: {sentence}")
            }
            Failure::Unreached { sentence } => write!(f, "vacuous: never {sentence}"),
            Failure::Unneeded { obligation } => write!(f, "not needed: {obligation}"),
        }
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            if self.circle == Some(index) {
                f.write_str("for ever:\n")?;
            }
            writeln!(f, "  {step}")?;
        }
        write!(f, "  state: {}", self.state)
    }
}

impl fmt::Display for RunStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.actor, self.text)?;
        match self.rule {
            Some(rule) => write!(f, " ({})", rule.id),
            None => Ok(()),
        }
    }
}
