//! Stress: the scenarios on threads of the operating system, judged by the same oracles as simulated runs.
//!
//! The simulator decides who goes on and sees one memory only: its own. Here the machine decides. What is found this way needs no
//! model of anything; what is not found may still be there, for nobody knows which interleavings came up.
//!
//! ```text
//!  campaign ── Plan (seeds, patience) ──> main thread of the run ── spawns ──> threads of the scenario
//!     ^                                        │ events, written down one at a time     │
//!     └── Execution <── monitor, accounts <────┴──── watchdog: all ended, or no event for a while
//! ```
//!
//! - Subjects stand on [`Jittered`]: the platform of `std`, with pauses that open the windows in which races happen.
//! - A call is written down before it is made and its return after it was made, so the record shows calls overlap that perhaps did
//!   not, never the other way round. The lock of the record orders memory between threads: mistakes in memory orderings may
//!   hide behind it.
//! - The watchdog stands in the place of rest. When no thread has written an event for as long as [`Plan::patience`], the run is
//!   taken to have come to a halt, and judged as such. Threads cannot be ended from outside, so those of the halted run are left
//!   behind: they write down nothing any more, and sleep from their next access on. Scenarios that may come to an excused
//!   rest are left out, for each such run would cost the patience and a few threads.
//! - A panic is contained in its run and reported.
//!
//! # What is reproducible
//!
//! The choices of each thread, which follow the seed. The order in which threads run does not, so there is no token: a failure shows the
//! run in which it was seen, and how often the same choices failed again.

mod ground;
mod jittered;

use std::fmt;
use std::time::Duration;

use raddle_spec::{Automaton, Kind, Order};

use crate::campaign::{Class, Finding, Halt, Judgement, judge_recorded};
use crate::report::Transcript;
use crate::world::World;

pub use ground::{THREADS, is_stressed};
pub use jittered::{Jittered, Jittery};

use ground::Ended;

/// How long no thread may write an event before the run is taken to have come to a halt.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// A run that writes more events than this makes no progress that would end; it is broken off.
pub const EVENTS_MAX: usize = 20_000;

/// How one run is to go, as far as anybody but the machine has a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The seed of the choices that the scenario makes.
    pub choices: u64,
    /// The seed of the pauses.
    pub pauses: u64,
    /// How long no thread may write an event before the run is taken to have come to a halt.
    pub patience: Duration,
}

/// One run.
#[derive(Debug)]
pub struct Execution {
    /// What the oracles say of it.
    pub judgement: Judgement,
    /// How many events there were.
    pub events: usize,
    /// The events, if something is wrong.
    pub transcript: Option<Transcript>,
    /// How many of its threads did not end.
    pub left_behind: usize,
}

/// One scenario on one subject that stands on real threads.
pub trait Stress: Send + Sync {
    /// Runs the scenario once.
    fn execute(&self, plan: &Plan) -> Execution;
}

/// Runs `body` once as the main thread of a run, watches it, and judges what it wrote down.
///
/// # Panics
///
/// If the operating system starts no thread.
pub fn execute<A, Op, Ret, Cb, Reply>(
    spec: &A,
    plan: &Plan,
    body: impl FnOnce(World<Kind<Op, Ret, Cb, Reply>>) + Send + 'static,
) -> Execution
where
    A: Automaton<Action = Kind<Op, Ret, Cb, Reply>>,
    Kind<Op, Ret, Cb, Reply>: fmt::Display + Send + 'static,
    Op: fmt::Display,
    Ret: fmt::Display,
    Cb: fmt::Display,
    Reply: fmt::Display,
{
    let world = World::new(THREADS);
    let inside = world.clone();
    let ended = ground::run(plan, move || body(inside), || world.book().events.len());
    // Threads that were left behind still have the book, so it stays where it is.
    let book = world.book();
    let halt = if ended.panic.is_some() { Halt::Cut } else { ended.halt };
    let judgement = match (judge_recorded(spec, &book, Order::Uncertain, halt), &ended.panic) {
        (Judgement::Failed(finding), _) => Judgement::Failed(finding),
        (_, Some((name, message))) => {
            let headline = format!("thread `{name}` panicked: {message}");
            Judgement::Failed(Box::new(Finding::new(Class::Panic, headline)))
        }
        (judgement, None) => judgement,
    };
    let judgement = match judgement {
        Judgement::Failed(finding) => Judgement::Failed(Box::new(with_halt(*finding, &ended, plan))),
        judgement => judgement,
    };
    let failed = matches!(judgement, Judgement::Failed(_));
    Execution {
        judgement,
        events: book.events.len(),
        transcript: failed.then(|| Transcript::of(&book)),
        left_behind: ended.left_behind.len(),
    }
}

/// Adds to a finding what only this substrate knows: how a thread ended, or that it did not.
fn with_halt(mut finding: Finding, ended: &Ended, plan: &Plan) -> Finding {
    if let Some((name, message)) = ended.panic.as_ref().filter(|_| finding.class != Class::Panic) {
        finding.details.push(format!("Thread `{name}` panicked: {message}"));
    }
    if ended.halt == Halt::Stuck {
        let names: Vec<String> = ended.left_behind.iter().map(|name| format!("`{name}`")).collect();
        finding.details.push(format!(
            "No thread wrote an event for {:?}; {} did not end.",
            plan.patience,
            names.join(" and ")
        ));
    }
    finding
}
