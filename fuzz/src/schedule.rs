//! Schedules: the bytes say which scenario runs on which subject under the simulator, and answer every question of the run.

use std::fmt;

use raddle_sim::campaign::{Case, Detail, Finding, Judgement, tell};
use raddle_sim::kernel::{Faults, Kernel, Limits};
use raddle_sim::report::replay_line;
use raddle_sim::strategy::Bytes;
use raddle_sim::systems::{self, Entry, Suite, System};

use crate::tally::Ran;

/// The WaitMaps that inputs choose between.
pub const WAITMAPS: [&str; 2] = ["raddle", "hashed"];

/// The WorkerPools that inputs choose between.
pub const POOLS: [&str; 1] = ["raddle"];

/// Runs schedules of one system, one after the other.
pub struct Runner {
    suites: Vec<Suite>,
    /// The subjects that inputs choose between.
    sound: &'static [&'static str],
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
    /// A runner on WaitMaps: the one of this name, or, without a name, whichever of [`WAITMAPS`] each input chooses.
    ///
    /// # Panics
    ///
    /// If Raddle brings along no such subject.
    #[must_use]
    pub fn waitmap(subject: Option<&str>) -> Self {
        Runner::new(systems::waitmap::system(), &WAITMAPS, Faults::default(), subject)
    }

    /// A runner on WorkerPools, in the same way.
    ///
    /// # Panics
    ///
    /// If Raddle brings along no such subject.
    #[must_use]
    pub fn pool(subject: Option<&str>) -> Self {
        Runner::new(systems::pool::system(), &POOLS, Faults::ALL, subject)
    }

    fn new(system: System, sound: &'static [&'static str], faults: Faults, subject: Option<&str>) -> Self {
        let subject = subject.map(str::to_owned);
        let kernel = Kernel::new(Limits { faults, ..Limits::default() });
        let runner = Runner { suites: system.suites, sound, subject, kernel };
        runner.suite(&[]);
        runner
    }

    /// The suite of the subject that `bytes` select: the first byte, modulo their number.
    fn suite(&self, bytes: &[u8]) -> &Suite {
        let first = usize::from(bytes.first().copied().unwrap_or(0));
        let subject = self.subject.as_deref().unwrap_or(self.sound[first % self.sound.len()]);
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
