//! Tasks wait by key until somebody wakes their key and hands them a value.
//!
//! # The problem
//!
//! Many requests are under way over one connection, and each answer names the request that it belongs to.
//! Each task that sent one wants to sleep until *its* answer is here and to be handed it. It must be able to
//! give up at any moment, by being dropped, and when the connection breaks all of them have to hear of it.
//! None of this should allocate.
//!
//! # The idea
//!
//! A [`Wait`] is a future that carries all that the map needs to know of it: the key, the waker, room for the
//! value, and two links. The map is the two ends of a chain through such futures, in a mutex. Registering
//! links the future in, at the place where it is pinned; waking walks the chain, unlinks the match and moves
//! the value into it; dropping unlinks it.
//!
//! That is the [`Linear`] index. The [`Hashed`] one has many chains, chosen by the hash of the key, and
//! several mutexes. Which one a map has is a parameter of its type, the [`Index`]; all else is the same code.
//!
//! # Invariants
//!
//! - At most one registered waiter per key. The key is free again as soon as its waiter is woken, before that
//!   one is polled.
//! - A value is given back by [`wake`](WaitMap::wake), or collected by one poll, or dropped with its future;
//!   never two of these. Nothing is stored for a waiter that is yet to come.
//! - The chain holds pinned, living futures only: one that is dropped has left it.
//! - Closed is final, and it is closed for everybody at once, though waking them takes a while.
//! - No code of the user's runs under the lock, except `K::eq`. Keys are hashed before it is taken, wakers
//!   are cloned before and dropped after it, values and keys are dropped outside, so each of them may come
//!   back into the map.
//!
//! The rules by which threads take turns at the memory of a future stand in `list.rs` (L1 to L4) and
//! `waiter.rs` (W1 to W4), the transitions of its state in `phase.rs`.
//!
//! # Rounds of the lock
//!
//! | operation | rounds | why |
//! |---|---|---|
//! | register | 1 | to look for a duplicate and to link |
//! | wake | 1 | to find, to unlink and to move the value; the waker runs after it |
//! | collect | 0 | who unlinked the future has stored the new phase as its last touch, and it belongs to itself again |
//! | poll again | 1 | to see that the waker is still the right one |
//! | poll again from another task | 2 | to clone the new waker is user code, so it happens in between |
//! | cancel | 1 before, 0 after the wake | as collect |
//! | close | 1 of each lock per 16 waiters | their wakers have to be put somewhere while the locks are released, and that is the stack |
//!
//! So a wait that succeeds costs two rounds in all, together with its wake. Fewer will not do: that a key is
//! taken is decided at one moment, and that it is free again at another. They are most of the cost: of some
//! 30 ns on a machine of 2026, 28 with the mutex of the operating system, and half of that where locks spin.
//!
//! # Cost of many waiters
//!
//! `K: PartialEq` allows nothing but to compare one after the other: with a [`Linear`] index registering and
//! waking take time in proportion to the number of *registered* waiters, 0.4 ns each for some hundreds of
//! them and 2 ns when the chain does not fit the cache. The chain is searched from both ends, so that the
//! oldest and the youngest waiter are found at once, and its memory is fetched from two places at a time.
//! Still, four thousand make a registration take 4 µs, under the lock.
//!
//! With a [`Hashed`] index a wait costs some 45 ns, be it one or four thousand, of which 8 go into hashing
//! twice by the standard library's hasher. Threads with different keys seldom meet at a lock, but each
//! registration draws a number from a counter that all share, by which `close` knows who came first; where
//! threads on several processors register all the time, waiting for the memory of that counter is what costs
//! most. `impl/benches` measures all of this.
//!
//! With debug assertions a chain is checked after each change, which takes time in proportion to its length.
//!
//! # Where this differs from `maitake-sync`
//!
//! The API follows `maitake_sync::wait_map` of version 0.3. Where its documentation and its code disagree, or
//! both surprise:
//!
//! | subject | there | here |
//! |---|---|---|
//! | `wake` that finds nobody | documented to store a wakeup; gives the value back | gives the value back |
//! | map dropped | documented to end the waits; cannot happen | cannot happen; only `close` ends waits |
//! | poll after an error | tries again | `AlreadyConsumed`: futures are fused |
//! | `wait_for` | works for one wake, then `AlreadyConsumed` | loops until the condition holds |
//! | errors of `wait_for` | documented as `Closed` only | `Closed` or `Duplicate` |
//! | waiters per key | documented as any number | one, else `Duplicate` |
//! | `close` against a concurrent `wake` | can be lost | never lost |
//! | a waker that panics in `close` | the others stay asleep | all are woken, then the first panic goes on |
//! | `WaitError::NeverAdded` | never happens | does not exist |
//! | locks | a parameter of the map, `new_with_raw_mutex` | come with the [platform](crate::platform) |
//! | `enqueue`, `EnqueueWait` | deprecated | do not exist |

