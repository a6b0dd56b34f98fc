//! Wakers with hooks, keys and values that count their drops, and polling by hand.

use std::future::Future;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use raddle::platform::Memory;
use raddle::waitmap::Find;
use raddle::{Wait, WaitMap, WaitResult};

/// Hashes the same way in every run.
pub(crate) type Repeatable = BuildHasherDefault<DefaultHasher>;

/// Hashes everything to the same.
pub(crate) type Constant = BuildHasherDefault<ConstantHasher>;

#[derive(Default)]
pub(crate) struct ConstantHasher;

impl Hasher for ConstantHasher {
    fn write(&mut self, _: &[u8]) {}

    fn finish(&self) -> u64 {
        7
    }
}

type Hook = Mutex<Option<Box<dyn FnOnce() + Send>>>;

/// A task: counts what is done to its wakers, and runs user code of the test's choice when that happens.
#[derive(Default)]
pub(crate) struct Task {
    wakes: AtomicUsize,
    clones: AtomicUsize,
    drops: AtomicUsize,
    on_wake: Hook,
    on_clone: Hook,
    on_drop: Hook,
}

impl Task {
    pub(crate) fn new() -> Arc<Task> {
        Arc::default()
    }

    /// A task that runs `hook` when it is woken for the first time.
    pub(crate) fn on_wake(hook: impl FnOnce() + Send + 'static) -> Arc<Task> {
        let task = Task::new();
        *task.on_wake.lock().unwrap() = Some(Box::new(hook));
        task
    }

    /// A task that runs `hook` when a waker of it is cloned for the first time.
    pub(crate) fn on_clone(hook: impl FnOnce() + Send + 'static) -> Arc<Task> {
        let task = Task::new();
        *task.on_clone.lock().unwrap() = Some(Box::new(hook));
        task
    }

    /// A task that runs `hook` when a waker that its map has cloned is dropped for the first time.
    pub(crate) fn on_drop(hook: impl FnOnce() + Send + 'static) -> Arc<Task> {
        let task = Task::new();
        *task.on_drop.lock().unwrap() = Some(Box::new(hook));
        task
    }

    pub(crate) fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }

    pub(crate) fn clones(&self) -> usize {
        self.clones.load(Ordering::SeqCst)
    }

    /// How many wakers are gone, by drop or by use.
    pub(crate) fn drops(&self) -> usize {
        self.drops.load(Ordering::SeqCst)
    }

    /// Polls `future` once as this task.
    pub(crate) fn poll<F: Future + ?Sized>(self: &Arc<Self>, future: Pin<&mut F>) -> Poll<F::Output> {
        let data = Arc::as_ptr(self).cast();
        // The original of the waker is not counted: it is not dropped.
        // SAFETY: the table keeps the contract of a raw waker, and the task outlives this waker.
        let waker = std::mem::ManuallyDrop::new(unsafe { Waker::new(data, &TABLE) });
        future.poll(&mut Context::from_waker(&waker))
    }
}

fn run(hook: &Hook) {
    // Not under the lock: a hook may come back here.
    let hook = hook.lock().unwrap().take();
    if let Some(hook) = hook {
        hook();
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, discard);

unsafe fn clone(data: *const ()) -> RawWaker {
    let task: *const Task = data.cast();
    // SAFETY: the waker that is cloned keeps the task alive.
    let task_reference = unsafe { &*task };
    task_reference.clones.fetch_add(1, Ordering::SeqCst);
    run(&task_reference.on_clone);
    // SAFETY: the task was made by `Arc`.
    unsafe { Arc::increment_strong_count(task) };
    RawWaker::new(data, &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: this waker counted for one.
    let task = unsafe { Arc::from_raw(data.cast::<Task>()) };
    task.drops.fetch_add(1, Ordering::SeqCst);
    task.wakes.fetch_add(1, Ordering::SeqCst);
    run(&task.on_wake);
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker keeps the task alive.
    let task = unsafe { &*data.cast::<Task>() };
    task.wakes.fetch_add(1, Ordering::SeqCst);
    run(&task.on_wake);
}

unsafe fn discard(data: *const ()) {
    // SAFETY: this waker counted for one.
    let task = unsafe { Arc::from_raw(data.cast::<Task>()) };
    task.drops.fetch_add(1, Ordering::SeqCst);
    run(&task.on_drop);
}

/// A key or value that counts its drops and runs a hook at the first.
pub(crate) struct Tracked {
    pub(crate) number: u32,
    drops: Arc<AtomicUsize>,
    on_drop: Hook,
}

impl Tracked {
    /// With the counter of drops.
    pub(crate) fn new(number: u32) -> (Tracked, Arc<AtomicUsize>) {
        let drops = Arc::new(AtomicUsize::new(0));
        (Tracked { number, drops: drops.clone(), on_drop: Hook::default() }, drops)
    }

    /// With a hook that runs when it is dropped.
    pub(crate) fn on_drop(number: u32, hook: impl FnOnce() + Send + 'static) -> Tracked {
        let (tracked, _) = Tracked::new(number);
        *tracked.on_drop.lock().unwrap() = Some(Box::new(hook));
        tracked
    }
}

impl PartialEq for Tracked {
    fn eq(&self, other: &Tracked) -> bool {
        self.number == other.number
    }
}

impl Eq for Tracked {}

impl Hash for Tracked {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.number.hash(hasher);
    }
}

impl std::fmt::Debug for Tracked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Tracked({})", self.number)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        run(&self.on_drop);
    }
}

pub(crate) fn count(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::SeqCst)
}

/// A boxed wait of `task`, registered.
pub(crate) fn registered<'map, K, V, P: Memory, I: Find<K>>(
    map: &'map WaitMap<K, V, P, I>,
    key: K,
    task: &Arc<Task>,
) -> Pin<Box<Wait<'map, K, V, P, I>>> {
    let mut wait = Box::pin(map.wait(key));
    assert!(task.poll(wait.as_mut()).is_pending(), "registered");
    wait
}

/// One poll of a subscription.
pub(crate) fn subscribe<K, V, P: Memory, I: Find<K>>(
    task: &Arc<Task>,
    wait: Pin<&mut Wait<'_, K, V, P, I>>,
) -> WaitResult<()> {
    match task.poll(Box::pin(wait.subscribe()).as_mut()) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a subscription is ready at its first poll"),
    }
}

/// The text that `code` panics with.
pub(crate) fn panic_text<R>(code: impl FnOnce() -> R) -> String {
    let payload = panic::catch_unwind(AssertUnwindSafe(code)).err().expect("a panic");
    match payload.downcast::<&'static str>() {
        Ok(text) => String::from(*text),
        Err(_) => String::from("not a text"),
    }
}
