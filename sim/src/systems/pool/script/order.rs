//! Who gives each step to whom it is for, and a strategy that lets it take effect before the next, or meet it.

use raddle::platform::Threads;

use super::stage::Stage;
use super::{Program, Step};
use crate::choice::Kind;
use crate::kernel;
use crate::platform::Sim;
use crate::strategy::{Now, SplitMix64, Strategy};

/// The number of the conductor's thread: it is the first one that is started.
const CONDUCTOR: usize = 1;

/// Lets the conductor go on only when nobody else can, unless steps overlap: then only when it waits for that.
pub(super) struct InOrder<'a> {
    numbers: &'a [u8],
    stage: Stage,
    /// Of those who go on together, if steps overlap.
    order: Option<SplitMix64>,
    has_begun: bool,
}

impl<'a> InOrder<'a> {
    pub(super) fn new(program: &'a Program, stage: Stage) -> Self {
        let order = program.overlap.map(|overlap| SplitMix64::new(overlap.seed));
        InOrder { numbers: &program.numbers, stage, order, has_begun: false }
    }
}

impl Strategy for InOrder<'_> {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_begun, true)
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        let is_settling = self.order.is_none() || self.stage.is_settling();
        let mut may_go_on =
            (0..now.options()).filter(|option| !is_settling || now.thread(*option) != CONDUCTOR);
        match &mut self.order {
            None => may_go_on.next(),
            Some(order) => {
                let count = may_go_on.clone().count();
                may_go_on.nth(order.below(count as u32) as usize)
            }
        }
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        match kind {
            Kind::Spawn => u32::from(self.stage.fails()),
            Kind::Random => match self.numbers.split_first() {
                Some((first, rest)) => {
                    self.numbers = rest;
                    u32::from(*first) % options
                }
                None => 0,
            },
            _ => 0,
        }
    }
}

/// Starts the thread that gives out the steps.
pub(super) fn conduct(stage: Stage, program: Program) {
    let started = kernel::spared(|| Sim::spawn("conductor", move || give_out(&stage, program)));
    started.expect("no fault befalls a thread that is spared");
}

fn give_out(stage: &Stage, Program { steps, overlap, .. }: Program) {
    // Nobody can help more often than there are calls that wait.
    let most = steps.len() + 1;
    let together = overlap.map_or(1, |overlap| overlap.steps.max(1));
    settle(stage);
    for steps in steps.chunks(together) {
        for step in steps {
            match step.clone() {
                Step::Manager(step) => stage.tell_manager(step),
                Step::OnDrop(step) => stage.tell_drop(step),
                Step::Worker(worker, step) => stage.tell_worker(worker, step),
            }
        }
        settle(stage);
    }
    for _ in 0..most {
        if !stage.help_manager() {
            break;
        }
        settle(stage);
    }
    stage.dismiss_manager();
    settle(stage);
    stage.dismiss_workers();
}

/// Lets all others go on until nobody can.
fn settle(stage: &Stage) {
    stage.set_settling(true);
    Sim::yield_now();
    stage.set_settling(false);
}
