//! Priorities of threads of which only as much is drawn as it takes to tell the highest.
//!
//! A priority is a number between 0 and 1 with infinitely many binary digits, all of them drawn by lot when they are first
//! looked at. The digits of one place of all threads are a *plane*, a bit for each thread, so one random word draws them for
//! 64 threads at once. The highest of n threads is found by looking at about log n planes: of those who are left the ones with
//! a 1 stay, if there are any. Drawing a priority again is forgetting its digits. Up to eight threads share a word with eight
//! planes.
//!
//! Where none of those who are left has drawn a further digit, as after a race of them all, each is the highest with the same
//! probability: then that is drawn by one lot, and the digits only if they are asked for after all.

use std::mem;

use crate::kernel::nth_bit;
use crate::strategy::SplitMix64;

/// As long as there are no more threads, eight planes share a word.
const FEW: usize = 8;

/// One bit for each plane of a word that is shared: times a set of threads, that set in each plane.
const EACH_PLANE: u64 = 0x0101_0101_0101_0101;

/// The priorities.
#[derive(Clone, Debug)]
pub(super) struct Lots {
    /// How many words a plane has; 0 if eight planes share one.
    words: usize,
    /// The planes, the most significant first.
    digits: Vec<u64>,
    /// Which of these digits were drawn.
    drawn: Vec<u64>,
    /// The threads of which none is drawn, as long as one word is enough for all.
    fresh: u64,
    /// One bit: the highest that was found without a look at any digit, if one was.
    presumed: u64,
    /// It, and all that it was found to be higher than.
    among: u64,
}

impl Lots {
    pub(super) fn new() -> Self {
        Lots { words: 0, digits: Vec::new(), drawn: Vec::new(), fresh: u64::MAX, presumed: 0, among: 0 }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.words = 0;
        self.digits.clear();
        self.drawn.clear();
        self.fresh = u64::MAX;
        self.presumed = 0;
        self.among = 0;
    }

    /// Makes room for `threads` threads; those that are new have drawn nothing.
    #[inline]
    pub(super) fn make_room(&mut self, threads: usize, generator: &mut SplitMix64) {
        if threads > if self.words == 0 { FEW } else { 64 * self.words } {
            self.settle(generator);
            self.widen(threads.div_ceil(64));
        }
    }

    #[cold]
    fn widen(&mut self, words: usize) {
        for planes in [&mut self.digits, &mut self.drawn] {
            if self.words == 0 {
                *planes = planes.iter().flat_map(|shared| shared.to_le_bytes().map(u64::from)).collect();
            }
            let before = self.words.max(1);
            let mut wider = Vec::with_capacity(planes.len() / before * words);
            for plane in planes.chunks(before) {
                wider.extend_from_slice(plane);
                wider.resize(wider.len() + words - before, 0);
            }
            *planes = wider;
        }
        self.words = words;
    }

    /// Lets those of the 64 threads from number 64 · `word` on draw again whose bits are set.
    #[inline]
    pub(super) fn forget(&mut self, word: usize, threads: u64, generator: &mut SplitMix64) {
        // If all of them draw again, it does not matter any more what they had.
        if self.among & !threads == 0 {
            self.presumed = 0;
            self.among = 0;
        } else {
            self.settle(generator);
        }
        if self.words > 1 {
            return self.forget_digits(word, threads);
        }
        let stale = threads & !self.fresh;
        if stale != 0 {
            self.fresh |= stale;
            self.forget_digits(0, stale);
        }
    }

    #[inline(never)]
    fn forget_digits(&mut self, word: usize, threads: u64) {
        match self.words {
            0 => self.drawn.iter_mut().for_each(|drawn| *drawn &= !((threads & 0xFF) * EACH_PLANE)),
            1 => self.drawn.iter_mut().for_each(|drawn| *drawn &= !threads),
            words => self.drawn.iter_mut().skip(word).step_by(words).for_each(|drawn| *drawn &= !threads),
        }
    }

    /// Whether each of `candidates`, of 64 threads that there are at most, is equally likely to be the highest.
    #[inline]
    pub(super) fn are_equal(&self, candidates: u64) -> bool {
        candidates & !self.fresh == 0 && self.presumed == 0
    }

