//! Values that count their drops, and waiting for other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// One without a ring, one slot, some, a group of slots, one more, one more than senders ask for in advance, many, and a queue
/// that grows.
pub(crate) const BOUNDS: [usize; 8] = [0, 1, 2, 7, 8, 36, 100, 5000];

/// Counts its drop.
#[derive(Debug)]
pub(crate) struct Tracked(pub(crate) u32, Arc<AtomicUsize>);

impl Tracked {
    pub(crate) fn new(number: u32, drops: &Arc<AtomicUsize>) -> Self {
        Tracked(number, Arc::clone(drops))
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

/// Gives another thread the time to block, so that a test takes the way that it is about. No test fails if it is
/// too short.
pub(crate) fn let_block() {
    thread::sleep(Duration::from_millis(20));
}
