//! How far each scenario is searched, and what is left out.
//!
//! # Loom
//!
//! Complete up to three threads, except where that takes minutes: there threads that could go on are
//! preempted at most [three times](PREEMPTIONS), and in scenarios of four threads, or of a pool with two
//! workers, [twice](PREEMPTIONS_OF_MANY). Scenarios that choose so often that there are millions of scripts are left out:
//! shuttle, the simulator and real threads run them. Of these, what `close-many` asks is asked of fewer waits by
//! `close-two-batches`, which is searched completely. What each bound came to on Raddle's own implementations, in November
//! 2026; on two cores that do nothing else, loom takes some 0.15 ms for each execution:
//!
//! | scenario | threads | bound | models | executions | executions, hashed |
//! |---|---:|---|---:|---:|---:|
//! | wake-around-registration | 3 | complete | 1 | 46 | 46 |
//! | two-keys | 3 | complete | 1 | 13,354 | 8,118 |
//! | duplicate-keys | 3 | complete | 4 | 26,594 | 30,010 |
//! | unequal-keys | 2 | complete | 1 | 6 | 6 |
//! | key-reuse | 2 | complete | 1 | 39 | 39 |
//! | finished-waits | 2 | complete | 1 | 446 | 346 |
//! | subscribe-then-wake | 3 | complete | 2 | 35,446 | 35,446 |
//! | waker-replaced | 2 | complete | 1 | 54 | 54 |
//! | owned-wait-migrates | 3 | complete | 2 | 84 | 84 |
//! | cancel-against-wake | 2 | complete | 4 | 2,704 | 2,704 |
//! | cancel-against-close | 3 | complete | 4 | 8,164 | 7,204 |
//! | cancel-neighbours | 4 | 2 preemptions | 8 | 12,640 | 13,036 |
//! | close-against-wake | 3 | complete | 1 | 1,507 | 1,507 |
//! | close-against-registration | 2 | complete | 1 | 13 | 6 |
//! | close-is-absorbing | 3 | complete | 2 | 1,232 | 1,232 |
//! | close-two-batches | 2 | complete | 12 | 930 | 1,458 |
//! | close-with-panics | 3 | 3 preemptions | 8 | 12,296 | 13,184 |
//! | reenter-from-wake | 2 | complete | 20 | 41,196 | 43,563 |
//! | reenter-from-waker | 2 | complete | 195 | 327,350 | 349,498 |
//! | reenter-from-items | 2 | complete | 107 | 210,461 | 332,786 |
//! | wait-for-rounds | 3 | 3 preemptions | 3 | 3,566 | 3,566 |
//! | wait-for-value-rounds | 3 | 3 preemptions | 3 | 3,566 | 3,566 |
//! | wait-for-conflict | 3 | 3 preemptions | 2 | 17,576 | 20,710 |
//!
//! The tests print the counts and times of today, those of the twin, and how many scripts the bound on choices
//! has cut off. Complete means: every execution of the scenario as a
//! program, up to equivalence, within what loom's own search of weak memory covers (it keeps the last seven
//! stores of each atomic, and does not let a load read a store that comes later).
//!
//! # Shuttle
//!
//! As many schedules for each scenario as the module `shuttle` says, half of them a random walk, half of them
//! PCT: some 0.1 ms each.

use std::fmt;

use crate::program::Demands;

/// The most threads that loom can take, the main thread included.
pub const LOOM_THREADS: u8 = 5;

/// Scenarios of up to three threads of which a complete search takes minutes: system, scenario, and the subject on
/// which it does.
const LONG: &[(&str, &str, &str)] = &[
    ("waitmap", "close-with-panics", "raddle"),
    ("waitmap", "wait-for-rounds", "raddle"),
    ("waitmap", "wait-for-value-rounds", "raddle"),
    ("waitmap", "wait-for-conflict", "raddle"),
    ("waitmap", "close-with-panics", "hashed"),
    ("waitmap", "wait-for-rounds", "hashed"),
    ("waitmap", "wait-for-value-rounds", "hashed"),
    ("waitmap", "wait-for-conflict", "hashed"),
    ("waitmap", "two-keys", "twin"),
    ("pool", "stop-sender-clones", "raddle"),
    ("pool", "burst-dropped", "raddle"),
    ("pool", "burst-past-stamp", "raddle"),
    ("pool", "look-ahead", "raddle"),
    ("pool", "try-recv-break", "raddle"),
    ("pool", "stop-sender-clones", "twin"),
    ("pool", "burst-dropped", "twin"),
    ("pool", "burst-past-stamp", "twin"),
    ("pool", "look-ahead", "twin"),
    ("pool", "try-recv-break", "twin"),
];

/// How often a thread that could go on may be preempted in those.
pub const PREEMPTIONS: usize = 3;

/// The same, in scenarios of four threads and more, and of a pool with two workers.
pub const PREEMPTIONS_OF_MANY: usize = 2;

/// How far loom searches a scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// How often threads that could go on may be preempted; `None` for as often as they like.
    pub preemptions: Option<usize>,
}

/// A scenario that a checker does not run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The noun of the system.
    pub system: &'static str,
    /// The scenario.
    pub scenario: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// The reason.
    pub reason: String,
}

