//! Partial order sampling: each pending step has a random priority, drawn again whenever it loses a race.
//!
//! Yuan, Yang and Gu, "Partial order aware concurrency sampling" (CAV 2018). The pending step with the highest priority is
//! executed; every other pending step that races with it then draws a new priority. So the outcome of each race is decided
//! afresh, and how many steps a thread has made elsewhere says nothing about it.
//!
//! As in Fray (Li et al., OOPSLA 2025), steps that can race with nothing are executed before all others: which of their places among the
//! others they take makes no difference, and a thread with many of them would otherwise fall behind.

use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::{Op, OpKind};
use crate::strategy::privacy::Privacy;
use crate::strategy::touch::Touch;
use crate::strategy::{Now, Profile, SplitMix64, Strategy};

/// After so many questions an execution goes on as a random walk: a loop that waits without yielding ends soon on one.
const PATIENCE: u64 = 20_000;

/// Schedules by random priorities of steps.
#[derive(Clone, Debug)]
pub struct Pos {
    seed: u64,
    next_schedule: u64,
    privacy: Privacy,
    generator: SplitMix64,
    pending: Vec<Pending>,
    /// How many steps of the execution have been looked at.
    seen: usize,
    asked: u64,
}

/// The pending step of a thread.
#[derive(Copy, Clone, Debug)]
struct Pending {
    op: Op,
    /// What it races with: nothing, if its rank is not drawn.
    touch: Touch,
    /// The priority, and below it the number of the thread: the highest rank tells who goes on.
    rank: u64,
}

/// The priority of a step that asks to let others go first. Drawn ones are higher.
const LAST: u32 = 0;

/// The priority of a step that races with nothing. Drawn ones are lower.
const FIRST: u32 = u32::MAX;

fn rank(priority: u32, thread: usize) -> u64 {
    u64::from(priority) << 32 | thread as u64
}

impl Pos {
    /// The schedules 0, 1, 2, … of the campaign `seed`.
    pub fn new(seed: u64) -> Self {
        Pos {
            seed,
            next_schedule: 0,
            privacy: Privacy::default(),
            generator: SplitMix64::new(seed),
            pending: Vec::new(),
            seen: 0,
            asked: 0,
        }
    }

    /// The same, for a program of which `profile` is known: which objects are private, so that steps on them race with none.
    pub fn of(seed: u64, profile: &Arc<Profile>) -> Self {
        Pos { privacy: Privacy::new(profile), ..Pos::new(seed) }
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
    /// come in any order; that a thread has ended can be asked for.
    #[inline]
    fn is_free(&mut self, now: &Now<'_>, op: Op) -> bool {
        matches!(op.kind, OpKind::Start | OpKind::Spawn | OpKind::Join) || self.privacy.is_private(now, op)
    }

    /// Gives the step that has become pending a priority.
    #[inline]
    fn announced(&mut self, now: &Now<'_>, thread: usize) {
        let op = now.pending(thread);
        let (touch, rank) = if op.kind.yields() {
            (Touch::NOTHING, rank(LAST, thread))
        } else if self.is_free(now, op) {
            (Touch::NOTHING, rank(FIRST, thread))
        } else {
            (Touch::of(thread, op), drawn_rank(&mut self.generator, thread))
        };
        self.pending[thread] = Pending { op, touch, rank };
    }

    /// Looks at what has happened since the last question. Returns what the last step has touched: those who race with it have yet
    /// to draw again.
    #[inline]
    fn catch_up(&mut self, now: &Now<'_>) -> Touch {
        self.privacy.follow(now);
        while self.pending.len() < now.threads() {
            let unknown = Op { kind: OpKind::Start, target: 0 };
            self.pending.push(Pending { op: unknown, touch: Touch::NOTHING, rank: 0 });
            self.announced(now, self.pending.len() - 1);
        }
        let mut touched = Touch::NOTHING;
        while let Some(step) = now.log().get(self.seen) {
            if touched != Touch::NOTHING {
                self.highest(touched, |_| false);
            }
            touched = Touch::of(step.thread as usize, step.op);
            self.announced(now, step.thread as usize);
            if changes_others(step.op.kind) {
                self.look_at_others(now);
            }
            self.seen += 1;
        }
        touched
    }

    #[cold]
    fn look_at_others(&mut self, now: &Now<'_>) {
        for thread in 0..self.pending.len() {
            if self.pending[thread].op != now.pending(thread) {
                self.announced(now, thread);
            }
        }
    }

    /// The highest rank of the steps that can be executed, after those that race with `touched` have drawn again.
    #[inline]
    fn highest(&mut self, touched: Touch, can_go_on: impl Fn(usize) -> bool) -> u64 {
        let mut highest = 0;
        for (thread, pending) in self.pending.iter_mut().enumerate() {
            if pending.touch.races(touched) {
                pending.rank = drawn_rank(&mut self.generator, thread);
            }
            let rank = if can_go_on(thread) { pending.rank } else { 0 };
            highest = highest.max(rank);
        }
        highest
    }
}

#[inline]
fn drawn_rank(generator: &mut SplitMix64, thread: usize) -> u64 {
    rank(((generator.next() >> 32) as u32).clamp(LAST + 1, FIRST - 1), thread)
}

/// Whether a step can change what is pending in threads other than its own. A notification does, and time that passes.
#[inline]
fn changes_others(kind: OpKind) -> bool {
    !matches!(
        kind,
        OpKind::Start
            | OpKind::Exit
            | OpKind::Load
            | OpKind::Store
            | OpKind::Modify
            | OpKind::Lock
            | OpKind::Unlock
            | OpKind::Yield
            | OpKind::Spin
            | OpKind::Spawn
            | OpKind::Point
    )
}

impl Strategy for Pos {
    fn begin(&mut self) -> bool {
        self.generator = SplitMix64::of_schedule(self.seed, self.next_schedule);
        self.next_schedule += 1;
        self.privacy.begin();
        self.pending.clear();
        self.seen = 0;
        self.asked = 0;
        true
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        self.asked += 1;
        if self.asked <= PATIENCE {
            let touched = self.catch_up(now);
            let highest = self.highest(touched, |thread| now.can_go_on(thread));
            if highest >> 32 > u64::from(LAST) {
                return now.option_of(highest as u32 as usize);
            }
        }
        // They all ask to let others go first, or it takes too long.
        Some(self.generator.below(now.options() as u32) as usize)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.generator.value(kind, options)
    }
}
