//! The kernel: runs a program of simulated threads, one step at a time, in an order that a strategy chooses.
//!
//! # How a step happens
//!
//! Each simulated thread is a coroutine with a stack of its own; all of them run on the OS thread that called
//! [`Kernel::run`]. Before a thread touches shared state it *announces* the operation, the strategy says whose turn it is,
//! and the thread whose turn it is executes the operation that it has announced. If the same thread goes on, announcing is a
//! handful of instructions; otherwise the thread suspends itself and the root loop resumes the other one.
//!
//! What a thread does between two announcements touches nothing shared, so the order of the announced operations is all that
//! there is to an execution. Whether an announced operation is possible (the mutex is free, the thread to join has ended) is
//! kept in the set of runnable threads by the operations that change it: nobody tries in vain, and no thread runs that cannot
//! make a step.
//!
//! The kernel holds mechanism only: threads, objects, memory. It knows nothing of the systems under test and decides nothing:
//! every open question goes to the [strategy](crate::strategy) as a [choice](crate::choice).
//!
//! Memory is sequentially consistent. Cells are not places where the turn changes.
//!
//! # What a kernel leaves behind
//!
//! Nothing: no panic hook, no thread, no file. While at least one kernel exists there is a handler for SIGSEGV that names
//! the simulated thread whose stack has overflowed; the last kernel to be dropped restores the handler that was there before.
//! Threads that cannot be [torn down](teardown) are leaked and counted.
//!
//! # Rules of access
//!
//! The tables of an execution are reached by raw pointer from several stacks. Every `SAFETY` note of this module cites one of
//! these rules.
//!
//! - **K1** A [`Core`] is used only by the OS thread that called `run`, and by no coroutine after `run` has returned. The
//!   thread-local pointer to it is set only in between, so whoever finds it there may use it.
//! - **K2** Fields are read and written in place, or by borrows that end before the next suspension, the next call of code
//!   under test and the next call of the strategy. No two borrows of the same field overlap.
//! - **K3** The thread table has [`Limits::threads`] slots, allocated once; they never move. A slot is initialised for its
//!   whole life, and `current_slot` is the slot of the thread that runs.
//! - **K4** A slot's coroutine is put there before its thread is born, resumed by the root loop alone, and taken out when it
//!   has ended. While it runs nobody borrows it or the slot as a whole across a suspension.
//! - **K5** A coroutine whose stack holds frames is never dropped: it is resumed to its end or forgotten together with its
//!   stack.
//! - **K6** A slot's yielder lives on the thread's stack from its first step to its end, and is used on that stack alone.
//! - **K7** The pointer to the strategy is valid while its execution runs, and is used by one call at a time: during the call
//!   the thread-local pointer is null, so nothing that the strategy does can ask it again.

mod core;
mod lock;
mod object;
mod operation;
mod overflow;
mod progress;
mod report;
mod runnable;
mod step;
mod teardown;
mod thread;
mod unwind;

use std::any::Any;
use std::panic::Location;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use corosensei::CoroutineResult;

use crate::choice::Choice;
use crate::strategy::Strategy;

use self::core::NOBODY;
use self::report::Fate;

pub use self::object::ObjectKind;
pub use self::operation::{Op, OpKind, StepRecord, Target};
pub use self::progress::Progress;
pub use self::report::{End, ObjectReport, Run, ThreadReport, ThreadState};
pub use self::step::{Now, choose, point};
pub use self::thread::{current_thread, is_simulated, steps};

pub(crate) use self::core::{Core, current};
pub(crate) use self::lock::{
    lock, notify_all, notify_one, offer_unlock, offer_wait, try_lock, unlock, wait,
};
pub(crate) use self::object::{ObjectId, is_live};
pub(crate) use self::step::step;
pub(crate) use self::teardown::TornDown;
pub(crate) use self::thread::{
    contain, context, execution, is_finished, join, number, park, set_context, spawn, unpark,
};
pub(crate) use self::unwind::{may_be_unwinding, set_known_unwinding, unbreakable};

