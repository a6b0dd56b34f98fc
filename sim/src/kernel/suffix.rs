//! What becomes of an execution that reaches its bound: a fair continuation, in which a livelock shows itself.
//!
//! An execution that has used up its steps is long, or it never ends. To tell these apart the kernel goes on for a while
//! by itself, without asking the strategy: all that can go on take turns, a step each, and every other choice gets the dullest
//! answer. Who goes round in such a schedule, which starves nobody, goes round for ever. So if in the end the same steps
//! come again and again in the same order, with the same values read and written, it is a livelock, and these steps are its cycle.
//! What a thread counts by itself cannot be seen: a loop that ends by such a count and shares nothing new looks the same.
//!
//! The continuation takes part in no other way: an execution that ends in it has reached its bound all the same, and its
//! steps are taken back. Its choices are not recorded: replay comes to the same bound, and from there on nothing is open.

use crate::choice::Kind;

use super::core::{Core, Execution};
use super::operation::StepRecord;
use super::report::End;
use super::step::Turn;

/// How many steps the continuation has.
const STEPS: usize = 4_096;
/// The longest cycle that is looked for. It has to come round until half of the continuation is full of it.
const LONGEST_CYCLE: usize = STEPS / 8;

/// A fair continuation that is under way.
#[derive(Debug)]
pub(crate) struct Suffix {
    /// How many steps the execution had made before it.
    first: usize,
    /// Whose turn it was last, by place in the set of those that can go on.
    place: u32,
    /// For each of its steps: what was read or written, as far as it is known.
    values: Vec<u64>,
}

impl Core {
    /// The bound is reached: from now on the kernel decides. False if it has done so long enough.
    pub(crate) fn go_on_fairly(&mut self) -> bool {
        match &self.suffix {
            None => self.begin_suffix(),
            Some(suffix) if self.log.len() >= suffix.first + STEPS => {
                return false;
            }
            Some(_) => {}
        }
        self.log_limit = self.log.len() + 1;
        self.log.reserve(1);
        if let Some(suffix) = &mut self.suffix {
            suffix.values.push(0);
        }
        true
    }

    fn begin_suffix(&mut self) {
        self.note_stays();
        self.suffix =
            Some(Suffix { first: self.log.len(), place: self.current, values: Vec::with_capacity(STEPS) });
        self.quiet = 0;
        self.runnable.allow_stays(0);
        self.decide = decide;
        self.value = value;
    }

    /// How an execution ends that would end with `end`: in its continuation it has reached its bound, or is a livelock.
    pub(crate) fn end_of_suffix(&mut self, end: End) -> End {
        let Some(suffix) = self.suffix.take() else { return end };
        let steps = &self.log[suffix.first..];
        let cycle = if steps.len() < STEPS { None } else { cycle_of(steps, &suffix.values) };
        let end = match cycle {
            Some(length) => {
                self.cycle.extend_from_slice(&steps[STEPS - length..]);
                End::Livelock
            }
            None => End::StepBound,
        };
        self.log.truncate(suffix.first);
        end
    }
}

impl Execution {
    /// Tells the kernel what the last step has read or written, if it wants to know.
    #[inline(always)]
    pub(crate) fn note_value(self, value: impl FnOnce() -> u64) {
        if self.with(|core| core.suffix.is_some()) {
            let value = value();
            self.with(|core| {
                let last = core.suffix.as_mut().and_then(|suffix| suffix.values.last_mut());
                last.into_iter().for_each(|last| *last = value);
            });
        }
    }
}

/// The length of the cycle that fills the second half of `steps`, if one does.
fn cycle_of(steps: &[StepRecord], values: &[u64]) -> Option<usize> {
    let same = |one: usize, other: usize| steps[one] == steps[other] && values[one] == values[other];
    (1..=LONGEST_CYCLE).find(|length| (STEPS / 2..STEPS).rev().all(|at| same(at, at - length)))
}

/// Whose turn it is: the next in cyclic order.
fn decide(execution: Execution, _turn: Turn) -> u32 {
    execution.with(|core| {
        let last = core.suffix.as_ref().map_or(0, |suffix| suffix.place);
        let place = core.runnable.nth_after(last, 0);
        if let Some(suffix) = &mut core.suffix {
            suffix.place = place;
        }
        core.thread_at(place)
    })
}

/// Every other choice: the dullest.
fn value(_execution: Execution, _kind: Kind, _options: u32) -> u32 {
    0
}
