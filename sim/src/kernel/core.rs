//! The tables of an execution, and the way to them.

use std::cell::Cell;
use std::panic::Location;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::choice::{Choice, Kind};

use super::Limits;
use super::births::Births;
use super::faults::FaultCounts;
use super::object::ObjectSlot;
use super::operation::{Op, OpKind, StepRecord};
use super::progress::Progress;
use super::report::End;
use super::runnable::Runnable;
use super::slot::{START, Slot};
use super::stack::ThreadStack;
use super::step::Decide;
use super::suffix::Suffix;
use super::switch::{Root, Thread};
use super::teardown;
use super::time::Time;

/// No thread, no object.
pub(crate) const NOBODY: u32 = u32::MAX;

thread_local! {
    /// The execution that this OS thread is inside of; null outside of an execution and inside a strategy.
    static CURRENT: Cell<*mut Core> = const { Cell::new(ptr::null_mut()) };
}

/// The execution that the caller is inside of.
#[inline(always)]
pub(crate) fn current() -> Option<Execution> {
    NonNull::new(CURRENT.get()).map(Execution)
}

/// An execution that the holder is inside of. Its methods are what simulated threads can do.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Execution(NonNull<Core>);

impl Execution {
    /// Reads or changes the tables. `access` does not suspend, run foreign code, or call `with` again (K2).
    #[inline(always)]
    pub(crate) fn with<R>(self, access: impl FnOnce(&mut Core) -> R) -> R {
        // SAFETY: K1: the tables exist and are this OS thread's; K2: nobody else borrows them now.
        access(unsafe { &mut *self.0.as_ptr() })
    }

    /// The number of the execution.
    #[inline]
    pub(crate) fn id(self) -> u64 {
        self.with(|core| core.id)
    }

    /// The number of the current thread.
    #[inline]
    pub(crate) fn current(self) -> u32 {
        self.with(|core| core.current)
    }
}

/// Owns the tables, between executions; makes them current, for the time of one.
#[derive(Debug)]
pub(crate) struct Tables(NonNull<Core>);

impl Tables {
    pub(crate) fn new(core: Core) -> Self {
        Tables(NonNull::from(Box::leak(Box::new(core))))
    }

    pub(crate) fn get(&self) -> &Core {
        // SAFETY: K1: no execution runs while somebody can call this.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn get_mut(&mut self) -> &mut Core {
        // SAFETY: as in `get`.
        unsafe { self.0.as_mut() }
    }

