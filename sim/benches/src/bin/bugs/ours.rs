//! The strategies of the simulator.

use raddle_sim::kernel::{End, Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Pos, Random, Strategy};
use raddle_sim_benches::bugs::{Form, Program};

use crate::trial::STEPS;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Ours {
    Random,
    Pos,
}

/// A kernel, kept from one search to the next for its stacks.
pub struct Simulator(Kernel);

impl Simulator {
    pub fn new() -> Self {
        Simulator(Kernel::new(Limits { steps: STEPS as u64, ..Limits::default() }))
    }
}

impl Ours {
    pub const ALL: &[Ours] = &[Ours::Random, Ours::Pos];

    pub fn name(self) -> &'static str {
        match self {
            Ours::Random => "random",
            Ours::Pos => "POS",
        }
    }

    /// How many schedules it took, and whether the last one failed.
    pub fn search(self, simulator: &mut Simulator, program: Program, form: Form, seed: u64) -> (u64, bool) {
        match self {
            Ours::Random => simulator.search(Random::new(seed), program, form),
            Ours::Pos => simulator.search(Pos::new(seed), program, form),
        }
    }
}

impl Simulator {
    fn search(&mut self, mut strategy: impl Strategy, program: Program, form: Form) -> (u64, bool) {
        let kernel = &mut self.0;
        let mut schedules = 0;
        while schedules < program.cap {
            let Some(run) = kernel.run(&mut strategy, || program.run::<Sim>(form)) else { break };
            schedules += 1;
            assert!(run.end != End::Fault, "a strategy has failed: {:?}", kernel.fault());
            assert!(
                run.end != End::ThreadBound && !kernel.is_spent(),
                "{program} is too large for the kernel"
            );
            if run.panics > 0 || run.end == End::Stuck {
                return (schedules, true);
            }
        }
        (schedules, false)
    }
}
