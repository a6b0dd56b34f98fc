//! Channels: in all schedules, messages arrive once and in order, and every way to lose the other end is told.

use raddle::platform::Join;
use raddle_sim::kernel::{End, OpKind, ThreadState};
use raddle_sim::sync::mpsc::{SendError, TryRecvError, TrySendError, channel, sync_channel};

use crate::{outcomes, returned, run_all, spawn};

#[test]
fn messages_of_one_sender_arrive_once_and_in_order() {
    for bound in [0, 1, 2] {
        let all = outcomes(|| {
            let (sender, receiver) = sync_channel(bound);
            let producer = spawn(move || (0..3).for_each(|number| sender.send(number).unwrap()));
            let received: Vec<_> = receiver.iter().collect();
            producer.join().unwrap();
            received
        });
        assert_eq!(all, returned([vec![0, 1, 2]]), "bound {bound}");
    }
}

#[test]
fn messages_of_two_senders_arrive_in_every_order() {
    for bound in [Some(0), Some(1), None] {
        let all = outcomes(|| {
            let received = |senders: [Box<dyn FnOnce() + Send>; 2], receive: &dyn Fn() -> Vec<i32>| {
                let threads = senders.map(spawn);
                let received = receive();
                threads.into_iter().for_each(|thread| thread.join().unwrap());
                received
            };
            match bound {
                None => {
                    let (one, receiver) = channel();
                    let two = one.clone();
                    let send = |number, sender: raddle_sim::sync::mpsc::Sender<i32>| {
                        Box::new(move || sender.send(number).unwrap()) as Box<dyn FnOnce() + Send>
                    };
                    received([send(1, one), send(2, two)], &|| receiver.iter().collect())
                }
                Some(bound) => {
                    let (one, receiver) = sync_channel(bound);
                    let two = one.clone();
                    let send = |number, sender: raddle_sim::sync::mpsc::SyncSender<i32>| {
                        Box::new(move || sender.send(number).unwrap()) as Box<dyn FnOnce() + Send>
                    };
                    received([send(1, one), send(2, two)], &|| receiver.iter().collect())
                }
            }
        });
        assert_eq!(all, returned([vec![1, 2], vec![2, 1]]), "bound {bound:?}");
    }
}

#[test]
fn a_channel_without_room_hands_over() {
    // After the send has returned, the message has been received.
    let all = outcomes(|| {
        let (sender, receiver) = sync_channel(0);
        let consumer = spawn(move || (receiver.recv(), receiver));
        sender.send(7).unwrap();
        let again = sender.try_send(8) == Err(TrySendError::Full(8));
        let (received, receiver) = consumer.join().unwrap();
        drop(receiver);
        (received.unwrap(), again)
    });
    assert_eq!(all, returned([(7, true)]));
}

#[test]
fn try_send_without_room_needs_a_receiver_that_waits() {
    let all = outcomes(|| {
        let (sender, receiver) = sync_channel(0);
        let consumer = spawn(move || receiver.recv().ok());
        let sent = sender.try_send(1).is_ok();
        drop(sender);
        (sent, consumer.join().unwrap())
    });
    assert_eq!(all, returned([(true, Some(1)), (false, None)]));
}

#[test]
fn try_send_needs_room() {
    let all = outcomes(|| {
        let (sender, receiver) = sync_channel(1);
        let consumer = spawn(move || (receiver.recv().unwrap(), receiver));
        sender.send(1).unwrap();
        let second = sender.try_send(2).is_ok();
        let (first, receiver) = consumer.join().unwrap();
        (first, second, receiver.try_recv().ok())
    });
    assert_eq!(all, returned([(1, true, Some(2)), (1, false, None)]));
}

