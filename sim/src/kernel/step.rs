//! A step: announce, decide, switch, record.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::ptr::NonNull;
use std::sync::atomic::Ordering;
use std::thread;

use crate::choice::{Choice, Kind};
use crate::strategy::Strategy;

use super::core::{Core, NOBODY, Unwinding, set_current};
use super::operation::{Op, OpKind, StepRecord};
use super::report::End;
use super::unwind::note_unwinding;
use super::{message_of, teardown};

/// What a strategy is told when it is asked who goes on.
#[derive(Debug)]
pub struct Now<'a> {
    core: &'a Core,
}

impl Now<'_> {
    /// How many threads can go on: at least two. Options are numbered from 0.
    #[inline]
    pub fn options(&self) -> usize {
        self.core.runnable.count() as usize
    }

    /// The thread that made the last step, if it can go on and did not ask to let others go first. It is option 0.
    #[inline]
    pub fn current(&self) -> Option<usize> {
        let core = self.core;
        // SAFETY: K3: the current thread has a slot.
        let pending = unsafe { (*core.current_slot).pending };
        (core.runnable.contains(core.current) && !pending.kind.yields()).then_some(core.current as usize)
    }

    /// Whether taking `option` takes the turn from a thread that could go on and did not ask others to go first.
    #[inline]
    pub fn preempts(&self, option: usize) -> bool {
        option != 0 && self.current().is_some()
    }

    /// The thread behind `option`: the current thread first, then the others by number; after a yield in cyclic order.
    ///
    /// # Panics
    ///
    /// If there is no such option.
    pub fn thread(&self, option: usize) -> usize {
        assert!(option < self.options(), "there are {} options", self.options());
        self.core.thread_of(option as u32) as usize
    }

    /// What `thread` will do when it goes on.
    ///
    /// # Panics
    ///
    /// If there is no such thread.
    pub fn pending(&self, thread: usize) -> Op {
        assert!(thread < self.core.born as usize, "there are {} threads", self.core.born);
        // SAFETY: K3: the thread is born.
        unsafe { (*self.core.slots.add(thread)).pending }
    }

    /// How many steps the execution has made.
    pub fn steps(&self) -> u64 {
        self.core.log.len() as u64
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Core")
            .field("current", &self.current)
            .field("runnable", &self.runnable)
            .field("steps", &self.log.len())
            .finish_non_exhaustive()
    }
}

impl Core {
    #[inline]
    fn thread_of(&self, option: u32) -> u32 {
        let current = self.current;
        if !self.runnable.contains(current) {
            return self.runnable.nth(option);
        }
        // SAFETY: K3: the current thread has a slot.
        let yields = unsafe { (*self.current_slot).pending.kind.yields() };
        match option {
            _ if yields => self.runnable.nth_after(current, option),
            0 => current,
            _ => self.runnable.nth_except(current, option - 1),
        }
    }
}

/// Announces an operation that is possible, and returns when it is this thread's turn to execute it.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
#[inline(always)]
pub(crate) unsafe fn offer(core: NonNull<Core>, kind: OpKind, target: u32) {
    let core = core.as_ptr();
    // SAFETY: K1, K2: plain reads and writes of fields.
    unsafe {
        (*(*core).current_slot).pending = Op { kind, target };
        let runnable = &(*core).runnable;
        if runnable.count() > (*core).quiet {
            let next = ((*core).decide)(core);
            if next != (*core).current {
                switch(core, next);
            }
        }
    }
}

/// Writes the executed operation into the log.
///
/// # Safety
///
/// As [`offer`], which went before.
#[inline(always)]
pub(crate) unsafe fn record(core: NonNull<Core>) {
    let core = core.as_ptr();
    // SAFETY: K1, K2; the log has room for more than `log_limit` records never, and for at least that many always.
    unsafe {
        let log = &mut (*core).log;
        let length = log.len();
        if length < (*core).log_limit {
            let op = (*(*core).current_slot).pending;
            log.as_mut_ptr().add(length).write(StepRecord { thread: (*core).current, op });
            log.set_len(length + 1);
            // Relaxed: see `Progress`.
            let progress = &(*core).progress;
            progress.steps.store(length as u64 + 1, Ordering::Relaxed);
        } else {
            record_slowly(core);
        }
    }
}

/// [`offer`] and [`record`].
///
/// # Safety
///
/// As [`offer`].
#[inline(always)]
pub(crate) unsafe fn step(core: NonNull<Core>, kind: OpKind, target: u32) {
    // SAFETY: the caller's promise.
    unsafe {
        offer(core, kind, target);
        record(core);
    }
}

/// The log is full, or the step bound is reached, or the execution is being torn down.
#[cold]
#[inline(never)]
unsafe fn record_slowly(core: *mut Core) {
    // SAFETY: K1, K2.
    unsafe {
        if (*core).tearing {
            teardown::count_step(core);
            return;
        }
        let log = &mut (*core).log;
        if log.len() as u64 >= (*core).limits.steps {
            finish_execution(core, End::StepBound);
            switch(core, NOBODY);
            return;
        }
        log.reserve(log.len());
        let reached = &*core;
        let limit = reached.next_log_limit();
        (*core).log_limit = limit;
        record(NonNull::new_unchecked(core));
    }
}

/// Ends the execution, unless it has ended already.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
pub(crate) unsafe fn finish_execution(core: *mut Core, end: End) {
    // SAFETY: K1, K2.
    unsafe {
        if (*core).end.is_none() {
            (*core).end = Some(end);
        }
    }
}

