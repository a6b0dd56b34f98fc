//! The futures of a [`WaitMap`].

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::index::{Find, Index, Linear};
use super::list::Node;
use super::owner::Owner;
use super::waiter::{Waiter, WaiterNode};
use super::{WaitMap, WaitResult};
use crate::platform::{Memory, Native};

/// Waits until somebody wakes its key. Made by [`WaitMap::wait`].
///
/// It registers when it is polled for the first time, or by [`subscribe`](Wait::subscribe). Dropped before
/// that, or later, it leaves no trace in the map; a value that it was given and did not hand out is dropped
/// with it.
#[must_use = "a wait does nothing unless it is polled or subscribed"]
pub struct Wait<'map, K, V, P: Memory = Native, I: Index = Linear> {
    // Before the map: dropped first.
    node: WaiterNode<K, V, P, I>,
    map: &'map WaitMap<K, V, P, I>,
}

impl<'map, K, V, P: Memory, I: Index> Wait<'map, K, V, P, I> {
    pub(super) fn new(map: &'map WaitMap<K, V, P, I>, key: K) -> Self {
        Wait { node: Node::new(Waiter::new(key)), map }
    }

    /// Registers now, without waiting: from here on a [`wake`](WaitMap::wake) of the key finds this waiter.
    ///
    /// Use it to be registered before the request is sent whose answer will wake the key. The returned future
    /// is ready when it is first polled, with `Ok` if this waiter is registered or has already ended.
    ///
    /// # Errors
    ///
    /// Those of registering: [`WaitError::Duplicate`](super::WaitError::Duplicate) and
    /// [`WaitError::Closed`](super::WaitError::Closed). They finish the wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use raddle::{WaitMap, WaitResult, WakeOutcome};
    ///
    /// async fn ask(answers: &WaitMap<u32, String>, send: impl FnOnce(u32)) -> WaitResult<String> {
    ///     let mut answer = pin!(answers.wait(7));
    ///     answer.as_mut().subscribe().await?;
    ///     send(7); // However fast the answer is, somebody waits for it.
    ///     answer.await
    /// }
    /// # use std::{future::Future, task::{Context, Poll, Waker}};
    /// # let answers = WaitMap::new();
    /// # let asked = pin!(ask(&answers, |number| {
    /// #     assert_eq!(answers.wake(&number, String::from("fast")), WakeOutcome::Woke);
    /// # }));
    /// # let result = asked.poll(&mut Context::from_waker(Waker::noop()));
    /// # assert_eq!(result, Poll::Ready(Ok(String::from("fast"))));
    /// ```
    pub fn subscribe(self: Pin<&mut Self>) -> Subscribe<'_, 'map, K, V, P, I> {
        Subscribe { wait: self }
    }

    /// Lets a future that has given out a value wait for another one, with the same key.
    pub(super) fn rearm(self: Pin<&mut Self>) {
        self.owner().rearm();
    }

    fn owner(self: Pin<&mut Self>) -> Owner<'_, K, V, P, I> {
        let this = self.into_ref();
        // SAFETY: the node is pinned with the future that it is a field of: nothing moves it out.
        let node = unsafe { this.map_unchecked(|wait| &wait.node) };
        // SAFETY: access is exclusive, as `self` was, and `map` never changes.
        unsafe { Owner::new(this.get_ref().map, node) }
    }
}

impl<K, V, P: Memory, I: Find<K>> Future for Wait<'_, K, V, P, I> {
    type Output = WaitResult<V>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.owner().poll(context.waker())
    }
}

impl<K, V, P: Memory, I: Index> Drop for Wait<'_, K, V, P, I> {
    fn drop(&mut self) {
        // SAFETY: it is not moved between here and the end of its memory.
        let pinned = unsafe { Pin::new_unchecked(self) };
        pinned.owner().cancel();
    }
}

