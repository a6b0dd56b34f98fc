//! Executable specifications of concurrency systems, and the monitor that holds executions against them.

#![forbid(unsafe_code)]

pub mod automaton;
pub mod event;
pub mod monitor;
pub mod object;
pub mod order;
pub mod rule;
pub mod waitmap;

pub use automaton::{Automaton, Direction, Pause, Step};
pub use event::{Actor, End, Event, Kind};
pub use monitor::{Monitor, Verdict, judge};
pub use object::{Effects, Lifted, Object, Then};
pub use order::Order;
pub use rule::{Force, Obligation, ObligationKind, Refused, Rule};
