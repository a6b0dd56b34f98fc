//! One search for a bug, and the sum of many.

use raddle_sim::strategy::Sampler;
use raddle_sim_benches::bugs::{Form, Program};

use crate::ours::Simulator;
use crate::theirs::Theirs;

/// What an execution may do at most, on both sides: a schedule that spins for longer has not failed.
pub const STEPS: usize = 10_000;

/// What a column of the table searches with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Searcher {
    Ours(Sampler),
    Theirs(Theirs),
}

impl Searcher {
    /// All of them, in the order of the columns.
    pub fn all() -> impl Iterator<Item = Searcher> {
        let ours = Sampler::ALL.iter().map(|sampler| Searcher::Ours(*sampler));
        ours.chain(Theirs::ALL.iter().map(|scheduler| Searcher::Theirs(*scheduler)))
    }

    pub fn name(self) -> &'static str {
        match self {
            Searcher::Ours(sampler) => sampler.name(),
            Searcher::Theirs(scheduler) => scheduler.name(),
        }
    }

    /// A search of its own: nothing is carried over from one seed to the next.
    pub fn search(self, simulator: &mut Simulator, program: Program, form: Form, seed: u64) -> Trial {
        let begin = cpu_seconds();
        let (schedules, is_found) = match self {
            Searcher::Ours(sampler) => simulator.search(sampler, program, form, seed),
            Searcher::Theirs(scheduler) => scheduler.search(program, form, seed),
        };
        Trial { schedules, is_found, seconds: cpu_seconds() - begin }
    }
}

/// What one search came to.
#[derive(Copy, Clone, Debug)]
pub struct Trial {
    /// Up to and with the failing one; all, if none has failed.
    pub schedules: u64,
    pub is_found: bool,
    /// CPU time.
    pub seconds: f64,
}

/// The searches of one searcher for one bug.
#[derive(Clone, Debug)]
pub struct Cell {
    pub trials: Vec<Trial>,
    /// How many searches there were to be. There are fewer if their time was used up.
    pub wanted: u64,
}

impl Cell {
    /// Searches with the seeds 1 ..= `wanted`. Once they have taken `seconds` of CPU time together no further search
    /// starts; one that has started is brought to its end, so that long ones are not left out.
    pub fn measure(wanted: u64, seconds: f64, mut search: impl FnMut(u64) -> Trial) -> Cell {
        let mut cell = Cell { trials: Vec::new(), wanted };
        for seed in 1..=wanted {
            if cell.seconds() >= seconds {
                break;
            }
            cell.trials.push(search(seed));
        }
        cell
    }

    pub fn run(&self) -> usize {
        self.trials.len()
    }

    pub fn found(&self) -> usize {
        self.trials.iter().filter(|trial| trial.is_found).count()
    }

    pub fn is_cut(&self) -> bool {
        (self.run() as u64) < self.wanted
    }

    pub fn seconds(&self) -> f64 {
        self.trials.iter().map(|trial| trial.seconds).sum()
    }

    pub fn slowest(&self) -> f64 {
        self.trials.iter().map(|trial| trial.seconds).fold(0.0, f64::max)
    }

    fn schedules(&self) -> f64 {
        self.trials.iter().map(|trial| trial.schedules as f64).sum()
    }

    pub fn schedules_per_second(&self) -> f64 {
        self.schedules() / self.seconds()
    }

    /// Mean and standard deviation of the schedules up to the first failure, over the searches that have found it.
    pub fn mean(&self) -> Option<(f64, f64)> {
        let found: Vec<f64> =
            self.trials.iter().filter(|trial| trial.is_found).map(|trial| trial.schedules as f64).collect();
        let count = found.len() as f64;
        let mean = found.iter().sum::<f64>() / count;
        let squares: f64 = found.iter().map(|schedules| (schedules - mean).powi(2)).sum();
        (!found.is_empty()).then_some((mean, (squares / (count - 1.0).max(1.0)).sqrt()))
    }

    /// Schedules per failure found, those of the searches in vain included: what compares searchers of which one loses some.
    pub fn cost(&self) -> Option<f64> {
        (self.found() > 0).then(|| self.schedules() / self.found() as f64)
    }
}

/// The CPU time of this thread.
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: points to a timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(schedules: u64, is_found: bool) -> Trial {
        Trial { schedules, is_found, seconds: 1.0 }
    }

    #[test]
    fn a_search_in_vain_costs_but_has_no_part_in_the_mean() {
        let cell = Cell { trials: vec![trial(2, true), trial(4, true), trial(10, false)], wanted: 3 };
        assert_eq!(cell.mean(), Some((3.0, 2.0_f64.sqrt())));
        assert_eq!(cell.cost(), Some(8.0));
        assert_eq!((cell.found(), cell.run(), cell.is_cut()), (2, 3, false));
    }

    #[test]
    fn what_was_never_found_has_no_mean() {
        let cell = Cell { trials: vec![trial(10, false)], wanted: 1 };
        assert_eq!((cell.mean(), cell.cost()), (None, None));
    }

    #[test]
    fn a_cell_without_time_left_starts_no_search_and_says_so() {
        let cell = Cell::measure(9, 2.5, |seed| trial(seed, true));
        assert_eq!((cell.run(), cell.is_cut()), (3, true));
    }
}
