//! Workers that panic.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use raddle::WorkerPool;

use crate::support::{BUFFERS, Tracked, count, let_block};

/// What `code` panics with.
fn panic_of<R>(code: impl FnOnce() -> R) -> &'static str {
    let payload = panic::catch_unwind(AssertUnwindSafe(code)).err().expect("a panic");
    payload.downcast_ref::<&str>().expect("a text")
}

/// Four workers: the second and the third panic, the third before the second; the others end last.
fn two_of_four(buffer: usize) -> (WorkerPool<u32, ()>, Arc<AtomicUsize>) {
    let ended = Arc::new(AtomicUsize::new(0));
    let mut pool = WorkerPool::new(buffer);
    for worker in 0..4 {
        let ended = Arc::clone(&ended);
        pool.execute(move |tx, rx| {
            tx.send(worker).unwrap();
            match worker {
                1 => {
                    let_block();
                    panic!("the second");
                }
                2 => panic!("the third"),
                _ => {
                    drop((tx, rx));
                    let_block();
                    let_block();
                    ended.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
    }
    (pool, ended)
}

#[test]
fn the_first_panic_in_the_order_of_execute_goes_on_after_all_others_were_joined() {
    for buffer in BUFFERS {
        let (mut pool, ended) = two_of_four(buffer);
        assert_eq!(panic_of(|| pool.stop_and_join()), "the second");
        assert_eq!(count(&ended), 2);
        pool.execute(|tx, _rx| tx.send(7).unwrap());
        assert_eq!(pool.stop_and_join(), [7], "the pool can be used again");
    }
}

#[test]
fn the_iterator_of_stop_panics_after_the_last_value_and_ends_then() {
    let (mut pool, ended) = two_of_four(1);
    let mut all = pool.stop();
    assert_eq!(all.by_ref().take(4).sum::<u32>(), 6);
    assert_eq!(panic_of(|| all.next()), "the second");
    assert_eq!(count(&ended), 2);
    assert_eq!(all.next(), None);
}

#[test]
fn try_stop_and_join_returns_the_values_and_the_panics() {
    let (mut pool, _) = two_of_four(1);
    let error = pool.try_stop_and_join().unwrap_err();
    assert_eq!(error.to_string(), "2 workers panicked");
    assert_eq!(error.values.iter().sum::<u32>(), 6);
    let panics: Vec<_> =
        error.panics.iter().map(|panic| (panic.worker, panic.payload.downcast_ref())).collect();
    assert_eq!(panics, [(1, Some(&"the second")), (2, Some(&"the third"))]);
    assert_eq!(pool.try_stop_and_join().unwrap(), []);
}

#[test]
fn a_panic_is_no_matter_of_those_who_do_not_join() {
    let mut pool = WorkerPool::<u32, ()>::new(1);
    pool.execute(|tx, _rx| {
        tx.send(1).unwrap();
        panic!("nobody hears of this");
    });
    assert_eq!(pool.recv(), Ok(1));
    let_block();
    drop(pool.stop());
}

#[test]
fn a_worker_that_panics_while_others_wait_for_room_keeps_nobody_waiting() {
    for buffer in BUFFERS {
        let mut pool = WorkerPool::<u32, ()>::new(buffer);
        pool.execute_many(2, |tx, _rx| (0..30).for_each(|value| tx.send(value).unwrap()));
        pool.execute(|_tx, _rx| panic!("in their midst"));
        let error = pool.try_stop_and_join().unwrap_err();
        assert_eq!(error.to_string(), "worker 2 panicked");
        assert_eq!(error.values.len(), 60);
    }
}

/// Panics when it is dropped.
struct Bomb(#[expect(dead_code, reason = "counts its drop")] Tracked);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a drop");
    }
}

#[test]
fn values_and_payloads_whose_drop_panics_do_not_hide_the_panic_of_the_worker() {
    let drops = Arc::new(AtomicUsize::new(0));
    let mut pool = WorkerPool::<Bomb, ()>::new(4);
    let counter = Arc::clone(&drops);
    pool.execute(move |tx, _rx| {
        (0..2).for_each(|number| tx.send(Bomb(Tracked(number, Arc::clone(&counter)))).ok().unwrap());
        panic!("the first");
    });
    let counter = Arc::clone(&drops);
    pool.execute(move |_tx, _rx| panic::panic_any(Bomb(Tracked(2, counter))));
    assert_eq!(panic_of(|| pool.stop_and_join()), "the first");
    assert_eq!(count(&drops), 3);
}