mod closing;
mod condition;
mod construct;
mod index;
mod list;
mod outcome;
mod owner;
mod phase;
mod wait;
mod waiter;

use core::fmt;
use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;
use core::sync::atomic::Ordering;
use core::task::Waker;

use alloc::sync::Arc;

pub use self::construct::HashedWaitMap;
pub use self::index::{DefaultHasher, Find, Hashed, Index, Linear};
pub use self::outcome::{WaitError, WaitResult, WakeOutcome};
pub use self::wait::{Subscribe, Wait, WaitOwned};

use self::closing::Closing;
use self::index::{Guards, StripeGuard, StripeLock};
use self::waiter::WaiterNode;
use crate::platform::{Atomic, Memory, Mutex, Native};

/// Tasks that wait by key, each for a value.
///
/// `K` needs no more than equality. A key that does not equal itself, such as a NaN, is legal: it is never
/// matched, never a duplicate, and only [`close`](WaitMap::close) ends its wait. Values are moved from
/// [`wake`](WaitMap::wake) into the waiting future.
///
/// `P` says what the map stands on; leave it out, and it is the operating system. `I` is the [`Index`], by
/// which the map finds its waiters: leave it out, and it is [`Linear`], good for some tens of waiters at a
/// time. [`new`](WaitMap::new) is `const`, so that a map can be a `static`. For many waiters, and keys with
/// `Hash` and `Eq`, take [`with_buckets`], which makes a [`HashedWaitMap`]: waiting
/// and waking are the same for both.
///
#[cfg_attr(feature = "std", doc = "[`with_buckets`]: WaitMap::with_buckets")]
#[cfg_attr(not(feature = "std"), doc = "[`with_buckets`]: crate#features")]
///
/// # Comparisons
///
/// `K::eq` runs while the map is locked, `K::hash` does not. If it panics, the operation did not happen, and
/// the map stays usable. It may call [`is_closed`](WaitMap::is_closed) and print the map; any other operation
/// on the same map, even to drop a future of it, never returns or panics or ends the process. What the
/// wakers, keys and values do when they are cloned, woken or dropped is not restricted.
///
/// # Examples
///
/// ```
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
/// use raddle::{WaitMap, WakeOutcome};
///
/// static ANSWERS: WaitMap<u32, &str> = WaitMap::new();
///
/// // An executor does this for you.
/// let mut context = Context::from_waker(Waker::noop());
/// let mut wait = pin!(ANSWERS.wait(7));
/// assert!(wait.as_mut().poll(&mut context).is_pending());
///
/// assert_eq!(ANSWERS.wake(&8, "not yours"), WakeOutcome::NoMatch("not yours"));
/// assert_eq!(ANSWERS.wake(&7, "the answer"), WakeOutcome::Woke);
/// assert_eq!(wait.as_mut().poll(&mut context), Poll::Ready(Ok("the answer")));
/// ```
pub struct WaitMap<K, V, P: Memory = Native, I: Index = Linear> {
    /// Written under the locks of all stripes, and only from `false` to `true`.
    closed: P::AtomicBool,
    stripes: I::Stripes<K, V, P>,
    /// Takes away the automatic `Send` and `Sync`, which would not ask what `K` and `V` are.
    _reachable: PhantomData<*mut (K, V)>,
}

