//! Vector clocks: which step of which thread has happened before.

use std::cmp::Ordering;

/// How many steps of each thread have happened. A thread that is not mentioned has made none.
///
/// Clocks are ordered as sets of steps are: one is less than another if the other has all its steps and more. Two of which
/// each has a step that the other lacks are not comparable, and what they stand for is concurrent.
///
/// # Examples
///
/// ```
/// use raddle_sim::order::VectorClock;
///
/// let (mut left, mut right) = (VectorClock::new(), VectorClock::new());
/// left.tick(0);
/// right.tick(1);
/// assert_eq!(left.partial_cmp(&right), None);
/// right.join(&left); // a message from left to right
/// assert!(left < right);
/// ```
// No zeros at the end: so equal clocks are equal lists, and threads that have done nothing cost nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VectorClock(Vec<u32>);

impl VectorClock {
    /// Nothing has happened.
    #[must_use]
    pub const fn new() -> Self {
        VectorClock(Vec::new())
    }

    /// How many steps of this thread have happened.
    #[inline]
    #[must_use]
    pub fn get(&self, thread: usize) -> u32 {
        self.0.get(thread).copied().unwrap_or(0)
    }

    /// One more step of this thread happens; returns how many there are then.
    ///
    /// # Panics
    ///
    /// Beyond 2³² - 1 steps: no execution is so long.
    #[inline]
    pub fn tick(&mut self, thread: usize) -> u32 {
        if self.0.len() <= thread {
            self.0.resize(thread + 1, 0);
        }
        let steps = &mut self.0[thread];
        *steps = steps.checked_add(1).expect("fewer steps than that");
        *steps
    }

    /// What has happened in either clock, has happened in this one: the least clock that is not less than one of the two.
    #[inline]
    pub fn join(&mut self, other: &VectorClock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Takes the steps of `other`, in place of its own and in the same memory.
    #[inline]
    pub fn copy_from(&mut self, other: &VectorClock) {
        self.0.clone_from(&other.0);
    }

    /// Forgets everything, and keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The threads that have made steps, and how many, by number.
    pub fn steps(&self) -> impl Iterator<Item = (usize, u32)> {
        self.0.iter().copied().enumerate().filter(|(_, steps)| *steps > 0)
    }
}

impl PartialOrd for VectorClock {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let threads = 0..self.0.len().max(other.0.len());
        let mut order = Ordering::Equal;
        for thread in threads {
            match (order, self.get(thread).cmp(&other.get(thread))) {
                (_, Ordering::Equal) => {}
                (Ordering::Equal, different) => order = different,
                (known, different) if known == different => {}
                _ => return None,
            }
        }
        Some(order)
    }
}

/// From steps by thread; a thread that is named twice has the last number.
impl FromIterator<(usize, u32)> for VectorClock {
    fn from_iter<I: IntoIterator<Item = (usize, u32)>>(steps: I) -> Self {
        let mut list = Vec::new();
        for (thread, steps) in steps {
            if list.len() <= thread {
                list.resize(thread + 1, 0);
            }
            list[thread] = steps;
        }
        let used = list.iter().rposition(|steps| *steps > 0).map_or(0, |last| last + 1);
        list.truncate(used);
        VectorClock(list)
    }
}