/// The current thread cannot go on: whose turn is it? Ends the execution if it is nobody's.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
#[inline]
pub(crate) unsafe fn pick_other(core: *mut Core) -> u32 {
    // SAFETY: K1, K2; `decide` was made for this execution's strategy.
    unsafe {
        if (*core).tearing {
            return NOBODY;
        }
        let runnable = &(*core).runnable;
        match runnable.count() {
            0 => {
                finish_execution(core, if (*core).unfinished == 0 { End::Finished } else { End::Stuck });
                NOBODY
            }
            1 => runnable.nth(0),
            _ => ((*core).decide)(core),
        }
    }
}

/// Gives the turn to `next` (to the root loop, for good, if `next` is nobody) and returns when it is this thread's again.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of; the current thread has announced its operation and is in the queue
/// that may disable or enable it.
#[inline]
pub(crate) unsafe fn switch(core: *mut Core, next: u32) {
    // SAFETY: K1, K2, K6.
    unsafe {
        let slot = (*core).current_slot;
        if thread::panicking() {
            note_unwinding(core, slot);
        }
        (*core).next = next;
        (*(*slot).yielder).suspend(());
        if (*slot).unwinding != Unwinding::No {
            (*core).unwinding_suspended -= 1;
        }
        if (*core).tearing {
            teardown::resumed(core);
        }
        (*slot).unwinding = Unwinding::No;
    }
}

/// Asks the strategy `S` who goes on. Nobody, if that ends the execution.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of, and its strategy is an `S`.
pub(crate) unsafe fn decide<S: Strategy + ?Sized>(core: *mut Core) -> u32 {
    // SAFETY: K1, K2, K7: the shared borrow behind `Now` ends before anything is written.
    unsafe {
        let strategy = (*core).strategy.cast::<&mut S>();
        let outside = set_current(std::ptr::null_mut());
        let answer = {
            let now = Now { core: &*core };
            panic::catch_unwind(AssertUnwindSafe(|| (*strategy).thread(&now)))
        };
        set_current(outside);
        let runnable = &(*core).runnable;
        let options = runnable.count();
        let option = match answer {
            Ok(Some(option)) if option < options as usize => option as u32,
            unusable => return reject(core, unusable, options),
        };
        let seen = &*core;
        let next = seen.thread_of(option);
        let preempts = Now { core: seen }.preempts(option as usize);
        (*core).preemptions += u64::from(preempts);
        let choices = &mut (*core).choices;
        choices.push(Choice { kind: Kind::Thread, options, taken: option });
        next
    }
}

/// Ends the execution because of an answer that names no option.
#[cold]
unsafe fn reject(core: *mut Core, answer: thread::Result<Option<usize>>, options: u32) -> u32 {
    let fault = match answer {
        Ok(None) => None,
        Ok(Some(option)) => Some(format!("the strategy answered with option {option} of {options}")),
        Err(payload) => Some(fault_of(&payload)),
    };
    // SAFETY: K1, K2.
    unsafe { fail(core, fault) };
    NOBODY
}

fn fault_of(payload: &Box<dyn Any + Send>) -> String {
    format!("the strategy panicked: {}", message_of(&**payload))
}

/// Ends the execution: with a fault of the tool, or as abandoned.
unsafe fn fail(core: *mut Core, fault: Option<String>) {
    // SAFETY: K1, K2.
    unsafe {
        finish_execution(core, if fault.is_some() { End::Fault } else { End::Abandoned });
        (*core).fault = fault;
    }
}

/// Asks the strategy `S` for a value below `options`, at least two.
///
/// # Safety
///
/// As [`decide`].
pub(crate) unsafe fn value<S: Strategy + ?Sized>(core: *mut Core, kind: Kind, options: u32) -> u32 {
    // SAFETY: K1, K2, K7.
    unsafe {
        let strategy = (*core).strategy.cast::<&mut S>();
        let outside = set_current(std::ptr::null_mut());
        let answer = panic::catch_unwind(AssertUnwindSafe(|| (*strategy).value(kind, options)));
        set_current(outside);
        match answer {
            Ok(taken) if taken < options => {
                let choices = &mut (*core).choices;
                choices.push(Choice { kind, options, taken });
                taken
            }
            unusable => {
                reject(core, unusable.map(|taken| Some(taken as usize)), options);
                switch(core, NOBODY);
                0
            }
        }
    }
}

/// Chooses one of `options` things of one kind: a number below `options`.
///
/// Outside of an execution, and while one is torn down, the answer is 0.
///
/// # Panics
///
/// If there are no options.
pub fn choose(kind: Kind, options: u32) -> u32 {
    assert!(options > 0, "a choice needs an option");
    match super::core::current() {
        // SAFETY: `current` says so; `value` was made for this execution's strategy.
        Some(core) if options > 1 => unsafe { ((*core.as_ptr()).value)(core.as_ptr(), kind, options) },
        _ => 0,
    }
}

/// Lets other threads come first here, without touching anything: a step that an observer makes before it notes an event.
pub fn point() {
    if let Some(core) = super::core::current() {
        // SAFETY: `current` says so.
        unsafe { step(core, OpKind::Point, 0) };
    }
}

const _: () = assert!(size_of::<StepRecord>() == 12, "the log is the largest thing that a step writes");
