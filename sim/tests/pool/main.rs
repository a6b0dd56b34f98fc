//! The system `pool`: its scenarios show what they are about, its planted bugs are found, users at fault are named.

mod bursts;
mod misuse;
mod planted;
mod scenarios;
mod threads;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use raddle_sim::campaign::{Campaign, Case, Cell, CellReport, Method, run};
use raddle_sim::kernel::{Faults, Limits};
use raddle_sim::strategy::Sampler;
use raddle_sim::systems::Suite;

/// The case of this scenario.
fn case(suite: &Suite, scenario: &str) -> Arc<dyn Case> {
    let entry = suite.entries.iter().find(|entry| entry.scenario == scenario);
    let entry = entry.unwrap_or_else(|| panic!("there is no scenario called {scenario}"));
    Arc::clone(entry.case.as_ref().expect("the subject offers what it needs"))
}

/// How many steps a run may have, unless a test says otherwise.
const STEPS: u64 = 100_000;

/// What one search of one case finds, whose runs have so many steps at most.
fn search(case: &Arc<dyn Case>, method: Method, steps: u64) -> CellReport {
    let campaign = Campaign {
        cells: vec![Cell { case: Arc::clone(case), method }],
        seed: 1,
        jobs: NonZeroUsize::MIN.get(),
        budget: None,
        limits: Limits { faults: Faults::ALL, steps, ..Limits::default() },
        patience: Duration::from_secs(10),
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    run(campaign, |_| {}).remove(0)
}

/// Every way of searching that the simulator has, each with so many schedules at most.
fn methods(schedules: u64) -> Vec<Method> {
    let sampled = Sampler::ALL.map(|sampler| Method::Sampled { sampler, schedules });
    let depth_first = Method::DepthFirst { preemptions: 1, limit: schedules };
    sampled.into_iter().chain([depth_first]).collect()
}
