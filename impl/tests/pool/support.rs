//! Lengths of buffers, values that count their drops, and waiting for workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use raddle::WorkerPool;

pub(crate) const BUFFERS: [usize; 5] = [0, 1, 2, 33, 5000];

/// Counts its drop.
#[derive(Debug)]
pub(crate) struct Tracked(pub(crate) u32, pub(crate) Arc<AtomicUsize>);

impl Drop for Tracked {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

/// Waits until all threads of the pool have ended.
pub(crate) fn wait_for_ends<Up: Send, Down: Send>(pool: &WorkerPool<Up, Down>) {
    for (worker, _) in (0..).map_while(|index| pool.get(index)) {
        while !worker.is_finished() {
            thread::yield_now();
        }
    }
}

/// Gives workers the time to block, so that a test takes the way that it is about. No test fails if it is too
/// short.
pub(crate) fn let_block() {
    thread::sleep(Duration::from_millis(20));
}
