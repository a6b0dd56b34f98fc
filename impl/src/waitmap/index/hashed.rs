//! Buckets that are chosen by a hash, behind several locks.
//!
//! # Locks
//!
//! A map under a single lock makes threads wait for each other that have nothing to do with each other, and
//! on an operating system such a wait costs ten times what the operation itself does. So each eight buckets
//! have a lock, up to 64 locks; the hash of a key chooses. What concerns one key is decided under one lock.
//!
//! What concerns all keys is `close`, and it takes all locks, in one and the same order: once to mark the map
//! as closed and then for each batch of wakers. That the flag is written under all of them lets everybody
//! read it under one.
//!
//! # Order
//!
//! `close` wakes the oldest first, whatever stripe it is in. Therefore a waiter draws a number from a counter
//! when it registers, *while it holds the lock of its stripe*: who wants to know whether it has registered
//! has to wait for that lock, and so nobody finds a younger waiter registered and an older one not yet. Were
//! the number drawn before the lock was taken, they could.
//!
//! One counter for all is a place where processors meet. It cannot be avoided: if one registration happens
//! before another, then the other must come out as the younger one, however the two threads know of each
//! other, so each registration has to leave a mark that the next one sees. The first does not know where the
//! next will look and which stripe it will use: either all write to one place, or each writes to its own and
//! reads those of all others, which travel then instead. So while two processors register in turn, each
//! registration waits for memory that the other has written. A clock would do only where it never gives two of
//! them the same time, and that neither `core` nor every operating system promises. Asking the processor early
//! for that memory (a prefetch before the hash) was tried and gained nothing: the other takes it away again.
//!
//! # Memory
//!
//! So a registration meets the other processors at three places: the lock, the bucket, the counter. Each time
//! the memory has to come from another processor's cache, and because taking a lock and drawing a number order
//! memory, one comes only after the other has come. The bucket need not wait for its turn: nobody else asks for
//! it in between, since it lies behind the lock. Its address depends on the hash alone, so the processor is
//! asked for it [before the lock is taken](Buckets::prefetch), and both travel together. Two threads with new
//! keys each time need a quarter less by it.

use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::pin::Pin;
use core::ptr::NonNull;
use core::sync::atomic::Ordering;

use alloc::boxed::Box;
use alloc::vec::Vec;

use arrayvec::ArrayVec;

use super::table::{LINE, Label, Place, Table};
use super::{Index, Lookup, Storage, StripeLock};
use crate::platform::{Atomic, AtomicInt, Memory, Mutex};
use crate::waitmap::waiter::{WaiterList, WaiterNode};

/// At most so many stripes. More would hardly keep threads further apart, and closing holds them all.
const STRIPES: usize = 64;

/// So many, rounded up to a power of two, still have addresses.
const MOST_BUCKETS: usize = usize::MAX >> 6;

/// The hasher of a map that names none: the standard library's, with keys of its own for each map.
#[cfg(feature = "std")]
pub type DefaultHasher = std::hash::RandomState;

/// Without the feature `std` there are no random keys to hash with, and so no hasher: name one.
#[cfg(not(feature = "std"))]
#[derive(Debug)]
pub enum DefaultHasher {}

/// The index for keys with `Hash` and `Eq`: it compares those of one bucket only, so that the cost of
/// registering and waking does not grow with the number of waiters, as long as there are as many buckets.
///
/// The buckets are allocated when the map is made, by [`with_buckets`], and
/// never again: more waiters make the chains longer, and nothing else. Take four buckets, of eight bytes
/// each, for each waiter that is expected at a time: then most waiters have one to themselves. Threads with
/// different keys seldom meet at a lock.
///
/// # The hasher
///
/// `S` makes the hashers, as it does for `HashMap`, and for the same reasons it is by default the standard
/// library's `RandomState`: whoever chooses keys, maybe a peer at the other end of a connection, cannot know
/// which of them share a bucket and so cannot make all waiters share one. Where keys come from a counter of
/// one's own, a faster hasher does: see [`with_buckets_and_hasher`](crate::WaitMap::with_buckets_and_hasher).
/// Poor hashers are put up with: the map mixes what they give, so that numbers that hash to themselves spread
/// as well.
///
/// Without the feature `std` there is no source of random keys, so there the hasher has to be named.
///
#[cfg_attr(feature = "std", doc = "[`with_buckets`]: crate::WaitMap::with_buckets")]
#[cfg_attr(not(feature = "std"), doc = "[`with_buckets`]: crate#features")]
#[derive(Copy, Clone, Debug, Default)]
pub struct Hashed<S = DefaultHasher>(PhantomData<S>);

impl<S: Send + Sync + 'static> Index for Hashed<S> {}

/// All waiters of a map with a hashed index.
pub struct Stripes<K, V, P: Memory, S: 'static> {
    hasher: S,
    /// A power of two of them, at most [`STRIPES`].
    locks: Box<[LockLine<K, V, P, S>]>,
    buckets: Buckets,
    /// The age of the next waiter. Written by every registration.
    next_age: OwnLine<P::AtomicU64>,
}

/// Where the buckets are. Never written after the map was made, so each processor keeps a copy.
struct Buckets {
    /// Where those of each stripe begin.
    addresses: Box<[usize]>,
    /// How many lines each stripe has.
    lines: usize,
}

/// Something that threads write to and that shares its lines of the cache with nothing else.
// Two lines, as processors fetch them in pairs.
#[repr(align(128))]
struct OwnLine<T>(T);

type LockLine<K, V, P, S> = OwnLine<StripeLock<K, V, P, Hashed<S>>>;

