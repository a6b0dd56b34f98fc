//! From the command line to a campaign, and from its reports to an outcome.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use raddle_sim::campaign::{self, Campaign, Cell, CellReport, Class, Method, Outcome, Tally};
use raddle_sim::kernel::Limits;
use raddle_sim::report::{count, thousands, write_failure};
use raddle_sim::strategy::Sampler;
use raddle_sim::stress;

use super::Exit;
use super::args::CommonArgs;
use super::console::Console;

/// A simulated thread that makes no step for so long is taken to block on something real.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How many jobs were asked for; one for each core, if nothing was said.
pub(crate) fn jobs_or_cores(jobs: Option<u64>) -> usize {
    match jobs {
        Some(jobs) => usize::try_from(jobs).expect("so few jobs fit any machine"),
        None => thread::available_parallelism().map_or(1, usize::from),
    }
}

/// Runs the cells, with progress on the console, and remarks how fast it went.
pub(crate) fn run_cells(
    console: &mut Console,
    cells: Vec<Cell>,
    common: &CommonArgs,
    interrupted: Arc<AtomicBool>,
) -> Vec<CellReport> {
    let jobs = jobs_or_cores(common.jobs);
    let began = Instant::now();
    let campaign = Campaign {
        cells,
        seed: common.seed,
        jobs,
        budget: common.budget,
        limits: Limits { faults: common.faults, ..Limits::default() },
        patience: PATIENCE,
        interrupted,
    };
    let reports = campaign::run(campaign, |progress| console.progress(progress));
    let tally = total(&reports);
    let seconds = began.elapsed().as_secs_f64();
    console.remark(&format!(
        "{seconds:.1} s with {}: {} schedules and {} steps a second",
        count(jobs as u64, "job"),
        thousands((tally.schedules as f64 / seconds) as u64),
        thousands((tally.steps as f64 / seconds) as u64),
    ));
    reports
}

/// One case under schedules that are drawn.
pub(crate) fn sampled(case: &Arc<dyn campaign::Case>, sampler: Sampler, schedules: u64) -> Cell {
    Cell { case: Arc::clone(case), method: Method::Sampled { sampler, schedules } }
}

/// One case under depth-first search.
pub(crate) fn depth_first(case: &Arc<dyn campaign::Case>, preemptions: u32, limit: u64) -> Cell {
    Cell { case: Arc::clone(case), method: Method::DepthFirst { preemptions, limit } }
}

/// One case on threads of the operating system.
pub(crate) fn threads(case: &Arc<dyn campaign::Case>, schedules: u64) -> Cell {
    Cell { case: Arc::clone(case), method: Method::Threads { schedules, patience: stress::PATIENCE } }
}

/// The counts of all cells together.
pub(crate) fn total<'a>(reports: impl IntoIterator<Item = &'a CellReport>) -> Tally {
    let mut tally = Tally::default();
    reports.into_iter().for_each(|report| tally.add(&report.tally));
    tally
}

/// The worst outcome of any cell; inconclusive if there is none.
pub(crate) fn outcome<'a>(reports: impl IntoIterator<Item = &'a CellReport>) -> Outcome {
    reports.into_iter().map(CellReport::outcome).max().unwrap_or(Outcome::Inconclusive)
}

/// The exit code for these reports.
pub(crate) fn exit<'a>(reports: impl IntoIterator<Item = &'a CellReport> + Clone) -> Exit {
    let is_fault = |report: &CellReport| {
        report.failure.as_ref().is_some_and(|failure| failure.finding.class == Class::Fault)
    };
    match outcome(reports.clone()) {
        _ if reports.into_iter().any(is_fault) => Exit::Fault,
        Outcome::Passed => Exit::Passed,
        Outcome::Inconclusive => Exit::Inconclusive,
        Outcome::Failed => Exit::Violation,
    }
}

/// What a row says of its cells: the outcome, and the rule that was broken or what was not done.
pub(crate) fn verdict(reports: &[&CellReport]) -> String {
    let failure = reports.iter().find_map(|report| report.failure.as_ref());
    match (outcome(reports.iter().copied()), failure) {
        (_, Some(failure)) => match failure.finding.rules.first() {
            Some(rule) => format!("FAILED: {}, {}", failure.finding.class, rule.id),
            None => format!("FAILED: {}", failure.finding.class),
        },
        (Outcome::Inconclusive, None) => {
            let why = reports.iter().find_map(|report| report.shortcoming()).unwrap_or("nothing was run");
            format!("inconclusive: {why}")
        }
        _ => "passed".to_owned(),
    }
}

/// The reports of the failures: the first in full, the others by count.
pub(crate) fn failures<'a>(reports: impl Iterator<Item = &'a CellReport>) -> String {
    let failed: Vec<&CellReport> = reports.filter(|report| report.failure.is_some()).collect();
    let Some(first) = failed.first() else { return String::new() };
    let mut text = String::from("\n");
    write_failure(&mut text, first).expect("a string takes all that is written");
    if failed.len() > 1 {
        let id = &failed[1].id;
        text += &format!(
            "\n{} failed; this is the story of the first. For the next: raddle run {}/{} --subject {}\n",
            count(failed.len() as u64, "search"),
            id.system,
            id.scenario,
            id.subject
        );
    }
    text
}

/// How many simulated threads could not be unwound; nothing if there are none.
pub(crate) fn leaks(tally: &Tally) -> String {
    match tally.leaked_threads {
        0 => String::new(),
        leaked => format!(
            "\n{} could not be unwound after executions that left them unfinished; what they own is lost\n",
            count(leaked, "simulated thread"),
        ),
    }
}

/// How many faults of each kind happened; of those that did not, nothing.
pub(crate) fn faults(tally: &Tally) -> String {
    let happened = tally.faults.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = happened.map(|(kind, count)| format!("{kind} {}", thousands(count))).collect();
    if counts.is_empty() { String::new() } else { format!("\nfaults: {}\n", counts.join(", ")) }
}

/// Why the inconclusive cells are, a line each.
pub(crate) fn shortfalls<'a>(reports: impl Iterator<Item = &'a CellReport>) -> String {
    let undone = reports.filter(|report| report.outcome() == Outcome::Inconclusive);
    let lines: Vec<String> = undone.map(|report| format!("  {}\n", report.shortfall())).collect();
    if lines.is_empty() {
        return String::new();
    }
    const SHOWN: usize = 5;
    let more = lines.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!("  and {more} more\n") };
    format!("\nnot done as planned:\n{}{more}", lines[..lines.len().min(SHOWN)].concat())
}
