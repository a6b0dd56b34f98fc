//! What a kernel shows of its work to other OS threads while it works.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Counters that another OS thread can read at any time: a watchdog sees by them that a simulated thread blocks on something
/// real, for then none of them moves.
///
/// All accesses are relaxed: the counters publish nothing but themselves, and each is written by one OS thread.
#[derive(Debug, Default)]
pub struct Progress {
    executions: AtomicU64,
    steps: AtomicU64,
    thread: AtomicU32,
    is_running: AtomicBool,
}

impl Progress {
    /// How many executions the kernel has begun.
    pub fn executions(&self) -> u64 {
        self.executions.load(Ordering::Relaxed)
    }

    /// How many steps the current or last execution has made. While a thread goes on it may have made a few hundred more.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// The simulated thread that was resumed last.
    pub fn thread(&self) -> u32 {
        self.thread.load(Ordering::Relaxed)
    }

    /// Whether an execution is under way.
    pub fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self) {
        // One OS thread writes, so no read-modify-write is needed.
        self.executions.store(self.executions() + 1, Ordering::Relaxed);
        self.is_running.store(true, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        self.is_running.store(false, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(crate) fn step(&self, steps: u64) {
        self.steps.store(steps, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(crate) fn resume(&self, thread: u32, steps: u64) {
        self.thread.store(thread, Ordering::Relaxed);
        self.step(steps);
    }
}
