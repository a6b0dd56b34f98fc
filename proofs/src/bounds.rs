//! How far each scenario is searched, and what is left out.
//!
//! Loom's table, with the counts of `raddle`'s own map and their cost on one core of a machine of 2026:
//!
//! (to be measured)

use std::fmt;

use raddle_sim::systems::waitmap::Subject;
use raddle_sim::systems::waitmap::scenarios::Scenario;

/// The most threads that loom can take, the main thread included.
pub const LOOM_THREADS: u8 = 5;

/// How often a thread that could go on may be preempted, in scenarios of three threads.
pub const PREEMPTIONS: u8 = 3;

/// The same, in scenarios of four threads and more.
pub const PREEMPTIONS_OF_MANY: u8 = 2;

/// Scenarios whose choices are too many to make a model of each script.
const TOO_MANY_CHOICES: [&str; 2] = ["close-many", "workload"];

/// How far loom searches a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Every execution.
    Complete,
    /// Every execution in which threads that could go on are preempted at most so often.
    Preemptions(u8),
}

/// A scenario that a checker does not run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The scenario.
    pub scenario: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// The reason.
    pub reason: String,
}

impl Bound {
    /// The bound on preemptions, if there is one.
    #[must_use]
    pub fn preemptions(self) -> Option<usize> {
        match self {
            Bound::Complete => None,
            Bound::Preemptions(most) => Some(usize::from(most)),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Complete => f.pad("complete"),
            Bound::Preemptions(most) => f.pad(&format!("{most} preemptions")),
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}: {}", self.scenario, self.subject, self.reason)
    }
}

/// How far loom searches `scenario`.
///
/// # Errors
///
/// The reason why it does not.
pub fn on_loom<S: Subject>(scenario: &Scenario<S>) -> Result<Bound, String> {
    on_shuttle(scenario)?;
    if scenario.threads > LOOM_THREADS {
        return Err(format!("{} threads, of which loom takes {LOOM_THREADS}", scenario.threads));
    }
    if TOO_MANY_CHOICES.contains(&scenario.name) {
        return Err("it has too many choices for a model of each script".to_owned());
    }
    Ok(match scenario.threads {
        ..=2 => Bound::Complete,
        3 => Bound::Preemptions(PREEMPTIONS),
        _ => Bound::Preemptions(PREEMPTIONS_OF_MANY),
    })
}

/// Whether shuttle runs `scenario`.
///
/// # Errors
///
/// The reason why it does not.
pub fn on_shuttle<S: Subject>(scenario: &Scenario<S>) -> Result<(), String> {
    if let Some(missing) = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature)) {
        return Err(format!("the subject does not offer {}", missing.name()));
    }
    if scenario.may_rest {
        return Err("a task of it may sleep for ever, which the checker takes for a deadlock".to_owned());
    }
    Ok(())
}