// SAFETY: a thread that has the map reaches keys, by shared reference, and puts values in place, each under
// the lock (W1), so one thread at a time: `Send` is enough for both. What an index holds besides may be
// shared.
unsafe impl<K: Send, V: Send, P: Memory, I: Index> Send for WaitMap<K, V, P, I> {}
// SAFETY: as above.
unsafe impl<K: Send, V: Send, P: Memory, I: Index> Sync for WaitMap<K, V, P, I> {}

// Whatever user code panics, the map is as consistent as before.
impl<K, V, P: Memory, I: Index> UnwindSafe for WaitMap<K, V, P, I> {}
impl<K, V, P: Memory, I: Index> RefUnwindSafe for WaitMap<K, V, P, I> {}

impl<K: Send + 'static, V: Send + 'static, I: Index> WaitMap<K, V, Native, I> {
    /// As [`wait`](WaitMap::wait), but the future keeps the map alive instead of borrowing it, and so can be
    /// moved into a task.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use raddle::{WaitMap, WakeOutcome};
    /// # use std::{future::Future, pin::pin, task::{Context, Poll, Wake, Waker}, thread::{self, Thread}};
    /// # struct Unpark(Thread);
    /// # impl Wake for Unpark {
    /// #     fn wake(self: Arc<Self>) {
    /// #         self.0.unpark();
    /// #     }
    /// # }
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let waker = Waker::from(Arc::new(Unpark(thread::current())));
    /// #     let mut future = pin!(future);
    /// #     loop {
    /// #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
    /// #             Poll::Ready(output) => return output,
    /// #             Poll::Pending => thread::park(),
    /// #         }
    /// #     }
    /// # }
    ///
    /// let map = Arc::new(WaitMap::new());
    /// let wait = map.wait_owned("key");
    /// let task = std::thread::spawn(|| block_on(wait));
    ///
    /// // It may not be registered yet.
    /// let mut value = String::from("value");
    /// while let WakeOutcome::NoMatch(back) = map.wake(&"key", value) {
    ///     value = back;
    ///     std::thread::yield_now();
    /// }
    /// assert_eq!(task.join().unwrap(), Ok(String::from("value")));
    /// ```
    pub fn wait_owned(self: &Arc<Self>, key: K) -> WaitOwned<K, V, Native, I> {
        Self::wait_owned_on(self, key)
    }
}

impl<K: Send + 'static, V: Send + 'static, P: Memory, I: Index> WaitMap<K, V, P, I> {
    /// As [`wait_owned`](WaitMap::wait_owned), for a map on any platform and its reference count.
    pub fn wait_owned_on(this: &P::Arc<Self>, key: K) -> WaitOwned<K, V, P, I> {
        WaitOwned::new(this.clone(), key)
    }
}

