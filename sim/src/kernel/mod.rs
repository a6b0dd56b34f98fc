//! The kernel: runs a program of simulated threads, one step at a time, in an order that a strategy chooses.
//!
//! # How a step happens
//!
//! Each simulated thread has a stack of its own; all of them run on the OS thread that called
//! [`Kernel::run`]. Before a thread touches shared state it *announces* the operation, the strategy says whose turn it is,
//! and the thread whose turn it is executes the operation that it has announced. If the same thread goes on, announcing is a
//! handful of instructions; otherwise the thread suspends itself and the other one goes on.
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
//! No thread, no file. The process keeps a panic hook that is silent about panics inside of executions, which are reported,
//! and hands all others on. While at least one kernel exists there is a handler for SIGSEGV that names
//! the simulated thread whose stack has overflowed; the last kernel to be dropped restores the handler that was there before.
//! Threads that cannot be torn down are leaked and counted.
//!
//! # Rules of access
//!
//! The tables of an execution are reached from several stacks. Every `SAFETY` note of this module cites one of these rules.
//!
//! - **K1** Tables are used only by the OS thread that called `run`, and by no simulated thread after `run` has returned. The
//!   thread-local pointer to them is set only in between, so whoever finds it there may use it. A kernel gives access to its
//!   tables only while no execution runs.
//! - **K2** Inside of an execution the tables are borrowed by `Execution::with` alone, for a piece of code that does not
//!   suspend, does not run code under test, and does not borrow them again. The strategy is called during a borrow, but finds
//!   itself outside of the execution.
//! - **K3** The table of the threads themselves has [`Limits::threads`] places, allocated once; they never move.
//! - **K4** A place is filled before its thread is born, used by the change of stacks alone, and emptied when the thread has
//!   ended or is leaked.
//! - **K5** A thread whose stack holds frames is never dropped: it goes on to its end, before the execution ends, or is
//!   forgotten together with its stack and never goes on.
//! - **K6** The pointer to the strategy is valid while its execution runs, and is used by one call at a time: during the call
//!   the thread-local pointer is null, so nothing that the strategy does can ask it again.

mod births;
mod bits;
mod core;
mod faults;
mod gate;
mod image;
mod locals;
mod lock;
mod now;
mod object;
mod operation;
mod overflow;
mod place;
mod progress;
mod queue;
mod report;
mod runnable;
mod rwlock;
mod slot;
mod stack;
mod step;
mod suffix;
mod switch;
mod teardown;
mod thread;
mod time;
mod unwind;

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use crate::choice::Choice;
use crate::strategy::Strategy;

use self::core::{Core, NOBODY, Tables};
use self::object::{ObjectSlot, Registration};
use self::report::Fate;
use self::slot::Slot;

pub use self::births::{Survivor, ValueKind};
pub(crate) use self::faults::PLANNED;
pub use self::faults::{
    FaultCounts, Faults, InjectedPanic, PlannedPanic, UnknownFault, fault, may_panic, spared,
};
pub use self::now::Now;
pub use self::object::ObjectKind;
pub use self::operation::{Op, OpKind, StepRecord, Target};
pub use self::place::Place;
pub use self::progress::Progress;
pub use self::report::{End, ObjectReport, Run, ThreadReport, ThreadState};
pub use self::step::{choose, current_thread, is_simulated, is_torn_down, point, steps};

pub(crate) use self::births::Birth;
pub(crate) use self::bits::nth_bit;
pub(crate) use self::core::{Execution, current};
pub(crate) use self::gate::{Open, Side};
pub(crate) use self::locals::{Local, Lookup};
pub(crate) use self::object::{ObjectId, is_live};
pub(crate) use self::teardown::TornDown;

/// The bounds of an execution, and what may go wrong in it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// How many steps an execution may make; then it ends with [`End::StepBound`], or with [`End::Livelock`].
    pub steps: u64,
    /// How many threads an execution may start, `main` included; then it ends with [`End::ThreadBound`].
    pub threads: usize,
    /// The size of each simulated thread's stack. Code that is not optimised needs at least 128 KiB.
    pub stack_bytes: usize,
    /// Which faults may happen.
    pub faults: Faults,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { steps: 100_000, threads: 256, stack_bytes: 256 * 1024, faults: Faults::default() }
    }
}

