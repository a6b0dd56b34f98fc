//! The pending steps of all threads, and who among them races with whom: kept up to date step by step, so that a race is found
//! without looking at every thread.

use crate::kernel::Op;
use crate::strategy::touch::Touch;

/// The pending steps by thread.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    steps: Vec<Step>,
    /// How many words a set of threads has.
    words: usize,
    /// By object, twice: the threads that are about to read it, and those that are about to do more.
    touching: Vec<u64>,
    /// The threads whose step races with none.
    free: Vec<u64>,
    /// The threads that ask to let others go first.
    yielding: Vec<u64>,
    /// The threads whose step touches something that is no object.
    elsewhere: Vec<u64>,
}

#[derive(Copy, Clone, Debug)]
struct Step {
    op: Op,
    touch: Touch,
}

impl Pending {
    /// An execution begins.
    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.words = 0;
        self.touching.clear();
        self.free.clear();
        self.yielding.clear();
        self.elsewhere.clear();
    }

    /// How many threads there are.
    #[inline]
    pub(super) fn threads(&self) -> usize {
        self.steps.len()
    }

    /// How many words a set of them has.
    #[inline]
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// What was [`set`](Pending::set) for `thread`.
    #[inline]
    pub(super) fn op(&self, thread: usize) -> Op {
        self.steps[thread].op
    }

    /// Adds the next thread.
    pub(super) fn bear(&mut self, op: Op) {
        let thread = self.steps.len();
        if thread == 64 * self.words {
            self.widen();
        }
        self.steps.push(Step { op, touch: Touch::NOTHING });
    }

    #[cold]
    fn widen(&mut self) {
        self.words += 1;
        self.free.push(0);
        self.yielding.push(0);
        self.elsewhere.push(0);
        if self.words > 1 {
            let narrow = std::mem::take(&mut self.touching);
            for set in narrow.chunks(self.words - 1) {
                self.touching.extend_from_slice(set);
                self.touching.push(0);
            }
        }
    }

    /// The step `op` has become the pending one of `thread`. `is_free`: it races with none.
    #[inline]
    pub(super) fn set(&mut self, thread: usize, op: Op, is_free: bool) {
        let (word, bit) = (thread / 64, 1 << (thread % 64));
        let touch = if is_free { Touch::NOTHING } else { Touch::of(thread, op) };
        let before = std::mem::replace(&mut self.steps[thread], Step { op, touch }).touch;
        if let Some(place) = before.place() {
            let at = self.at(place, word);
            self.touching[at] &= !bit;
        }
        if let Some(place) = touch.place() {
            let at = self.at(place, word);
            if at >= self.touching.len() {
                self.make_room(place);
            }
            self.touching[at] |= bit;
        }
        let is_elsewhere = touch != Touch::NOTHING && touch.place().is_none();
        let note = |set: &mut u64, is_in: bool| *set = (*set & !bit) | if is_in { bit } else { 0 };
        note(&mut self.free[word], is_free);
        note(&mut self.yielding[word], op.kind.yields());
        note(&mut self.elsewhere[word], is_elsewhere);
    }

    /// Where in `touching` this word of the set of a place is.
    #[inline]
    fn at(&self, place: usize, word: usize) -> usize {
        if self.words == 1 { place } else { place * self.words + word }
    }

    /// Makes room for those that read `place` and those that do more.
    #[cold]
    fn make_room(&mut self, place: usize) {
        self.touching.resize((place | 1) * self.words + self.words, 0);
    }

    /// Those of the 64 threads from number 64 · `word` on whose steps race with `touched`, one bit each.
    #[inline]
    pub(super) fn racing(&self, touched: Touch, word: usize) -> u64 {
        if touched == Touch::NOTHING {
            return 0;
        }
        let Some(place) = touched.place() else { return self.racing_elsewhere(touched, word) };
        let set = |place: usize| self.touching.get(place * self.words + word).copied().unwrap_or(0);
        set(place | 1) | if touched.writes() { set(place & !1) } else { 0 }
    }

    /// The same for the first word, if there is no other.
    #[inline]
    pub(super) fn racing_of_few(&self, touched: Touch) -> u64 {
        match touched.place() {
            Some(place) => match self.touching.get(place & !1..) {
                Some([reading, writing, ..]) => writing | if touched.writes() { *reading } else { 0 },
                _ => 0,
            },
            None => self.racing(touched, 0),
        }
    }

    /// The same for what is no object. Rare: threads end once.
    #[cold]
    fn racing_elsewhere(&self, touched: Touch, word: usize) -> u64 {
        let mut left = self.elsewhere[word];
        let mut racing = 0;
        while left != 0 {
            let bit = left & left.wrapping_neg();
            left ^= bit;
            if self.steps[64 * word + bit.trailing_zeros() as usize].touch.races(touched) {
                racing |= bit;
            }
        }
        racing
    }

    /// Those of the 64 threads from number 64 · `word` on that race with none.
    #[inline]
    pub(super) fn free(&self, word: usize) -> u64 {
        self.free[word]
    }

    /// Those of the 64 threads from number 64 · `word` on that ask to let others go first.
    #[inline]
    pub(super) fn yielding(&self, word: usize) -> u64 {
        self.yielding[word]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::OpKind;
    use crate::strategy::SplitMix64;

    const KINDS: [OpKind; 8] = [
        OpKind::Load,
        OpKind::Store,
        OpKind::Lock,
        OpKind::Exit,
        OpKind::IsFinished,
        OpKind::Unpark,
        OpKind::Yield,
        OpKind::Point,
    ];

    #[test]
    fn races_are_those_that_looking_at_every_thread_finds() {
        let mut generator = SplitMix64::new(1);
        let start = Op { kind: OpKind::Start, target: 0 };
        for threads in [3, 64, 130] {
            let mut pending = Pending::default();
            let mut ops = vec![start; threads];
            for round in 0..2_000 {
                if pending.threads() < threads && round % 3 == 0 {
                    pending.bear(start);
                }
                let thread = generator.below(pending.threads() as u32) as usize;
                let kind = KINDS[generator.below(KINDS.len() as u32) as usize];
                let op = Op { kind, target: generator.below(3) };
                ops[thread] = op;
                pending.set(thread, op, false);
                let touched = Touch::of(thread, op);
                for (other, op) in ops.iter().enumerate().take(pending.threads()) {
                    let races = pending.racing(touched, other / 64) >> (other % 64) & 1 == 1;
                    assert_eq!(races, Touch::of(other, *op).races(touched), "{op:?} and {touched:?}");
                    let yields = pending.yielding(other / 64) >> (other % 64) & 1 == 1;
                    assert_eq!(yields, op.kind.yields());
                }
            }
            assert_eq!(pending.threads(), threads);
        }
    }
}
