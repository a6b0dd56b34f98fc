//! What one worker does: run a stretch of a cell's schedules, and explain a failure.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::choice::Choice;
use crate::kernel::{Kernel, StepRecord};
use crate::order::{Classes, HappensBefore, fingerprint};
use crate::report::Transcript;
use crate::strategy::{Calibration, Coverage, DepthFirst, Profile, Replay, Sampler, Strategy};

use super::case::{Case, CaseId, Detail, Execution};
use super::judgement::{Class, Finding, Judgement};
use super::plan::{Cell, Completion, Failure, Method, Tally};
use super::replay::token_of;
use super::shrink::{Made, shrink};

/// Of passing executions, each one whose index is a multiple of this is executed twice and compared.
const COMPARE_EVERY: u64 = 100;

/// How many executions shrinking may take.
const SHRINK_ATTEMPTS: usize = 2_000;

/// Most failures need no more preemptions than this.
const PLAIN_PREEMPTIONS: u64 = 2;

/// How many executions looking for a plain failure may take, for each number of preemptions.
const PLAIN_ATTEMPTS: usize = 1_000;

/// How many steps either may take in all, so that a failure of long executions is told of in good time, too.
const EXPLAIN_STEPS: u64 = 1_000_000;

/// As many executions are made in any case: the first edits help most.
const LEAST_ATTEMPTS: usize = 100;

/// Judging an event takes as long as so many steps.
const STEPS_OF_AN_EVENT: u64 = 4;

/// How many of `most` executions as long as this one are worth their time.
fn affordable(most: usize, execution: &Execution) -> usize {
    let steps = execution.run.steps.max(STEPS_OF_AN_EVENT * execution.events as u64);
    let affordable = usize::try_from(EXPLAIN_STEPS / steps.max(1)).unwrap_or(most);
    affordable.clamp(LEAST_ATTEMPTS, most)
}

/// What ends a search from outside.
pub(super) struct Brakes<'a> {
    /// Somebody interrupts.
    pub(super) interrupted: &'a AtomicBool,
    /// The time budget ends here.
    pub(super) deadline: Option<Instant>,
}

impl Brakes<'_> {
    /// Looks at the clock only now and then: an execution takes microseconds.
    pub(super) fn pulled(&self, schedule: u64) -> Option<Completion> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Some(Completion::Interrupted);
        }
        let out_of_time =
            schedule.is_multiple_of(16) && self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        out_of_time.then_some(Completion::OutOfTime)
    }
}

/// A failing execution as it was found.
#[derive(Clone, Debug)]
pub(super) struct RawFailure {
    pub(super) schedule: u64,
    pub(super) member: Option<&'static str>,
    pub(super) finding: Finding,
    /// Empty if the execution cannot be replayed.
    pub(super) choices: Vec<u32>,
    /// The events, if the execution cannot be replayed.
    pub(super) transcript: Option<Transcript>,
}

/// What a stretch of schedules gave.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) tally: Tally,
    pub(super) classes: Classes,
    pub(super) failure: Option<RawFailure>,
    /// Set when the stretch ended otherwise than by having run all its schedules.
    pub(super) ended: Option<Completion>,
}

/// Runs the schedules before `to`, and learns from them what the strategy wants to know.
pub(super) fn calibrate(
    kernel: &mut Kernel,
    cell: &Cell,
    sampler: Sampler,
    seed: u64,
    to: u64,
    brakes: &Brakes<'_>,
) -> (Stretch, Arc<Profile>) {
    let mut strategy = Calibration::new(sampler, cell_seed(seed, cell.case.id()));
    let observe = |kernel: &Kernel, strategy: &mut Calibration| {
        strategy.observe(kernel);
        None
    };
    let stretch = run_schedules(kernel, &*cell.case, &mut strategy, observe, (0, to), brakes);
    (stretch, strategy.into_profile())
}

/// Runs schedules `from..to` as `sampler` draws them.
pub(super) fn run_sampled(
    kernel: &mut Kernel,
    cell: &Cell,
    sampler: Sampler,
    profile: &Arc<Profile>,
    seed: u64,
    (from, to): (u64, u64),
    brakes: &Brakes<'_>,
) -> Stretch {
    let mut strategy = sampler.strategy(cell_seed(seed, cell.case.id()), from, profile);
    run_schedules(kernel, &*cell.case, &mut strategy, |_, _| None, (from, to), brakes)
}