impl<K, V, P: Memory, S: 'static> Stripes<K, V, P, S> {
    /// At least `buckets` buckets, all empty.
    pub(in crate::waitmap) fn new(buckets: usize, hasher: S) -> Self {
        assert!(buckets <= MOST_BUCKETS, "more buckets than fit into the address space");
        let lines = buckets.div_ceil(LINE).max(1).next_power_of_two();
        let stripes = lines.min(STRIPES);
        let tables: Vec<_> = (0..stripes).map(|_| Table::new(lines / stripes)).collect();
        let addresses = tables.iter().map(Table::address).collect();
        Stripes {
            hasher,
            locks: tables.into_iter().map(|table| OwnLine(P::Mutex::new(table))).collect(),
            buckets: Buckets { addresses, lines: lines / stripes },
            next_age: OwnLine(P::AtomicU64::new(0)),
        }
    }

    fn draw_age(&self) -> u64 {
        // Relaxed: that one read-modify-write is before another is all that is needed. Where one registration
        // happens before another, so do their draws. At one per nanosecond it wraps after five centuries.
        self.next_age.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Buckets {
    /// Asks for the memory at `offset` behind the first bucket of `stripe`, to write to it soon.
    #[inline]
    fn prefetch(&self, stripe: usize, offset: usize) {
        let address = core::ptr::without_provenance::<i8>(self.addresses[stripe] + offset);
        #[cfg(all(target_arch = "x86_64", not(miri)))]
        // SAFETY: a hint, which touches no memory as far as the program can tell; any address will do.
        unsafe {
            use core::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_ET0>(address);
        }
        // Elsewhere the compiler offers no way to ask.
        #[cfg(not(all(target_arch = "x86_64", not(miri))))]
        let _ = address;
    }
}

impl<S: 'static> Storage for Hashed<S> {
    type Clue = u64;
    type Place<K, V, P: Memory> = Place<P>;
    type Stripe<K, V, P: Memory> = Table<K, V, P, S>;
    type Stripes<K, V, P: Memory> = Stripes<K, V, P, S>;
    type Guards<G> = ArrayVec<G, STRIPES>;

    fn new_place<K, V, P: Memory>() -> Place<P> {
        Place::new()
    }

    fn announce_free<K, V, P: Memory>(place: &Place<P>) {
        place.announce_free();
    }

    #[inline]
    fn stripe<K, V, P: Memory>(stripes: &Stripes<K, V, P, S>, hash: u64) -> &StripeLock<K, V, P, Self> {
        let stripe = hash as usize & (stripes.locks.len() - 1);
        stripes.buckets.prefetch(stripe, Table::<K, V, P, S>::offset(hash, stripes.buckets.lines));
        &stripes.locks[stripe].0
    }

    fn all<'a, K: 'a, V: 'a, P: Memory>(
        stripes: &'a Stripes<K, V, P, S>,
    ) -> impl Iterator<Item = &'a StripeLock<K, V, P, Self>> {
        stripes.locks.iter().map(|lock| &lock.0)
    }

    #[inline]
    unsafe fn clue<K, V, P: Memory>(place: &Place<P>) -> u64 {
        // SAFETY: as the caller vouches (W4).
        unsafe { place.label() }.hash
    }

    #[inline]
    unsafe fn age<K, V, P: Memory>(place: &Place<P>) -> u64 {
        // SAFETY: as the caller vouches (W4).
        unsafe { place.label() }.age
    }

    fn length<K, V, P: Memory>(table: &Table<K, V, P, S>) -> usize {
        table.length()
    }

    fn end<K, V, P: Memory>(table: &mut Table<K, V, P, S>) {
        table.end();
    }

    fn ended<K, V, P: Memory>(table: &Table<K, V, P, S>) -> &WaiterList<K, V, P, Self> {
        table.ended()
    }

    #[inline]
    unsafe fn insert<K, V, P: Memory>(
        stripes: &Stripes<K, V, P, S>,
        table: &mut Table<K, V, P, S>,
        node: Pin<&WaiterNode<K, V, P, Self>>,
        hash: u64,
    ) {
        let age = stripes.draw_age();
        // SAFETY: as the caller vouches.
        unsafe { table.insert(node, Label { hash, age }) };
    }

    #[inline]
    unsafe fn remove<K, V, P: Memory>(
        table: &mut Table<K, V, P, S>,
        node: NonNull<WaiterNode<K, V, P, Self>>,
    ) {
        // SAFETY: as the caller vouches.
        unsafe { table.remove(node) };
    }
}

impl<K: Hash + Eq, S: BuildHasher + Send + Sync + 'static> Lookup<K> for Hashed<S> {
    #[inline]
    fn clue_of<V, P: Memory>(stripes: &Stripes<K, V, P, S>, key: &K) -> u64 {
        mix(stripes.hasher.hash_one(key))
    }

    #[inline]
    fn find<V, P: Memory>(
        table: &Table<K, V, P, S>,
        hash: u64,
        key: &K,
    ) -> Option<NonNull<WaiterNode<K, V, P, Self>>> {
        table.find(hash, |theirs| theirs == key)
    }
}

/// Lets each bit of the result depend on all bits of `hash`, since hashers differ in where theirs are good.
#[inline]
fn mix(hash: u64) -> u64 {
    // The bits of the golden ratio: no pattern that numbers of a program would have.
    let product = u128::from(hash) * 0x9E37_79B9_7F4A_7C15;
    (product as u64) ^ ((product >> 64) as u64)
}
