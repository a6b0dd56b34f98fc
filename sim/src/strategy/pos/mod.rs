//! Partial order sampling: each pending step has a random priority, drawn again whenever it loses a race.
//!
//! Yuan, Yang and Gu, "Partial order aware concurrency sampling" (CAV 2018). The pending step with the highest priority is
//! executed; every other pending step that races with it then draws a new priority. So the outcome of each race is decided
//! afresh, and how many steps a thread has made elsewhere says nothing about it.
//!
//! As in Fray (Li et al., OOPSLA 2025), steps that can race with nothing are executed before all others: which of their places among the
//! others they take makes no difference, and a thread with many of them would otherwise fall behind.
//!
//! Who races with whom is kept in sets of threads by object, and priorities are [drawn](lots) digit by digit for all threads at
//! once, so a step costs little more with a hundred threads than with three.

mod lots;
mod pending;

use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::{Op, OpKind, StepRecord};
use crate::strategy::privacy::Privacy;
use crate::strategy::touch::{Touch, changes_others};
use crate::strategy::{Now, Profile, SplitMix64, Strategy};

use self::lots::Lots;
use self::pending::Pending;

/// After so many questions an execution goes on as a random walk: a loop that waits without yielding ends soon on one.
const PATIENCE: u64 = 20_000;

/// Schedules by random priorities of steps.
#[derive(Clone, Debug)]
pub struct Pos {
    seed: u64,
    next_schedule: u64,
    privacy: Privacy,
    /// Whether the end of a thread can race with a question for it.
    ends_race: bool,
    generator: SplitMix64,
    pending: Pending,
    lots: Lots,
    /// A set of threads, for the moment.
    candidates: Vec<u64>,
    /// How many steps of the execution have been looked at.
    seen: usize,
    asked: u64,
}

impl Pos {
    /// The schedules 0, 1, 2, … of the campaign `seed`.
    pub fn new(seed: u64) -> Self {
        Pos {
            seed,
            next_schedule: 0,
            privacy: Privacy::default(),
            ends_race: true,
            generator: SplitMix64::new(seed),
            pending: Pending::default(),
            lots: Lots::new(),
            candidates: Vec::new(),
            seen: 0,
            asked: 0,
        }
    }

    /// The same, for a program of which `profile` is known: which objects are private, so that steps on them race with none, and
    /// whether ends of threads are asked for.
    pub fn of(seed: u64, profile: &Arc<Profile>) -> Self {
        let ends_race = profile.executions() == 0 || profile.asks_for_ends();
        Pos { privacy: Privacy::new(profile), ends_race, ..Pos::new(seed) }
    }

    /// The same, from `schedule` on.
    #[must_use]
    pub fn starting_at(self, schedule: u64) -> Self {
        Pos { next_schedule: schedule, ..self }
    }

    /// Makes `schedule` the next one.
    pub(crate) fn go_to(&mut self, schedule: u64) {
        self.next_schedule = schedule;
    }

    /// Whether a step that can be executed races with no other, now or later. A point touches nothing, but an observer wants it to
    /// come in any order; that a thread has ended can be asked for, if that is done at all.
    #[inline]
    fn is_free(&mut self, now: &Now<'_>, op: Op) -> bool {
        matches!(op.kind, OpKind::Start | OpKind::Spawn | OpKind::Join)
            || op.kind == OpKind::Exit && !self.ends_race
            || self.privacy.may_recognise() && self.privacy.is_private(now, op)
    }

    /// Takes note of the pending step of `thread`.
    #[inline]
    fn look_at(&mut self, now: &Now<'_>, thread: usize) {
        let op = now.pending(thread);
        if op != self.pending.op(thread) {
            self.announced(now, thread, op);
        }
    }

    /// `op` has become the pending step of `thread`.
    #[inline(never)]
    fn announced(&mut self, now: &Now<'_>, thread: usize, op: Op) {
        let is_free = self.is_free(now, op);
        self.pending.set(thread, op, is_free);
    }

    #[cold]
    fn bear(&mut self, now: &Now<'_>) {
        while self.pending.threads() < now.threads() {
            let thread = self.pending.threads();
            let op = now.pending(thread);
            self.pending.bear(op);
            self.announced(now, thread, op);
            self.lots.make_room(thread + 1, &mut self.generator);
        }
    }

