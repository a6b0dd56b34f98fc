//! Executions that say nothing new, and how loom is kept from what follows them.
//!
//! # The problem
//!
//! Two steps are *dependent* if they are of the same object and not both are loads. Executions that differ only in the order of
//! steps that are not dependent are equivalent, and one of them is enough. Loom looks for such ones only: it has another thread
//! go first at a step only if that thread makes a dependent one later. But it does not hold that thread to its purpose. It
//! may preempt one thread at a step, and let the other make a few steps of no concern to that one before the first goes on; that
//! is equivalent to an execution in which nobody was preempted, and so is everything that follows. With each preemption the number
//! of such executions multiplies.
//!
//! # The idea
//!
//! Sleep sets, as Godefroid has them in "Partial-Order Methods for the Verification of Concurrent Systems". Loom always goes
//! on with the running thread first, and preempts it at that place later. So when a thread is preempted at a step, all executions in
//! which it makes that step there have been explored: the step is *asleep*. It is woken by the first step of another thread that
//! is dependent on it. If the thread goes on while its step is asleep, the execution is equivalent to one that was explored, with
//! all that may follow; so loom is told to [explore no further](loom::skip_branch) from there. What is left of the execution
//! still runs and is judged.
//!
//! Loom keeps all stores that a load may read; steps that are not dependent change nothing in that, nor in what happened before. That
//! this holds is tried on random programs, in the module `random`: they read the same, pruned and in every order of their steps.
//!
//! # Where a thread cannot go on
//!
//! A thread that ends, yields, or waits lets loom choose who goes on; that is not a preemption. Loom takes the first one that can, and tries another
//! there only if it sees a race. If the first one is asleep, to explore no further would be to see no such race: what others do
//! first has not been explored elsewhere. So a sleeping step is made as one that is awake there, unless all who
//! could go on are asleep.
//!
//! Equivalent executions may write down calls and returns of different threads in another order. Which of them is judged was
//! up to loom before, and is so still.
//!
//! # What counts as a step
//!
//! Each operation of loom at which it may switch and on which another may depend: those of atomics, of mutexes, of condition variables,
//! and, by these, of the tokens by which threads wait. To unlock is no place to switch, but wakes who waits for the lock, so that a thread
//! that found the lock taken is never asleep. A yield is no step. A thread yields where it looks at something again and again, until another
//! one has changed it: that look is a step, and one that finds nothing changes nothing. (A channel that yields so often and then
//! blocks counts its looks. None does here: [`YIELDS`](raddle::platform::Threads::YIELDS) and [`SPINS`](raddle::platform::Threads::SPINS) are
//! zero.) The same holds for spinning. Fences are not modelled here, and wake everybody. `try_lock` is not to be had while executions
//! are pruned: in loom a thread that is about to try waits while another holds the lock, so the moment at which it gets there is a
//! step that nobody sees.
//!
//! What loom does not know of must not decide what a thread does next. In scenarios of `waitmap` a task keeps in an atomic of std whether it
//! was woken, so these are not pruned; in those of `pool` all such things are the pool's own.
//!
//! With a bound on preemptions this does not hold: the equivalent execution may be one that the bound has cut off. So there nobody
//! sleeps.

use std::cell::{Cell, RefCell};
use std::thread;

use super::threads::current_number;

/// What a step does to its object.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Access {
    /// It reads.
    Load,
    /// It waits until nobody holds a mutex, and takes it.
    Lock,
    /// It may do more.
    Other,
}

/// A thread that is about to make a step.
struct Pending {
    thread: u64,
    /// The address of what the step is of. It stays where it is meanwhile, as the step has borrowed it.
    object: usize,
    access: Access,
    /// Whether another thread has run since.
    was_preempted: bool,
    /// Whether the step has not been explored where the thread was preempted, or something has happened on which it depends.
    is_awake: bool,
}

impl Pending {
    fn is_asleep(&self) -> bool {
        self.was_preempted && !self.is_awake
    }
}

/// What is known of the execution under way.
struct Steps {
    pruning: Pruning,
    pending: Vec<Pending>,
    /// How many threads are within an operation that is not modelled here.
    others: usize,
    /// The threads that have begun or are about to, save those that have ended or [wait](wait_for_another).
    ready: Vec<u64>,
    /// The mutexes that are locked, by address.
    locked: Vec<usize>,
    /// Who ran last.
    running: u64,
    /// Whether loom was told to explore no further.
    is_over: bool,
}

/// What is done about equivalent executions.
#[derive(Clone, Copy, PartialEq)]
enum Pruning {
    /// They are explored.
    Off,
    /// They are not.
    Plain,
    /// They are not, and [loads are marked](super::atomic).
    Marked,
}

