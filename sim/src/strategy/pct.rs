//! Probabilistic concurrency testing: the thread with the highest priority goes on, and at few random steps it is lowered.
//!
//! Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding bugs"
//! (ASPLOS 2010). A bug of depth d is one that needs d orderings between steps. With n threads and k steps one schedule
//! finds it with a probability of at least 1/(n·k^(d-1)): the priorities, drawn at random for each thread, give the first
//! ordering, and d-1 *change points* the others. At the i-th of them that was drawn (in any order in time) the thread that
//! would go on gets the low priority i, so that of two lowered threads either may wait for the other.
//!
//! What differs from the paper keeps the guarantee. A step counts only if somebody else could go on as well, since elsewhere
//! a change point changes nothing: k is smaller. A thread draws its priority when it is born. And so that loops that
//! wait for others end, a thread that yields drops below all others, and an execution that is far longer than expected goes
//! on as a random walk.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::OpKind;
use crate::strategy::privacy::Privacy;
use crate::strategy::{Now, Profile, SplitMix64, Strategy};

/// The depths that are drawn from when none is given: few known bugs are deeper.
const DRAWN_DEPTHS: RangeInclusive<u32> = 1..=5;

/// Priorities of threads that were never lowered are above this.
const HIGH: i64 = 1 << 32;

/// An execution with this many times the expected steps waits for something that its priorities keep from happening.
const PATIENCE: u64 = 4;

/// And at least so many: the expectation may be wrong.
const PATIENCE_MIN: u64 = 1_000;

/// Schedules by random priorities.
#[derive(Clone, Debug)]
pub struct Pct {
    seed: u64,
    next_schedule: u64,
    depth: Option<u32>,
    length: u64,
    privacy: Privacy,
    generator: SplitMix64,
    /// The threads that have not ended, the highest priority first.
    order: Vec<Ranked>,
    /// How many threads have drawn a priority.
    admitted: usize,
    /// By step.
    points: Vec<Point>,
    next_point: usize,
    /// Steps that count so far.
    counted: u64,
    asked: u64,
    /// The priority of the thread that yielded last.
    lowest: i64,
}

#[derive(Copy, Clone, Debug)]
struct Ranked {
    priority: i64,
    thread: u32,
}

/// Where the thread that would go on is lowered, and how far.
#[derive(Copy, Clone, Debug)]
struct Point {
    step: u64,
    priority: i64,
}

impl Pct {
    /// The depths that can be asked for. With more change points an execution is hardly ordered by priorities any more.
    pub const DEPTHS: RangeInclusive<u32> = 1..=100;

    /// The schedules 0, 1, 2, … of the campaign `seed`, for a program whose executions have up to `length` steps that
    /// [count](Pct::counts): more than there are waste change points, fewer leave the last steps without. The depth is drawn
    /// for each schedule, from 1 to 5.
    pub fn new(seed: u64, length: u64) -> Self {
        Pct {
            seed,
            next_schedule: 0,
            depth: None,
            length,
            privacy: Privacy::default(),
            generator: SplitMix64::new(seed),
            order: Vec::new(),
            admitted: 0,
            points: Vec::new(),
            next_point: 0,
            counted: 0,
            asked: 0,
            lowest: 0,
        }
    }

    /// The schedules 0, 1, 2, … of the campaign `seed`, for a program of which `profile` is known: how long its executions are,
    /// and which of their steps touch private objects and do not count.
    pub fn of(seed: u64, profile: &Arc<Profile>) -> Self {
        Pct { privacy: Privacy::new(profile), ..Pct::new(seed, profile.maximum_open_steps()) }
    }

    /// The same, from `schedule` on.
    #[must_use]
    pub fn starting_at(self, schedule: u64) -> Self {
        Pct { next_schedule: schedule, ..self }
    }

    /// The same, with a fixed depth: so many orderings, one less change points. A depth outside of [`Pct::DEPTHS`] is taken as
    /// the nearest one inside.
    #[must_use]
    pub fn with_depth(self, depth: u32) -> Self {
        Pct { depth: Some(depth.clamp(*Self::DEPTHS.start(), *Self::DEPTHS.end())), ..self }
    }

    /// Whether a step of this kind counts, if it was a choice: not if it does nothing that another thread could see, and not
    /// if the thread asked to let others go first, which it is lowered for anyway.
    pub fn counts(kind: OpKind) -> bool {
        kind != OpKind::Start && !kind.yields()
    }

    /// Makes `schedule` the next one.
    pub(crate) fn go_to(&mut self, schedule: u64) {
        self.next_schedule = schedule;
    }

    fn draw_points(&mut self) {
        let depth = self.depth.unwrap_or_else(|| {
            DRAWN_DEPTHS.start() + self.generator.below(DRAWN_DEPTHS.end() - DRAWN_DEPTHS.start() + 1)
        });
        let wanted = u64::from(depth - 1).min(self.length);
        self.points.clear();
        while (self.points.len() as u64) < wanted {
            let step = 1 + self.generator.below(u32::try_from(self.length).unwrap_or(u32::MAX));
            let step = u64::from(step);
            if self.points.iter().all(|point| point.step != step) {
                let priority = self.points.len() as i64 + 1;
                self.points.push(Point { step, priority });
            }
        }
        self.points.sort_unstable_by_key(|point| point.step);
        self.next_point = 0;
    }

    /// Lets the threads that were born since the last question draw their priorities.
    #[inline]
    fn admit(&mut self, now: &Now<'_>) {
        while self.admitted < now.threads() {
            let priority = HIGH + (self.generator.next() >> 2) as i64;
            self.insert(Ranked { priority, thread: self.admitted as u32 });
            self.admitted += 1;
        }
    }

