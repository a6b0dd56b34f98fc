//! The sampling strategies by name, and what they have to be told.

use std::fmt;
use std::sync::Arc;

use crate::strategy::trials::Trials;
use crate::strategy::{Calibration, Pct, Pos, Profile, Random, Strategy, Surw, Swarm};

/// A strategy that draws each schedule by a number: the same number, the same schedule, whoever draws it and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sampler {
    /// [`Swarm`].
    #[default]
    Swarm,
    /// [`Random`].
    Random,
    /// [`Pct`].
    Pct {
        /// The depth; `None` to draw it for each schedule.
        depth: Option<u32>,
    },
    /// [`Pos`].
    Pos,
    /// [`Surw`].
    Surw,
}

impl Sampler {
    /// All of them, with the parameters that they have unless told otherwise.
    pub const ALL: [Sampler; 5] =
        [Sampler::Swarm, Sampler::Random, Sampler::Pct { depth: None }, Sampler::Pos, Sampler::Surw];

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Sampler::Swarm => "swarm",
            Sampler::Random => "random",
            Sampler::Pct { .. } => "pct",
            Sampler::Pos => "pos",
            Sampler::Surw => "surw",
        }
    }

    /// How many schedules its [`Calibration`] takes; 0 if it makes no use of a profile.
    #[must_use]
    pub fn calibration(self) -> u64 {
        match self {
            Sampler::Random => 0,
            Sampler::Pct { .. } | Sampler::Pos => Calibration::EXECUTIONS,
            Sampler::Surw | Sampler::Swarm => Calibration::EXECUTIONS + Trials::SCHEDULES,
        }
    }

    /// The strategy, for the schedules from `schedule` on of the campaign `seed`, of a program of which `profile` is known.
    #[must_use]
    pub fn strategy(self, seed: u64, schedule: u64, profile: &Arc<Profile>) -> Box<dyn Strategy + Send> {
        match self {
            Sampler::Swarm => Box::new(Swarm::new(seed, schedule, Arc::clone(profile))),
            Sampler::Random => Box::new(Random::starting_at(seed, schedule)),
            Sampler::Pct { depth } => {
                let pct = Pct::of(seed, profile).starting_at(schedule);
                Box::new(depth.map_or(pct.clone(), |depth| pct.with_depth(depth)))
            }
            Sampler::Pos => Box::new(Pos::of(seed, profile).starting_at(schedule)),
            Sampler::Surw => Box::new(Surw::starting_at(seed, schedule, Arc::clone(profile))),
        }
    }
}

impl fmt::Display for Sampler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}