/// Runs all schedules of a depth-first search.
pub(super) fn run_depth_first(kernel: &mut Kernel, cell: &Cell, brakes: &Brakes<'_>) -> Stretch {
    let Method::DepthFirst { preemptions, limit } = cell.method else { unreachable!("the caller matched") };
    let mut strategy = DepthFirst::bounded(u64::from(preemptions));
    let objection = |_: &Kernel, strategy: &mut DepthFirst| strategy.objection().map(str::to_owned);
    let mut stretch = run_schedules(kernel, &*cell.case, &mut strategy, objection, (0, limit), brakes);
    if stretch.failure.is_none() {
        stretch.ended = Some(match (stretch.ended, strategy.coverage()) {
            (Some(Completion::Exhausted), Coverage::WithinBound) => Completion::WithinBound,
            (Some(ended), _) => ended,
            (None, _) => Completion::Limited,
        });
    }
    stretch
}

/// `observe` sees each execution, and tells what the strategy has noticed about the program: that it is not deterministic.
fn run_schedules<S: Strategy>(
    kernel: &mut Kernel,
    case: &dyn Case,
    strategy: &mut S,
    mut observe: impl FnMut(&Kernel, &mut S) -> Option<String>,
    (from, to): (u64, u64),
    brakes: &Brakes<'_>,
) -> Stretch {
    let mut stretch =
        Stretch { tally: Tally::default(), classes: Classes::default(), failure: None, ended: None };
    let mut order = HappensBefore::new();
    for schedule in from..to {
        stretch.ended = brakes.pulled(schedule);
        if stretch.ended.is_some() {
            break;
        }
        let compared = schedule.is_multiple_of(COMPARE_EVERY);
        let detail = if compared { Detail::Shown } else { Detail::Judged };
        let Some(execution) = case.execute(kernel, strategy, detail) else {
            stretch.ended = Some(Completion::Exhausted);
            break;
        };
        stretch.tally.count(&execution);
        if schedule < Classes::MOST {
            stretch.classes.note(fingerprint(&mut order, kernel.log(), kernel.choices()));
        }
        let objection = observe(kernel, strategy);
        let finding = match execution.judgement {
            _ if let Some(objection) = objection => Some(nondeterminism(&objection)),
            Judgement::Failed(finding) => Some(*finding),
            _ if compared => {
                stretch.tally.compared += 1;
                let first = Observed::of(kernel, execution.transcript.unwrap_or_default());
                first.compare(kernel, case)
            }
            _ => None,
        };
        if let Some(finding) = finding {
            let choices = taken(kernel.choices());
            let member = strategy.member();
            stretch.failure = Some(RawFailure { schedule, member, finding, choices, transcript: None });
            break;
        }
    }
    stretch
}

impl Tally {
    fn count(&mut self, execution: &Execution) {
        self.schedules += 1;
        self.steps += execution.run.steps;
        self.events += execution.events as u64;
        self.leaked_threads += u64::from(execution.run.leaked_threads);
        self.faults += &execution.run.faults;
        match execution.judgement {
            Judgement::Rested => self.rested += 1,
            Judgement::CutShort => self.cut_short += 1,
            Judgement::Undecided => self.undecided += 1,
            Judgement::Passed | Judgement::Abandoned | Judgement::Failed(_) => {}
        }
    }
}

