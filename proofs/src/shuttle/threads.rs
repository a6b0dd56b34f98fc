//! Shuttle's threads.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use raddle::platform::{Condvar, Guard, Join, Memory, Payload, Threads, Unpark};

use super::Shuttle;
use crate::model;

thread_local! {
    /// How many threads of this execution have not ended, without the main thread.
    static LIVE: Cell<usize> = const { Cell::new(0) };
    /// The main thread, while it waits for the others.
    static WAITING: RefCell<Option<shuttle::thread::Thread>> = const { RefCell::new(None) };
}

shuttle::thread_local! {
    static CONTEXT: Cell<Option<NonNull<()>>> = Cell::new(None);
    /// Whether it is chosen if this thread can create others.
    static IS_EXPOSED: Cell<bool> = Cell::new(false);
    /// Whether it could not.
    static HAS_FAILED: Cell<bool> = Cell::new(false);
}

/// Starts to count threads from zero. Called first in each execution.
pub(super) fn begin_execution() {
    LIVE.set(0);
    WAITING.take();
}

/// Waits for the threads that nobody has joined. Called last in each execution, by its main thread.
pub(super) fn await_others() {
    while LIVE.get() > 0 {
        WAITING.set(Some(shuttle::thread::current()));
        shuttle::thread::park();
    }
}

/// Calls a section in which it is chosen whether a thread is created. Whether one was not.
pub(super) fn expose(section: &mut dyn FnMut()) -> bool {
    IS_EXPOSED.with(|is_exposed| is_exposed.set(true));
    HAS_FAILED.with(|has_failed| has_failed.set(false));
    section();
    IS_EXPOSED.with(|is_exposed| is_exposed.set(false));
    HAS_FAILED.with(Cell::get)
}

fn fails_to_spawn() -> bool {
    let fails = IS_EXPOSED.with(Cell::get) && super::choose(2) == 1;
    if fails {
        HAS_FAILED.with(|has_failed| has_failed.set(true));
    }
    fails
}

/// Counts out the current thread, which is not the main one.
fn end_one() {
    LIVE.set(LIVE.get() - 1);
    let waiting = if LIVE.get() == 0 { WAITING.take() } else { None };
    if let Some(main) = waiting {
        main.unpark();
    }
}

/// The number of the current thread; the main thread is 0.
pub(super) fn current_number() -> u64 {
    usize::from(shuttle::current::me()) as u64
}

/// A thread of shuttle.
#[derive(Clone)]
pub struct ShuttleThread(shuttle::thread::Thread);

impl fmt::Debug for ShuttleThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShuttleThread({:?})", self.0.id())
    }
}

impl Unpark for ShuttleThread {
    fn unpark(&self) {
        self.0.unpark();
    }
}

impl Threads for Shuttle {
    type Condvar = ShuttleCondvar;
    type Thread = ShuttleThread;
    type JoinHandle<T: Send + 'static> = ShuttleJoinHandle<T>;

    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<ShuttleJoinHandle<T>> {
        if fails_to_spawn() {
            return Err(model::no_thread());
        }
        let finished = Arc::new(AtomicBool::new(false));
        let at_the_end = Arc::clone(&finished);
        LIVE.set(LIVE.get() + 1);
        let handle = shuttle::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let result = Shuttle::catch_unwind(body);
            // Relaxed: nothing is published by it, `join` is for that.
            at_the_end.store(true, Ordering::Relaxed);
            end_one();
            result
        })?;
        let thread = ShuttleThread(handle.thread().clone());
        Ok(ShuttleJoinHandle { handle, thread, finished })
    }

    fn current() -> ShuttleThread {
        ShuttleThread(shuttle::thread::current())
    }

    fn current_number() -> u64 {
        current_number()
    }

    fn park() {
        shuttle::thread::park();
    }

    fn yield_now() {
        shuttle::thread::yield_now();
    }

    fn context() -> Option<NonNull<()>> {
        CONTEXT.with(Cell::get)
    }

    fn set_context(context: Option<NonNull<()>>) -> Option<NonNull<()>> {
        CONTEXT.with(|slot| slot.replace(context))
    }

    fn random_below(bound: usize) -> usize {
        assert!(bound > 0, "there is no number below zero");
        super::choose(u32::try_from(bound).unwrap_or(u32::MAX)) as usize
    }
}

/// The right to join a thread of shuttle.
pub struct ShuttleJoinHandle<T> {
    handle: shuttle::thread::JoinHandle<Result<T, Payload>>,
    thread: ShuttleThread,
    finished: Arc<AtomicBool>,
}

impl<T> fmt::Debug for ShuttleJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ShuttleJoinHandle").field(&self.thread).finish()
    }
}

impl<T: Send + 'static> Join<T> for ShuttleJoinHandle<T> {
    type Thread = ShuttleThread;

    /// An error only after a planned panic: others end the model (see [`crate::model`]).
    fn join(self) -> Result<T, Payload> {
        self.handle.join()?
    }

    fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Relaxed)
    }

    fn thread(&self) -> &ShuttleThread {
        &self.thread
    }
}

/// Shuttle's condition variable.
#[derive(Default)]
pub struct ShuttleCondvar(shuttle::sync::Condvar);

impl fmt::Debug for ShuttleCondvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShuttleCondvar").finish_non_exhaustive()
    }
}

impl Condvar<Shuttle> for ShuttleCondvar {
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, Shuttle, T>) -> Guard<'a, Shuttle, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    fn notify_one(&self) {
        self.0.notify_one();
    }

    fn notify_all(&self) {
        self.0.notify_all();
    }
}
