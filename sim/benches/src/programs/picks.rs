//! What the pick of a strategy adds to a step: the same programs under each strategy, beside the random walk, whose pick is
//! one random number.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Mutex};
use raddle_sim::kernel::{Kernel, Limits};
use raddle_sim::strategy::{Pct, Pos, Profile, Random, Strategy, Surw};

use super::ours::{Count, Lock, spawn_and_join};
use crate::{ROUNDS, cpu_seconds, median};

/// A program under each strategy.
pub struct Picked {
    pub name: &'static str,
    program: fn(),
    executions: u64,
}

pub const PICKED: &[Picked] = &[
    Picked { name: "3 threads x 100 atomic increments", program: || increments(3), executions: 300 },
    Picked { name: "50 threads x 100 atomic increments", program: || increments(50), executions: 15 },
    Picked { name: "3 threads x 25 x (load, store, lock, unlock)", program: mixed, executions: 300 },
];

/// All race for one object.
fn increments(threads: u64) {
    let count = Arc::new(Count::new(0));
    spawn_and_join(threads, || {
        let count = count.clone();
        move || {
            for _ in 0..100 {
                count.fetch_add(1, SeqCst);
            }
        }
    });
}

/// They race for one object after the other, and wait for each other.
fn mixed() {
    let shared = Arc::new((Count::new(0), Count::new(0), Lock::new(0)));
    spawn_and_join(3, || {
        let shared = shared.clone();
        move || {
            for _ in 0..25 {
                let seen = shared.0.load(SeqCst);
                shared.1.store(seen, SeqCst);
                *shared.2.lock() += 1;
            }
        }
    });
}

impl Picked {
    /// Nanoseconds of CPU time per step of the log, by strategy: the medians of rounds in turns.
    pub fn measure(&self) -> Vec<(&'static str, f64)> {
        let profile = self.profile();
        let mut random = Random::new(1);
        let mut pct = Pct::of(1, &profile).with_depth(3);
        let mut pos = Pos::of(1, &profile);
        let mut surw = Surw::new(1, profile);
        let mut costs =
            [("random", Vec::new()), ("pct", Vec::new()), ("pos", Vec::new()), ("surw", Vec::new())];
        for _ in 0..ROUNDS {
            costs[0].1.push(self.cost(&mut random));
            costs[1].1.push(self.cost(&mut pct));
            costs[2].1.push(self.cost(&mut pos));
            costs[3].1.push(self.cost(&mut surw));
        }
        costs.map(|(name, costs)| (name, median(costs))).to_vec()
    }

    fn profile(&self) -> Arc<Profile> {
        let mut profile = Profile::default();
        let (mut kernel, mut random) = (Kernel::new(Limits::default()), Random::new(1));
        for _ in 0..8 {
            kernel.run(&mut random, self.program);
            profile.observe(&kernel);
        }
        Arc::new(profile)
    }

    fn cost(&self, strategy: &mut impl Strategy) -> f64 {
        let mut kernel = Kernel::new(Limits::default());
        let begin = cpu_seconds();
        let runs = (0..self.executions).map(|_| kernel.run(strategy, self.program));
        let steps: u64 = runs.map(|run| run.expect("these strategies go on for ever").steps).sum();
        (cpu_seconds() - begin) * 1e9 / steps as f64
    }
}
