//! Bursts: what was sent before, all of it, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use raddle::pool::WorkerReceiver;
use raddle::{DownMsg, WorkerPool, WorkerSender, recv_break};

use crate::support::{let_block, wait_for_ends};

/// A worker that sends what it is ordered to.
fn echo(tx: WorkerSender<u32>, rx: WorkerReceiver<u32>) {
    loop {
        let number = recv_break!(rx);
        if tx.send(number).is_err() {
            break;
        }
    }
}

#[test]
fn a_burst_of_nothing_ends_at_once() {
    let mut pool = WorkerPool::<u32, ()>::new(1);
    assert_eq!(pool.recv_burst().next(), None);
    assert_eq!(pool.recv_burst().len(), 0);
}

#[test]
fn a_burst_yields_all_that_was_sent() {
    for buffer in [3, 5000] {
        let mut pool = WorkerPool::<u32, ()>::new(buffer);
        pool.execute(|tx, _rx| (0..3).for_each(|value| tx.send(value).unwrap()));
        wait_for_ends(&pool);
        assert!(pool.recv_burst().eq(0..3));
        assert_eq!(pool.recv_burst().next(), None);
    }
}

#[test]
fn what_a_burst_leaves_comes_next_on_every_way() {
    let mut pool = WorkerPool::<u32, ()>::new(8);
    pool.execute(|tx, _rx| (0..6).for_each(|value| tx.send(value).unwrap()));
    wait_for_ends(&pool);
    assert_eq!(pool.recv_burst().next(), Some(0));
    assert_eq!(pool.recv(), Ok(1));
    assert_eq!(pool.recv_burst().next(), Some(2));
    assert_eq!(pool.recv_burst().next(), Some(3));
    assert!(pool.stop().eq(4..6));
}

#[test]
fn a_burst_yields_the_values_of_workers_that_wait_for_room() {
    for buffer in [0, 1, 2] {
        let mut pool = WorkerPool::<u32, ()>::new(buffer);
        pool.execute_many(4, |tx, _rx| tx.send(1).unwrap());
        let mut yielded = 0;
        while yielded < 4 {
            let_block();
            yielded += pool.recv_burst().sum::<u32>();
        }
        assert!(pool.stop_and_join().is_empty());
    }
}

#[test]
fn a_value_that_is_sent_during_a_burst_is_not_part_of_it() {
    let mut pool = WorkerPool::<u32, u32>::new(8);
    pool.execute(echo);
    let orders = pool.get(0).unwrap().1;
    orders.send(DownMsg::Other(1)).unwrap();
    assert_eq!(pool.recv(), Ok(1));

    let mut burst = pool.recv_burst();
    orders.send(DownMsg::Other(2)).unwrap();
    let_block();
    assert_eq!(burst.next(), None);
    assert_eq!(burst.next(), None);
    assert_eq!(pool.recv(), Ok(2));
}

#[test]
fn a_burst_ends_although_workers_never_stop_to_send() {
    let ends = Arc::new(AtomicBool::new(false));
    let mut pool = WorkerPool::<u32, ()>::new(4);
    for _ in 0..3 {
        let ends = Arc::clone(&ends);
        pool.execute(move |tx, _rx| {
            while !ends.load(Ordering::SeqCst) {
                tx.send(0).unwrap();
            }
        });
    }
    for _ in 0..1000 {
        // Taken and not yielded, queued, and one of each worker.
        assert!(pool.recv_burst().count() <= 4 + 4 + 3);
    }
    ends.store(true, Ordering::SeqCst);
    pool.stop_and_join();
}
