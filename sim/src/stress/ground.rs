//! What the threads of one run share, and what each has for itself.
//!
//! A thread belongs to the run of the thread that spawned it by way of [`Jittered`](super::Jittered). It draws its choices and its
//! pauses from generators of its own, which are seeded by those of its parent: so what a thread chooses depends on
//! the seed and on what it did, not on who came first.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use raddle::platform::{Std, Threads};

use crate::campaign::Halt;
use crate::choice::Kind;
use crate::kernel::{PlannedPanic, message_of};
use crate::strategy::SplitMix64;
use crate::world::Substrate;

use super::{EVENTS_MAX, Plan};

/// Threads of the operating system, as the world of a scenario sees them.
pub const THREADS: Substrate = Substrate {
    thread: Std::current_number,
    step: || 0,
    live: is_live,
    choose,
    expose,
    can_run_while_unwinding: true,
};

/// How often threads pause: so many of sixteen accesses. Each run has one of these, so that the bare machine gets its chance too.
const PAUSES_OF_16: [u32; 3] = [0, 1, 4];

/// The longest pause is two to this power rounds of a spinning loop: a good part of a millisecond, longer than starting a
/// thread takes.
const LONGEST_SPIN_LOG2: u32 = 12;

/// One run.
struct Ground {
    /// The names of the threads that have not ended.
    alive: Mutex<Vec<(u64, String)>>,
    /// Notified when a thread has ended.
    ended: Condvar,
    /// The first panic that left the body of a thread and that nobody planned: whose, and what it says.
    panic: Mutex<Option<(String, String)>>,
    /// Set once the run has been judged although threads of it have not ended.
    is_over: AtomicBool,
    pauses_of_16: u32,
}

/// What a thread of a run has for itself.
struct Local {
    ground: Arc<Ground>,
    choices: SplitMix64,
    pauses: SplitMix64,
}

thread_local! {
    static LOCAL: RefCell<Option<Local>> = const { RefCell::new(None) };
    /// How many threads the operating system would not create for this one.
    static REFUSED: Cell<u64> = const { Cell::new(0) };
}

/// How a run ended.
pub(super) struct Ended {
    pub(super) halt: Halt,
    /// The names of the threads that have not ended.
    pub(super) left_behind: Vec<String>,
    /// The first panic that left the body of a thread: whose, and what it says.
    pub(super) panic: Option<(String, String)>,
}

/// A thread that is about to start, and counts as alive until it is dropped.
pub(super) struct Recruit {
    local: Option<Local>,
    ground: Arc<Ground>,
    number: u64,
    name: String,
}

/// Runs `body` on a thread of its own, and waits until it and all threads that it spawned have ended, or until nothing is
/// written down any more. `events` tells how much has been.
pub(super) fn run(plan: &Plan, body: impl FnOnce() + Send + 'static, events: impl Fn() -> usize) -> Ended {
    let mut pauses = SplitMix64::new(plan.pauses);
    let ground = Arc::new(Ground {
        alive: Mutex::new(Vec::new()),
        ended: Condvar::new(),
        panic: Mutex::new(None),
        is_over: AtomicBool::new(false),
        pauses_of_16: PAUSES_OF_16[pauses.below(PAUSES_OF_16.len() as u32) as usize],
    });
    let choices = SplitMix64::new(plan.choices);
    let main = Recruit::new("main", Local { ground: Arc::clone(&ground), choices, pauses });
    thread::Builder::new()
        .name("main".to_owned())
        .spawn(move || main.act(body))
        .expect("the operating system starts a thread");
    let halt = ground.watch(plan.patience, events);
    // Relaxed: whoever misses it for a moment writes an event into the book, which is locked while it is judged.
    ground.is_over.store(halt != Halt::Finished, Ordering::Relaxed);
    let left_behind = lock(&ground.alive).iter().map(|(_, name)| name.clone()).collect();
    let panic = lock(&ground.panic).take();
    Ended { halt, left_behind, panic }
}

