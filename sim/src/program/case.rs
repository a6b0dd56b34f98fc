//! A program as a case of a campaign.

use std::fmt;

use crate::campaign::{
    Case, CaseId, Class, Detail, Execution, Finding, Judgement, Origin, carried_over, leak, livelock,
};
use crate::kernel::{End, Kernel, Run, StepRecord, Target, ThreadReport, ThreadState};
use crate::report::{Row, Transcript};
use crate::strategy::Strategy;

use super::{deadlock, left_behind};

/// What stands in the place of a system's noun.
const SYSTEM: &str = "program";

/// A closure that is executed under many schedules.
pub(crate) struct ProgramCase {
    id: CaseId,
    body: Box<dyn Fn() + Send + Sync>,
    /// Whether what outlives a run is a failure.
    leaks: bool,
}

impl ProgramCase {
    pub(super) fn new(name: String, leaks: bool, body: Box<dyn Fn() + Send + Sync>) -> Self {
        let id = CaseId {
            system: SYSTEM,
            scenario: name.into(),
            version: 1,
            subject: String::new(),
            origin: Origin::Program,
        };
        ProgramCase { leaks, ..ProgramCase::called(id, body) }
    }

    /// A program that is not a user's.
    pub(crate) fn called(id: CaseId, body: Box<dyn Fn() + Send + Sync>) -> Self {
        ProgramCase { id, body, leaks: true }
    }
}

impl fmt::Debug for ProgramCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgramCase").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Case for ProgramCase {
    fn id(&self) -> &CaseId {
        &self.id
    }

    fn execute(&self, kernel: &mut Kernel, strategy: &mut dyn Strategy, detail: Detail) -> Option<Execution> {
        let run = kernel.run(strategy, || (self.body)())?;
        let judgement = judge(kernel, &run, self.leaks);
        let transcript = (detail == Detail::Shown).then(|| transcript(kernel));
        // There is no spec that events would be judged by.
        Some(Execution { run, judgement, events: 0, transcript, rules: Vec::new() })
    }
}

/// How many steps are shown of a run that never ends.
const BEGINNING: usize = 40;

/// What is to be said of the last execution of `kernel`. A panic comes first: others may wait for the thread that it ended.
fn judge(kernel: &Kernel, run: &Run, leaks: bool) -> Judgement {
    let failed = |mut finding: Finding| {
        finding.details.extend(legend(kernel));
        Judgement::Failed(Box::new(finding))
    };
    if run.panics > 0
        && let Some(panic) = panic_finding(&kernel.threads())
    {
        return failed(panic);
    }
    if let Some(carried_over) = carried_over(kernel) {
        return failed(carried_over);
    }
    match run.end {
        End::Finished => match leak(kernel, run).filter(|_| leaks) {
            Some(leak) => failed(leak),
            None => Judgement::Passed,
        },
        End::Stuck => {
            let left_behind = if leaks { left_behind::finding(kernel) } else { None };
            failed(left_behind.unwrap_or_else(|| deadlock::finding(&kernel.threads())))
        }
        End::Livelock => failed(livelock(kernel)),
        End::StepBound | End::ThreadBound => Judgement::CutShort,
        End::Abandoned => Judgement::Abandoned,
        End::Fault => {
            failed(Finding::new(Class::Fault, kernel.fault().unwrap_or("a strategy failed").to_owned()))
        }
    }
}

/// Which objects the numbers of the table stand for.
fn legend(kernel: &Kernel) -> Option<String> {
    let objects = kernel.objects();
    let told =
        objects.iter().map(|object| format!("{} #{} of {}", object.kind, object.number, object.birthplace));
    (!objects.is_empty()).then(|| format!("Objects: {}.", told.collect::<Vec<_>>().join(", ")))
}

/// The first thread that panicked without another one learning of it by joining it.
fn panic_finding(threads: &[ThreadReport]) -> Option<Finding> {
    threads.iter().filter(|thread| !thread.joined).find_map(|thread| match &thread.state {
        ThreadState::Panicked(message) => {
            let place = thread.panicked_at.as_ref().map_or_else(String::new, |place| format!(" at {place}"));
            let headline = format!("{} panicked{place}: {message}", called(thread));
            let mut finding = Finding::new(Class::Panic, headline);
            finding.details = deadlock::blocked(threads);
            Some(finding)
        }
        _ => None,
    })
}

/// What a thread is called in sentences.
pub(super) fn called(thread: &ThreadReport) -> String {
    match thread.name.as_str() {
        "" => format!("thread {}", thread.number),
        name => format!("`{name}`"),
    }
}

/// The steps of the last execution as a table: a column for each thread. Threads of the same name are told apart by number.
fn transcript(kernel: &Kernel) -> Transcript {
    let threads = kernel.threads();
    let is_unique = |name: &str| threads.iter().filter(|thread| thread.name == name).count() == 1;
    let names = threads.iter().map(|thread| match thread.name.as_str() {
        "" => format!("thread {}", thread.number),
        name if is_unique(name) => name.to_owned(),
        name => format!("{name} ({})", thread.number),
    });
    let names: Vec<String> = names.collect();
    let objects = kernel.objects();
    let text = |step: &StepRecord| match step.op.kind.target() {
        Target::Nothing => step.op.to_string(),
        Target::Thread => format!("{} {}", step.op.kind, names[step.op.target as usize]),
        Target::Object => {
            format!("{} {} #{}", step.op.kind, objects[step.op.target as usize].kind, step.op.target)
        }
    };
    // A run that never ends is told by its cycle.
    let shown = if kernel.cycle().is_empty() { usize::MAX } else { BEGINNING };
    let rows = kernel.log().iter().enumerate().take(shown).map(|(at, step)| Row {
        actor: step.thread as usize,
        text: text(step),
        event: at,
        step: at as u64,
    });
    Transcript { rows: rows.collect(), names: names.clone() }
}
