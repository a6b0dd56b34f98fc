//! How far each scenario is searched, and what is left out.
//!
//! # Loom
//!
//! Complete up to three threads, except where that takes minutes: there threads that could go on are
//! preempted at most [three times](PREEMPTIONS), and in scenarios of four threads, or of a pool with two
//! workers, [twice](PREEMPTIONS_OF_MANY), save [fourteen](SHORT_OF_TWO_WORKERS) of these that take less. Of a pool with one worker
//! every scenario is searched completely, for capacities 0 to 3. (With room for three values the queue of a pool is one that
//! grows under a lock, as those above 4,096 do where threads are real.) In complete searches of pools equivalent executions are left
//! out, as `asleep` in the module `loom` has it; and nowhere is the same record of an execution judged twice.
//! Scenarios that choose so often that there are millions of scripts are left out:
//! shuttle, the simulator and real threads run them. Of these, what `close-many` asks is asked of fewer waits by
//! `close-two-batches`, which is searched completely. What each bound came to on Raddle's own implementations, in November
//! 2026; loom takes some 0.07 ms of a processor for each execution, and five minutes for all, those of the twin included:
//!
//! | scenario | threads | bound | models | executions | executions, hashed |
//! |---|---:|---|---:|---:|---:|
//! | wake-around-registration | 3 | complete | 1 | 16 | 16 |
//! | two-keys | 3 | complete | 1 | 2,048 | 1,176 |
//! | duplicate-keys | 3 | complete | 4 | 19,421 | 21,813 |
//! | unequal-keys | 2 | complete | 1 | 6 | 6 |
//! | key-reuse | 2 | complete | 1 | 39 | 39 |
//! | finished-waits | 2 | complete | 1 | 188 | 178 |
//! | subscribe-then-wake | 3 | complete | 2 | 29,906 | 29,906 |
//! | waker-replaced | 2 | complete | 1 | 30 | 30 |
//! | owned-wait-migrates | 3 | complete | 2 | 78 | 78 |
//! | cancel-against-wake | 2 | complete | 4 | 2,160 | 2,160 |
//! | cancel-against-close | 3 | complete | 4 | 5,450 | 3,769 |
//! | cancel-neighbours | 4 | 2 preemptions | 8 | 12,208 | 12,556 |
//! | close-against-wake | 3 | complete | 1 | 779 | 779 |
//! | close-against-registration | 2 | complete | 1 | 11 | 4 |
//! | close-is-absorbing | 3 | complete | 2 | 1,146 | 1,146 |
//! | close-two-batches | 2 | complete | 12 | 930 | 1,458 |
//! | close-with-panics | 3 | 3 preemptions | 8 | 9,152 | 9,992 |
//! | reenter-from-wake | 2 | complete | 20 | 25,808 | 29,245 |
//! | reenter-from-waker | 2 | complete | 195 | 230,220 | 260,528 |
//! | reenter-from-items | 2 | complete | 107 | 172,855 | 294,892 |
//! | wait-for-rounds | 3 | 3 preemptions | 3 | 3,293 | 3,293 |
//! | wait-for-value-rounds | 3 | 3 preemptions | 3 | 3,293 | 3,293 |
//! | wait-for-conflict | 3 | 3 preemptions | 2 | 15,997 | 18,874 |
//!
//! The same for the pool; with one worker a scenario has two threads:
//!
//! | scenario | threads | bound | models | executions |
//! |---|---:|---|---:|---:|
//! | join-full-0 | 3 | complete | 1 | 3,559 |
//! | join-full-1 | 3 | complete | 1 | 163,276 |
//! | join-full-2 | 3 | 2 preemptions | 1 | 18,424 |
//! | stop-full-0 | 3 | complete | 1 | 3,559 |
//! | stop-full-1 | 3 | complete | 1 | 163,276 |
//! | stop-full-2 | 3 | 2 preemptions | 1 | 18,424 |
//! | stop-last-words | 2 | complete | 2 | 94 |
//! | stop-sender-clones | 2 | complete | 2 | 11,860 |
//! | stop-deaf-workers | 3 | 2 preemptions | 2 | 5,546 |
//! | join-panics-0 | 4 | 2 preemptions | 16 | 30,076 |
//! | join-panics-1 | 4 | 2 preemptions | 16 | 64,770 |
//! | stop-panics-0 | 3 | 2 preemptions | 16 | 12,136 |
//! | stop-panics-1 | 3 | 2 preemptions | 16 | 27,831 |
//! | try-join-panics | 3 | 2 preemptions | 16 | 27,831 |
//! | stop-dropped-0 | 3 | complete | 3 | 20,068 |
//! | stop-dropped-1 | 3 | 2 preemptions | 3 | 10,732 |
//! | burst-dropped | 2 | complete | 4 | 451,854 |
//! | pool-dropped-0 | 3 | complete | 2 | 4,814 |
//! | pool-dropped-1 | 3 | complete | 2 | 306,777 |
//! | recv-0 | 3 | complete | 1 | 189,644 |
//! | recv-1 | 3 | 2 preemptions | 1 | 2,413 |
//! | burst-past-stamp | 2 | complete | 1 | 3,741 |
//! | burst-0 | 3 | complete | 1 | 133,048 |
//! | burst-2 | 3 | 2 preemptions | 1 | 4,754 |
//! | look-ahead | 2 | complete | 4 | 40,177 |
//! | burst-endless | 3 | 2 preemptions | 1 | 3,378 |
//! | generations | 3 | 2 preemptions | 2 | 3,446 |
//! | try-send-0 | 2 | complete | 3 | 514 |
//! | try-send-1 | 2 | complete | 3 | 15,266 |
//! | broadcast | 3 | complete | 1 | 95,535 |
//! | broadcast-one | 3 | complete | 1 | 11,486 |
//! | get-outlives | 3 | complete | 1 | 2,402 |
//! | recv-break | 2 | complete | 3 | 6,304 |
//! | try-recv-break | 2 | complete | 2 | 9,413 |
//! | execute-fails | 3 | complete | 4 | 164,018 |
//! | execute-panics | 2 | complete | 2 | 980 |
//! | execute-many | 3 | complete | 3 | 163,894 |
//! | alone-0 | 2 | complete | 2 | 22 |
//! | alone-1 | 2 | complete | 2 | 3,062 |
//! | alone-2 | 2 | complete | 2 | 63,694 |
//! | alone-3 | 2 | complete | 2 | 736 |
//! | alone-deaf | 2 | complete | 4 | 1,332 |
//! | alone-dropped-0 | 2 | complete | 3 | 47 |
//! | alone-dropped-1 | 2 | complete | 3 | 1,195 |
//! | burst-past-stamp-3 | 2 | complete | 1 | 680 |
//! | burst-dropped-3 | 2 | complete | 4 | 2,013 |
//! | look-ahead-3 | 2 | complete | 4 | 1,071 |
//! | alone-panics-0 | 2 | complete | 19 | 512 |
//! | alone-panics-1 | 2 | complete | 24 | 25,770 |
//! | alone-panics-3 | 2 | complete | 34 | 6,674 |
//! | alone-try-panics | 2 | complete | 5 | 4,752 |
//! | alone-fails | 2 | complete | 3 | 8,531 |
//!
//! The tests print the counts and times of today, those of the twin, and how many scripts the bound on choices
//! has cut off. A worker that panics, and a thread that cannot be created, are
//! choices like others: each place is a script. Complete means: every execution of the scenario as a
//! program, up to equivalence, within what loom's own search of weak memory covers (it keeps the last seven
//! stores of each atomic, and does not let a load read a store that comes later).
//!
//! Two more limits of loom's were found in November 2026. It remembers the last access to an atomic only, and so does not look for some
//! orders of a write and the loads of several threads: 77 of 1,500 small random programs could read something that it did not find. And
//! it sees what goes through its own types alone; in scenarios of `waitmap` a task keeps in an atomic of std whether it was
//! woken. In complete searches of `pool` the first is mended (see the module `loom`), and there is nothing of the second kind. On `waitmap`
//! both hold.
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
];

