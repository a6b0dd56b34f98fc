//! A small executor for futures, which `std` does not have.
//!
//! Each future that is spawned has a thread of its own, which polls it and waits while it is pending: so all that can happen
//! between tasks happens between threads. A future that nobody wakes is a deadlock, and reported as one.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::sync as mirror;
use super::thread;
use crate::kernel::{self, Birth, Execution, ObjectId, ObjectKind, OpKind, Open, Side, ValueKind};

/// What wakes the future that a thread polls.
struct Signal {
    id: ObjectId,
    is_woken: Mutex<bool>,
    woken: Condvar,
}

impl Signal {
    #[track_caller]
    fn new() -> Self {
        Signal { id: ObjectId::new(), is_woken: Mutex::new(false), woken: Condvar::new() }
    }

    fn index(&self, execution: Execution) -> u32 {
        self.id.index_at(execution, ObjectKind::Waker, || Signal::open(*self.is_woken()))
    }

    fn is_woken(&self) -> std::sync::MutexGuard<'_, bool> {
        self.is_woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(is_woken: bool) -> Open {
        Open { left: is_woken, right: false }
    }

    /// Executes the operation that is announced.
    fn set(&self, execution: Execution, index: u32, is_woken: bool) {
        *self.is_woken() = is_woken;
        execution.set_open(index, Signal::open(is_woken));
        execution.record();
    }

    /// Blocks until woken, or returns if that was so already.
    fn wait(&self) {
        match kernel::current() {
            Some(execution) => {
                let index = self.index(execution);
                execution.enter(OpKind::Await, index, Side::Left);
                self.set(execution, index, false);
            }
            None => {
                let woken = self.woken.wait_while(self.is_woken(), |is_woken| !*is_woken);
                *woken.unwrap_or_else(PoisonError::into_inner) = false;
            }
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match kernel::current() {
            Some(execution) => {
                let index = self.index(execution);
                execution.offer(OpKind::Wake, index);
                self.set(execution, index, true);
            }
            None => {
                *self.is_woken() = true;
                self.woken.notify_one();
            }
        }
    }
}

/// Polls a future to its end on this thread, which waits while it is pending.
///
/// ```
/// use raddle_sim::future;
///
/// let answer = future::block_on(async {
///     let other = future::spawn(async { 40 });
///     other.await.unwrap() + 2
/// });
/// assert_eq!(answer, 42);
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let signal = Arc::new(Signal::new());
    let waker = Waker::from(signal.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => signal.wait(),
        }
    }
}

/// The end of a future that was spawned: a future of what it returned, or of what it panicked with. Dropped, it detaches the
/// future, which goes on.
pub struct JoinHandle<T> {
    thread: Option<thread::JoinHandle<T>>,
    end: Arc<mirror::Mutex<End>>,
}

/// Whether a spawned future has ended, and whom to wake then.
#[derive(Default)]
struct End {
    has_ended: bool,
    waiter: Option<Waker>,
}

/// Polls a future on a thread of its own.
///
/// # Panics
///
/// If the thread cannot be started.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    /// Tells of the end, by a panic or not.
    struct Ends(Arc<mirror::Mutex<End>>);
    impl Drop for Ends {
        fn drop(&mut self) {
            let waiter = {
                let mut end = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                end.has_ended = true;
                end.waiter.take()
            };
            if let Some(waiter) = waiter {
                waiter.wake();
            }
        }
    }
    let end = Arc::new(mirror::Mutex::new(End::default()));
    // Made out here, so that it tells of the end also if the body does not begin.
    let ends = Ends(end.clone());
    let birthplace = Location::caller();
    let birth = Birth::at(ValueKind::Future, birthplace);
    let body = move || {
        let _ends = ends;
        let _birth = birth;
        block_on(future)
    };
    let thread = thread::Builder::new().spawn_at(birthplace, body).expect("failed to spawn thread");
    JoinHandle { thread: Some(thread), end }
}

impl<T> JoinHandle<T> {
    /// Whether the future has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(thread::JoinHandle::is_finished)
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = thread::Result<T>;

    /// # Panics
    ///
    /// If polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<thread::Result<T>> {
        {
            let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
            if !end.has_ended {
                end.waiter = Some(context.waker().clone());
                return Poll::Pending;
            }
        }
        let thread = self.thread.take().expect("a future is not polled again after it was ready");
        Poll::Ready(thread.join())
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// Is pending once, and lets others go first.
pub async fn yield_now() {
    let mut has_yielded = false;
    poll_fn(|context| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        context.waker().wake_by_ref();
        thread::yield_now();
        Poll::Pending
    })
    .await;
}
