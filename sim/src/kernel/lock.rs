//! Mutexes and condition variables: who holds, who waits, who can go on.
//!
//! A thread that waits is in the queue of one object, threaded through the slots. A thread whose next operation takes a
//! mutex is in the mutex's queue while it is suspended, and can go on while nobody holds the mutex. A thread that waits for a
//! notification is in the queue of the condition variable and cannot go on; the notification moves it to the queue of the
//! mutex that it has to take again. So whoever frees a mutex enables its queue, whoever takes it disables the rest, and
//! nobody ever tries in vain.

use std::ptr::NonNull;

use crate::choice::Kind;

use super::core::{Core, NOBODY};
use super::object::ObjectSlot;
use super::operation::{Op, OpKind};
use super::step::{offer, pick_other, record, switch};

/// The slot of an object.
///
/// # Safety
///
/// K1; `index` is of this execution; the borrow must end before anything else touches the objects (K2).
#[inline]
unsafe fn object<'a>(core: *mut Core, index: u32) -> &'a mut ObjectSlot {
    // SAFETY: K1, K2.
    unsafe {
        let objects = &mut (*core).objects;
        &mut objects[index as usize]
    }
}

/// Puts `thread` at the end of the queue of `index`.
unsafe fn enqueue(core: *mut Core, index: u32, thread: u32) {
    // SAFETY: K1, K2, K3.
    unsafe {
        let queue = object(core, index);
        let slot = (*core).slots.add(thread as usize);
        (*slot).queue = index;
        (*slot).previous = queue.last;
        (*slot).following = NOBODY;
        match queue.last {
            NOBODY => queue.first = thread,
            last => (*(*core).slots.add(last as usize)).following = thread,
        }
        queue.last = thread;
        queue.length += 1;
    }
}

/// Takes `thread` out of the queue that it is in, if it is in one.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of or tears down; `thread` is born.
pub(crate) unsafe fn dequeue(core: *mut Core, thread: u32) {
    // SAFETY: K1, K2, K3.
    unsafe {
        let slots = (*core).slots;
        let slot = slots.add(thread as usize);
        if (*slot).queue == NOBODY {
            return;
        }
        let queue = object(core, (*slot).queue);
        match (*slot).previous {
            NOBODY => queue.first = (*slot).following,
            previous => (*slots.add(previous as usize)).following = (*slot).following,
        }
        match (*slot).following {
            NOBODY => queue.last = (*slot).previous,
            following => (*slots.add(following as usize)).previous = (*slot).previous,
        }
        queue.length -= 1;
        (*slot).queue = NOBODY;
    }
}

/// Enables or disables all threads in the queue of `mutex`.
#[inline]
unsafe fn set_runnable(core: *mut Core, mutex: u32, can_go_on: bool) {
    // SAFETY: K1, K2, K3.
    unsafe {
        let mut thread = object(core, mutex).first;
        while thread != NOBODY {
            let runnable = &mut (*core).runnable;
            if can_go_on {
                runnable.insert(thread);
            } else {
                runnable.remove(thread);
            }
            thread = (*(*core).slots.add(thread as usize)).following;
        }
    }
}

/// Whether somebody holds the mutex.
#[inline]
unsafe fn is_held(core: *mut Core, mutex: u32) -> bool {
    // SAFETY: K1, K2.
    unsafe { object(core, mutex) }.holder != NOBODY
}

/// Gives the free mutex to the current thread.
#[inline]
unsafe fn grant(core: *mut Core, mutex: u32) {
    // SAFETY: K1, K2.
    unsafe {
        debug_assert!(!is_held(core, mutex), "a mutex has one holder");
        object(core, mutex).holder = (*core).current;
        set_runnable(core, mutex, false);
    }
}

/// Takes the mutex from its holder and enables its queue.
#[inline]
unsafe fn free(core: *mut Core, mutex: u32) {
    // SAFETY: K1, K2.
    unsafe {
        object(core, mutex).holder = NOBODY;
        set_runnable(core, mutex, true);
    }
}

/// Takes the mutex; blocks while it is held.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of, `mutex` an object of it.
#[inline]
pub(crate) unsafe fn lock(core: NonNull<Core>, mutex: u32) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2.
    unsafe {
        let me = (*pointer).current;
        (*(*pointer).current_slot).pending = Op { kind: OpKind::Lock, target: mutex };
        if is_held(pointer, mutex) {
            wait_in_queue(pointer, mutex);
        } else {
            let runnable = &(*pointer).runnable;
            if runnable.count() > (*pointer).quiet {
                let next = ((*pointer).decide)(pointer);
                if next != me {
                    enqueue(pointer, mutex, me);
                    switch(pointer, next);
                    dequeue(pointer, me);
                }
            }
        }
        grant(pointer, mutex);
        record(core);
    }
}

