//! The execution that is under way: who has how many events left, who is intended, and who is held.

use crate::kernel::{Op, OpKind, Target, nth_bit};
use crate::strategy::profile::Recognition;
use crate::strategy::weights::Weights;
use crate::strategy::{Now, SplitMix64};

use super::Expected;

/// What is known of the execution.
#[derive(Clone, Debug, Default)]
pub(super) struct Execution {
    pub(super) recognition: Recognition,
    /// How many steps of the log were taken note of.
    pub(super) noted: usize,
    /// By object of the execution, whether accesses to it are events.
    is_event: Vec<bool>,
    /// By thread: what the events that it and its unborn descendants will make weigh; nothing when it has ended.
    weights: Weights,
    /// By thread, what one of its events weighs.
    units: Vec<u64>,
    intended: Option<usize>,
    /// One bit for each thread whose next step is an event: all of these are held but the one that is intended.
    at_event: Vec<u64>,
    /// Whether threads have ranks: then the first of those who are not held goes on. If not, that is drawn for each step.
    is_ranked: bool,
    /// By thread, if they have ranks: the highest is the first.
    ranks: Vec<u64>,
}

impl Execution {
    /// An execution begins. `is_ranked`: who is first among those who are not held is drawn for all of it.
    pub(super) fn clear(&mut self, is_ranked: bool) {
        self.recognition.clear();
        self.noted = 0;
        self.is_event.clear();
        self.weights.clear();
        self.units.clear();
        self.intended = None;
        self.at_event.clear();
        self.ranks.clear();
        self.is_ranked = is_ranked;
    }

    /// How many threads were born as far as this knows.
    #[inline]
    pub(super) fn threads(&self) -> usize {
        self.units.len()
    }

    /// Learns whether accesses to the next object are events.
    pub(super) fn meet(&mut self, is_event: bool) {
        self.is_event.push(is_event);
    }

    #[inline]
    pub(super) fn is_event(&self, op: Op) -> bool {
        op.kind.target() == Target::Object
            && op.kind != OpKind::Unlock
            && self.is_event.get(op.target as usize).is_some_and(|is_event| *is_event)
    }

    /// The next thread is born: it takes its share over from its parent.
    pub(super) fn bear(
        &mut self,
        parent: Option<usize>,
        expected: Expected,
        generator: &mut SplitMix64,
        beside: &mut SplitMix64,
    ) {
        let thread = self.threads();
        let mut weight = expected.weight;
        match parent {
            None => self.intended = Some(thread),
            Some(parent) => {
                let before = self.weights.get(parent);
                weight = weight.min(before);
                self.weights.set(parent, before - weight);
                if self.intended == Some(parent) && weight > 0 && generator.below_long(before) < weight {
                    self.intended = Some(thread);
                }
            }
        }
        self.weights.push(weight);
        self.units.push(expected.unit);
        if self.is_ranked {
            // Below the ranks of all who yield there are as many as they need.
            self.ranks.push(1 << 63 | beside.next() >> 1);
        }
        self.at_event.resize(thread / 64 + 1, 0);
    }

    /// `thread` ends.
    pub(super) fn end(&mut self, thread: usize, generator: &mut SplitMix64) {
        self.weights.set(thread, 0);
        if self.intended == Some(thread) {
            self.draw(generator);
        }
    }

    /// `thread` is about to do `op`.
    #[inline]
    pub(super) fn announce(&mut self, thread: usize, op: Op) {
        let is_event = self.is_event(op);
        let word = &mut self.at_event[thread / 64];
        *word = (*word & !(1 << (thread % 64))) | u64::from(is_event) << (thread % 64);
        if is_event && self.weights.get(thread) < self.units[thread] {
            // It was not expected to.
            self.weights.set(thread, self.units[thread]);
        }
    }

    /// `thread` has made an event.
    #[inline]
    pub(super) fn made_event(&mut self, thread: usize, generator: &mut SplitMix64) {
        let weight = self.weights.get(thread);
        self.weights.set(thread, weight.saturating_sub(self.units[thread]));
        self.draw(generator);
    }

    /// `thread` yields: others go first.
    #[cold]
    pub(super) fn give_way(&mut self, thread: usize, now: &Now<'_>, generator: &mut SplitMix64) {
        if self.is_ranked {
            // Behind all others.
            self.ranks[thread] = (1 << 63) - 1 - now.steps();
        }
        if self.intended.is_none_or(|intended| intended == thread || !now.can_go_on(intended)) {
            let weight = self.weights.get(thread);
            self.weights.set(thread, 0);
            self.draw(generator);
            self.weights.set(thread, weight);
        }
    }

    /// Draws who shall make the next event.
    #[inline]
    fn draw(&mut self, generator: &mut SplitMix64) {
        self.intended = self.weights.draw(generator);
    }

    /// Who goes on.
    #[inline]
    pub(super) fn choose(
        &mut self,
        now: &Now<'_>,
        generator: &mut SplitMix64,
        beside: &mut SplitMix64,
    ) -> usize {
        let free = self.draw_free(now, beside);
        free.unwrap_or_else(|| self.draw_among_held(now, generator))
    }

    /// Of the 64 threads from number 64 · `word` on those that can go on and are not held.
    #[inline]
    fn free(&self, now: &Now<'_>, word: usize) -> u64 {
        let intended = match self.intended {
            Some(intended) if intended / 64 == word => 1 << (intended % 64),
            _ => 0,
        };
        now.runnable(word) & (!self.at_event[word] | intended)
    }

    /// One of the threads that can go on and are not held.
    #[inline]
    fn draw_free(&self, now: &Now<'_>, beside: &mut SplitMix64) -> Option<usize> {
        if self.at_event.len() > 1 {
            return self.draw_free_of_many(now, beside);
        }
        let free = self.free(now, 0);
        if free & free.wrapping_sub(1) == 0 {
            return (free != 0).then_some(free.trailing_zeros() as usize);
        }
        if self.is_ranked {
            return self.first(now);
        }
        nth_bit(free, beside.below(free.count_ones())).ok().map(|thread| thread as usize)
    }

    /// The first of the threads that can go on and are not held.
    fn first(&self, now: &Now<'_>) -> Option<usize> {
        let members = (0..self.at_event.len()).flat_map(|word| {
            let mut left = self.free(now, word);
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(64 * word + bit)
            })
        });
        members.max_by_key(|thread| self.ranks[*thread])
    }

    fn draw_free_of_many(&self, now: &Now<'_>, beside: &mut SplitMix64) -> Option<usize> {
        if self.is_ranked {
            return self.first(now);
        }
        let words = 0..self.at_event.len();
        let count: u32 = words.clone().map(|word| self.free(now, word).count_ones()).sum();
        let mut rank = if count > 1 { beside.below(count) } else { 0 };
        for word in words {
            match nth_bit(self.free(now, word), rank) {
                Ok(thread) => return Some(word * 64 + thread as usize),
                Err(left) => rank = left,
            }
        }
        None
    }

    /// All threads that can go on are held.
    #[cold]
    fn draw_among_held(&mut self, now: &Now<'_>, generator: &mut SplitMix64) -> usize {
        let held = || (0..now.threads()).filter(|thread| now.can_go_on(*thread));
        let total: u64 = held().map(|thread| self.weights.get(thread)).sum();
        let mut left = generator.below_long(total);
        let drawn = held().find(|thread| {
            let weight = self.weights.get(*thread);
            let is_drawn = left < weight;
            left = left.saturating_sub(weight);
            is_drawn
        });
        let drawn = drawn.or_else(|| held().next()).expect("some thread can go on");
        self.intended = Some(drawn);
        drawn
    }
}
