//! The tables of an execution, and the pointer by which the code under test finds them.

use std::cell::Cell;
use std::panic::Location;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, Yielder};

use crate::choice::{Choice, Kind};

use super::object::ObjectSlot;
use super::operation::{Op, OpKind, StepRecord};
use super::progress::Progress;
use super::report::{End, Fate};
use super::runnable::Runnable;
use super::{Limits, teardown};

/// No thread, no object.
pub(crate) const NOBODY: u32 = u32::MAX;

thread_local! {
    /// The execution that this OS thread is inside of; null outside of an execution and inside a strategy.
    static CURRENT: Cell<*mut Core> = const { Cell::new(ptr::null_mut()) };
}

/// The execution that the caller is inside of.
#[inline(always)]
pub(crate) fn current() -> Option<NonNull<Core>> {
    NonNull::new(CURRENT.get())
}

/// Enters or leaves an execution; returns what was current before.
#[inline]
pub(crate) fn set_current(core: *mut Core) -> *mut Core {
    CURRENT.replace(core)
}

/// All that belongs to a kernel. The rules of access are those of the [module](super).
pub(crate) struct Core {
    // What nearly every step reads.
    pub(crate) current_slot: *mut Slot,
    pub(crate) execution: u64,
    pub(crate) current: u32,
    /// Above this number of runnable threads somebody must be asked who goes on: 1, and 0 during the teardown.
    pub(crate) quiet: u32,
    pub(crate) runnable: Runnable,
    pub(crate) decide: unsafe fn(*mut Core) -> u32,
    pub(crate) value: unsafe fn(*mut Core, Kind, u32) -> u32,
    /// A `&mut &mut S` of the strategy `S` that `decide` and `value` are made for.
    pub(crate) strategy: *mut (),
    pub(crate) log: Vec<StepRecord>,
    /// How many steps the log may hold before the slow path looks closer.
    pub(crate) log_limit: usize,
    pub(crate) choices: Vec<Choice>,
    pub(crate) progress: Arc<Progress>,

    /// Whom the root loop resumes next.
    pub(crate) next: u32,
    pub(crate) switches: u64,
    pub(crate) preemptions: u64,
    pub(crate) end: Option<End>,
    pub(crate) fault: Option<String>,
    pub(crate) tearing: bool,
    /// How many suspended threads are, or may be, unwinding.
    pub(crate) unwinding_suspended: u32,

    /// The thread table: `limits.threads` slots that never move.
    pub(crate) slots: *mut Slot,
    pub(crate) born: u32,
    pub(crate) unfinished: u32,
    pub(crate) objects: Vec<ObjectSlot>,
    pub(crate) stacks: Vec<DefaultStack>,
    pub(crate) limits: Limits,
    /// The execution that is under way, for kernels on other OS threads; 0 for none.
    pub(crate) live: Arc<AtomicU64>,
}

/// Whether a suspended thread is unwinding.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unwinding {
    No,
    Yes,
    /// `std` counts panics per OS thread: while another simulated thread is suspended in the middle of unwinding, it cannot
    /// tell whether this one is, too.
    Unknown,
}

pub(crate) type Thread = Coroutine<(), (), (), DefaultStack>;

/// What the kernel knows of one thread.
pub(crate) struct Slot {
    pub(crate) pending: Op,
    /// Lives on the thread's stack, from its start to its end.
    pub(crate) yielder: *const Yielder<(), ()>,
    pub(crate) coroutine: Option<Thread>,
    /// The object in whose queue the thread is, with its neighbours there.
    pub(crate) queue: u32,
    pub(crate) previous: u32,
    pub(crate) following: u32,
    /// Waiting for a notification: the mutex to take afterwards.
    pub(crate) relock: u32,
    pub(crate) joiner: u32,
    pub(crate) unpark_token: bool,
    pub(crate) context: Option<NonNull<()>>,
    /// How many sections that must not unwind it is inside of.
    pub(crate) unbreakable: u32,