impl<K, V, P: Memory, I: Index> WaitMap<K, V, P, I> {
    /// A future that waits until `key` is woken, and then has the value. Nothing is registered before it is
    /// polled or [subscribed](Wait::subscribe).
    ///
    /// # Errors
    ///
    /// The future gives [`WaitError::Duplicate`] if another waiter is registered for an equal key when it is
    /// to register, [`WaitError::Closed`] if the map is closed then or while it waits, and
    /// [`WaitError::AlreadyConsumed`] if it is polled after it gave a result.
    pub fn wait(&self, key: K) -> Wait<'_, K, V, P, I> {
        Wait::new(self, key)
    }

    /// Ends all waits, those to come too, with [`WaitError::Closed`], and wakes their tasks, oldest first.
    /// Values that were delivered before can still be collected. Closing a closed map does nothing.
    ///
    /// # Panics
    ///
    /// If wakers panic: with the first panic, after all were woken. (Without the feature `std` panics cannot
    /// be caught: a second one ends the process.)
    pub fn close(&self) {
        let stripes = self.lock_all();
        if self.is_closed_locked() {
            return;
        }
        // Release pairs with the acquire in `is_closed`.
        self.closed.store(true, Ordering::Release);
        Closing::begin(self, stripes).finish();
    }

    /// Whether the map is closed: `true` for ever after [`close`](WaitMap::close) returned, or was seen to
    /// have taken effect. Does not lock.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        // Acquire pairs with the release in `close`.
        self.closed.load(Ordering::Acquire)
    }

    /// Whether the map is closed, asked under the lock of a stripe, so that the answer holds until it is
    /// released.
    fn is_closed_locked(&self) -> bool {
        // Relaxed: it is written under the locks of all stripes, which orders the write before this.
        self.closed.load(Ordering::Relaxed)
    }

    /// Locks the stripe that `clue` leads to.
    fn lock(&self, clue: I::Clue) -> StripeGuard<'_, K, V, P, I> {
        I::stripe(&self.stripes, clue).lock()
    }

    /// Locks all stripes. Always in the same order, so that two who do so cannot wait for each other.
    fn lock_all(&self) -> Guards<'_, K, V, P, I> {
        I::all(&self.stripes).map(Mutex::lock).collect()
    }
}

impl<K, V, P: Memory, I: Find<K>> WaitMap<K, V, P, I> {
    /// Hands `value` to the waiter that is registered for `key`, and wakes its task.
    ///
    /// [`Woke`](WakeOutcome::Woke) means handed to the future: if that is dropped before it is polled, the
    /// value is dropped with it. In the other cases the value comes back.
    ///
    /// # Panics
    ///
    /// If `K::eq` or `K::hash` panics: then nothing was woken and `value` is dropped. If the waker panics:
    /// then the value was handed over all the same.
    pub fn wake(&self, key: &K, value: V) -> WakeOutcome<V> {
        let clue = I::clue_of(&self.stripes, key);
        let stripe = self.lock(clue);
        if self.is_closed_locked() {
            return WakeOutcome::Closed(value);
        }
        let Some(node) = I::find(&stripe, clue, key) else {
            return WakeOutcome::NoMatch(value);
        };
        // SAFETY: it was found under this lock in this stripe.
        let waker = unsafe { deliver::<K, V, P, I>(stripe, node, value) };
        waker.wake();
        WakeOutcome::Woke
    }
}

/// Unlinks `node`, gives it `value`, hands it back to its future and unlocks; returns the waker.
///
/// # Safety
///
/// `node` is in `stripe`.
unsafe fn deliver<K, V, P: Memory, I: Index>(
    mut stripe: StripeGuard<'_, K, V, P, I>,
    node: NonNull<WaiterNode<K, V, P, I>>,
    value: V,
) -> Waker {
    P::must_not_unwind(move || {
        // SAFETY: it is in this stripe, as the caller vouches.
        unsafe { I::remove(&mut stripe, node) };
        // SAFETY: L4, its future is told below, so until then it does not free it.
        let waiter = unsafe { node.as_ref() }.item();
        // SAFETY: W1, the lock is held.
        let before = unsafe { waiter.replace_value(Some(value)) };
        debug_assert!(before.is_none(), "a registered waiter has no value");
        // SAFETY: W1, the lock is held.
        let waker = unsafe { waiter.replace_waker(None) };
        // W3: the last touch.
        waiter.phase.transition_to_delivered();
        drop(stripe);
        waker.expect("a registered waiter has a waker")
    })
}

impl<K, V, P: Memory, I: Index> fmt::Debug for WaitMap<K, V, P, I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not `lock`: whoever prints the map from `K::eq` holds a stripe.
        let length = |stripe: &StripeLock<K, V, P, I>| Some(I::length(&*stripe.try_lock()?));
        let registered: Option<usize> = I::all(&self.stripes).map(length).sum();
        formatter
            .debug_struct("WaitMap")
            .field("closed", &self.is_closed())
            .field("registered", &registered)
            .finish()
    }
}
