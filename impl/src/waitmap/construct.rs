//! How maps are made.
//!
//! Constructors name as much of the type as users should not have to: those without `_on` the platform, those
//! of a hashed map the hasher. So `WaitMap::new()` and `WaitMap::with_buckets(n)` leave nothing to be
//! inferred.

use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::sync::atomic::AtomicBool;

use super::WaitMap;
use super::index::{DefaultHasher, Hashed, HashedStripes};
use super::list::List;
use crate::platform::{Atomic, Memory, Mutex, Native, NativeMutex};

/// A [`WaitMap`] that finds its waiters by hash.
pub type HashedWaitMap<K, V, S = DefaultHasher, P = Native> = WaitMap<K, V, P, Hashed<S>>;

impl<K, V> WaitMap<K, V> {
    /// A new, open map with a [`Linear`](super::Linear) index, on the platform of the operating system. For
    /// another platform, see [`new_on`](WaitMap::new_on); for many waiters, see
    /// [`with_buckets`].
    ///
    #[cfg_attr(feature = "std", doc = "[`with_buckets`]: WaitMap::with_buckets")]
    #[cfg_attr(not(feature = "std"), doc = "[`with_buckets`]: crate#features")]
    #[must_use]
    pub const fn new() -> Self {
        WaitMap {
            closed: AtomicBool::new(false),
            stripes: NativeMutex::new(List::new()),
            _reachable: PhantomData,
        }
    }
}

impl<K, V, P: Memory> WaitMap<K, V, P> {
    /// A new, open map with a [`Linear`](super::Linear) index, on the platform that its type names.
    ///
    /// ```
    /// use raddle::{WaitMap, platform::Spin};
    ///
    /// let map = WaitMap::<u32, (), Spin>::new_on();
    /// assert!(!map.is_closed());
    /// ```
    #[must_use]
    pub fn new_on() -> Self {
        WaitMap {
            closed: P::AtomicBool::new(false),
            stripes: P::Mutex::new(List::new()),
            _reachable: PhantomData,
        }
    }
}

impl<K, V, P: Memory> Default for WaitMap<K, V, P> {
    fn default() -> Self {
        Self::new_on()
    }
}

#[cfg(feature = "std")]
impl<K: Hash + Eq, V> HashedWaitMap<K, V> {
    /// A new, open map with a [`Hashed`] index of at least `buckets` buckets, with random keys of its own to
    /// hash with, on the platform of the operating system.
    ///
    /// Four buckets, of eight bytes each, for each waiter that is expected at a time are a good number. They
    /// are allocated here and never again; the number is rounded up to a power of two, and to eight. There
    /// may be more waiters than that; they only make the chains longer.
    ///
    /// # Panics
    ///
    /// If so many buckets do not fit into the address space.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::task::{Context, Poll, Waker};
    /// use raddle::{HashedWaitMap, WaitMap, WakeOutcome};
    ///
    /// struct Client {
    ///     answers: HashedWaitMap<u64, String>,
    /// }
    ///
    /// let client = Client { answers: WaitMap::with_buckets(4 * 256) };
    ///
    /// let mut context = Context::from_waker(Waker::noop());
    /// let mut wait = pin!(client.answers.wait(7));
    /// assert!(wait.as_mut().poll(&mut context).is_pending());
    /// assert_eq!(client.answers.wake(&7, String::from("seven")), WakeOutcome::Woke);
    /// assert_eq!(wait.as_mut().poll(&mut context), Poll::Ready(Ok(String::from("seven"))));
    /// ```
    #[must_use]
    pub fn with_buckets(buckets: usize) -> Self {
        Self::with_buckets_on(buckets)
    }
}

impl<K, V, S> HashedWaitMap<K, V, S>
where
    K: Hash + Eq,
    S: BuildHasher + Send + Sync + 'static,
{
    /// As [`with_buckets`], with hashers of the caller's choice.
    ///
    #[cfg_attr(feature = "std", doc = "[`with_buckets`]: WaitMap::with_buckets")]
    #[cfg_attr(not(feature = "std"), doc = "[`with_buckets`]: crate#features")]
    ///
    /// # Panics
    ///
    /// As `with_buckets`.
    ///
    /// # Examples
    ///
    /// A hasher that hands a number on as it is. The map mixes it, so that is good enough for numbers from a
    /// counter; it would not be for numbers that a stranger chooses.
    ///
    /// ```
    /// use std::hash::{BuildHasherDefault, Hasher};
    /// use raddle::WaitMap;
    ///
    /// #[derive(Default)]
    /// struct Itself(u64);
    ///
    /// impl Hasher for Itself {
    ///     fn write(&mut self, _: &[u8]) {
    ///         panic!("for u64 only");
    ///     }
    ///     fn write_u64(&mut self, number: u64) {
    ///         self.0 = number;
    ///     }
    ///     fn finish(&self) -> u64 {
    ///         self.0
    ///     }
    /// }
    ///
    /// let map = WaitMap::with_buckets_and_hasher(64, BuildHasherDefault::<Itself>::default());
    /// assert!(matches!(map.wake(&7_u64, "nobody waits"), raddle::WakeOutcome::NoMatch(_)));
    /// ```
    #[must_use]
    pub fn with_buckets_and_hasher(buckets: usize, hasher: S) -> Self {
        Self::with_buckets_and_hasher_on(buckets, hasher)
    }
}

impl<K, V, S, P> WaitMap<K, V, P, Hashed<S>>
where
    K: Hash + Eq,
    P: Memory,
    S: BuildHasher + Send + Sync + 'static,
{
    /// As [`with_buckets`], with the platform and the hasher that the type names.
    ///
    #[cfg_attr(feature = "std", doc = "[`with_buckets`]: WaitMap::with_buckets")]
    #[cfg_attr(not(feature = "std"), doc = "[`with_buckets`]: crate#features")]
    ///
    /// # Panics
    ///
    /// As `with_buckets`.
    ///
    /// # Examples
    ///
    /// The hashes of this map are the same in every run.
    ///
    /// ```
    /// use std::hash::{BuildHasherDefault, DefaultHasher};
    /// use raddle::{HashedWaitMap, platform::Spin};
    ///
    /// type Repeatable = BuildHasherDefault<DefaultHasher>;
    ///
    /// let map = HashedWaitMap::<u32, (), Repeatable, Spin>::with_buckets_on(16);
    /// assert!(!map.is_closed());
    /// ```
    #[must_use]
    pub fn with_buckets_on(buckets: usize) -> Self
    where
        S: Default,
    {
        Self::with_buckets_and_hasher_on(buckets, S::default())
    }

    /// As [`with_buckets_and_hasher`](WaitMap::with_buckets_and_hasher), with the platform that the type
    /// names.
    ///
    /// # Panics
    ///
    /// As `with_buckets`.
    #[must_use]
    pub fn with_buckets_and_hasher_on(buckets: usize, hasher: S) -> Self {
        WaitMap {
            closed: P::AtomicBool::new(false),
            stripes: HashedStripes::new(buckets, hasher),
            _reachable: PhantomData,
        }
    }
}