    /// Has not ended.
    pub(crate) alive: bool,
    /// Has ended with a result that can be joined, in contrast to one that was torn down.
    pub(crate) has_result: bool,
    pub(crate) leaked: bool,
    pub(crate) fate: Fate,
    /// The pending operation when the execution ended, and whether it was possible.
    pub(crate) last: (Op, bool),
    pub(crate) unwinding: Unwinding,
    /// It was seen to unwind and not seen to stop.
    pub(crate) known_unwinding: bool,
    pub(crate) teardown: teardown::Progress,

    pub(crate) name: String,
    pub(crate) parent: u32,
    pub(crate) birthplace: &'static Location<'static>,
    pub(crate) message: Option<String>,
    pub(crate) joined: bool,
}

impl Slot {
    fn unused() -> Self {
        Slot {
            pending: Op { kind: OpKind::Start, target: 0 },
            yielder: ptr::null(),
            coroutine: None,
            queue: NOBODY,
            previous: NOBODY,
            following: NOBODY,
            relock: NOBODY,
            joiner: NOBODY,
            unpark_token: false,
            context: None,
            unbreakable: 0,
            alive: true,
            has_result: false,
            leaked: false,
            fate: Fate::Unfinished,
            last: (Op { kind: OpKind::Start, target: 0 }, false),
            unwinding: Unwinding::No,
            known_unwinding: false,
            teardown: teardown::Progress::default(),
            name: String::new(),
            parent: NOBODY,
            birthplace: Location::caller(),
            message: None,
            joined: false,
        }
    }

    /// Makes the slot ready for a new thread. Keeps the buffer of the name.
    pub(crate) fn reuse(&mut self, name: &str, parent: u32, birthplace: &'static Location<'static>) {
        let mut buffer = std::mem::take(&mut self.name);
        buffer.clear();
        buffer.push_str(name);
        *self = Slot { name: buffer, parent, birthplace, ..Slot::unused() };
    }
}

impl Core {
    pub(crate) fn new(limits: Limits, progress: Arc<Progress>, live: Arc<AtomicU64>) -> Self {
        let slots: Box<[Slot]> = (0..limits.threads).map(|_| Slot::unused()).collect();
        Core {
            current_slot: ptr::null_mut(),
            execution: 0,
            current: NOBODY,
            quiet: 1,
            runnable: Runnable::new(limits.threads),
            decide: teardown::decide,
            value: teardown::value,
            strategy: ptr::null_mut(),
            log: Vec::with_capacity(FIRST_LOG_CAPACITY),
            log_limit: 0,
            choices: Vec::with_capacity(FIRST_LOG_CAPACITY),
            progress,
            next: NOBODY,
            switches: 0,
            preemptions: 0,
            end: None,
            fault: None,
            tearing: false,
            unwinding_suspended: 0,
            slots: Box::into_raw(slots).cast(),
            born: 0,
            unfinished: 0,
            objects: Vec::new(),
            stacks: Vec::new(),
            limits,
            live,
        }
    }

    /// Makes the tables ready for another execution, keeping what they have allocated.
    pub(crate) fn reset(&mut self, execution: u64) {
        self.execution = execution;
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
        self.unwinding_suspended = 0;
        self.born = 0;
        self.unfinished = 0;
        self.objects.clear();
    }

    /// The number of steps at which the log is full or the execution at its bound.
    pub(crate) fn next_log_limit(&self) -> usize {
        let bound = usize::try_from(self.limits.steps).unwrap_or(usize::MAX);
        self.log.capacity().min(bound)
    }

    /// The slots of the threads born so far.
    pub(crate) fn threads(&self) -> &[Slot] {
        // SAFETY: K3: the table has `limits.threads` initialised slots, and no more than that are born. Called between
        // executions only, when nobody else holds a pointer into it (K2).
        unsafe { std::slice::from_raw_parts(self.slots, self.born as usize) }
    }
}

/// Enough for most executions; longer ones grow the log once and for all.
const FIRST_LOG_CAPACITY: usize = 4096;

impl Drop for Core {
    fn drop(&mut self) {
        let table = ptr::slice_from_raw_parts_mut(self.slots, self.limits.threads);
        // SAFETY: K3: made by `Box::into_raw` in `new` with this length, and freed here alone.
        drop(unsafe { Box::from_raw(table) });
    }
}
