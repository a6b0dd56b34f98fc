//! Shrinking: the shortest, dullest run that shows the same thing.
//!
//! A run is its list of choices, and replay is tolerant: a number beyond the options wraps around, and after the end of the
//! list every choice is 0. So every edited list is a valid run, and since 0 is always the dullest option, a smaller number is
//! always simpler. What a reader has to read counts first (the rows of the run's table, and how often they change sides), then
//! how many choices are not 0, then the length of the list, then its entries. An edit is kept if the run is simpler
//! and the finding is the same.
//!
//! The passes, cheap ones first, until none helps: cut the tail, set spans to 0, delete spans, lower single entries, move
//! single entries to other places.

use std::cmp::Ordering;

/// A run with the finding that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The choices really made.
    pub choices: Vec<u32>,
    /// How long the run is for its readers.
    pub length: usize,
}

impl Made {
    /// Which of two runs is simpler: the lesser one.
    #[must_use]
    pub fn compare(&self, other: &Made) -> Ordering {
        self.weight().cmp(&other.weight())
    }

    fn weight(&self) -> (usize, usize, usize, &[u32]) {
        let needed = self.choices.iter().filter(|choice| **choice != 0).count();
        (self.length, needed, self.choices.len(), &self.choices)
    }

    /// Zeros at the end say nothing: they are what a run does by itself.
    fn without_tail(mut self) -> Self {
        let used = self.choices.iter().rposition(|choice| *choice != 0).map_or(0, |last| last + 1);
        self.choices.truncate(used);
        self
    }
}

/// Runs an edited list of choices.
pub trait Attempt {
    /// Runs `choices`. `Some` if the finding is the same.
    fn attempt(&mut self, choices: &[u32]) -> Option<Made>;
}

impl<F: FnMut(&[u32]) -> Option<Made>> Attempt for F {
    fn attempt(&mut self, choices: &[u32]) -> Option<Made> {
        self(choices)
    }
}

/// Makes the run `first` as simple as it can be within `budget` attempts. The result shows the same finding.
pub fn shrink(first: Made, budget: usize, attempt: impl Attempt) -> Made {
    let mut search = Search { best: first.without_tail(), left: budget, attempt };
    loop {
        let before = search.best.clone();
        search.cut_tail();
        search.zero_spans();
        search.delete_spans();
        search.lower();
        search.move_entries();
        if search.best == before || search.left == 0 {
            return search.best;
        }
    }
}

struct Search<A> {
    best: Made,
    left: usize,
    attempt: A,
}

impl<A: Attempt> Search<A> {
    fn choices(&self) -> &[u32] {
        &self.best.choices
    }

    /// Tries `candidate`; keeps it if its run is simpler and shows the same.
    fn keep_if_simpler(&mut self, candidate: &[u32]) -> bool {
        if self.left == 0 || candidate == self.choices() {
            return false;
        }
        self.left -= 1;
        // What was really made may differ from what was asked for: entries beyond the options, a shorter run.
        let Some(made) = self.attempt.attempt(candidate).map(Made::without_tail) else { return false };
        let is_simpler = made.compare(&self.best).is_lt();
        if is_simpler {
            self.best = made;
        }
        is_simpler
    }

    fn cut_tail(&mut self) {
        let mut keep = 0;
        while keep < self.choices().len() {
            let candidate = self.choices()[..keep].to_vec();
            if self.keep_if_simpler(&candidate) {
                return;
            }
            keep += (self.choices().len() - keep).div_ceil(2);
        }
    }

    fn zero_spans(&mut self) {
        for length in span_lengths(self.choices().len()) {
            let mut start = 0;
            while start < self.choices().len() {
                let end = (start + length).min(self.choices().len());
                let mut candidate = self.choices().to_vec();
                candidate[start..end].fill(0);
                self.keep_if_simpler(&candidate);
                start = end;
            }
        }
    }

