//! How the events of a WaitMap are written: the other direction of [`Words`](super::Words).

use super::{KEY, TASK, UNEQUAL, VALUE, WAIT};
use crate::trace::Trace;
use crate::trace::line::{Line, Name};
use crate::waitmap::{Cb, Key, Kind, Op, Reply, Ret, TaskId, ValueId, WaitError, WaitId};

/// The line of an event, without its actor.
pub(super) fn line(trace: &Trace<Kind>, kind: &Kind) -> Line {
    match kind {
        Kind::Call(op) => call(trace, op),
        Kind::Return(ret) => returned(trace, ret),
        Kind::Enter(cb) => entered(trace, cb),
        Kind::Leave(reply) => left(reply),
    }
}

fn call(trace: &Trace<Kind>, op: &Op) -> Line {
    let call = |word: &str| Line { call: Some(word.to_owned()), ..Line::default() };
    match *op {
        Op::Wait { wait, key } => {
            Line { wait: named_wait(trace, wait), key: named_key(trace, key), ..call("wait") }
        }
        Op::WaitFor { wait, key } => {
            Line { wait: named_wait(trace, wait), key: named_key(trace, key), ..call("wait_for") }
        }
        Op::Subscribe { wait, task } => {
            Line { wait: named_wait(trace, wait), task: named_task(trace, task), ..call("subscribe") }
        }
        Op::Poll { wait, task } => {
            Line { wait: named_wait(trace, wait), task: named_task(trace, task), ..call("poll") }
        }
        Op::Drop { wait } => Line { wait: named_wait(trace, wait), ..call("drop") },
        Op::Wake { key, value } => {
            Line { key: named_key(trace, key), value: named_value(trace, value), ..call("wake") }
        }
        Op::Close => call("close"),
        Op::IsClosed => call("is_closed"),
        Op::Sleep { task } => Line { task: named_task(trace, task), ..call("sleep") },
    }
}

fn returned(trace: &Trace<Kind>, ret: &Ret) -> Line {
    let returned = |word: &str| Line { returned: Some(word.to_owned()), ..Line::default() };
    let failed = |error: WaitError| Some(error_word(error).to_owned());
    match *ret {
        Ret::Done => returned("done"),
        Ret::Pending => returned("pending"),
        Ret::Ready(Ok(value)) => Line { value: named_value(trace, value), ..returned("ready") },
        Ret::Ready(Err(error)) => Line { error: failed(error), ..returned("ready") },
        Ret::Subscribed(result) => Line { error: result.err().and_then(failed), ..returned("subscribed") },
        Ret::Met(result) => Line { error: result.err().and_then(failed), ..returned("met") },
        Ret::Woke => returned("woke"),
        Ret::NoMatch(value) => Line { value: named_value(trace, value), ..returned("no_match") },
        Ret::Closed(value) => Line { value: named_value(trace, value), ..returned("closed") },
        Ret::IsClosed(closed) => Line { closed: Some(closed), ..returned("is_closed") },
        Ret::Panicked => returned("panicked"),
    }
}

fn entered(trace: &Trace<Kind>, cb: &Cb) -> Line {
    let enter = |word: &str| Line { enter: Some(word.to_owned()), ..Line::default() };
    match *cb {
        Cb::Wake { task } => Line { task: named_task(trace, task), ..enter("wake") },
        Cb::CloneWaker { task } => Line { task: named_task(trace, task), ..enter("clone_waker") },
        Cb::DropWaker { task } => Line { task: named_task(trace, task), ..enter("drop_waker") },
        Cb::DropKey { wait } => Line { wait: named_wait(trace, wait), ..enter("drop_key") },
        Cb::DropValue { value } => Line { value: named_value(trace, value), ..enter("drop_value") },
        Cb::Test { wait } => Line { wait: named_wait(trace, wait), ..enter("test") },
    }
}

fn left(reply: &Reply) -> Line {
    let leave = |word: &str| Line { leave: Some(word.to_owned()), ..Line::default() };
    match *reply {
        Reply::Done => leave("done"),
        Reply::Holds(holds) => Line { holds: Some(holds), ..leave("holds") },
        Reply::Panicked => leave("panicked"),
    }
}

fn error_word(error: WaitError) -> &'static str {
    match error {
        WaitError::Closed => "closed",
        WaitError::AlreadyConsumed => "already_consumed",
        WaitError::Duplicate => "duplicate",
    }
}

fn named_wait(trace: &Trace<Kind>, wait: WaitId) -> Option<Name> {
    Some(Name::of(&trace.name(WAIT, wait.0)))
}

fn named_key(trace: &Trace<Kind>, key: Key) -> Option<Name> {
    Some(if key == Key::UNEQUAL { Name::Word(UNEQUAL.to_owned()) } else { Name::of(&trace.name(KEY, key.0)) })
}

fn named_value(trace: &Trace<Kind>, value: ValueId) -> Option<Name> {
    Some(Name::of(&trace.name(VALUE, value.0)))
}

fn named_task(trace: &Trace<Kind>, task: TaskId) -> Option<Name> {
    Some(Name::of(&trace.name(TASK, task.0)))
}
