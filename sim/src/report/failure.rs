//! The report of one failure: a sentence, the rule, the table of the run, and a line to paste.

use std::fmt::{self, Write};

use crate::campaign::{CaseId, CellReport, Failure, Origin};
use crate::program::REPLAY;

/// Writes the report of a cell's failure; nothing if it has none. No line ends in white space.
///
/// # Errors
///
/// Those of the writer.
pub fn write_failure(out: &mut impl Write, report: &CellReport) -> fmt::Result {
    let Some(failure) = &report.failure else { return Ok(()) };
    let Failure { schedule, member, finding, transcript, choices, .. } = failure;
    let (id, method, class) = (&report.id, report.method.name(), finding.class);
    match member {
        Some(member) => writeln!(out, "FAILED {id} ({method}, schedule {schedule} by {member}): {class}")?,
        None => writeln!(out, "FAILED {id} ({method}, schedule {schedule}): {class}")?,
    }
    writeln!(out)?;
    writeln!(out, "  {}", finding.headline)?;
    for detail in &finding.details {
        writeln!(out, "  {detail}")?;
    }
    if !finding.rules.is_empty() {
        writeln!(out)?;
    }
    for rule in &finding.rules {
        writeln!(out, "  {rule}")?;
    }
    if !transcript.rows.is_empty() {
        writeln!(out)?;
        match finding.event {
            Some(wrong) => transcript.up_to(wrong).write_shortened(out, finding.event)?,
            None => transcript.write_shortened(out, None)?,
        }
    }
    let Some(replay) = replay_line(&report.id, failure) else { return Ok(()) };
    let (before, after) = choices;
    writeln!(out)?;
    let taken = super::count(*after as u64, "choice");
    writeln!(out, "  It takes {taken} other than the dullest, shrunk from {before}. To see the whole run:")?;
    writeln!(out, "  {replay}")
}

/// What to type, or to write into a test, to see the failing run again. `None` if it cannot be replayed.
#[must_use]
pub fn replay_line(id: &CaseId, failure: &Failure) -> Option<String> {
    let token = failure.token.as_deref()?;
    Some(match id.origin {
        Origin::BuiltIn => {
            format!("raddle replay {}/{} {token} --subject {}", id.system, id.scenario, id.subject)
        }
        Origin::Subject => format!(
            "raddle_sim::systems::{}::replay(\"{}\", new, \"{}\", \"{token}\")",
            id.system, id.subject, id.scenario
        ),
        Origin::Program => format!("{REPLAY}={token} cargo test {}", id.scenario),
    })
}
