//! Each value is received once, or comes back, or is dropped with the receiver.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use raddle::channel::{Sender, channel, sync_channel};

use crate::support::{BOUNDS, Tracked, count, let_block};

#[test]
fn what_waits_is_dropped_with_the_receiver() {
    for bound in BOUNDS.into_iter().filter(|bound| *bound > 0) {
        let drops = Arc::default();
        let (sender, receiver) = sync_channel(bound);
        for number in 0..bound {
            sender.send(Tracked::new(number as u32, &drops)).unwrap();
        }
        drop(receiver);
        assert_eq!(count(&drops), bound, "though the sender lives");
        drop(sender);
        assert_eq!(count(&drops), bound);
    }
}

#[test]
fn what_was_taken_and_what_came_since_is_dropped_in_order() {
    let (sender, receiver) = sync_channel(2);
    let order = Arc::new(Mutex::new(Vec::new()));
    struct Note(u32, Arc<Mutex<Vec<u32>>>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    sender.send(Note(0, Arc::clone(&order))).unwrap();
    sender.send(Note(1, Arc::clone(&order))).unwrap();
    std::mem::forget(receiver.recv().unwrap());
    sender.send(Note(2, Arc::clone(&order))).unwrap();
    sender.send(Note(3, Arc::clone(&order))).unwrap();
    drop(receiver);
    assert_eq!(*order.lock().unwrap(), [1, 2, 3]);
}

#[test]
fn what_waits_outlives_the_senders() {
    let drops = Arc::default();
    let (sender, receiver) = channel();
    sender.send(Tracked::new(7, &drops)).unwrap();
    drop(sender);
    assert_eq!(count(&drops), 0);
    assert_eq!(receiver.recv().unwrap().0, 7);
    assert_eq!(count(&drops), 1);
}

#[test]
fn a_value_that_comes_back_is_not_dropped() {
    let drops = Arc::default();
    let (sender, receiver) = sync_channel(1);
    sender.send(Tracked::new(0, &drops)).unwrap();
    let full = sender.try_send(Tracked::new(1, &drops)).unwrap_err();
    let blocked = thread::spawn({
        let (sender, drops) = (sender.clone(), Arc::clone(&drops));
        move || sender.send(Tracked::new(2, &drops)).unwrap_err().0
    });
    let_block();
    drop(receiver);
    let blocked = blocked.join().unwrap();
    assert_eq!(blocked.0, 2);
    assert_eq!(count(&drops), 1, "the one that was queued");
    drop((full, blocked));
    assert_eq!(count(&drops), 3);
}

/// Uses the channel, and panics if told to, when it is dropped.
struct Hook(Sender<Hook>, bool, Arc<AtomicUsize>);

impl Drop for Hook {
    fn drop(&mut self) {
        self.2.fetch_add(1, Ordering::SeqCst);
        let other = Hook(self.0.clone(), false, Arc::clone(&self.2));
        if self.2.load(Ordering::SeqCst) < 10 {
            assert!(self.0.send(other).is_err(), "the receiver is gone");
        } else {
            std::mem::forget(other);
        }
        assert!(!self.1, "a drop that panics");
    }
}

#[test]
fn a_value_that_is_dropped_may_use_the_channel() {
    let (sender, receiver) = channel();
    let drops = Arc::default();
    sender.send(Hook(sender.clone(), false, Arc::clone(&drops))).ok().unwrap();
    drop(receiver);
    assert!(count(&drops) >= 10);
}

#[test]
fn a_value_whose_drop_panics_keeps_no_other_from_being_dropped() {
    let (sender, receiver) = channel();
    let drops = Arc::new(AtomicUsize::new(10));
    for panics in [false, true, false] {
        sender.send(Hook(sender.clone(), panics, Arc::clone(&drops))).ok().unwrap();
    }
    let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(receiver)));
    assert!(dropped.is_err());
    assert_eq!(count(&drops), 13);
    let refused = sender.send(Hook(sender.clone(), false, Arc::clone(&drops)));
    std::mem::forget(refused);
}
