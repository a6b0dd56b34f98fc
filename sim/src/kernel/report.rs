//! What is known of an execution when it has ended.

use std::fmt;
use std::panic::Location;

use super::faults::FaultCounts;
use super::object::{ObjectKind, ObjectSlot};
use super::operation::{Op, OpKind, Target};
use super::place::Place;

/// How an execution ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// All threads have ended.
    Finished,
    /// Some threads have not ended, and none of them can go on.
    Stuck,
    /// It was cut off at [`Limits::steps`](super::Limits::steps).
    StepBound,
    /// It reached [`Limits::steps`](super::Limits::steps), and a fair schedule from there on repeats the same steps for ever; see
    /// [`Kernel::cycle`](super::Kernel::cycle).
    Livelock,
    /// It was cut off because it needed more than [`Limits::threads`](super::Limits::threads).
    ThreadBound,
    /// The strategy found it not worth finishing.
    Abandoned,
    /// The strategy panicked or answered with no option; see [`Kernel::fault`](super::Kernel::fault).
    Fault,
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            End::Finished => "finished",
            End::Stuck => "stuck",
            End::StepBound => "cut off at the step bound",
            End::Livelock => "ended in a livelock",
            End::ThreadBound => "cut off at the thread bound",
            End::Abandoned => "abandoned",
            End::Fault => "ended by a fault of the strategy",
        })
    }
}

/// An execution in numbers.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// How many steps were executed.
    pub steps: u64,
    /// How often the turn went from one thread to another.
    pub switches: u64,
    /// How often it was taken from a thread that could have gone on and had not asked others to go first.
    pub preemptions: u64,
    /// How many threads were born, `main` included.
    pub threads: u32,
    /// How many threads panicked.
    pub panics: u32,
    /// How many threads could not be unwound: their stacks and what they own are lost to the process.
    pub leaked_threads: u32,
    /// How many faults of each kind happened.
    pub faults: FaultCounts,
}

/// How the life of a thread went, before any teardown.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Unfinished,
    Finished,
    Panicked,
}

/// Where an object comes from.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ObjectReport {
    /// Its number, in order of first touch.
    pub number: u32,
    /// What it is.
    pub kind: ObjectKind,
    /// Where it was made.
    pub birthplace: &'static Location<'static>,
    /// A mutex or a readers-writer lock: the thread that held it when the execution ended; of several readers, the first.
    pub holder: Option<usize>,
}

impl ObjectReport {
    pub(crate) fn new(number: u32, slot: &ObjectSlot, holder: Option<usize>) -> Self {
        ObjectReport { number, kind: slot.kind, birthplace: slot.birthplace, holder }
    }
}

impl fmt::Display for ObjectReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} #{} (created at {})", self.kind, self.number, self.birthplace)
    }
}

/// A thread at the end of an execution.
#[derive(Clone, Debug)]
pub struct ThreadReport {
    /// Its number, in order of birth; `main` is 0.
    pub number: usize,
    /// Its name; empty if it has none.
    pub name: String,
    /// The thread that started it; none for `main`.
    pub parent: Option<usize>,
    /// Where it was started.
    pub birthplace: &'static Location<'static>,
    /// Where it had got to when the execution ended.
    pub state: ThreadState,
    /// Where the panic began that ended it. Unknown for one that was raised by `resume_unwind`.
    pub panicked_at: Option<Place>,
    /// Whether another thread has joined it, and so learnt of its panic.
    pub joined: bool,
    /// Whether it could not be unwound.
    pub leaked: bool,
}

/// Where a thread had got to when the execution ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadState {
    /// It had ended normally.
    Finished,
    /// It had ended by a panic with this message.
    Panicked(String),
    /// It could have gone on with this operation.
    Runnable(Op),
    /// It could not go on with this operation.
    Blocked {
        /// The operation.
        op: Op,
        /// The object of the operation, if it has one.
        object: Option<ObjectReport>,
    },
}

impl fmt::Display for ThreadReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => write!(formatter, "thread {} ", self.number)?,
            name => write!(formatter, "thread {} '{name}' ", self.number)?,
        }
        if self.parent.is_some() {
            write!(formatter, "(spawned at {}) ", self.birthplace)?;
        }
        write!(formatter, "{}", self.state)?;
        if self.leaked {
            write!(formatter, "; it could not be unwound and was leaked")?;
        }
        Ok(())
    }
}

impl fmt::Display for ThreadState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ThreadState::Finished => write!(formatter, "has finished"),
            ThreadState::Panicked(message) => write!(formatter, "panicked: {message}"),
            ThreadState::Runnable(op) => write!(formatter, "could go on with {op}"),
            ThreadState::Blocked { op, object } => {
                match op.kind {
                    OpKind::Lock => write!(formatter, "waits to lock")?,
                    OpKind::Relock => write!(formatter, "was notified and waits to lock")?,
                    OpKind::Read => write!(formatter, "waits to read")?,
                    OpKind::Write => write!(formatter, "waits to write")?,
                    OpKind::Pass => write!(formatter, "waits for the others at")?,
                    OpKind::Send => write!(formatter, "waits for room in")?,
                    OpKind::HandOver => write!(formatter, "waits for a receiver at")?,
                    OpKind::Receive => write!(formatter, "waits to receive from")?,
                    OpKind::Initialize => write!(formatter, "waits for the initialisation of")?,
                    OpKind::Await => write!(formatter, "waits to be woken by")?,
                    OpKind::Wait => write!(formatter, "waits for a notification of")?,
                    OpKind::Join => write!(formatter, "waits for the end of")?,
                    OpKind::Park => write!(formatter, "waits to be unparked")?,
                    other => write!(formatter, "waits in {other}")?,
                }
                match object {
                    Some(object) => write!(formatter, " {object}")?,
                    None if op.kind.target() == Target::Thread => write!(formatter, " thread {}", op.target)?,
                    None => {}
                }
                match object.and_then(|object| object.holder) {
                    Some(holder) => write!(formatter, ", which thread {holder} holds"),
                    None => Ok(()),
                }
            }
        }
    }
}