    /// Says which of `candidates`, which [are equal](Lots::are_equal), is the highest: it was drawn from them by lot.
    #[inline]
    pub(super) fn presume(&mut self, highest: usize, candidates: u64) {
        debug_assert!(self.words <= 1, "nobody keeps account of who is fresh");
        self.presumed = 1 << highest;
        self.among = candidates;
    }

    /// Draws what has led to the highest that is presumed.
    #[inline(never)]
    fn settle(&mut self, generator: &mut SplitMix64) {
        if self.presumed == 0 {
            return;
        }
        let presumed = mem::take(&mut self.presumed).trailing_zeros() as usize;
        let among = mem::take(&mut self.among);
        self.fresh = 0;
        let found = match self.words {
            0 => self.highest_of_few(among, generator),
            _ => self.highest_of_word(among, 0, generator),
        };
        // Before a digit was drawn they were all alike. So what one has come to may as well be the other's.
        let (planes, step) = if self.words == 0 { (8, 8) } else { (1, 64) };
        for word in self.digits.iter_mut().chain(&mut self.drawn) {
            for plane in 0..planes {
                let (one, other) = (plane * step + presumed, plane * step + found);
                let differ = (*word >> one ^ *word >> other) & 1;
                *word ^= differ << one | differ << other;
            }
        }
    }

    /// The thread with the highest priority of `candidates`, of which there is at least one: one bit for each thread, in
    /// words. What they hold afterwards means nothing.
    #[inline(never)]
    pub(super) fn highest(&mut self, candidates: &mut [u64], generator: &mut SplitMix64) -> usize {
        if self.presumed != 0 {
            self.settle(generator);
        }
        let fresh = mem::take(&mut self.fresh);
        match self.words {
            0 => self.highest_of_few(candidates[0], generator),
            1 => self.highest_of_word(candidates[0], fresh, generator),
            _ => self.highest_of_many(candidates, generator),
        }
    }

    #[inline]
    fn highest_of_few(&mut self, candidates: u64, generator: &mut SplitMix64) -> usize {
        let mut left = candidates & 0xFF;
        let mut at = 0;
        loop {
            let mut digits = self.digits_at(at, left * EACH_PLANE, generator);
            // Without a branch until it is likely that one alone is left: the processor would guess wrong.
            for _ in 0..2 {
                for _ in 0..4 {
                    left = highest_left(left, digits);
                    digits >>= 8;
                }
                if is_one(left) {
                    return left.trailing_zeros() as usize;
                }
            }
            at += 1;
        }
    }

    /// None of `fresh` has drawn a digit.
    fn highest_of_word(&mut self, candidates: u64, fresh: u64, generator: &mut SplitMix64) -> usize {
        let mut left = candidates;
        let mut at = 0;
        while !is_one(left) {
            if left & !fresh == 0 {
                // And no further one now.
                let highest = nth_bit(left, generator.below(left.count_ones())).unwrap_or(0) as usize;
                self.presume(highest, left);
                return highest;
            }
            let digits = self.digits_at(at, left, generator);
            left = highest_left(left, digits);
            at += 1;
        }
        left.trailing_zeros() as usize
    }

    fn highest_of_many(&mut self, left: &mut [u64], generator: &mut SplitMix64) -> usize {
        let mut plane = 0;
        while left.iter().map(|word| word.count_ones()).sum::<u32>() > 1 {
            let mut stays = 0;
            for (word, left) in left.iter().enumerate() {
                stays |= left & self.digits_at(plane * self.words + word, *left, generator);
            }
            if stays != 0 {
                let digits = &self.digits[plane * self.words..];
                left.iter_mut().zip(digits).for_each(|(left, digits)| *left &= digits);
            }
            plane += 1;
        }
        let word = left.iter().position(|left| *left != 0).expect("there was a candidate");
        64 * word + left[word].trailing_zeros() as usize
    }

    /// The word of digits number `at`, in which those that are `wanted` are drawn.
    #[inline(always)]
    fn digits_at(&mut self, at: usize, wanted: u64, generator: &mut SplitMix64) -> u64 {
        if at >= self.digits.len() {
            self.digits.resize(at + 1, 0);
            self.drawn.resize(at + 1, 0);
        }
        let drawn = self.drawn[at];
        if wanted & !drawn != 0 {
            self.digits[at] = (self.digits[at] & drawn) | (generator.next() & !drawn);
            self.drawn[at] = u64::MAX;
        }
        self.digits[at]
    }
}

