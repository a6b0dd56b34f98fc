//! Events: what an observer at the border between a system and its users can see.
//!
//! A trace is a list of events in the order in which they were observed. Each belongs to an [`Actor`], a strand of
//! user code with a call stack of its own, and is of one of four [`Kind`]s:
//!
//! ```text
//!   user code   --Call-->   system          user code   <--Enter--   system
//!   user code  <--Return--  system          user code   --Leave-->   system
//! ```
//!
//! Calls and returns nest like brackets within an actor, and calls made between `Enter` and `Leave` are nested calls.

use std::fmt;

/// A strand of user code, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(pub u32);

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "actor {}", self.0)
    }
}

/// What happened at the border of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind<Op, Ret, Cb, Reply> {
    /// Input: user code begins an operation.
    Call(Op),
    /// Output: the operation that the actor began last, returns.
    Return(Ret),
    /// Output: the operation enters user code (a waker, a predicate, the drop of a value).
    Enter(Cb),
    /// Input: that user code is left again.
    Leave(Reply),
}

impl<Op: fmt::Display, Ret: fmt::Display, Cb: fmt::Display, Reply: fmt::Display> fmt::Display
    for Kind<Op, Ret, Cb, Reply>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Call(op) => write!(f, "calls {op}"),
            Kind::Return(ret) => write!(f, "returns {ret}"),
            Kind::Enter(cb) => write!(f, "enters {cb}"),
            Kind::Leave(reply) => write!(f, "leaves with {reply}"),
        }
    }
}

/// One line of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event<K> {
    /// Whose strand it happened on.
    pub actor: Actor,
    /// What happened.
    pub kind: K,
    /// The order rule, for calls: `None` means that everything recorded earlier really came earlier. `Some(i)` means
    /// that only events up to index `i` are known to have happened before the call, so that it may take effect at
    /// any time after event `i`. Ignored on other kinds of events.
    pub after: Option<usize>,
}

impl<K> Event<K> {
    /// An event whose place in the recorded order is its real one.
    pub const fn new(actor: Actor, kind: K) -> Self {
        Event { actor, kind, after: None }
    }
}

impl<K: fmt::Display> fmt::Display for Event<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.actor, self.kind)
    }
}

/// How the recording of a trace ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing can move any more: whatever the system still owes is overdue.
    Rest,
    /// The recording was stopped (by a bound, by an observer): nothing is concluded from what is missing.
    Cut,
}
