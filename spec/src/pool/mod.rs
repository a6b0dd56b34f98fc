//! The spec of `pool`: worker threads, a bounded channel up from all of them, a channel down to each, stop and join.
//!
//! [`RULES`] is the normative text; [`Pool`] is the same in executable form.
//!
//! ```
//! use raddle_spec::pool::{self, Cb, Event, Kind, Op, Reply, Ret, ValueId, WorkerId};
//! use raddle_spec::{Actor, End, judge};
//!
//! let (owner, thread) = (Actor(0), Actor(1));
//! let (worker, value) = (WorkerId(0), ValueId(7));
//! let sent = [
//!     Event::new(owner, Kind::Call(Op::Execute { worker })),
//!     Event::new(owner, Kind::Return(Ret::Done)),
//!     Event::new(thread, Kind::Enter(Cb::Work { worker })),
//!     Event::new(thread, Kind::Call(Op::Send { worker, value })),
//!     Event::new(thread, Kind::Return(Ret::Sent)),
//! ];
//! let joins = |ends: &[Event], ret| {
//!     let stop = [Event::new(owner, Kind::Call(Op::StopAndJoin))];
//!     let returns = [Event::new(owner, Kind::Return(ret))];
//!     judge(&pool::spec(1), &[&sent[..], &stop, ends, &returns].concat(), End::Rest)
//! };
//! let ends = [
//!     Event::new(thread, Kind::Call(Op::DropSender { worker })),
//!     Event::new(thread, Kind::Return(Ret::Done)),
//!     Event::new(thread, Kind::Leave(Reply::Done)),
//! ];
//!
//! // The worker has ended, and what it sent is there ...
//! assert!(joins(&ends, Ret::Values(vec![value])).is_accepted());
//! // ... which is not a matter of luck,
//! assert_eq!(joins(&ends, Ret::Values(vec![])).rules(), [&pool::STOP_ENDS]);
//! // nor does a joining stop return before.
//! assert!(joins(&[], Ret::Values(vec![value])).is_fault());
//! ```
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

mod crew;
mod debts;
mod down;
mod operations;
mod receiving;
mod rules;
mod sending;
mod state;
mod stopping;
mod studies;
mod types;

pub use operations::{Phase, Pool};
pub use rules::*;
pub use state::{Generation, State};
pub use studies::studies;
pub use types::{BurstId, Cb, Down, NoteId, Op, Reply, Ret, StopId, ValueId, WorkerId};

/// What can be seen of a pool.
pub type Kind = crate::Kind<Op, Ret, Cb, Reply>;

/// One line of a trace of a pool.
pub type Event = crate::Event<Kind>;

/// The automaton against which executions of a pool are held whose channels have room for so many values.
pub const fn spec(capacity: u32) -> crate::Lifted<Pool> {
    crate::Lifted(Pool::new(capacity))
}

/// The same for pools that have no [ties](Pool::ties), because they count where others read a clock.
pub const fn spec_without_ties(capacity: u32) -> crate::Lifted<Pool> {
    crate::Lifted(Pool { ties: false, ..Pool::new(capacity) })
}
