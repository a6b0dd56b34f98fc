//! Threads in an order of random priorities, and which of them are ready.

use crate::strategy::SplitMix64;

/// No thread has this rank.
const VACANT: u32 = u32::MAX;

/// A rank for each thread, drawn when it is born; the lowest number comes first. There are more ranks than threads, so that the
/// next thread may come anywhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranks {
    /// By rank. A whole number of words of `ready`.
    pub(crate) threads: Vec<u32>,
    /// One bit per rank.
    pub(crate) ready: Vec<u64>,
    /// By thread; behind the threads that were born, the ranks that are left.
    ranks: Vec<u32>,
    born: usize,
}

impl Ranks {
    /// Forgets all threads, and prepares for so many.
    pub(crate) fn clear(&mut self, threads: usize) {
        self.born = 0;
        self.threads.clear();
        self.ready.clear();
        self.ranks.clear();
        self.grow(threads.next_multiple_of(64).max(64));
    }

    fn grow(&mut self, count: usize) {
        let first = self.threads.len();
        self.threads.resize(first + count, VACANT);
        self.ready.resize((first + count) / 64, 0);
        self.ranks.extend(first as u32..(first + count) as u32);
    }

    /// Draws a rank for the next thread, which is ready.
    pub(crate) fn admit(&mut self, generator: &mut SplitMix64) {
        let thread = self.born;
        if thread == self.ranks.len() {
            // More threads than expected: they come after all that there are.
            self.grow(64);
        }
        let drawn = thread + generator.below((self.ranks.len() - thread) as u32) as usize;
        self.ranks.swap(thread, drawn);
        self.threads[self.ranks[thread] as usize] = thread as u32;
        self.born += 1;
        self.set_ready(thread, true);
    }

    #[inline]
    pub(crate) fn set_ready(&mut self, thread: usize, is_ready: bool) {
        let rank = self.ranks[thread] as usize;
        let word = &mut self.ready[rank / 64];
        *word = *word & !(1 << (rank % 64)) | u64::from(is_ready) << (rank % 64);
    }

    /// Moves `thread`, which is ready, behind all others.
    pub(crate) fn lower(&mut self, thread: usize) {
        self.set_ready(thread, false);
        let mut rank = self.ranks[thread] as usize;
        for next in rank + 1..self.threads.len() {
            if self.threads[next] != VACANT {
                self.take(rank, next);
                rank = next;
            }
        }
        self.threads[rank] = thread as u32;
        self.ranks[thread] = rank as u32;
        self.set_ready(thread, true);
    }

    /// Gives `rank`, which is not ready, to the thread at rank `next`.
    fn take(&mut self, rank: usize, next: usize) {
        let thread = self.threads[next] as usize;
        let is_ready = self.ready[next / 64] >> (next % 64) & 1 == 1;
        self.set_ready(thread, false);
        self.threads[rank] = thread as u32;
        self.ranks[thread] = rank as u32;
        self.set_ready(thread, is_ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The threads that are ready, in order.
    fn ready(ranks: &Ranks) -> Vec<u32> {
        let is_ready = |rank: &usize| ranks.ready[rank / 64] >> (rank % 64) & 1 == 1;
        (0..ranks.threads.len()).filter(is_ready).map(|rank| ranks.threads[rank]).collect()
    }

    #[test]
    fn all_orders_of_threads_are_equally_likely() {
        let mut generator = SplitMix64::new(1);
        let mut counts = std::collections::BTreeMap::new();
        let mut ranks = Ranks::default();
        for _ in 0..6_000 {
            ranks.clear(3);
            (0..3).for_each(|_| ranks.admit(&mut generator));
            *counts.entry(ready(&ranks)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|count| (850..1_150).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_lowered_thread_comes_last_and_the_others_keep_their_order_and_state() {
        let mut generator = SplitMix64::new(2);
        let mut ranks = Ranks::default();
        ranks.clear(10);
        // More than were expected.
        (0..150).for_each(|_| ranks.admit(&mut generator));
        (0..150).step_by(3).for_each(|thread| ranks.set_ready(thread, false));
        for thread in [1, 149, 77, 1] {
            let mut expected = ready(&ranks);
            expected.retain(|other| *other != thread);
            expected.push(thread);
            ranks.lower(thread as usize);
            assert_eq!(ready(&ranks), expected);
        }
        (0..150).step_by(3).for_each(|thread| ranks.set_ready(thread, true));
        assert_eq!(ready(&ranks).len(), 150);
    }
}