impl Bound {
    /// Whether every interleaving is executed.
    #[must_use]
    pub fn has_every_interleaving(self) -> bool {
        self.preemptions.is_none()
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.preemptions {
            None => f.write_str("complete"),
            Some(most) => write!(f, "{most} preemptions"),
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} on {}: {}", self.system, self.scenario, self.subject, self.reason)
    }
}

/// How far loom searches a scenario.
///
/// # Errors
///
/// The reason why it does not.
pub fn on_loom(demands: &Demands) -> Result<Bound, String> {
    on_shuttle(demands)?;
    if demands.threads > LOOM_THREADS {
        return Err(format!("{} threads, of which loom takes {LOOM_THREADS}", demands.threads));
    }
    if demands.chooses_often {
        return Err("it chooses often, and loom cannot: each script of choices is a model".to_owned());
    }
    let preemptions = match demands.threads {
        _ if demands.system == "pool" && demands.threads > 2 => Some(PREEMPTIONS_OF_MANY),
        ..=3 if !LONG.contains(&(demands.system, demands.scenario, demands.subject)) => None,
        ..=3 => Some(PREEMPTIONS),
        _ => Some(PREEMPTIONS_OF_MANY),
    };
    Ok(Bound { preemptions })
}

/// Whether shuttle runs a scenario.
///
/// # Errors
///
/// The reason why it does not.
pub fn on_shuttle(demands: &Demands) -> Result<(), String> {
    if let Some(missing) = demands.missing {
        return Err(format!("the subject does not offer {missing}"));
    }
    if demands.panics {
        return Err(
            "threads of it unwind, and all threads of a checker are one to the operating system".to_owned()
        );
    }
    if demands.detaches {
        return Err("threads of it outlive the main thread, whose end ends the record".to_owned());
    }
    if demands.threads < 2 {
        return Err("it has one thread, of which there is one interleaving".to_owned());
    }
    if demands.may_rest {
        return Err("a thread of it may wait for ever, which the checker takes for a deadlock".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::{pool, waitmap};
    use raddle::platform::Std;
    use raddle_sim::systems::pool::Ours as OurPool;
    use raddle_sim::systems::waitmap::Ours;

    /// Every scenario of every system, on a subject of that name.
    fn all(subject: &'static str) -> Vec<Demands> {
        let maps = waitmap::programs::<Ours<Std>>(subject, Ours::new);
        let pools = pool::programs::<OurPool<Std>>(subject, OurPool::new);
        maps.into_iter().chain(pools).map(|program| program.demands).collect()
    }

    #[test]
    fn every_exception_is_for_a_scenario_that_exists() {
        for (system, scenario, subject) in LONG {
            let exists = |demands: &Demands| (demands.system, demands.scenario) == (system, scenario);
            assert!(all(subject).iter().any(exists), "{system}/{scenario}");
        }
    }

    #[test]
    fn all_interleavings_of_two_threads_on_a_map_are_searched() {
        for subject in ["raddle", "hashed", "twin"] {
            let bounds: Vec<_> = all(subject)
                .iter()
                .filter(|demands| demands.system == "waitmap" && demands.threads <= 2)
                .filter_map(|demands| on_loom(demands).ok())
                .collect();
            assert!(bounds.len() > 8, "{bounds:?}");
            assert!(bounds.iter().all(|bound| bound.has_every_interleaving()), "{subject}");
        }
    }

    #[test]
    fn a_bound_says_what_it_bounds() {
        assert_eq!(Bound { preemptions: None }.to_string(), "complete");
        assert_eq!(Bound { preemptions: Some(2) }.to_string(), "2 preemptions");
    }

    #[test]
    fn what_a_checker_lacks_is_left_out_with_a_reason() {
        let reasons = |system: &str, why: fn(&Demands) -> Option<String>| -> Vec<_> {
            let all = all("raddle");
            let of_system = all.iter().filter(|demands| demands.system == system);
            of_system.filter_map(|demands| Some((demands.scenario, why(demands)?))).collect()
        };
        let rests = "a thread of it may wait for ever, which the checker takes for a deadlock";
        let chooses = "it chooses often, and loom cannot: each script of choices is a model";
        let at_rest = ("owned-wait-outlives", rests.to_owned());
        assert_eq!(reasons("waitmap", |demands| on_shuttle(demands).err()), std::slice::from_ref(&at_rest));
        let choosing = |name| (name, chooses.to_owned());
        let left_out = [at_rest, choosing("close-many"), choosing("workload")];
        assert_eq!(reasons("waitmap", |demands| on_loom(demands).err()), left_out);
        let of_pools = reasons("pool", |demands| on_shuttle(demands).err());
        let because = |begins: &str| -> Vec<&str> {
            let of_reason = of_pools.iter().filter(|(_, reason)| reason.starts_with(begins));
            of_reason.map(|(scenario, _)| *scenario).collect()
        };
        let unwind = [
            "join-panics-0",
            "join-panics-1",
            "stop-panics-0",
            "stop-panics-1",
            "try-join-panics",
            "workload",
            "workload-2",
        ];
        assert_eq!(because("threads of it unwind"), unwind);
        let outlive = [
            "stop-dropped-0",
            "stop-dropped-1",
            "pool-dropped-0",
            "pool-dropped-1",
            "try-send-0",
            "try-send-1",
            "recv-break",
        ];
        assert_eq!(because("threads of it outlive"), outlive);
        assert_eq!(because("it has one thread"), ["stop-nobody"]);
        assert_eq!(of_pools.len(), unwind.len() + outlive.len() + 1);
    }
}
