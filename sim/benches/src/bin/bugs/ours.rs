//! The strategies of the simulator.

use raddle_sim::kernel::{End, Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Calibration, Sampler, Strategy};
use raddle_sim_benches::bugs::{Form, Program};

use crate::trial::STEPS;

/// A kernel, kept from one search to the next for its stacks.
pub struct Simulator {
    kernel: Kernel,
}

impl Simulator {
    pub fn new() -> Self {
        let kernel = Kernel::new(Limits { steps: STEPS as u64, ..Limits::default() });
        Simulator { kernel }
    }

    /// As a campaign does: a calibration batch, then the strategy itself. Returns how many schedules it took, and
    /// whether the last one failed.
    pub fn search(&mut self, sampler: Sampler, program: Program, form: Form, seed: u64) -> (u64, bool) {
        let mut calibration = Calibration::new(sampler, seed);
        let mut schedules = 0;
        while schedules < sampler.calibration() {
            schedules += 1;
            if self.fails(&mut calibration, program, form) {
                return (schedules, true);
            }
            calibration.observe(&self.kernel);
        }
        let mut strategy = sampler.strategy(seed, schedules, &calibration.into_profile());
        while schedules < program.cap {
            schedules += 1;
            if self.fails(&mut *strategy, program, form) {
                return (schedules, true);
            }
        }
        (schedules, false)
    }

    fn fails(&mut self, strategy: &mut (impl Strategy + ?Sized), program: Program, form: Form) -> bool {
        let kernel = &mut self.kernel;
        let run = kernel.run(strategy, || program.run::<Sim>(form)).expect("sampling goes on for ever");
        assert!(run.end != End::Fault, "a strategy has failed: {:?}", kernel.fault());
        assert!(run.end != End::ThreadBound && !kernel.is_spent(), "{program} is too large for the kernel");
        run.panics > 0 || run.end == End::Stuck
    }
}
