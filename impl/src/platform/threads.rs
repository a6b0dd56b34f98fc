//! Threads: spawn, join, park, condition variables and a context slot.

use core::fmt::Debug;
use core::ptr::NonNull;

use std::io;

use super::memory::{Memory, Mutex, Payload};

/// The guard of platform `P`'s mutex around a `T`.
pub type Guard<'a, P, T> = <<P as Memory>::Mutex<T> as Mutex<T>>::Guard<'a>;

/// Threads, and the ways in which one waits for another.
pub trait Threads: Memory {
    /// A condition variable.
    type Condvar: Condvar<Self>;
    /// A handle by which any thread can unpark another.
    type Thread: Clone + Debug + Send + Sync + Unpark + 'static;
    /// The right to join a thread. Dropped, it detaches the thread.
    type JoinHandle<T: Send + 'static>: Join<T, Thread = Self::Thread>;

    /// How often to look again, with a [`spin_hint`](Memory::spin_hint) in between, for what another thread does
    /// within a few instructions, before blocking. Zero, unless blocking costs more than that.
    const SPINS: u32 = 0;

    /// How often to [yield](Threads::yield_now) before blocking until another thread has got on with its work.
    /// Zero, unless blocking costs more than that.
    const YIELDS: u32 = 0;

    /// The longest bounded queue of a [channel](crate::channel) that has all its places from the beginning. A longer one
    /// grows as it is needed, and costs its senders a lock. Small under a checker, so that small scenarios have queues of
    /// both kinds; large where threads are real.
    const LONGEST_RING: usize = 2;

    /// Starts a thread named `name`.
    ///
    /// # Errors
    ///
    /// The operating system's, if it cannot start one; a checker may choose to fail.
    fn spawn<T: Send + 'static>(
        name: &str,
        body: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Self::JoinHandle<T>>;

    /// The current thread.
    fn current() -> Self::Thread;

    /// A number of the current thread that no other thread has while both can be told apart: never given
    /// twice on an operating system, never twice within one execution of a checker.
    fn current_number() -> u64;

    /// Blocks until somebody unparks this thread. An unpark that came first makes it return at once; several
    /// such count as one. It may return without a reason: callers wait for a condition in a loop.
    fn park();

    /// Lets other threads go first.
    ///
    /// A bounded [channel](crate::channel) relies on it: its receiver yields until a sender that was interrupted in the middle of
    /// `send` has had its turn. A scheduler that gives that sender no turn as long as the receiver can run, as those for
    /// real-time priorities do, makes the receiver wait for ever.
    fn yield_now();

    /// The pointer that [`set_context`](Threads::set_context) left on this thread; none at first.
    ///
    /// One slot per thread is what a system needs to find itself again when user code calls back into it.
    fn context() -> Option<NonNull<()>>;

    /// Sets the pointer of this thread and returns the one before.
    fn set_context(context: Option<NonNull<()>>) -> Option<NonNull<()>>;

    /// A number below `bound` that nobody relies on: for choosing a victim or a start index. A checker
    /// enumerates it.
    ///
    /// # Panics
    ///
    /// If `bound` is zero.
    fn random_below(bound: usize) -> usize;
}

/// Makes a parked thread return from `park`.
pub trait Unpark {
    /// Makes the thread's current or next `park` return.
    fn unpark(&self);
}

/// The right to wait for the end of a thread.
pub trait Join<T>: Debug + Send {
    /// The handle for unparking it.
    type Thread;

    /// Blocks until the thread has ended.
    ///
    /// # Errors
    ///
    /// What it panicked with, if it panicked.
    fn join(self) -> Result<T, Payload>;
    /// Whether the thread's body has ended. Does not block.
    fn is_finished(&self) -> bool;
    /// The thread.
    fn thread(&self) -> &Self::Thread;
}

/// A condition variable of platform `P`.
pub trait Condvar<P: Memory>: Debug + Default + Send + Sync {
    /// Unlocks, blocks until notified, and locks again. It may return without a notification.
    fn wait<'a, T: Send + 'a>(&self, guard: Guard<'a, P, T>) -> Guard<'a, P, T>;
    /// Wakes one waiter, if there is one.
    fn notify_one(&self);
    /// Wakes all waiters.
    fn notify_all(&self);
}
