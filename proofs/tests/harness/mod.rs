//! What both test binaries do: one test for each scenario on each subject, and a summary at the end.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial, run};
use raddle_proofs::bounds::LeftOut;
use raddle_proofs::report::{Line, Searched, summary};
use raddle_sim::systems::waitmap::Subject;
use raddle_sim::systems::waitmap::scenarios::{self, Scenario};

/// The scenario in which each checker must find the canary's bug.
const CAUGHT_BY: &str = "close-against-registration";

/// The tests of one checker.
#[derive(Default)]
pub(crate) struct Suite {
    trials: Vec<Trial>,
    left_out: Vec<LeftOut>,
    lines: Arc<Mutex<Vec<(usize, Line)>>>,
}

/// How far a checker searches a scenario.
pub(crate) struct Reach {
    /// In words.
    pub(crate) bound: String,
    /// Whether that is every interleaving.
    pub(crate) is_complete: bool,
}

/// How a checker deals with scenarios on a subject, which is given by its name.
pub(crate) struct Checker<S: Subject> {
    /// How far it searches, or why it does not.
    pub(crate) reach: fn(&Scenario<S>, &str) -> Result<Reach, String>,
    /// Searches.
    pub(crate) search: fn(&Scenario<S>, &str) -> Searched,
}

impl Suite {
    /// Adds every scenario on a subject with which nothing is wrong.
    pub(crate) fn clean<S: Subject>(&mut self, subject: &'static str, checker: Checker<S>) {
        for scenario in scenarios::all::<S>() {
            match (checker.reach)(&scenario, subject) {
                Ok(reach) => self.add(subject, scenario, reach, checker.search, passes),
                Err(reason) => self.left_out.push(LeftOut { scenario: scenario.name, subject, reason }),
            }
        }
    }

    /// Adds the scenario in which a planted bug must be found.
    pub(crate) fn caught<S: Subject>(&mut self, subject: &'static str, checker: Checker<S>) {
        let scenario = scenarios::all::<S>().into_iter().find(|scenario| scenario.name == CAUGHT_BY);
        let scenario = scenario.expect("there is such a scenario");
        let reach = (checker.reach)(&scenario, subject).expect("the checker can search it");
        self.add(subject, scenario, reach, checker.search, fails);
    }

    fn add<S: Subject>(
        &mut self,
        subject: &'static str,
        scenario: Scenario<S>,
        reach: Reach,
        search: fn(&Scenario<S>, &str) -> Searched,
        verdict: fn(&Searched) -> Result<(), Failed>,
    ) {
        let (place, lines) = (self.trials.len(), Arc::clone(&self.lines));
        self.trials.push(Trial::test(format!("{subject}/{}", scenario.name), move || {
            let begun = Instant::now();
            let searched = search(&scenario, subject);
            let line = Line {
                scenario: scenario.name,
                subject,
                threads: scenario.threads,
                bound: reach.bound,
                is_complete: reach.is_complete,
                models: searched.models,
                cut: searched.cut,
                executions: searched.executions,
                elapsed: begun.elapsed(),
            };
            lines.lock().unwrap_or_else(PoisonError::into_inner).push((place, line));
            verdict(&searched)
        }));
    }

    /// Runs the tests that the command line asks for.
    pub(crate) fn run(self) -> ExitCode {
        let arguments = Arguments::from_args();
        let conclusion = run(&arguments, self.trials);
        let mut lines = std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner));
        if !lines.is_empty() {
            lines.sort_by_key(|(place, _)| *place);
            let lines: Vec<Line> = lines.into_iter().map(|(_, line)| line).collect();
            println!("{}", summary(&lines, &self.left_out));
        }
        conclusion.exit_code()
    }
}

fn passes(searched: &Searched) -> Result<(), Failed> {
    match searched {
        Searched { failure: Some(failure), .. } => Err(failure.to_string().into()),
        Searched { executions: 0, .. } => Err("nothing was executed".into()),
        Searched { undecided: 0, .. } => Ok(()),
        Searched { undecided, .. } => {
            Err(format!("the monitor could not decide {undecided} executions").into())
        }
    }
}

fn fails(searched: &Searched) -> Result<(), Failed> {
    match &searched.failure {
        Some(failure) if !failure.finding.rules.is_empty() => Ok(()),
        Some(failure) => Err(format!("it was found by something else than a rule:\n{failure}").into()),
        None => Err("the planted bug was not found".into()),
    }
}
