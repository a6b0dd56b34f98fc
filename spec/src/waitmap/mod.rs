//! The spec of `WaitMap`: wakers by key, one wait for each key, cancellation by drop.
//!
//! [`RULES`] is the normative text; [`WaitMap`] is the same in executable form. Of the order in which the operations
//! of a map take effect nothing is visible but calls, returns and the user code that the map runs, and that is all
//! that this spec speaks of: it can judge an implementation in any language.
//!
//! ```
//! use raddle_spec::waitmap::{self, Event, Key, Kind, Op, Ret, ValueId};
//! use raddle_spec::{Actor, End, judge};
//!
//! let wake = Op::Wake { key: Key(7), value: ValueId(1) };
//! let call = Event::new(Actor(0), Kind::Call(wake));
//!
//! // Nobody waits, so the value comes back ...
//! let right = [call, Event::new(Actor(0), Kind::Return(Ret::NoMatch(ValueId(1))))];
//! assert!(judge(&waitmap::spec(), &right, End::Rest).is_accepted());
//!
//! // ... and is not kept for later.
//! let wrong = [call, Event::new(Actor(0), Kind::Return(Ret::Woke))];
//! let verdict = judge(&waitmap::spec(), &wrong, End::Rest);
//! assert_eq!(verdict.rules(), [&waitmap::WAKE_NO_MATCH]);
//! ```
//!
//! What is an event and what is not: creation, poll, subscription and drop of a wait are operations on that wait;
//! wakers, predicates and the drops of keys and of values that the map still owns are callbacks. A value that `wake`
//! hands back or a poll gives away belongs to the caller again; its drop is no event. `Sleep` is an operation of the
//! user's executor that is part of the spec, because only it makes a lost wakeup visible: a task that sleeps although
//! its waker was due is what the user suffers from.

mod operations;
mod rules;
mod state;
mod studies;
mod types;
mod waiting;
mod waking;

pub use operations::{Phase, WaitMap};
pub use rules::*;
pub use state::{State, Ticket};
pub use studies::studies;
pub use types::{Cb, Key, Op, Reply, Ret, TaskId, ValueId, WaitError, WaitId};

/// What can be seen of a WaitMap.
pub type Kind = crate::Kind<Op, Ret, Cb, Reply>;

/// One line of a trace of a WaitMap.
pub type Event = crate::Event<Kind>;

/// The automaton against which executions of a WaitMap are held.
pub const fn spec() -> crate::Lifted<WaitMap> {
    crate::Lifted(WaitMap)
}
