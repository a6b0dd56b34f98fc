//! A deterministic simulator that drives real implementations of concurrency systems against executable specifications.
//!
//! | you want to | start at |
//! |---|---|
//! | test code of your own | [`check`], [`program`] |
//! | do so by changing its imports alone | [`mirror`]: [`sync`], [`thread`], [`time`], [`cell`], [`hint`], [`future`] |
//! | hold a WaitMap or a worker pool of your own against its spec | [`systems::waitmap::check`], [`systems::pool::check`] |
//! | run a small concurrent program through its interleavings | [`kernel::Kernel`], [`platform::Sim`] |
//! | hold it against the spec on threads of the operating system | [`systems::waitmap::stress`], [`systems::pool::stress`], [`stress`] |
//! | choose schedules in a way of your own | [`strategy::Strategy`] |
//! | run many executions on several cores with one result | [`campaign`] |
//!
//! # A program and its interleavings
//!
//! Two threads raise a counter, each by a load and a store. Depth-first search visits every interleaving, so it finds out
//! what the counter can be in the end:
//!
//! ```
//! use std::collections::BTreeSet;
//! use std::sync::atomic::Ordering::SeqCst;
//! use std::sync::{Arc, Mutex};
//!
//! use raddle::platform::{Atomic, Join, Memory, Threads};
//! use raddle_sim::kernel::{Kernel, Limits};
//! use raddle_sim::platform::Sim;
//! use raddle_sim::strategy::DepthFirst;
//!
//! type Counter = <Sim as Memory>::AtomicUsize;
//!
//! let outcomes = Mutex::new(BTreeSet::new());
//! let mut kernel = Kernel::new(Limits::default());
//! let mut strategy = DepthFirst::unbounded();
//! let program = || {
//!     let counter = Arc::new(Counter::new(0));
//!     let threads = ["left", "right"].map(|name| {
//!         let counter = Arc::clone(&counter);
//!         Sim::spawn(name, move || counter.store(counter.load(SeqCst) + 1, SeqCst)).unwrap()
//!     });
//!     threads.into_iter().for_each(|thread| thread.join().unwrap());
//!     outcomes.lock().unwrap().insert(counter.load(SeqCst));
//! };
//! while kernel.run(&mut strategy, program).is_some() {}
//! assert_eq!(outcomes.into_inner().unwrap(), BTreeSet::from([1, 2]));
//! ```
//!
//! # Determinism
//!
//! Inside an execution nothing has a say but the program and the choices: no clock, no hash order, no address, no real
//! thread. The same choices give the same execution on every machine. Where the code under test breaks this, the simulator
//! notices by running an execution twice, and names the first difference.

pub mod campaign;
pub mod choice;
pub mod kernel;
pub mod mirror;
pub mod order;
pub mod platform;
pub mod program;
pub mod report;
pub mod strategy;
pub mod stress;
pub mod systems;
pub mod token;
pub mod world;

pub use crate::mirror::{cell, future, hint, sync, thread, time};
pub use program::{Check, check};
