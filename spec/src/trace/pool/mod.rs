//! The words of `pool` in a trace.

mod written;

use std::io::{self, BufRead, Write};

use super::line::{Line, Name, Word};
use super::{Bounds, Names, Trace, TraceError, Vocabulary};
use crate::monitor::{DEFAULT_BOUND, Monitor, Verdict};
use crate::partial::Partial;
use crate::pool::{self, BurstId, Cb, Down, Event, Kind, NoteId, Op, Reply, Ret, StopId, ValueId, WorkerId};

/// Reads a trace of a pool.
///
/// # Errors
///
/// Says which line is wrong, and how; or that the source cannot be read or is too long.
///
/// # Examples
///
/// ```
/// use raddle_spec::trace::{self, Bounds};
///
/// let file = "\
/// {\"raddle_trace\": 1, \"system\": \"pool\", \"capacity\": 4, \"end\": \"rest\"}
/// {\"actor\": \"main\", \"call\": \"execute\", \"worker\": \"w\"}
/// {\"actor\": \"main\", \"return\": \"failed\"}
/// {\"actor\": \"main\", \"call\": \"count\"}
/// {\"actor\": \"main\", \"return\": \"count\", \"count\": 0}
/// ";
/// let trace = trace::pool::read(file.as_bytes(), Bounds::default()).unwrap();
/// assert!(trace::pool::judge(&trace).is_accepted());
/// ```
pub fn read(source: impl BufRead, bounds: Bounds) -> Result<Trace<Kind>, TraceError> {
    super::read::<Words>(source, bounds)
}

/// Writes a trace of a pool, so that [`read`] gives it again.
///
/// Things get the numbers in which they appear first; a trace that was numbered otherwise comes back renumbered, under the same names.
///
/// # Errors
///
/// Those of `out`.
pub fn write(trace: &Trace<Kind>, out: impl Write) -> io::Result<()> {
    super::write::<Words>(trace, out)
}

/// Holds a trace against the spec of a pool with the capacity that the trace names. What the trace [omits](Trace::omits) is not judged.
///
/// The memory that this takes is bounded whatever the trace is: where very many calls overlap, or very much is sent and not received,
/// the verdict is [undecided](Verdict::Undecided).
pub fn judge(trace: &Trace<Kind>) -> Verdict {
    let spec = pool::spec(trace.capacity.unwrap_or(0));
    let bound = configurations(&trace.events);
    if trace.omits.is_empty() {
        return Monitor::new(&spec).order(trace.order).bound(bound).judge(&trace.events, trace.end);
    }
    let partial = Partial::new(spec, |action: &Kind| match action {
        Kind::Enter(Cb::DropValue { .. }) => vec![Kind::Leave(Reply::Done)],
        _ => Vec::new(),
    });
    Monitor::new(&partial).order(trace.order).bound(bound).judge(&trace.events, trace.end)
}

/// How many configurations the monitor may visit on these events.
fn configurations(events: &[Event]) -> usize {
    /// In a call or a thing for each next step of a configuration; about a gigabyte.
    const BUDGET: usize = 20_000_000;
    let (mut calls, mut things, mut workers) = (0_usize, 0_usize, 0_usize);
    let (mut most_calls, mut most_things) = (1, 1);
    for event in events {
        match &event.kind {
            Kind::Call(op) => {
                calls += 1;
                match op {
                    Op::Execute { .. } | Op::TryExecute { .. } => workers += 1,
                    Op::ExecuteMany { count, .. } => workers += *count as usize,
                    Op::Broadcast { .. } | Op::Stop { .. } | Op::StopAndJoin | Op::TryStopAndJoin => {
                        things += workers;
                    }
                    _ => {}
                }
            }
            Kind::Return(ret) => {
                calls = calls.saturating_sub(1);
                match ret {
                    Ret::Sent => things += 1,
                    Ret::Value(_) | Ret::Message(_) => things = things.saturating_sub(1),
                    _ => {}
                }
            }
            Kind::Enter(Cb::Work { .. }) => calls += 1,
            Kind::Leave(_) | Kind::Enter(_) => {}
        }
        most_calls = most_calls.max(calls);
        most_things = most_things.max(things + workers);
    }
    // Each open call may step next, and each step leads to a state that holds all open calls, workers, values and messages.
    let weight = most_calls.saturating_mul(most_calls + most_things);
    // A correct trace takes little more than one for each event.
    let enough = DEFAULT_BOUND.max(events.len().saturating_mul(4));
    (BUDGET / weight).clamp(1, enough)
}

/// What the names of a trace stand for, so far.
#[derive(Debug, Default)]
pub(super) struct Words {
    workers: Names,
    values: Names,
    notes: Names,
    stops: Names,
    bursts: Names,
}

