//! A step: announce, decide, switch, record.

use std::any::Any;
use std::cell::Cell;
use std::iter::repeat_n;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use crate::choice::{Choice, Kind};
use crate::strategy::Strategy;

use super::core::{Core, Execution, NOBODY, current, outside};
use super::message_of;
use super::now::{Now, UNNAMED};
use super::operation::{Op, OpKind, StepRecord};
use super::report::End;
use super::runnable::StayRun;

/// What has become of the current thread's turn when somebody must be asked who goes on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It could keep it.
    Kept,
    /// It could keep it, but asks that others go first.
    Offered,
    /// It cannot go on.
    Lost,
}

/// Asks the strategy who goes on.
pub(crate) type Decide = fn(Execution, Turn) -> u32;

impl Core {
    /// Whom to ask who goes on; nobody, if it can only be the current thread, or if that was answered in advance.
    #[inline(always)]
    pub(crate) fn must_decide(&mut self, turn: Turn) -> Option<Decide> {
        if self.runnable.count() <= self.quiet {
            return None;
        }
        if turn == Turn::Kept && self.runnable.stay() {
            return None;
        }
        Some(self.decide)
    }

    /// Writes the choices down that were made in advance.
    #[inline]
    pub(crate) fn note_stays(&mut self) {
        if self.runnable.has_runs() {
            self.note_runs();
        }
    }

    #[inline(never)]
    fn note_runs(&mut self) {
        for StayRun { members, stays } in self.runnable.take_runs() {
            let choice = Choice { kind: Kind::Thread, options: members, taken: 0 };
            self.choices.extend(repeat_n(choice, stays as usize));
        }
    }

    /// The thread behind an option.
    #[inline(always)]
    pub(super) fn thread_of(&self, turn: Turn, option: u32) -> u32 {
        let place = match turn {
            Turn::Kept => self.runnable.nth_but_first(self.current, option),
            Turn::Offered => self.runnable.nth_after(self.current, option),
            Turn::Lost => self.runnable.nth(option),
        };
        self.thread_at(place)
    }

    /// The option by which somebody goes on at `place`.
    #[inline]
    pub(super) fn option_of(&self, turn: Turn, place: u32) -> u32 {
        let rank = self.runnable.rank(place);
        let current = self.current;
        match turn {
            Turn::Kept if place == current => 0,
            Turn::Kept => rank + u32::from(place < current),
            Turn::Offered => {
                let first = self.runnable.rank(current) + 1;
                if place > current { rank - first } else { rank + self.runnable.count() - first }
            }
            Turn::Lost => rank,
        }
    }
}

impl Execution {
    /// Announces an operation that is possible, and returns when it is this thread's turn to execute it.
    #[inline(always)]
    pub(crate) fn offer(self, kind: OpKind, target: u32) {
        let turn = if kind.yields() { Turn::Offered } else { Turn::Kept };
        let decide = self.with(|core| {
            core.announce(kind, target);
            core.must_decide(turn)
        });
        if let Some(decide) = decide {
            let next = decide(self, turn);
            if next != self.current() {
                self.switch(next);
            }
        }
    }

    /// Writes the announced operation, which is executed, into the log.
    #[inline(always)]
    pub(crate) fn record(self) {
        self.record_as(self.with(|core| core.current_pending()));
    }

    #[inline(always)]
    fn record_as(self, op: Op) {
        let has_room = self.with(|core| {
            let has_room = core.log.len() < core.log_limit;
            if has_room {
                core.log.push(StepRecord { thread: core.current, op });
            }
            has_room
        });
        if !has_room {
            self.record_slowly(op);
        }
    }

