//! Calibration: random walks from which the other strategies learn what they want to know.

use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::Kernel;
use crate::strategy::privacy::Privacy;
use crate::strategy::{Now, Pct, Profile, Random, Strategy};

/// A calibration batch. Its executions are schedules like any others, and may find something.
///
/// ```
/// use raddle_sim::kernel::{Kernel, Limits};
/// use raddle_sim::strategy::{Calibration, Sampler};
///
/// let (mut kernel, seed) = (Kernel::new(Limits::default()), 1);
/// let program = || { /* the program */ };
/// let mut calibration = Calibration::new(seed);
/// for _ in 0..Calibration::EXECUTIONS {
///     kernel.run(&mut calibration, program);
///     calibration.observe(&kernel);
/// }
/// let profile = calibration.into_profile();
/// let mut strategy = Sampler::Swarm.strategy(seed, Calibration::EXECUTIONS, &profile);
/// kernel.run(&mut strategy, program);
/// ```
#[derive(Clone, Debug)]
pub struct Calibration {
    random: Random,
    profile: Profile,
    /// Set for the second half, when it is known which objects are private.
    privacy: Option<Privacy>,
    open_steps: u64,
    maximum_open_steps: u64,
}

impl Calibration {
    /// How many executions are enough. More make the search begin later and tell hardly more.
    pub const EXECUTIONS: u64 = 16;

    /// Random walks: the schedules 0, 1, 2, … of the campaign `seed`.
    pub fn new(seed: u64) -> Self {
        Calibration {
            random: Random::new(seed),
            profile: Profile::default(),
            privacy: None,
            open_steps: 0,
            maximum_open_steps: 0,
        }
    }

    /// Learns from the execution that this strategy has just led.
    pub fn observe(&mut self, kernel: &Kernel) {
        self.profile.observe(kernel);
        self.maximum_open_steps = self.maximum_open_steps.max(self.open_steps);
        if self.profile.executions() == Self::EXECUTIONS / 2 {
            self.privacy = Some(Privacy::new(&Arc::new(self.profile.clone())));
        }
    }

    /// What was learned. From now on it stays as it is, so that a schedule is the same whoever draws it and when.
    #[must_use]
    pub fn into_profile(mut self) -> Arc<Profile> {
        if self.profile.executions() > Self::EXECUTIONS / 2 {
            self.profile.set_maximum_open_steps(self.maximum_open_steps);
        }
        Arc::new(self.profile)
    }
}

impl Strategy for Calibration {
    fn begin(&mut self) -> bool {
        self.open_steps = 0;
        if let Some(privacy) = &mut self.privacy {
            privacy.begin();
        }
        self.random.begin()
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        let option = self.random.thread(now)?;
        if let Some(privacy) = &mut self.privacy {
            privacy.follow(now);
            let op = now.pending(now.thread(option));
            self.open_steps += u64::from(Pct::counts(op.kind) && !privacy.is_private(now, op));
        }
        Some(option)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.random.value(kind, options)
    }
}