const WORKER: &str = "worker";
const VALUE: &str = "value";
const NOTE: &str = "note";
const STOP: &str = "stop";
const BURST: &str = "burst";

type Read<T> = Result<(T, &'static [&'static str]), String>;

impl Words {
    fn worker(&mut self, line: &Line) -> Result<WorkerId, String> {
        needed(WORKER, line.worker.as_ref()).map(|name| WorkerId(self.workers.number(&name)))
    }

    fn value(&mut self, line: &Line) -> Result<ValueId, String> {
        needed(VALUE, line.value.as_ref()).map(|name| ValueId(self.values.number(&name)))
    }

    fn note(&mut self, line: &Line) -> Result<NoteId, String> {
        needed(NOTE, line.note.as_ref()).map(|name| NoteId(self.notes.number(&name)))
    }

    fn stop(&mut self, line: &Line) -> Result<StopId, String> {
        needed(STOP, line.stop.as_ref()).map(|name| StopId(self.stops.number(&name)))
    }

    fn burst(&mut self, line: &Line) -> Result<BurstId, String> {
        needed(BURST, line.burst.as_ref()).map(|name| BurstId(self.bursts.number(&name)))
    }

    fn message(&mut self, line: &Line) -> Result<Down, String> {
        let down = match line.message.as_deref() {
            Some("stop") => Down::Stop,
            Some("pause") => Down::Pause,
            Some("continue") => Down::Continue,
            Some("other") => return self.note(line).map(Down::Other),
            _ => return Err("`message` is one of stop, pause, continue, other".to_owned()),
        };
        match &line.note {
            Some(_) => Err("`note` belongs to the message other alone".to_owned()),
            None => Ok(down),
        }
    }

    fn values(&mut self, line: &Line) -> Result<Vec<ValueId>, String> {
        let names = line.values.as_deref().ok_or("`values` is missing")?;
        Ok(names.iter().map(|name| ValueId(self.values.number(&name.to_string()))).collect())
    }

    fn panics(&mut self, line: &Line) -> Result<Vec<WorkerId>, String> {
        let names = line.panics.as_deref().ok_or("`panics` is missing")?;
        Ok(names.iter().map(|name| WorkerId(self.workers.number(&name.to_string()))).collect())
    }

    /// The workers of one `execute_many`, whose numbers follow each other because nobody has named them before.
    fn new_workers(&mut self, line: &Line) -> Result<Op, String> {
        let names = line.workers.as_deref().ok_or("`workers` is missing")?;
        let first = self.workers.len();
        for (place, name) in names.iter().enumerate() {
            if self.workers.number(&name.to_string()) as usize != first as usize + place {
                return Err("`workers` names one that was named before".to_owned());
            }
        }
        Ok(Op::ExecuteMany { first: WorkerId(first), count: names.len() as u32 })
    }

    fn call(&mut self, word: &str, line: &Line) -> Read<Op> {
        Ok(match word {
            "execute" => (Op::Execute { worker: self.worker(line)? }, &[WORKER]),
            "try_execute" => (Op::TryExecute { worker: self.worker(line)? }, &[WORKER]),
            "execute_many" => (self.new_workers(line)?, &["workers"]),
            "recv" => (Op::Recv, &[]),
            "recv_burst" => (Op::Burst { burst: self.burst(line)? }, &[BURST]),
            "next_of_burst" => (Op::NextOfBurst { burst: self.burst(line)? }, &[BURST]),
            "stop" => (Op::Stop { stop: self.stop(line)? }, &[STOP]),
            "next_of_stop" => (Op::NextOfStop { stop: self.stop(line)? }, &[STOP]),
            "drop_stop" => (Op::DropStop { stop: self.stop(line)? }, &[STOP]),
            "stop_and_join" => (Op::StopAndJoin, &[]),
            "try_stop_and_join" => (Op::TryStopAndJoin, &[]),
            "broadcast" => (Op::Broadcast { message: self.message(line)? }, &["message", NOTE]),
            "broadcast_one" => (Op::BroadcastOne { message: self.message(line)? }, &["message", NOTE]),
            "get" => (Op::Get { index: line.index.ok_or("`index` is missing: a number")? }, &["index"]),
            "count" => (Op::Count, &[]),
            "drop_pool" => (Op::DropPool, &[]),
            _ => return self.call_on_handle(word, line),
        })
    }

