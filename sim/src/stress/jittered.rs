//! [`Jittered`]: the platform of `std`, with pauses.
//!
//! A race needs another thread to come along in a window of a few nanoseconds. On an idle machine that is rare, and on a single
//! core it takes a time slice that ends just there. So before an access to an atomic or a mutex a thread of a run now
//! and then spins for a moment or gives up the processor. The pauses change no meaning: an operating system may take the
//! processor away at any point.

use std::io;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use raddle::platform::{Atomic, AtomicInt, Condvar, Guard, Memory, Mutex, Payload, Std, Threads};

use super::ground::{self, pause};

/// The memory and threads of `std`, with pauses on threads that belong to a run, and without on others.
#[derive(Copy, Clone, Debug, Default)]
pub struct Jittered;

/// An atomic or a mutex, before each access to which the thread may pause.
#[derive(Debug, Default)]
pub struct Jittery<A>(A);

type OfStd<T> = <Std as Memory>::Mutex<T>;

// SAFETY: all of it is `Std`'s, which vouches for the same; a pause touches nothing.
unsafe impl Memory for Jittered {
    type AtomicBool = Jittery<<Std as Memory>::AtomicBool>;
    type AtomicUsize = Jittery<<Std as Memory>::AtomicUsize>;
    type AtomicU64 = Jittery<<Std as Memory>::AtomicU64>;
    type AtomicPtr<T> = Jittery<<Std as Memory>::AtomicPtr<T>>;
    type Mutex<T: Send> = Jittery<OfStd<T>>;
    type Cell<T> = <Std as Memory>::Cell<T>;
    type Arc<T: Send + Sync + 'static> = Arc<T>;

    fn fence(order: Ordering) {
        pause();
        Std::fence(order);
    }

    fn spin_hint() {
        pause();
        Std::spin_hint();
    }

    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload> {
        Std::catch_unwind(user_code)
    }

    fn resume_unwind(payload: Payload) -> ! {
        Std::resume_unwind(payload)
    }

    fn panicking() -> bool {
        Std::panicking()
    }
}

impl<T: Copy, A: Atomic<T>> Atomic<T> for Jittery<A> {
    fn new(value: T) -> Self {
        Jittery(A::new(value))
    }

    fn load(&self, order: Ordering) -> T {
        pause();
        self.0.load(order)
    }

    fn store(&self, value: T, order: Ordering) {
        pause();
        self.0.store(value, order);
    }

    fn swap(&self, value: T, order: Ordering) -> T {
        pause();
        self.0.swap(value, order)
    }

    fn compare_exchange(&self, current: T, new: T, success: Ordering, failure: Ordering) -> Result<T, T> {
        pause();
        self.0.compare_exchange(current, new, success, failure)
    }

    fn compare_exchange_weak(
        &self,
        current: T,
        new: T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<T, T> {
        pause();
        self.0.compare_exchange_weak(current, new, success, failure)
    }

    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl<T: Copy, A: AtomicInt<T>> AtomicInt<T> for Jittery<A> {
    fn fetch_add(&self, value: T, order: Ordering) -> T {
        pause();
        self.0.fetch_add(value, order)
    }

    fn fetch_sub(&self, value: T, order: Ordering) -> T {
        pause();
        self.0.fetch_sub(value, order)
    }

    fn fetch_and(&self, value: T, order: Ordering) -> T {
        pause();
        self.0.fetch_and(value, order)
    }

    fn fetch_or(&self, value: T, order: Ordering) -> T {
        pause();
        self.0.fetch_or(value, order)
    }
}

impl<T: Send> Mutex<T> for Jittery<OfStd<T>> {
    type Guard<'a>
        = <OfStd<T> as Mutex<T>>::Guard<'a>
    where
        T: 'a;

    fn new(value: T) -> Self {
        Jittery(OfStd::new(value))
    }

    fn lock(&self) -> Self::Guard<'_> {
        pause();
        self.0.lock()
    }

    fn try_lock(&self) -> Option<Self::Guard<'_>> {
        pause();
        self.0.try_lock()
    }

    fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

impl Threads for Jittered {
    type Condvar = std::sync::Condvar;
    type Thread = <Std as Threads>::Thread;
    type JoinHandle<T: Send + 'static> = thread::JoinHandle<T>;

    const SPINS: u32 = Std::SPINS;
    const YIELDS: u32 = Std::YIELDS;
    const LONGEST_RING: usize = Std::LONGEST_RING;

    /// The new thread belongs to the run of the current one, if that belongs to one.
    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<thread::JoinHandle<T>> {
        let recruit = ground::recruit(name);
        let handle = Std::spawn(name, move || match recruit {
            Some(recruit) => recruit.act(body),
            None => body(),
        });
        if handle.is_err() {
            ground::count_refused();
        }
        pause();
        handle
    }

    fn current() -> Self::Thread {
        Std::current()
    }

    fn current_number() -> u64 {
        Std::current_number()
    }

    fn park() {
        pause();
        Std::park();
    }

    fn yield_now() {
        pause();
        Std::yield_now();
    }

    fn context() -> Option<NonNull<()>> {
        Std::context()
    }

    fn set_context(context: Option<NonNull<()>>) -> Option<NonNull<()>> {
        Std::set_context(context)
    }

    fn random_below(bound: usize) -> usize {
        Std::random_below(bound)
    }
}

impl Condvar<Jittered> for std::sync::Condvar {
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, Jittered, T>) -> Guard<'a, Jittered, T> {
        pause();
        <Self as Condvar<Std>>::wait(self, guard)
    }

    fn notify_one(&self) {
        pause();
        <Self as Condvar<Std>>::notify_one(self);
    }

    fn notify_all(&self) {
        pause();
        <Self as Condvar<Std>>::notify_all(self);
    }
}
