//! `raddle check`: the specs themselves, explored state by state. A spec that deadlocks, or that says nothing, judges nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use raddle_sim::campaign::Outcome;
use raddle_sim::report::{Align, Row, RuleJson, Table, Transcript, count, thousands};
use raddle_sim::systems::{self, System};
use raddle_spec::explorer::{
    Bound, Conclusion, Counterexample, Exploration, Failure, Limits, Rests, RunStep, Study,
};
use raddle_spec::{Obligation, Rule};
use serde::Serialize;

use super::args::CheckArgs;
use super::console::{Console, interruption};
use super::plan::jobs_or_cores;
use super::{Exit, UsageError, select};

/// A study, and what was found.
pub(crate) struct Checked {
    system: &'static str,
    study: Study,
    found: Exploration,
    took: Duration,
}

/// The answer as JSON.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    bound: &'static str,
    outcome: &'static str,
    studies: Vec<StudyJson>,
    systems: Vec<CoverageJson>,
}

/// One study.
#[derive(Serialize)]
pub(crate) struct StudyJson {
    system: &'static str,
    study: &'static str,
    covers: String,
    outcome: &'static str,
    states: usize,
    transitions: usize,
    depth: usize,
    memory_bytes: usize,
    rests: usize,
    always: Vec<&'static str>,
    sometimes: Vec<&'static str>,
    liveness_checked: bool,
    /// A sentence each, with the run that shows it on the lines below.
    failures: Vec<String>,
}

/// What all studies of a system show together.
#[derive(Serialize)]
struct CoverageJson {
    system: &'static str,
    rules_missing: Vec<RuleJson>,
    obligations_not_shown: Vec<RuleJson>,
}

/// Explores the specs, and says what was found.
pub(crate) fn check(console: &mut Console, args: &CheckArgs) -> Result<Exit, UsageError> {
    let systems: Vec<System> = if args.systems.is_empty() {
        systems::all().into_iter().filter(System::has_rules).collect()
    } else {
        args.systems.iter().map(|name| select::system_with_rules(name)).collect::<Result<_, _>>()?
    };
    let interrupted = interruption();
    let began = Instant::now();
    let is_over = || args.budget.is_some_and(|budget| began.elapsed() >= budget);
    let stop = || interrupted.load(Ordering::Relaxed) || is_over();
    let checked = explore(&systems, args.bound.into(), args.jobs, &stop);
    for Checked { study, found, took, .. } in &checked {
        let seconds = took.as_secs_f64();
        let rate = thousands((found.states as f64 / seconds) as u64);
        console.remark(&format!("{}: {seconds:.2} s, {rate} states a second", study.name));
    }
    let outcome = outcome(&checked);
    if console.wants_json() {
        console.print_json(&Document {
            schema: "raddle.check/1",
            bound: Bound::from(args.bound).name(),
            outcome: outcome.name(),
            studies: checked.iter().map(StudyJson::of).collect(),
            systems: systems.iter().map(|system| coverage(system, &checked)).collect(),
        });
    } else {
        console.print(&text(&systems, &checked));
    }
    Ok(exit(outcome))
}

/// Explores all specs up to a bound, `jobs` studies at a time, or one for each core. `stop` is asked every now and then.
pub(crate) fn explore(
    systems: &[System],
    bound: Bound,
    jobs: Option<u64>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<Checked> {
    let studies: Vec<(&'static str, Study)> = systems
        .iter()
        .flat_map(|system| (system.studies)(bound).into_iter().map(|study| (system.name, study)))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((_, study)) = studies.get(at) else { return found };
            let began = Instant::now();
            found.push((at, study.explore(Limits::default(), &stop), began.elapsed()));
        }
    };
    let jobs = jobs_or_cores(jobs).min(studies.len().max(1));
    let mut results = thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().flat_map(|worker| worker.join().expect("the explorer does not panic"));
        done.collect::<Vec<_>>()
    });
    results.sort_by_key(|(at, ..)| *at);
    let checked = studies.into_iter().zip(results);
    checked.map(|((system, study), (_, found, took))| Checked { system, study, found, took }).collect()
}

/// The worst conclusion of any study; inconclusive if there is none.
pub(crate) fn outcome(checked: &[Checked]) -> Outcome {
    let of = |checked: &Checked| match checked.found.conclusion() {
        Conclusion::Passed => Outcome::Passed,
        Conclusion::Inconclusive => Outcome::Inconclusive,
        Conclusion::Failed => Outcome::Failed,
    };
    checked.iter().map(of).max().unwrap_or(Outcome::Inconclusive)
}

fn exit(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::Passed => Exit::Passed,
        Outcome::Inconclusive => Exit::Inconclusive,
        Outcome::Failed => Exit::Violation,
    }
}

fn text(systems: &[System], checked: &[Checked]) -> String {
    let mut text = table(checked);
    text += "\n";
    for Checked { study, .. } in checked {
        text += &format!("{}: {}\n", study.name, study.covers);
    }
    text += "\n";
    systems.iter().for_each(|system| text += &coverage_lines(system, checked));
    text += &failures(checked);
    let states: usize = checked.iter().map(|checked| checked.found.states).sum();
    let transitions: usize = checked.iter().map(|checked| checked.found.transitions).sum();
    text += &format!(
        "\n{}: {}, {}, {}\n",
        outcome(checked).name(),
        count(checked.len() as u64, "environment"),
        count(states as u64, "state"),
        count(transitions as u64, "transition"),
    );
    text
}

