//! Threads that cannot be started, on a platform that refuses.

use std::cell::Cell;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::ptr::NonNull;

use raddle::WorkerPool;
use raddle::platform::{Memory, Payload, Std, Threads};

thread_local! {
    /// How many threads can still be started from this one.
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// Starts as many threads as `LEFT` says; otherwise the operating system.
#[derive(Copy, Clone, Debug, Default)]
struct Refusing;

// SAFETY: all is that of `Std`.
unsafe impl Memory for Refusing {
    type AtomicBool = <Std as Memory>::AtomicBool;
    type AtomicUsize = <Std as Memory>::AtomicUsize;
    type AtomicU64 = <Std as Memory>::AtomicU64;
    type AtomicPtr<T> = <Std as Memory>::AtomicPtr<T>;
    type Mutex<T: Send> = <Std as Memory>::Mutex<T>;
    type Cell<T> = <Std as Memory>::Cell<T>;
    type Arc<T: Send + Sync + 'static> = <Std as Memory>::Arc<T>;

    fn fence(order: std::sync::atomic::Ordering) {
        Std::fence(order);
    }
    fn spin_hint() {
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

/// A condition variable, which nobody here waits for.
#[derive(Debug, Default)]
struct NoCondvar;

impl raddle::platform::Condvar<Refusing> for NoCondvar {
    fn wait<'a, T: Send + 'a>(
        &self,
        _guard: raddle::platform::Guard<'a, Refusing, T>,
    ) -> raddle::platform::Guard<'a, Refusing, T> {
        unreachable!("the channels park")
    }
    fn notify_one(&self) {}
    fn notify_all(&self) {}
}

impl Threads for Refusing {
    type Condvar = NoCondvar;
    type Thread = <Std as Threads>::Thread;
    type JoinHandle<T: Send + 'static> = <Std as Threads>::JoinHandle<T>;

    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Self::JoinHandle<T>> {
        let left = LEFT.get();
        if left == 0 {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "no more threads"));
        }
        LEFT.set(left - 1);
        Std::spawn(name, body)
    }
    fn current() -> Self::Thread {
        Std::current()
    }
    fn current_number() -> u64 {
        Std::current_number()
    }
    fn park() {
        Std::park();
    }
    fn yield_now() {
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

#[test]
fn try_execute_gives_the_error_and_the_closure_back() {
    let mut pool = WorkerPool::<String, (), Refusing>::new_on(1);
    let text = String::from("what the closure owns");
    let error = pool.try_execute(move |tx, _rx| tx.send(text).unwrap()).unwrap_err();
    assert_eq!(error.error.kind(), io::ErrorKind::WouldBlock);
    assert_eq!(error.to_string(), "cannot start a thread for a worker: no more threads");
    assert!(pool.get(0).is_none());

    LEFT.set(1);
    pool.try_execute(error.body).unwrap();
    assert_eq!(pool.stop_and_join(), ["what the closure owns"], "the failed one keeps nobody waiting");
}

#[test]
fn execute_panics_with_the_same_message_and_the_pool_stays_usable() {
    let mut pool = WorkerPool::<u32, (), Refusing>::new_on(1);
    LEFT.set(2);
    let started = panic::catch_unwind(AssertUnwindSafe(|| {
        pool.execute_many(3, |tx, _rx| tx.send(1).unwrap());
    }));
    let payload = started.unwrap_err();
    assert_eq!(
        payload.downcast_ref::<String>().map(String::as_str),
        Some("cannot start a thread for a worker: no more threads")
    );
    assert!(pool.get(1).is_some() && pool.get(2).is_none());
    assert_eq!(pool.stop_and_join(), [1, 1]);
}
