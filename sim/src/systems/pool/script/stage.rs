//! What the threads of a program share besides the pool: what each is to do next, and who waits for whom.
//!
//! None of this is visible to the pool. The lock is never held across a scheduling point.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use raddle::platform::{Threads, Unpark};

use super::{ManagerStep, WORKERS_MAX, WorkerStep};
use crate::platform::{Sim, SimThread};

/// A handle to it.
#[derive(Clone, Debug)]
pub(super) struct Stage(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    manager: Desk<ManagerStep>,
    /// For the drops of values by the pool, in order.
    on_drop: VecDeque<ManagerStep>,
    /// In the order of `execute`, over all generations; those whose thread did not start are among them.
    workers: Vec<Part>,
    /// How many stops there were.
    generation: u32,
    /// Values of this generation that were sent and not received: right when nobody can move, and not too many before.
    under_way: i64,
    waits: Waits,
    /// How many threads are started before one cannot be.
    failing: Option<usize>,
    /// The conductor waits until nobody else can move.
    is_settling: bool,
    /// All workers are dismissed, those that are still to come as well.
    is_over: bool,
}

/// Where a thread finds its steps.
#[derive(Debug)]
struct Desk<T> {
    steps: VecDeque<T>,
    /// The thread, if it waits for a step.
    sleeper: Option<SimThread>,
    /// There will be no more.
    is_closed: bool,
}

#[derive(Debug)]
struct Part {
    desk: Desk<WorkerStep>,
    generation: u32,
    /// It has a sender, and can be told to use it.
    is_available: bool,
}

/// In which call the manager may be waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// None.
    No,
    /// `recv`.
    ForValue,
    /// One that ends when the workers of a stopped generation have.
    ForEnds,
}

impl<T> Default for Desk<T> {
    fn default() -> Self {
        Desk { steps: VecDeque::new(), sleeper: None, is_closed: false }
    }
}

impl State {
    fn available(&self) -> impl Iterator<Item = usize> {
        let is_available = |part: &&Part| part.is_available && part.generation == self.generation;
        (0..self.workers.len()).filter(move |index| is_available(&&self.workers[*index]))
    }
}

