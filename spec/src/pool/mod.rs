//! The spec of `pool`: worker threads, a bounded channel up from all of them, a channel down to each, stop and join.
//!
//! What is an event and what is not:
//!
//! - The closure of a worker is a callback: its thread is a strand of its own, which begins with the event that it enters
//!   [`Cb::Work`] and ends when it leaves it. All that the worker does with its handles are calls inside of it.
//! - Handles say whose they are. A clone of a [`WorkerSender`](Op::CloneSender) counts as one more sender of the same worker. The drops of
//!   handles are calls, also those at the end of a closure, or when it unwinds: they come before the closure is left.
//! - A value that comes back to its sender or was received belongs to the caller again; its drop is no event. The drop of a value that
//!   nobody can receive any more is a callback of the call that closed the way. [`Cb::DropNote`] and [`Cb::DropClosure`] are asides: they
//!   say nothing about the operation, and recorders may leave them out.
//! - `execute_many` is one call. An iterator of `recv_burst` borrows the pool, so its drop is no event.

mod types;

pub use types::{BurstId, Cb, Down, NoteId, Op, Reply, Ret, StopId, ValueId, WorkerId};

/// What can be seen of a pool.
pub type Kind = crate::Kind<Op, Ret, Cb, Reply>;

/// One line of a trace of a pool.
pub type Event = crate::Event<Kind>;