/// Blocks until it is this thread's turn to take the mutex, which is held.
unsafe fn wait_in_queue(core: *mut Core, mutex: u32) {
    // SAFETY: K1, K2.
    unsafe {
        if (*core).tearing {
            super::teardown::before_blocking(core);
        }
        let me = (*core).current;
        let runnable = &mut (*core).runnable;
        runnable.remove(me);
        enqueue(core, mutex, me);
        let next = pick_other(core);
        switch(core, next);
        dequeue(core, me);
    }
}

/// Takes the mutex if it is free.
///
/// # Safety
///
/// As [`lock`].
#[inline]
pub(crate) unsafe fn try_lock(core: NonNull<Core>, mutex: u32) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        offer(core, OpKind::TryLock, mutex);
        let free = !is_held(core.as_ptr(), mutex);
        if free {
            grant(core.as_ptr(), mutex);
        }
        record(core);
        free
    }
}

/// Announces the unlocking. The caller then frees the real lock and calls [`unlock`].
///
/// # Safety
///
/// As [`lock`]; the current thread holds the mutex.
#[inline]
pub(crate) unsafe fn offer_unlock(core: NonNull<Core>, mutex: u32) {
    // SAFETY: the caller's promise.
    unsafe { offer(core, OpKind::Unlock, mutex) };
}

/// Frees the mutex.
///
/// # Safety
///
/// As [`offer_unlock`], which went before.
#[inline]
pub(crate) unsafe fn unlock(core: NonNull<Core>, mutex: u32) {
    // SAFETY: the caller's promise.
    unsafe {
        free(core.as_ptr(), mutex);
        record(core);
    }
}

/// Announces the beginning of a wait for a notification. The caller then frees the real lock and calls [`wait`].
///
/// # Safety
///
/// As [`lock`]; the current thread holds the mutex.
pub(crate) unsafe fn offer_wait(core: NonNull<Core>, condvar: u32) {
    // SAFETY: the caller's promise.
    unsafe { offer(core, OpKind::Wait, condvar) };
}

/// Frees the mutex, blocks until notified, and takes the mutex again.
///
/// # Safety
///
/// As [`offer_wait`], which went before.
pub(crate) unsafe fn wait(core: NonNull<Core>, condvar: u32, mutex: u32) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2.
    unsafe {
        free(pointer, mutex);
        record(core);
        let me = (*pointer).current;
        let slot = (*pointer).current_slot;
        (*slot).relock = mutex;
        let runnable = &mut (*pointer).runnable;
        runnable.remove(me);
        enqueue(pointer, condvar, me);
        let next = pick_other(pointer);
        switch(pointer, next);
        dequeue(pointer, me);
        debug_assert_eq!((*slot).pending.kind, OpKind::Relock, "only a notification enables a waiter");
        grant(pointer, mutex);
        record(core);
    }
}

/// Moves `waiter` from the queue of the condition variable to that of its mutex.
unsafe fn notify(core: *mut Core, waiter: u32) {
    // SAFETY: K1, K2, K3.
    unsafe {
        dequeue(core, waiter);
        let slot = (*core).slots.add(waiter as usize);
        let mutex = (*slot).relock;
        (*slot).pending = Op { kind: OpKind::Relock, target: mutex };
        enqueue(core, mutex, waiter);
        if !is_held(core, mutex) {
            let runnable = &mut (*core).runnable;
            runnable.insert(waiter);
        }
    }
}

/// Notifies one waiter, if there is one: which, is a choice.
///
/// # Safety
///
/// As [`lock`], for a condition variable.
pub(crate) unsafe fn notify_one(core: NonNull<Core>, condvar: u32) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2, K3.
    unsafe {
        offer(core, OpKind::NotifyOne, condvar);
        let waiting = object(pointer, condvar).length;
        if waiting > 0 {
            let rank = if waiting > 1 { ((*pointer).value)(pointer, Kind::Waiter, waiting) } else { 0 };
            let mut waiter = object(pointer, condvar).first;
            for _ in 0..rank {
                waiter = (*(*pointer).slots.add(waiter as usize)).following;
            }
            // A strategy that failed has ended the execution, and the teardown has emptied the queue.
            if waiter != NOBODY {
                notify(pointer, waiter);
            }
        }
        record(core);
    }
}

/// Notifies all waiters.
///
/// # Safety
///
/// As [`notify_one`].
pub(crate) unsafe fn notify_all(core: NonNull<Core>, condvar: u32) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2, K3.
    unsafe {
        offer(core, OpKind::NotifyAll, condvar);
        loop {
            match object(pointer, condvar).first {
                NOBODY => break,
                waiter => notify(pointer, waiter),
            }
        }
        record(core);
    }
}
