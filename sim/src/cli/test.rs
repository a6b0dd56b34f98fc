//! `raddle test`: the main job. Every implementation through every scenario, and the canaries with them: a testbed that does
//! not find a planted bug proves nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use raddle_sim::campaign::{Cell, CellReport, Completion, Method, Outcome};
use raddle_sim::kernel::Faults;
use raddle_sim::report::{Align, CellJson, Table, count, thousands};
use raddle_sim::strategy::Sampler;
use raddle_sim::systems::{self, Entry, Expectation, Suite, System};
use raddle_spec::explorer::Bound;
use serde::Serialize;

use super::args::{CommonArgs, TestArgs};
use super::canaries::{self, CanaryJson};
use super::check::{self, Checked, StudyJson};
use super::console::{Console, interruption};
use super::plan::{
    depth_first, exit, failures, faults, leaks, run_cells, sampled, shortfalls, total, verdict,
};
use super::{Exit, UsageError};

/// How thorough the main job is.
struct Thoroughness {
    /// Schedules of each scenario, drawn by the swarm, on Raddle's own implementation.
    ours: u64,
    /// The same on the canary and its twin.
    others: u64,
    /// Preemptions up to which small scenarios are searched depth-first.
    preemptions: u32,
}

const FULL: Thoroughness = Thoroughness { ours: 50_000, others: 5_000, preemptions: 3 };
const SMOKE: Thoroughness = Thoroughness { ours: 500, others: 300, preemptions: 2 };

/// A depth-first search of the main job is expected to end long before.
const DEPTH_FIRST_LIMIT: u64 = 2_000_000;

/// The answer as JSON.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    seed: u64,
    smoke: bool,
    outcome: &'static str,
    model: Vec<StudyJson>,
    searches: Vec<CellJson>,
    canaries: Vec<CanaryJson>,
}

/// A suite with the reports of its cells.
struct Part<'a> {
    system: &'a System,
    suite: &'a Suite,
    reports: Vec<&'a CellReport>,
}

/// Runs the main job.
pub(crate) fn test(console: &mut Console, args: &TestArgs) -> Result<Exit, UsageError> {
    let thoroughness = if args.smoke { SMOKE } else { FULL };
    let systems = systems::all();
    let suites = || systems.iter().flat_map(|system| system.suites.iter().map(move |suite| (system, suite)));
    let cells = suites().flat_map(|(system, suite)| suite_cells(system, suite, &thoroughness)).collect();
    let interrupted = interruption();
    let (model, left) = explore_specs(&systems, args, &interrupted);
    let reports = run_cells(console, cells, &left, interrupted);
    let of_suite = |report: &&CellReport, system: &System, suite: &Suite| {
        report.id.system == system.name && report.id.subject == suite.subject
    };
    let parts: Vec<Part<'_>> = suites()
        .map(|(system, suite)| {
            let reports = reports.iter().filter(|report| of_suite(report, system, suite)).collect();
            Part { system, suite, reports }
        })
        .collect();
    let (caged, clean): (Vec<&Part<'_>>, Vec<&Part<'_>>) =
        parts.iter().partition(|part| part.suite.expectation != Expectation::Clean);
    let judged: Vec<&CellReport> = clean.iter().flat_map(|part| part.reports.iter().copied()).collect();
    let canaries: Vec<CanaryJson> =
        caged.iter().flat_map(|part| canaries::of_suite(part.system, part.suite, &part.reports)).collect();
    let exit = with_model(conclude(&judged, &caged, &canaries), check::outcome(&model));
    if console.wants_json() {
        console.print_json(&Document {
            schema: "raddle.test/1",
            seed: args.common.seed,
            smoke: args.smoke,
            outcome: word(exit),
            model: model.iter().map(StudyJson::of).collect(),
            searches: reports.iter().map(CellJson::of).collect(),
            canaries,
        });
    } else {
        let all_faults = args.common.faults == Faults::ALL;
        console.print(&text(&model, &parts, &judged, &canaries, all_faults, exit));
    }
    Ok(exit)
}