    fn delete_spans(&mut self) {
        for length in span_lengths(self.choices().len()) {
            let mut start = 0;
            while start + length <= self.choices().len() {
                let mut candidate = self.choices().to_vec();
                candidate.drain(start..start + length);
                if !self.keep_if_simpler(&candidate) {
                    start += 1;
                }
            }
        }
    }

    fn lower(&mut self) {
        for at in 0..self.choices().len() {
            let mut value = 0;
            while at < self.choices().len() && value < self.choices()[at] {
                let mut candidate = self.choices().to_vec();
                candidate[at] = value;
                self.keep_if_simpler(&candidate);
                value += 1;
            }
        }
    }

    /// Makes a switch earlier or later, or lets another thread have it: what no pass that only takes away can do.
    fn move_entries(&mut self) {
        let mut from = 0;
        while from < self.choices().len() {
            if self.choices()[from] == 0 || !self.move_entry(from) {
                from += 1;
            }
        }
    }

    fn move_entry(&mut self, from: usize) -> bool {
        for to in 0..self.choices().len() + SLACK {
            for value in 1..=VALUES_TRIED {
                let mut candidate = self.choices().to_vec();
                candidate.resize(candidate.len().max(to + 1), 0);
                candidate[from] = 0;
                candidate[to] = value;
                if self.keep_if_simpler(&candidate) {
                    return true;
                }
            }
        }
        false
    }
}

/// How far beyond the end of the list an entry may move.
const SLACK: usize = 4;

/// More threads than this rarely wait for the same turn.
const VALUES_TRIED: u32 = 3;

fn span_lengths(total: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(total / 2), |length| Some(length / 2)).take_while(|length| *length > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of which nothing is known but its choices.
    fn made(choices: &[u32]) -> Made {
        Made { choices: choices.to_vec(), length: 0 }
    }

    /// Shrinks `choices` against a test on lists, counting the attempts.
    fn shrink_against(choices: &[u32], fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
        shrink(made(choices), 10_000, |candidate: &[u32]| fails(candidate).then(|| made(candidate))).choices
    }

    #[test]
    fn only_what_the_failure_needs_remains() {
        let fails = |choices: &[u32]| choices.iter().filter(|choice| **choice >= 2).count() >= 2;
        assert_eq!(shrink_against(&[0, 3, 1, 1, 0, 5, 7, 0, 2, 9], fails), [2, 2]);
    }

    #[test]
    fn a_place_that_matters_keeps_its_place() {
        let fails = |choices: &[u32]| choices.get(3).copied().unwrap_or(0) == 1;
        assert_eq!(shrink_against(&[1, 2, 0, 1, 4, 4], fails), [0, 0, 0, 1]);
    }

    #[test]
    fn a_failure_of_the_dullest_run_needs_no_choices() {
        assert_eq!(shrink_against(&[4, 4, 4], |_| true), Vec::<u32>::new());
    }

    #[test]
    fn without_attempts_only_the_idle_tail_goes() {
        let never = |_: &[u32]| -> Option<Made> { panic!("no attempt is left") };
        assert_eq!(shrink(made(&[0, 1, 0, 0]), 0, never).choices, [0, 1]);
    }

    #[test]
    fn what_was_really_made_replaces_what_was_asked_for() {
        // A run in which at most three choices come up, each below 2.
        let run = |candidate: &[u32]| {
            let taken: Vec<u32> = candidate.iter().take(3).map(|choice| choice % 2).collect();
            taken.contains(&1).then(|| made(&taken))
        };
        assert_eq!(shrink(made(&[2, 5, 4, 8, 8]), 1_000, run).choices, [1]);
    }

    #[test]
    fn a_run_that_is_shorter_to_read_wins_over_one_with_a_shorter_list() {
        // Either of two entries makes it fail; the later one is shorter to read.
        let run = |candidate: &[u32]| {
            let at = candidate.iter().position(|choice| *choice == 1)?;
            (at == 1 || at == 4).then(|| Made { choices: candidate.to_vec(), length: 10 - at })
        };
        let first = Made { choices: vec![0, 1], length: 9 };
        assert_eq!(shrink(first, 1_000, run).choices, [0, 0, 0, 0, 1]);
    }
}