    /// Calls `run` inside of an execution with these tables.
    pub(crate) fn enter<R>(&mut self, run: impl FnOnce(Execution) -> R) -> R {
        let inside = Inside { execution: Execution(self.0), outside: CURRENT.replace(self.0.as_ptr()) };
        inside.execution.with(|core| {
            // Relaxed: see `Progress`, and `is_live`.
            core.live.store(core.id, Ordering::Relaxed);
            core.progress.begin();
        });
        run(inside.execution)
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        // SAFETY: K1: made by `Box::leak` in `new`, freed here alone, and no execution runs.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// Leaves the execution when dropped.
struct Inside {
    execution: Execution,
    outside: *mut Core,
}

impl Drop for Inside {
    fn drop(&mut self) {
        CURRENT.set(self.outside);
        self.execution.with(|core| {
            core.live.store(0, Ordering::Relaxed);
            core.progress.step(core.log.len() as u64);
            core.progress.end();
        });
    }
}

/// Calls `outsider` as if outside of any execution.
#[inline(always)]
pub(crate) fn outside<R>(outsider: impl FnOnce() -> R) -> R {
    let inside = CURRENT.replace(ptr::null_mut());
    let result = outsider();
    CURRENT.set(inside);
    result
}

/// All that belongs to a kernel but the threads themselves.
pub(crate) struct Core {
    // What nearly every step reads.
    pub(crate) id: u64,
    pub(crate) current: u32,
    /// Above this number of runnable threads somebody must be asked who goes on: 1, and 0 during the teardown.
    pub(crate) quiet: u32,
    /// Who can go on: places below `limits.threads` are threads, those above the limits of threads that wait.
    pub(crate) runnable: Runnable,
    /// The operation that each thread has announced.
    pub(crate) pending: Box<[Op]>,
    pub(crate) decide: Decide,
    pub(crate) value: fn(Execution, Kind, u32) -> u32,
    /// A `*mut &mut S`, for the strategy `S` that `decide` and `value` are made for.
    pub(crate) strategy: *mut (),
    pub(crate) log: Vec<StepRecord>,
    /// How many steps the log may hold before the slow path looks closer; never more than it has room for.
    pub(crate) log_limit: usize,
    pub(crate) choices: Vec<Choice>,
    pub(crate) progress: Arc<Progress>,

    /// Who goes on when a thread has ended.
    pub(crate) next: u32,
    pub(crate) root: Root,
    pub(crate) switches: u64,
    pub(crate) preemptions: u64,
    pub(crate) end: Option<End>,
    pub(crate) fault: Option<String>,
    pub(crate) tearing: bool,
    /// How many suspended or leaked threads are, or may be, unwinding.
    pub(crate) unwinding_suspended: u32,

    /// The fair continuation of an execution that has reached its bound.
    pub(crate) suffix: Option<Suffix>,
    /// What a livelock repeats.
    pub(crate) cycle: Vec<StepRecord>,
    pub(crate) time: Time,
    /// Those that happened.
    pub(crate) faults: FaultCounts,
    pub(crate) slots: Box<[Slot]>,
    /// `limits.threads` places for the threads themselves, a table of its own because a change of stacks uses some of them
    /// while nobody borrows the tables.
    pub(crate) places: *mut Option<Thread>,
    pub(crate) born: u32,
    pub(crate) unfinished: u32,
    pub(crate) objects: Vec<ObjectSlot>,
    /// Who waits at the sides of objects: sets of threads, see [`queue`](super::queue).
    pub(crate) waiting: Vec<u64>,
    /// What has to end before the execution does.
    pub(crate) births: Births,
    /// The objects that an earlier execution had changed before this one first touched them.
    pub(crate) carried_over: Vec<u32>,
    /// Who reads which readers-writer lock: (object, thread).
    pub(crate) readers: Vec<(u32, u32)>,
    pub(crate) stacks: Vec<ThreadStack>,
    pub(crate) limits: Limits,
    /// The bound on the steps of this execution.
    pub(crate) steps_max: u64,
    /// The execution that is under way, for kernels on other OS threads; 0 for none.
    pub(crate) live: Arc<AtomicU64>,
}

/// How many steps one thread makes at most until others can see them in [`Progress`].
const SHOWN_EVERY: usize = 256;

/// Enough for most executions; longer ones grow the log once and for all.
const FIRST_LOG_CAPACITY: usize = 4096;

impl Core {
    pub(crate) fn new(limits: Limits, live: Arc<AtomicU64>) -> Self {
        let places: Box<[Option<Thread>]> = (0..limits.threads).map(|_| None).collect();
        Core {
            id: 0,
            current: NOBODY,
            quiet: 1,
            runnable: Runnable::new(2 * limits.threads),
            pending: vec![START; limits.threads].into_boxed_slice(),
            decide: teardown::decide,
            value: teardown::value,
            strategy: ptr::null_mut(),
            log: Vec::with_capacity(FIRST_LOG_CAPACITY),
            log_limit: 0,
            choices: Vec::with_capacity(FIRST_LOG_CAPACITY),
            progress: Arc::default(),
            next: NOBODY,
            root: Root::default(),
            switches: 0,
            preemptions: 0,
            end: None,
            fault: None,
            tearing: false,
            unwinding_suspended: 0,
            suffix: None,
            cycle: Vec::new(),
            time: Time::new(),
            faults: FaultCounts::default(),
            slots: (0..limits.threads).map(|_| Slot::unused()).collect(),
            places: Box::into_raw(places).cast(),
            born: 0,
            unfinished: 0,
            objects: Vec::new(),
            waiting: Vec::new(),
            births: Births::default(),
            carried_over: Vec::new(),
            readers: Vec::new(),
            stacks: Vec::new(),
            limits,
            steps_max: limits.steps,
            live,
        }
    }

    /// Makes the tables ready for another execution, keeping what they have allocated.
    pub(crate) fn reset(&mut self, id: u64, steps: u64) {
        self.id = id;
        self.steps_max = steps.min(self.limits.steps);
        self.current = NOBODY;
        self.quiet = 1;
        self.runnable.clear();
        self.log.clear();
        self.log_limit = self.next_log_limit();
        self.choices.clear();
        self.next = NOBODY;
        self.switches = 0;
        self.preemptions = 0;
        self.end = None;
        self.fault = None;
        self.tearing = false;
        // A thread that an earlier execution has leaked may still count.
        self.unwinding_suspended = u32::from(std::thread::panicking());
        self.born = 0;
        self.unfinished = 0;
        self.objects.clear();
        self.waiting.clear();
        self.births.clear();
        self.suffix = None;
        self.cycle.clear();
        self.time.reset();
        self.carried_over.clear();
        self.readers.clear();
        self.faults = FaultCounts::default();
    }

    /// The number of steps at which the log is full, the execution at its bound, or the progress to be shown.
    pub(crate) fn next_log_limit(&self) -> usize {
        let bound = usize::try_from(self.steps_max).unwrap_or(usize::MAX);
        self.log.capacity().min(bound).min(self.log.len() + SHOWN_EVERY)
    }

    /// The threads born so far.
    pub(crate) fn threads(&self) -> &[Slot] {
        &self.slots[..self.born as usize]
    }

    #[inline]
    pub(crate) fn slot(&mut self, thread: u32) -> &mut Slot {
        &mut self.slots[thread as usize]
    }

    #[inline]
    pub(crate) fn current_slot(&mut self) -> &mut Slot {
        &mut self.slots[self.current as usize]
    }

    #[inline]
    pub(crate) fn current_pending(&self) -> Op {
        self.pending[self.current as usize]
    }

    #[inline]
    pub(crate) fn announce(&mut self, kind: OpKind, target: u32) {
        self.pending[self.current as usize] = Op { kind, target };
    }

    /// The place of a thread itself.
    #[inline]
    pub(crate) fn thread_place(&mut self, thread: u32) -> *mut Option<Thread> {
        assert!((thread as usize) < self.limits.threads, "there is no thread {thread}");
        // SAFETY: K3: inside of the table.
        unsafe { self.places.add(thread as usize) }
    }

    /// Makes `next` the thread that runs.
    #[inline(always)]
    pub(crate) fn note_switch(&mut self, next: u32) {
        self.current = next;
        self.switches += 1;
        self.progress.resume(next, self.log.len() as u64);
    }

    /// Numbers the thread that is about to be born.
    pub(crate) fn bear(&mut self, name: &str, parent: u32, birthplace: &'static Location<'static>) -> u32 {
        let thread = self.born;
        self.slot(thread).reuse(name, parent, birthplace);
        self.pending[thread as usize] = START;
        self.born += 1;
        self.unfinished += 1;
        self.runnable.insert(thread);
        thread
    }

    /// Ends the execution, unless it has ended already.
    pub(crate) fn finish(&mut self, end: End) {
        let end = self.end_of_suffix(end);
        self.end.get_or_insert(end);
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let table = ptr::slice_from_raw_parts_mut(self.places, self.limits.threads);
        // SAFETY: K3: made by `Box::into_raw` in `new` with this length, and freed here alone.
        drop(unsafe { Box::from_raw(table) });
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
