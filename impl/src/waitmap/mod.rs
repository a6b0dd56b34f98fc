//! Waiting for a key: tasks sleep until somebody wakes their key and hands them a value.

mod closing;
mod list;
mod outcome;
mod owner;
mod phase;
mod wait;
mod waiter;

use core::fmt;
use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::pin;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::Waker;

use alloc::sync::Arc;

pub use self::outcome::{WaitError, WaitResult, WakeOutcome};
pub use self::wait::{Subscribe, Wait, WaitOwned};

use self::closing::Closing;
use self::list::List;
use self::waiter::{WaiterList, WaiterNode};
use crate::platform::{Atomic, Memory, Mutex, Native, NativeMutex};

/// The lock of a map, held.
type WaiterGuard<'a, K, V, P> =
    <<P as Memory>::Mutex<WaiterList<K, V, P>> as Mutex<WaiterList<K, V, P>>>::Guard<'a>;

/// Tasks waiting by key.
pub struct WaitMap<K, V, P: Memory = Native> {
    /// Written under the lock, and only from `false` to `true`.
    closed: P::AtomicBool,
    waiters: P::Mutex<WaiterList<K, V, P>>,
    /// Takes away the automatic `Send` and `Sync`, which would not ask what `K` and `V` are.
    _reachable: PhantomData<*mut (K, V)>,
}

// SAFETY: a thread that has the map reaches keys, by shared reference, and puts values in place, each under the lock (W1), so one
// thread at a time: `Send` is enough for both.
unsafe impl<K: Send, V: Send, P: Memory> Send for WaitMap<K, V, P> {}
// SAFETY: as above.
unsafe impl<K: Send, V: Send, P: Memory> Sync for WaitMap<K, V, P> {}

// Whatever user code panics, the map is as consistent as before.
impl<K, V, P: Memory> UnwindSafe for WaitMap<K, V, P> {}
impl<K, V, P: Memory> RefUnwindSafe for WaitMap<K, V, P> {}

impl<K, V> WaitMap<K, V> {
    /// A new map, on the platform of the operating system.
    #[must_use]
    pub const fn new() -> Self {
        WaitMap {
            closed: AtomicBool::new(false),
            waiters: NativeMutex::new(List::new()),
            _reachable: PhantomData,
        }
    }
}

impl<K: Send + 'static, V: Send + 'static> WaitMap<K, V> {
    /// As [`wait`](WaitMap::wait), but the future keeps the map alive instead of borrowing it.
    pub fn wait_owned(self: &Arc<Self>, key: K) -> WaitOwned<K, V> {
        Self::wait_owned_on(self, key)
    }
}

impl<K: Send + 'static, V: Send + 'static, P: Memory> WaitMap<K, V, P> {
    /// As [`wait_owned`](WaitMap::wait_owned), on any platform.
    pub fn wait_owned_on(this: &P::Arc<Self>, key: K) -> WaitOwned<K, V, P> {
        WaitOwned::new(this.clone(), key)
    }
}

impl<K, V, P: Memory> WaitMap<K, V, P> {
    /// A new map, on any platform.
    #[must_use]
    pub fn new_on() -> Self {
        WaitMap {
            closed: P::AtomicBool::new(false),
            waiters: P::Mutex::new(List::new()),
            _reachable: PhantomData,
        }
    }

    /// A future that waits until `key` is woken. Nothing is registered before it is polled or subscribed.
    pub fn wait(&self, key: K) -> Wait<'_, K, V, P> {
        Wait::new(self, key)
    }

    /// Ends all waits, those to come too, with [`WaitError::Closed`]. Closing a closed map does nothing.
    pub fn close(&self) {
        let list = self.lock();
        if self.is_closed_locked() {
            return;
        }
        // Release pairs with the acquire in `is_closed`.
        self.closed.store(true, Ordering::Release);
        Closing::begin(self, list).finish();
    }

    /// Whether the map is closed. Once it says so, it always does.
    pub fn is_closed(&self) -> bool {
        // Acquire pairs with the release in `close`.
        self.closed.load(Ordering::Acquire)
    }

    /// Whether the map is closed, asked under the lock, so that the answer holds until it is released.
    fn is_closed_locked(&self) -> bool {
        // Relaxed: it is written under the lock, which orders the write before this.
        self.closed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> WaiterGuard<'_, K, V, P> {
        self.waiters.lock()
    }
}

impl<K: PartialEq, V, P: Memory> WaitMap<K, V, P> {
    /// Hands `value` to the waiter that is registered for `key`, and wakes it.
    pub fn wake(&self, key: &K, value: V) -> WakeOutcome<V> {
        let list = self.lock();
        if self.is_closed_locked() {
            return WakeOutcome::Closed(value);
        }
        // SAFETY: W1, the lock is held, and what is in the list is `Registered`.
        let found = list.find(|waiter| unsafe { waiter.with_key(|theirs| theirs == key) });
        let Some(node) = found else {
            return WakeOutcome::NoMatch(value);
        };
        // SAFETY: it was found under this lock in this list.
        let waker = unsafe { deliver(list, node, value) };
        waker.wake();
        WakeOutcome::Woke
    }

    /// Waits until `condition` holds, testing it at first and after each wake of `key`.
    pub async fn wait_for(&self, key: K, mut condition: impl FnMut() -> bool) -> WaitResult<()> {
        self.wait_for_value(key, || condition().then_some(())).await
    }

    /// Waits until `condition` gives something, asking it at first and after each wake of `key`.
    pub async fn wait_for_value<T>(&self, key: K, mut condition: impl FnMut() -> Option<T>) -> WaitResult<T> {
        let mut wait = pin!(self.wait(key));
        loop {
            wait.as_mut().subscribe().await?;
            if let Some(found) = condition() {
                return Ok(found);
            }
            let discarded = wait.as_mut().await?;
            drop(discarded);
            wait.as_mut().rearm();
        }
    }
}

/// Unlinks `node`, gives it `value`, hands it back to its future and unlocks; returns the waker.
///
/// # Safety
///
/// `node` is in `list`.
unsafe fn deliver<K, V, P: Memory>(
    mut list: WaiterGuard<'_, K, V, P>,
    node: NonNull<WaiterNode<K, V, P>>,
    value: V,
) -> Waker {
    P::must_not_unwind(move || {
        // SAFETY: it is linked into this list, as the caller vouches.
        unsafe { list.remove(node) };
        // SAFETY: L4, its future is told below, so until then it does not free it.
        let waiter = unsafe { node.as_ref() }.item();
        // SAFETY: W1, the lock is held.
        let before = unsafe { waiter.replace_value(Some(value)) };
        debug_assert!(before.is_none(), "a registered waiter has no value");
        // SAFETY: W1, the lock is held.
        let waker = unsafe { waiter.replace_waker(None) };
        // W3: the last touch.
        waiter.phase.transition_to_delivered();
        drop(list);
        waker.expect("a registered waiter has a waker")
    })
}

impl<K, V, P: Memory> Default for WaitMap<K, V, P> {
    fn default() -> Self {
        Self::new_on()
    }
}

impl<K, V, P: Memory> fmt::Debug for WaitMap<K, V, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not `lock`: whoever prints the map from `K::eq` holds it.
        let registered = self.waiters.try_lock().map(|list| list.length());
        formatter
            .debug_struct("WaitMap")
            .field("closed", &self.is_closed())
            .field("registered", &registered)
            .finish()
    }
}
