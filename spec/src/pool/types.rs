//! The vocabulary of the pool spec: who calls what, what comes back, which user code is entered.

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
    /// One worker, numbered over the whole run in the order in which closures were given to the pool. A closure whose thread
    /// could not be created has a number as well.
    WorkerId, "worker"
);
id!(
    /// One value that a worker sends up.
    ValueId, "value"
);
id!(
    /// What a [`Down::Other`] carries. Its clones have the same number.
    NoteId, "note"
);
id!(
    /// The iterator that one call of `stop` returned.
    StopId, "stop"
);
id!(
    /// The iterator that one call of `recv_burst` returned.
    BurstId, "burst"
);

/// A message to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Down {
    /// `DownMsg::Stop`.
    Stop,
    /// `DownMsg::Pause`.
    Pause,
    /// `DownMsg::Continue`.
    Continue,
    /// `DownMsg::Other`.
    Other(NoteId),
}

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Down::Stop => f.write_str("Stop"),
            Down::Pause => f.write_str("Pause"),
            Down::Continue => f.write_str("Continue"),
            Down::Other(note) => write!(f, "Other({note})"),
        }
    }
}

/// What user code may call: first what the pool and its iterators offer, then what a clone from `get` offers, then what a worker's own
/// handles offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// `execute`.
    Execute {
        /// The new worker.
        worker: WorkerId,
    },
    /// `try_execute`.
    TryExecute {
        /// The new worker.
        worker: WorkerId,
    },
    /// `execute_many`.
    ExecuteMany {
        /// The first of the new workers; the others have the numbers that follow.
        first: WorkerId,
        /// How many.
        count: u32,
    },
    /// `recv`.
    Recv,
    /// `recv_burst`. Any other call on the pool is the end of the iterator, because it borrows the pool.
    Burst {
        /// The new iterator.
        burst: BurstId,
    },
    /// One `next` on the iterator of `recv_burst`.
    NextOfBurst {
        /// The iterator.
        burst: BurstId,
    },
    /// `stop`.
    Stop {
        /// The new iterator.
        stop: StopId,
    },
    /// One `next` on the iterator of `stop`.
    NextOfStop {
        /// The iterator.
        stop: StopId,
    },
    /// The drop of the iterator of `stop`, at its end or early.
    DropStop {
        /// The iterator.
        stop: StopId,
    },
    /// `stop_and_join`.
    StopAndJoin,
    /// `try_stop_and_join`.
    TryStopAndJoin,
    /// `broadcast`.
    Broadcast {
        /// What is sent.
        message: Down,
    },
    /// `broadcast_one`.
    BroadcastOne {
        /// What is sent.
        message: Down,
    },
    /// `get`, of which the sender is kept until [`Op::DropDownSender`].
    Get {
        /// The index, from 0 in the order of `execute` since the last stop.
        index: u32,
    },
    /// How many indices `get` knows, of which no sender is kept.
    Count,
    /// The drop of the pool itself.
    DropPool,
    /// `send` through a sender that `get` gave.
    SendDown {
        /// To whom.
        worker: WorkerId,
        /// What is sent.
        message: Down,
    },
    /// The clone of a sender that `get` gave.
    CloneDownSender {
        /// Whose receiver it reaches.
        worker: WorkerId,
    },
    /// The drop of a sender that `get` gave, or of a clone of it.
    DropDownSender {
        /// Whose receiver it reaches.
        worker: WorkerId,
    },
    /// `WorkerSender::send`.
    Send {
        /// Whose sender.
        worker: WorkerId,
        /// What is sent.
        value: ValueId,
    },
    /// `WorkerSender::try_send`.
    TrySend {
        /// Whose sender.
        worker: WorkerId,
        /// What is sent.
        value: ValueId,
    },
    /// `WorkerSender::clone`.
    CloneSender {
        /// Whose sender.
        worker: WorkerId,
    },
    /// The drop of a `WorkerSender`, be it the first or a clone.
    DropSender {
        /// Whose sender.
        worker: WorkerId,
    },
    /// `recv` on the receiver of a worker.
    RecvDown {
        /// Whose receiver.
        worker: WorkerId,
    },
    /// `try_recv` on the receiver of a worker.
    TryRecvDown {
        /// Whose receiver.
        worker: WorkerId,
    },
    /// The drop of the receiver of a worker.
    DropReceiver {
        /// Whose receiver.
        worker: WorkerId,
    },
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::Execute { worker } => write!(f, "execute, {worker}"),
            Op::TryExecute { worker } => write!(f, "try_execute, {worker}"),
            Op::ExecuteMany { first, count } => write!(f, "execute_many, {count} from {first}"),
            Op::Recv => f.write_str("recv"),
            Op::Burst { burst } => write!(f, "recv_burst, {burst}"),
            Op::NextOfBurst { burst } => write!(f, "next of {burst}"),
            Op::Stop { stop } => write!(f, "stop, {stop}"),
            Op::NextOfStop { stop } => write!(f, "next of {stop}"),
            Op::DropStop { stop } => write!(f, "drop of {stop}"),
            Op::StopAndJoin => f.write_str("stop_and_join"),
            Op::TryStopAndJoin => f.write_str("try_stop_and_join"),
            Op::Broadcast { message } => write!(f, "broadcast({message})"),
            Op::BroadcastOne { message } => write!(f, "broadcast_one({message})"),
            Op::Get { index } => write!(f, "get({index})"),
            Op::Count => f.write_str("the count of workers"),
            Op::DropPool => f.write_str("drop of the pool"),
            Op::SendDown { worker, message } => write!(f, "send({message}) to {worker}"),
            Op::CloneDownSender { worker } => write!(f, "clone of a sender to {worker}"),
            Op::DropDownSender { worker } => write!(f, "drop of a sender to {worker}"),
            Op::Send { worker, value } => write!(f, "send({value}) of {worker}"),
            Op::TrySend { worker, value } => write!(f, "try_send({value}) of {worker}"),
            Op::CloneSender { worker } => write!(f, "clone of a sender of {worker}"),
            Op::DropSender { worker } => write!(f, "drop of a sender of {worker}"),
            Op::RecvDown { worker } => write!(f, "recv of {worker}"),
            Op::TryRecvDown { worker } => write!(f, "try_recv of {worker}"),
            Op::DropReceiver { worker } => write!(f, "drop of the receiver of {worker}"),
        }
    }
}