/// Explores the specs that everything else is held against. Gives what the budget leaves for that as well.
fn explore_specs(
    systems: &[System],
    args: &TestArgs,
    interrupted: &AtomicBool,
) -> (Vec<Checked>, CommonArgs) {
    let began = Instant::now();
    let budget = args.common.budget;
    let stop =
        || interrupted.load(Ordering::Relaxed) || budget.is_some_and(|budget| began.elapsed() >= budget);
    let bound = if args.smoke { Bound::Small } else { Bound::Default };
    let model = check::explore(systems, bound, args.common.jobs, &stop);
    let left = budget.map(|budget| budget.saturating_sub(began.elapsed()));
    (model, CommonArgs { budget: left, ..args.common.clone() })
}

/// A spec that is wrong is found, like anything else; one that was not seen as a whole leaves a question.
fn with_model(exit: Exit, model: Outcome) -> Exit {
    match (exit, model) {
        (Exit::Passed | Exit::Inconclusive, Outcome::Failed) => Exit::Violation,
        (Exit::Passed, Outcome::Inconclusive) => Exit::Inconclusive,
        (exit, _) => exit,
    }
}

fn suite_cells(system: &System, suite: &Suite, thoroughness: &Thoroughness) -> Vec<Cell> {
    let is_own = suite.subject == "raddle";
    let schedules = if is_own { thoroughness.ours } else { thoroughness.others } / system.thrift;
    let preemptions = if is_own { thoroughness.preemptions } else { 2 };
    let cells = |entry: &Entry| {
        let case = entry.case.as_ref().ok();
        let swarm = case.map(|case| sampled(case, Sampler::Swarm, schedules));
        let depth_first = case.filter(|_| entry.small).map(|case| {
            depth_first(case, preemptions.saturating_sub(entry.fewer_preemptions), DEPTH_FIRST_LIMIT)
        });
        swarm.into_iter().chain(depth_first)
    };
    suite.entries.iter().flat_map(cells).collect()
}

/// A canary that nobody caught says that the testbed does not work, unless it was not given the time.
fn conclude(judged: &[&CellReport], caged: &[&Part<'_>], canaries: &[CanaryJson]) -> Exit {
    let exit = exit(judged.iter().copied());
    let is_cut =
        |report: &&&CellReport| matches!(report.completion, Completion::OutOfTime | Completion::Interrupted);
    let cut = caged.iter().flat_map(|part| &part.reports).any(|report| is_cut(&report));
    let missed = canaries.iter().any(CanaryJson::is_missed);
    match exit {
        Exit::Passed if missed && cut => Exit::Inconclusive,
        Exit::Passed | Exit::Inconclusive if missed && !cut => Exit::Fault,
        Exit::Passed if cut => Exit::Inconclusive,
        exit => exit,
    }
}

fn word(exit: Exit) -> &'static str {
    match exit {
        Exit::Passed => Outcome::Passed.name(),
        Exit::Inconclusive => Outcome::Inconclusive.name(),
        Exit::Violation | Exit::Usage => Outcome::Failed.name(),
        Exit::Fault => "fault of Raddle",
    }
}

