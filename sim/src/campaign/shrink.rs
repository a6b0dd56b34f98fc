//! Shrinking: the shortest, dullest run that shows the same thing.
//!
//! A run is its list of choices, and replay is tolerant: a number beyond the options counts as 0 or wraps around, and so does everything after the end
//! of the list. So every edited list is a valid run, and since 0 is always the dullest option, a shorter list and a smaller
//! number are always simpler. Lists are ordered by length, then by how many entries are not 0, then by their entries; an edit
//! is kept if the run is simpler and the finding is the same.
//!
//! The passes, cheap ones first, until none helps: cut the tail, set spans to 0, delete spans, lower single entries.

/// Runs an edited list of choices. `Some` with the choices really made, if the finding is the same.
pub trait Attempt {
    /// Runs `choices`.
    fn attempt(&mut self, choices: &[u32]) -> Option<Vec<u32>>;
}

impl<F: FnMut(&[u32]) -> Option<Vec<u32>>> Attempt for F {
    fn attempt(&mut self, choices: &[u32]) -> Option<Vec<u32>> {
        self(choices)
    }
}

/// Makes `choices` as simple as it can be within `budget` attempts. The result shows the same finding as `choices` does.
pub fn shrink(choices: Vec<u32>, budget: usize, attempt: impl Attempt) -> Vec<u32> {
    let mut search = Search { best: without_tail(choices), left: budget, attempt };
    loop {
        let before = search.best.clone();
        search.cut_tail();
        search.edit_spans(|span| span.iter_mut().for_each(|choice| *choice = 0));
        search.delete_spans();
        search.lower();
        if search.best == before || search.left == 0 {
            return search.best;
        }
    }
}

struct Search<A> {
    best: Vec<u32>,
    left: usize,
    attempt: A,
}

impl<A: Attempt> Search<A> {
    /// Tries `candidate`; keeps it if it is simpler and shows the same.
    fn keep_if_same(&mut self, candidate: &[u32]) -> bool {
        if self.left == 0 || !is_simpler(candidate, &self.best) {
            return false;
        }
        self.left -= 1;
        let Some(made) = self.attempt.attempt(candidate).map(without_tail) else { return false };
        // What was really made may differ from what was asked for: entries beyond the options, a shorter run.
        self.best = if is_simpler(&made, candidate) { made } else { without_tail(candidate.to_vec()) };
        true
    }

    fn cut_tail(&mut self) {
        let mut keep = 0;
        while keep < self.best.len() {
            let candidate = self.best[..keep].to_vec();
            if self.keep_if_same(&candidate) {
                return;
            }
            keep += (self.best.len() - keep).div_ceil(2);
        }
    }

    fn edit_spans(&mut self, edit: impl Fn(&mut [u32])) {
        for length in span_lengths(self.best.len()) {
            let mut start = 0;
            while start < self.best.len() {
                let end = (start + length).min(self.best.len());
                let mut candidate = self.best.clone();
                edit(&mut candidate[start..end]);
                self.keep_if_same(&candidate);
                start = end;
            }
        }
    }

    fn delete_spans(&mut self) {
        for length in span_lengths(self.best.len()) {
            let mut start = 0;
            while start + length <= self.best.len() {
                let mut candidate = self.best.clone();
                candidate.drain(start..start + length);
                if !self.keep_if_same(&candidate) {
                    start += 1;
                }
            }
        }
    }

    fn lower(&mut self) {
        for at in 0..self.best.len() {
            let mut value = 0;
            while at < self.best.len() && value < self.best[at] {
                let mut candidate = self.best.clone();
                candidate[at] = value;
                self.keep_if_same(&candidate);
                value += 1;
            }
        }
    }
}

fn span_lengths(total: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(total / 2), |length| Some(length / 2)).take_while(|length| *length > 0)
}

/// Zeros at the end say nothing: they are what a run does by itself.
fn without_tail(mut choices: Vec<u32>) -> Vec<u32> {
    let used = choices.iter().rposition(|choice| *choice != 0).map_or(0, |last| last + 1);
    choices.truncate(used);
    choices
}

fn is_simpler(candidate: &[u32], than: &[u32]) -> bool {
    let weight = |choices: &[u32]| (choices.len(), choices.iter().filter(|choice| **choice != 0).count());
    (weight(candidate), candidate) < (weight(than), than)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shrinks `choices` against a test on lists, counting the attempts.
    fn shrink_against(choices: &[u32], fails: impl Fn(&[u32]) -> bool) -> Vec<u32> {
        shrink(choices.to_vec(), 10_000, |candidate: &[u32]| fails(candidate).then(|| candidate.to_vec()))
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
        let never = |_: &[u32]| -> Option<Vec<u32>> { panic!("no attempt is left") };
        assert_eq!(shrink(vec![0, 1, 0, 0], 0, never), [0, 1]);
    }

    #[test]
    fn what_was_really_made_replaces_what_was_asked_for() {
        // A run in which at most three choices come up, each below 2.
        let run = |candidate: &[u32]| {
            let made: Vec<u32> = candidate.iter().take(3).map(|choice| choice % 2).collect();
            made.contains(&1).then_some(made)
        };
        assert_eq!(shrink(vec![2, 5, 4, 8, 8], 1_000, run), [1]);
    }
}
