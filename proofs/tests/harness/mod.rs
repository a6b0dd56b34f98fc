//! What both test binaries do: one test for each scenario on each subject, and a summary at the end.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial, run};
use raddle_proofs::bounds::LeftOut;
use raddle_proofs::program::{Demands, Program};
use raddle_proofs::report::{Line, Searched, summary};
use raddle_sim::campaign::Class;
/// The tests of one checker.
#[derive(Default)]
pub(crate) struct Suite {
    trials: Vec<Trial>,
    left_out: Vec<LeftOut>,
    lines: Arc<Mutex<Vec<(usize, Line)>>>,
}

/// Whether a search came to what it should have.
pub(crate) type Verdict = fn(&Searched) -> Result<(), Failed>;

/// How far a checker searches a scenario.
pub(crate) struct Reach {
    /// In words.
    pub(crate) bound: String,
    /// Whether that is every interleaving.
    pub(crate) is_complete: bool,
}

/// How a checker deals with programs.
#[derive(Clone, Copy)]
pub(crate) struct Checker {
    /// How far it searches one, or why it does not.
    pub(crate) reach: fn(&Demands) -> Result<Reach, String>,
    /// Searches.
    pub(crate) search: fn(&Program) -> Searched,
}

impl Suite {
    /// Adds every program of a subject with which nothing is wrong.
    pub(crate) fn clean(&mut self, checker: Checker, programs: Vec<Program>) {
        for program in programs {
            match (checker.reach)(&program.demands) {
                Ok(reach) => self.add(program, reach, checker.search, passes),
                Err(reason) => {
                    let Demands { system, scenario, subject, .. } = program.demands;
                    self.left_out.push(LeftOut { system, scenario, subject, reason });
                }
            }
        }
    }

    /// Adds a program in which the planted bug of its subject must be found, in the way that `verdict` says.
    pub(crate) fn caught(&mut self, checker: Checker, program: Program, verdict: Verdict) {
        let reach = (checker.reach)(&program.demands).expect("the checker can search it");
        self.add(program, reach, checker.search, verdict);
    }

    fn add(&mut self, program: Program, reach: Reach, search: fn(&Program) -> Searched, verdict: Verdict) {
        let (place, lines) = (self.trials.len(), Arc::clone(&self.lines));
        let Demands { system, scenario, subject, threads, .. } = program.demands;
        self.trials.push(Trial::test(format!("{system}/{subject}/{scenario}"), move || {
            let begun = Instant::now();
            let searched = search(&program);
            let line = Line {
                system,
                scenario,
                subject,
                threads,
                bound: reach.bound,
                is_complete: reach.is_complete,
                models: searched.models,
                executions: searched.executions,
                elapsed: begun.elapsed(),
            };
            lines.lock().unwrap_or_else(PoisonError::into_inner).push((place, line));
            verdict(&searched)
        }));
    }

    /// Runs the tests that the command line asks for, by default so many at a time.
    pub(crate) fn run(self, at_a_time: Option<usize>) -> ExitCode {
        let mut arguments = Arguments::from_args();
        arguments.test_threads = arguments.test_threads.or(at_a_time);
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

/// The program of that scenario.
pub(crate) fn named(programs: Vec<Program>, scenario: &str) -> Program {
    let program = programs.into_iter().find(|program| program.demands.scenario == scenario);
    program.expect("there is such a scenario")
}

/// Something is wrong, by a rule.
pub(crate) fn fails(searched: &Searched) -> Result<(), Failed> {
    match &searched.failure {
        Some(failure) if !failure.finding.rules.is_empty() => Ok(()),
        Some(failure) => Err(format!("it was found by something else than a rule:\n{failure}").into()),
        None => Err("the planted bug was not found".into()),
    }
}

/// Something is wrong: a panic that nobody planned.
pub(crate) fn panics(searched: &Searched) -> Result<(), Failed> {
    match &searched.failure {
        Some(failure) if failure.finding.class == Class::Panic => Ok(()),
        Some(failure) => Err(format!("it was found by something else than its panic:\n{failure}").into()),
        None => Err("the panic was not found".into()),
    }
}