/// The bounds of an execution.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// How many steps an execution may make; then it ends with [`End::StepBound`].
    pub steps: u64,
    /// How many threads an execution may start, `main` included; then it ends with [`End::ThreadBound`].
    pub threads: usize,
    /// The size of each simulated thread's stack. Code that is not optimised needs at least 128 KiB.
    pub stack_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { steps: 100_000, threads: 256, stack_bytes: 256 * 1024 }
    }
}

/// A simulator of one program at a time. Each OS thread can have its own.
#[derive(Debug)]
pub struct Kernel {
    core: NonNull<Core>,
    registration: object::Registration,
    _overflow: overflow::Handler,
}

impl Kernel {
    /// A kernel whose executions are bounded by `limits`.
    ///
    /// # Panics
    ///
    /// If no thread is allowed, or more than `u32` can number.
    pub fn new(limits: Limits) -> Self {
        assert!(limits.threads > 0, "an execution has at least the thread main");
        assert!(u32::try_from(limits.threads).is_ok_and(|threads| threads < NOBODY), "too many threads");
        let registration = object::Registration::new();
        let core = Box::new(Core::new(limits, Arc::default(), registration.live()));
        Kernel {
            core: NonNull::from(Box::leak(core)),
            registration,
            _overflow: overflow::Handler::install(),
        }
    }

    /// Runs `body` as the thread `main` of one execution, and all threads that it starts. `None`: the strategy has nothing
    /// left to explore.
    ///
    /// A panic of `body` or of another thread is contained: it ends that thread and is reported.
    ///
    /// # Panics
    ///
    /// If called inside of an execution; if [`Strategy::begin`] or [`Strategy::end`] panics.
    #[track_caller]
    pub fn run<S: Strategy + ?Sized>(&mut self, strategy: &mut S, body: impl FnOnce()) -> Option<Run> {
        assert!(current().is_none(), "a kernel cannot run inside of an execution");
        if !strategy.begin() {
            return None;
        }
        let execution = self.registration.next_execution();
        let mut borrowed: &mut S = strategy;
        let leaked = {
            let core = self.core();
            core.reset(execution);
            core.decide = step::decide::<S>;
            core.value = step::value::<S>;
            core.strategy = (&raw mut borrowed).cast();
            let _inside = Inside::enter(self.core);
            // SAFETY: K1; what `body` borrows outlives this call, and a thread that is left over is never resumed after it.
            unsafe {
                let birthplace = Location::caller();
                let main = || {
                    body();
                    true
                };
                let main = thread::add_thread(self.core, "main", NOBODY, birthplace, main);
                drive(self.core, main);
                self.note_state_at_end();
                teardown::end_threads(self.core.as_ptr(), |thread| drive(self.core, thread))
            }
        };
        let run = self.summary(leaked);
        borrowed.end(&run);
        Some(run)
    }

    fn core(&mut self) -> &mut Core {
        // SAFETY: K1, K2: no execution runs, so nobody else has a pointer into the tables.
        unsafe { self.core.as_mut() }
    }

    fn core_ref(&self) -> &Core {
        // SAFETY: as in `core`.
        unsafe { self.core.as_ref() }
    }

    /// Keeps what the teardown would overwrite.
    fn note_state_at_end(&mut self) {
        let core = self.core();
        if core.unfinished == 0 {
            return;
        }
        for number in 0..core.born {
            let is_runnable = core.runnable.contains(number);
            // SAFETY: K3: the thread is born.
            let slot = unsafe { &mut *core.slots.add(number as usize) };
            slot.last = (slot.pending, is_runnable);
        }
        for object in &mut core.objects {
            object.last_holder = object.holder;
        }
    }

    fn summary(&self, leaked_threads: u32) -> Run {
        let core = self.core_ref();
        Run {
            end: core.end.expect("an execution does not come to rest without an end"),
            steps: core.log.len() as u64,
            switches: core.switches,
            preemptions: core.preemptions,
            threads: core.born,
            panics: core.threads().iter().map(|slot| u32::from(slot.fate == Fate::Panicked)).sum(),
            leaked_threads,
        }
    }

    /// The choices of the last execution.
    pub fn choices(&self) -> &[Choice] {
        &self.core_ref().choices
    }

    /// The steps of the last execution.
    pub fn log(&self) -> &[StepRecord] {
        &self.core_ref().log
    }

