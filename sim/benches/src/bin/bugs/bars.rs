//! What the strategies are meant to reach, and whether they have.

use crate::results::Results;
use crate::trial::{Cell, Searcher};

/// The mean of SURW may be this much above its artifact's.
const TOLERANCE: f64 = 1.1;
/// SafeStack: searches out of ten that find the bug.
const SAFE_STACK: f64 = 0.9;
/// SafeStack, the goal: CPU seconds of a search.
const SAFE_STACK_SECONDS: f64 = 60.0;
/// Swarm, the goal: its schedules against the best single strategy's.
const SWARM_GOAL: f64 = 2.0;

/// Prints each bar that the results say something about.
pub fn print(results: &Results) {
    println!();
    for program in ["reorder_100", "twostage_100", "WorkStealQueue"] {
        let artifact =
            results.programs.iter().find(|other| other.name() == program).and_then(|it| it.artifact);
        if let (Some(cell), Some(artifact)) = (results.cell(program, "surw"), artifact) {
            surw(program, cell, f64::from(artifact));
        }
    }
    safe_stack(results);
    swarm(results);
}

fn verdict(is_goal: bool, is_bar: bool) -> &'static str {
    match (is_goal, is_bar) {
        (true, _) => "goal reached",
        (false, true) => "bar reached",
        (false, false) => "MISSED",
    }
}

fn surw(program: &str, cell: &Cell, artifact: f64) {
    let bar = artifact * TOLERANCE;
    let goal = artifact / 2.0;
    // A search in vain would only make the mean of the others look better.
    let mean = cell.mean().filter(|_| cell.found() == cell.run()).map_or(f64::INFINITY, |(mean, _)| mean);
    println!(
        "{program}, SURW: {mean:.1} schedules over {} seeds (bar {bar:.1}, goal {goal:.1}): {}",
        cell.run(),
        verdict(mean <= goal, mean <= bar)
    );
}

fn safe_stack(results: &Results) {
    let cells = our_cells(results, "SafeStack");
    let share = |cell: &Cell| cell.found() as f64 / cell.run() as f64;
    let best = cells.iter().max_by(|(_, one), (_, other)| {
        share(one).total_cmp(&share(other)).then(other.slowest().total_cmp(&one.slowest()))
    });
    let Some((name, cell)) = best else { return };
    let is_goal = cell.found() == cell.run() && cell.slowest() <= SAFE_STACK_SECONDS;
    println!(
        "SafeStack, {name}: {} of {} searches, the longest {:.1} s of CPU time (bar 9 of 10, goal all within {SAFE_STACK_SECONDS} s): {}",
        cell.found(),
        cell.run(),
        cell.slowest(),
        verdict(is_goal, share(cell) >= SAFE_STACK)
    );
}

fn our_cells<'a>(results: &'a Results, program: &str) -> Vec<(&'static str, &'a Cell)> {
    let is_ours = |searcher: &&Searcher| matches!(searcher, Searcher::Ours(_));
    let ours = results.searchers.iter().filter(is_ours).map(|searcher| searcher.name());
    ours.filter_map(|name| Some((name, results.cell(program, name)?))).collect()
}

/// Swarm against the best single strategy, by schedules per failure found.
fn swarm(results: &Results) {
    for program in &results.programs {
        let cells = our_cells(results, &program.name());
        let (swarm, single): (Vec<_>, Vec<_>) = cells.into_iter().partition(|(name, _)| *name == "swarm");
        let costs = single.iter().filter_map(|(name, cell)| Some((name, cell.cost()?)));
        let best = costs.min_by(|(_, one), (_, other)| one.total_cmp(other));
        let (Some((_, swarm)), Some((name, best))) = (swarm.first(), best) else { continue };
        let ratio = swarm.cost().unwrap_or(f64::INFINITY) / best;
        println!(
            "{program}, swarm: {ratio:.1} times the schedules of {name} (bar {}, goal {SWARM_GOAL}): {}",
            single.len(),
            verdict(ratio <= SWARM_GOAL, ratio <= single.len() as f64)
        );
    }
}
