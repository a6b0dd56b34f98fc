//! The spec of `WaitMap`.

mod types;

pub use types::{Cb, Key, Op, Reply, Ret, TaskId, ValueId, WaitError, WaitId};

/// What can be seen of a WaitMap.
pub type Kind = crate::Kind<Op, Ret, Cb, Reply>;

/// One line of a trace of a WaitMap.
pub type Event = crate::Event<Kind>;
