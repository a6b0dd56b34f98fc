//! Which simulated threads are unwinding.
//!
//! `std` counts panics per OS thread, and all simulated threads share one. As long as no simulated thread is suspended in
//! the middle of unwinding, what `std` says is true of the thread that runs. While one is, `std` always says yes; then the
//! kernel relies on what it has seen of the thread that runs. It can miss a panic that began after the other thread was
//! suspended, unless it was begun by the platform's `resume_unwind`. A thread that is leaked in the middle of unwinding
//! leaves its OS thread in that state for good; see [`Kernel::is_spent`](super::Kernel::is_spent).

use super::core::Execution;

/// Whether a suspended thread is unwinding.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unwinding {
    No,
    Yes,
    /// Another thread was suspended in the middle of unwinding when this one was, so `std` could not tell.
    Unknown,
}

impl Execution {
    /// Marks the current thread, which is about to be suspended while `std` says that somebody unwinds.
    #[cold]
    pub(crate) fn note_unwinding(self) {
        self.keep_place();
        self.with(|core| {
            let is_alone = core.unwinding_suspended == 0;
            core.unwinding_suspended += 1;
            let slot = core.current_slot();
            slot.known_unwinding |= is_alone;
            slot.unwinding = if slot.known_unwinding { Unwinding::Yes } else { Unwinding::Unknown };
        });
    }

    /// Takes the mark from the current thread, which was resumed.
    pub(crate) fn forget_unwinding(self) {
        self.with(|core| {
            let before = std::mem::replace(&mut core.current_slot().unwinding, Unwinding::No);
            core.unwinding_suspended -= u32::from(before != Unwinding::No);
        });
    }

    /// Whether the current thread is unwinding, given that `std` says that somebody is.
    pub(crate) fn may_be_unwinding(self) -> bool {
        self.with(|core| core.unwinding_suspended == 0 || core.current_slot().known_unwinding)
    }

    /// Notes that the current thread begins to unwind, or has stopped.
    pub(crate) fn set_known_unwinding(self, unwinding: bool) {
        self.with(|core| core.current_slot().known_unwinding = unwinding);
    }

    /// Runs a section that the teardown must not break off. The section must not unwind.
    pub(crate) fn unbreakable<R>(self, section: impl FnOnce() -> R) -> R {
        self.with(|core| core.current_slot().unbreakable += 1);
        let result = section();
        self.with(|core| core.current_slot().unbreakable -= 1);
        result
    }
}
