//! The choices of a scenario, enumerated outside of the checker.
//!
//! A scenario chooses (to cancel a wait here, to call the map in one of four ways there), and loom cannot: it
//! knows threads and memory only. So the choices become data. A [`Script`] says in advance what each thread
//! chooses when it is asked for the first time, for the second time, and so on; where it says nothing the
//! answer is 0, the dullest. Under one script a scenario has no choices left, and is one model.
//!
//! Which choices come up depends on the interleaving, so it is only known after a model has been explored.
//! Hence [`Scripts`] is fed with every place ([`Point`]) at which a model was asked, and derives the next
//! scripts from it:
//!
//! 1. The empty script is explored first.
//! 2. Say a model was asked, besides at places that its script names, at the new places `p1 < p2 < ...`. For
//!    each `pk` and each answer but 0 there is a further script: the old one, 0 at all places before `pk`,
//!    and that answer at `pk`.
//!
//! No two scripts agree on all places that both name, and every execution belongs to a script: take its
//! answers, go from the empty script to the one that also has its answer at the first new place where that is
//! not 0, and so on; each model on this path asks at that place, because the execution is one of the model's
//! up to there.
//!
//! A scenario that chooses so often that there would be too many scripts says so, and is left out.

use std::collections::BTreeMap;

/// A place at which a scenario chooses: by which thread, and how often that thread has chosen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// The number of the thread; the main thread is 0.
    pub thread: u64,
    /// How many choices the thread had made before.
    pub earlier: u32,
}

/// One choice that an execution made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Where.
    pub point: Point,
    /// How many answers there were.
    pub options: u32,
    /// The answer.
    pub taken: u32,
}

/// What a scenario is to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Script {
    answers: BTreeMap<Point, u32>,
}

impl Script {
    /// The answer at `point`, where there are `options` answers.
    #[must_use]
    pub fn answer(&self, point: Point, options: u32) -> u32 {
        self.answers.get(&point).map_or(0, |answer| (*answer).min(options.saturating_sub(1)))
    }

    fn with(&self, point: Point, answer: u32) -> Self {
        let mut script = self.clone();
        script.answers.insert(point, answer);
        script
    }
}

/// All scripts of a scenario, found one after the other.
#[derive(Debug)]
pub struct Scripts {
    waiting: Vec<Script>,
}

impl Default for Scripts {
    fn default() -> Self {
        Scripts { waiting: vec![Script::default()] }
    }
}

impl Scripts {
    /// The next script to explore; `None` if all were.
    pub fn next_script(&mut self) -> Option<Script> {
        self.waiting.pop()
    }

    /// Derives further scripts from the places at which the model of `script` was asked, with their numbers
    /// of options.
    pub fn explored(&mut self, script: &Script, asked: &BTreeMap<Point, u32>) {
        let mut base = script.clone();
        let new = asked.iter().filter(|(point, _)| !script.answers.contains_key(point));
        for (point, options) in new {
            self.waiting.extend((1..*options).map(|answer| base.with(*point, answer)));
            base.answers.insert(*point, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Explores a program without concurrency: its model has exactly one execution. Returns what each model
    /// chose.
    fn explore(program: impl Fn(&mut dyn FnMut(u64, u32) -> u32)) -> Vec<Vec<u32>> {
        let mut scripts = Scripts::default();
        let mut runs = Vec::new();
        while let Some(script) = scripts.next_script() {
            let mut asked = BTreeMap::new();
            let mut taken = Vec::new();
            let mut counts = BTreeMap::<u64, u32>::new();
            program(&mut |thread, options| {
                let earlier = counts.entry(thread).or_default();
                let point = Point { thread, earlier: *earlier };
                *earlier += 1;
                asked.insert(point, options);
                taken.push(script.answer(point, options));
                *taken.last().expect("it was just pushed")
            });
            scripts.explored(&script, &asked);
            runs.push(taken);
        }
        runs
    }

    #[test]
    fn a_program_without_choices_is_one_model() {
        assert_eq!(explore(|_| ()), [Vec::<u32>::new()]);
    }

    #[test]
    fn independent_choices_multiply() {
        let runs = explore(|choose| {
            choose(0, 3);
            choose(1, 2);
            choose(1, 2);
        });
        assert_eq!(runs.len(), 12);
        assert_eq!(runs.iter().collect::<BTreeSet<_>>().len(), 12);
    }

    #[test]
    fn a_choice_that_comes_up_only_after_another_is_enumerated_there_alone() {
        let runs = explore(|choose| {
            if choose(0, 2) == 1 {
                choose(0, 4);
            }
        });
        let runs: BTreeSet<_> = runs.into_iter().collect();
        assert_eq!(runs, BTreeSet::from([vec![0], vec![1, 0], vec![1, 1], vec![1, 2], vec![1, 3]]));
    }

    #[test]
    fn places_that_different_interleavings_reach_are_enumerated_together() {
        // Two interleavings, of which each asks another thread; both are reported for one model.
        let mut scripts = Scripts::default();
        let mut models = 0;
        while let Some(script) = scripts.next_script() {
            let asked = BTreeMap::from([0, 1].map(|thread| (Point { thread, earlier: 0 }, 2)));
            scripts.explored(&script, &asked);
            models += 1;
        }
        assert_eq!(models, 4);
    }
}
