//! Who gives each step to whom it is for, and a strategy that lets it take effect before the next.

use raddle::platform::Threads;

use super::Step;
use super::stage::Stage;
use crate::choice::Kind;
use crate::kernel;
use crate::platform::Sim;
use crate::strategy::{Now, Strategy};

/// The number of the conductor's thread: it is the first one that is started.
const CONDUCTOR: usize = 1;

/// Lets the conductor go on only when nobody else can.
pub(super) struct InOrder<'a> {
    numbers: &'a [u8],
    stage: Stage,
    has_begun: bool,
}

impl<'a> InOrder<'a> {
    pub(super) fn new(numbers: &'a [u8], stage: Stage) -> Self {
        InOrder { numbers, stage, has_begun: false }
    }
}

impl Strategy for InOrder<'_> {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.has_begun, true)
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        (0..now.options()).find(|option| now.thread(*option) != CONDUCTOR)
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
pub(super) fn conduct(stage: Stage, steps: Vec<Step>) {
    let started = kernel::spared(|| Sim::spawn("conductor", move || give_out(&stage, steps)));
    started.expect("no fault befalls a thread that is spared");
}

fn give_out(stage: &Stage, steps: Vec<Step>) {
    // Nobody can help more often than there are calls that wait.
    let most = steps.len() + 1;
    settle();
    for step in steps {
        match step {
            Step::Manager(step) => stage.tell_manager(step),
            Step::OnDrop(step) => stage.tell_drop(step),
            Step::Worker(worker, step) => stage.tell_worker(worker, step),
        }
        settle();
    }
    for _ in 0..most {
        if !stage.help_manager() {
            break;
        }
        settle();
    }
    stage.dismiss_manager();
    settle();
    stage.dismiss_workers();
}

/// Lets all others go on until nobody can.
fn settle() {
    Sim::yield_now();
}
