//! A bound of zero.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use raddle::channel::{RecvTimeoutError, TryRecvError, TrySendError, sync_channel};

use crate::support::let_block;

#[test]
fn a_send_returns_only_after_its_value_was_taken() {
    let (sender, receiver) = sync_channel(0);
    let returned = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&returned);
    let thread = thread::spawn(move || {
        sender.send(1).unwrap();
        seen.store(true, Ordering::SeqCst);
    });
    let_block();
    assert!(!returned.load(Ordering::SeqCst));
    assert_eq!(receiver.recv(), Ok(1));
    thread.join().unwrap();
}

#[test]
fn a_try_to_receive_takes_the_value_of_a_sender_that_waits() {
    let (sender, receiver) = sync_channel(0);
    let thread = thread::spawn(move || sender.send(1));
    let value = loop {
        match receiver.try_recv() {
            Ok(value) => break value,
            Err(error) => assert_eq!(error, TryRecvError::Empty),
        }
    };
    assert_eq!(value, 1);
    thread.join().unwrap().unwrap();
}

#[test]
fn a_try_to_send_succeeds_only_if_the_receiver_waits() {
    let (sender, receiver) = sync_channel(0);
    assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
    let thread = thread::spawn(move || (receiver.recv(), receiver));
    while sender.try_send(2).is_err() {
        thread::yield_now();
    }
    let (received, receiver) = thread.join().unwrap();
    assert_eq!(received, Ok(2));
    assert_eq!(sender.try_send(3), Err(TrySendError::Full(3)));
    drop(receiver);
}

#[test]
fn a_receiver_that_gave_up_does_not_count_as_waiting() {
    let (sender, receiver) = sync_channel(0);
    assert_eq!(receiver.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
    assert_eq!(sender.try_send(1), Err(TrySendError::Full(1)));
}

#[test]
fn the_values_of_senders_that_wait_are_taken_one_at_a_time() {
    let (sender, receiver) = sync_channel(0);
    let returned = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let threads: Vec<_> = (0..3)
        .map(|number| {
            let (sender, returned) = (sender.clone(), Arc::clone(&returned));
            thread::spawn(move || {
                sender.send(number).unwrap();
                returned.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    for taken in 1..=3 {
        let_block();
        receiver.recv().unwrap();
        let_block();
        assert!(returned.load(Ordering::SeqCst) <= taken);
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
