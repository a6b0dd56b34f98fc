//! The mirror of [`std::hint`].

use raddle::platform::Memory;

use crate::platform::Sim;

pub use std::hint::{assert_unchecked, black_box, unreachable_unchecked};

/// Says that the thread waits for another in a loop. Inside of an execution others go first, so that a loop that does this
/// comes to an end.
#[inline]
pub fn spin_loop() {
    Sim::spin_hint();
}