// SAFETY: what other threads do with the key and the value they do under the map's lock (W1), or the future
// does it on the thread that it was sent to. A shared reference gives access to neither.
unsafe impl<K: Send, V: Send, P: Memory, I: Index> Send for Wait<'_, K, V, P, I> {}
// SAFETY: as above.
unsafe impl<K: Send, V: Send, P: Memory, I: Index> Sync for Wait<'_, K, V, P, I> {}

impl<K, V, P: Memory, I: Index> fmt::Debug for Wait<'_, K, V, P, I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = self.node.item().phase.observe();
        formatter.debug_struct("Wait").field("phase", &phase).finish_non_exhaustive()
    }
}

/// Registers a [`Wait`]. Made by [`Wait::subscribe`]; ready when it is first polled.
#[must_use = "a subscription does nothing unless it is polled"]
pub struct Subscribe<'wait, 'map, K, V, P: Memory = Native, I: Index = Linear> {
    wait: Pin<&'wait mut Wait<'map, K, V, P, I>>,
}

impl<K, V, P: Memory, I: Find<K>> Future for Subscribe<'_, '_, K, V, P, I> {
    type Output = WaitResult<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(self.wait.as_mut().owner().subscribe(context.waker()))
    }
}

impl<K, V, P: Memory, I: Index> fmt::Debug for Subscribe<'_, '_, K, V, P, I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Subscribe").field("wait", &self.wait).finish()
    }
}

/// As [`Wait`], but keeps the map alive instead of borrowing it. Made by [`WaitMap::wait_owned`].
///
/// It can be moved into a task. As long as it exists the map does, so only a wake or a close ends the wait,
/// not the disappearance of all other handles.
#[must_use = "a wait does nothing unless it is polled"]
pub struct WaitOwned<K: Send + 'static, V: Send + 'static, P: Memory = Native, I: Index = Linear> {
    // Before the map: dropped first, while the map is certainly alive.
    node: WaiterNode<K, V, P, I>,
    map: P::Arc<WaitMap<K, V, P, I>>,
}

impl<K: Send + 'static, V: Send + 'static, P: Memory, I: Index> WaitOwned<K, V, P, I> {
    pub(super) fn new(map: P::Arc<WaitMap<K, V, P, I>>, key: K) -> Self {
        WaitOwned { node: Node::new(Waiter::new(key)), map }
    }

    fn owner(self: Pin<&mut Self>) -> Owner<'_, K, V, P, I> {
        let this = self.into_ref();
        // SAFETY: the node is pinned with the future that it is a field of: nothing moves it out.
        let node = unsafe { this.map_unchecked(|wait| &wait.node) };
        // SAFETY: access is exclusive, as `self` was, and `map` never changes.
        unsafe { Owner::new(&this.get_ref().map, node) }
    }
}

impl<K: Send + 'static, V: Send + 'static, P: Memory, I: Find<K>> Future for WaitOwned<K, V, P, I> {
    type Output = WaitResult<V>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.owner().poll(context.waker())
    }
}

impl<K: Send + 'static, V: Send + 'static, P: Memory, I: Index> Drop for WaitOwned<K, V, P, I> {
    fn drop(&mut self) {
        // SAFETY: it is not moved between here and the end of its memory.
        let pinned = unsafe { Pin::new_unchecked(self) };
        pinned.owner().cancel();
    }
}

// SAFETY: as for `Wait`; the reference count may go anywhere.
unsafe impl<K: Send + 'static, V: Send + 'static, P: Memory, I: Index> Send for WaitOwned<K, V, P, I> {}
// SAFETY: as above.
unsafe impl<K: Send + 'static, V: Send + 'static, P: Memory, I: Index> Sync for WaitOwned<K, V, P, I> {}

impl<K: Send + 'static, V: Send + 'static, P: Memory, I: Index> fmt::Debug for WaitOwned<K, V, P, I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = self.node.item().phase.observe();
        formatter.debug_struct("WaitOwned").field("phase", &phase).finish_non_exhaustive()
    }
}
