//! Trials: which objects are worth selecting, found out by selecting them.
//!
//! [`Surw`] makes the order of the accesses to a few objects uniform, and which few makes a difference: on SafeStack of
//! ten times and more (`sim/benches/BUGS.md`, which also says how this way of choosing was found). The paper draws them for each schedule. Here some selections compete: each gets the same number of schedules, and the one
//! under which the threads take the most different *paths* is selected more often from then on. A path is what one thread
//! does from its start to its end, by kinds of operations and birthplaces of objects; a thread leaves the paths that it usually takes
//! because others have come between, and that is what a search is after. As fuzzers judge inputs by the code they reach, this
//! judges selections.
//!
//! There are two rounds: of [`CANDIDATES`] selections the [`FINALISTS`] best go on to the second. If all of those do equally
//! well, as in a program in which every thread has one path only, there is no favourite.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::{Kernel, Run, Target};
use crate::strategy::random::mix;
use crate::strategy::{Now, Profile, SplitMix64, Strategy, Surw, Swarm};

/// How many selections compete, at most.
const CANDIDATES: usize = 16;

/// How many of them do so in the second round.
const FINALISTS: usize = 4;

/// How many schedules a round has.
const ROUND: u64 = 1024;

/// The trials of one calibration batch. The strategy draws its schedules as ever, but for the objects.
#[derive(Debug)]
pub(super) struct Trials {
    strategy: Tried,
    candidates: Vec<Candidate>,
    /// Who is selected in the current schedule, or in the next one that SURW draws.
    turn: usize,
    schedules: u64,
    /// By thread of the execution that is looked at.
    paths: Vec<u64>,
}

/// The strategies that select objects.
#[derive(Debug)]
enum Tried {
    Surw(Box<Surw>),
    Swarm(Box<Swarm>),
}

/// A selection, and what it has shown.
#[derive(Debug)]
struct Candidate {
    objects: Vec<u32>,
    paths: BTreeSet<u64>,
}

impl Trials {
    /// How many schedules they take.
    pub(super) const SCHEDULES: u64 = 2 * ROUND;

    /// The trials of [`Surw`], from `schedule` on of the campaign `seed`, of a program of which `profile` is known.
    pub(super) fn of_surw(seed: u64, schedule: u64, profile: &Arc<Profile>) -> Self {
        Trials::new(
            Tried::Surw(Box::new(Surw::starting_at(seed, schedule, Arc::clone(profile)))),
            seed,
            profile,
        )
    }

    /// The same of [`Swarm`]: those of its schedules that SURW draws.
    pub(super) fn of_swarm(seed: u64, schedule: u64, profile: &Arc<Profile>) -> Self {
        Trials::new(Tried::Swarm(Box::new(Swarm::new(seed, schedule, Arc::clone(profile)))), seed, profile)
    }

    fn new(strategy: Tried, seed: u64, profile: &Profile) -> Self {
        let shared = profile.objects().iter().zip(0..).filter(|(object, _)| object.is_shared);
        let candidates = candidates(shared.map(|(_, number)| number).collect(), &mut SplitMix64::new(!seed));
        Trials { strategy, candidates, turn: 0, schedules: 0, paths: Vec::new() }
    }

    /// Learns from the execution that this strategy has just led.
    pub(super) fn observe(&mut self, kernel: &Kernel) {
        let is_tried = match &self.strategy {
            Tried::Surw(_) => true,
            Tried::Swarm(swarm) => swarm.selects(),
        };
        if let Some(candidate) = self.candidates.get_mut(self.turn).filter(|_| is_tried) {
            paths(kernel, &mut self.paths);
            candidate.paths.extend(&self.paths);
            self.turn = (self.turn + 1) % self.candidates.len();
        }
        self.schedules += 1;
        if self.schedules == ROUND {
            // The first of equals, as the sort is stable.
            self.candidates.sort_by_key(|candidate| Reverse(candidate.paths.len()));
            self.candidates.truncate(FINALISTS);
            self.turn = 0;
        }
    }

    /// The selection that has shown the most, once all schedules are done.
    pub(super) fn favourite(&self) -> Option<&[u32]> {
        let shown = |candidate: &Candidate| candidate.paths.len();
        let least = self.candidates.iter().map(shown).min()?;
        // The first of equals.
        let best = self.candidates.iter().min_by_key(|candidate| Reverse(shown(candidate)))?;
        (self.schedules >= Self::SCHEDULES && shown(best) > least).then_some(&best.objects)
    }

    fn strategy(&mut self) -> &mut dyn Strategy {
        match &mut self.strategy {
            Tried::Surw(surw) => &mut **surw,
            Tried::Swarm(swarm) => &mut **swarm,
        }
    }
}

impl Strategy for Trials {
    fn begin(&mut self) -> bool {
        if let Some(candidate) = self.candidates.get(self.turn) {
            match &mut self.strategy {
                Tried::Surw(surw) => surw.select_next(&candidate.objects),
                Tried::Swarm(swarm) => swarm.select_next(&candidate.objects),
            }
        }
        self.strategy().begin()
    }

