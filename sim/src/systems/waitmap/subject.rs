//! What an implementation of a WaitMap offers to the scenarios.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use raddle::platform::Threads;
use raddle::{WaitError, WakeOutcome};

use super::items::{Key, Value};

/// A wait that borrows nothing.
pub type OwnedWait = Pin<Box<dyn Future<Output = Result<Value, WaitError>> + Send>>;

/// A wait that goes on until its test gives a value.
pub type LoopingWait<'a> = Pin<Box<dyn Future<Output = Result<(), WaitError>> + Send + 'a>>;

/// A test that a looping wait repeats: has the condition come true?
pub type Test<'a> = Box<dyn FnMut() -> bool + Send + 'a>;

/// A part of the API that not every implementation has. Scenarios that need a part which a subject does not offer are left out,
/// and counted as left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// `Wait::subscribe`.
    Subscribe,
    /// `wait_owned`.
    OwnedWaits,
    /// `wait_for`.
    WaitFor,
    /// `wait_for_value`.
    WaitForValue,
    /// Keys that are not equal to themselves are accepted: keys need no more than `PartialEq`.
    UnequalKeys,
    /// A panic of a waker is contained: it leaves the call that woke it, after all the others were woken.
    PanickingWakers,
    /// User code that the map calls (wakers, drops of keys and values) may call the map.
    Reentrancy,
}

impl Feature {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Feature::Subscribe => "subscribe",
            Feature::OwnedWaits => "owned waits",
            Feature::WaitFor => "wait_for",
            Feature::WaitForValue => "wait_for_value",
            Feature::UnequalKeys => "unequal keys",
            Feature::PanickingWakers => "panicking wakers",
            Feature::Reentrancy => "re-entrancy",
        }
    }
}

/// An implementation of a WaitMap, as the scenarios drive it.
///
/// The required methods are the core of the API; they mean what the [rules of the spec](raddle_spec::waitmap::RULES) say.
/// The others belong to a [`Feature`] each: implement them and list the feature in [`OFFERS`](Subject::OFFERS).
///
/// The methods are called by simulated threads. For the simulator to see inside them, the implementation must stand on the
/// platform named here: take its mutexes and atomics from there.
pub trait Subject: Sized + Send + Sync + 'static {
    /// What the implementation stands on; [`Sim`](crate::platform::Sim) under the simulator.
    type Platform: Threads;

    /// The future of [`wait`](Subject::wait).
    type Wait<'a>: Future<Output = Result<Value, WaitError>> + Send
    where
        Self: 'a;

    /// The parts of the API that this implementation has besides the core.
    const OFFERS: &'static [Feature] = &[];

    /// Hands `value` to the wait registered under `key` and wakes its task; otherwise gives the value back.
    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value>;

    /// Ends all waits, those registered and those to come.
    fn close(&self);

    /// Whether the map is closed.
    fn is_closed(&self) -> bool;

    /// Waits for a value. Registers nothing before the first poll.
    fn wait(&self, key: Key) -> Self::Wait<'_>;

    /// One poll of what `Wait::subscribe` gives. Belongs to [`Feature::Subscribe`].
    ///
    /// # Panics
    ///
    /// Unless overridden.
    fn poll_subscribe(
        wait: Pin<&mut Self::Wait<'_>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), WaitError>> {
        let _ = (wait, context);
        not_implemented::<Self>("poll_subscribe")
    }

    /// Waits for a value without borrowing the map. Belongs to [`Feature::OwnedWaits`].
    ///
    /// # Panics
    ///
    /// Unless overridden.
    fn wait_owned(&self, key: Key) -> OwnedWait {
        let _ = key;
        not_implemented::<Self>("wait_owned")
    }

    /// Waits until `test` holds, testing again after each wakeup. Belongs to [`Feature::WaitFor`].
    ///
    /// # Panics
    ///
    /// Unless overridden.
    fn wait_for<'a>(&'a self, key: Key, test: Test<'a>) -> LoopingWait<'a> {
        let _ = (key, test);
        not_implemented::<Self>("wait_for")
    }

    /// As [`wait_for`](Subject::wait_for), through the form of the API that gives a value: call the implementation with a closure
    /// that gives `Some` when `test` holds. Belongs to [`Feature::WaitForValue`].
    ///
    /// # Panics
    ///
    /// Unless overridden.
    fn wait_for_value<'a>(&'a self, key: Key, test: Test<'a>) -> LoopingWait<'a> {
        let _ = (key, test);
        not_implemented::<Self>("wait_for_value")
    }
}

/// A feature that is listed in [`Subject::OFFERS`] without its method is a mistake of whoever wrote the adapter.
fn not_implemented<S>(method: &str) -> ! {
    panic!(
        "{} lists a feature in `OFFERS` whose method `{method}` it does not implement",
        std::any::type_name::<S>()
    )
}
