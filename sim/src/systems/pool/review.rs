//! What the simulator knows of an execution and no spec can: who keeps it from ending, and why a thread was not created.

use raddle_spec::pool::{EXECUTE_FAILS, Kind, Ret};

use super::endless;
use crate::campaign::{Class, Finding, Judgement};
use crate::choice;
use crate::kernel::Run;
use crate::world::Book;

/// The last word on an execution.
pub(super) fn review(judgement: Judgement, run: &Run, book: &Book<Kind>) -> Judgement {
    match unfounded(run, book).filter(|_| !matches!(judgement, Judgement::Failed(_))) {
        Some(finding) => Judgement::Failed(Box::new(finding)),
        None => endless::judge(judgement, run.end, book),
    }
}

/// A call that reports that no thread could be created, although each one was. The spec always allows such a report.
fn unfounded(run: &Run, book: &Book<Kind>) -> Option<Finding> {
    let reports = book.events.iter().enumerate().filter(|(_, event)| event.kind == Kind::Return(Ret::Failed));
    let founded = run.faults[choice::Kind::Spawn] as usize;
    let (at, event) = reports.skip(founded).last()?;
    let name = &book.names[event.actor.0 as usize];
    let headline = format!("`{name}` is told that no thread can be created, although each one was.");
    let finding = Finding::new(Class::WrongEvent, headline);
    Some(Finding { rules: vec![&EXECUTE_FAILS], event: Some(at), ..finding })
}