/// Schedules depend on the campaign's seed and on the scenario, not on the subject or on the other cells.
pub(super) fn cell_seed(seed: u64, id: &CaseId) -> u64 {
    // FNV-1a: stable everywhere, and good enough to tell names apart.
    let name = [id.system, "/", &*id.scenario];
    let bytes = name.iter().flat_map(|part| part.bytes());
    bytes.fold(0xCBF2_9CE4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

fn taken(choices: &[Choice]) -> Vec<u32> {
    choices.iter().map(|choice| choice.taken).collect()
}

/// Everything about an execution that must be the same when it is executed again.
struct Observed {
    choices: Vec<Choice>,
    steps: Vec<StepRecord>,
    transcript: Transcript,
}

impl Observed {
    fn of(kernel: &Kernel, transcript: Transcript) -> Self {
        Observed { choices: kernel.choices().to_vec(), steps: kernel.log().to_vec(), transcript }
    }

    /// Executes the same choices again and names the first difference.
    fn compare(&self, kernel: &mut Kernel, case: &dyn Case) -> Option<Finding> {
        let mut strategy = Replay::new(taken(&self.choices));
        let again = case.execute(kernel, &mut strategy, Detail::Shown)?;
        let again = Observed::of(kernel, again.transcript.unwrap_or_default());
        let difference = first_difference("step", &self.steps, &again.steps, ToString::to_string)
            .or_else(|| first_difference("choice", &self.choices, &again.choices, ToString::to_string))
            .or_else(|| {
                let (rows, rows_again) = (&self.transcript.rows, &again.transcript.rows);
                first_difference("event", rows, rows_again, |row| row.text.clone())
            })?;
        Some(nondeterminism(&difference))
    }
}

fn nondeterminism(difference: &str) -> Finding {
    let headline = format!(
        "the same choices gave another execution: {difference}. Something outside of the simulation has a say: \
         a clock, a hash order, an address, a real thread."
    );
    Finding::new(Class::Nondeterminism, headline)
}

fn first_difference<T: PartialEq>(
    what: &str,
    first: &[T],
    second: &[T],
    show: impl Fn(&T) -> String,
) -> Option<String> {
    let at = (0..first.len().max(second.len())).find(|at| first.get(*at) != second.get(*at))?;
    let show = |list: &[T]| list.get(at).map_or("nothing".to_owned(), &show);
    Some(format!("{what} {at} was \"{}\", then \"{}\"", show(first), show(second)))
}

impl Execution {
    /// How much there is to read up to what is wrong: rows, and turns from one column to another.
    fn length(&self) -> usize {
        let wrong = match &self.judgement {
            Judgement::Failed(finding) => finding.event,
            _ => None,
        };
        self.transcript.as_ref().map_or(0, |transcript| transcript.length(wrong))
    }
}

/// The shortest run with this finding among the first ones with few preemptions: what was found by chance may be stuck in a shape
/// from which no small edit leads to a simpler one. So many executions may be made for each number of preemptions.
fn plainest(kernel: &mut Kernel, case: &dyn Case, finding: &Finding, attempts: usize) -> Option<Made> {
    (0..=PLAIN_PREEMPTIONS).find_map(|preemptions| {
        let mut strategy = DepthFirst::bounded(preemptions);
        let mut plainest: Option<Made> = None;
        for _ in 0..attempts {
            let Some(execution) = case.execute(kernel, &mut strategy, Detail::Shown) else { break };
            if matches!(&execution.judgement, Judgement::Failed(found) if found.is_like(finding)) {
                let made = Made { choices: taken(kernel.choices()), length: execution.length() };
                plainest = plainest.into_iter().chain([made]).min_by(Made::compare);
            }
        }
        plainest
    })
}

/// Tells the story of the last execution of `kernel`, in which `case` showed `finding`: executes it again and makes it as short
/// as possible. For drivers other than a [campaign](super::run), which does this by itself.
#[must_use]
pub fn tell(kernel: &mut Kernel, case: &dyn Case, finding: Finding) -> Failure {
    let choices = taken(kernel.choices());
    explain(kernel, case, RawFailure { schedule: 0, member: None, finding, choices, transcript: None })
}

/// Executes the failing run again, makes it as short as possible, and tells its story.
pub(super) fn explain(kernel: &mut Kernel, case: &dyn Case, raw: RawFailure) -> Failure {
    let RawFailure { schedule, member, finding, choices, .. } = raw;
    if finding.class == Class::Nondeterminism {
        return Failure { member, ..Failure::untold(schedule, finding) };
    }
    let same = |kernel: &mut Kernel, choices: &[u32]| {
        let mut strategy = Replay::new(choices.to_vec());
        let execution = case.execute(kernel, &mut strategy, Detail::Shown)?;
        match &execution.judgement {
            Judgement::Failed(found) if found.is_like(&finding) => Some(execution),
            _ => None,
        }
    };
    let Some(again) = same(kernel, &choices) else {
        let headline = format!("the same choices did not fail again; the first time: {}", finding.headline);
        let finding = Finding::new(Class::Nondeterminism, headline);
        return Failure { member, ..Failure::untold(schedule, finding) };
    };
    let length = again.length();
    let [plain_attempts, shrink_attempts] =
        [PLAIN_ATTEMPTS, SHRINK_ATTEMPTS].map(|most| affordable(most, &again));
    if let Some(difference) = Observed::of(kernel, again.transcript.unwrap_or_default()).compare(kernel, case)
    {
        return Failure { member, ..Failure::untold(schedule, difference) };
    }
    let needed = |choices: &[u32]| choices.iter().filter(|choice| **choice != 0).count();
    let found = Made { choices: choices.clone(), length };
    let starts = [Some(found), plainest(kernel, case, &finding, plain_attempts)];
    let shrunk = starts.into_iter().flatten().map(|start| {
        shrink(start, shrink_attempts, |candidate: &[u32]| {
            let length = same(kernel, candidate)?.length();
            Some(Made { choices: taken(kernel.choices()), length })
        })
    });
    let shrunk = shrunk.min_by(Made::compare).expect("there is at least the run that was found");
    let shrunk = shrunk.choices;
    let shortest = same(kernel, &shrunk).expect("shrinking keeps only what fails");
    let Judgement::Failed(finding) = shortest.judgement else { unreachable!("`same` matched it") };
    Failure {
        schedule,
        member,
        finding: *finding,
        choices: (needed(&choices), needed(&shrunk)),
        token: Some(token_of(case.id(), kernel.limits(), shrunk).to_string()),
        transcript: shortest.transcript.unwrap_or_default(),
    }
}
