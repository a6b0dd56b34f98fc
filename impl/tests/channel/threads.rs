//! Many threads at once: nothing is lost, nothing comes twice, each sender's messages come in order.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread;

use raddle::channel::{Receiver, SyncSender, TrySendError, channel, sync_channel};

use crate::support::{BOUNDS, Tracked, count};

const SENDERS: u32 = 4;
const EACH: u32 = 5_000;

/// Receives in all the ways there are.
fn receive_all(receiver: &Receiver<(u32, Tracked)>) {
    let mut next = [0; SENDERS as usize];
    let mut received = 0;
    let mut see = |(sender, value): (u32, Tracked)| {
        assert_eq!(value.0, next[sender as usize], "in order");
        next[sender as usize] += 1;
        received += 1;
    };
    while let Ok(message) = receiver.recv() {
        see(message);
        receiver.try_iter().take(3).for_each(&mut see);
        if let Ok(message) = receiver.recv_timeout(std::time::Duration::from_micros(10)) {
            see(message);
        }
    }
    assert_eq!(received, SENDERS * EACH);
}

/// Sends, after some attempts without waiting if `tries`.
fn send<T: Send>(sender: &SyncSender<T>, mut message: T, tries: bool) {
    for _ in 0..if tries { 10 } else { 0 } {
        match sender.try_send(message) {
            Ok(()) => return,
            Err(TrySendError::Full(back)) => message = back,
            Err(TrySendError::Disconnected(_)) => panic!("the receiver lives"),
        }
        thread::yield_now();
    }
    assert!(sender.send(message).is_ok(), "the receiver lives");
}

#[test]
fn all_messages_arrive_once_and_in_order() {
    for bound in BOUNDS {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = sync_channel(bound);
        thread::scope(|scope| {
            for number in 0..SENDERS {
                let (sender, drops) = (sender.clone(), Arc::clone(&drops));
                scope.spawn(move || {
                    for value in 0..EACH {
                        let message = (number, Tracked::new(value, &drops));
                        send(&sender, message, value % 3 == 0);
                    }
                });
            }
            drop(sender);
            receive_all(&receiver);
        });
        assert_eq!(count(&drops), (SENDERS * EACH) as usize);
    }
}

#[test]
fn an_unbounded_channel_carries_all() {
    let drops = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        for number in 0..SENDERS {
            let (sender, drops) = (sender.clone(), Arc::clone(&drops));
            scope.spawn(move || {
                for value in 0..EACH {
                    sender.send((number, Tracked::new(value, &drops))).unwrap();
                }
            });
        }
        drop(sender);
        receive_all(&receiver);
    });
    assert_eq!(count(&drops), (SENDERS * EACH) as usize);
}

#[test]
fn senders_end_when_the_receiver_is_dropped_in_their_midst() {
    for bound in BOUNDS {
        let drops = Arc::new(AtomicUsize::new(0));
        let (sender, receiver) = sync_channel(bound);
        let made: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..SENDERS)
                .map(|_| {
                    let (sender, drops) = (sender.clone(), Arc::clone(&drops));
                    scope.spawn(move || {
                        let mut made = 1;
                        while sender.send(Tracked::new(0, &drops)).is_ok() {
                            made += 1;
                        }
                        made
                    })
                })
                .collect();
            for _ in 0..1000 {
                receiver.recv().unwrap();
            }
            drop(receiver);
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(count(&drops), made);
    }
}