    fn call_on_handle(&mut self, word: &str, line: &Line) -> Read<Op> {
        Ok(match word {
            "send_down" => {
                let (worker, message) = (self.worker(line)?, self.message(line)?);
                (Op::SendDown { worker, message }, &[WORKER, "message", NOTE])
            }
            "clone_down_sender" => (Op::CloneDownSender { worker: self.worker(line)? }, &[WORKER]),
            "drop_down_sender" => (Op::DropDownSender { worker: self.worker(line)? }, &[WORKER]),
            "send" => (Op::Send { worker: self.worker(line)?, value: self.value(line)? }, &[WORKER, VALUE]),
            "try_send" => {
                (Op::TrySend { worker: self.worker(line)?, value: self.value(line)? }, &[WORKER, VALUE])
            }
            "clone_sender" => (Op::CloneSender { worker: self.worker(line)? }, &[WORKER]),
            "drop_sender" => (Op::DropSender { worker: self.worker(line)? }, &[WORKER]),
            "recv_down" => (Op::RecvDown { worker: self.worker(line)? }, &[WORKER]),
            "try_recv_down" => (Op::TryRecvDown { worker: self.worker(line)? }, &[WORKER]),
            "drop_receiver" => (Op::DropReceiver { worker: self.worker(line)? }, &[WORKER]),
            _ => return Err(unknown("call", word)),
        })
    }

    fn returned(&mut self, word: &str, line: &Line) -> Read<Ret> {
        Ok(match word {
            "done" => (Ret::Done, &[]),
            "failed" => (Ret::Failed, &[]),
            "value" => (Ret::Value(self.value(line)?), &[VALUE]),
            "end" => (Ret::End, &[]),
            "values" => (Ret::Values(self.values(line)?), &["values"]),
            "joined" => {
                let (values, panics) = (self.values(line)?, self.panics(line)?);
                (Ret::Joined { values, panics }, &["values", "panics"])
            }
            "panicked" => (Ret::Panicked(self.worker(line)?), &[WORKER]),
            "sent" => (Ret::Sent, &[]),
            "refused" => (Ret::Refused(self.value(line)?), &[VALUE]),
            "full" => (Ret::Full(self.value(line)?), &[VALUE]),
            "message" => (Ret::Message(self.message(line)?), &["message", NOTE]),
            "empty" => (Ret::Empty, &[]),
            "disconnected" => (Ret::Disconnected, &[]),
            "refused_down" => (Ret::RefusedDown(self.message(line)?), &["message", NOTE]),
            "sender_to" => (Ret::SenderTo(self.worker(line)?), &[WORKER]),
            "nobody" => (Ret::Nobody, &[]),
            "count" => (Ret::Count(line.count.ok_or("`count` is missing: a number")?), &["count"]),
            _ => return Err(unknown("return", word)),
        })
    }

    fn entered(&mut self, word: &str, line: &Line) -> Read<Cb> {
        Ok(match word {
            "work" => (Cb::Work { worker: self.worker(line)? }, &[WORKER]),
            "drop_value" => (Cb::DropValue { value: self.value(line)? }, &[VALUE]),
            "drop_note" => (Cb::DropNote { note: self.note(line)? }, &[NOTE]),
            "drop_closure" => (Cb::DropClosure { worker: self.worker(line)? }, &[WORKER]),
            _ => return Err(unknown("enter", word)),
        })
    }
}

impl Vocabulary for Words {
    type Action = Kind;

    const SYSTEM: &'static str = "pool";
    const HAS_CAPACITY: bool = true;
    const OMISSIBLE: &'static [&'static str] = &["drop_value"];

    fn action(&mut self, line: &Line) -> Result<Kind, String> {
        let (kind, fields) = match line.word()? {
            Word::Call(word) => self.call(word, line).map(|(op, fields)| (Kind::Call(op), fields))?,
            Word::Return(word) => {
                self.returned(word, line).map(|(ret, fields)| (Kind::Return(ret), fields))?
            }
            Word::Enter(word) => self.entered(word, line).map(|(cb, fields)| (Kind::Enter(cb), fields))?,
            Word::Leave("done") => (Kind::Leave(Reply::Done), &[][..]),
            Word::Leave("panicked") => (Kind::Leave(Reply::Panicked), &[][..]),
            Word::Leave(word) => return Err(unknown("leave", word)),
        };
        match line.fields().find(|field| !fields.contains(field)) {
            Some(field) => Err(format!("`{field}` does not belong to this event")),
            None => Ok(kind),
        }
    }

    fn names(self) -> Vec<(&'static str, Names)> {
        vec![
            (WORKER, self.workers),
            (VALUE, self.values),
            (NOTE, self.notes),
            (STOP, self.stops),
            (BURST, self.bursts),
        ]
    }

    fn line(trace: &Trace<Kind>, action: &Kind) -> Line {
        written::line(trace, action)
    }
}

fn needed(field: &str, name: Option<&Name>) -> Result<String, String> {
    name.map(ToString::to_string).ok_or_else(|| format!("`{field}` is missing"))
}

fn unknown(field: &str, word: &str) -> String {
    format!("`{field}` cannot be `{word}` in a trace of pool (see spec/TRACE.md)")
}
