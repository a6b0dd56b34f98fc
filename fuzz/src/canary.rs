//! The planted bug of `waitmap_ops`, which one thread can run into, and its clean twin.
//!
//! The canary of the simulator loses a close in a race, and one thread has no races: no sequence of operations shows it. So the
//! sequential target has a bird of its own, around any map: a wait that hands its map the waker of its first poll ever after,
//! whoever polls it. A future that moves to another task then wakes the wrong one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use raddle_sim::systems::waitmap::{
    Feature, Key, LoopingWait, OwnedWait, Subject, Test, Value, WaitError, WakeOutcome,
};

/// A map around another. `KEEPS_FIRST_WAKER` plants the bug; without it, nothing is changed.
#[derive(Debug)]
pub struct Wrapped<S, const KEEPS_FIRST_WAKER: bool>(pub S);

/// A wait on a [`Wrapped`] map.
#[derive(Debug)]
pub struct WrappedWait<W, const KEEPS_FIRST_WAKER: bool> {
    // Boxed, so that this type needs no projection of pins.
    inner: Pin<Box<W>>,
    first: Option<Waker>,
}

impl<W: Future, const KEEPS_FIRST_WAKER: bool> Future for WrappedWait<W, KEEPS_FIRST_WAKER> {
    type Output = W::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if !KEEPS_FIRST_WAKER {
            return self.inner.as_mut().poll(context);
        }
        let first = self.first.get_or_insert_with(|| context.waker().clone()).clone();
        self.inner.as_mut().poll(&mut Context::from_waker(&first))
    }
}

impl<S: Subject, const KEEPS_FIRST_WAKER: bool> Subject for Wrapped<S, KEEPS_FIRST_WAKER> {
    type Platform = S::Platform;
    type Wait<'a> = WrappedWait<S::Wait<'a>, KEEPS_FIRST_WAKER>;

    const OFFERS: &'static [Feature] = S::OFFERS;

    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value> {
        self.0.wake(key, value)
    }

    fn close(&self) {
        self.0.close();
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn wait(&self, key: Key) -> Self::Wait<'_> {
        WrappedWait { inner: Box::pin(self.0.wait(key)), first: None }
    }

    fn poll_subscribe(
        mut wait: Pin<&mut Self::Wait<'_>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), WaitError>> {
        S::poll_subscribe(wait.inner.as_mut(), context)
    }

    fn wait_owned(&self, key: Key) -> OwnedWait {
        self.0.wait_owned(key)
    }

    fn wait_for<'a>(&'a self, key: Key, test: Test<'a>) -> LoopingWait<'a> {
        self.0.wait_for(key, test)
    }

    fn wait_for_value<'a>(&'a self, key: Key, test: Test<'a>) -> LoopingWait<'a> {
        self.0.wait_for_value(key, test)
    }
}
