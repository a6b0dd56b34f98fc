//! How far each scenario is searched, and what is left out.
//!
//! # Loom
//!
//! Complete up to three threads, except where that takes minutes: there threads that could go on are
//! preempted at most [three times](PREEMPTIONS), and in scenarios of four threads
//! [twice](PREEMPTIONS_OF_MANY). Two scenarios make so many choices that there are millions of scripts: of
//! those with [one choice](CHOICES) that is not the dullest, at most two preemptions are searched. One of them
//! has two threads only, `close-many`; what it is about is searched completely in `close-two-batches`, which
//! makes fewer choices. What each bound came to on Raddle's own maps, linear and hashed, in November 2026; on
//! two cores that do nothing else, loom takes some 0.15 ms for each execution:
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
//! | close-many | 2 | 2 preemptions, 1 choice | 37 | 35,046 | 25,824 |
//! | close-two-batches | 2 | complete | 12 | 930 | 1,458 |
//! | close-with-panics | 3 | 3 preemptions | 8 | 12,296 | 13,184 |
//! | reenter-from-wake | 2 | complete | 14 | 35,518 | 37,068 |
//! | reenter-from-waker | 2 | complete | 88 | 81,570 | 87,726 |
//! | reenter-from-items | 2 | complete | 42 | 66,446 | 114,044 |
//! | wait-for-rounds | 3 | 3 preemptions | 3 | 3,566 | 3,566 |
//! | wait-for-value-rounds | 3 | 3 preemptions | 3 | 3,566 | 3,566 |
//! | wait-for-conflict | 3 | 3 preemptions | 2 | 17,576 | 20,710 |
//! | workload | 4 | 2 preemptions, 1 choice | 127 | 51,236 | 50,656 |
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

use raddle_sim::systems::waitmap::Subject;
use raddle_sim::systems::waitmap::scenarios::Scenario;

/// The most threads that loom can take, the main thread included.
pub const LOOM_THREADS: u8 = 5;

/// Scenarios of three threads of which a complete search takes minutes, each with the subject on which it
/// does.
const LONG: &[(&str, &str)] = &[
    ("close-with-panics", "raddle"),
    ("wait-for-rounds", "raddle"),
    ("wait-for-value-rounds", "raddle"),
    ("wait-for-conflict", "raddle"),
    ("close-with-panics", "hashed"),
    ("wait-for-rounds", "hashed"),
    ("wait-for-value-rounds", "hashed"),
    ("wait-for-conflict", "hashed"),
    ("two-keys", "twin"),
];

/// How often a thread that could go on may be preempted in those.
pub const PREEMPTIONS: usize = 3;

/// The same, in scenarios of four threads and more.
pub const PREEMPTIONS_OF_MANY: usize = 2;

/// Scenarios whose choices are too many to make a model of each script.
const MANY_CHOICES: [&str; 2] = ["close-many", "workload"];

/// How many choices that are not the dullest a script of those may make.
pub const CHOICES: usize = 1;

/// How far loom searches a scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// How often threads that could go on may be preempted; `None` for as often as they like.
    pub preemptions: Option<usize>,
    /// How many choices of the scenario may be another one than the dullest; `None` for all.
    pub choices: Option<usize>,
}

/// A scenario that a checker does not run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The scenario.
    pub scenario: &'static str,
    /// The subject.
    pub subject: &'static str,
    /// The reason.
    pub reason: String,
}

impl Bound {
    /// Whether every interleaving is executed, of every script within the bound on choices.
    #[must_use]
    pub fn has_every_interleaving(self) -> bool {
        self.preemptions.is_none()
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.preemptions {
            None => f.write_str("complete")?,
            Some(most) => write!(f, "{most} preemptions")?,
        }
        match self.choices {
            None => Ok(()),
            Some(1) => f.write_str(", 1 choice"),
            Some(most) => write!(f, ", {most} choices"),
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}: {}", self.scenario, self.subject, self.reason)
    }
}

/// How far loom searches `scenario` on the subject of that name.
///
/// # Errors
///
/// The reason why it does not.
pub fn on_loom<S: Subject>(scenario: &Scenario<S>, subject: &str) -> Result<Bound, String> {
    on_shuttle(scenario)?;
    if scenario.threads > LOOM_THREADS {
        return Err(format!("{} threads, of which loom takes {LOOM_THREADS}", scenario.threads));
    }
    let has_many_choices = MANY_CHOICES.contains(&scenario.name);
    let preemptions = match scenario.threads {
        _ if has_many_choices => Some(PREEMPTIONS_OF_MANY),
        ..=3 if !LONG.contains(&(scenario.name, subject)) => None,
        ..=3 => Some(PREEMPTIONS),
        _ => Some(PREEMPTIONS_OF_MANY),
    };
    Ok(Bound { preemptions, choices: has_many_choices.then_some(CHOICES) })
}

/// Whether shuttle runs `scenario`.
///
/// # Errors
///
/// The reason why it does not.
pub fn on_shuttle<S: Subject>(scenario: &Scenario<S>) -> Result<(), String> {
    if let Some(missing) = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature)) {
        return Err(format!("the subject does not offer {}", missing.name()));
    }
    if scenario.may_rest {
        return Err("a task of it may sleep for ever, which the checker takes for a deadlock".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use raddle::platform::Std;
    use raddle_sim::systems::waitmap::{Ours, scenarios};

    #[test]
    fn every_exception_is_for_a_scenario_that_exists() {
        let names: Vec<_> = scenarios::all::<Ours<Std>>().iter().map(|scenario| scenario.name).collect();
        for name in LONG.iter().map(|(name, _)| *name).chain(MANY_CHOICES) {
            assert!(names.contains(&name), "{name}");
        }
    }

    #[test]
    fn all_interleavings_of_two_threads_are_searched_but_of_the_one_with_millions_of_scripts() {
        let small = || scenarios::all::<Ours<Std>>().into_iter().filter(|scenario| scenario.threads <= 2);
        for subject in ["raddle", "hashed", "twin"] {
            let searched: Vec<_> = small().filter(|scenario| !scenario.may_rest).collect();
            assert!(searched.len() > 8, "{searched:?}");
            let is_bounded = |scenario: &&Scenario<_>| {
                !on_loom(scenario, subject).expect("nothing is lacking").has_every_interleaving()
            };
            let bounded: Vec<_> = searched.iter().filter(is_bounded).map(|scenario| scenario.name).collect();
            assert_eq!(bounded, ["close-many"], "{subject}");
        }
    }

    #[test]
    fn a_bound_says_what_it_bounds() {
        let told = |preemptions, choices| Bound { preemptions, choices }.to_string();
        assert_eq!(told(None, None), "complete");
        assert_eq!(told(None, Some(1)), "complete, 1 choice");
        assert_eq!(told(Some(2), Some(2)), "2 preemptions, 2 choices");
    }

    #[test]
    fn what_may_rest_is_left_out_with_a_reason() {
        let resting = scenarios::all::<Ours<Std>>().into_iter().filter(|scenario| scenario.may_rest);
        let reasons: Vec<_> = resting.filter_map(|scenario| on_shuttle(&scenario).err()).collect();
        assert_eq!(reasons, ["a task of it may sleep for ever, which the checker takes for a deadlock"]);
    }
}
