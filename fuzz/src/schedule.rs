//! Schedules: the bytes say which scenario runs under the simulator, and answer every question of the run.

use std::fmt;

use raddle_sim::campaign::{Case, CellReport, Completion, Detail, Finding, Judgement, Method, Tally, tell};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::report::replay_line;
use raddle_sim::strategy::Bytes;
use raddle_sim::systems::{self, Suite};

/// Runs schedules on one subject, one after the other.
pub struct Runner {
    suite: Suite,
    kernel: Kernel,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("subject", &self.suite.subject).finish_non_exhaustive()
    }
}

impl Runner {
    /// A runner on the subject of this name, one of those that Raddle brings along for the system `waitmap`.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        let suites = systems::waitmap::system().suites;
        let suite = suites.into_iter().find(|suite| suite.subject == subject);
        Runner { suite: suite.expect("a subject of this name"), kernel: Kernel::new(Limits::default()) }
    }

    /// The name of the scenario that `bytes` select: the first byte, modulo their number.
    #[must_use]
    pub fn scenario(&self, bytes: &[u8]) -> &'static str {
        let first = bytes.first().copied().unwrap_or(0);
        self.suite.entries[usize::from(first) % self.suite.entries.len()].scenario
    }

    /// Runs the scenario that `bytes` select, by the choices that they make. Passes without a run if the subject does not have
    /// what the scenario needs.
    ///
    /// # Errors
    ///
    /// The verdict, the transcript and the line that replays the run, if something is wrong.
    pub fn run(&mut self, bytes: &[u8]) -> Result<(), String> {
        let scenario = self.scenario(bytes);
        let entry = self.suite.entries.iter().find(|entry| entry.scenario == scenario);
        let Some(Ok(case)) = entry.map(|entry| entry.case.clone()) else { return Ok(()) };
        let mut strategy = Bytes::new(bytes.get(1..).unwrap_or_default());
        let execution = case.execute(&mut self.kernel, &mut strategy, Detail::Judged);
        match execution.expect("bytes are one execution").judgement {
            Judgement::Failed(finding) => Err(self.story(&*case, *finding)),
            // A run that was cut short, or that the monitor could not decide, is no failure.
            _ => Ok(()),
        }
    }

    /// The shortest run with this finding: what is wrong, the table, and the line that replays it.
    fn story(&mut self, case: &dyn Case, finding: Finding) -> String {
        let failure = tell(&mut self.kernel, case, finding);
        let judgement = Judgement::Failed(Box::new(failure.finding.clone()));
        let mut story = format!("{}\n{}", case.id(), crate::told(&judgement, &failure.transcript));
        let report = CellReport {
            id: case.id().clone(),
            method: Method::Random { schedules: 1 },
            tally: Tally::default(),
            completion: Completion::Failed,
            failure: None,
        };
        if let Some(line) = replay_line(&report, &failure) {
            story.push_str(&format!("\n  To see this run again:\n  {line}\n"));
        }
        story
    }
}
