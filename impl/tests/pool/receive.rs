//! Values on their way up.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use raddle::WorkerPool;
use raddle::pool::{SendError, TrySendError};

use crate::support::{BUFFERS, Tracked, count, let_block, wait_for_ends};

#[test]
fn a_pool_keeps_the_length_of_its_buffer() {
    for buffer in BUFFERS {
        let mut pool = WorkerPool::<u32, ()>::new(buffer);
        assert_eq!(pool.buffer_length(), buffer);
        drop(pool.stop());
        assert_eq!(pool.buffer_length(), buffer);
    }
}

#[test]
fn the_values_of_each_worker_come_in_order() {
    for buffer in BUFFERS {
        let mut pool = WorkerPool::<(usize, u32), ()>::new(buffer);
        for worker in 0..3 {
            pool.execute(move |tx, _rx| (0..100).for_each(|value| tx.send((worker, value)).unwrap()));
        }
        let mut next = [0; 3];
        let mut see = |(worker, value): (usize, u32)| {
            assert_eq!(value, next[worker]);
            next[worker] += 1;
        };
        // Through all four ways. No more by `recv` than are sent for certain.
        for _ in 0..20 {
            see(pool.recv().unwrap());
            pool.recv_burst().take(2).for_each(&mut see);
            see(pool.recv().unwrap());
        }
        pool.recv_burst().for_each(&mut see);
        let mut rest = pool.stop();
        rest.by_ref().take(3).for_each(&mut see);
        rest.for_each(&mut see);
        assert_eq!(next, [100; 3]);
    }
}

#[test]
fn execute_many_starts_a_clone_for_each() {
    let mut pool = WorkerPool::<u32, ()>::new(1);
    pool.execute_many(0, |_, _| unreachable!("nobody is started"));
    assert!(pool.get(0).is_none());
    pool.execute_many(3, |tx, _rx| tx.send(7).unwrap());
    assert!(pool.get(2).is_some() && pool.get(3).is_none());
    assert_eq!(pool.stop_and_join(), [7, 7, 7]);
}

#[test]
fn threads_are_named_after_their_index() {
    let mut pool = WorkerPool::<String, ()>::new(1);
    pool.execute_many(2, |tx, _rx| tx.send(std::thread::current().name().unwrap().to_owned()).unwrap());
    assert_eq!(pool.get(1).unwrap().0.thread().name(), Some("worker 1"));
    let mut names = pool.stop_and_join();
    names.sort();
    assert_eq!(names, ["worker 0", "worker 1"]);
}

#[test]
fn a_worker_is_told_that_the_buffer_is_full() {
    let mut pool = WorkerPool::<u32, ()>::new(2);
    pool.execute(|tx, _rx| {
        assert_eq!(tx.try_send(1), Ok(()));
        assert_eq!(tx.clone().try_send(2), Ok(()));
        assert_eq!(tx.try_send(3), Err(TrySendError::Full(3)));
    });
    wait_for_ends(&pool);
    assert_eq!(pool.stop_and_join(), [1, 2]);
}

#[test]
fn without_a_buffer_trying_to_send_succeeds_while_the_manager_waits() {
    let mut pool = WorkerPool::<u32, ()>::new(0);
    pool.execute(|tx, _rx| {
        while tx.try_send(1).is_err() {
            std::thread::yield_now();
        }
    });
    let_block();
    assert_eq!(pool.recv_burst().next(), None, "a burst does not wait");
    assert_eq!(pool.recv(), Ok(1));
    pool.stop_and_join();
}

#[test]
fn a_dropped_pool_tells_its_workers_both_ways() {
    let (answer, answers) = std::sync::mpsc::channel();
    let drops = Arc::new(AtomicUsize::new(0));
    let mut pool = WorkerPool::<Tracked, ()>::new(1);
    let counter = Arc::clone(&drops);
    pool.execute(move |tx, rx| {
        tx.send(Tracked(1, Arc::clone(&counter))).unwrap();
        let blocked = tx.send(Tracked(2, Arc::clone(&counter)));
        let late = tx.try_send(Tracked(3, counter));
        answer.send((rx.recv().is_err(), blocked, late)).unwrap();
    });
    let_block();
    drop(pool);
    let (disconnected, blocked, late) = answers.recv().unwrap();
    assert!(disconnected);
    assert_eq!(count(&drops), 1, "the one that was buffered");
    assert!(matches!(blocked, Err(SendError(Tracked(2, _)))));
    assert!(matches!(late, Err(TrySendError::Disconnected(Tracked(3, _)))));
}

#[test]
fn handles_are_printed_by_their_names() {
    let mut pool = WorkerPool::<String, ()>::new(1);
    pool.execute(|tx, _rx| tx.send(format!("{tx:?}")).unwrap());
    assert_eq!(pool.recv().unwrap(), "WorkerSender { .. }");
    assert!(format!("{pool:?}").starts_with("WorkerPool { buffer_length: 1"));
}
