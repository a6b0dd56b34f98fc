//! Who waits, and what ends the wait.

use std::sync::Arc;
use std::thread;

use raddle::channel::{RecvError, SendError, channel, sync_channel};

use crate::support::let_block;

#[test]
fn a_receiver_waits_for_a_message() {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || receiver.recv());
    let_block();
    sender.send(1).unwrap();
    assert_eq!(thread.join().unwrap(), Ok(1));
}

#[test]
fn a_receiver_that_waits_is_told_of_the_end() {
    for bound in [0, 1, 5000] {
        let (sender, receiver) = sync_channel::<u32>(bound);
        let thread = thread::spawn(move || receiver.recv());
        let_block();
        drop(sender);
        assert_eq!(thread.join().unwrap(), Err(RecvError));
    }
}

#[test]
fn a_sender_waits_for_room() {
    for bound in [1, 2, 5000] {
        let (sender, receiver) = sync_channel(bound);
        for _ in 0..bound {
            sender.send(0).unwrap();
        }
        let thread = thread::spawn(move || sender.send(1));
        let_block();
        assert_eq!(receiver.recv(), Ok(0));
        assert_eq!(thread.join().unwrap(), Ok(()));
        assert_eq!(receiver.iter().last(), Some(1));
    }
}

#[test]
fn senders_that_wait_get_their_values_back_when_the_receiver_goes() {
    for bound in [0, 1, 5000] {
        let (sender, receiver) = sync_channel(bound);
        for _ in 0..bound {
            sender.send(0).unwrap();
        }
        let threads: Vec<_> = (1..=3)
            .map(|number| {
                let sender = sender.clone();
                thread::spawn(move || sender.send(number))
            })
            .collect();
        let_block();
        drop(receiver);
        let answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(answers, [Err(SendError(1)), Err(SendError(2)), Err(SendError(3))]);
    }
}

#[test]
fn more_senders_wait_than_there_is_room_for() {
    for bound in [0, 1, 2] {
        let (sender, receiver) = sync_channel(bound);
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let sender = sender.clone();
                thread::spawn(move || sender.send(number))
            })
            .collect();
        let_block();
        drop(sender);
        let mut received: Vec<i32> = receiver.iter().collect();
        received.sort_unstable();
        assert!(received.into_iter().eq(0..8));
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == Ok(())));
    }
}

#[test]
fn a_sender_can_be_shared() {
    let (sender, receiver) = sync_channel(1);
    let sender = Arc::new(sender);
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let sender = Arc::clone(&sender);
            thread::spawn(move || sender.send(number))
        })
        .collect();
    drop(sender);
    assert_eq!(receiver.iter().sum::<i32>(), 6);
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == Ok(())));
}