    /// What was wrong with the strategy, if the last execution ended with [`End::Fault`].
    pub fn fault(&self) -> Option<&str> {
        self.core_ref().fault.as_deref()
    }

    /// The bounds of this kernel's executions.
    pub fn limits(&self) -> Limits {
        self.core_ref().limits
    }

    /// The counters that another OS thread can watch.
    pub fn progress(&self) -> Arc<Progress> {
        self.core_ref().progress.clone()
    }

    /// The objects that the last execution has touched, by number.
    pub fn objects(&self) -> Vec<ObjectReport> {
        (0..self.core_ref().objects.len() as u32).map(|number| self.object(number)).collect()
    }

    fn object(&self, number: u32) -> ObjectReport {
        let slot = &self.core_ref().objects[number as usize];
        let holder = (slot.last_holder != NOBODY).then_some(slot.last_holder as usize);
        ObjectReport::new(number, slot, holder)
    }

    /// The threads of the last execution, by number.
    pub fn threads(&self) -> Vec<ThreadReport> {
        let report = |(number, slot): (usize, &core::Slot)| ThreadReport {
            number,
            name: slot.name.clone(),
            parent: (slot.parent != NOBODY).then_some(slot.parent as usize),
            birthplace: slot.birthplace,
            state: self.state_of(slot),
            joined: slot.joined,
            leaked: slot.leaked,
        };
        self.core_ref().threads().iter().enumerate().map(report).collect()
    }

    fn state_of(&self, slot: &core::Slot) -> ThreadState {
        let (op, is_runnable) = slot.last;
        match slot.fate {
            Fate::Finished => ThreadState::Finished,
            Fate::Panicked => ThreadState::Panicked(slot.message.clone().unwrap_or_default()),
            Fate::Unfinished if is_runnable => ThreadState::Runnable(op),
            Fate::Unfinished => {
                let object = (op.kind.target() == Target::Object).then(|| self.object(op.target));
                ThreadState::Blocked { op, object }
            }
        }
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        // SAFETY: K1: made by `Box::leak` in `new`, freed here alone, and no execution runs.
        drop(unsafe { Box::from_raw(self.core.as_ptr()) });
    }
}

/// Makes an execution current, for as long as this lives.
struct Inside {
    core: NonNull<Core>,
}

impl Inside {
    fn enter(mut core: NonNull<Core>) -> Self {
        core::set_current(core.as_ptr());
        // SAFETY: K1, K2.
        let tables = unsafe { core.as_mut() };
        // Relaxed: see `Progress`, and `is_live`.
        tables.live.store(tables.execution, Ordering::Relaxed);
        tables.progress.running.store(1, Ordering::Relaxed);
        tables.progress.executions.store(tables.execution, Ordering::Relaxed);
        Inside { core }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        core::set_current(ptr::null_mut());
        // SAFETY: K1, K2.
        let tables = unsafe { self.core.as_ref() };
        tables.live.store(0, Ordering::Relaxed);
        tables.progress.running.store(0, Ordering::Relaxed);
    }
}

/// The root loop: resumes `first`, then whomever the thread that was suspended or ended has named, until it names nobody.
fn drive(core: NonNull<Core>, first: u32) {
    let core = core.as_ptr();
    let mut next = first;
    while next != NOBODY {
        // SAFETY: K1 to K5.
        unsafe {
            let slot = (*core).slots.add(next as usize);
            (*core).current = next;
            (*core).current_slot = slot;
            (*core).switches += 1;
            let progress = &(*core).progress;
            progress.thread.store(next, Ordering::Relaxed);
            let coroutine = &mut (*slot).coroutine;
            let thread = coroutine.as_mut().expect("a thread that has not ended has a coroutine");
            if let CoroutineResult::Return(()) = thread.resume(()) {
                let ended = (*slot).coroutine.take().expect("it was there when it was resumed");
                let stacks = &mut (*core).stacks;
                stacks.push(ended.into_stack());
            }
            next = (*core).next;
        }
    }
}

/// The message of a panic.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(message), _) => (*message).to_owned(),
        (_, Some(message)) => message.clone(),
        _ => "a panic without a message".to_owned(),
    }
}
