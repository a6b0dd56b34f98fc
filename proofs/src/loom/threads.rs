//! Loom's threads.
//!
//! # Parking
//!
//! Loom's own token would do, were it not that its `unpark` makes the thread runnable whatever it is blocked
//! on, and that a token which was left is forgotten when the thread blocks on a mutex. So a thread has a
//! token of ours: an atomic of loom, which tells loom of each `unpark` and of each `park` that returns, and a state beside it
//! that says whether the thread is blocked in `park` and nowhere else.
//!
//! A `park` that finds no token takes no step that loom knows of: it cannot happen before the `unpark`, so there is no other order
//! of the two to be executed. This halves the executions for each time that a thread waits. Joins wait in the same way, for
//! a token that the thread gives at its end; so does the end of an execution, for threads that nobody joins.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use raddle::platform::{Atomic, Condvar, Guard, Join, Memory, Mutex, Payload, Threads, Unpark};

use super::Loom;
use super::asleep::{self, Access, step};
use super::atomic::LoomBool;
use crate::model;

thread_local! {
    /// The number of the next thread of this execution.
    static NEXT_NUMBER: Cell<u64> = const { Cell::new(0) };
    /// The ends of those threads of this execution that nobody has joined.
    static NOT_JOINED: RefCell<Vec<Arc<Token>>> = const { RefCell::new(Vec::new()) };
}

loom::thread_local! {
    static OWN: OnceCell<Own> = OnceCell::new();
}

/// What belongs to a thread.
struct Own {
    thread: LoomThread,
    context: Cell<Option<NonNull<()>>>,
    /// Whether it is chosen if threads can be created.
    is_exposed: Cell<bool>,
    /// Whether one could not.
    has_failed: Cell<bool>,
}

/// Starts to count threads from zero. Called first in each execution.
pub(super) fn begin_execution() {
    NEXT_NUMBER.set(0);
    NOT_JOINED.take();
}

/// Waits for the threads that nobody has joined. Called last in each execution, by its main thread.
pub(super) fn await_others() {
    while let Some(end) = NOT_JOINED.with_borrow_mut(Vec::pop) {
        end.take();
    }
}

/// The number of the current thread; the main thread is 0.
pub(super) fn current_number() -> u64 {
    with_own(|own| own.thread.0.number)
}

fn with_own<R>(body: impl FnOnce(&Own) -> R) -> R {
    OWN.with(|own| body(own.get_or_init(|| Own::of(LoomThread::numbered()))))
}

impl Own {
    fn of(thread: LoomThread) -> Self {
        Own { thread, context: Cell::new(None), is_exposed: Cell::new(false), has_failed: Cell::new(false) }
    }
}

/// Calls a section in which it is a choice of the script whether a thread is created. Whether one was not.
pub(super) fn expose(section: &mut dyn FnMut()) -> bool {
    with_own(|own| {
        own.is_exposed.set(true);
        own.has_failed.set(false);
    });
    section();
    with_own(|own| {
        own.is_exposed.set(false);
        own.has_failed.get()
    })
}

fn fails_to_spawn() -> bool {
    let fails = with_own(|own| own.is_exposed.get()) && model::scripted(current_number(), 2) == 1;
    if fails {
        with_own(|own| own.has_failed.set(true));
    }
    fails
}

/// A thread of loom.
#[derive(Clone)]
pub struct LoomThread(Arc<Parking>);

struct Parking {
    number: u64,
    token: Token,
}

/// What one thread waits for and another one gives.
struct Token {
    /// Set by whoever gives the token, cleared by whoever takes it: tells loom of both.
    given: LoomBool,
    signal: Signal,
}

/// The same, of which loom does not know.
#[derive(Default)]
struct Signal(std::sync::Mutex<SignalState>);

/// Never locked across an operation of loom.
#[derive(Default)]
struct SignalState {
    is_given: bool,
    /// Who is blocked in `take`, and its number.
    taker: Option<(loom::thread::Thread, u64)>,
}

impl fmt::Debug for LoomThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoomThread({})", self.0.number)
    }
}

impl LoomThread {
    fn numbered() -> Self {
        let number = NEXT_NUMBER.get();
        NEXT_NUMBER.set(number + 1);
        LoomThread(Arc::new(Parking { number, token: Token::new() }))
    }
}

impl Token {
    fn new() -> Self {
        Token { given: Atomic::new(false), signal: Signal::default() }
    }

    /// Gives the token, if it is not given already.
    fn give(&self) {
        // Release pairs with the acquire in `take`. A swap and not a store: loom may put a plain store behind
        // a swap that ran later, but swaps form one chain, in the order in which they ran; that is the order
        // of the signal.
        self.given.swap(true, Ordering::Release);
        self.signal.give();
    }

    /// Takes the token; waits until it is given.
    fn take(&self) {
        self.signal.wait();
        // Acquire pairs with the release in `give`.
        self.given.swap(false, Ordering::Acquire);
        self.signal.state().is_given = false;
    }
}

