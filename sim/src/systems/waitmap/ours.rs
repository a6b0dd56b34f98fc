//! Raddle's own [`WaitMap`](raddle::WaitMap) as a subject.

use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll};

use raddle::platform::{Shared, Threads};
use raddle::waitmap::{Find, Hashed, Linear};
use raddle::{Wait, WaitError, WaitMap, WakeOutcome};

use super::items::{Key, Value};
use super::subject::{Feature, LoopingWait, OwnedWait, Subject, Test};

/// The WaitMap of the crate `raddle`, on any platform and with any index.
pub struct Ours<P: Threads, I: Find<Key> = Linear> {
    map: P::Arc<WaitMap<Key, Value, P, I>>,
}

/// The WaitMap of the crate `raddle` that finds its waiters by hash: by a [`CrowdedHasher`].
pub type OursHashed<P> = Ours<P, Hashed<BuildHasherDefault<CrowdedHasher>>>;

/// The fewest that lie behind more than one lock.
const BUCKETS: usize = 16;

/// Makes few keys meet in every way in which many would, and in the same way in every execution.
///
/// The keys that scenarios use most are those below four. They get two hashes, of the even ones and of the odd ones, which lie
/// behind different locks: so 1 and 3 are told apart by equality alone, and 1 and 2 have nothing in common but the map. All other
/// keys hash to themselves, so that crowds of them also share buckets without sharing hashes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CrowdedHasher(u64);

impl Hasher for CrowdedHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u32(&mut self, key: u32) {
        self.0 = u64::from(if key < 4 { key % 2 } else { key });
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl<P: Threads> Ours<P> {
    /// A new, open map.
    #[must_use]
    pub fn new() -> Self {
        Ours { map: Shared::new(WaitMap::new_on()) }
    }
}

impl<P: Threads> OursHashed<P> {
    /// A new, open map that is hashed into sixteen buckets behind two locks.
    #[must_use]
    pub fn hashed() -> Self {
        Ours { map: Shared::new(WaitMap::with_buckets_on(BUCKETS)) }
    }
}

impl<P: Threads> Default for Ours<P> {
    fn default() -> Self {
        Ours::new()
    }
}

impl<P: Threads> Default for OursHashed<P> {
    fn default() -> Self {
        OursHashed::hashed()
    }
}

impl<P: Threads, I: Find<Key>> fmt::Debug for Ours<P, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ours").finish_non_exhaustive()
    }
}

impl<P: Threads, I: Find<Key>> Subject for Ours<P, I> {
    type Platform = P;
    type Wait<'a> = Wait<'a, Key, Value, P, I>;

    const OFFERS: &'static [Feature] = &[
        Feature::Subscribe,
        Feature::OwnedWaits,
        Feature::WaitFor,
        Feature::WaitForValue,
        Feature::UnequalKeys,
        Feature::PanickingWakers,
        Feature::Reentrancy,
    ];

    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value> {
        self.map.wake(key, value)
    }

    fn close(&self) {
        self.map.close();
    }

    fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    fn wait(&self, key: Key) -> Self::Wait<'_> {
        self.map.wait(key)
    }

    fn poll_subscribe(
        wait: Pin<&mut Self::Wait<'_>>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), WaitError>> {
        Pin::new(&mut wait.subscribe()).poll(context)
    }

    fn wait_owned(&self, key: Key) -> OwnedWait {
        Box::pin(WaitMap::<_, _, P, I>::wait_owned_on(&self.map, key))
    }

    fn wait_for<'a>(&'a self, key: Key, test: Test<'a>) -> LoopingWait<'a> {
        Box::pin(self.map.wait_for(key, test))
    }

    fn wait_for_value<'a>(&'a self, key: Key, mut test: Test<'a>) -> LoopingWait<'a> {
        Box::pin(self.map.wait_for_value(key, move || test().then_some(())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use raddle::HashedWaitMap;
    use raddle::platform::Join;

    use super::*;
    use crate::kernel::{Kernel, Limits};
    use crate::platform::Sim;
    use crate::strategy::DepthFirst;

    type Map = HashedWaitMap<u32, (), BuildHasherDefault<CrowdedHasher>, Sim>;

    /// In how many ways two threads can wake a key each. Locks that they share leave fewer.
    fn interleavings(first: u32, second: u32) -> usize {
        let mut kernel = Kernel::new(Limits::default());
        let mut strategy = DepthFirst::unbounded();
        let body = || {
            let map = Arc::new(Map::with_buckets_on(BUCKETS));
            let other = Arc::clone(&map);
            let thread = Sim::spawn("other", move || drop(other.wake(&second, ()))).expect("it starts");
            drop(map.wake(&first, ()));
            assert!(thread.join().is_ok());
        };
        std::iter::from_fn(|| kernel.run(&mut strategy, body)).count()
    }

    #[test]
    fn few_keys_meet_at_a_lock_and_pass_each_other_at_two() {
        assert_eq!(interleavings(1, 3), interleavings(1, 1), "odd keys share a lock");
        assert_eq!(interleavings(0, 2), interleavings(0, 0), "even keys share a lock");
        assert!(interleavings(1, 2) > interleavings(1, 1), "but not the same one");
    }

    #[test]
    fn few_keys_share_hashes_and_a_crowd_does_not() {
        let hash = |key: u32| {
            let mut hasher = CrowdedHasher::default();
            hasher.write_u32(key);
            hasher.finish()
        };
        assert_eq!([0, 1, 2, 3, 4, 17].map(hash), [0, 1, 0, 1, 4, 17]);
    }
}