    /// Looks at what has happened since the last question: whoever has made a step draws a priority for the next one, and
    /// those who race with it draw again.
    #[inline]
    fn catch_up(&mut self, now: &Now<'_>) {
        if self.privacy.may_recognise() {
            self.privacy.follow(now);
        }
        // Nearly always: one step, among few threads.
        if let Some([step]) = now.log().get(self.seen..)
            && self.pending.threads() == now.threads()
            && self.pending.words() == 1
        {
            self.seen += 1;
            self.note(now, *step);
        } else {
            self.catch_up_with_many(now);
        }
    }

    #[inline(never)]
    fn catch_up_with_many(&mut self, now: &Now<'_>) {
        if self.pending.threads() < now.threads() {
            self.bear(now);
        }
        while let Some(step) = now.log().get(self.seen) {
            self.seen += 1;
            if self.pending.words() == 1 {
                self.note(now, *step);
            } else {
                self.note_among_many(now, *step);
            }
        }
    }

    #[inline]
    fn note(&mut self, now: &Now<'_>, step: StepRecord) {
        let thread = step.thread as usize;
        self.look_at(now, thread);
        let losers = self.pending.racing_of_few(Touch::of(thread, step.op)) | 1 << thread;
        self.lots.forget(0, losers, &mut self.generator);
        if changes_others(step.op.kind) {
            self.look_at_others(now);
        }
    }

    #[inline(never)]
    fn note_among_many(&mut self, now: &Now<'_>, step: StepRecord) {
        let thread = step.thread as usize;
        self.look_at(now, thread);
        let touched = Touch::of(thread, step.op);
        for word in 0..self.pending.words() {
            let own = if thread / 64 == word { 1 << (thread % 64) } else { 0 };
            self.lots.forget(word, self.pending.racing(touched, word) | own, &mut self.generator);
        }
        if changes_others(step.op.kind) {
            self.look_at_others(now);
        }
    }

    #[cold]
    fn look_at_others(&mut self, now: &Now<'_>) {
        for thread in 0..self.pending.threads() {
            if self.pending.op(thread) != now.pending(thread) {
                self.announced(now, thread, now.pending(thread));
                self.lots.forget(thread / 64, 1 << (thread % 64), &mut self.generator);
            }
        }
    }

    /// Who goes on: one whose step races with none, or the one with the highest priority. `None` if they all ask to let others
    /// go first.
    #[inline]
    fn highest(&mut self, now: &Now<'_>) -> Option<usize> {
        if self.pending.words() > 1 {
            return self.highest_of_many(now);
        }
        let runnable = now.runnable(0);
        let free = runnable & self.pending.free(0);
        if free != 0 {
            return now.option_of(free.trailing_zeros() as usize);
        }
        let candidates = runnable & !self.pending.yielding(0);
        if candidates == runnable && self.lots.are_equal(candidates) {
            let option = self.generator.below(now.options() as u32) as usize;
            self.lots.presume(now.thread(option), candidates);
            return Some(option);
        }
        if candidates == 0 {
            return None;
        }
        now.option_of(self.lots.highest(&mut [candidates], &mut self.generator))
    }

    #[inline(never)]
    fn highest_of_many(&mut self, now: &Now<'_>) -> Option<usize> {
        self.candidates.clear();
        for word in 0..self.pending.words() {
            let runnable = now.runnable(word);
            let free = runnable & self.pending.free(word);
            if free != 0 {
                return now.option_of(64 * word + free.trailing_zeros() as usize);
            }
            self.candidates.push(runnable & !self.pending.yielding(word));
        }
        if self.candidates.iter().all(|candidates| *candidates == 0) {
            return None;
        }
        now.option_of(self.lots.highest(&mut self.candidates, &mut self.generator))
    }
}

impl Strategy for Pos {
    fn begin(&mut self) -> bool {
        self.generator = SplitMix64::of_schedule(self.seed, self.next_schedule);
        self.next_schedule += 1;
        self.privacy.begin();
        self.pending.clear();
        self.lots.clear();
        self.seen = 0;
        self.asked = 0;
        true
    }

    #[inline]
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        self.asked += 1;
        if self.asked <= PATIENCE {
            self.catch_up(now);
            if let Some(option) = self.highest(now) {
                return Some(option);
            }
        }
        // They all ask to let others go first, or it takes too long.
        Some(self.generator.below(now.options() as u32) as usize)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.generator.value(kind, options)
    }
}
