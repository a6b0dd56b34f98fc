//! Raddle's WaitMap with a planted bug, in a wrapper around it.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use raddle::platform::Std;
use raddle::{WaitError, WakeOutcome};
use raddle_sim::systems::waitmap::{Feature, Key, LoopingWait, Ours, OwnedWait, Subject, Test, Value};

/// What is wrong with the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A wait goes on waking the task that polled it first.
    KeepsFirstWaker,
    /// A key that was woken before is not found again.
    WakesAKeyOnce,
    /// A wait that was polled and is then dropped is forgotten instead: its key and value with it.
    ForgetsCancelled,
}

/// The map.
#[derive(Debug)]
pub(crate) struct Broken {
    map: Ours<Std>,
    bug: Option<Bug>,
    woken: Mutex<BTreeSet<u32>>,
}

/// A wait on it.
pub(crate) struct BrokenWait<'a> {
    /// None only while the drop runs.
    inner: Option<Pin<Box<<Ours<Std> as Subject>::Wait<'a>>>>,
    bug: Option<Bug>,
    first: Option<Waker>,
}

impl Broken {
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        Broken { map: Ours::new(), bug, woken: Mutex::default() }
    }

    fn is_lost(&self, key: &Key) -> bool {
        let mut woken = self.woken.lock().expect("nobody panics with the set");
        !woken.insert(key.number()) && self.bug == Some(Bug::WakesAKeyOnce)
    }
}

impl BrokenWait<'_> {
    /// The waker that the map gets to see.
    fn waker(&mut self, offered: &Waker) -> Waker {
        match self.bug {
            Some(Bug::KeepsFirstWaker) => self.first.get_or_insert_with(|| offered.clone()).clone(),
            _ => {
                self.first = Some(offered.clone());
                offered.clone()
            }
        }
    }
}

impl Future for BrokenWait<'_> {
    type Output = Result<Value, WaitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = self.waker(context.waker());
        let inner = self.inner.as_mut().expect("it is polled before it is dropped");
        inner.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

impl Drop for BrokenWait<'_> {
    fn drop(&mut self) {
        let was_polled = self.first.take().is_some();
        let inner = self.inner.take();
        if was_polled && self.bug == Some(Bug::ForgetsCancelled) {
            // Its memory stays, so the map may go on pointing there.
            std::mem::forget(inner);
        }
    }
}

impl Subject for Broken {
    type Platform = Std;
    type Wait<'a> = BrokenWait<'a>;

    const OFFERS: &'static [Feature] = Ours::<Std>::OFFERS;

    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value> {
        if self.is_lost(key) { WakeOutcome::NoMatch(value) } else { self.map.wake(key, value) }
    }

    fn close(&self) {
        self.map.close();
    }

    fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    fn wait(&self, key: Key) -> BrokenWait<'_> {
        BrokenWait { inner: Some(Box::pin(self.map.wait(key))), bug: self.bug, first: None }
    }

    fn poll_subscribe(
        mut wait: Pin<&mut BrokenWait<'_>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), WaitError>> {
        let waker = wait.waker(context.waker());
        let inner = wait.inner.as_mut().expect("it is subscribed before it is dropped");
        <Ours<Std> as Subject>::poll_subscribe(inner.as_mut(), &mut Context::from_waker(&waker))
    }

    fn wait_owned(&self, key: Key) -> OwnedWait {
        self.map.wait_owned(key)
    }

    fn wait_for<'a>(&'a self, key: Key, test: Test<'a>) -> LoopingWait<'a> {
        self.map.wait_for(key, test)
    }

    fn wait_for_value<'a>(&'a self, key: Key, test: Test<'a>) -> LoopingWait<'a> {
        self.map.wait_for_value(key, test)
    }
}