std::thread_local! {
    static STEPS: RefCell<Steps> = const {
        RefCell::new(Steps::new(Pruning::Off))
    };
    /// Whether loom has forgotten a load that was not marked.
    static HAS_FORGOTTEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether loom knows all that decides what threads do in scenarios of this system.
pub(super) fn suits(system: &str) -> bool {
    system == "pool"
}

/// Calls `explore` with what is to be called first in each execution. It runs the search without a bound on preemptions, and twice
/// if loads have to be marked.
pub(super) fn explore_pruned(explore: impl Fn(fn())) {
    HAS_FORGOTTEN.set(false);
    explore(|| {
        begin_execution(Pruning::Plain);
        if HAS_FORGOTTEN.get() {
            // What loom has left to explore is explored again, with marks.
            explore_no_further();
        }
    });
    if HAS_FORGOTTEN.get() {
        explore(|| begin_execution(Pruning::Marked));
    }
    begin_execution(Pruning::Off);
}

fn begin_execution(pruning: Pruning) {
    STEPS.set(Steps::new(pruning));
    // The main thread.
    begin(0);
}

fn explore_no_further() {
    if with(|steps| !std::mem::replace(&mut steps.is_over, true)) {
        loom::skip_branch();
    }
}

/// Whether equivalent executions are still pruned in this one.
pub(super) fn is_pruning() -> bool {
    with(|steps| steps.pruning != Pruning::Off && !steps.is_over)
}

/// Whether loads are to be marked.
pub(super) fn is_marking() -> bool {
    with(|steps| steps.pruning == Pruning::Marked)
}

/// Says that loom has forgotten a load that was not marked.
pub(super) fn forget_load() {
    HAS_FORGOTTEN.set(true);
    explore_no_further();
}

/// Says that a thread can go on: it has been created, or what it waits for has happened.
pub(super) fn begin(thread: u64) {
    note(|steps| steps.ready.push(thread));
}

/// Says that a thread ends, or waits until another one says that it can go on.
pub(super) fn wait_for_another(thread: u64) {
    note(|steps| {
        steps.ready.retain(|ready| *ready != thread);
        steps.running = thread;
    });
}

/// Says that a thread is about to let others go first.
pub(super) fn let_others_go(thread: u64) {
    note(|steps| steps.running = thread);
}

/// Locks a mutex: a step, as [`step`].
pub(super) fn lock<A, R>(mutex: &A, operation: impl FnOnce() -> R) -> R {
    let result = step(mutex, Access::Lock, operation);
    note(|steps| steps.locked.push(std::ptr::from_ref(mutex).addr()));
    result
}

/// Makes a step of loom.
///
/// # Panics
///
/// If a thread unwinds, which might have to wait for another one.
pub(super) fn step<A, R>(object: &A, access: Access, operation: impl FnOnce() -> R) -> R {
    assert!(!thread::panicking(), "a thread that unwinds makes a step");
    let object = std::ptr::from_ref(object).addr();
    if !is_pruning() {
        #[cfg(test)]
        super::random::depend_on_all();
        return operation();
    }
    let thread = current_number();
    with(|steps| steps.arrive(thread, object, access));
    let result = operation();
    if with(|steps| steps.make(thread, object, access)) {
        explore_no_further();
    }
    result
}

/// Says that `object` is about to be unlocked.
pub(super) fn unlock<A>(object: &A) {
    let object = std::ptr::from_ref(object).addr();
    with(|steps| {
        steps.locked.retain(|locked| *locked != object);
        steps.wake(|pending| pending.object == object);
    });
}

/// Runs an operation that is not modelled here.
pub(super) fn unmodelled<R>(operation: impl FnOnce() -> R) -> R {
    let count = |change: fn(&mut usize)| {
        with(|steps| {
            change(&mut steps.others);
            steps.wake(|_| true);
        });
    };
    count(|others| *others += 1);
    let result = operation();
    count(|others| *others -= 1);
    result
}

/// Notes something that matters as long as executions are pruned.
fn note(body: impl FnOnce(&mut Steps)) {
    if is_pruning() {
        with(body);
    }
}

fn with<R>(body: impl FnOnce(&mut Steps) -> R) -> R {
    STEPS.with_borrow_mut(body)
}

impl Steps {
    const fn new(pruning: Pruning) -> Self {
        Steps {
            pruning,
            pending: Vec::new(),
            others: 0,
            ready: Vec::new(),
            locked: Vec::new(),
            running: 0,
            is_over: false,
        }
    }

    fn arrive(&mut self, thread: u64, object: usize, access: Access) {
        // Others may have come here without a step, at their beginning.
        self.pending.iter_mut().for_each(|pending| pending.was_preempted = true);
        let is_awake = self.others > 0;
        self.running = thread;
        self.pending.push(Pending { thread, object, access, was_preempted: false, is_awake });
    }

    /// Notes that `thread` has made its step. Whether what follows was explored elsewhere.
    fn make(&mut self, thread: u64, object: usize, access: Access) -> bool {
        let place = self.pending.iter().position(|pending| pending.thread == thread);
        let own = self.pending.swap_remove(place.expect("a thread that makes a step has arrived at it"));
        let is_explored = own.is_asleep() && (self.is_preemption() || self.is_nobody_else_awake(thread));
        self.running = thread;
        self.pending.iter_mut().for_each(|pending| pending.was_preempted = true);
        let is_load = access == Access::Load;
        self.wake(|other| other.object == object && !(is_load && other.access == Access::Load));
        is_explored
    }

    /// Whether the thread that ran last could have made its next step.
    fn is_preemption(&self) -> bool {
        self.pending.iter().any(|pending| pending.thread == self.running && self.is_possible(pending))
    }

    /// Whether of those who could have gone on in place of `thread`, when the one that ran last could not, all are asleep.
    fn is_nobody_else_awake(&self, thread: u64) -> bool {
        let is_asleep = |other: &u64| {
            let mut pending = self.pending.iter().filter(|pending| pending.thread == *other);
            pending.any(|pending| pending.is_asleep() || !self.is_possible(pending))
        };
        let mut others = self.ready.iter().filter(|other| **other != thread && **other != self.running);
        others.all(is_asleep)
    }

    fn is_possible(&self, pending: &Pending) -> bool {
        pending.access != Access::Lock || !self.locked.contains(&pending.object)
    }

    fn wake(&mut self, is_woken: impl Fn(&Pending) -> bool) {
        for pending in &mut self.pending {
            pending.is_awake |= is_woken(pending);
        }
    }
}
