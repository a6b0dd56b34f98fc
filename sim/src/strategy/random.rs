//! The random walk: at every choice each option is equally likely.
//!
//! Each schedule has a seed of its own, a hash of the campaign's seed and the schedule's index, so that schedule 7,312 can
//! be run without the 7,311 before it and by any worker.
//!
//! The generator is SplitMix64, written out here: ten lines with a published definition, so that no release of a
//! dependency and no machine can change what a recorded seed means.

use crate::choice::Kind;
use crate::strategy::{Now, Strategy};

/// A random walk over schedules.
#[derive(Clone, Debug)]
pub struct Random {
    seed: u64,
    next_schedule: u64,
    generator: SplitMix64,
}

impl Random {
    /// A walk over the schedules 0, 1, 2, … of the campaign `seed`. It never ends by itself.
    pub fn new(seed: u64) -> Self {
        Random::starting_at(seed, 0)
    }

    /// As [`new`](Random::new), from `schedule` on.
    pub fn starting_at(seed: u64, schedule: u64) -> Self {
        Random { seed, next_schedule: schedule, generator: SplitMix64::new(seed) }
    }

    /// Makes `schedule` the next one.
    pub(crate) fn go_to(&mut self, schedule: u64) {
        self.next_schedule = schedule;
    }

    /// The schedule that the next execution will follow.
    pub fn next_schedule(&self) -> u64 {
        self.next_schedule
    }
}

impl Strategy for Random {
    fn begin(&mut self) -> bool {
        self.generator = SplitMix64::of_schedule(self.seed, self.next_schedule);
        self.next_schedule += 1;
        true
    }

    #[inline]
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        Some(self.generator.below(now.options() as u32) as usize)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.generator.value(kind, options)
    }
}

/// Steele, Lea and Flood's SplitMix64 ("Fast splittable pseudorandom number generators", OOPSLA 2014).
///
/// The next number is ready before it is asked for: computing it takes longer than anything else between two steps, and in
/// this way the processor does it on the side.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64 {
    state: u64,
    ready: u64,
    /// How rare each of the rare kinds is, in two bits.
    rarity: u64,
}

/// How often a rare kind is answered with something other than 0, as one in a power of two: drawn per schedule.
const RARITIES: [u32; 3] = [2, 3, 5];

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> Self {
        let mut generator = SplitMix64 { state: seed, ready: 0, rarity: mix(!seed) };
        generator.next();
        generator
    }

    /// The generator of one schedule of a campaign: campaigns and schedules that differ by one share nothing.
    pub(crate) fn of_schedule(seed: u64, schedule: u64) -> Self {
        let campaign = SplitMix64::new(seed).next();
        SplitMix64::new(SplitMix64::new(campaign ^ schedule).next())
    }

    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        std::mem::replace(&mut self.ready, mix(self.state))
    }

    /// Answers a question of this kind: every option equally likely, but for a [rare](Kind::is_rare) kind, which this schedule
    /// answers with 0 always, or but for one time in 4, 8 or 32.
    #[inline]
    pub(crate) fn value(&mut self, kind: Kind, options: u32) -> u32 {
        if kind.is_rare() { self.rare_value(kind, options) } else { self.below(options) }
    }

    #[cold]
    fn rare_value(&mut self, kind: Kind, options: u32) -> u32 {
        let drawn = self.rarity.rotate_right(2 * kind as u32) & 3;
        match RARITIES.get(drawn as usize) {
            Some(&rarity) if self.below(1 << rarity) == 0 => 1 + self.below(options - 1),
            _ => 0,
        }
    }

    /// A number below `bound`: the high half of a product, which favours no number by more than `bound` in 2³².
    #[inline]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// A number below `bound`, which may be large.
    #[inline]
    pub(crate) fn below_long(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

/// The output function of SplitMix64.
#[inline]
pub(super) fn mix(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first outputs for the seed 1234567, as in the reference implementation.
        let mut generator = SplitMix64::new(1_234_567);
        assert_eq!(generator.next(), 6_457_827_717_110_365_317);
        assert_eq!(generator.next(), 3_203_168_211_198_807_973);
        assert_eq!(generator.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn every_option_is_about_equally_likely() {
        let mut generator = SplitMix64::new(1);
        let mut counts = [0_u32; 3];
        for _ in 0..30_000 {
            counts[generator.below(3) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (9_700..10_300).contains(count)), "{counts:?}");
    }

    #[test]
    fn rare_kinds_are_rare_and_some_schedules_do_without() {
        let mut without = 0;
        let mut taken = 0;
        for schedule in 0..1000 {
            let mut generator = SplitMix64::of_schedule(1, schedule);
            let ones: u32 = (0..32).map(|_| generator.value(Kind::Timeout, 2)).sum();
            without += u32::from(ones == 0);
            taken += ones;
        }
        // A quarter never, and of those with one in 32 a third by chance.
        assert!((250..450).contains(&without), "{without}");
        // (1/4 + 1/8 + 1/32) / 4 of 32,000.
        assert!((2_900..3_600).contains(&taken), "{taken}");
    }

    #[test]
    fn schedules_and_campaigns_differ() {
        let first = |seed, schedule| SplitMix64::of_schedule(seed, schedule).next();
        assert_ne!(first(1, 0), first(1, 1));
        assert_ne!(first(1, 1), first(2, 0));
        assert_eq!(first(7, 3), first(7, 3));
    }
}