    /// [`offer`](Execution::offer) and [`record`](Execution::record). Returns whether somebody was asked who goes on.
    #[inline(always)]
    pub(crate) fn step(self, kind: OpKind, target: u32) -> bool {
        let turn = if kind.yields() { Turn::Offered } else { Turn::Kept };
        // Nobody can see what the thread has announced unless somebody is asked: most writes are spared.
        let decide = self.with(|core| core.must_decide(turn));
        if let Some(decide) = decide {
            self.with(|core| core.announce(kind, target));
            let next = decide(self, turn);
            if next != self.current() {
                self.switch(next);
            }
        }
        self.record_as(Op { kind, target });
        decide.is_some()
    }

    /// The log is full, or the step bound is reached, or the progress is to be shown, or the execution is being torn down.
    #[cold]
    #[inline(never)]
    fn record_slowly(self, op: Op) {
        if self.with(|core| core.tearing) {
            return self.count_teardown_step();
        }
        let has_ended = self.with(|core| {
            core.announce(op.kind, op.target);
            let steps = core.log.len();
            core.progress.step(steps as u64);
            let is_at_bound = steps as u64 >= core.steps_max;
            if is_at_bound {
                let goes_on = core.go_on_fairly();
                if !goes_on {
                    core.finish(End::StepBound);
                }
                !goes_on
            } else {
                if steps == core.log.capacity() {
                    core.log.reserve(steps.max(1));
                }
                core.log_limit = core.next_log_limit();
                false
            }
        });
        if has_ended {
            self.switch(NOBODY);
        } else {
            self.record_as(op);
        }
    }

    /// The current thread cannot go on: whose turn is it? Ends the execution if it is nobody's.
    #[inline]
    pub(crate) fn pick_other(self) -> u32 {
        let decide = self.with(|core| {
            if core.tearing {
                return Err(NOBODY);
            }
            if core.runnable.count() == 0 {
                core.let_time_pass();
            }
            match core.runnable.count() {
                0 => {
                    core.finish(if core.unfinished == 0 { End::Finished } else { End::Stuck });
                    Err(NOBODY)
                }
                1 => Err(core.thread_at(core.runnable.nth(0))),
                _ => Ok(core.decide),
            }
        });
        match decide {
            Ok(decide) => decide(self, Turn::Lost),
            Err(next) => next,
        }
    }

    /// Gives the turn to `next` (to the root loop, for good, if that is nobody) and returns when it is this thread's again.
    ///
    /// The thread has announced its operation and is in the queue that may disable or enable it.
    #[inline(always)]
    pub(crate) fn switch(self, next: u32) {
        if thread::panicking() {
            self.note_unwinding();
        }
        self.give_turn(next);
        if self.with(|core| core.tearing || core.unwinding_suspended > 0) {
            self.resumed_in_disorder();
        }
    }

    /// Resumed while the execution is torn down or some thread unwinds.
    #[cold]
    fn resumed_in_disorder(self) {
        self.forget_unwinding();
        if self.with(|core| core.tearing) {
            self.resumed_in_teardown();
        }
    }
}

/// Asks the strategy `S`, which is the execution's, who goes on. Nobody, if that ends the execution.
pub(crate) fn decide<S: Strategy + ?Sized>(execution: Execution, turn: Turn) -> u32 {
    let (answer, answered, named) = execution.with(|core| {
        core.note_stays();
        core.runnable.prepare();
        let strategy = core.strategy.cast::<&mut S>();
        let now = Now { core, turn, answered: Cell::new(0), named: Cell::new(UNNAMED) };
        let answer = outside(|| {
            panic::catch_unwind(AssertUnwindSafe(|| {
                // SAFETY: K6.
                let strategy = unsafe { &mut *strategy };
                strategy.thread(&now)
            }))
        });
        (answer, now.answered.get(), now.named.get())
    });
    execution.with(move |core| core.follow(turn, answer, answered, named))
}

