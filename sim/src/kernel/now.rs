//! What a strategy sees of an execution when it is asked who goes on.

use std::cell::Cell;
use std::panic::Location;

use super::core::{Core, NOBODY};
use super::operation::{Op, StepRecord};
use super::step::Turn;

/// What a strategy is told when it is asked who goes on.
#[derive(Debug)]
pub struct Now<'a> {
    pub(super) core: &'a Core,
    pub(super) turn: Turn,
    /// How many questions are answered in advance.
    pub(super) answered: Cell<u64>,
    /// An option and, in the lower half, the thread behind it; or [`UNNAMED`]. One number, since the processor has to wait where
    /// parts that were just written are read as one.
    pub(super) named: Cell<u64>,
}

/// No option: there are not so many.
pub(super) const UNNAMED: u64 = u64::MAX;

impl Now<'_> {
    /// How many threads can go on: at least two. Options are numbered from 0. A thread that waits with a time limit can go on by
    /// [letting it end](super::OpKind::Timeout).
    #[inline]
    pub fn options(&self) -> usize {
        self.core.runnable.count() as usize
    }

    /// The thread that made the last step, if it can go on and did not ask to let others go first. It is option 0.
    #[inline]
    pub fn current(&self) -> Option<usize> {
        (self.turn == Turn::Kept).then_some(self.core.current as usize)
    }

    /// Whether taking `option` takes the turn from a thread that could go on and did not ask others to go first.
    #[inline]
    pub fn preempts(&self, option: usize) -> bool {
        option != 0 && self.turn == Turn::Kept
    }

    /// The thread behind `option`: the current thread first, then the others by number, and behind all of them those that
    /// would let their time limit end, by number; after a yield in cyclic order.
    ///
    /// # Panics
    ///
    /// If there is no such option.
    #[inline]
    pub fn thread(&self, option: usize) -> usize {
        assert!(option < self.options(), "there are {} options", self.options());
        let thread = self.core.thread_of(self.turn, option as u32);
        self.name(option as u32, thread);
        thread as usize
    }

    /// The option by which `thread` goes on: [`thread`](Now::thread) the other way round. `None` if it cannot go on.
    #[inline]
    pub fn option_of(&self, thread: usize) -> Option<usize> {
        // Nearly always: among few threads one that simply goes on, asked for where the current one could.
        if self.turn == Turn::Kept && thread < 64 && self.core.runnable.contains(thread as u32) {
            let (place, current) = (thread as u32, self.core.current);
            let rank = self.core.runnable.rank(place) + u32::from(place < current);
            let option = if place == current { 0 } else { rank };
            self.name(option, place);
            return Some(option as usize);
        }
        self.option_of_any(thread)
    }

    /// [`option_of`](Now::option_of) for one of [`few`](Now::few) threads.
    #[inline]
    pub(crate) fn option_of_one_of(&self, few: u64, thread: u32) -> Option<usize> {
        debug_assert!(self.few() == Some(few) && few >> thread & 1 == 1, "one of the threads that can go on");
        if self.turn != Turn::Kept {
            return self.option_of_any(thread as usize);
        }
        let current = self.core.current;
        let rank = self.core.runnable.rank_in_first(few, thread) + u32::from(thread < current);
        let option = if thread == current { 0 } else { rank };
        self.name(option, thread);
        Some(option as usize)
    }

    #[inline(never)]
    fn option_of_any(&self, thread: usize) -> Option<usize> {
        let place = if thread < self.threads() { self.core.place_of(thread as u32) } else { None };
        let option = self.core.option_of(self.turn, place?);
        self.name(option, thread as u32);
        Some(option as usize)
    }

    /// Keeps in mind which option and which thread belong together: most likely they are the answer.
    #[inline]
    fn name(&self, option: u32, thread: u32) {
        self.named.set(u64::from(option) << 32 | u64::from(thread));
    }

    /// Whether `thread` is one of the options.
    #[inline]
    pub fn can_go_on(&self, thread: usize) -> bool {
        thread < self.threads() && self.core.place_of(thread as u32).is_some()
    }

    /// The threads that are options, one bit each, if no thread has a number above 63.
    #[inline]
    pub(crate) fn few(&self) -> Option<u64> {
        self.core.runnable.first_word().filter(|_| self.core.limits.threads >= 64)
    }

    /// The threads that are options, one bit each: the 64 threads from number 64 · `word` on.
    #[inline]
    pub(crate) fn runnable(&self, word: usize) -> u64 {
        let words = self.core.runnable.words();
        if words.len() > self.core.limits.threads / 64 {
            return self.runnable_or_limited(word);
        }
        words.get(word).copied().unwrap_or(0)
    }

    /// [`runnable`](Now::runnable) where time limits may be among the places by which threads can go on.
    #[cold]
    fn runnable_or_limited(&self, word: usize) -> u64 {
        let (words, threads) = (self.core.runnable.words(), self.core.limits.threads);
        let word_at = |at: usize| words.get(at).copied().unwrap_or(0);
        let places_from = |place: usize| {
            let shift = place % 64;
            let high = if shift == 0 { 0 } else { word_at(place / 64 + 1) << (64 - shift) };
            word_at(place / 64) >> shift | high
        };
        let first = 64 * word;
        let own = match threads.saturating_sub(first) {
            0 => 0,
            rest @ 1..64 => places_from(first) & !(u64::MAX << rest),
            _ => places_from(first),
        };
        own | places_from(threads + first)
    }

    /// How many threads were born so far, `main` included. They are numbered in the order of their birth.
    #[inline]
    pub fn threads(&self) -> usize {
        self.core.born as usize
    }

    /// The thread that started `thread`; `None` for `main`.
    ///
    /// # Panics
    ///
    /// If there is no such thread.
    pub fn parent(&self, thread: usize) -> Option<usize> {
        let parent = self.core.threads()[thread].parent;
        (parent != NOBODY).then_some(parent as usize)
    }

    /// Answers the next `questions` as well: the thread that is chosen now goes on, and whenever it could go on further it does.
    ///
    /// Such an answer is recorded like any other; it only spares the strategy from being asked. The rest of them lapses when
    /// a thread that could not go on can, and at the next question that the strategy is asked all the same: when the thread
    /// cannot go on, or asks to let others go first.
    #[inline]
    pub fn answer_in_advance(&self, questions: u64) {
        self.answered.set(questions);
    }

    /// How many questions were answered [in advance](Now::answer_in_advance) since the strategy was asked last.
    #[inline]
    pub fn answered_in_advance(&self) -> u64 {
        self.core.runnable.stays()
    }

    /// The thread that made the last step; `None` before the first step of an execution.
    #[inline]
    pub fn last(&self) -> Option<usize> {
        (self.core.current != NOBODY).then_some(self.core.current as usize)
    }

    /// What `thread` will do when it goes on.
    ///
    /// # Panics
    ///
    /// If there is no such thread.
    #[inline]
    pub fn pending(&self, thread: usize) -> Op {
        self.core.pending[..self.core.born as usize][thread]
    }

    /// What the thread will do next that made the last step.
    #[inline]
    pub(crate) fn pending_of_last(&self) -> Op {
        self.core.current_pending()
    }

    /// Where the object with this number was made.
    ///
    /// # Panics
    ///
    /// If the execution has touched no such object.
    pub fn birthplace(&self, object: u32) -> &'static Location<'static> {
        self.core.objects[object as usize].birthplace
    }

    /// The steps that were executed, oldest first. Those that nobody was asked about, since one thread alone could go on,
    /// are among them.
    #[inline]
    pub fn log(&self) -> &[StepRecord] {
        &self.core.log
    }

    /// How many steps the execution has made.
    #[inline]
    pub fn steps(&self) -> u64 {
        self.core.log.len() as u64
    }
}