/// Those of `left` that have a 1; all, if none has.
#[inline]
fn highest_left(left: u64, digits: u64) -> u64 {
    let stays = left & digits;
    if stays == 0 { left } else { stays }
}

#[inline]
fn is_one(set: u64) -> bool {
    set & set.wrapping_sub(1) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threads by number as a set.
    fn set(members: impl IntoIterator<Item = usize>) -> Vec<u64> {
        let mut words = vec![0; 3];
        members.into_iter().for_each(|member| words[member / 64] |= 1 << (member % 64));
        words
    }

    /// The highest, by lot where all are equal.
    fn highest(lots: &mut Lots, candidates: &[usize], generator: &mut SplitMix64) -> usize {
        let mut set = set(candidates.iter().copied());
        if lots.words > 1 || !lots.are_equal(set[0]) {
            return lots.highest(&mut set, generator);
        }
        let highest = candidates[generator.below(candidates.len() as u32) as usize];
        lots.presume(highest, set[0]);
        highest
    }

    #[test]
    fn each_of_those_who_have_drawn_nothing_is_equally_likely_the_highest() {
        for threads in [3, 8, 11, 64, 70] {
            let mut generator = SplitMix64::new(1);
            let mut lots = Lots::new();
            lots.make_room(threads, &mut generator);
            let mut counts = vec![0_u32; threads];
            for _ in 0..2_000 * threads {
                counts[lots.highest(&mut set(0..threads), &mut generator)] += 1;
                (0..threads.div_ceil(64)).for_each(|word| lots.forget(word, u64::MAX, &mut generator));
            }
            assert!(counts.iter().all(|count| count.abs_diff(2_000) < 200), "{counts:?}");
        }
    }

    #[test]
    fn who_is_asked_about_tells_an_order_that_stays() {
        for threads in [2, 5, 8, 9, 64, 65, 150] {
            let mut generator = SplitMix64::new(2);
            let mut lots = Lots::new();
            lots.make_room(threads, &mut generator);
            let order = |lots: &mut Lots, generator: &mut SplitMix64| {
                let mut left: Vec<usize> = (0..threads).collect();
                let mut order = Vec::new();
                while !left.is_empty() {
                    let highest = highest(lots, &left, generator);
                    left.retain(|thread| *thread != highest);
                    order.push(highest);
                }
                order
            };
            let before = order(&mut lots, &mut generator);
            assert_eq!(order(&mut lots, &mut generator), before);
            // Also when there are more threads than before.
            lots.make_room(threads + 1, &mut generator);
            assert_eq!(order(&mut lots, &mut generator), before);
            lots.make_room(190, &mut generator);
            assert_eq!(order(&mut lots, &mut generator), before);
            // Whoever draws again is somewhere else, and the others are in the same order as before.
            lots.forget(0, 2, &mut generator);
            let mut after = order(&mut lots, &mut generator);
            after.retain(|thread| *thread != 1);
            let others: Vec<usize> = before.into_iter().filter(|thread| *thread != 1).collect();
            assert_eq!(after, others);
        }
    }

    #[test]
    fn whoever_has_lost_loses_to_a_newcomer_more_often_than_not() {
        for threads in [8, 11] {
            let mut generator = SplitMix64::new(3);
            let mut lots = Lots::new();
            lots.make_room(threads, &mut generator);
            let (mut second, mut third, mut again) = (0, 0, 0);
            for _ in 0..20_000 {
                lots.forget(0, u64::MAX, &mut generator);
                let first = highest(&mut lots, &[0, 1, 2], &mut generator);
                // It draws again, and is above the others as often as above the middle one of three.
                lots.forget(0, 1 << first, &mut generator);
                let others: Vec<usize> = (0..3).filter(|thread| *thread != first).collect();
                again += u32::from(highest(&mut lots, &[0, 1, 2], &mut generator) == first);
                let higher = highest(&mut lots, &others, &mut generator);
                let lower = others[0] + others[1] - higher;
                second += u32::from(highest(&mut lots, &[higher, 7], &mut generator) == 7);
                third += u32::from(highest(&mut lots, &[lower, 7], &mut generator) == 7);
            }
            // Of three numbers the second is the middle one, and 7 has drawn a fourth.
            assert!(again.abs_diff(10_000) < 300, "{again}");
            assert!(second.abs_diff(10_000) < 300, "{second}");
            assert!(third.abs_diff(15_000) < 300, "{third}");
        }
    }
}