impl Stage {
    pub(super) fn new() -> Self {
        Stage(Arc::new(Mutex::new(State {
            manager: Desk::default(),
            on_drop: VecDeque::new(),
            workers: Vec::new(),
            generation: 0,
            under_way: 0,
            waits: Waits::No,
            failing: None,
            is_settling: false,
            is_over: false,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment, so there is nothing that a panic could have left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next step at a desk; waits for it. `None`: there will be no more.
    fn next<T>(&self, desk: impl Fn(&mut State) -> &mut Desk<T>) -> Option<T> {
        loop {
            {
                let mut state = self.state();
                let desk = desk(&mut state);
                if let Some(step) = desk.steps.pop_front() {
                    return Some(step);
                }
                if desk.is_closed {
                    return None;
                }
                desk.sleeper = Some(Sim::current());
            }
            Sim::park();
        }
    }

    fn change<T>(&self, desk: impl Fn(&mut State) -> &mut Desk<T>, change: impl FnOnce(&mut Desk<T>)) {
        let sleeper = {
            let mut state = self.state();
            let desk = desk(&mut state);
            change(desk);
            desk.sleeper.take()
        };
        if let Some(sleeper) = sleeper {
            sleeper.unpark();
        }
    }

    // What the conductor does.

    pub(super) fn tell_manager(&self, step: ManagerStep) {
        self.change(|state| &mut state.manager, |desk| desk.steps.push_back(step));
    }

    pub(super) fn tell_drop(&self, step: ManagerStep) {
        self.state().on_drop.push_back(step);
    }

    pub(super) fn tell_worker(&self, worker: usize, step: WorkerStep) {
        let workers = self.workers();
        if workers > 0 {
            self.change(part_of(worker % workers), |desk| desk.steps.push_back(step));
        }
    }

    pub(super) fn set_settling(&self, is_settling: bool) {
        self.state().is_settling = is_settling;
    }

    pub(super) fn is_settling(&self) -> bool {
        self.state().is_settling
    }

    pub(super) fn dismiss_manager(&self) {
        self.change(|state| &mut state.manager, |desk| desk.is_closed = true);
    }

    pub(super) fn dismiss_workers(&self) {
        self.state().is_over = true;
        (0..self.workers()).for_each(|worker| self.dismiss(worker));
    }

    fn dismiss(&self, worker: usize) {
        self.change(part_of(worker), |desk| desk.is_closed = true);
    }

    /// Does something for a manager that waits, when nobody can move; false if it does not wait, or nothing is left to do for it.
    pub(super) fn help_manager(&self) -> bool {
        let (waits, sender, stopped) = {
            let state = self.state();
            let is_working = |part: &Part| part.generation < state.generation && !part.desk.is_closed;
            let stopped: Vec<usize> =
                (0..state.workers.len()).filter(|worker| is_working(&state.workers[*worker])).collect();
            (state.waits, state.available().next(), stopped)
        };
        match (waits, sender) {
            (Waits::ForValue, Some(worker)) => {
                self.tell_worker(worker, WorkerStep::Send);
                true
            }
            (Waits::ForEnds, _) => {
                stopped.iter().for_each(|worker| self.dismiss(*worker));
                !stopped.is_empty()
            }
            _ => false,
        }
    }

    // What the manager does.

    pub(super) fn next_of_manager(&self) -> Option<ManagerStep> {
        self.next(|state| &mut state.manager)
    }

    pub(super) fn next_of_drop(&self) -> Option<ManagerStep> {
        self.state().on_drop.pop_front()
    }

    /// Makes a place for one more worker, unless there are too many.
    pub(super) fn hire(&self) -> bool {
        let mut state = self.state();
        let generation = state.generation;
        let has_place = state.workers.len() < WORKERS_MAX;
        if has_place {
            let desk = Desk { is_closed: state.is_over, ..Desk::default() };
            state.workers.push(Part { desk, generation, is_available: true });
        }
        has_place
    }

    pub(super) fn workers(&self) -> usize {
        self.state().workers.len()
    }

    /// Says how many threads are started before one cannot be.
    pub(super) fn set_failing(&self, failing: Option<usize>) {
        self.state().failing = failing;
    }

    /// Whether the thread that is about to be started cannot be.
    pub(super) fn fails(&self) -> bool {
        let mut state = self.state();
        let fails = state.failing == Some(0);
        state.failing = state.failing.and_then(|before| before.checked_sub(1));
        fails
    }

    /// The thread of the last worker did not start.
    pub(super) fn has_failed(&self) {
        if let Some(part) = self.state().workers.last_mut() {
            part.is_available = false;
        }
    }

    /// Whether a `recv` of the manager comes to its end.
    pub(super) fn has_hope(&self) -> bool {
        let state = self.state();
        state.under_way > 0 || state.available().next().is_some()
    }

    /// The manager makes a call in which it may wait, perhaps inside of another.
    pub(super) fn while_waiting<T>(&self, waits: Waits, call: impl FnOnce() -> T) -> T {
        let outer = std::mem::replace(&mut self.state().waits, waits);
        let result = call();
        self.state().waits = outer;
        result
    }

    pub(super) fn has_received(&self) {
        self.state().under_way -= 1;
    }

    /// A stop: there is a new generation.
    pub(super) fn begin_generation(&self) {
        let mut state = self.state();
        state.generation += 1;
        state.under_way = 0;
    }

    // What a worker does.

    pub(super) fn next_of_worker(&self, worker: usize) -> Option<WorkerStep> {
        self.next(part_of(worker))
    }

    pub(super) fn has_sent(&self, worker: usize) {
        let mut state = self.state();
        if state.workers[worker].generation == state.generation {
            state.under_way += 1;
        }
    }

    /// Whether the manager waits for a value that nobody else is left to send.
    pub(super) fn is_last_hope(&self, worker: usize) -> bool {
        let state = self.state();
        state.waits == Waits::ForValue && state.available().eq([worker])
    }

    pub(super) fn set_available(&self, worker: usize, is_available: bool) {
        self.state().workers[worker].is_available = is_available;
    }
}

fn part_of(worker: usize) -> impl Fn(&mut State) -> &mut Desk<WorkerStep> {
    move |state| &mut state.workers[worker].desk
}
