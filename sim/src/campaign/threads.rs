//! What one worker does where the machine chooses the schedules: run a stretch of them, and tell of a failure.
//!
//! A run on real threads cannot be replayed, so there is nothing to shrink. Instead the same choices are executed again some hundred times:
//! that tells how often they fail, and the shortest of the failing runs is the one that is shown.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::order::Classes;
use crate::report::{Transcript, count, thousands};
use crate::strategy::SplitMix64;
use crate::stress::{self, Plan, Stress};

use super::judgement::{Class, Finding, Judgement};
use super::plan::{Cell, Failure, Method, Tally};
use super::search::{Brakes, RawFailure, Stretch, cell_seed};

/// How often a failing run is executed again.
const REPEATS: u64 = 500;

/// How long that may take: runs that come to a halt cost the patience of the watchdog each.
const REPEAT_FOR: Duration = Duration::from_secs(5);

/// The program of `cell`, and the plan of its run `schedule`.
fn planned(cell: &Cell, seed: u64, schedule: u64) -> Result<(&dyn Stress, Plan), &'static str> {
    let Method::Threads { patience, .. } = cell.method else { unreachable!("the caller matched") };
    let program = cell.case.on_threads()?;
    let mut seeds = SplitMix64::of_schedule(cell_seed(seed, cell.case.id()), schedule);
    Ok((program, Plan { choices: seeds.next(), pauses: seeds.next(), patience }))
}

/// Runs schedules `from..to`, and counts each in `runs` as well.
pub(super) fn run(
    cell: &Cell,
    seed: u64,
    (from, to): (u64, u64),
    brakes: &Brakes<'_>,
    runs: &AtomicU64,
) -> Stretch {
    // Nobody knows the order behind what happens on real threads.
    let mut stretch =
        Stretch { tally: Tally::default(), classes: Classes::default(), failure: None, ended: None };
    for schedule in from..to {
        stretch.ended = brakes.pulled(0);
        if stretch.ended.is_some() {
            break;
        }
        let execution = match planned(cell, seed, schedule) {
            Ok((program, plan)) => program.execute(&plan),
            Err(needs) => {
                let finding = Finding::new(Class::Fault, format!("{} needs {needs}", cell.case.id()));
                stretch.failure = Some(RawFailure {
                    schedule,
                    member: None,
                    finding,
                    choices: Vec::new(),
                    transcript: None,
                });
                break;
            }
        };
        stretch.tally.count_on_threads(&execution);
        // Relaxed: a number to look at.
        runs.fetch_add(1, Ordering::Relaxed);
        if let Judgement::Failed(finding) = execution.judgement {
            let transcript = execution.transcript;
            stretch.failure = Some(RawFailure {
                schedule,
                member: None,
                finding: *finding,
                choices: Vec::new(),
                transcript,
            });
            break;
        }
    }
    stretch
}

impl Tally {
    fn count_on_threads(&mut self, execution: &stress::Execution) {
        self.schedules += 1;
        self.events += execution.events as u64;
        self.left_behind += execution.left_behind as u64;
        match execution.judgement {
            Judgement::Rested => self.rested += 1,
            Judgement::CutShort => self.cut_short += 1,
            Judgement::Undecided => self.undecided += 1,
            Judgement::Passed | Judgement::Abandoned | Judgement::Failed(_) => {}
        }
    }
}

/// Executes the choices of the failing run again, counts how often they fail, and shows the shortest run that did.
pub(super) fn explain(cell: &Cell, seed: u64, raw: RawFailure, brakes: &Brakes<'_>) -> Failure {
    let RawFailure { schedule, finding, transcript, .. } = raw;
    let transcript = transcript.unwrap_or_default();
    let Ok((program, plan)) = planned(cell, seed, schedule) else {
        return Failure::untold(schedule, finding);
    };
    let length = |finding: &Finding, transcript: &Transcript| transcript.length(finding.event);
    let mut shortest = (finding.clone(), transcript);
    let (mut repeats, mut failed, mut left_behind) = (0, 0, 0);
    let mut pauses = SplitMix64::new(plan.pauses);
    let began = Instant::now();
    while repeats < REPEATS && began.elapsed() < REPEAT_FOR && brakes.pulled(0).is_none() {
        let again = program.execute(&Plan { pauses: pauses.next(), ..plan });
        repeats += 1;
        left_behind += again.left_behind;
        let Judgement::Failed(found) = again.judgement else { continue };
        if found.is_like(&finding) {
            failed += 1;
            let transcript = again.transcript.unwrap_or_default();
            if length(&found, &transcript) < length(&shortest.0, &shortest.1) {
                shortest = (*found, transcript);
            }
        }
    }
    let (mut finding, transcript) = shortest;
    finding.details.push(format!(
        "Real threads cannot be replayed. Of {} more runs with the same choices {} failed in the same way; the shortest is shown.",
        thousands(repeats),
        thousands(failed),
    ));
    if left_behind > 0 {
        finding.details.push(format!("These runs left {} behind.", count(left_behind as u64, "thread")));
    }
    Failure { transcript, ..Failure::untold(schedule, finding) }
}