#[test]
fn try_recv_tells_empty_from_disconnected() {
    let all = outcomes(|| {
        let (sender, receiver) = channel();
        let producer = spawn(move || sender.send(1).unwrap());
        let first = receiver.try_recv();
        let second = receiver.try_recv();
        producer.join().unwrap();
        (
            first.map_err(|error| error == TryRecvError::Empty),
            second.map_err(|error| error == TryRecvError::Empty),
        )
    });
    let (empty, gone) = (Err(true), Err(false));
    assert_eq!(all, returned([(empty, empty), (empty, Ok(1)), (Ok(1), empty), (Ok(1), gone)]));
}

#[test]
fn a_sender_learns_that_the_receiver_is_gone_and_gets_its_message_back() {
    for bound in [0, 1] {
        let all = outcomes(|| {
            let (sender, receiver) = sync_channel(bound);
            let consumer = spawn(move || drop(receiver));
            let first = sender.send(1);
            let second = sender.send(2);
            consumer.join().unwrap();
            (first.map_err(|SendError(back)| back), second.map_err(|SendError(back)| back))
        });
        let expected: &[_] =
            if bound == 0 { &[(Err(1), Err(2))] } else { &[(Err(1), Err(2)), (Ok(()), Err(2))] };
        assert_eq!(all, returned(expected.iter().copied()), "bound {bound}");
    }
}

#[test]
fn a_receiver_learns_that_the_last_sender_is_gone_but_not_before() {
    for bound in [0, 1] {
        let all = outcomes(|| {
            let (one, receiver) = sync_channel::<i32>(bound);
            let two = one.clone();
            let threads = [one, two].map(|sender| spawn(move || drop(sender)));
            let received = receiver.recv();
            let ended = threads.iter().filter(|thread| thread.is_finished()).count();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            (received.is_err(), ended <= 2)
        });
        assert_eq!(all, returned([(true, true)]), "bound {bound}");
    }
}

#[test]
fn a_dropped_receiver_drops_the_messages_at_once() {
    use std::sync::Arc;
    let all = outcomes(|| {
        let (sender, receiver) = channel();
        let message = Arc::new(());
        sender.send(message.clone()).unwrap();
        drop(receiver);
        Arc::strong_count(&message)
    });
    assert_eq!(all, returned([1]));
}

#[test]
fn a_halt_names_the_channel_and_what_is_waited_for() {
    for (bound, kind, text) in [
        (0, OpKind::HandOver, "waits for a receiver at channel #0 (created at "),
        (1, OpKind::Send, "waits for room in channel #0 (created at "),
    ] {
        run_all(
            || {
                let (sender, _receiver) = sync_channel(bound);
                (0..=bound).for_each(|number| sender.send(number).unwrap());
            },
            |run, kernel| {
                assert_eq!(run.end, End::Stuck);
                let main = &kernel.threads()[0];
                let ThreadState::Blocked { op, object: Some(object) } = &main.state else { panic!("{main}") };
                assert_eq!(op.kind, kind);
                assert!(object.birthplace.file().ends_with("channels.rs"), "{main}");
                assert!(main.to_string().contains(text), "{main}");
            },
        );
    }
    for bound in [0, 1] {
        run_all(
            || {
                let (_sender, receiver) = sync_channel::<()>(bound);
                let _ = receiver.recv();
            },
            |run, kernel| {
                assert_eq!(run.end, End::Stuck);
                let main = kernel.threads()[0].to_string();
                assert!(main.contains("waits to receive from channel #0"), "{main}");
            },
        );
    }
}

#[test]
fn what_was_sent_before_an_execution_is_received_in_it() {
    let (sender, receiver) = channel();
    sender.send(5).unwrap();
    let receiver = std::sync::Mutex::new(receiver);
    let mut kernel = raddle_sim::kernel::Kernel::new(crate::LIMITS);
    kernel.run(&mut raddle_sim::strategy::Random::new(1), || {
        assert_eq!(receiver.lock().unwrap().recv(), Ok(5));
        sender.send(6).unwrap();
    });
    assert_eq!(kernel.threads()[0].state, ThreadState::Finished);
    assert_eq!(receiver.lock().unwrap().recv(), Ok(6));
}
