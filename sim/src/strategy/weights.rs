//! Drawing a thread with a probability in proportion to its weight, while the weights change.

use crate::strategy::SplitMix64;

/// How many weights have a sum of their own.
const BLOCK: usize = 16;

/// Weights of threads, and their sums in blocks. A change is two additions, and a draw runs over the sums and over one block
/// without a branch that depends on what is drawn, which the processor would guess wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights {
    weights: Vec<u64>,
    sums: Vec<u64>,
    total: u64,
}

impl Weights {
    /// Forgets all threads.
    pub(crate) fn clear(&mut self) {
        self.weights.clear();
        self.sums.clear();
        self.total = 0;
    }

    /// Adds the next thread.
    pub(crate) fn push(&mut self, weight: u64) {
        if self.weights.len().is_multiple_of(BLOCK) {
            self.sums.push(0);
        }
        self.weights.push(0);
        self.set(self.weights.len() - 1, weight);
    }

    #[inline]
    pub(crate) fn get(&self, thread: usize) -> u64 {
        self.weights[thread]
    }

    #[inline]
    pub(crate) fn set(&mut self, thread: usize, weight: u64) {
        // The sums wrap around where a weight falls, and back again.
        let change = weight.wrapping_sub(std::mem::replace(&mut self.weights[thread], weight));
        self.total = self.total.wrapping_add(change);
        let sum = &mut self.sums[thread / BLOCK];
        *sum = sum.wrapping_add(change);
    }

    /// A thread, with a probability in proportion to its weight; `None` if all weights are 0.
    #[inline]
    pub(crate) fn draw(&self, generator: &mut SplitMix64) -> Option<usize> {
        if self.total == 0 {
            return None;
        }
        let target = generator.below_long(self.total);
        let (block, left) = if self.sums.len() == 1 { (0, target) } else { place(&self.sums, target) };
        let first = block * BLOCK;
        let end = self.weights.len().min(first + BLOCK);
        Some(first + place(&self.weights[first..end], left).0)
    }
}

/// The part in which `target`, which is below the sum of all parts, lies if they are laid end to end, and how far into it.
#[inline]
fn place(parts: &[u64], target: u64) -> (usize, u64) {
    let (mut place, mut before, mut sum) = (0, 0, 0);
    for part in parts {
        sum += part;
        let is_behind = sum <= target;
        place += usize::from(is_behind);
        before = if is_behind { sum } else { before };
    }
    (place, target - before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_follow_the_weights() {
        let mut generator = SplitMix64::new(3);
        let mut weights = Weights::default();
        let mut plain: Vec<u64> = Vec::new();
        for _ in 0..500 {
            if plain.len() < 130 && generator.below(3) == 0 {
                plain.push(u64::from(generator.below(5)));
                weights.push(plain[plain.len() - 1]);
            } else if !plain.is_empty() {
                let thread = generator.below(plain.len() as u32) as usize;
                plain[thread] = u64::from(generator.below(5));
                weights.set(thread, plain[thread]);
            }
            assert_eq!(weights.total, plain.iter().sum::<u64>());
            assert!(weights.draw(&mut generator).is_none_or(|drawn| plain[drawn] > 0));
        }
        assert_eq!(plain.len(), 130);
    }

    #[test]
    fn threads_are_drawn_in_proportion() {
        let mut generator = SplitMix64::new(1);
        let mut weights = Weights::default();
        [3, 0, 1, 0, 2, 4, 0].into_iter().for_each(|weight| weights.push(weight));
        let mut counts = [0_u32; 7];
        for _ in 0..10_000 {
            counts[weights.draw(&mut generator).expect("the total is 10")] += 1;
        }
        for (thread, count) in counts.into_iter().enumerate() {
            assert!(count.abs_diff(1_000 * weights.get(thread) as u32) < 200, "{counts:?}");
        }
        (0..7).for_each(|thread| weights.set(thread, 0));
        assert_eq!(weights.draw(&mut generator), None);
    }
}
