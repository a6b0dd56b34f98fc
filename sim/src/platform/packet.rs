//! Where a simulated thread leaves its result for whoever joins it.
//!
//! An `Arc<Mutex<Option<T>>>` would do. But the atomic instructions of two locks and of counting two owners are a good part of
//! what a short thread costs, and with one writer and one reader a packet needs one of them.
//!
//! Every `SAFETY` note cites one of these rules.
//!
//! - **P1** The sender alone writes the value, once, before `is_full`; the receiver alone takes it, after it saw `is_full`.
//! - **P2** Each of the two owners gives the packet up once, when it is dropped. The second one frees it: it is the one that
//!   finds `is_half_owned` set.

use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

struct Packet<T> {
    value: UnsafeCell<Option<T>>,
    is_full: AtomicBool,
    is_half_owned: AtomicBool,
}

/// The right to fill a packet.
pub(super) struct Sender<T>(NonNull<Packet<T>>);

/// The right to empty a packet.
pub(super) struct Receiver<T>(NonNull<Packet<T>>);

// SAFETY: P1, P2: a value goes from one thread to another, and is dropped by the owner that is second.
unsafe impl<T: Send> Send for Sender<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Receiver<T> {}
// SAFETY: a shared reference to a receiver can do nothing.
unsafe impl<T: Send> Sync for Receiver<T> {}

/// A new, empty packet.
pub(super) fn packet<T>() -> (Sender<T>, Receiver<T>) {
    let packet = Packet {
        value: UnsafeCell::new(None),
        is_full: AtomicBool::new(false),
        is_half_owned: AtomicBool::new(false),
    };
    let packet = NonNull::from(Box::leak(Box::new(packet)));
    (Sender(packet), Receiver(packet))
}

impl<T> Sender<T> {
    /// Fills the packet. If the receiver is gone, the value is dropped here.
    pub(super) fn send(self, value: T) {
        // SAFETY: P2: this owner has not given it up.
        let packet = unsafe { self.0.as_ref() };
        // SAFETY: P1: the receiver keeps away until `is_full`, and this consumes the sender.
        unsafe { *packet.value.get() = Some(value) };
        // Release: pairs with the acquire in `receive`.
        packet.is_full.store(true, Ordering::Release);
    }
}

impl<T> Receiver<T> {
    /// Empties the packet. `None`: nothing was sent.
    pub(super) fn receive(self) -> Option<T> {
        // SAFETY: P2: this owner has not given it up.
        let packet = unsafe { self.0.as_ref() };
        // Acquire: pairs with the release in `send`.
        let is_full = packet.is_full.load(Ordering::Acquire);
        // SAFETY: P1: it is full, and this consumes the receiver.
        if is_full { unsafe { (*packet.value.get()).take() } } else { None }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // SAFETY: P2: given up here alone.
        unsafe { give_up(self.0) };
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // SAFETY: P2: given up here alone.
        unsafe { give_up(self.0) };
    }
}

/// Frees the packet if the other owner has given it up.
///
/// # Safety
///
/// The caller is an owner, and not any more afterwards.
unsafe fn give_up<T>(packet: NonNull<Packet<T>>) {
    // SAFETY: the caller is an owner still.
    let is_half_owned = unsafe { &packet.as_ref().is_half_owned };
    // Acquire and release: all that the first owner did with the value comes before its end. The load spares the second
    // owner the dearer instruction.
    if is_half_owned.load(Ordering::Acquire) || is_half_owned.swap(true, Ordering::AcqRel) {
        // SAFETY: P2: made by `Box::leak`, and the other owner is gone.
        drop(unsafe { Box::from_raw(packet.as_ptr()) });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[test]
    fn what_was_sent_is_received_once_and_dropped_once() {
        let value = Arc::new(());
        let (sender, receiver) = packet();
        sender.send(value.clone());
        assert!(receiver.receive().is_some_and(|received| Arc::ptr_eq(&received, &value)));
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn a_value_that_nobody_takes_is_dropped_with_the_second_owner() {
        let value = Arc::new(());
        let (sender, receiver) = packet();
        sender.send(value.clone());
        assert_eq!(Arc::strong_count(&value), 2);
        drop(receiver);
        assert_eq!(Arc::strong_count(&value), 1);

        let (sender, receiver) = packet();
        drop(receiver);
        sender.send(value.clone());
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn a_packet_that_was_not_filled_is_empty() {
        let (sender, receiver) = packet::<u32>();
        drop(sender);
        assert_eq!(receiver.receive(), None);
        let (_sender, receiver) = packet::<u32>();
        assert_eq!(receiver.receive(), None);
    }

    #[test]
    fn owners_on_two_real_threads_free_it_once() {
        for _ in 0..1_000 {
            let value = Arc::new(());
            let (sender, receiver) = packet();
            let sent = value.clone();
            let sending = thread::spawn(move || sender.send(sent));
            let received = receiver.receive();
            sending.join().expect("it does not panic");
            drop(received);
            assert_eq!(Arc::strong_count(&value), 1);
        }
    }
}
