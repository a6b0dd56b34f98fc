//! What was searched, what was left out, and what was found.

use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::time::Duration;

use raddle_sim::report::{Align, Table, thousands};

use crate::bounds::LeftOut;
use crate::model::{Explored, Failure};

/// What became of a scenario.
#[derive(Debug, Default)]
pub struct Searched {
    /// Models: one for each script of the scenario's choices, or one for each scheduler.
    pub models: u64,
    /// Executions of all models.
    pub executions: u64,
    /// Executions that the monitor could not decide.
    pub undecided: u64,
    /// The first execution that is wrong; it ended the search.
    pub failure: Option<Failure>,
}

impl Searched {
    /// Adds what became of one model.
    pub fn add(&mut self, explored: Explored) {
        self.models += 1;
        self.executions += explored.executions;
        self.undecided += explored.undecided;
        self.failure = explored.failure;
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { finding, transcript, made } = self;
        writeln!(f, "{}: {}", finding.class, finding.headline)?;
        for detail in &finding.details {
            writeln!(f, "{detail}")?;
        }
        for rule in &finding.rules {
            writeln!(f, "\n{rule}")?;
        }
        writeln!(f)?;
        transcript.write(f, finding.event)?;
        if !made.is_empty() {
            let choices: Vec<String> = made
                .iter()
                .map(|made| format!("thread {} chose {} of {}", made.point.thread, made.taken, made.options))
                .collect();
            writeln!(f, "\nchoices: {}", choices.join(", "))?;
        }
        Ok(())
    }
}

/// One line of the report: one scenario on one subject.
#[derive(Clone, Debug)]
pub struct Line {
    /// The noun of the system.
    pub system: &'static str,
    /// The scenario.
    pub scenario: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// How many threads the scenario has.
    pub threads: u8,
    /// How far it was searched.
    pub bound: String,
    /// Whether every interleaving was searched, of every script.
    pub is_complete: bool,
    /// How many models there were.
    pub models: u64,
    /// How many executions they had.
    pub executions: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// The table of what was searched, and the list of what was left out.
#[must_use]
pub fn summary(lines: &[Line], left_out: &[LeftOut]) -> String {
    let mut table = Table::new(&[
        ("system", Align::Left),
        ("scenario", Align::Left),
        ("subject", Align::Left),
        ("threads", Align::Right),
        ("bound", Align::Left),
        ("models", Align::Right),
        ("executions", Align::Right),
        ("seconds", Align::Right),
    ]);
    for line in lines {
        table.row([
            line.system.to_owned(),
            line.scenario.to_owned(),
            line.subject.to_owned(),
            line.threads.to_string(),
            line.bound.clone(),
            thousands(line.models),
            thousands(line.executions),
            format!("{:.2}", line.elapsed.as_secs_f64()),
        ]);
    }
    let models: u64 = lines.iter().map(|line| line.models).sum();
    let executions: u64 = lines.iter().map(|line| line.executions).sum();
    let mut out = table.to_string();
    let write = |out: &mut String| {
        writeln!(out, "\n{} models, {} executions", thousands(models), thousands(executions))?;
        if lines.iter().any(|line| line.is_complete) {
            writeln!(out, "every interleaving: {}", complete_by_threads(lines))?;
        }
        writeln!(out, "left out: {}", left_out.len())?;
        left_out.iter().try_for_each(|left_out| writeln!(out, "  {left_out}"))
    };
    write(&mut out).expect("a string takes all that is written");
    out
}

/// In how many of the searches with so many threads every interleaving was executed.
fn complete_by_threads(lines: &[Line]) -> String {
    let numbers: BTreeSet<u8> = lines.iter().map(|line| line.threads).collect();
    let told = numbers.into_iter().map(|threads| {
        let searches = || lines.iter().filter(|line| line.threads == threads);
        let complete = searches().filter(|line| line.is_complete).count();
        format!("{complete} of {} searches with {threads} threads", searches().count())
    });
    told.collect::<Vec<_>>().join(", ")
}