impl Signal {
    fn state(&self) -> std::sync::MutexGuard<'_, SignalState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give(&self) {
        let mut state = self.state();
        state.is_given = true;
        if let Some((taker, number)) = state.taker.take() {
            asleep::begin(number);
            taker.unpark();
        }
    }

    /// Waits until it is given, and leaves it so.
    fn wait(&self) {
        while !self.is_given_or_register() {
            loom::thread::park();
        }
    }

    fn is_given_or_register(&self) -> bool {
        let mut state = self.state();
        if !state.is_given {
            let number = current_number();
            state.taker = Some((loom::thread::current(), number));
            asleep::wait_for_another(number);
        }
        state.is_given
    }
}

impl Unpark for LoomThread {
    fn unpark(&self) {
        self.0.token.give();
    }
}

// Looks that are counted would be steps that nobody sees: see `asleep`.
const _: () = assert!(Loom::SPINS == 0 && Loom::YIELDS == 0);

impl Threads for Loom {
    type Condvar = LoomCondvar;
    type Thread = LoomThread;
    type JoinHandle<T: Send + 'static> = LoomJoinHandle<T>;

    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<LoomJoinHandle<T>> {
        if fails_to_spawn() {
            return Err(model::no_thread());
        }
        let thread = LoomThread::numbered();
        let (end, result) = (Arc::new(Token::new()), Arc::new(std::sync::Mutex::new(None)));
        NOT_JOINED.with_borrow_mut(|ends| ends.push(Arc::clone(&end)));
        let (own, at_the_end, slot) = (thread.clone(), Arc::clone(&end), Arc::clone(&result));
        let number = thread.0.number;
        asleep::begin(number);
        loom::thread::Builder::new().name(name.to_owned()).spawn(move || {
            OWN.with(|place| {
                place.set(Own::of(own)).unwrap_or_else(|_| unreachable!("the thread just began"))
            });
            // Where it is caught it has unwound: loom would have its threads unwound one in the other.
            let result = Loom::catch_unwind(body);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            at_the_end.give();
            asleep::wait_for_another(number);
        })?;
        Ok(LoomJoinHandle { end, result, thread })
    }

    fn current() -> LoomThread {
        with_own(|own| own.thread.clone())
    }

    fn current_number() -> u64 {
        current_number()
    }

    fn park() {
        Self::current().0.token.take();
    }

    fn yield_now() {
        asleep::let_others_go(current_number());
        loom::thread::yield_now();
    }

    fn context() -> Option<NonNull<()>> {
        with_own(|own| own.context.get())
    }

    fn set_context(context: Option<NonNull<()>>) -> Option<NonNull<()>> {
        with_own(|own| own.context.replace(context))
    }

    fn random_below(bound: usize) -> usize {
        assert!(bound > 0, "there is no number below zero");
        // A choice of the script, so that all numbers are tried.
        let options = u32::try_from(bound).unwrap_or(u32::MAX);
        model::scripted(current_number(), options) as usize
    }
}

/// The right to join a thread of loom.
pub struct LoomJoinHandle<T> {
    /// Given when the thread ends.
    end: Arc<Token>,
    /// Never locked across an operation of loom.
    result: Arc<std::sync::Mutex<Option<Result<T, Payload>>>>,
    thread: LoomThread,
}

impl<T> fmt::Debug for LoomJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LoomJoinHandle").field(&self.thread).finish()
    }
}

impl<T: Send + 'static> Join<T> for LoomJoinHandle<T> {
    type Thread = LoomThread;

    /// An error only after a planned panic: others end the model (see [`crate::model`]).
    fn join(self) -> Result<T, Payload> {
        NOT_JOINED.with_borrow_mut(|ends| ends.retain(|end| !Arc::ptr_eq(end, &self.end)));
        self.end.take();
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.expect("it came with the end")
    }

    fn is_finished(&self) -> bool {
        // A step that loom knows of, so it comes before the end and after it. Relaxed: only a join makes the thread happen before.
        self.end.given.load(Ordering::Relaxed)
    }

    fn thread(&self) -> &LoomThread {
        &self.thread
    }
}

/// A condition variable.
///
/// Loom's own would do, were it not that its wait is two steps in one call, so that nobody could say when the first is made. To begin
/// to wait and to notify are a step each, which depend on each other. That a waiter wakes is none: it comes after the
/// notification, and before the waiter locks again.
#[derive(Default)]
pub struct LoomCondvar {
    /// Nobody waits for it: to notify it depends on other notifications, and that is all.
    mark: loom::sync::Condvar,
    /// In the order in which they began. Never locked across an operation of loom.
    waiters: std::sync::Mutex<VecDeque<Arc<Signal>>>,
}

impl fmt::Debug for LoomCondvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoomCondvar").finish_non_exhaustive()
    }
}

impl LoomCondvar {
    #[track_caller]
    fn step(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Signal>>> {
        step(self, Access::Other, || self.mark.notify_one());
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Condvar<Loom> for LoomCondvar {
    #[track_caller]
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, Loom, T>) -> Guard<'a, Loom, T> {
        let signal = Arc::new(Signal::default());
        self.step().push_back(Arc::clone(&signal));
        let mutex = guard.mutex();
        drop(guard);
        signal.wait();
        mutex.lock()
    }

    #[track_caller]
    fn notify_one(&self) {
        let waiter = self.step().pop_front();
        waiter.iter().for_each(|waiter| waiter.give());
    }

    #[track_caller]
    fn notify_all(&self) {
        let waiters = std::mem::take(&mut *self.step());
        waiters.iter().for_each(|waiter| waiter.give());
    }
}