    #[inline]
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        match &mut self.strategy {
            Tried::Surw(surw) => surw.thread(now),
            Tried::Swarm(swarm) => swarm.thread(now),
        }
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.strategy().value(kind, options)
    }

    fn end(&mut self, run: &Run) {
        self.strategy().end(run);
    }

    fn member(&self) -> Option<&'static str> {
        match &self.strategy {
            Tried::Surw(surw) => surw.member(),
            Tried::Swarm(swarm) => swarm.member(),
        }
    }
}

/// Up to [`CANDIDATES`] different selections of the shared objects: all there are, or small ones and larger ones.
fn candidates(mut shared: Vec<u32>, generator: &mut SplitMix64) -> Vec<Candidate> {
    let mut selections = BTreeSet::new();
    if shared.len() < 2 {
        return Vec::new();
    }
    if let Some(all) = 1_usize.checked_shl(shared.len() as u32).filter(|all| *all <= CANDIDATES) {
        let members = |set: usize| shared.iter().enumerate().filter(move |(place, _)| set >> place & 1 == 1);
        selections.extend((1..all).map(|set| members(set).map(|(_, object)| *object).collect::<Vec<_>>()));
    }
    let is_few = !selections.is_empty();
    for size in [1, 2, 3, 0].into_iter().cycle().take(if is_few { 0 } else { CANDIDATES }) {
        // Of the larger ones any size, but not all objects.
        let size = if size > 0 { size } else { 4 + generator.below(shared.len() as u32 - 4) as usize };
        for place in 0..size {
            let other = place + generator.below((shared.len() - place) as u32) as usize;
            shared.swap(place, other);
        }
        let mut selection = shared[..size].to_vec();
        selection.sort_unstable();
        selections.insert(selection);
    }
    selections.into_iter().map(|objects| Candidate { objects, paths: BTreeSet::new() }).collect()
}

/// The paths that the threads of the last execution have taken, by thread, each as a hash.
fn paths(kernel: &Kernel, paths: &mut Vec<u64>) {
    paths.clear();
    paths.resize(kernel.threads().len(), 0);
    for step in kernel.log() {
        let birthplace = match step.op.kind.target() {
            Target::Object => kernel.objects().get(step.op.target as usize).map(|object| object.birthplace),
            _ => None,
        };
        let place = birthplace.map_or(0, |place| u64::from(place.line()) << 16 | u64::from(place.column()));
        let path = &mut paths[step.thread as usize];
        *path = mix(*path ^ (place << 8 | step.op.kind as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Limits;
    use crate::strategy::{Calibration, Sampler};
    use crate::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use crate::thread;

    #[test]
    fn candidates_are_all_selections_or_sixteen_that_differ() {
        let mut generator = SplitMix64::new(1);
        let mut sizes = |objects: u32| {
            let candidates = candidates((0..objects).collect(), &mut generator);
            let mut sizes: Vec<_> = candidates.iter().map(|candidate| candidate.objects.len()).collect();
            sizes.sort_unstable();
            sizes
        };
        assert_eq!(sizes(1), Vec::<usize>::new());
        assert_eq!(sizes(2), [1, 1, 2]);
        assert_eq!(sizes(4), [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4]);
        for objects in [5, 8, 100] {
            let sizes = sizes(objects);
            assert!((10..=CANDIDATES).contains(&sizes.len()), "{sizes:?}");
            assert!(sizes.iter().all(|size| (1..objects as usize).contains(size)), "{sizes:?}");
            assert!(sizes.contains(&1) && sizes.iter().any(|size| *size > 3), "{sizes:?}");
        }
    }

    /// What the trials of a program find.
    fn favourite(sampler: Sampler, program: impl Fn() + Copy) -> Option<Vec<u32>> {
        let mut kernel = Kernel::new(Limits::default());
        let mut calibration = Calibration::new(sampler, 1);
        for _ in 0..sampler.calibration() {
            kernel.run(&mut calibration, program);
            calibration.observe(&kernel);
        }
        calibration.into_profile().favourite().map(<[u32]>::to_vec)
    }

    /// Two threads: whether one takes the detour depends on the order of accesses to `word` alone.
    fn detours() {
        let noise = AtomicU32::new(0);
        let word = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..4 {
                        let before = word.load(SeqCst);
                        if word.compare_exchange(before, before + 1, SeqCst, SeqCst).is_err() {
                            word.store(0, SeqCst);
                        }
                    }
                    for _ in 0..40 {
                        noise.fetch_add(1, SeqCst);
                    }
                });
            }
        });
    }

    #[test]
    fn what_makes_threads_take_other_paths_is_selected() {
        for sampler in [Sampler::Surw, Sampler::Swarm] {
            // Objects go by birthplace, and `word` is the second.
            let favourite = favourite(sampler, detours).expect("there are detours");
            assert!(favourite.contains(&1), "{sampler}: {favourite:?}");
        }
    }

    #[test]
    fn threads_with_one_path_each_have_no_favourite() {
        let straight = || {
            let words = [AtomicU32::new(0), AtomicU32::new(0)];
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| words.each_ref().map(|word| word.fetch_add(1, SeqCst)));
                }
            });
        };
        assert_eq!(favourite(Sampler::Surw, straight), None);
    }
}
