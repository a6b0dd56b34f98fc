//! The set of threads that can go on, kept up to date by every operation that enables or disables a thread.

use super::bits::{COUNT_IN_BYTE, LAST_BYTE, SELECT_IN_BYTE, nth_bit, select};

/// A set of thread numbers below a bound that is fixed at its creation.
#[derive(Debug)]
pub(crate) struct Runnable {
    words: Box<[u64]>,
    /// How many words can have members: usually one, whose members need not be counted to find one of them.
    used: usize,
    count: u32,
    /// The members by number, if `order` says so: with many of them looking one up is quicker than counting bits.
    listed: Box<[u32]>,
    /// The other way round: by number, how many members have a lower one.
    ranks: Box<[u32]>,
    order: Order,
    /// How often the current thread may go on without a question, as long as no member is added; and how often it has.
    stays_allowed: u64,
    stays: u64,
    /// Of these, how many are in `runs`, or were taken from there.
    stays_closed: u64,
    /// So many stays with so many members, in order: kept apart from the choices, because a stay is hardly more than a write.
    runs: Vec<StayRun>,
}

/// What is known of the order of the members.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Order {
    /// A member was added or removed since somebody looked for one.
    Changed,
    /// Somebody has looked for a member since. Writing the list pays when the next one finds the set unchanged as well.
    Settled,
    Listed,
}

/// How often in a row the current thread went on without a question.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct StayRun {
    /// How many could have gone on.
    pub(crate) members: u32,
    pub(crate) stays: u64,
}

