//! Campaigns: what is reported, whoever did the work, and what becomes of cases that misbehave.

mod misbehaviour;
mod oracles;
mod results;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use raddle_sim::campaign::{
    Campaign, Case, CaseId, Cell, CellReport, Detail, Execution, Method, Origin, judge_execution, run,
};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::report::Transcript;
use raddle_sim::strategy::{Sampler, Strategy};
use raddle_sim::systems::waitmap::World;
use raddle_sim::world::SIMULATED;
use raddle_spec::waitmap::spec;

/// A case of a few lines: what its main thread does.
struct Toy {
    id: CaseId,
    body: Box<dyn Fn(&World) + Send + Sync>,
}

impl Case for Toy {
    fn id(&self) -> &CaseId {
        &self.id
    }

    fn execute(&self, kernel: &mut Kernel, strategy: &mut dyn Strategy, detail: Detail) -> Option<Execution> {
        let world = World::new(SIMULATED);
        let run = kernel.run(strategy, || (self.body)(&world))?;
        let book = world.take_book();
        let judgement = judge_execution(&spec(), &book, kernel, &run);
        let transcript = (detail == Detail::Shown).then(|| Transcript::of(&book));
        Some(Execution { run, judgement, events: book.events.len(), transcript, rules: Vec::new() })
    }
}

fn toy(body: impl Fn(&World) + Send + Sync + 'static) -> Arc<dyn Case> {
    let id = CaseId {
        system: "toy",
        scenario: "toy".into(),
        version: 1,
        subject: "toy".to_owned(),
        origin: Origin::Subject,
    };
    Arc::new(Toy { id, body: Box::new(body) })
}

fn random(case: &Arc<dyn Case>, schedules: u64) -> Cell {
    Cell { case: Arc::clone(case), method: Method::Sampled { sampler: Sampler::Random, schedules } }
}

fn depth_first(case: &Arc<dyn Case>) -> Cell {
    Cell { case: Arc::clone(case), method: Method::DepthFirst { preemptions: 2, limit: 10_000 } }
}

/// A campaign of these cells, to be changed where a test needs it.
fn campaign(cells: Vec<Cell>) -> Campaign {
    Campaign {
        cells,
        seed: 1,
        jobs: NonZeroUsize::MIN.get(),
        budget: None,
        limits: Limits { steps: 200, ..Limits::default() },
        patience: Duration::from_secs(10),
        interrupted: Arc::new(AtomicBool::new(false)),
    }
}

/// The report of the only cell.
fn report_of(campaign: Campaign) -> CellReport {
    let mut reports = run(campaign, |_| {});
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}
