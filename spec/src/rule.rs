//! Rules and obligations: the normative text of a spec.
//!
//! A [`Rule`] says what the system does or may do; an [`Obligation`] says what the code around it owes. Both carry
//! an id and one sentence, so that a report can quote what was broken instead of describing it. They are statics
//! next to the code that applies them: the sentence and its meaning cannot drift apart unnoticed.

use std::fmt;
use std::hash::{Hash, Hasher};

/// Whether a rule demands something or only permits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// The step is due: an execution that comes to rest without it is at fault.
    Must,
    /// The step is allowed: it may be taken or left out for ever.
    May,
}

impl fmt::Display for Force {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Force::Must => "must",
            Force::May => "may",
        })
    }
}

/// One numbered sentence about what the system does.
///
/// Rules are compared by id alone.
#[derive(Debug)]
pub struct Rule {
    /// Short and stable, for instance `WM-3`.
    pub id: &'static str,
    /// One complete, normative sentence.
    pub sentence: &'static str,
    /// Whether the sentence demands or permits.
    pub force: Force,
    /// Whether a step that is possible again and again must be taken at last (strong fairness), rather than only one that stays
    /// possible.
    pub is_strong: bool,
}

impl Rule {
    /// A rule whose steps are due.
    pub const fn must(id: &'static str, sentence: &'static str) -> Self {
        Rule { id, sentence, force: Force::Must, is_strong: false }
    }

    /// A rule whose steps are permitted.
    pub const fn may(id: &'static str, sentence: &'static str) -> Self {
        Rule { id, sentence, force: Force::May, is_strong: false }
    }

    /// A rule whose steps are due, and taken at last if they are possible again and again.
    pub const fn must_strongly(id: &'static str, sentence: &'static str) -> Self {
        Rule { id, sentence, force: Force::Must, is_strong: true }
    }

    /// Whether steps under this rule count as due at rest.
    pub fn is_due(&self) -> bool {
        self.force == Force::Must
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.id == other.id
    }
}

impl Eq for Rule {}

impl Hash for Rule {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.sentence)
    }
}

/// How an obligation of the environment is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObligationKind {
    /// Each input must respect it: judged on every finite trace.
    Guard,
    /// The inputs that it names occur only finitely often.
    Finitely,
    /// An input that stays possible is made at last (weak fairness).
    Justice,
    /// An input that is possible again and again is made at last (strong fairness).
    Compassion,
}

impl fmt::Display for ObligationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ObligationKind::Guard => "guard",
            ObligationKind::Finitely => "finitely often",
            ObligationKind::Justice => "justice",
            ObligationKind::Compassion => "compassion",
        })
    }
}

/// One numbered sentence about what the environment owes the system.
///
/// Breaking it is never a fault of the implementation. Obligations are compared by id alone.
#[derive(Debug)]
pub struct Obligation {
    /// Short and stable, for instance `WM-O1`.
    pub id: &'static str,
    /// One complete, normative sentence.
    pub sentence: &'static str,
    /// How the sentence is to be read.
    pub kind: ObligationKind,
}

impl PartialEq for Obligation {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Obligation {}

impl fmt::Display for Obligation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.sentence)
    }
}

/// Why an automaton does not take an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The environment broke one of its obligations.
    Obligation(&'static Obligation),
    /// No environment can do this (a callback is left that was never entered): the recording is at fault.
    Malformed(&'static str),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Obligation(obligation) => write!(f, "the environment broke {obligation}"),
            Refused::Malformed(reason) => write!(f, "malformed trace: {reason}"),
        }
    }
}
