//! Campaigns: many executions of many cases, on several OS threads, with the same result on any number of them.
//!
//! A campaign is a list of cells (a [case](Case) under a [method](Method)). Workers take stretches of schedules from it, in
//! order. What a schedule does depends only on the campaign's seed, the scenario and the schedule's index, so it does not matter
//! who runs it. When a schedule fails, those with lower indices are finished and those with higher ones dropped, and
//! the lowest failure is the one that is reported: counts and findings are the same for any number of workers.
//!
//! A simulated thread that blocks on something real (a lock of the standard library, a socket) or computes for ever
//! would hang its worker. The coordinator notices that a worker makes no step any more, reports the cell as
//! [unresponsive](Class::Unresponsive), and leaves that worker behind.

mod case;
mod check;
mod coordinator;
mod judgement;
mod leak;
mod plan;
mod replay;
mod search;
mod shrink;
mod threads;

pub(crate) use case::NOT_ON_THREADS;
pub use case::{Case, CaseId, Detail, Execution, Origin};
pub use check::{Checked, Options, Unchecked, check_suite, stress_suite};
pub use coordinator::{Campaign, run};
pub(crate) use judgement::livelock;
pub use judgement::{Class, Finding, Halt, Judgement, judge_execution, judge_recorded, judgement_of};
pub(crate) use leak::{carried_over, leak};
pub use plan::{Cell, CellReport, Completion, Failure, Method, Outcome, Progress, Tally};
pub use replay::{ReplayError, Replayed, replay_entry};
pub(crate) use replay::{choices_of, replay_case};
pub use search::tell;
pub use shrink::{Attempt, Made, shrink};
