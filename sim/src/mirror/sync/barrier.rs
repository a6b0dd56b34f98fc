//! Barriers.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::kernel::{self, Execution, ObjectId, ObjectKind, OpKind, Open};

/// A place where a number of threads wait for each other: [`std::sync::Barrier`] on the simulator.
///
/// ```
/// use raddle_sim::sync::Barrier;
/// use raddle_sim::thread;
///
/// let barrier = Barrier::new(2);
/// let leaders = thread::scope(|scope| {
///     let other = scope.spawn(|| barrier.wait().is_leader());
///     [barrier.wait().is_leader(), other.join().unwrap()]
/// });
/// assert!(leaders[0] != leaders[1]);
/// ```
pub struct Barrier {
    id: ObjectId,
    threads: usize,
    state: Mutex<State>,
    opened: Condvar,
}

/// How many have arrived, and how often the barrier has opened.
struct State {
    arrived: usize,
    generation: usize,
}

/// What a thread learns when it has passed a [`Barrier`].
#[derive(Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether the thread is the one of all that passed together which was the last to arrive.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// A barrier for so many threads; zero counts as one.
    #[track_caller]
    pub const fn new(threads: usize) -> Self {
        let state = State { arrived: 0, generation: 0 };
        Barrier { id: ObjectId::new(), threads, state: Mutex::new(state), opened: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self, execution: Execution) -> u32 {
        self.id.index_at(execution, ObjectKind::Barrier, || {
            // Who arrived in an earlier execution and never passed is gone.
            self.state().arrived = 0;
            Open::BOTH
        })
    }

    /// Arrives; the last of all to do so opens the barrier.
    fn arrive(&self, state: &mut State) -> bool {
        state.arrived += 1;
        let opens = state.arrived >= self.threads;
        if opens {
            state.arrived = 0;
            state.generation = state.generation.wrapping_add(1);
        }
        opens
    }

    /// Blocks until all threads have arrived.
    pub fn wait(&self) -> BarrierWaitResult {
        let is_leader = match kernel::current() {
            Some(execution) => self.wait_simulated(execution),
            None => self.wait_outside(),
        };
        BarrierWaitResult(is_leader)
    }

    fn wait_simulated(&self, execution: Execution) -> bool {
        let index = self.index(execution);
        execution.offer(OpKind::Arrive, index);
        let is_leader = self.arrive(&mut self.state());
        if is_leader {
            execution.release_all(index);
        }
        execution.record();
        if !is_leader {
            execution.wait_for_release(OpKind::Pass, index);
            execution.record();
        }
        is_leader
    }

    fn wait_outside(&self) -> bool {
        let mut state = self.state();
        let generation = state.generation;
        let is_leader = self.arrive(&mut state);
        if is_leader {
            self.opened.notify_all();
        } else {
            let closed = |state: &mut State| state.generation == generation;
            drop(self.opened.wait_while(state, closed).unwrap_or_else(PoisonError::into_inner));
        }
        is_leader
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Barrier").finish_non_exhaustive()
    }
}