/// A row for each study.
pub(crate) fn table(checked: &[Checked]) -> String {
    let mut table = Table::new(&[
        ("system", Align::Left),
        ("model", Align::Left),
        ("states", Align::Right),
        ("transitions", Align::Right),
        ("depth", Align::Right),
        ("KiB", Align::Right),
        ("at rest", Align::Right),
        ("always", Align::Right),
        ("sometimes", Align::Right),
        ("verdict", Align::Left),
    ]);
    for Checked { system, study, found, .. } in checked {
        let numbers = [
            found.states,
            found.transitions,
            found.depth,
            found.memory_bytes / 1024,
            rests(found),
            found.always.len(),
            found.sometimes.len(),
        ];
        let numbers = numbers.map(|number| thousands(number as u64));
        let names = [(*system).to_owned(), study.name.to_owned()];
        table.row(names.into_iter().chain(numbers).chain([verdict(found)]));
    }
    table.to_string()
}

fn rests(found: &Exploration) -> usize {
    let Rests { finished, excused, owed_by_environment, owed_by_system } = found.rests;
    finished + excused + owed_by_environment + owed_by_system
}

fn verdict(found: &Exploration) -> String {
    match (found.conclusion(), found.failures.first()) {
        (_, Some(failure)) => format!("FAILED: {failure}"),
        (Conclusion::Inconclusive, None) => "inconclusive: there are more states".to_owned(),
        _ => "passed".to_owned(),
    }
}

/// What the studies of this system show together.
fn coverage_lines(system: &System, checked: &[Checked]) -> String {
    let CoverageJson { rules_missing, obligations_not_shown, .. } = coverage(system, checked);
    let line = |what: &str, all: usize, missing: &[RuleJson]| {
        let ids: Vec<&str> = missing.iter().map(RuleJson::id).collect();
        let missing = if ids.is_empty() { String::new() } else { format!(" (missing: {})", ids.join(", ")) };
        format!("{}: {what}: {} of {all}{missing}\n", system.name, all - ids.len())
    };
    line("rules reached", system.rules.len(), &rules_missing)
        + &line("obligations shown to be needed", system.obligations.len(), &obligations_not_shown)
}

fn coverage(system: &System, checked: &[Checked]) -> CoverageJson {
    let found =
        || checked.iter().filter(|checked| checked.system == system.name).map(|checked| &checked.found);
    let is_reached = |rule: &&&Rule| found().any(|found| found.rules.contains(*rule));
    let is_needed = |obligation: &&&Obligation| {
        let mut necessities = found().flat_map(|found| &found.obligations);
        necessities.any(|known| known.obligation == **obligation && known.example.is_some())
    };
    let rules = system.rules.iter().filter(|rule| !is_reached(rule));
    let obligations = system.obligations.iter().filter(|obligation| !is_needed(obligation));
    CoverageJson {
        system: system.name,
        rules_missing: rules.map(|rule| RuleJson::from(*rule)).collect(),
        obligations_not_shown: obligations.map(|obligation| RuleJson::from(*obligation)).collect(),
    }
}

/// The reports of the failures, in full.
pub(crate) fn failures(checked: &[Checked]) -> String {
    let mut text = String::new();
    for Checked { system, study, found, .. } in checked {
        for failure in &found.failures {
            text += &format!("\nFAILED model of {system} ({}): {failure}\n", study.name);
            if let Some(run) = failure.run() {
                text += &story(run);
            }
        }
    }
    text
}

/// The table of a run, as of a simulated failure; what is repeated for ever has one of its own.
fn story(run: &Counterexample) -> String {
    let mut text = String::from("\n");
    let transcript = transcript(run);
    let (stem, circle) = transcript.rows.split_at(run.circle.unwrap_or(transcript.rows.len()));
    let part = |rows: &[Row]| Transcript { names: transcript.names.clone(), rows: rows.to_vec() };
    let last = run.circle.is_none().then(|| transcript.rows.len().saturating_sub(1));
    part(stem).write(&mut text, last).expect("a string takes all that is written");
    if !circle.is_empty() {
        text += "\n  and from then on, for ever:\n\n";
        part(circle).write(&mut text, None).expect("a string takes all that is written");
    }
    text += &format!("\n  State: {}\n", run.state);
    text
}

fn transcript(run: &Counterexample) -> Transcript {
    let row = |(event, step): (usize, &RunStep)| {
        let rule = step.rule.map_or_else(String::new, |rule| format!(" ({})", rule.id));
        Row { actor: step.actor.0 as usize, text: format!("{}{rule}", step.text), event, step: event as u64 }
    };
    let actors = run.steps.iter().map(|step| step.actor.0 + 1).max().unwrap_or(0);
    Transcript {
        names: (0..actors).map(|actor| format!("actor {actor}")).collect(),
        rows: run.steps.iter().enumerate().map(row).collect(),
    }
}

fn in_lines(failure: &Failure) -> String {
    let run = failure.run().map_or_else(String::new, |run| format!("\n{run}"));
    format!("{failure}{run}")
}

impl StudyJson {
    /// The study as JSON.
    pub(crate) fn of(checked: &Checked) -> Self {
        let Checked { system, study, found, .. } = checked;
        StudyJson {
            system,
            study: study.name,
            covers: study.covers.clone(),
            outcome: outcome(std::slice::from_ref(checked)).name(),
            states: found.states,
            transitions: found.transitions,
            depth: found.depth,
            memory_bytes: found.memory_bytes,
            rests: rests(found),
            always: found.always.clone(),
            sometimes: found.sometimes.iter().map(|(sentence, _)| *sentence).collect(),
            liveness_checked: found.liveness_checked,
            failures: found.failures.iter().map(in_lines).collect(),
        }
    }
}
