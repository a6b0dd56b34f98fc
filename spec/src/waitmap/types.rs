//! The vocabulary of the WaitMap spec: who calls what, what comes back, which user code is entered.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $noun:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($noun, " {}"), self.0)
            }
        }
    };
}

id!(
    /// One wait: the future that `wait`, `wait_owned`, `wait_for` or `wait_for_value` made.
    WaitId, "wait"
);
id!(
    /// One value that was handed to `wake`.
    ValueId, "value"
);
id!(
    /// One task of the user's executor: wakers of the same task count as the same.
    TaskId, "task"
);

/// A key; all but [`Key::UNEQUAL`] are equal to themselves and to nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub u32);

impl Key {
    /// A key that is not equal to itself under the user's `PartialEq` (a NaN, for instance).
    pub const UNEQUAL: Key = Key(u32::MAX);

    /// Whether the user's `PartialEq` says that the two are equal.
    pub fn matches(self, other: Key) -> bool {
        self == other && self != Key::UNEQUAL
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Key::UNEQUAL => f.write_str("a key unequal to itself"),
            Key(number) => write!(f, "key {number}"),
        }
    }
}

/// What user code may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// `wait` or `wait_owned`: creates the future and registers nothing.
    Wait {
        /// The new future.
        wait: WaitId,
        /// The key that it will wait for.
        key: Key,
    },
    /// `wait_for` or `wait_for_value`: creates the looping future and registers nothing.
    WaitFor {
        /// The new future.
        wait: WaitId,
        /// The key that it will wait for.
        key: Key,
    },
    /// One poll of the future that `Wait::subscribe` gives.
    Subscribe {
        /// The wait that subscribes.
        wait: WaitId,
        /// Whose waker is in the context.
        task: TaskId,
    },
    /// One poll of the wait itself.
    Poll {
        /// The wait that is polled.
        wait: WaitId,
        /// Whose waker is in the context.
        task: TaskId,
    },
    /// The wait is dropped.
    Drop {
        /// The wait that ends here.
        wait: WaitId,
    },
    /// `wake`.
    Wake {
        /// The key to look for.
        key: Key,
        /// The value for whoever waits for it.
        value: ValueId,
    },
    /// `close`.
    Close,
    /// `is_closed`: a weak query.
    IsClosed,
    /// No operation of the map: the user's task sleeps until one of its wakers is invoked.
    Sleep {
        /// Who sleeps.
        task: TaskId,
    },
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::Wait { wait, key } => write!(f, "wait({key}) making {wait}"),
            Op::WaitFor { wait, key } => write!(f, "wait_for({key}) making {wait}"),
            Op::Subscribe { wait, task } => write!(f, "subscribe of {wait} for {task}"),
            Op::Poll { wait, task } => write!(f, "poll of {wait} for {task}"),
            Op::Drop { wait } => write!(f, "drop of {wait}"),
            Op::Wake { key, value } => write!(f, "wake({key}, {value})"),
            Op::Close => f.write_str("close"),
            Op::IsClosed => f.write_str("is_closed"),
            Op::Sleep { task } => write!(f, "sleep of {task}"),
        }
    }
}

/// Why a wait ended without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitError {
    /// The map was closed.
    Closed,
    /// The wait had already finished.
    AlreadyConsumed,
    /// Another wait is registered under the same key.
    Duplicate,
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WaitError::Closed => "Closed",
            WaitError::AlreadyConsumed => "AlreadyConsumed",
            WaitError::Duplicate => "Duplicate",
        })
    }
}

/// What a call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ret {
    /// From everything that returns nothing: creation, drop, `close`, sleep.
    Done,
    /// From a poll.
    Pending,
    /// From a poll of `wait` or `wait_owned`.
    Ready(Result<ValueId, WaitError>),
    /// From a subscription.
    Subscribed(Result<(), WaitError>),
    /// From a poll of `wait_for` or `wait_for_value`.
    Met(Result<(), WaitError>),
    /// From `wake`: somebody has the value now.
    Woke,
    /// From `wake`: nobody waits for the key; the value comes back.
    NoMatch(ValueId),
    /// From `wake`: the map is closed; the value comes back.
    Closed(ValueId),
    /// From `is_closed`.
    IsClosed(bool),
    /// From `wake` and `close`, when a waker that they invoked has panicked: the panic goes on in the caller.
    Panicked,
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ret::Done => f.write_str("()"),
            Ret::Pending => f.write_str("Pending"),
            Ret::Ready(Ok(value)) => write!(f, "Ready(Ok({value}))"),
            Ret::Ready(Err(error)) => write!(f, "Ready(Err({error}))"),
            Ret::Subscribed(Ok(())) => f.write_str("Subscribed(Ok)"),
            Ret::Subscribed(Err(error)) => write!(f, "Subscribed(Err({error}))"),
            Ret::Met(Ok(())) => f.write_str("Met(Ok)"),
            Ret::Met(Err(error)) => write!(f, "Met(Err({error}))"),
            Ret::Woke => f.write_str("Woke"),
            Ret::NoMatch(value) => write!(f, "NoMatch({value})"),
            Ret::Closed(value) => write!(f, "Closed({value})"),
            Ret::IsClosed(closed) => write!(f, "{closed}"),
            Ret::Panicked => f.write_str("by panicking"),
        }
    }
}

/// User code that the map runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cb {
    /// A waker is invoked.
    Wake {
        /// Whose waker.
        task: TaskId,
    },
    /// A waker is cloned.
    CloneWaker {
        /// Whose waker.
        task: TaskId,
    },
    /// A waker is dropped.
    DropWaker {
        /// Whose waker.
        task: TaskId,
    },
    /// The key of a wait is dropped.
    DropKey {
        /// Whose key.
        wait: WaitId,
    },
    /// A value that nobody consumed is dropped.
    DropValue {
        /// The value.
        value: ValueId,
    },
    /// The predicate of `wait_for` or `wait_for_value` is asked.
    Test {
        /// Whose predicate.
        wait: WaitId,
    },
}

impl fmt::Display for Cb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cb::Wake { task } => write!(f, "the waker of {task}"),
            Cb::CloneWaker { task } => write!(f, "the clone of a waker of {task}"),
            Cb::DropWaker { task } => write!(f, "the drop of a waker of {task}"),
            Cb::DropKey { wait } => write!(f, "the drop of the key of {wait}"),
            Cb::DropValue { value } => write!(f, "the drop of {value}"),
            Cb::Test { wait } => write!(f, "the test of {wait}"),
        }
    }
}

/// How user code that the map ran, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// It returned.
    Done,
    /// The predicate of `wait_for` answered.
    Holds(bool),
    /// A waker panicked.
    Panicked,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Done => f.write_str("()"),
            Reply::Holds(holds) => write!(f, "{holds}"),
            Reply::Panicked => f.write_str("a panic"),
        }
    }
}