fn text(
    model: &[Checked],
    parts: &[Part<'_>],
    judged: &[&CellReport],
    canaries: &[CanaryJson],
    all_faults: bool,
    exit: Exit,
) -> String {
    let mut table = Table::new(&[
        ("system", Align::Left),
        ("subject", Align::Left),
        ("scenario", Align::Left),
        ("swarm", Align::Right),
        ("depth-first", Align::Right),
        ("steps", Align::Right),
        ("rested", Align::Right),
        ("verdict", Align::Left),
    ]);
    for part in parts {
        let canary = |scenario: Option<&str>| {
            let mut canaries = canaries.iter();
            let found = canaries.find(|canary| canary.is_of(part.system, part.suite, scenario));
            found.map_or_else(String::new, CanaryJson::verdict)
        };
        match part.suite.expectation {
            Expectation::Clean if part.suite.subject == "raddle" => {
                scenario_rows(&mut table, part, |_, reports| verdict(reports));
            }
            Expectation::EachCaught => {
                scenario_rows(&mut table, part, |entry, _| canary(Some(entry.scenario)));
            }
            Expectation::Clean => {
                table.row(row(part, scenario_count(part), &part.reports, verdict(&part.reports)));
            }
            Expectation::Caught => {
                table.row(row(part, scenario_count(part), &part.reports, canary(None)));
            }
        }
    }
    let tally = total(judged.iter().copied());
    let mut text = table.to_string();
    text += &bounds_line(judged);
    text += &format!("\n{}{}", check::table(model), check::failures(model));
    text += &failures(judged.iter().copied());
    text += &shortfalls(parts.iter().flat_map(|part| part.reports.iter().copied()));
    text += &faults(&tally);
    text += &leaks(&tally);
    if exit == Exit::Fault && canaries.iter().any(CanaryJson::is_missed) {
        text += "\nA planted bug was missed: what this testbed says of other rows proves nothing. ";
        text += if all_faults { "Please report it.\n" } else { "Faults were switched off that reveal it.\n" };
    }
    text += &format!(
        "\n{}: {}, {}, {}, {} judged, {} compared with a second one\n",
        word(exit),
        count(judged.len() as u64, "search"),
        count(tally.schedules, "schedule"),
        count(tally.steps, "step"),
        count(tally.events, "event"),
        count(tally.compared, "run"),
    );
    text
}

/// What the numbers in the column `depth-first` stand for.
fn bounds_line(judged: &[&CellReport]) -> String {
    let bound = |report: &&CellReport| match report.method {
        Method::DepthFirst { preemptions, .. } => Some(preemptions),
        Method::Sampled { .. } | Method::Threads { .. } => None,
    };
    let most = judged.iter().filter_map(bound).max().unwrap_or(0);
    let least = judged.iter().filter_map(bound).min().unwrap_or(0);
    let others =
        if least < most { format!(", {least} where there is much to search") } else { String::new() };
    format!(
        "\ndepth-first: every schedule with at most {most} preemptions{others} and one fault of each kind that the kernel \
         makes; `all`: there are no others\n"
    )
}

fn scenario_rows(table: &mut Table, part: &Part<'_>, verdict: impl Fn(&Entry, &[&CellReport]) -> String) {
    for entry in &part.suite.entries {
        let of_entry = |report: &&&CellReport| report.id.scenario == entry.scenario;
        let reports: Vec<&CellReport> = part.reports.iter().filter(of_entry).copied().collect();
        let verdict = match &entry.case {
            Ok(_) => verdict(entry, &reports),
            Err(needs) => format!("left out: needs {needs}"),
        };
        table.row(row(part, entry.scenario.to_owned(), &reports, verdict));
    }
}

fn scenario_count(part: &Part<'_>) -> String {
    let all = part.suite.entries.len();
    let run = part.suite.entries.iter().filter(|entry| entry.case.is_ok()).count();
    format!("{run} scenarios, {} left out", all - run)
}

fn row(part: &Part<'_>, scenario: String, reports: &[&CellReport], verdict: String) -> [String; 8] {
    let tally = total(reports.iter().copied());
    [
        part.system.name.to_owned(),
        part.suite.subject.clone(),
        scenario,
        searched(reports, |method| matches!(method, Method::Sampled { .. })),
        searched(reports, |method| matches!(method, Method::DepthFirst { .. })),
        thousands(tally.steps),
        thousands(tally.rested),
        verdict,
    ]
}

/// How many schedules one method ran, and whether that was all there are.
fn searched(reports: &[&CellReport], of: impl Fn(Method) -> bool) -> String {
    let reports: Vec<&CellReport> = reports.iter().filter(|report| of(report.method)).copied().collect();
    if reports.is_empty() {
        return "-".to_owned();
    }
    let schedules = thousands(total(reports.iter().copied()).schedules);
    if reports.iter().all(|report| report.completion == Completion::Exhausted) {
        format!("all {schedules}")
    } else {
        schedules
    }
}