/// What a call returns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ret {
    /// From everything that returns nothing: `execute`, `try_execute`, `execute_many`, `recv_burst`, `stop`, `broadcast`, clones and
    /// drops.
    Done,
    /// From `execute` and `execute_many`, which panic, and `try_execute`, which gives the closure back: no thread could be created.
    Failed,
    /// From `recv` and from `next` of either iterator.
    Value(ValueId),
    /// From `next` of either iterator: it gives `None`.
    End,
    /// From `stop_and_join`.
    Values(Vec<ValueId>),
    /// From `try_stop_and_join`.
    Joined {
        /// What was sent and not received before, in order.
        values: Vec<ValueId>,
        /// Who panicked, in the order of `execute`.
        panics: Vec<WorkerId>,
    },
    /// From `next` of a `stop` and from `stop_and_join`: the panic of this worker goes on in the caller.
    Panicked(WorkerId),
    /// From all that sends, `broadcast` excepted: it is sent.
    Sent,
    /// From `send` and `try_send` of a worker: nobody can receive it any more; the value comes back.
    Refused(ValueId),
    /// From `try_send` of a worker: there is no room; the value comes back.
    Full(ValueId),
    /// From `recv` and `try_recv` of a worker.
    Message(Down),
    /// From `try_recv` of a worker: there is no message now.
    Empty,
    /// From `recv` and `try_recv` of a worker: there is no message, and nobody can send one any more.
    Disconnected,
    /// From `broadcast_one` and from `send` to a worker: nobody can receive it; the message comes back.
    RefusedDown(Down),
    /// From `get`: a sender to this worker.
    SenderTo(WorkerId),
    /// From `get`: there is no worker with this index.
    Nobody,
    /// From the count of workers.
    Count(u32),
}

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ret::Done => f.write_str("()"),
            Ret::Failed => f.write_str("that no thread can be created"),
            Ret::Value(value) => value.fmt(f),
            Ret::End => f.write_str("None"),
            Ret::Values(values) => list(f, values),
            Ret::Joined { values, panics } => {
                list(f, values)?;
                f.write_str(" with panics of ")?;
                list(f, panics)
            }
            Ret::Panicked(worker) => write!(f, "by the panic of {worker}"),
            Ret::Sent => f.write_str("Ok"),
            Ret::Refused(value) => write!(f, "Disconnected({value})"),
            Ret::Full(value) => write!(f, "Full({value})"),
            Ret::Message(message) => message.fmt(f),
            Ret::Empty => f.write_str("Empty"),
            Ret::Disconnected => f.write_str("Disconnected"),
            Ret::RefusedDown(message) => write!(f, "Disconnected({message})"),
            Ret::SenderTo(worker) => write!(f, "a sender to {worker}"),
            Ret::Nobody => f.write_str("None"),
            Ret::Count(count) => count.fmt(f),
        }
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
    }
    f.write_str("]")
}

/// User code that the pool runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cb {
    /// The closure of a worker, on a thread of its own. The strand of that thread begins with it, without a call, and ends with it.
    Work {
        /// Whose closure.
        worker: WorkerId,
    },
    /// A value that nobody can receive any more is dropped.
    DropValue {
        /// The value.
        value: ValueId,
    },
    /// A clone of a note, or the note itself, is dropped by the system.
    DropNote {
        /// The note.
        note: NoteId,
    },
    /// A closure whose thread could not be created is dropped by the system.
    DropClosure {
        /// Whose closure.
        worker: WorkerId,
    },
}

impl fmt::Display for Cb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cb::Work { worker } => write!(f, "the closure of {worker}"),
            Cb::DropValue { value } => write!(f, "the drop of {value}"),
            Cb::DropNote { note } => write!(f, "the drop of {note}"),
            Cb::DropClosure { worker } => write!(f, "the drop of the closure of {worker}"),
        }
    }
}

/// How user code that the pool ran, ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// It returned.
    Done,
    /// It panicked.
    Panicked,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Done => f.write_str("()"),
            Reply::Panicked => f.write_str("a panic"),
        }
    }
}
