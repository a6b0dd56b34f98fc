//! Calibration: the first schedules of a search, from which it learns what its strategy wants to know.

use std::fmt;
use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::{Kernel, Run};
use crate::strategy::privacy::Privacy;
use crate::strategy::trials::Trials;
use crate::strategy::{Now, Pct, Profile, Sampler, Strategy};

/// A calibration batch. Its executions are schedules like any others, and may find something.
///
/// The first one is a random walk, of which nothing need be known. Those after it are already drawn by the strategy that is
/// to follow, from what was learned so far: easy bugs are found before the batch is over. The strategy learns anew whenever
/// the number of executions has doubled, up to [`EXECUTIONS`](Calibration::EXECUTIONS). A strategy that selects objects then
/// tries out which ones are worth selecting. The batch is run in its order, so that it is the same whoever runs it.
///
/// ```
/// use raddle_sim::kernel::{Kernel, Limits};
/// use raddle_sim::strategy::{Calibration, Sampler};
///
/// let (mut kernel, seed) = (Kernel::new(Limits::default()), 1);
/// let program = || { /* the program */ };
/// let mut calibration = Calibration::new(Sampler::Swarm, seed);
/// for _ in 0..Sampler::Swarm.calibration() {
///     kernel.run(&mut calibration, program);
///     calibration.observe(&kernel);
/// }
/// let profile = calibration.into_profile();
/// let mut strategy = Sampler::Swarm.strategy(seed, Sampler::Swarm.calibration(), &profile);
/// kernel.run(&mut strategy, program);
/// ```
pub struct Calibration {
    sampler: Sampler,
    seed: u64,
    next_schedule: u64,
    stage: Stage,
    profile: Profile,
    /// Set for the second half, when it is known which objects are private.
    privacy: Option<Privacy>,
    open_steps: u64,
    maximum_open_steps: u64,
}

enum Stage {
    /// The profile is learned.
    Learning(Box<dyn Strategy + Send>),
    /// It is known, and selections are tried.
    Trying(Box<Trials>),
}

impl Calibration {
    /// How many executions are enough for a profile. More tell hardly more. A strategy may
    /// [have more to learn](Sampler::calibration).
    pub const EXECUTIONS: u64 = 16;

    /// The schedules 0, 1, 2, … of the campaign `seed`, of which `sampler` draws those after the first.
    pub fn new(sampler: Sampler, seed: u64) -> Self {
        Calibration {
            sampler,
            seed,
            next_schedule: 0,
            stage: Stage::Learning(Sampler::Random.strategy(seed, 0, &Arc::default())),
            profile: Profile::default(),
            privacy: None,
            open_steps: 0,
            maximum_open_steps: 0,
        }
    }

    /// Learns from the execution that this strategy has just led.
    pub fn observe(&mut self, kernel: &Kernel) {
        if let Stage::Trying(trials) = &mut self.stage {
            trials.observe(kernel);
            return;
        }
        self.profile.observe(kernel);
        self.maximum_open_steps = self.maximum_open_steps.max(self.open_steps);
        let executions = self.profile.executions();
        if executions == Self::EXECUTIONS {
            self.profile.set_maximum_open_steps(self.maximum_open_steps);
            self.privacy = None;
        }
        if executions.is_power_of_two() && executions <= Self::EXECUTIONS {
            let learned = Arc::new(self.profile.clone());
            self.stage = self.next_stage(&learned);
            if executions == Self::EXECUTIONS / 2 {
                self.privacy = Some(Privacy::new(&learned));
            }
        }
    }

    fn next_stage(&self, learned: &Arc<Profile>) -> Stage {
        let (seed, schedule) = (self.seed, self.next_schedule);
        match self.sampler {
            Sampler::Surw if learned.executions() == Self::EXECUTIONS => {
                Stage::Trying(Box::new(Trials::of_surw(seed, schedule, learned)))
            }
            Sampler::Swarm if learned.executions() == Self::EXECUTIONS => {
                Stage::Trying(Box::new(Trials::of_swarm(seed, schedule, learned)))
            }
            sampler => Stage::Learning(sampler.strategy(seed, schedule, learned)),
        }
    }

    /// What was learned. From now on it stays as it is, so that a schedule is the same whoever draws it and when.
    #[must_use]
    pub fn into_profile(mut self) -> Arc<Profile> {
        match &self.stage {
            Stage::Trying(trials) => {
                if let Some(favourite) = trials.favourite() {
                    self.profile.set_favourite(favourite);
                }
            }
            Stage::Learning(_) if self.profile.executions() > Self::EXECUTIONS / 2 => {
                self.profile.set_maximum_open_steps(self.maximum_open_steps);
            }
            Stage::Learning(_) => {}
        }
        Arc::new(self.profile)
    }

    #[inline]
    fn strategy(&mut self) -> &mut dyn Strategy {
        match &mut self.stage {
            Stage::Learning(strategy) => &mut **strategy,
            Stage::Trying(trials) => &mut **trials,
        }
    }
}

impl Strategy for Calibration {
    fn begin(&mut self) -> bool {
        self.next_schedule += 1;
        self.open_steps = 0;
        if let Some(privacy) = &mut self.privacy {
            privacy.begin();
        }
        self.strategy().begin()
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        // The steps of an answer in advance are counted as open: if they were not, there would be nothing private to learn of.
        self.open_steps += now.answered_in_advance();
        let option = self.strategy().thread(now)?;
        if let Some(privacy) = &mut self.privacy {
            privacy.follow(now);
            let op = now.pending(now.thread(option));
            self.open_steps += u64::from(Pct::counts(op.kind) && !privacy.is_private(now, op));
        }
        Some(option)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.strategy().value(kind, options)
    }

    fn end(&mut self, run: &Run) {
        self.strategy().end(run);
    }

    fn member(&self) -> Option<&'static str> {
        match &self.stage {
            Stage::Learning(strategy) => strategy.member(),
            Stage::Trying(trials) => trials.member(),
        }
    }
}

impl fmt::Debug for Calibration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Calibration { sampler, seed, next_schedule, .. } = self;
        let mut shown = formatter.debug_struct("Calibration");
        shown.field("sampler", sampler).field("seed", seed).field("next_schedule", next_schedule);
        shown.finish_non_exhaustive()
    }
}
