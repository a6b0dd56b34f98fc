//! Tasks and their wakers: the user code that a map calls to say that polling again is worthwhile.
//!
//! A task belongs to the thread that made it: that thread sleeps until one of the task's wakers is invoked. Every invocation is an
//! event; clones and drops are events only where a hook makes them re-enter the map, for nothing else depends on them.
//!
//! # Rules of access
//!
//! 1. The data pointer of a waker is an `Arc<Inner>` turned into a raw pointer, and owns one strong count.
//! 2. `clone` adds a count; `wake` and `drop` give theirs up; `wake_by_ref` borrows it.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{RawWaker, RawWakerVTable, Waker};

use raddle::platform::{Threads, Unpark};
use raddle_spec::waitmap::{Cb, Kind, Op, Reply, Ret, TaskId};

use super::World;
use super::items::Hook;

/// The payload of a panic that a scenario planned.
#[derive(Debug)]
pub(super) struct PlannedPanic;

/// A task: something that polls, and sleeps until it is woken.
pub struct Task<P: Threads> {
    inner: Arc<Inner>,
    platform: PhantomData<fn() -> P>,
}

struct Inner {
    id: TaskId,
    world: World,
    /// The pool of wakers in the ledger.
    pool: usize,
    /// Set with the event that says that a waker was invoked, under the lock of the book.
    woken: AtomicBool,
    unpark: Box<dyn Fn() + Send + Sync>,
    resume_unwind: fn(Box<dyn Any + Send>) -> !,
    hooks: Mutex<Hooks>,
}

/// What the wakers of a task do besides waking it: each hook runs once, at the first chance.
#[derive(Default)]
pub struct Hooks {
    /// Runs inside the next invocation of a waker.
    pub on_wake: Option<Hook>,
    /// Runs inside the next clone of a waker.
    pub on_clone: Option<Hook>,
    /// Runs inside the next drop of a waker.
    pub on_drop: Option<Hook>,
    /// Makes the next invocation of a waker panic, after it has woken the task.
    pub panics: bool,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("on_wake", &self.on_wake.is_some())
            .field("on_clone", &self.on_clone.is_some())
            .field("on_drop", &self.on_drop.is_some())
            .field("panics", &self.panics)
            .finish()
    }
}

impl<P: Threads> fmt::Debug for Task<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task({})", self.inner.id.0)
    }
}

impl<P: Threads> Task<P> {
    /// A task of the current thread.
    pub(super) fn new(world: &World, id: TaskId) -> Self {
        let thread = P::current();
        let pool = world.book().ledger.open_pool(format!("wakers of task {}", id.0));
        let inner = Inner {
            id,
            world: world.clone(),
            pool,
            woken: AtomicBool::new(false),
            unpark: Box::new(move || thread.unpark()),
            resume_unwind: P::resume_unwind,
            hooks: Mutex::new(Hooks::default()),
        };
        Task { inner: Arc::new(inner), platform: PhantomData }
    }

    /// Its number in events.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.inner.id
    }

    /// Sets what its wakers do from now on.
    pub fn set_hooks(&self, hooks: Hooks) {
        *self.inner.hooks() = hooks;
    }

    /// Calls `body` with a waker of this task, for a context. The map only borrows it, so its drop afterwards is the caller's
    /// business and runs no hook.
    pub(super) fn with_waker<R>(&self, body: impl FnOnce(&Waker) -> R) -> R {
        self.inner.world.book().ledger.make(self.inner.pool);
        // SAFETY: rule 1 for the pointer, rule 2 for the functions of the table.
        let waker = unsafe { Waker::from_raw(raw(Arc::clone(&self.inner))) };
        let result = body(&waker);
        let hook = self.inner.hooks().on_drop.take();
        drop(waker);
        self.inner.hooks().on_drop = hook;
        result
    }

    /// Blocks the current thread, which must be the one that made the task, until one of its wakers was invoked since it last slept.
    pub fn sleep(&self) {
        let Inner { id, world, woken, .. } = &*self.inner;
        world.record(Kind::Call(Op::Sleep { task: *id }));
        while !world.record_if(|| woken.swap(false, Ordering::Relaxed), Kind::Return(Ret::Done)) {
            P::park();
        }
    }
}

impl Inner {
    fn hooks(&self) -> MutexGuard<'_, Hooks> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn invoke(&self) {
        let Inner { id, world, .. } = self;
        let (hook, panics) = {
            let mut hooks = self.hooks();
            (hooks.on_wake.take(), std::mem::take(&mut hooks.panics))
        };
        // The flag changes together with the event, so that the spec and the sleeping task agree on which came first.
        let flag = |_: &mut _| self.woken.store(true, Ordering::Relaxed);
        world.record_with(Kind::Enter(Cb::Wake { task: *id }), flag);
        if !world.is_live() {
            return;
        }
        if let Some(hook) = hook {
            hook();
        }
        (self.unpark)();
        if panics {
            world.record(Kind::Leave(Reply::Panicked));
            (self.resume_unwind)(Box::new(PlannedPanic));
        }
        world.record(Kind::Leave(Reply::Done));
    }

    /// Enters user code for the sake of a hook; without one, nobody can tell that it was entered.
    fn aside(&self, callback: Cb, hook: Option<Hook>) {
        if let Some(hook) = hook.filter(|_| self.world.is_live()) {
            self.world.record(Kind::Enter(callback));
            hook();
            self.world.record(Kind::Leave(Reply::Done));
        }
    }

    fn cloned(&self) {
        let hook = self.hooks().on_clone.take();
        self.world.book().ledger.make(self.pool);
        self.aside(Cb::CloneWaker { task: self.id }, hook);
    }

    fn dropped(&self) {
        let hook = self.hooks().on_drop.take();
        self.world.book().ledger.drop_one(self.pool);
        self.aside(Cb::DropWaker { task: self.id }, hook);
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn raw(inner: Arc<Inner>) -> RawWaker {
    RawWaker::new(Arc::into_raw(inner).cast(), &TABLE)
}

/// # Safety
///
/// `data` is the pointer of a waker of this module.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: rule 1: the waker being cloned keeps the count above zero during the call.
    let inner = unsafe { &*data.cast::<Inner>() };
    // SAFETY: rule 1, as above.
    unsafe { Arc::increment_strong_count(data.cast::<Inner>()) };
    inner.cloned();
    RawWaker::new(data, &TABLE)
}

/// # Safety
///
/// `data` is the pointer of a waker of this module, which is given up.
unsafe fn wake(data: *const ()) {
    // SAFETY: rule 2: `wake` gives up the count that the pointer owns.
    let inner = unsafe { Arc::from_raw(data.cast::<Inner>()) };
    // Given up even if the invocation panics.
    let _given_up = GivenUp(&inner);
    inner.invoke();
}

/// # Safety
///
/// `data` is the pointer of a waker of this module.
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: rule 2: the waker is borrowed, so its count stays.
    let inner = unsafe { &*data.cast::<Inner>() };
    inner.invoke();
}

/// # Safety
///
/// `data` is the pointer of a waker of this module, which is given up.
unsafe fn drop_waker(data: *const ()) {
    // SAFETY: rule 2: `drop` gives up the count that the pointer owns.
    let inner = unsafe { Arc::from_raw(data.cast::<Inner>()) };
    inner.dropped();
}

struct GivenUp<'a>(&'a Inner);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.dropped();
    }
}
