//! Loom's threads.
//!
//! # Parking
//!
//! Loom's own token would do, were it not that its `unpark` makes the thread runnable whatever it is blocked
//! on, and that a token which was left is forgotten when the thread blocks on a mutex. So a thread has a
//! token of ours: an atomic of loom, which makes loom explore the orders of `park` and `unpark`, and a flag
//! that says whether the thread is blocked in `park` and nowhere else.

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use raddle::platform::{Atomic, Condvar, Guard, Join, Payload, Threads, Unpark};

use super::Loom;
use super::atomic::LoomBool;
use crate::model;

thread_local! {
    /// The number of the next thread of this execution.
    static NEXT_NUMBER: Cell<u64> = const { Cell::new(0) };
}

loom::thread_local! {
    static OWN: OnceCell<Own> = OnceCell::new();
}

/// What belongs to a thread.
struct Own {
    thread: LoomThread,
    context: Cell<Option<NonNull<()>>>,
}

/// Starts to count threads from zero. Called first in each execution.
pub(super) fn begin_execution() {
    NEXT_NUMBER.set(0);
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
        Own { thread, context: Cell::new(None) }
    }
}

/// A thread of loom.
#[derive(Clone)]
pub struct LoomThread(Arc<Parking>);

struct Parking {
    number: u64,
    /// Set by `unpark`, taken by `park`.
    token: LoomBool,
    /// The thread, while it is blocked in `park`. Never locked across an operation of loom.
    parked: std::sync::Mutex<Option<loom::thread::Thread>>,
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
        LoomThread(Arc::new(Parking { number, token: Atomic::new(false), parked: Default::default() }))
    }
}

impl Parking {
    fn set_parked(&self, thread: Option<loom::thread::Thread>) -> Option<loom::thread::Thread> {
        std::mem::replace(&mut *self.parked.lock().unwrap_or_else(PoisonError::into_inner), thread)
    }
}

impl Unpark for LoomThread {
    fn unpark(&self) {
        // Release pairs with the acquire in `park`. A swap and not a store: loom may put a plain store behind
        // a swap that ran later, but swaps form one chain, in the order in which they ran; that is the order
        // of the flag.
        self.0.token.swap(true, Ordering::Release);
        if let Some(thread) = self.0.set_parked(None) {
            thread.unpark();
        }
    }
}

impl Threads for Loom {
    type Condvar = LoomCondvar;
    type Thread = LoomThread;
    type JoinHandle<T: Send + 'static> = LoomJoinHandle<T>;

    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<LoomJoinHandle<T>> {
        let thread = LoomThread::numbered();
        let finished = Arc::new(AtomicBool::new(false));
        let (own, at_the_end) = (thread.clone(), Arc::clone(&finished));
        let handle = loom::thread::Builder::new().name(name.to_owned()).spawn(move || {
            OWN.with(|slot| slot.set(Own::of(own)).unwrap_or_else(|_| unreachable!("the thread just began")));
            let result = body();
            // Relaxed: nothing is published by it, `join` is for that.
            at_the_end.store(true, Ordering::Relaxed);
            result
        })?;
        Ok(LoomJoinHandle { handle, thread, finished })
    }

    fn current() -> LoomThread {
        with_own(|own| own.thread.clone())
    }

    fn current_number() -> u64 {
        current_number()
    }

    fn park() {
        let LoomThread(parking) = Self::current();
        // Acquire pairs with the release in `unpark`.
        while !parking.token.swap(false, Ordering::Acquire) {
            parking.set_parked(Some(loom::thread::current()));
            loom::thread::park();
        }
    }

    fn yield_now() {
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
    handle: loom::thread::JoinHandle<T>,
    thread: LoomThread,
    finished: Arc<AtomicBool>,
}

impl<T> fmt::Debug for LoomJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LoomJoinHandle").field(&self.thread).finish()
    }
}

impl<T: Send + 'static> Join<T> for LoomJoinHandle<T> {
    type Thread = LoomThread;

    /// Never an error: a panic on a thread of loom ends the model (see [`crate::model`]).
    fn join(self) -> Result<T, Payload> {
        self.handle.join()
    }

    fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Relaxed)
    }

    fn thread(&self) -> &LoomThread {
        &self.thread
    }
}

/// Loom's condition variable.
#[derive(Debug, Default)]
pub struct LoomCondvar(loom::sync::Condvar);

impl Condvar<Loom> for LoomCondvar {
    #[track_caller]
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, Loom, T>) -> Guard<'a, Loom, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    #[track_caller]
    fn notify_one(&self) {
        self.0.notify_one();
    }

    #[track_caller]
    fn notify_all(&self) {
        self.0.notify_all();
    }
}
