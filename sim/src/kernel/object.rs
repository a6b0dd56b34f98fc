//! The identity of simulated objects.
//!
//! An object has no number when it is made: it may be a static, or be made where no execution is. The first operation on it
//! that an execution sees *claims* it: the object gets the next number of that execution. Numbers in order of first touch
//! are the same in every replay, which addresses would not be.

use std::fmt;
use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::core::{Execution, NOBODY};
use super::gate::Open;

/// What an object is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectKind {
    /// An atomic.
    Atomic,
    /// A mutex.
    Mutex,
    /// A condition variable.
    Condvar,
    /// A shared reference count.
    Arc,
    /// A readers-writer lock.
    RwLock,
    /// A barrier.
    Barrier,
    /// An initialisation that happens once.
    Once,
    /// A channel.
    Channel,
    /// What wakes a future that is waited for.
    Waker,
}

impl ObjectKind {
    /// Whether an object of this kind can hold what the code under test gives it to keep.
    pub(crate) fn can_keep_values(self) -> bool {
        matches!(self, ObjectKind::Mutex | ObjectKind::RwLock | ObjectKind::Once)
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            ObjectKind::Atomic => "atomic",
            ObjectKind::Mutex => "mutex",
            ObjectKind::Condvar => "condvar",
            ObjectKind::Arc => "arc",
            ObjectKind::RwLock => "rwlock",
            ObjectKind::Barrier => "barrier",
            ObjectKind::Once => "once",
            ObjectKind::Channel => "channel",
            ObjectKind::Waker => "waker",
        })
    }
}

/// What an execution knows of an object that it has claimed.
pub(crate) struct ObjectSlot {
    pub(crate) kind: ObjectKind,
    pub(crate) birthplace: &'static Location<'static>,
    /// Where it was when it was claimed. Says whether it is a static, and nothing else: addresses are no part of an execution.
    pub(crate) address: usize,
    /// A mutex, or a readers-writer lock that is written: the thread that holds it.
    pub(crate) holder: u32,
    /// How many threads read; see [`rwlock`](super::rwlock).
    pub(crate) readers: u32,
    /// The sides that are open; see [`gate`](super::gate).
    pub(crate) open: Open,
    /// Who held it when the execution ended.
    pub(crate) last_holder: u32,
    /// Where the sets of threads that wait at its sides begin; nobody, as long as none has. See [`queue`](super::queue).
    pub(crate) sets: u32,
    /// The list of threads that wait here in order, by their slots' links.
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) length: u32,
}

/// The part of a simulated object by which an execution knows it.
#[derive(Debug)]
pub(crate) struct ObjectId {
    /// The execution that claimed it last; 0 for none. Relaxed everywhere: only the execution that wrote its own number
    /// here goes on to read `index`, and it does so on the same OS thread.
    execution: AtomicU64,
    index: AtomicU32,
    /// Whether an execution has changed it. Relaxed, like the two above.
    changed: AtomicBool,
    birthplace: &'static Location<'static>,
}

impl ObjectId {
    #[track_caller]
    pub(crate) const fn new() -> Self {
        ObjectId {
            execution: AtomicU64::new(0),
            index: AtomicU32::new(0),
            changed: AtomicBool::new(false),
            birthplace: Location::caller(),
        }
    }

    pub(crate) fn birthplace(&self) -> &'static Location<'static> {
        self.birthplace
    }

    /// The object's number in `execution`.
    ///
    /// # Panics
    ///
    /// If another live execution has claimed the object.
    #[inline(always)]
    pub(crate) fn index(&self, execution: Execution, kind: ObjectKind) -> u32 {
        self.index_at(execution, kind, || Open::BOTH)
    }

    /// As [`index`](ObjectId::index); `open` tells which sides of the object are open when `execution` first touches it.
    #[inline(always)]
    pub(crate) fn index_at(
        &self,
        execution: Execution,
        kind: ObjectKind,
        open: impl FnOnce() -> Open,
    ) -> u32 {
        if self.execution.load(Ordering::Relaxed) == execution.id() {
            self.index.load(Ordering::Relaxed)
        } else {
            self.claim(execution, kind, open())
        }
    }