impl Ground {
    fn watch(&self, patience: Duration, events: impl Fn() -> usize) -> Halt {
        let mut seen = 0;
        let mut since = Instant::now();
        loop {
            let alive = lock(&self.alive);
            let look_again = (patience / 8).max(Duration::from_millis(1));
            let (alive, _) = self
                .ended
                .wait_timeout_while(alive, look_again, |alive| !alive.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            if alive.is_empty() {
                return Halt::Finished;
            }
            drop(alive);
            let now = events();
            if now > EVENTS_MAX {
                return Halt::Cut;
            }
            if now != seen {
                seen = now;
                since = Instant::now();
            } else if since.elapsed() >= patience {
                return Halt::Stuck;
            }
        }
    }
}

/// None of these locks guards anything that a panic could leave half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recruit {
    fn new(name: &str, mut local: Local) -> Self {
        let ground = Arc::clone(&local.ground);
        // Only to tell threads of one run apart.
        let number = local.pauses.next();
        lock(&ground.alive).push((number, name.to_owned()));
        Recruit { local: Some(local), ground, number, name: name.to_owned() }
    }

    /// Runs `body` as a thread of the run.
    pub(super) fn act<T>(mut self, body: impl FnOnce() -> T) -> T {
        LOCAL.set(self.local.take());
        let result = panic::catch_unwind(AssertUnwindSafe(body));
        LOCAL.set(None);
        match result {
            Ok(result) => result,
            Err(payload) => {
                if !payload.is::<PlannedPanic>() {
                    let panic = (self.name.clone(), message_of(&*payload));
                    lock(&self.ground.panic).get_or_insert(panic);
                }
                drop(self);
                panic::resume_unwind(payload)
            }
        }
    }
}

impl Drop for Recruit {
    fn drop(&mut self) {
        lock(&self.ground.alive).retain(|(number, _)| *number != self.number);
        self.ground.ended.notify_all();
    }
}

/// Prepares a thread called `name` for the run of the current thread. `None` if that belongs to no run.
pub(super) fn recruit(name: &str) -> Option<Recruit> {
    let local = with_local(|parent| Local {
        ground: Arc::clone(&parent.ground),
        choices: SplitMix64::new(parent.choices.next()),
        pauses: SplitMix64::new(parent.pauses.next()),
    })?;
    Some(Recruit::new(name, local))
}

/// Whether the current thread belongs to a run.
#[must_use]
pub fn is_stressed() -> bool {
    with_local(|_| ()).is_some()
}

/// What the current thread has for itself; `None` if it belongs to no run, or is about to end.
fn with_local<R>(body: impl FnOnce(&mut Local) -> R) -> Option<R> {
    LOCAL.try_with(|local| local.try_borrow_mut().ok()?.as_mut().map(body)).ok().flatten()
}

fn is_live() -> bool {
    with_local(|local| !local.ground.is_over.load(Ordering::Relaxed)).unwrap_or(false)
}

/// The operating system may refuse a thread at any time, and hardly ever does.
fn expose(section: &mut dyn FnMut()) -> bool {
    let before = REFUSED.get();
    section();
    REFUSED.get() != before
}

/// Counts a thread that the operating system would not create for the current one.
pub(super) fn count_refused() {
    REFUSED.set(REFUSED.get() + 1);
}

fn choose(_: Kind, options: u32) -> u32 {
    with_local(|local| local.choices.below(options)).unwrap_or(0)
}

/// What a thread does before an access.
enum Pause {
    Spin(u32),
    Yield,
    /// The run is over.
    Endless,
}

/// Pauses now and then.
pub(super) fn pause() {
    match with_local(Local::pause).flatten() {
        None => {}
        Some(Pause::Spin(rounds)) => (0..rounds).for_each(|_| std::hint::spin_loop()),
        Some(Pause::Yield) => thread::yield_now(),
        Some(Pause::Endless) => loop {
            thread::park();
        },
    }
}

impl Local {
    fn pause(&mut self) -> Option<Pause> {
        if self.ground.is_over.load(Ordering::Relaxed) {
            return Some(Pause::Endless);
        }
        if self.pauses.below(16) >= self.ground.pauses_of_16 {
            return None;
        }
        Some(match self.pauses.below(4) {
            0 => Pause::Yield,
            _ => Pause::Spin(1 << self.pauses.below(LONGEST_SPIN_LOG2 + 1)),
        })
    }
}
