//! Which simulated threads are unwinding.
//!
//! `std` counts panics per OS thread, and all simulated threads share one. As long as no simulated thread is suspended in
//! the middle of unwinding, what `std` says is true of the thread that runs. While one is, `std` always says yes; then the
//! kernel relies on what it has seen of the thread that runs. It can miss a panic that began after the other thread was
//! suspended, unless it was begun by the platform's `resume_unwind`.

use super::core::{Core, Slot, Unwinding, current};

/// Marks a thread that is about to be suspended while `std` says that somebody unwinds.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of, `slot` the current thread's.
#[cold]
pub(crate) unsafe fn note_unwinding(core: *mut Core, slot: *mut Slot) {
    // SAFETY: K1, K2.
    unsafe {
        if (*core).unwinding_suspended == 0 {
            (*slot).known_unwinding = true;
        }
        (*slot).unwinding = if (*slot).known_unwinding { Unwinding::Yes } else { Unwinding::Unknown };
        (*core).unwinding_suspended += 1;
    }
}

/// Whether the current thread is unwinding, given that `std` says that somebody is.
pub(crate) fn may_be_unwinding() -> bool {
    // SAFETY: K1, K2, K3.
    current().is_none_or(|core| unsafe {
        let core = core.as_ptr();
        (*core).unwinding_suspended == 0 || (*(*core).current_slot).known_unwinding
    })
}

/// Notes that the current thread begins to unwind, or has stopped.
pub(crate) fn set_known_unwinding(unwinding: bool) {
    if let Some(core) = current() {
        // SAFETY: K1, K2, K3.
        unsafe { (*(*core.as_ptr()).current_slot).known_unwinding = unwinding };
    }
}

/// Runs a section that the teardown must not break off. The section must not unwind.
pub(crate) fn unbreakable<R>(section: impl FnOnce() -> R) -> R {
    let Some(core) = current() else { return section() };
    // SAFETY: K1, K2, K3: the thread is the same before and after.
    let depth = unsafe { &raw mut (*(*core.as_ptr()).current_slot).unbreakable };
    // SAFETY: as above.
    unsafe { *depth += 1 };
    let result = section();
    // SAFETY: as above.
    unsafe { *depth -= 1 };
    result
}
