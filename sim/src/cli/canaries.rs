//! Whether the planted bugs were found: a testbed that misses one proves nothing.

use raddle_sim::campaign::CellReport;
use raddle_sim::systems::{Entry, Expectation, Suite, System};
use serde::Serialize;

/// Whether a planted bug was found.
#[derive(Serialize)]
pub(crate) struct CanaryJson {
    system: &'static str,
    subject: String,
    /// The one that has the bug; none if it is in the subject, and any of its scenarios may find it.
    scenario: Option<&'static str>,
    /// The verdict that is expected; none if any is right.
    class: Option<&'static str>,
    /// What the verdict has to name besides: an obligation, and who broke it.
    names: Vec<&'static str>,
    caught_by: Vec<&'static str>,
    missed_by: Vec<&'static str>,
}

/// What became of the planted bugs of `suite`, whose searches gave `reports`.
pub(crate) fn of_suite(system: &System, suite: &Suite, reports: &[&CellReport]) -> Vec<CanaryJson> {
    match suite.expectation {
        Expectation::Clean => Vec::new(),
        Expectation::Caught => vec![canary(system, suite, None, reports)],
        Expectation::EachCaught => {
            suite.entries.iter().map(|entry| canary(system, suite, Some(entry), reports)).collect()
        }
    }
}

fn canary(system: &System, suite: &Suite, entry: Option<&Entry>, reports: &[&CellReport]) -> CanaryJson {
    let is_meant = |report: &&&CellReport| entry.is_none_or(|entry| entry.scenario == report.id.scenario);
    let planted = entry.and_then(|entry| entry.planted.as_ref());
    let has_caught = |report: &CellReport| {
        let found = report.failure.as_ref().map(|failure| &failure.finding);
        found.is_some_and(|found| planted.is_none_or(|planted| planted.is(found)))
    };
    let caught = |name: &&'static str| {
        reports.iter().filter(is_meant).any(|report| report.method.name() == *name && has_caught(report))
    };
    let (caught_by, missed_by) = ["swarm", "depth-first"].into_iter().partition(caught);
    CanaryJson {
        system: system.name,
        subject: suite.subject.clone(),
        scenario: entry.map(|entry| entry.scenario),
        class: planted.map(|planted| planted.class.name()),
        names: planted.map_or_else(Vec::new, |planted| planted.names.clone()),
        caught_by,
        missed_by,
    }
}

impl CanaryJson {
    /// Whether it is the bug of this scenario, or, without one, of this subject as a whole.
    pub(crate) fn is_of(&self, system: &System, suite: &Suite, scenario: Option<&str>) -> bool {
        self.system == system.name && self.subject == suite.subject && self.scenario == scenario
    }

    /// Whether some search did not find it.
    pub(crate) fn is_missed(&self) -> bool {
        !self.missed_by.is_empty()
    }

    /// What its row says.
    pub(crate) fn verdict(&self) -> String {
        let names =
            if self.names.is_empty() { String::new() } else { format!(" ({})", self.names.join(", ")) };
        let class = self.class.map_or_else(String::new, |class| format!(" as {class}{names}"));
        if self.is_missed() {
            format!("MISSED by {}{class}", self.missed_by.join(" and "))
        } else {
            format!("caught by {}{class}", self.caught_by.join(" and "))
        }
    }
}
