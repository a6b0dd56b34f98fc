//! `raddle run`: one system, or one scenario of it, under one strategy.

use raddle_sim::campaign::{Cell, CellReport, Method};
use raddle_sim::report::{Align, CellJson, Table, count, thousands};
use raddle_sim::strategy::Sampler;
use raddle_sim::systems::Entry;
use serde::Serialize;

use super::args::{RunArgs, StrategyName};
use super::console::{Console, interruption};
use super::plan::{
    depth_first, exit, failures, faults, leaks, outcome, run_cells, sampled, shortfalls, threads, total,
    verdict,
};
use super::{Exit, UsageError, select};

/// Schedules of each scenario that are drawn, unless told otherwise.
const SAMPLED_SCHEDULES: u64 = 10_000;

/// Small scenarios need a few thousand; the large ones would not end, and give up within seconds.
const DEPTH_FIRST_LIMIT: u64 = 200_000;

/// A tenth of a millisecond each; the canary takes some hundred.
const RUNS_ON_THREADS: u64 = 10_000;

/// The answer as JSON.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    seed: u64,
    outcome: &'static str,
    searches: Vec<CellJson>,
    left_out: Vec<LeftOut>,
}

#[derive(Serialize)]
struct LeftOut {
    scenario: &'static str,
    needs: &'static str,
}

/// Simulates what was asked for.
pub(crate) fn run(console: &mut Console, args: &RunArgs) -> Result<Exit, UsageError> {
    if args.strategy != StrategyName::DepthFirst && args.preemptions.is_some() {
        let advice = "--preemptions bounds depth-first search: add --strategy depth-first, or leave it out";
        return Err(UsageError(advice.to_owned()));
    }
    if args.strategy != StrategyName::Pct && args.depth.is_some() {
        let advice = "--depth is the depth of PCT: add --strategy pct, or leave it out";
        return Err(UsageError(advice.to_owned()));
    }
    let target = select::target(&args.target)?;
    let suite = target.subject(args.subject.as_deref())?;
    let entries = target.entries(suite);
    let cells: Vec<Cell> = entries.iter().filter_map(|entry| cell(entry, args)).collect();
    if let ([entry], true) = (entries.as_slice(), cells.is_empty()) {
        let needs = needs(entry, args).unwrap_or_default();
        let (scenario, subject) = (entry.scenario, &suite.subject);
        let advice = match &entry.case {
            Err(_) => format!("which {subject} does not offer; choose another scenario or subject"),
            Ok(_) => {
                "which the strategy threads does not offer; choose another scenario or strategy".to_owned()
            }
        };
        return Err(UsageError(format!("{scenario} needs {needs}, {advice}")));
    }
    let reports = run_cells(console, cells, &args.common, interruption());
    if console.wants_json() {
        console.print_json(&Document {
            schema: "raddle.run/1",
            seed: args.common.seed,
            outcome: outcome(&reports).name(),
            searches: reports.iter().map(CellJson::of).collect(),
            left_out: left_out(&entries, args),
        });
    } else {
        console.print(&text(&reports, &left_out(&entries, args)));
    }
    Ok(exit(&reports))
}

fn cell(entry: &Entry, args: &RunArgs) -> Option<Cell> {
    let case = entry.case.as_ref().ok().filter(|_| needs(entry, args).is_none())?;
    let schedules = args.schedules;
    let preemptions =
        args.preemptions.map_or(2, |preemptions| u32::try_from(preemptions).unwrap_or(u32::MAX));
    let drawn_by = |sampler| sampled(case, sampler, schedules.unwrap_or(SAMPLED_SCHEDULES));
    Some(match args.strategy {
        StrategyName::Swarm => drawn_by(Sampler::Swarm),
        StrategyName::Random => drawn_by(Sampler::Random),
        StrategyName::Pct => drawn_by(Sampler::Pct { depth: args.depth }),
        StrategyName::Pos => drawn_by(Sampler::Pos),
        StrategyName::Surw => drawn_by(Sampler::Surw),
        StrategyName::DepthFirst => depth_first(case, preemptions, schedules.unwrap_or(DEPTH_FIRST_LIMIT)),
        StrategyName::Threads => threads(case, schedules.unwrap_or(RUNS_ON_THREADS)),
    })
}

/// What the scenario needs and the subject, or the strategy, does not have.
fn needs(entry: &Entry, args: &RunArgs) -> Option<&'static str> {
    match &entry.case {
        Err(needs) => Some(needs),
        Ok(case) if args.strategy == StrategyName::Threads => case.on_threads().err(),
        Ok(_) => None,
    }
}

fn left_out(entries: &[&Entry], args: &RunArgs) -> Vec<LeftOut> {
    let missing =
        |entry: &&Entry| needs(entry, args).map(|needs| LeftOut { scenario: entry.scenario, needs });
    entries.iter().filter_map(missing).collect()
}

fn text(reports: &[CellReport], left_out: &[LeftOut]) -> String {
    let mut table = Table::new(&[
        ("scenario", Align::Left),
        ("strategy", Align::Left),
        ("schedules", Align::Right),
        ("distinct", Align::Right),
        ("steps", Align::Right),
        ("rested", Align::Right),
        ("search", Align::Left),
        ("verdict", Align::Left),
    ]);
    for report in reports {
        let strategy = match report.method {
            Method::DepthFirst { preemptions, .. } => {
                format!("depth-first, {}", count(u64::from(preemptions), "preemption"))
            }
            Method::Sampled { sampler: Sampler::Pct { depth: Some(depth) }, .. } => {
                format!("pct, depth {depth}")
            }
            method => method.name().to_owned(),
        };
        table.row([
            report.id.scenario.to_string(),
            strategy,
            thousands(report.tally.schedules),
            distinct(report),
            thousands(report.tally.steps),
            thousands(report.tally.rested),
            report.completion.name().to_owned(),
            verdict(&[report]),
        ]);
    }
    let tally = total(reports);
    let mut text = table.to_string();
    text += &left_out_line(left_out);
    text += &failures(reports.iter());
    text += &shortfalls(reports.iter());
    text += &faults(&tally);
    text += &leaks(&tally);
    if tally.left_behind > 0 {
        text += &format!("\n{} did not end and were left behind\n", count(tally.left_behind, "thread"));
    }
    text += &format!(
        "\n{}: {}, {}, {}, {} compared with a second one\n",
        outcome(reports).name(),
        count(reports.len() as u64, "search"),
        count(tally.schedules, "schedule"),
        count(tally.steps, "step"),
        count(tally.compared, "run"),
    );
    text
}

/// How many executions were different up to equivalence; as of how many, if not all were looked at.
fn distinct(report: &CellReport) -> String {
    let (distinct, looked_at) = (report.classes.distinct(), report.classes.executions());
    match looked_at {
        0 => "-".to_owned(),
        _ if looked_at == report.tally.schedules => thousands(distinct),
        _ => format!("{} of {}", thousands(distinct), thousands(looked_at)),
    }
}

/// Says which scenarios were left out, and for want of what.
fn left_out_line(left_out: &[LeftOut]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let names: Vec<String> =
        left_out.iter().map(|LeftOut { scenario, needs }| format!("{scenario} (needs {needs})")).collect();
    format!("\n{} left out: {}\n", count(left_out.len() as u64, "scenario"), names.join(", "))
}
