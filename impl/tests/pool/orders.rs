//! Orders on their way down, and the macros that take them.

use raddle::pool::{SendError, TryRecvError, WorkerReceiver};
use raddle::{DownMsg, WorkerPool, WorkerSender, recv_break, try_recv_break};

use crate::support::wait_for_ends;

type Order = DownMsg<u32>;

#[test]
fn a_broadcast_reaches_all_workers_that_still_listen() {
    let mut pool = WorkerPool::<u32, u32>::new(4);
    pool.execute(|_tx, rx| drop(rx));
    wait_for_ends(&pool);
    pool.execute_many(2, |tx, rx| {
        let Ok(DownMsg::Other(number)) = rx.recv() else { panic!("an order") };
        tx.send(number).unwrap();
    });
    pool.broadcast(DownMsg::Other(5));
    assert_eq!(pool.stop_and_join(), [5, 5]);
}

#[test]
fn one_worker_after_the_other_gets_an_order_beginning_with_the_second() {
    let mut pool = WorkerPool::<(u32, u32), u32>::new(8);
    assert_eq!(pool.broadcast_one(DownMsg::Pause), Err(SendError(DownMsg::Pause)), "no workers");
    for worker in 0..3 {
        pool.execute(move |tx, rx| {
            loop {
                tx.send((worker, recv_break!(rx))).unwrap();
            }
        });
    }
    for number in 0..4 {
        pool.broadcast_one(DownMsg::Other(number)).unwrap();
        assert_eq!(pool.recv(), Ok(([1, 2, 0, 1][number as usize], number)));
    }
    pool.stop_and_join();
    pool.execute(|_tx, rx| drop(rx));
    pool.execute(|tx, rx| tx.send((9, recv_once(&rx))).unwrap());
    pool.broadcast_one(DownMsg::Other(1)).unwrap();
    assert_eq!(pool.recv(), Ok((9, 1)), "a stop begins anew");
    wait_for_ends(&pool);
    assert_eq!(pool.broadcast_one(DownMsg::Other(2)), Err(SendError(DownMsg::Other(2))), "its turn passes");
}

fn recv_once(rx: &WorkerReceiver<u32>) -> u32 {
    match rx.recv() {
        Ok(DownMsg::Other(number)) => number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sender_of_orders_outlives_a_stop() {
    let mut pool = WorkerPool::<u32, u32>::new(4);
    pool.execute(|tx, rx| {
        assert_eq!(rx.recv(), Ok(DownMsg::Stop));
        tx.send(recv_once(&rx)).unwrap();
        drop(rx);
    });
    let orders = pool.get(0).unwrap().1;
    let mut all = pool.stop();
    orders.send(DownMsg::Other(4)).unwrap();
    assert_eq!(all.next(), Some(4));
    assert_eq!(all.next(), None);
    assert_eq!(orders.send(DownMsg::Continue), Err(SendError(DownMsg::Continue)));
}

/// What a worker makes of `orders` that come before its first look.
fn after(orders: &[Order], worker: fn(WorkerSender<u32>, WorkerReceiver<u32>)) -> Vec<u32> {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let mut pool = WorkerPool::<u32, u32>::new(64);
    pool.execute(move |tx, rx| {
        let _ = wait.recv();
        worker(tx, rx);
    });
    orders.iter().for_each(|order| pool.broadcast(order.clone()));
    drop(go);
    pool.stop_and_join()
}

#[test]
fn recv_break_ignores_pauses_and_ends_the_loop_at_a_stop() {
    use DownMsg::{Continue, Other, Pause, Stop};
    fn worker(tx: WorkerSender<u32>, rx: WorkerReceiver<u32>) {
        loop {
            tx.send(recv_break!(rx)).unwrap();
        }
        tx.send(100).unwrap();
    }
    assert_eq!(after(&[], worker), [100]);
    assert_eq!(after(&[Other(1), Pause, Other(2), Continue, Other(3)], worker), [1, 2, 3, 100]);
    assert_eq!(after(&[Other(1), Stop, Other(2)], worker), [1, 100]);
}

#[test]
fn try_recv_break_waits_while_paused_and_drops_what_comes_meanwhile() {
    use DownMsg::{Continue, Other, Pause, Stop};
    /// Tells 0 for `None`.
    fn worker(tx: WorkerSender<u32>, rx: WorkerReceiver<u32>) {
        for _ in 0..4 {
            tx.send(try_recv_break!(rx).unwrap_or(0)).unwrap();
        }
        tx.send(100).unwrap();
    }
    assert_eq!(after(&[Other(1), Continue, Other(2), Other(3)], worker), [1, 0, 2, 3, 100]);
    let paused = [Pause, Other(1), Pause, Other(2), Continue, Other(3), Continue, Other(4)];
    assert_eq!(after(&paused, worker), [0, 3, 0, 4, 100]);
    assert_eq!(after(&[Pause, Other(1), Stop, Continue], worker), [100]);
    assert_eq!(after(&[Other(1), Stop], worker), [1, 100]);
}

#[test]
fn the_macros_end_the_loop_when_the_pool_is_gone() {
    let (answer, answers) = std::sync::mpsc::channel();
    let mut pool = WorkerPool::<u32, u32>::new(1);
    pool.execute(move |_tx, rx| {
        loop {
            let _ = recv_break!(rx);
        }
        loop {
            let _ = recv_break!(&rx);
        }
        loop {
            let _ = try_recv_break!(rx);
        }
        answer.send(rx.try_recv()).unwrap();
    });
    drop(pool);
    assert_eq!(answers.recv(), Ok(Err(TryRecvError::Disconnected)));
}
