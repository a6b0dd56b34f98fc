//! Who waits at an object.
//!
//! A suspended thread whose next operation depends on an object is in that object's queue. There are two kinds of places in
//! it. At a *side*, which is open or closed, the threads are a set with one bit each: they all can go on or none of them
//! can, so opening a side is one operation on the set of those that can go on, however many wait. *In order* of arrival they are a
//! list, threaded through the slots, out of which a choice picks one by its rank.

use super::core::{Core, NOBODY};
use super::gate::{Open, Side};

/// How many sets an object has, one for each side but the list.
const SETS: usize = 3;

impl Core {
    /// Puts `thread` into the queue of `index`.
    #[inline]
    pub(crate) fn enqueue(&mut self, index: u32, side: Side, thread: u32) {
        let slot = self.slot(thread);
        debug_assert_eq!(slot.queue, NOBODY, "a thread waits in one queue");
        slot.queue = index;
        slot.side = side;
        if side == Side::InOrder {
            self.append(index, thread);
        } else {
            if self.object(index).sets == NOBODY {
                self.add_sets(index);
            }
            *self.waiting_word(index, side, thread) |= 1 << (thread % 64);
        }
    }

    /// Takes `thread` out of the queue that it is in, if it is in one.
    pub(crate) fn dequeue(&mut self, thread: u32) {
        let slot = self.slot(thread);
        let (index, side) = (slot.queue, slot.side);
        if index == NOBODY {
            return;
        }
        if side == Side::InOrder {
            slot.queue = NOBODY;
            self.unlink(index, thread);
        } else {
            self.leave(index, side, thread);
        }
    }

    /// Takes `thread`, which waits there, from a side of `index`.
    #[inline]
    pub(crate) fn leave(&mut self, index: u32, side: Side, thread: u32) {
        self.slot(thread).queue = NOBODY;
        *self.waiting_word(index, side, thread) &= !(1 << (thread % 64));
    }

    /// The word with the bit of `thread` in the set of those that wait at a side of `index`, which has sets.
    #[inline]
    fn waiting_word(&mut self, index: u32, side: Side, thread: u32) -> &mut u64 {
        let word = self.first_word(index, side) + (thread / 64) as usize;
        &mut self.waiting[word]
    }

    /// Where the set of those that wait at a side of `index` begins.
    #[inline]
    fn first_word(&self, index: u32, side: Side) -> usize {
        self.objects[index as usize].sets as usize + side as usize * self.words_in_set()
    }

    /// How many words a set of threads takes.
    #[inline]
    fn words_in_set(&self) -> usize {
        self.pending.len().div_ceil(64)
    }

    #[cold]
    fn add_sets(&mut self, index: u32) {
        let sets = u32::try_from(self.waiting.len()).expect("fewer than 2³² words of sets");
        self.waiting.resize(self.waiting.len() + SETS * self.words_in_set(), 0);
        self.object(index).sets = sets;
    }

    /// Enables and disables the threads that wait at `index`, which has sets, by the sides that are open.
    #[inline]
    pub(crate) fn update_sides(&mut self, index: u32, open: Open) {
        let (left, right) = (self.first_word(index, Side::Left), self.first_word(index, Side::Right));
        for word in 0..(self.born as usize).div_ceil(64) {
            let (at_left, at_right) = (self.waiting[left + word], self.waiting[right + word]);
            let opened = (at_left & mask(open.left)) | (at_right & mask(open.right));
            self.runnable.change_word(word, opened, (at_left | at_right) & !opened);
            if opened != 0 && self.time.has_limits() {
                for thread in threads_of(word, opened) {
                    self.take_back_limit(thread);
                }
            }
        }
    }

    /// Whether anybody waits at a side of `index`.
    pub(crate) fn is_awaited(&self, index: u32, side: Side) -> bool {
        let first = self.first_word(index, side);
        self.objects[index as usize].sets != NOBODY
            && self.waiting[first..first + self.words_in_set()].iter().any(|word| *word != 0)
    }

    /// Has `visit` look at all that wait at a side of `index`, by number. It may take the one that it looks at from there.
    pub(crate) fn for_each_at(&mut self, index: u32, side: Side, visit: impl Fn(&mut Core, u32)) {
        if self.object(index).sets == NOBODY {
            return;
        }
        let first = self.first_word(index, side);
        for word in 0..self.words_in_set() {
            for thread in threads_of(word, self.waiting[first + word]) {
                visit(self, thread);
            }
        }
    }

    /// Puts `thread` at the end of the list of `index`.
    fn append(&mut self, index: u32, thread: u32) {
        let queue = self.object(index);
        let last = std::mem::replace(&mut queue.last, thread);
        queue.length += 1;
        if last == NOBODY {
            queue.first = thread;
        } else {
            self.slot(last).following = thread;
        }
        let slot = self.slot(thread);
        slot.previous = last;
        slot.following = NOBODY;
    }

    /// Takes `thread` out of the list of `index`.
    fn unlink(&mut self, index: u32, thread: u32) {
        let slot = self.slot(thread);
        let (previous, following) = (slot.previous, slot.following);
        self.object(index).length -= 1;
        if previous == NOBODY {
            self.object(index).first = following;
        } else {
            self.slot(previous).following = following;
        }
        if following == NOBODY {
            self.object(index).last = previous;
        } else {
            self.slot(following).previous = previous;
        }
    }

    /// The thread at place `rank` of the list of `index`; nobody, if there are not so many.
    pub(crate) fn queued(&self, index: u32, rank: u32) -> u32 {
        let mut thread = self.objects[index as usize].first;
        for _ in 0..rank {
            if thread == NOBODY {
                break;
            }
            thread = self.slots[thread as usize].following;
        }
        thread
    }
}

/// All bits or none.
#[inline]
fn mask(all: bool) -> u64 {
    u64::from(all).wrapping_neg()
}

/// The threads whose bits are set in word number `word` of a set.
fn threads_of(word: usize, bits: u64) -> impl Iterator<Item = u32> {
    let mut left = bits;
    std::iter::from_fn(move || {
        let bit = (left != 0).then(|| left.trailing_zeros())?;
        left &= left - 1;
        Some(word as u32 * 64 + bit)
    })
}
