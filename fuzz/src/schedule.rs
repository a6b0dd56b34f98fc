//! Schedules: the bytes say which scenario runs on which map under the simulator, and answer every question of the run.

use std::fmt;

use raddle_sim::campaign::{Case, Detail, Finding, Judgement, tell};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::report::replay_line;
use raddle_sim::strategy::Bytes;
use raddle_sim::systems::{self, Entry, Suite};

use crate::Index;
use crate::tally::Ran;

/// Runs schedules, one after the other.
pub struct Runner {
    suites: Vec<Suite>,
    /// The subject of all inputs, if they do not choose.
    subject: Option<String>,
    kernel: Kernel,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Runner {
    /// A runner on the subject of this name, one of those that Raddle brings along for the system `waitmap`. Without a name each input
    /// chooses between `raddle` and `hashed`.
    ///
    /// # Panics
    ///
    /// If there is no such subject.
    #[must_use]
    pub fn new(subject: Option<&str>) -> Self {
        let suites = systems::waitmap::system().suites;
        let subject = subject.map(str::to_owned);
        let runner = Runner { suites, subject, kernel: Kernel::new(Limits::default()) };
        runner.suite(&[]);
        runner
    }

    /// The suite of the subject that `bytes` select by the first byte.
    fn suite(&self, bytes: &[u8]) -> &Suite {
        let chosen = Index(bytes.first().copied().unwrap_or(0)).subject();
        let subject = self.subject.as_deref().unwrap_or(chosen);
        self.suites.iter().find(|suite| suite.subject == subject).expect("a subject of this name")
    }

    fn entry(&self, bytes: &[u8]) -> &Entry {
        let second = bytes.get(1).copied().unwrap_or(0);
        let entries = &self.suite(bytes).entries;
        &entries[usize::from(second) % entries.len()]
    }

    /// The name of the scenario that `bytes` select: the second byte, modulo their number.
    #[must_use]
    pub fn scenario(&self, bytes: &[u8]) -> &'static str {
        self.entry(bytes).scenario
    }

    /// Runs the scenario that `bytes` select, by the choices that they make.
    ///
    /// # Errors
    ///
    /// The verdict, the transcript and the line that replays the run, if something is wrong.
    pub fn run(&mut self, bytes: &[u8]) -> Result<Ran, String> {
        let Ok(case) = self.entry(bytes).case.clone() else { return Ok(Ran::NotOffered) };
        let mut strategy = Bytes::new(bytes.get(2..).unwrap_or_default());
        let execution = case.execute(&mut self.kernel, &mut strategy, Detail::Judged);
        match execution.expect("bytes are one execution").judgement {
            Judgement::Passed | Judgement::Rested => Ok(Ran::Judged),
            Judgement::CutShort => Ok(Ran::CutShort),
            Judgement::Undecided => Ok(Ran::Undecided),
            Judgement::Abandoned => unreachable!("bytes leave no execution"),
            Judgement::Failed(finding) => Err(self.story(&*case, *finding)),
        }
    }

    /// The shortest run with this finding: what is wrong, the table, and the line that replays it.
    fn story(&mut self, case: &dyn Case, finding: Finding) -> String {
        let failure = tell(&mut self.kernel, case, finding);
        let judgement = Judgement::Failed(Box::new(failure.finding.clone()));
        let mut story = format!("{}\n{}", case.id(), crate::told(&judgement, &failure.transcript));
        if let Some(line) = replay_line(case.id(), &failure) {
            story.push_str(&format!("\n  To see this run again:\n  {line}\n"));
        }
        story
    }
}