/// Scenarios of a pool with two workers of which a complete search takes less than a minute, on Raddle's own pool.
pub const SHORT_OF_TWO_WORKERS: &[&str] = &[
    "join-full-0",
    "join-full-1",
    "stop-full-0",
    "stop-full-1",
    "stop-dropped-0",
    "pool-dropped-0",
    "pool-dropped-1",
    "recv-0",
    "burst-0",
    "broadcast",
    "broadcast-one",
    "get-outlives",
    "execute-fails",
    "execute-many",
];

/// How often a thread that could go on may be preempted in those.
pub const PREEMPTIONS: usize = 3;

/// The same, in scenarios of four threads and more, and in those of a pool with two workers that take longer.
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
    let is_of_two_workers = demands.system == "pool" && demands.threads > 2;
    let is_short = demands.subject == "raddle" && SHORT_OF_TWO_WORKERS.contains(&demands.scenario);
    let preemptions = match demands.threads {
        _ if is_of_two_workers => (!is_short).then_some(PREEMPTIONS_OF_MANY),
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
        for scenario in SHORT_OF_TWO_WORKERS {
            let exists = |demands: &Demands| demands.scenario == *scenario && demands.threads > 2;
            assert!(all("raddle").iter().any(exists), "{scenario}");
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
    fn all_interleavings_of_one_worker_are_searched() {
        for subject in ["raddle", "twin"] {
            let alone =
                all(subject).into_iter().filter(|demands| demands.system == "pool" && demands.threads == 2);
            let bounds: Vec<_> = alone.filter_map(|demands| on_loom(&demands).ok()).collect();
            assert!(bounds.len() > 18, "{bounds:?}");
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
        let alone = ("stop-nobody", "it has one thread, of which there is one interleaving".to_owned());
        assert_eq!(of_pools, std::slice::from_ref(&alone));
        let left_out = [alone, choosing("workload"), choosing("workload-2")];
        assert_eq!(reasons("pool", |demands| on_loom(demands).err()), left_out);
    }
}
