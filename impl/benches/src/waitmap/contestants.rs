//! The maps that are compared, behind one interface: a slot is a task's place for its wait.

use std::future::Future;
use std::hash::{BuildHasher, Hash};
use std::pin::Pin;
use std::task::{Context, Waker};

use raddle::platform::Memory;
use raddle::waitmap::Find;
use tokio::sync::oneshot;

/// A map whose waiters are slots. Keys and values are request numbers.
pub(crate) trait Contestant: Sync + 'static {
    type Slot;
    fn slot(&'static self) -> Self::Slot;
    /// Makes a new wait for `key` in `slot` and polls it once.
    fn register(&'static self, slot: &mut Self::Slot, key: u64);
    fn wake(&self, key: u64);
    /// Polls a wait that was woken.
    fn collect(slot: &mut Self::Slot);
    /// Drops a registered wait; whoever cancels by hand has to know the key.
    fn cancel(&self, slot: &mut Self::Slot, key: u64);
}

fn is_ready<F: Future>(future: Pin<&mut F>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// What the two maps of futures have in common.
macro_rules! map_of_futures {
    ($wait:ty, $woke:pat) => {
        type Slot = Pin<Box<Option<$wait>>>;

        fn slot(&'static self) -> Self::Slot {
            Box::pin(None)
        }

        #[inline]
        fn register(&'static self, slot: &mut Self::Slot, key: u64) {
            slot.as_mut().set(Some(self.wait(key)));
            assert!(!is_ready(slot.as_mut().as_pin_mut().expect("just set")));
        }

        #[inline]
        fn wake(&self, key: u64) {
            assert!(matches!(Self::wake(self, &key, key), $woke));
        }

        #[inline]
        fn collect(slot: &mut Self::Slot) {
            assert!(is_ready(slot.as_mut().as_pin_mut().expect("registered before")));
        }

        #[inline]
        fn cancel(&self, slot: &mut Self::Slot, _: u64) {
            slot.as_mut().set(None);
        }
    };
}

impl<P: Memory, I: Find<u64>> Contestant for raddle::WaitMap<u64, u64, P, I> {
    map_of_futures!(raddle::Wait<'static, u64, u64, P, I>, raddle::WakeOutcome::Woke);
}

pub(crate) type Maitake = maitake_sync::WaitMap<u64, u64>;

impl Contestant for Maitake {
    map_of_futures!(
        maitake_sync::wait_map::Wait<'static, u64, u64>,
        maitake_sync::wait_map::WakeOutcome::Woke
    );
}

/// With the lock that `maitake-sync` has by default, without its feature `std`.
pub(crate) type MaitakeSpin = maitake_sync::WaitMap<u64, u64, maitake_sync::spin::Spinlock>;

impl Contestant for MaitakeSpin {
    map_of_futures!(
        maitake_sync::wait_map::Wait<'static, u64, u64, maitake_sync::spin::Spinlock>,
        maitake_sync::wait_map::WakeOutcome::Woke
    );
}

/// What one builds from parts: a concurrent map from keys to the senders of oneshot channels.
pub(crate) type Dash<S> = dashmap::DashMap<u64, oneshot::Sender<u64>, S>;

impl<S: BuildHasher + Clone + Send + Sync + 'static> Contestant for Dash<S>
where
    u64: Hash,
{
    type Slot = Pin<Box<Option<oneshot::Receiver<u64>>>>;

    fn slot(&'static self) -> Self::Slot {
        Box::pin(None)
    }

    #[inline]
    fn register(&'static self, slot: &mut Self::Slot, key: u64) {
        let (sender, receiver) = oneshot::channel();
        assert!(self.insert(key, sender).is_none());
        slot.as_mut().set(Some(receiver));
        assert!(!is_ready(slot.as_mut().as_pin_mut().expect("just set")));
    }

    #[inline]
    fn wake(&self, key: u64) {
        let (_, sender) = self.remove(&key).expect("registered");
        assert!(sender.send(key).is_ok());
    }

    #[inline]
    fn collect(slot: &mut Self::Slot) {
        assert!(is_ready(slot.as_mut().as_pin_mut().expect("registered before")));
    }

    #[inline]
    fn cancel(&self, slot: &mut Self::Slot, key: u64) {
        drop(self.remove(&key));
        slot.as_mut().set(None);
    }
}
