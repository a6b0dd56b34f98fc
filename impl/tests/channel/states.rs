//! What each method answers in each state, on one thread.

use std::time::Duration;

use raddle::channel::{
    RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError, channel, sync_channel,
};

use crate::support::BOUNDS;

const SOON: Duration = Duration::from_millis(1);

#[test]
fn an_empty_channel_has_nothing_to_receive() {
    for bound in BOUNDS {
        let (_sender, receiver) = sync_channel::<u32>(bound);
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(receiver.recv_timeout(SOON), Err(RecvTimeoutError::Timeout));
        assert_eq!(receiver.try_iter().next(), None);
    }
}

#[test]
fn messages_come_in_the_order_in_which_they_were_sent() {
    let (sender, receiver) = channel();
    let (bounded, other) = sync_channel(100);
    for number in 0..100 {
        sender.send(number).unwrap();
        bounded.send(number).unwrap();
    }
    assert!(receiver.try_iter().eq(0..100));
    assert!(other.try_iter().eq(0..100));
}

#[test]
fn a_channel_takes_as_many_messages_as_its_bound() {
    for bound in BOUNDS {
        let (sender, receiver) = sync_channel(bound);
        for number in 0..bound {
            assert_eq!(sender.try_send(number), Ok(()), "bound {bound}");
        }
        assert_eq!(sender.try_send(bound), Err(TrySendError::Full(bound)));
        assert_eq!(sender.try_send(bound), Err(TrySendError::Full(bound)), "and stays full");
        assert!(receiver.try_iter().eq(0..bound));
    }
}

#[test]
fn a_receive_makes_room_for_as_many_as_it_takes() {
    for bound in BOUNDS.into_iter().filter(|bound| *bound > 0) {
        let (sender, receiver) = sync_channel(bound);
        for number in 0..bound {
            sender.send(number).unwrap();
        }
        assert_eq!(receiver.recv(), Ok(0));
        // The receiver has taken all, and returned one.
        for number in bound..2 * bound {
            assert_eq!(sender.try_send(number), Ok(()));
        }
        assert_eq!(sender.try_send(0), Err(TrySendError::Full(0)));
        assert!(receiver.try_iter().eq(1..2 * bound));
    }
}

#[test]
fn without_senders_the_messages_that_wait_are_received_before_the_end_is_told() {
    let (sender, receiver) = sync_channel(2);
    let clone = sender.clone();
    sender.send(1).unwrap();
    drop(sender);
    clone.send(2).unwrap();
    drop(clone);
    assert_eq!(receiver.recv(), Ok(1));
    assert_eq!(receiver.try_recv(), Ok(2));
    assert_eq!(receiver.recv(), Err(RecvError));
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
    assert_eq!(receiver.recv_timeout(SOON), Err(RecvTimeoutError::Disconnected));
    assert_eq!(receiver.iter().next(), None);
    assert_eq!(receiver.into_iter().next(), None);
}

#[test]
fn one_sender_of_several_keeps_the_channel_connected() {
    let (sender, receiver) = channel::<u32>();
    let clone = sender.clone();
    drop(sender);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
    drop(clone);
    assert_eq!(receiver.try_recv(), Err(TryRecvError::Disconnected));
}

#[test]
fn without_a_receiver_senders_get_their_value_back() {
    for bound in BOUNDS {
        let (sender, receiver) = sync_channel(bound);
        drop(receiver);
        assert_eq!(sender.send(1), Err(SendError(1)));
        assert_eq!(sender.try_send(2), Err(TrySendError::Disconnected(2)));
    }
    let (sender, receiver) = channel();
    drop(receiver);
    assert_eq!(sender.send(3), Err(SendError(3)));
}

#[test]
fn a_time_limit_without_end_is_none() {
    let (sender, receiver) = sync_channel(1);
    let thread = std::thread::spawn(move || sender.send(1));
    assert_eq!(receiver.recv_timeout(Duration::MAX), Ok(1));
    thread.join().unwrap().unwrap();
}

#[test]
fn handles_are_printed_by_their_names() {
    let (sender, receiver) = channel::<u32>();
    assert_eq!(format!("{sender:?} {receiver:?}"), "Sender { .. } Receiver { .. }");
    assert_eq!(format!("{:?}", sync_channel::<u32>(1).0), "SyncSender { .. }");
}

#[test]
fn values_without_size_and_values_of_many_bytes_are_carried() {
    let (sender, receiver) = sync_channel(3);
    sender.send(()).unwrap();
    assert_eq!(receiver.recv(), Ok(()));
    let (sender, receiver) = sync_channel(3);
    sender.send([7_u8; 4096]).unwrap();
    assert_eq!(receiver.recv(), Ok([7_u8; 4096]));
}
