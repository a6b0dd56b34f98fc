//! The systems that Raddle knows, and what can be run on each.
//!
//! A system has rules, subjects (implementations, ours and others) and scenarios. A [`Suite`] is all scenarios on one
//! subject; scenarios that need a part of the API that the subject does not have are in it too, as left out.

mod on_subject;
pub mod pool;
pub mod verdicts;
pub mod waitmap;

use std::fmt;
use std::sync::Arc;

use raddle_spec::explorer::{Bound, Study};
use raddle_spec::{Obligation, Rule};

use crate::campaign::{Case, Class, Finding};

/// One of the five systems, or the [programs](verdicts) by which the tester itself is tested.
#[derive(Debug)]
pub struct System {
    /// Its noun.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// What the system must do; empty if there is no spec.
    pub rules: &'static [&'static Rule],
    /// What the code around it must do.
    pub obligations: &'static [&'static Obligation],
    /// The environments in which its spec is explored.
    pub studies: fn(Bound) -> Vec<Study>,
    /// All scenarios on each subject that Raddle brings along; the first is its own implementation.
    pub suites: Vec<Suite>,
    /// By what the main job divides its numbers of random schedules: 1, or more where a run takes long.
    pub thrift: u64,
}

impl System {
    /// Whether there is a spec to hold it against.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The scenarios of all subjects, each once.
    #[must_use]
    pub fn scenarios(&self) -> Vec<&Entry> {
        let mut scenarios: Vec<&Entry> = Vec::new();
        for entry in self.suites.iter().flat_map(|suite| &suite.entries) {
            if scenarios.iter().all(|known| known.scenario != entry.scenario) {
                scenarios.push(entry);
            }
        }
        scenarios
    }
}

/// All scenarios on one subject.
#[derive(Debug)]
pub struct Suite {
    /// The name of the subject.
    pub subject: String,
    /// What it is, in one line.
    pub about: String,
    /// What is expected of it.
    pub expectation: Expectation,
    /// The scenarios.
    pub entries: Vec<Entry>,
}

/// What is expected of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing is wrong with it.
    Clean,
    /// It has a planted bug, which some scenario must find.
    Caught,
    /// Each of its scenarios has a planted bug, of which each search must tell.
    EachCaught,
}

/// One scenario on one subject.
pub struct Entry {
    /// The scenario's name.
    pub scenario: &'static str,
    /// What it is about, in one line.
    pub about: &'static str,
    /// Whether depth-first search finishes within the main job's bound.
    pub small: bool,
    /// How many preemptions fewer than elsewhere that bound has, since there is so much to search.
    pub fewer_preemptions: u32,
    /// What every search of it must find, if it has a bug of its own.
    pub planted: Option<Planted>,
    /// The case, or the part of the API for want of which the scenario is left out.
    pub case: Result<Arc<dyn Case>, &'static str>,
}

/// The bug of one scenario.
#[derive(Clone, Debug)]
pub struct Planted {
    /// The verdict on it.
    pub class: Class,
    /// Who is at fault, and with what, where the verdict has to name both: parts of its headline.
    pub names: Vec<&'static str>,
}

impl Planted {
    /// Whether this is what was found.
    #[must_use]
    pub fn is(&self, finding: &Finding) -> bool {
        self.class == finding.class && self.names.iter().all(|name| finding.headline.contains(name))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("scenario", &self.scenario)
            .field("small", &self.small)
            .field("left_out", &self.case.as_ref().err())
            .finish_non_exhaustive()
    }
}

/// All systems, in the order of reports.
#[must_use]
pub fn all() -> Vec<System> {
    vec![waitmap::system(), pool::system(), verdicts::system()]
}
