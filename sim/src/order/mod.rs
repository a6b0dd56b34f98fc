//! The order behind an execution: which steps had to come one after the other, and which came so by chance.
//!
//! Two steps are *dependent* if they are on one thread, or if it matters which comes first: accesses to the same atomic of
//! which one writes, operations on the same lock, a start and its spawn. *Happens-before* is what follows from that. Two
//! executions that differ only in the order of steps that are not ordered by it are *equivalent*: no thread can tell them
//! apart. Equivalent executions are one Mazurkiewicz trace, and the number of different ones says how much of a program was
//! really seen, where the number of schedules says how long it took.
//!
//! [`HappensBefore`] gives each step of a log its [`VectorClock`], [`Classes`] counts executions that are not equivalent.

mod classes;
mod clock;
mod happens_before;

pub use classes::{Classes, fingerprint};
pub use clock::VectorClock;
pub use happens_before::HappensBefore;
