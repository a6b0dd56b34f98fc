//! Drawing a thread with a probability in proportion to its weight, while the weights change.

use crate::strategy::SplitMix64;

/// Weights of threads, with their partial sums in a binary indexed tree (Fenwick, "A new data structure for cumulative
/// frequency tables", 1994): changing and drawing take a time that grows with the logarithm of the number of threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights {
    weights: Vec<u64>,
    /// The sum of the weights that end at each place, as many as the lowest set bit of the place, counted from 1, says.
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
        self.weights.push(weight);
        self.total += weight;
        let place = self.weights.len();
        let mut sum = weight;
        let mut part = 1;
        while place & part == 0 {
            sum += self.sums[place - part - 1];
            part <<= 1;
        }
        self.sums.push(sum);
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
        let mut place = thread + 1;
        while let Some(sum) = self.sums.get_mut(place - 1) {
            *sum = sum.wrapping_add(change);
            place += place & place.wrapping_neg();
        }
    }

    /// A thread, with a probability in proportion to its weight; `None` if all weights are 0.
    #[inline]
    pub(crate) fn draw(&self, generator: &mut SplitMix64) -> Option<usize> {
        if self.total == 0 {
            return None;
        }
        let mut left = generator.below_long(self.total);
        let mut thread = 0;
        let mut part = 1 << self.sums.len().ilog2();
        while part > 0 {
            if let Some(sum) = self.sums.get(thread + part - 1).filter(|sum| **sum <= left) {
                left -= sum;
                thread += part;
            }
            part >>= 1;
        }
        Some(thread)
    }
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
