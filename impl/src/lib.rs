//! Concurrency systems that are checked against executable specifications.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod platform;
pub mod waitmap;

pub use self::waitmap::{Subscribe, Wait, WaitError, WaitMap, WaitOwned, WaitResult, WakeOutcome};
