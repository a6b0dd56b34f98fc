//! How the events of a pool are written: the other direction of [`Words`](super::Words).

use super::{BURST, NOTE, STOP, VALUE, WORKER};
use crate::pool::{BurstId, Cb, Down, Kind, NoteId, Op, Reply, Ret, StopId, ValueId, WorkerId};
use crate::trace::Trace;
use crate::trace::line::{Line, Name};

/// The line of an event, without its actor.
pub(super) fn line(trace: &Trace<Kind>, kind: &Kind) -> Line {
    let names = Naming(trace);
    match kind {
        Kind::Call(op) => names.call(op),
        Kind::Return(ret) => names.returned(ret),
        Kind::Enter(cb) => names.entered(cb),
        Kind::Leave(reply) => {
            let word = match reply {
                Reply::Done => "done",
                Reply::Panicked => "panicked",
            };
            Line { leave: Some(word.to_owned()), ..Line::default() }
        }
    }
}

/// The names that a trace gives.
struct Naming<'a>(&'a Trace<Kind>);

impl Naming<'_> {
    fn name(&self, noun: &str, number: u32) -> Option<Name> {
        Some(Name::of(&self.0.name(noun, number)))
    }

    fn worker(&self, worker: WorkerId) -> Option<Name> {
        self.name(WORKER, worker.0)
    }

    fn value(&self, value: ValueId) -> Option<Name> {
        self.name(VALUE, value.0)
    }

    fn workers(&self, workers: impl Iterator<Item = WorkerId>) -> Option<Vec<Name>> {
        workers.map(|worker| self.worker(worker)).collect()
    }

    fn values(&self, values: &[ValueId]) -> Option<Vec<Name>> {
        values.iter().map(|value| self.value(*value)).collect()
    }

    fn with_message(&self, message: Down, line: Line) -> Line {
        let (word, note) = match message {
            Down::Stop => ("stop", None),
            Down::Pause => ("pause", None),
            Down::Continue => ("continue", None),
            Down::Other(NoteId(note)) => ("other", self.name(NOTE, note)),
        };
        Line { message: Some(word.to_owned()), note, ..line }
    }

    fn call(&self, op: &Op) -> Line {
        let call = |word: &str| Line { call: Some(word.to_owned()), ..Line::default() };
        let of_worker = |worker, word: &str| Line { worker: self.worker(worker), ..call(word) };
        let of_stop = |StopId(stop), word: &str| Line { stop: self.name(STOP, stop), ..call(word) };
        let of_burst = |BurstId(burst), word: &str| Line { burst: self.name(BURST, burst), ..call(word) };
        match *op {
            Op::Execute { worker } => of_worker(worker, "execute"),
            Op::TryExecute { worker } => of_worker(worker, "try_execute"),
            Op::ExecuteMany { first, count } => {
                let workers = (0..count).map(|offset| WorkerId(first.0.wrapping_add(offset)));
                Line { workers: self.workers(workers), ..call("execute_many") }
            }
            Op::Recv => call("recv"),
            Op::Burst { burst } => of_burst(burst, "recv_burst"),
            Op::NextOfBurst { burst } => of_burst(burst, "next_of_burst"),
            Op::Stop { stop } => of_stop(stop, "stop"),
            Op::NextOfStop { stop } => of_stop(stop, "next_of_stop"),
            Op::DropStop { stop } => of_stop(stop, "drop_stop"),
            Op::StopAndJoin => call("stop_and_join"),
            Op::TryStopAndJoin => call("try_stop_and_join"),
            Op::Broadcast { message } => self.with_message(message, call("broadcast")),
            Op::BroadcastOne { message } => self.with_message(message, call("broadcast_one")),
            Op::Get { index } => Line { index: Some(index), ..call("get") },
            Op::Count => call("count"),
            Op::DropPool => call("drop_pool"),
            Op::SendDown { worker, message } => self.with_message(message, of_worker(worker, "send_down")),
            Op::CloneDownSender { worker } => of_worker(worker, "clone_down_sender"),
            Op::DropDownSender { worker } => of_worker(worker, "drop_down_sender"),
            Op::Send { worker, value } => Line { value: self.value(value), ..of_worker(worker, "send") },
            Op::TrySend { worker, value } => {
                Line { value: self.value(value), ..of_worker(worker, "try_send") }
            }
            Op::CloneSender { worker } => of_worker(worker, "clone_sender"),
            Op::DropSender { worker } => of_worker(worker, "drop_sender"),
            Op::RecvDown { worker } => of_worker(worker, "recv_down"),
            Op::TryRecvDown { worker } => of_worker(worker, "try_recv_down"),
            Op::DropReceiver { worker } => of_worker(worker, "drop_receiver"),
        }
    }

    fn returned(&self, ret: &Ret) -> Line {
        let returned = |word: &str| Line { returned: Some(word.to_owned()), ..Line::default() };
        let of_value = |value, word: &str| Line { value: self.value(value), ..returned(word) };
        match ret {
            Ret::Done => returned("done"),
            Ret::Failed => returned("failed"),
            Ret::Value(value) => of_value(*value, "value"),
            Ret::End => returned("end"),
            Ret::Values(values) => Line { values: self.values(values), ..returned("values") },
            Ret::Joined { values, panics } => Line {
                values: self.values(values),
                panics: self.workers(panics.iter().copied()),
                ..returned("joined")
            },
            Ret::Panicked(worker) => Line { worker: self.worker(*worker), ..returned("panicked") },
            Ret::Sent => returned("sent"),
            Ret::Refused(value) => of_value(*value, "refused"),
            Ret::Full(value) => of_value(*value, "full"),
            Ret::Message(message) => self.with_message(*message, returned("message")),
            Ret::Empty => returned("empty"),
            Ret::Disconnected => returned("disconnected"),
            Ret::RefusedDown(message) => self.with_message(*message, returned("refused_down")),
            Ret::SenderTo(worker) => Line { worker: self.worker(*worker), ..returned("sender_to") },
            Ret::Nobody => returned("nobody"),
            Ret::Count(count) => Line { count: Some(*count), ..returned("count") },
        }
    }

    fn entered(&self, cb: &Cb) -> Line {
        let enter = |word: &str| Line { enter: Some(word.to_owned()), ..Line::default() };
        match *cb {
            Cb::Work { worker } => Line { worker: self.worker(worker), ..enter("work") },
            Cb::DropValue { value } => Line { value: self.value(value), ..enter("drop_value") },
            Cb::DropNote { note: NoteId(note) } => Line { note: self.name(NOTE, note), ..enter("drop_note") },
            Cb::DropClosure { worker } => Line { worker: self.worker(worker), ..enter("drop_closure") },
        }
    }
}
