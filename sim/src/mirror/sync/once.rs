//! What happens once.
//!
//! The gate of an initialisation: the left side is open while nobody is at it, for those who would do it or find it done; the
//! right side once it is done, for those who only wait for that.
//!
//! What an execution has done once, the next does again, so that each begins in the same state even where a static is
//! concerned. What was done outside of any execution stays done.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::kernel::{self, Execution, ObjectId, ObjectKind, OpKind, Open, Side};

/// An initialisation that happens once: [`std::sync::Once`] on the simulator.
///
/// ```
/// use raddle_sim::sync::Once;
///
/// static START: Once = Once::new();
/// let mut calls = 0;
/// START.call_once(|| calls += 1);
/// START.call_once(|| calls += 1);
/// assert_eq!(calls, 1);
/// assert!(START.is_completed());
/// ```
pub struct Once {
    id: ObjectId,
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Copy, Clone)]
struct State {
    phase: Phase,
    /// The execution that brought it to this phase; 0 if it was the outside.
    execution: u64,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Phase {
    Incomplete,
    Poisoned,
    Running,
    Complete,
}

/// What [`Once::call_once_force`] tells of earlier calls.
#[derive(Debug)]
pub struct OnceState {
    poisoned: bool,
}

impl OnceState {
    /// Whether an earlier call has panicked.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

impl Once {
    /// An initialisation that has not happened.
    #[track_caller]
    pub const fn new() -> Self {
        let state = State { phase: Phase::Incomplete, execution: 0 };
        Once { id: ObjectId::new(), state: Mutex::new(state), ended: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self, execution: Execution) -> u32 {
        self.id.index_at(execution, ObjectKind::Once, || {
            let mut state = self.state();
            if state.execution != 0 {
                *state = State { phase: Phase::Incomplete, execution: 0 };
            }
            state.phase.open()
        })
    }

    /// Calls `body`, unless that has happened. While another thread is at it, blocks.
    ///
    /// # Panics
    ///
    /// If an earlier call has panicked.
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, body: F) {
        self.call(false, |_| body());
    }

    /// As [`call_once`](Once::call_once), but tries again where an earlier call has panicked.
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, body: F) {
        self.call(true, body);
    }

    #[track_caller]
    fn call(&self, forces: bool, body: impl FnOnce(&OnceState)) {
        let execution = kernel::current();
        let before = match execution {
            Some(execution) => {
                let index = self.index(execution);
                execution.enter(OpKind::Initialize, index, Side::Left);
                let before = self.begin(forces, execution.id());
                execution.set_open(index, self.state().phase.open());
                execution.record();
                before
            }
            None => {
                let running = |state: &mut State| state.phase == Phase::Running;
                drop(self.ended.wait_while(self.state(), running).unwrap_or_else(PoisonError::into_inner));
                self.begin(forces, 0)
            }
        };
        match before {
            Phase::Complete => {}
            Phase::Poisoned if !forces => panic!("Once instance has previously been poisoned"),
            before => {
                let mut ending = Ending { once: self, outcome: Phase::Poisoned };
                body(&OnceState { poisoned: before == Phase::Poisoned });
                ending.outcome = Phase::Complete;
            }
        }
    }

    /// Begins, if that is called for; the phase before.
    fn begin(&self, forces: bool, execution: u64) -> Phase {
        let mut state = self.state();
        let before = state.phase;
        if before == Phase::Incomplete || (before == Phase::Poisoned && forces) {
            *state = State { phase: Phase::Running, execution };
        }
        before
    }

    /// Whether it has happened.
    pub fn is_completed(&self) -> bool {
        if let Some(execution) = kernel::current() {
            execution.step(OpKind::Load, self.index(execution));
        }
        self.state().phase == Phase::Complete
    }

    /// Blocks until it has happened.
    ///
    /// # Panics
    ///
    /// If a call has panicked.
    #[track_caller]
    pub fn wait(&self) {
        let is_poisoned = self.wait_for_end();
        assert!(!is_poisoned, "Once instance has previously been poisoned");
    }

    /// Blocks until it has happened, however many calls panic before.
    pub fn wait_force(&self) {
        while self.wait_for_end() {
            match kernel::current() {
                Some(execution) => {
                    execution.wait_for_release(OpKind::Initialize, self.index(execution));
                    execution.record();
                }
                None => {
                    let poisoned = |state: &mut State| state.phase == Phase::Poisoned;
                    drop(
                        self.ended.wait_while(self.state(), poisoned).unwrap_or_else(PoisonError::into_inner),
                    );
                }
            }
        }
    }

    /// Blocks until a call has completed or panicked; whether it is the latter.
    fn wait_for_end(&self) -> bool {
        match kernel::current() {
            Some(execution) => {
                execution.enter(OpKind::Initialize, self.index(execution), Side::Right);
                execution.record();
                self.state().phase == Phase::Poisoned
            }
            None => {
                let open = |state: &mut State| !state.phase.open().right;
                let ended = self.ended.wait_while(self.state(), open).unwrap_or_else(PoisonError::into_inner);
                ended.phase == Phase::Poisoned
            }
        }
    }

    /// Whether it has happened, without a step: what the caller sees is ordered by other means.
    pub(super) fn has_happened(&self) -> bool {
        let state = *self.state();
        let is_old = |execution: Execution| state.execution != 0 && state.execution != execution.id();
        state.phase == Phase::Complete && !kernel::current().is_some_and(is_old)
    }

    /// Forgets that it has happened. No step: nobody else can touch it now.
    pub(super) fn forget(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        *state = State { phase: Phase::Incomplete, execution: 0 };
        self.id = self.id.fresh();
    }
}

impl Phase {
    fn open(self) -> Open {
        Open { left: self != Phase::Running, right: matches!(self, Phase::Complete | Phase::Poisoned) }
    }
}

/// Ends a call, by a panic unless told otherwise, when dropped.
struct Ending<'a> {
    once: &'a Once,
    outcome: Phase,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        // Breaking off an execution panics in its threads: that is nobody's fault.
        let torn_down = self.outcome == Phase::Poisoned && kernel::is_torn_down();
        let phase = if torn_down { Phase::Incomplete } else { self.outcome };
        let execution = kernel::current().map(|execution| (execution, self.once.index(execution)));
        if let Some((execution, index)) = execution {
            execution.offer(OpKind::Initialized, index);
        }
        self.once.state().phase = phase;
        match execution {
            Some((execution, index)) => {
                execution.set_open(index, phase.open());
                execution.release_all(index);
                execution.record();
            }
            None => self.once.ended.notify_all(),
        }
    }
}

impl Default for Once {
    #[track_caller]
    fn default() -> Self {
        Once::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Once").finish_non_exhaustive()
    }
}
