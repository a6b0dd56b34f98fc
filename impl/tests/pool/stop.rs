//! Stopping and joining, whatever the workers are doing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use raddle::{DownMsg, WorkerPool, recv_break, try_recv_break};

use crate::support::{BUFFERS, Tracked, count, let_block};

#[test]
fn stop_and_join_returns_though_all_workers_wait_for_room() {
    for buffer in BUFFERS {
        let mut pool = WorkerPool::<u64, ()>::new(buffer);
        pool.execute_many(3, |tx, rx| {
            for number in 0.. {
                let _ = try_recv_break!(rx);
                tx.send(number).unwrap();
            }
        });
        for _ in 0..10 {
            pool.recv().unwrap();
        }
        let_block();
        pool.stop_and_join();
    }
}

#[test]
fn stop_and_join_returns_what_workers_send_after_the_order() {
    for buffer in BUFFERS {
        let mut pool = WorkerPool::<u32, ()>::new(buffer);
        pool.execute_many(2, |tx, rx| {
            assert_eq!(rx.recv(), Ok(DownMsg::Stop));
            (0..50).for_each(|_| tx.send(1).unwrap());
        });
        assert_eq!(pool.stop_and_join().len(), 100);
    }
}

#[test]
fn the_iterator_of_stop_yields_all_and_joins() {
    for buffer in BUFFERS {
        let ended = Arc::new(AtomicUsize::new(0));
        let mut pool = WorkerPool::<u32, ()>::new(buffer);
        for _ in 0..3 {
            let ended = Arc::clone(&ended);
            pool.execute(move |tx, rx| {
                (0..40).for_each(|value| tx.send(value).unwrap());
                drop((tx, rx));
                let_block();
                ended.fetch_add(1, Ordering::SeqCst);
            });
        }
        let mut all = pool.stop();
        assert_eq!(all.by_ref().count(), 120);
        assert_eq!(ended.load(Ordering::SeqCst), 3, "joined");
        assert_eq!(all.next(), None);
    }
}

#[test]
fn an_iterator_of_stop_that_is_dropped_early_gives_values_back() {
    let drops = Arc::new(AtomicUsize::new(0));
    let made = Arc::new(AtomicUsize::new(0));
    let mut pool = WorkerPool::<Tracked, ()>::new(1);
    for _ in 0..2 {
        let (drops, made) = (Arc::clone(&drops), Arc::clone(&made));
        pool.execute(move |tx, _rx| {
            loop {
                made.fetch_add(1, Ordering::SeqCst);
                if tx.send(Tracked(0, Arc::clone(&drops))).is_err() {
                    break;
                }
            }
        });
    }
    let mut all = pool.stop();
    assert!(all.next().is_some());
    let_block();
    drop(all);
    // The threads are detached, and end when they hear of it.
    while count(&drops) < 3 || count(&drops) < count(&made) {
        std::thread::yield_now();
    }
}

#[test]
fn workers_that_have_dropped_their_receiver_are_joined() {
    for buffer in BUFFERS {
        let mut pool = WorkerPool::<u32, ()>::new(buffer);
        pool.execute_many(2, |tx, rx| {
            drop(rx);
            (0..20).for_each(|value| tx.send(value).unwrap());
        });
        assert_eq!(pool.stop_and_join().len(), 40);
    }
}

#[test]
fn a_stop_has_no_priority_over_earlier_orders() {
    let mut pool = WorkerPool::<u32, u32>::new(1);
    pool.execute(|tx, rx| {
        loop {
            tx.send(recv_break!(rx)).unwrap();
        }
    });
    for number in 0..10 {
        pool.broadcast(DownMsg::Other(number));
    }
    assert!(pool.stop_and_join().into_iter().eq(0..10));
}

#[test]
fn each_stop_begins_a_new_generation() {
    let mut pool = WorkerPool::<u32, u32>::new(4);
    assert!(pool.stop_and_join().is_empty(), "without workers");
    pool.execute_many(2, |tx, _rx| tx.send(1).unwrap());
    let mut old = pool.stop();
    assert!(pool.get(0).is_none());
    assert!(pool.broadcast_one(DownMsg::Pause).is_err());
    pool.execute(|tx, rx| {
        assert_eq!(rx.recv(), Ok(DownMsg::Other(3)), "and no order to stop");
        tx.send(2).unwrap();
    });
    pool.broadcast(DownMsg::Other(3));
    assert_eq!(pool.recv(), Ok(2));
    assert_eq!(old.by_ref().collect::<Vec<_>>(), [1, 1]);
    assert!(pool.stop_and_join().is_empty());
}

#[test]
fn a_worker_may_keep_several_senders_to_its_end() {
    let mut pool = WorkerPool::<u32, ()>::new(1);
    pool.execute(|tx, _rx| {
        let clones = [tx.clone(), tx.clone(), tx];
        clones.iter().for_each(|tx| tx.send(1).unwrap());
    });
    assert_eq!(pool.stop_and_join(), [1, 1, 1]);
}