/// Asks the strategy `S`, which is the execution's, for a value below `options`, at least two.
pub(crate) fn value<S: Strategy + ?Sized>(execution: Execution, kind: Kind, options: u32) -> u32 {
    let strategy = execution.with(|core| {
        core.note_stays();
        core.strategy.cast::<&mut S>()
    });
    let answer = outside(|| {
        panic::catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: K6.
            let strategy = unsafe { &mut *strategy };
            strategy.value(kind, options)
        }))
    });
    match answer {
        Ok(taken) if taken < options => {
            execution.with(|core| {
                core.choices.push(Choice { kind, options, taken });
                core.faults.count(kind, taken);
            });
            taken
        }
        unusable => {
            let unusable = unusable.map(|taken| Some(taken as usize));
            execution.with(|core| core.reject(unusable, options));
            execution.switch(NOBODY);
            0
        }
    }
}

impl Core {
    /// Does as the strategy says: who goes on.
    #[inline(always)]
    fn follow(
        &mut self,
        turn: Turn,
        answer: Result<Option<usize>, Box<dyn Any + Send>>,
        answered: u64,
        named: u64,
    ) -> u32 {
        self.runnable.allow_stays(answered);
        let options = self.runnable.count();
        let option = match answer {
            Ok(Some(option)) if option < options as usize => option as u32,
            unusable => {
                self.reject(unusable, options);
                return NOBODY;
            }
        };
        self.preemptions += u64::from(option != 0 && turn == Turn::Kept);
        self.choices.push(Choice { kind: Kind::Thread, options, taken: option });
        let is_named = named >> 32 == u64::from(option);
        let next = if is_named { named as u32 } else { self.thread_of(turn, option) };
        debug_assert_eq!(
            self.place_of(next).map(|place| self.option_of(turn, place)),
            Some(option),
            "option and thread name each other"
        );
        next
    }

    /// Ends the execution because of an answer that names no option.
    #[cold]
    fn reject(&mut self, answer: Result<Option<usize>, Box<dyn Any + Send>>, options: u32) {
        let fault = match answer {
            Ok(None) => {
                self.finish(End::Abandoned);
                return;
            }
            Ok(Some(option)) => format!("the strategy answered with option {option} of {options}"),
            Err(payload) => format!("the strategy panicked: {}", message_of(&*payload)),
        };
        self.finish(End::Fault);
        self.fault = Some(fault);
    }
}

/// Chooses one of `options` things of one kind: a number below `options`.
///
/// Outside of an execution, and while one is torn down, the answer is 0; so it is for a [fault](Kind::is_fault) that is not enabled.
///
/// # Panics
///
/// If there are no options.
pub fn choose(kind: Kind, options: u32) -> u32 {
    assert!(options > 0, "a choice needs an option");
    match current() {
        Some(execution)
            if options > 1 && (!kind.is_fault() || execution.with(|core| core.allows_fault(kind))) =>
        {
            let value = execution.with(|core| core.value);
            value(execution, kind, options)
        }
        _ => 0,
    }
}

/// Lets other threads come first here, without touching anything: a step that an observer makes before it notes an event.
///
/// What a thread does after a step runs together with that step. Without a point in between, the beginning of an operation
/// is therefore always noted right behind the end of the one before it, never later.
pub fn point() {
    if let Some(execution) = current() {
        execution.step(OpKind::Point, 0);
    }
}

/// How many steps the execution has made that the caller is inside of; 0 outside of one.
pub fn steps() -> u64 {
    current().map_or(0, |execution| execution.with(|core| core.log.len() as u64))
}

/// The number of the simulated thread that calls, `main` being 0; `None` outside of an execution.
pub fn current_thread() -> Option<usize> {
    current().map(|execution| execution.current() as usize)
}

/// Whether the execution that the caller is inside of has ended and its unfinished threads are being unwound: what happens now
/// is clean-up, which an observer should not note any more.
pub fn is_torn_down() -> bool {
    current().is_some_and(|execution| execution.with(|core| core.tearing))
}

/// Whether the caller is inside of an execution.
pub fn is_simulated() -> bool {
    current().is_some()
}

const _: () = assert!(size_of::<StepRecord>() == 12, "the log is the largest thing that a step writes");