    /// Notes that the execution that has claimed the object changes it.
    #[inline(always)]
    pub(crate) fn note_change(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// The identity of a new object that was made at the same place.
    pub(crate) fn fresh(&self) -> Self {
        ObjectId {
            execution: AtomicU64::new(0),
            index: AtomicU32::new(0),
            changed: AtomicBool::new(false),
            birthplace: self.birthplace,
        }
    }

    /// Whether `execution` has claimed the object.
    pub(crate) fn is_claimed_by(&self, execution: Execution) -> bool {
        self.execution.load(Ordering::Relaxed) == execution.id()
    }

    #[inline(never)]
    fn claim(&self, execution: Execution, kind: ObjectKind, open: Open) -> u32 {
        let id = execution.id();
        let mut before = self.execution.load(Ordering::Relaxed);
        loop {
            if before != 0 && kernel_of(before) != kernel_of(id) && is_live(before) {
                panic!(
                    "the {kind} created at {} is in use by another execution that is still running: executions that run at \
                     the same time must not share simulated objects",
                    self.birthplace
                );
            }
            match self.execution.compare_exchange(before, id, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break,
                Err(found) => before = found,
            }
        }
        let is_carried_over = before != 0 && self.changed.load(Ordering::Relaxed);
        let index = execution.with(|core| {
            if is_carried_over {
                core.carried_over.push(core.objects.len() as u32);
            }
            core.objects.push(ObjectSlot {
                kind,
                birthplace: self.birthplace,
                address: ptr::from_ref(self).addr(),
                holder: NOBODY,
                readers: 0,
                open,
                last_holder: NOBODY,
                sets: NOBODY,
                first: NOBODY,
                last: NOBODY,
                length: 0,
            });
            core.objects.len() - 1
        });
        let index = u32::try_from(index).expect("an execution touches fewer than 2³² objects");
        self.index.store(index, Ordering::Relaxed);
        index
    }
}

/// How many bits of an execution's number count the executions of one kernel: enough for centuries.
const EXECUTION_BITS: u32 = 40;

fn kernel_of(execution: u64) -> u64 {
    execution >> EXECUTION_BITS
}

/// The kernels that exist in this process, with the execution that each is inside of. Empty again when the last is dropped.
static KERNELS: Mutex<Vec<(u64, Arc<AtomicU64>)>> = Mutex::new(Vec::new());

/// The number of the kernel created last. Numbers are not reused, so that what a dropped kernel has claimed stays free.
static LAST_KERNEL: AtomicU64 = AtomicU64::new(0);

/// A kernel's entry in the list of kernels.
#[derive(Debug)]
pub(crate) struct Registration {
    kernel: u64,
    executions: u64,
    live: Arc<AtomicU64>,
}

impl Registration {
    pub(crate) fn new() -> Self {
        // Relaxed: read-modify-write alone keeps the numbers apart.
        let kernel = LAST_KERNEL.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(
            kernel < 1 << (u64::BITS - EXECUTION_BITS),
            "a process can make 16 million kernels, not more"
        );
        let live = Arc::new(AtomicU64::new(0));
        KERNELS.lock().unwrap_or_else(PoisonError::into_inner).push((kernel, live.clone()));
        Registration { kernel, executions: 0, live }
    }

    pub(crate) fn live(&self) -> Arc<AtomicU64> {
        self.live.clone()
    }

    /// The number of the next execution.
    pub(crate) fn next_execution(&mut self) -> u64 {
        self.executions += 1;
        (self.kernel << EXECUTION_BITS) | self.executions
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut kernels = KERNELS.lock().unwrap_or_else(PoisonError::into_inner);
        kernels.retain(|(kernel, _)| *kernel != self.kernel);
        if kernels.is_empty() {
            *kernels = Vec::new();
        }
    }
}

/// Whether a kernel is inside of `execution` at this moment.
pub(crate) fn is_live(execution: u64) -> bool {
    let kernels = KERNELS.lock().unwrap_or_else(PoisonError::into_inner);
    // Relaxed: an object that both executions touch at the same time is a mistake whichever of them ends first.
    kernels.iter().any(|(_, live)| live.load(Ordering::Relaxed) == execution)
}
