//! [`Sim`]: the platform whose memory and threads are the kernel's.
//!
//! Code that is generic over a platform runs under the simulator by naming `Sim`. Inside of an execution every operation on
//! shared state announces itself to the [kernel] first. Outside of one the same types work as those of `std`,
//! because a value lives in a real atomic or under a real mutex all the time: so statics, values that are made before an
//! execution, and values that a leaked thread leaves behind are sound to use.
//!
//! The two must not be mixed at the same time: what an execution uses belongs to it until it ends. Another execution that
//! touches it meanwhile panics with a message that says so; real threads that do are not noticed, except at a mutex.

mod atomic;
mod cell;
mod clock;
mod condvar;
mod count;
mod mutex;
mod packet;
mod threads;

pub use self::atomic::{SimAtomicBool, SimAtomicPtr, SimAtomicU64, SimAtomicUsize};
pub use self::cell::SimCell;
pub use self::clock::SimInstant;
pub use self::condvar::SimCondvar;
pub use self::count::SimArc;
pub use self::mutex::{SimMutex, SimMutexGuard};
pub(crate) use self::threads::spawn_simulated;
pub use self::threads::{SimJoinHandle, SimThread};

use std::panic;
use std::sync::atomic::{self as real, Ordering};
use std::thread;

use raddle::platform::{Memory, Payload, Std};

use crate::kernel::{self, Execution, OpKind, TornDown};

/// The simulator's memory and threads.
#[derive(Copy, Clone, Debug, Default)]
pub struct Sim;

// SAFETY: a mutex holds a real mutex while it is held, so it excludes; the kernel's order is sequentially consistent, and
// outside of an execution the real atomics are used with the orders asked for; cells are `UnsafeCell`s; a count is a real
// one; a section that must not unwind goes through `Std`'s.
unsafe impl Memory for Sim {
    type AtomicBool = SimAtomicBool;
    type AtomicUsize = SimAtomicUsize;
    type AtomicU64 = SimAtomicU64;
    type AtomicPtr<T> = SimAtomicPtr<T>;
    type Mutex<T: Send> = SimMutex<T>;
    type Cell<T> = SimCell<T>;
    type Arc<T: Send + Sync + 'static> = SimArc<T>;

    fn fence(order: Ordering) {
        // Memory is sequentially consistent inside of an execution, so there a fence orders nothing that is not in order.
        real::fence(order);
    }

    #[inline]
    fn spin_hint() {
        match kernel::current() {
            Some(execution) => execution.let_others_go(OpKind::Spin),
            None => std::hint::spin_loop(),
        }
    }

    fn catch_unwind<R>(user_code: impl FnOnce() -> R) -> Result<R, Payload> {
        match panic::catch_unwind(panic::AssertUnwindSafe(user_code)) {
            // The simulator unwinds the thread: nobody's business.
            Err(payload) if payload.is::<TornDown>() => panic::resume_unwind(payload),
            Err(payload) => {
                note_unwinding(false);
                Err(payload)
            }
            Ok(value) => Ok(value),
        }
    }

    fn resume_unwind(payload: Payload) -> ! {
        note_unwinding(true);
        panic::resume_unwind(payload)
    }

    fn must_not_unwind<R>(section: impl FnOnce() -> R) -> R {
        match kernel::current() {
            Some(execution) => execution.unbreakable(|| Std::must_not_unwind(section)),
            None => Std::must_not_unwind(section),
        }
    }

    #[inline]
    fn panicking() -> bool {
        thread::panicking() && kernel::current().is_none_or(Execution::may_be_unwinding)
    }
}

/// Tells the kernel that the current thread begins to unwind, or has stopped.
fn note_unwinding(unwinding: bool) {
    if let Some(execution) = kernel::current() {
        execution.set_known_unwinding(unwinding);
    }
}
