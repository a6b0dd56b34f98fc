//! The scenarios of Raddle as bounded models: the same programs, on loom and on shuttle.
//!
//! The simulator searches widely and sees one memory only: its own. Loom is another pair of eyes. It knows
//! nothing of Raddle's kernel, executes *every* interleaving of a small program, lets each load read every
//! value that C11 allows, and reports accesses to a cell that race. Shuttle is a third: random schedules of
//! programs that are too large for loom.
//!
//! No program is written here. A scenario of [`raddle_sim::systems`] is generic over what it stands on, so
//! this crate gives it another ground (the modules `loom` and `shuttle`: implementations of the traits in
//! [`raddle::platform`]) and judges every execution by the oracles of the simulator: the monitor of the spec,
//! and the accounts of every key, value and waker.
//!
//! # The life of a model
//!
//! ```text
//!  script ── what each thread chooses ──> model thread: the checker runs the scenario, again and again
//!    ^                                        │ one record for each execution, or a panic
//!    └── places at which it was asked ──── judge: monitor, accounts
//! ```
//!
//! 1. [`systems`]: a scenario on a subject becomes a [`program`], which is all that a checker needs to know.
//! 2. [`script`]: a scenario makes choices and loom cannot, so the choices are fixed in advance, in every
//!    possible way. Each way is a model. (Shuttle draws choices as it draws schedules.)
//! 3. [`model`]: the checker explores the model on a thread of its own. A deadlock, a race or a panic retires
//!    that thread where it stands, because a broken execution cannot be unwound.
//! 4. [`systems::stale`]: what a weak memory lets a query say is not held against it.
//! 5. [`bounds`]: how far each scenario is searched, at which cost, and what is left out. [`report`] prints
//!    it.
//!
//! # How to run it
//!
//! `cargo test --features loom` and `cargo test --features shuttle`, at the root of the workspace. Each is a
//! process of its own, with one test for each scenario on each subject. A name picks one:
//!
//! ```text
//! cargo test -p raddle-proofs --features loom --test loom -- waitmap/raddle/two-keys
//! ```
//!
//! Besides Raddle's own map with either index, the clean twin of the canary must pass, and the canary must be
//! caught.

pub mod bounds;
#[cfg(feature = "loom")]
pub mod loom;
pub mod model;
pub mod program;
pub mod report;
pub mod script;
#[cfg(feature = "shuttle")]
pub mod shuttle;
pub mod systems;
