//! Partial order sampling: each pending step has a random priority, drawn again whenever it loses a race.
//!
//! Yuan, Yang and Gu, "Partial order aware concurrency sampling" (CAV 2018). The pending step with the highest priority is
//! executed; every other pending step that races with it then draws a new priority. So the outcome of each race is decided
//! afresh, and how many steps a thread has made elsewhere says nothing about it.
//!
//! As in Fray (Li et al., OOPSLA 2025), steps that can race with nothing are executed before all others: which of their places among the
//! others they take makes no difference, and a thread with many of them would otherwise fall behind.

use crate::choice::Kind;
use crate::kernel::OpKind;
use crate::strategy::touch::Touch;
use crate::strategy::{Now, SplitMix64, Strategy};

/// After so many questions an execution goes on as a random walk: a loop that waits without yielding ends soon on one.
const PATIENCE: u64 = 20_000;

/// Schedules by random priorities of steps.
#[derive(Clone, Debug)]
pub struct Pos {
    seed: u64,
    next_schedule: u64,
    generator: SplitMix64,
    /// For each thread, the priority of its pending step.
    priorities: Vec<u32>,
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
            generator: SplitMix64::new(seed),
            priorities: Vec::new(),
            seen: 0,
            asked: 0,
        }
    }

    /// The same, from `schedule` on.
    #[must_use]
    pub fn starting_at(self, schedule: u64) -> Self {
        Pos { next_schedule: schedule, ..self }
    }

    #[inline]
    fn draw(&mut self) -> u32 {
        (self.generator.next() >> 32) as u32
    }

    /// Draws priorities for what became pending since the last question, and for what has lost a race since.
    #[inline]
    fn catch_up(&mut self, now: &Now<'_>) {
        while self.priorities.len() < now.threads() {
            let priority = self.draw();
            self.priorities.push(priority);
        }
        for step in &now.log()[self.seen..] {
            let executed = Touch::of(step.thread as usize, step.op);
            for thread in 0..self.priorities.len() {
                let is_new = thread == step.thread as usize;
                if is_new || executed.races(Touch::of(thread, now.pending(thread))) {
                    self.priorities[thread] = self.draw();
                }
            }
        }
        self.seen = now.log().len();
    }
}

/// Whether a step that can be executed races with no other, now or later. A point touches nothing, but an observer wants it to
/// come in any order; that a thread has ended can be asked for.
fn is_free(kind: OpKind) -> bool {
    matches!(kind, OpKind::Start | OpKind::Spawn | OpKind::Join)
}

impl Strategy for Pos {
    fn begin(&mut self) -> bool {
        self.generator = SplitMix64::of_schedule(self.seed, self.next_schedule);
        self.next_schedule += 1;
        self.priorities.clear();
        self.seen = 0;
        self.asked = 0;
        true
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        self.asked += 1;
        if self.asked > PATIENCE {
            return Some(self.generator.below(now.options() as u32) as usize);
        }
        self.catch_up(now);
        let mut highest: Option<(u32, usize)> = None;
        for (thread, &priority) in self.priorities.iter().enumerate() {
            if !now.can_go_on(thread) {
                continue;
            }
            let kind = now.pending(thread).kind;
            if is_free(kind) {
                return now.option_of(thread);
            }
            if !kind.yields() && highest.is_none_or(|(before, _)| priority > before) {
                highest = Some((priority, thread));
            }
        }
        match highest {
            Some((_, thread)) => now.option_of(thread),
            // They all ask to let others go first.
            None => Some(self.generator.below(now.options() as u32) as usize),
        }
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.generator.value(kind, options)
    }
}