    fn insert(&mut self, ranked: Ranked) {
        let place = self.order.partition_point(|other| other.priority >= ranked.priority);
        self.order.insert(place, ranked);
    }

    /// Puts the thread at `place` below all others.
    fn sink(&mut self, place: usize) {
        self.lowest -= 1;
        self.order[place..].rotate_left(1);
        let last = self.order.last_mut().expect("the thread is in the order");
        last.priority = self.lowest;
    }

    /// The place of the highest thread that can go on and does not yield. Those above it that yield are put below all others.
    #[inline]
    fn highest(&mut self, now: &Now<'_>) -> usize {
        let mut place = 0;
        for _ in 0..self.order.len() {
            let thread = self.order[place].thread as usize;
            let kind = now.pending(thread).kind;
            match now.can_go_on(thread) {
                true if !kind.yields() => return place,
                true => self.sink(place),
                // It has ended: as long as it has not, it can.
                false if kind == OpKind::Exit => drop(self.order.remove(place)),
                false => place += 1,
            }
        }
        // They all ask to let others go first, so they take turns.
        let can_go_on = |ranked: &Ranked| now.can_go_on(ranked.thread as usize);
        let place = self.order.iter().position(can_go_on).expect("somebody is asked about");
        self.sink(place);
        self.order.len() - 1
    }

    /// Counts the step that the thread at `place` would make. At a change point that thread is lowered: true.
    #[inline]
    fn count(&mut self, place: usize) -> bool {
        self.counted += 1;
        let point = match self.points.get(self.next_point) {
            Some(point) if point.step == self.counted => *point,
            _ => return false,
        };
        self.next_point += 1;
        let Ranked { priority, thread } = self.order.remove(place);
        self.insert(Ranked { priority: priority.min(point.priority), thread });
        true
    }
}

impl Pct {
    /// How many questions an execution may ask before it goes on as a random walk.
    fn patience(&self) -> u64 {
        self.length.saturating_mul(PATIENCE).max(PATIENCE_MIN)
    }

    /// How often the highest thread goes on before a change point or the end of the patience: as long as it does, each
    /// question is a step that counts, and nothing else changes the order.
    fn questions_without_change(&self) -> u64 {
        let until_point =
            self.points.get(self.next_point).map_or(u64::MAX, |point| point.step - self.counted - 1);
        until_point.min(self.patience() - self.asked)
    }
}

impl Strategy for Pct {
    fn begin(&mut self) -> bool {
        self.generator = SplitMix64::of_schedule(self.seed, self.next_schedule);
        self.next_schedule += 1;
        self.draw_points();
        self.privacy.begin();
        self.order.clear();
        self.admitted = 0;
        self.counted = 0;
        self.asked = 0;
        self.lowest = 0;
        true
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        let answered = now.answered_in_advance();
        self.counted += answered;
        self.asked += 1 + answered;
        if self.asked > self.patience() {
            return Some(self.generator.below(now.options() as u32) as usize);
        }
        self.admit(now);
        self.privacy.follow(now);
        let mut place = self.highest(now);
        let op = now.pending(self.order[place].thread as usize);
        if Pct::counts(op.kind) && !self.privacy.is_private(now, op) && self.count(place) {
            place = self.highest(now);
        }
        let thread = self.order[place].thread as usize;
        // Where some steps do not count, how many questions are left before a change point is not known in advance.
        if !self.privacy.may_recognise() && !now.pending(thread).kind.yields() {
            now.answer_in_advance(self.questions_without_change());
        }
        now.option_of(thread)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.generator.value(kind, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The change points of so many schedules, in the order of their steps, by their priorities.
    fn drawn(pct: Pct, schedules: u64) -> Vec<Vec<Point>> {
        let mut pct = pct;
        let points = |_| {
            pct.begin();
            pct.points.clone()
        };
        (0..schedules).map(points).collect()
    }

    #[test]
    fn depths_from_one_to_five_are_drawn_about_equally_often() {
        let mut depths = [0; 5];
        drawn(Pct::new(1, 100), 5_000).iter().for_each(|points| depths[points.len()] += 1);
        assert!(depths.iter().all(|count| (900..1_100).contains(count)), "{depths:?}");
    }

    #[test]
    fn change_points_are_distinct_steps_of_the_execution_and_their_priorities_come_in_any_order() {
        let schedules = drawn(Pct::new(1, 10).with_depth(4), 6_000);
        let mut orders = std::collections::BTreeMap::new();
        for points in &schedules {
            let steps: Vec<u64> = points.iter().map(|point| point.step).collect();
            assert!(steps.is_sorted_by(|before, after| before < after), "{steps:?}");
            assert!(steps.iter().all(|step| (1..=10).contains(step)), "{steps:?}");
            let order: Vec<i64> = points.iter().map(|point| point.priority).collect();
            *orders.entry(order).or_insert(0) += 1;
        }
        assert_eq!(orders.len(), 6, "{orders:?}");
        assert!(orders.values().all(|count| (850..1_150).contains(count)), "{orders:?}");
    }

    #[test]
    fn an_execution_has_no_more_change_points_than_steps() {
        assert_eq!(drawn(Pct::new(1, 2).with_depth(9), 1)[0].len(), 2);
        assert_eq!(drawn(Pct::new(1, 0).with_depth(9), 1)[0].len(), 0);
        assert_eq!(drawn(Pct::new(1, u64::MAX).with_depth(u32::MAX), 1)[0].len(), 99);
    }
}