/// A simulator of one program at a time. Each OS thread can have its own.
#[derive(Debug)]
pub struct Kernel {
    tables: Tables,
    registration: Registration,
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
        place::install_hook();
        let registration = Registration::new();
        let tables = Tables::new(Core::new(limits, registration.live()));
        Kernel { tables, registration, _overflow: overflow::Handler::install() }
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
        self.run_within(u64::MAX, strategy, body)
    }

    /// The same, with a bound on steps of its own if that is below the one of the [limits](Kernel::limits): for programs that are
    /// known not to end, of which more steps show no more.
    ///
    /// # Panics
    ///
    /// As [`run`](Kernel::run).
    #[track_caller]
    pub fn run_within<S: Strategy + ?Sized>(
        &mut self,
        steps: u64,
        strategy: &mut S,
        body: impl FnOnce(),
    ) -> Option<Run> {
        assert!(current().is_none(), "a kernel cannot run inside of an execution");
        if !strategy.begin() {
            return None;
        }
        let birthplace = Location::caller();
        let mut borrowed: &mut S = strategy;
        let core = self.tables.get_mut();
        core.reset(self.registration.next_execution(), steps);
        core.decide = step::decide::<S>;
        core.value = step::value::<S>;
        core.strategy = (&raw mut borrowed).cast();
        let main = || {
            body();
            true
        };
        let leaked = self.tables.enter(|execution| {
            // SAFETY: what `body` borrows outlives this call, and with it the execution.
            let main = unsafe { execution.add_thread("main", NOBODY, birthplace, main) };
            execution.drive(main);
            execution.tear_down()
        });
        let run = self.summary(leaked);
        borrowed.end(&run);
        Some(run)
    }

    fn summary(&self, leaked_threads: u32) -> Run {
        let core = self.tables.get();
        Run {
            end: core.end.expect("an execution does not come to rest without an end"),
            steps: core.log.len() as u64,
            switches: core.switches,
            preemptions: core.preemptions,
            threads: core.born,
            panics: core.threads().iter().map(|slot| u32::from(slot.fate == Fate::Panicked)).sum(),
            leaked_threads,
            faults: core.faults,
        }
    }

    /// The choices of the last execution.
    pub fn choices(&self) -> &[Choice] {
        &self.tables.get().choices
    }

    /// The steps of the last execution.
    pub fn log(&self) -> &[StepRecord] {
        &self.tables.get().log
    }

    /// The steps that the last execution would repeat for ever, if it ended with [`End::Livelock`].
    pub fn cycle(&self) -> &[StepRecord] {
        &self.tables.get().cycle
    }

    /// What was wrong with the strategy, if the last execution ended with [`End::Fault`].
    pub fn fault(&self) -> Option<&str> {
        self.tables.get().fault.as_deref()
    }

    /// Whether this OS thread should run no more executions: one has leaked a thread in the middle of unwinding.
    ///
    /// `std` counts panics per OS thread and this one is never over, so `std::thread::panicking` says yes here from now on.
    /// The kernel allows for that, but code under test that asks `std` is misled, and unfinished threads are leaked where
    /// they could be unwound elsewhere. Go on with a new kernel on a new OS thread.
    pub fn is_spent(&self) -> bool {
        std::thread::panicking()
    }

    /// The bounds of this kernel's executions.
    pub fn limits(&self) -> Limits {
        self.tables.get().limits
    }

    /// The counters that another OS thread can watch.
    pub fn progress(&self) -> Arc<Progress> {
        self.tables.get().progress.clone()
    }

    /// The objects that the last execution has touched, by number.
    pub fn objects(&self) -> Vec<ObjectReport> {
        (0..self.tables.get().objects.len() as u32).map(|number| self.object(number)).collect()
    }

    /// The objects that the last execution has touched and that an earlier execution had changed before: statics, for
    /// example. What they hold depends on which executions came first, so no token can repeat it.
    pub fn carried_over(&self) -> Vec<ObjectReport> {
        self.tables.get().carried_over.iter().map(|&number| self.object(number)).collect()
    }

    /// The counts, channels and futures that the last execution has made and that had not ended when it did, in the order of birth.
    /// After an execution in which all threads came to their end these are leaks, unless
    /// [a static](Kernel::touched_statics) keeps them.
    pub fn survivors(&self) -> Vec<Survivor> {
        self.tables.get().births.survivors()
    }

    /// The locks and initialisations in statics that the last execution has touched: what was made in it may be kept there.
    /// Known on Linux and Android; empty elsewhere.
    pub fn touched_statics(&self) -> Vec<ObjectReport> {
        let objects = self.tables.get().objects.iter().enumerate();
        let keeps = |slot: &ObjectSlot| slot.kind.can_keep_values() && image::is_static(slot.address);
        objects.filter(|(_, slot)| keeps(slot)).map(|(number, _)| self.object(number as u32)).collect()
    }

    fn object(&self, number: u32) -> ObjectReport {
        let slot = &self.tables.get().objects[number as usize];
        let holder = (slot.last_holder != NOBODY).then_some(slot.last_holder as usize);
        ObjectReport::new(number, slot, holder)
    }

    /// The threads of the last execution, by number.
    pub fn threads(&self) -> Vec<ThreadReport> {
        let report = |(number, slot): (usize, &Slot)| ThreadReport {
            number,
            name: slot.name.clone(),
            parent: (slot.parent != NOBODY).then_some(slot.parent as usize),
            birthplace: slot.birthplace,
            state: self.state_of(slot),
            panicked_at: slot.panicked_at.clone(),
            joined: slot.joined,
            leaked: slot.leaked,
        };
        self.tables.get().threads().iter().enumerate().map(report).collect()
    }

    fn state_of(&self, slot: &Slot) -> ThreadState {
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

/// The message of a panic.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(message), _) => (*message).to_owned(),
        (_, Some(message)) => message.clone(),
        _ if payload.is::<InjectedPanic>() => faults::INJECTED.to_owned(),
        _ if payload.is::<PlannedPanic>() => PLANNED.to_owned(),
        _ => "a panic without a message".to_owned(),
    }
}
