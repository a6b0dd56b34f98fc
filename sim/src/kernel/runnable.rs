//! The set of threads that can go on, kept up to date by every operation that enables or disables a thread.

/// A set of thread numbers below a bound that is fixed at its creation.
#[derive(Debug)]
pub(crate) struct Runnable {
    words: Box<[u64]>,
    count: u32,
}

impl Runnable {
    pub(crate) fn new(bound: usize) -> Self {
        Runnable { words: vec![0; bound.div_ceil(64)].into_boxed_slice(), count: 0 }
    }

    #[inline]
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    #[inline]
    pub(crate) fn contains(&self, thread: u32) -> bool {
        self.words[(thread / 64) as usize] & (1 << (thread % 64)) != 0
    }

    #[inline]
    pub(crate) fn insert(&mut self, thread: u32) {
        let word = &mut self.words[(thread / 64) as usize];
        let bit = 1 << (thread % 64);
        self.count += u32::from(*word & bit == 0);
        *word |= bit;
    }

    #[inline]
    pub(crate) fn remove(&mut self, thread: u32) {
        let word = &mut self.words[(thread / 64) as usize];
        let bit = 1 << (thread % 64);
        self.count -= u32::from(*word & bit != 0);
        *word &= !bit;
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
        self.count = 0;
    }

    /// The member number `rank`, from 0, by thread number.
    ///
    /// # Panics
    ///
    /// If there are not so many members.
    #[inline]
    pub(crate) fn nth(&self, rank: u32) -> u32 {
        self.nth_from(0, rank).expect("the rank is below the number of members")
    }

    /// The member number `rank`, not counting the member `except`.
    #[inline]
    pub(crate) fn nth_except(&self, except: u32, rank: u32) -> u32 {
        let mut rank = rank;
        for (index, &word) in (0_u32..).zip(&self.words[..]) {
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
        for (index, &word) in (0_u32..).zip(&self.words[..]).skip((first / 64) as usize) {
            let word = if index == first / 64 { word & (u64::MAX << (first % 64)) } else { word };
            match nth_bit(word, rank) {
                Ok(bit) => return Ok(index * 64 + bit),
                Err(left) => rank = left,
            }
        }
        Err(rank)
    }
}

/// The place of the set bit number `rank`, or how many of the rank are left when the bits end.
#[inline]
fn nth_bit(word: u64, rank: u32) -> Result<u32, u32> {
    let mut word = word;
    let mut rank = rank;
    while word != 0 {
        if rank == 0 {
            return Ok(word.trailing_zeros());
        }
        word &= word - 1;
        rank -= 1;
    }
    Err(rank)
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
        let set = set(&[0, 5, 63, 64, 127, 128, 199]);
        let ranked: Vec<u32> = (0..set.count()).map(|rank| set.nth(rank)).collect();
        assert_eq!(ranked, [0, 5, 63, 64, 127, 128, 199]);
        let others: Vec<u32> = (0..6).map(|rank| set.nth_except(64, rank)).collect();
        assert_eq!(others, [0, 5, 63, 127, 128, 199]);
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
