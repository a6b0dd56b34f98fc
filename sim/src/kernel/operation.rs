//! The operations that threads announce, and the record of one that was executed.

use std::fmt;

/// What a step does.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpKind {
    /// The thread begins. Touches nothing.
    Start,
    /// The thread ends; who joins it can go on.
    Exit,
    /// An atomic load.
    Load,
    /// An atomic store.
    Store,
    /// An atomic read, modify and write, also a compare-and-exchange.
    Modify,
    /// Takes a mutex; blocks while it is held.
    Lock,
    /// Takes a mutex if it is free.
    TryLock,
    /// Frees a mutex.
    Unlock,
    /// Frees a mutex and begins to wait for a notification. A thread whose pending operation this is, and that cannot go
    /// on, has done that and was not notified yet.
    Wait,
    /// Takes the mutex again after a notification.
    Relock,
    /// Takes a readers-writer lock to read; blocks while somebody writes.
    Read,
    /// Takes a readers-writer lock to read if nobody writes.
    TryRead,
    /// Takes a readers-writer lock to write; blocks while somebody reads or writes.
    Write,
    /// Takes a readers-writer lock to write if nobody reads or writes.
    TryWrite,
    /// Goes on reading where it wrote.
    Downgrade,
    /// Notifies one waiter.
    NotifyOne,
    /// Notifies all waiters.
    NotifyAll,
    /// Starts a thread.
    Spawn,
    /// Fails to start a thread.
    FailedSpawn,
    /// Waits for the end of a thread.
    Join,
    /// Asks whether a thread has ended.
    IsFinished,
    /// Waits for an unpark.
    Park,
    /// Begins to wait for an unpark until a time limit ends, if there was no unpark before.
    ParkTimeout,
    /// Begins to wait until a time limit ends.
    Sleep,
    /// The time limit of a sleep or of a parked thread ends; the clock moves to it.
    Elapse,
    /// The time limit of a thread that waits in the queue of an object ends: the thread leaves the queue, and the clock moves
    /// to the limit.
    Timeout,
    /// Reads the clock.
    Now,
    /// Unparks a thread.
    Unpark,
    /// Lets other threads go first.
    Yield,
    /// Spins: lets other threads go first.
    Spin,
    /// Arrives at a barrier; the last to arrive opens it.
    Arrive,
    /// Passes a barrier; blocks until all have arrived.
    Pass,
    /// Sends into a channel; blocks while there is no room.
    Send,
    /// Sends into a channel if there is room.
    TrySend,
    /// Waits until what it sent is taken out of a channel that has no room at all.
    HandOver,
    /// Receives from a channel; blocks while it is empty.
    Receive,
    /// Receives from a channel if there is something in it.
    TryReceive,
    /// Drops an end of a channel.
    Disconnect,
    /// Begins an initialisation that happens once, or finds it done; blocks while another thread is at it.
    Initialize,
    /// Ends an initialisation that happens once.
    Initialized,
    /// Waits until the future that it polls is woken.
    Await,
    /// Wakes a future.
    Wake,
    /// Gives up a reference of a shared count, or looks at the count.
    Count,
    /// Touches nothing: a place where an observer wants others to be able to come first.
    Point,
}

/// What the number beside an operation stands for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing.
    Nothing,
    /// The number of an object, in order of first touch.
    Object,
    /// The number of a thread.
    Thread,
}

impl OpKind {
    /// What the number beside this operation stands for.
    pub fn target(self) -> Target {
        match self {
            OpKind::Start
            | OpKind::Exit
            | OpKind::FailedSpawn
            | OpKind::Park
            | OpKind::ParkTimeout
            | OpKind::Sleep
            | OpKind::Elapse
            | OpKind::Now
            | OpKind::Yield
            | OpKind::Spin
            | OpKind::Point => Target::Nothing,
            OpKind::Spawn | OpKind::Join | OpKind::IsFinished | OpKind::Unpark => Target::Thread,
            OpKind::Load
            | OpKind::Store
            | OpKind::Modify
            | OpKind::Lock
            | OpKind::TryLock
            | OpKind::Unlock
            | OpKind::Wait
            | OpKind::Relock
            | OpKind::NotifyOne
            | OpKind::NotifyAll
            | OpKind::Timeout
            | OpKind::Read
            | OpKind::TryRead
            | OpKind::Write
            | OpKind::TryWrite
            | OpKind::Downgrade
            | OpKind::Arrive
            | OpKind::Pass
            | OpKind::Send
            | OpKind::TrySend
            | OpKind::HandOver
            | OpKind::Receive
            | OpKind::TryReceive
            | OpKind::Disconnect
            | OpKind::Initialize
            | OpKind::Initialized
            | OpKind::Await
            | OpKind::Wake
            | OpKind::Count => Target::Object,
        }
    }

    /// Whether the thread asks that others go first.
    #[inline]
    pub fn yields(self) -> bool {
        matches!(self, OpKind::Yield | OpKind::Spin)
    }
}

impl fmt::Display for OpKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            OpKind::Start => "start",
            OpKind::Exit => "exit",
            OpKind::Load => "load",
            OpKind::Store => "store",
            OpKind::Modify => "modify",
            OpKind::Lock => "lock",
            OpKind::TryLock => "try_lock",
            OpKind::Unlock => "unlock",
            OpKind::Wait => "wait",
            OpKind::Relock => "relock",
            OpKind::Read => "read",
            OpKind::TryRead => "try_read",
            OpKind::Write => "write",
            OpKind::TryWrite => "try_write",
            OpKind::Downgrade => "downgrade",
            OpKind::NotifyOne => "notify_one",
            OpKind::NotifyAll => "notify_all",
            OpKind::Spawn => "spawn",
            OpKind::FailedSpawn => "failed spawn",
            OpKind::Join => "join",
            OpKind::IsFinished => "is_finished",
            OpKind::Park => "park",
            OpKind::ParkTimeout => "park_timeout",
            OpKind::Sleep => "sleep",
            OpKind::Elapse => "elapse",
            OpKind::Timeout => "timeout",
            OpKind::Now => "now",
            OpKind::Unpark => "unpark",
            OpKind::Yield => "yield",
            OpKind::Spin => "spin",
            OpKind::Arrive => "arrive",
            OpKind::Pass => "pass",
            OpKind::Send => "send",
            OpKind::TrySend => "try_send",
            OpKind::HandOver => "hand_over",
            OpKind::Receive => "receive",
            OpKind::TryReceive => "try_receive",
            OpKind::Disconnect => "disconnect",
            OpKind::Initialize => "initialize",
            OpKind::Initialized => "initialized",
            OpKind::Await => "await",
            OpKind::Wake => "wake",
            OpKind::Count => "count",
            OpKind::Point => "point",
        })
    }
}

/// An operation: what it does, and to which object or thread.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Op {
    /// What it does.
    pub kind: OpKind,
    /// The number of the object or thread it does it to; see [`OpKind::target`]. 0 if there is none.
    pub target: u32,
}

impl fmt::Display for Op {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.target() {
            Target::Nothing => write!(formatter, "{}", self.kind),
            Target::Object => write!(formatter, "{} #{}", self.kind, self.target),
            Target::Thread => write!(formatter, "{} thread {}", self.kind, self.target),
        }
    }
}

/// One executed step.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct StepRecord {
    /// The thread that made it.
    pub thread: u32,
    /// What it did.
    pub op: Op,
}

impl fmt::Display for StepRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "thread {}: {}", self.thread, self.op)
    }
}
