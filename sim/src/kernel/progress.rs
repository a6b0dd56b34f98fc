//! What a kernel shows of its work to other OS threads while it works.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Counters that another OS thread can read at any time: a watchdog sees by them that a simulated thread blocks on something
/// real, for then none of them moves.
///
/// All accesses are relaxed: the counters publish nothing but themselves, and each is written by one thread.
#[derive(Debug, Default)]
pub struct Progress {
    pub(crate) executions: AtomicU64,
    pub(crate) steps: AtomicU64,
    pub(crate) thread: AtomicU32,
    pub(crate) running: AtomicU32,
}

impl Progress {
    /// How many executions the kernel has begun.
    pub fn executions(&self) -> u64 {
        self.executions.load(Ordering::Relaxed)
    }

    /// How many steps the current or last execution has made.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// The simulated thread that was resumed last.
    pub fn thread(&self) -> u32 {
        self.thread.load(Ordering::Relaxed)
    }

    /// Whether an execution is under way.
    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed) != 0
    }
}