impl Runnable {
    pub(crate) fn new(bound: usize) -> Self {
        let words = vec![0; bound.div_ceil(64)].into_boxed_slice();
        Runnable {
            words,
            used: 0,
            count: 0,
            // One more than there can be members, so that there is a place behind the last.
            listed: vec![0; bound + 1].into_boxed_slice(),
            ranks: vec![0; bound].into_boxed_slice(),
            order: Order::Changed,
            stays_allowed: 0,
            stays: 0,
            stays_closed: 0,
            runs: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// One bit for each member, up to the last word that has ever had one.
    #[inline]
    pub(crate) fn words(&self) -> &[u64] {
        &self.words[..self.used]
    }

    /// The first word, if no other one has ever had a member.
    #[inline]
    pub(crate) fn first_word(&self) -> Option<u64> {
        if self.used == 1 { self.words.first().copied() } else { None }
    }

    #[inline]
    pub(crate) fn contains(&self, thread: u32) -> bool {
        self.words[(thread / 64) as usize] & (1 << (thread % 64)) != 0
    }

    #[inline]
    pub(crate) fn insert(&mut self, thread: u32) {
        if !self.contains(thread) {
            self.close_run();
            self.used = self.used.max((thread / 64) as usize + 1);
            self.words[(thread / 64) as usize] |= 1 << (thread % 64);
            self.count += 1;
            self.order = Order::Changed;
            self.stays_allowed = 0;
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, thread: u32) {
        if self.contains(thread) {
            self.close_run();
            self.words[(thread / 64) as usize] &= !(1 << (thread % 64));
            self.count -= 1;
            self.order = Order::Changed;
        }
    }

    /// Adds and removes members of one word.
    #[inline]
    pub(crate) fn change_word(&mut self, word: usize, inserted: u64, removed: u64) {
        let before = self.words[word];
        let after = (before | inserted) & !removed;
        if after != before {
            self.close_run();
            self.used = self.used.max(word + 1);
            self.words[word] = after;
            self.count = self.count + after.count_ones() - before.count_ones();
            self.order = Order::Changed;
            if after & !before != 0 {
                self.stays_allowed = 0;
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.words[..self.used].fill(0);
        self.used = 0;
        self.count = 0;
        self.order = Order::Changed;
        self.allow_stays(0);
        self.runs.clear();
    }

    /// Allows the current thread to go on so many times without a question, until a member is added.
    #[inline]
    pub(crate) fn allow_stays(&mut self, stays: u64) {
        debug_assert_eq!(self.stays, self.stays_closed, "what was counted is noted before it is forgotten");
        self.stays_allowed = stays;
        self.stays = 0;
        self.stays_closed = 0;
    }

    /// Whether the current thread goes on without a question; counts it.
    #[inline]
    pub(crate) fn stay(&mut self) -> bool {
        let may_stay = self.stays < self.stays_allowed;
        if may_stay {
            self.stays += 1;
        }
        may_stay
    }

    /// Whether there are stays that were not taken out by [`take_runs`](Runnable::take_runs).
    #[inline]
    pub(crate) fn has_runs(&self) -> bool {
        self.stays != self.stays_closed || !self.runs.is_empty()
    }

    /// Takes the stays out, in order.
    pub(crate) fn take_runs(&mut self) -> impl Iterator<Item = StayRun> {
        self.close_run();
        self.runs.drain(..)
    }

    /// Notes the stays so far before the number of members changes.
    #[inline]
    fn close_run(&mut self) {
        let stays = self.stays - self.stays_closed;
        if stays > 0 {
            self.stays_closed = self.stays;
            self.runs.push(StayRun { members: self.count, stays });
        }
    }

    /// How often the current thread has gone on without a question since that was allowed.
    #[inline]
    pub(crate) fn stays(&self) -> u64 {
        self.stays
    }

    /// Prepares for somebody who looks for a member, if there are many.
    #[inline]
    pub(crate) fn prepare(&mut self) {
        if self.used != 1 || self.words[0] > LAST_BYTE {
            match self.order {
                Order::Changed => self.order = Order::Settled,
                Order::Settled => self.list(),
                Order::Listed => {}
            }
        }
    }

    #[inline(never)]
    fn list(&mut self) {
        let mut members = self.listed.iter_mut().zip(0..);
        for (index, &word) in (0_u32..).zip(&self.words[..self.used]) {
            let mut left = word;
            while left != 0 {
                let (place, rank) = members.next().expect("there is a place for each possible member");
                *place = index * 64 + left.trailing_zeros();
                self.ranks[*place as usize] = rank;
                left &= left - 1;
            }
        }
        self.order = Order::Listed;
    }

    /// The member number `rank`, from 0, by thread number.
    ///
    /// # Panics
    ///
    /// If there are not so many members.
    #[inline]
    pub(crate) fn nth(&self, rank: u32) -> u32 {
        if self.used == 1 && self.order != Order::Listed {
            return select(self.words[0], rank);
        }
        if self.order == Order::Listed && rank < self.count {
            return self.listed[rank as usize];
        }
        self.nth_from(0, rank).expect("the rank is below the number of members")
    }

    /// How many members have a lower number than the member `thread`.
    #[inline]
    pub(crate) fn rank(&self, thread: u32) -> u32 {
        let last = (thread / 64) as usize;
        if last == 0 {
            return self.rank_in_first(self.words[0], thread);
        }
        if self.order == Order::Listed {
            return self.ranks[thread as usize];
        }
        let before: u32 = self.words[..last].iter().map(|word| word.count_ones()).sum();
        before + (self.words[last] & !(u64::MAX << (thread % 64))).count_ones()
    }

    /// The same for a member of the first word, which is `word`.
    #[inline]
    pub(crate) fn rank_in_first(&self, word: u64, thread: u32) -> u32 {
        let lower = word & !(u64::MAX << (thread % 64));
        if lower <= LAST_BYTE {
            COUNT_IN_BYTE[lower as usize].into()
        } else if self.order == Order::Listed {
            self.ranks[thread as usize]
        } else {
            lower.count_ones()
        }
    }

    /// The member number `rank` when the member `first` comes before all others.
    #[inline(always)]
    pub(crate) fn nth_but_first(&self, first: u32, rank: u32) -> u32 {
        if self.used == 1 && self.words[0] <= LAST_BYTE {
            let others = self.words[0] & !(1 << (first % 64));
            let other = SELECT_IN_BYTE[others as usize][rank.wrapping_sub(1) as usize & 7].into();
            return std::hint::select_unpredictable(rank == 0, first, other);
        }
        self.nth_but_first_of_many(first, rank)
    }

    #[inline(never)]
    fn nth_but_first_of_many(&self, first: u32, rank: u32) -> u32 {
        if rank == 0 {
            return first;
        }
        if self.order == Order::Listed && rank < self.count {
            let (before, after) = (self.listed[rank as usize - 1], self.listed[rank as usize]);
            return std::hint::select_unpredictable(before < first, before, after);
        }
        self.nth_except(first, rank - 1)
    }

    /// The member number `rank`, not counting the member `except`.
    fn nth_except(&self, except: u32, rank: u32) -> u32 {
        let mut rank = rank;
        for (index, &word) in (0_u32..).zip(&self.words[..self.used]) {
            let excepted = if except / 64 == index { 1 << (except % 64) } else { 0 };
            match nth_bit(word & !excepted, rank) {
                Ok(bit) => return index * 64 + bit,
                Err(left) => rank = left,
            }
        }
        unreachable!("the rank is below the number of members")
    }

    /// The member number `rank` in cyclic order, beginning after `thread`.
    pub(crate) fn nth_after(&self, thread: u32, rank: u32) -> u32 {
        match self.nth_from(thread + 1, rank) {
            Ok(found) => found,
            Err(left) => self.nth(left),
        }
    }

    /// The member number `rank` at or above `first`, or how many of the rank are left when the members end.
    #[inline]
    fn nth_from(&self, first: u32, rank: u32) -> Result<u32, u32> {
        let mut rank = rank;
        for (index, &word) in (0_u32..).zip(&self.words[..self.used]).skip((first / 64) as usize) {
            let word = if index == first / 64 { word & (u64::MAX << (first % 64)) } else { word };
            match nth_bit(word, rank) {
                Ok(bit) => return Ok(index * 64 + bit),
                Err(left) => rank = left,
            }
        }
        Err(rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(members: &[u32]) -> Runnable {
        let mut set = Runnable::new(200);
        for &member in members {
            set.insert(member);
        }
        set
    }

    #[test]
    fn inserting_and_removing_twice_counts_once() {
        let mut set = set(&[3, 3, 130]);
        assert_eq!(set.count(), 2);
        set.remove(3);
        set.remove(3);
        assert_eq!(set.count(), 1);
        assert!(set.contains(130) && !set.contains(3));
        set.clear();
        assert_eq!((set.count(), set.contains(130)), (0, false));
    }

    #[test]
    fn members_are_ranked_by_number_across_words() {
        let mut set = set(&[0, 5, 63, 64, 127, 128, 199]);
        assert_ranks(&set);
        set.prepare();
        assert_ranks(&set);
        set.prepare();
        assert_eq!(set.order, Order::Listed);
        assert_ranks(&set);
    }

    #[test]
    fn a_list_of_members_is_forgotten_when_one_is_added_or_removed() {
        let mut set = set(&[1, 3, 9]);
        set.prepare();
        set.prepare();
        assert_eq!((set.order, set.nth(1), set.nth_but_first(3, 2)), (Order::Listed, 3, 9));
        set.insert(2);
        assert_eq!((set.order, set.nth(1), set.nth_but_first(3, 2)), (Order::Changed, 2, 2));
        set.prepare();
        set.prepare();
        assert_eq!((set.order, set.nth(1), set.nth_but_first(3, 2)), (Order::Listed, 2, 2));
        set.remove(1);
        assert_eq!((set.order, set.nth(1), set.nth_but_first(3, 2)), (Order::Changed, 3, 9));
    }

    fn assert_ranks(set: &Runnable) {
        let ranked: Vec<u32> = (0..set.count()).map(|rank| set.nth(rank)).collect();
        assert_eq!(ranked, [0, 5, 63, 64, 127, 128, 199]);
        let ranks: Vec<u32> = ranked.iter().map(|member| set.rank(*member)).collect();
        assert_eq!(ranks, [0, 1, 2, 3, 4, 5, 6]);
        let first: Vec<u32> = (0..7).map(|rank| set.nth_but_first(64, rank)).collect();
        assert_eq!(first, [64, 0, 5, 63, 127, 128, 199]);
    }

    #[test]
    fn cyclic_order_begins_after_the_given_thread_and_ends_with_it() {
        let set = set(&[0, 63, 64, 128]);
        let from = |thread| (0..4).map(|rank| set.nth_after(thread, rank)).collect::<Vec<_>>();
        assert_eq!(from(63), [64, 128, 0, 63]);
        assert_eq!(from(128), [0, 63, 64, 128]);
        assert_eq!(from(199), [0, 63, 64, 128]);
    }
}
