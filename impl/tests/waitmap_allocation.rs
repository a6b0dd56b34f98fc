//! Waiting, waking, closing and cancelling take nothing from the heap.
//!
//! A test binary of its own: it replaces the allocator. Allocations are counted per thread, so that the test
//! harness does not disturb.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::Future;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use raddle::platform::{Memory, Native, Spin};
use raddle::waitmap::{Find, Hashed};
use raddle::{HashedWaitMap, WaitError, WaitMap, WakeOutcome};

/// Hashes the same way in every run.
type Repeatable = BuildHasherDefault<DefaultHasher>;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all is handed on to the system's allocator; the counter allocates nothing, being constant and
// without destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller vouches.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller vouches.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller vouches.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn assert_no_allocation<R>(what: &str, code: impl FnOnce() -> R) -> R {
    let before = ALLOCATIONS.get();
    let result = code();
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations of: {what}");
    result
}

struct Nobody;

impl Wake for Nobody {
    fn wake(self: Arc<Self>) {}
}

fn waker() -> Waker {
    Waker::from(Arc::new(Nobody))
}

#[test]
fn the_counter_counts() {
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(Box::new(1)));
    assert_eq!(ALLOCATIONS.get() - before, 1);
}

#[test]
fn a_linear_map() {
    let map = assert_no_allocation("a new map", WaitMap::<u32, [u64; 8]>::new);
    a_whole_life_of_waits_on_the_stack(&map);
    a_close_of_several_batches(&WaitMap::new());
}

#[test]
fn a_hashed_map_once_it_is_made() {
    for buckets in [1, 16, 1024] {
        let map = HashedWaitMap::<_, _, Repeatable>::with_buckets_on(buckets);
        a_whole_life_of_waits_on_the_stack::<Hashed<Repeatable>>(&map);
        let map = HashedWaitMap::<_, _, Repeatable>::with_buckets_on(buckets);
        a_close_of_several_batches::<Hashed<Repeatable>>(&map);
    }
}

fn a_whole_life_of_waits_on_the_stack<I: Find<u32>>(map: &WaitMap<u32, [u64; 8], Native, I>) {
    let (old, new) = (waker(), waker());
    assert_no_allocation("wait, poll, wake, collect", || {
        let mut wait = pin!(map.wait(1));
        assert!(wait.as_mut().poll(&mut Context::from_waker(&old)).is_pending());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&new)).is_pending());
        assert_eq!(map.wake(&1, [7; 8]), WakeOutcome::Woke);
        assert_eq!(wait.as_mut().poll(&mut Context::from_waker(&new)), Poll::Ready(Ok([7; 8])));
        assert!(wait.as_mut().poll(&mut Context::from_waker(&new)).is_ready());
    });
    assert_no_allocation("subscribe", || {
        let mut wait = pin!(map.wait(1));
        let subscribed = pin!(wait.as_mut().subscribe()).poll(&mut Context::from_waker(&old));
        assert_eq!(subscribed, Poll::Ready(Ok(())));
        let mut duplicate = pin!(map.wait(1));
        let result = duplicate.as_mut().poll(&mut Context::from_waker(&new));
        assert_eq!(result, Poll::Ready(Err(WaitError::Duplicate)));
        assert_eq!(map.wake(&2, [0; 8]), WakeOutcome::NoMatch([0; 8]));
    });
    assert_no_allocation("cancel", || {
        let mut wait = pin!(map.wait(1));
        assert!(wait.as_mut().poll(&mut Context::from_waker(&old)).is_pending());
    });
    assert_no_allocation("wait_for", || {
        let mut rounds = 0;
        let mut wait = pin!(map.wait_for(1, || {
            rounds += 1;
            rounds == 3
        }));
        for _ in 0..2 {
            assert!(wait.as_mut().poll(&mut Context::from_waker(&old)).is_pending());
            assert_eq!(map.wake(&1, [0; 8]), WakeOutcome::Woke);
        }
        assert!(wait.as_mut().poll(&mut Context::from_waker(&old)).is_ready());
    });
    assert_no_allocation("is_closed, close, wake", || {
        assert!(!map.is_closed());
        map.close();
        assert_eq!(map.wake(&1, [0; 8]), WakeOutcome::Closed([0; 8]));
    });
}

fn a_close_of_several_batches<I: Find<usize>>(map: &WaitMap<usize, u32, Native, I>) {
    let wakers: Vec<_> = (0..50).map(|_| waker()).collect();
    let mut waits: Vec<_> = (0..50).map(|key| Box::pin(map.wait(key))).collect();
    assert_no_allocation("registering fifty, cancelling one", || {
        for (wait, waker) in waits.iter_mut().zip(&wakers) {
            assert!(wait.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
        }
        drop(waits.remove(20));
    });
    assert_no_allocation("closing with forty-nine", || map.close());
    assert_no_allocation("seeing it", || {
        for (wait, waker) in waits.iter_mut().zip(&wakers) {
            let result = wait.as_mut().poll(&mut Context::from_waker(waker));
            assert_eq!(result, Poll::Ready(Err(WaitError::Closed)));
        }
    });
    assert_no_allocation("dropping them", || drop(waits));
}

#[test]
fn an_owned_wait_and_another_platform() {
    owned::<Spin, _>(&Arc::new(WaitMap::<u32, u32, Spin>::new_on()));
    owned::<Spin, _>(&Arc::new(HashedWaitMap::<u32, u32, Repeatable, Spin>::with_buckets_on(16)));
}

fn owned<P, I>(map: &P::Arc<WaitMap<u32, u32, P, I>>)
where
    P: Memory,
    I: Find<u32>,
{
    let waker = waker();
    assert_no_allocation("wait_owned", || {
        let mut wait = pin!(WaitMap::<u32, u32, P, I>::wait_owned_on(map, 1));
        let poll =
            |wait: Pin<&mut raddle::WaitOwned<u32, u32, P, I>>| wait.poll(&mut Context::from_waker(&waker));
        assert!(poll(wait.as_mut()).is_pending());
        assert_eq!(map.wake(&1, 5), WakeOutcome::Woke);
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Ok(5)));
    });
}
