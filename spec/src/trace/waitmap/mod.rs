//! The words of `waitmap` in a trace.

mod written;

use std::io::{self, BufRead, Write};

use super::line::{Line, Name, Word};
use super::{Bounds, Names, Trace, TraceError, Vocabulary};
use crate::monitor::{DEFAULT_BOUND, Monitor, Verdict};
use crate::partial::Partial;
use crate::waitmap::{self, Cb, Event, Key, Kind, Op, Reply, Ret, TaskId, ValueId, WaitError, WaitId};

/// Reads a trace of a WaitMap.
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
/// {\"raddle_trace\": 1, \"system\": \"waitmap\", \"end\": \"rest\"}
/// {\"actor\": \"main\", \"call\": \"wake\", \"key\": 7, \"value\": \"a\"}
/// {\"actor\": \"main\", \"return\": \"no_match\", \"value\": \"a\"}
/// ";
/// let trace = trace::waitmap::read(file.as_bytes(), Bounds::default()).unwrap();
/// assert!(trace::waitmap::judge(&trace).is_accepted());
/// ```
pub fn read(source: impl BufRead, bounds: Bounds) -> Result<Trace<Kind>, TraceError> {
    super::read::<Words>(source, bounds)
}

/// Writes a trace of a WaitMap, so that [`read`] gives it again.
///
/// Things get the numbers in which they appear first; a trace that was numbered otherwise comes back renumbered, under the same names.
///
/// # Errors
///
/// Those of `out`.
///
/// # Examples
///
/// ```
/// use raddle_spec::trace::{self, Bounds};
///
/// let file = "\
/// {\"raddle_trace\":1,\"system\":\"waitmap\",\"end\":\"rest\",\"order\":\"recorded\"}
/// {\"actor\":\"main\",\"call\":\"close\"}
/// {\"actor\":\"main\",\"return\":\"done\"}
/// ";
/// let trace = trace::waitmap::read(file.as_bytes(), Bounds::default()).unwrap();
/// let mut written = Vec::new();
/// trace::waitmap::write(&trace, &mut written).unwrap();
/// assert_eq!(String::from_utf8(written).unwrap(), file);
/// ```
pub fn write(trace: &Trace<Kind>, out: impl Write) -> io::Result<()> {
    super::write::<Words>(trace, out)
}

/// Holds a trace against the spec of the WaitMap. What the trace [omits](Trace::omits) is not judged.
///
/// The memory that this takes is bounded whatever the trace is: where very many calls overlap, the verdict is
/// [undecided](Verdict::Undecided).
pub fn judge(trace: &Trace<Kind>) -> Verdict {
    let spec = waitmap::spec();
    let bound = configurations(&trace.events);
    if trace.omits.is_empty() {
        return Monitor::new(&spec).order(trace.order).bound(bound).judge(&trace.events, trace.end);
    }
    let omits = |name: &str| trace.omits.iter().any(|omitted| omitted == name);
    let partial = Partial::new(spec, |action: &Kind| unseen(action, omits));
    Monitor::new(&partial).order(trace.order).bound(bound).judge(&trace.events, trace.end)
}

/// How many configurations the monitor may visit on these events.
fn configurations(events: &[Event]) -> usize {
    /// In a call or a wait for each next step of a configuration; about a gigabyte.
    const BUDGET: usize = 20_000_000;
    let (mut calls, mut waits) = (0_usize, 0_usize);
    let (mut most_calls, mut most_waits) = (1, 1);
    for event in events {
        match event.kind {
            Kind::Call(op) => {
                calls += 1;
                match op {
                    Op::Wait { .. } | Op::WaitFor { .. } => waits += 1,
                    Op::Drop { .. } => waits = waits.saturating_sub(1),
                    _ => {}
                }
            }
            Kind::Return(_) => calls = calls.saturating_sub(1),
            Kind::Enter(_) | Kind::Leave(_) => {}
        }
        most_calls = most_calls.max(calls);
        most_waits = most_waits.max(waits);
    }
    // Each open call may step next, and each step leads to a state that holds all open calls and all waits.
    let weight = most_calls.saturating_mul(most_calls + most_waits);
    // A correct trace takes little more than one for each event.
    let enough = DEFAULT_BOUND.max(events.len().saturating_mul(4));
    (BUDGET / weight).clamp(1, enough)
}

/// How user code that was not recorded may have ended.
fn unseen(action: &Kind, omits: impl Fn(&str) -> bool) -> Vec<Kind> {
    let replies: &[Reply] = match action {
        Kind::Enter(Cb::Wake { .. }) if omits("wake") => &[Reply::Done],
        Kind::Enter(Cb::DropKey { .. }) if omits("drop_key") => &[Reply::Done],
        Kind::Enter(Cb::DropValue { .. }) if omits("drop_value") => &[Reply::Done],
        Kind::Enter(Cb::Test { .. }) if omits("test") => &[Reply::Holds(false), Reply::Holds(true)],
        _ => &[],
    };
    replies.iter().map(|reply| Kind::Leave(*reply)).collect()
}

/// What the names of a trace stand for, so far.
#[derive(Debug, Default)]
pub(super) struct Words {
    waits: Names,
    keys: Names,
    values: Names,
    tasks: Names,
}

const WAIT: &str = "wait";
const KEY: &str = "key";
const VALUE: &str = "value";
const TASK: &str = "task";

/// The name of a key that is not equal to itself.
const UNEQUAL: &str = "unequal";

impl Words {
    fn wait(&mut self, line: &Line) -> Result<WaitId, String> {
        needed("wait", line.wait.as_ref()).map(|name| WaitId(self.waits.number(&name)))
    }

    fn value(&mut self, line: &Line) -> Result<ValueId, String> {
        needed("value", line.value.as_ref()).map(|name| ValueId(self.values.number(&name)))
    }

    fn task(&mut self, line: &Line) -> Result<TaskId, String> {
        needed("task", line.task.as_ref()).map(|name| TaskId(self.tasks.number(&name)))
    }

    fn key(&mut self, line: &Line) -> Result<Key, String> {
        let name = needed("key", line.key.as_ref())?;
        Ok(if name == UNEQUAL { Key::UNEQUAL } else { Key(self.keys.number(&name)) })
    }

    fn call(&mut self, word: &str, line: &Line) -> Result<(Op, &'static [&'static str]), String> {
        Ok(match word {
            "wait" => (Op::Wait { wait: self.wait(line)?, key: self.key(line)? }, &["wait", "key"]),
            "wait_for" => (Op::WaitFor { wait: self.wait(line)?, key: self.key(line)? }, &["wait", "key"]),
            "subscribe" => {
                (Op::Subscribe { wait: self.wait(line)?, task: self.task(line)? }, &["wait", "task"])
            }
            "poll" => (Op::Poll { wait: self.wait(line)?, task: self.task(line)? }, &["wait", "task"]),
            "drop" => (Op::Drop { wait: self.wait(line)? }, &["wait"]),
            "wake" => (Op::Wake { key: self.key(line)?, value: self.value(line)? }, &["key", "value"]),
            "close" => (Op::Close, &[]),
            "is_closed" => (Op::IsClosed, &[]),
            "sleep" => (Op::Sleep { task: self.task(line)? }, &["task"]),
            _ => return Err(unknown("call", word)),
        })
    }

    fn returned(&mut self, word: &str, line: &Line) -> Result<(Ret, &'static [&'static str]), String> {
        Ok(match word {
            "done" => (Ret::Done, &[]),
            "pending" => (Ret::Pending, &[]),
            "ready" if line.error.is_some() => (Ret::Ready(Err(error(line)?)), &["error"]),
            "ready" => (Ret::Ready(Ok(self.value(line)?)), &["value"]),
            "subscribed" if line.error.is_some() => (Ret::Subscribed(Err(error(line)?)), &["error"]),
            "subscribed" => (Ret::Subscribed(Ok(())), &[]),
            "met" if line.error.is_some() => (Ret::Met(Err(error(line)?)), &["error"]),
            "met" => (Ret::Met(Ok(())), &[]),
            "woke" => (Ret::Woke, &[]),
            "no_match" => (Ret::NoMatch(self.value(line)?), &["value"]),
            "closed" => (Ret::Closed(self.value(line)?), &["value"]),
            "is_closed" => {
                (Ret::IsClosed(line.closed.ok_or("`closed` is missing: true or false")?), &["closed"])
            }
            "panicked" => (Ret::Panicked, &[]),
            _ => return Err(unknown("return", word)),
        })
    }

    fn entered(&mut self, word: &str, line: &Line) -> Result<(Cb, &'static [&'static str]), String> {
        Ok(match word {
            "wake" => (Cb::Wake { task: self.task(line)? }, &["task"]),
            "clone_waker" => (Cb::CloneWaker { task: self.task(line)? }, &["task"]),
            "drop_waker" => (Cb::DropWaker { task: self.task(line)? }, &["task"]),
            "drop_key" => (Cb::DropKey { wait: self.wait(line)? }, &["wait"]),
            "drop_value" => (Cb::DropValue { value: self.value(line)? }, &["value"]),
            "test" => (Cb::Test { wait: self.wait(line)? }, &["wait"]),
            _ => return Err(unknown("enter", word)),
        })
    }
}

impl Vocabulary for Words {
    type Action = Kind;

    const SYSTEM: &'static str = "waitmap";
    const OMISSIBLE: &'static [&'static str] = &["wake", "drop_key", "drop_value", "test"];

    fn action(&mut self, line: &Line) -> Result<Kind, String> {
        let (kind, fields) = match line.word()? {
            Word::Call(word) => self.call(word, line).map(|(op, fields)| (Kind::Call(op), fields))?,
            Word::Return(word) => {
                self.returned(word, line).map(|(ret, fields)| (Kind::Return(ret), fields))?
            }
            Word::Enter(word) => self.entered(word, line).map(|(cb, fields)| (Kind::Enter(cb), fields))?,
            Word::Leave(word) => left(word, line).map(|(reply, fields)| (Kind::Leave(reply), fields))?,
        };
        match line.fields().find(|field| !fields.contains(field)) {
            Some(field) => Err(format!("`{field}` does not belong to this event")),
            None => Ok(kind),
        }
    }

    fn names(self) -> Vec<(&'static str, Names)> {
        vec![(WAIT, self.waits), (KEY, self.keys), (VALUE, self.values), (TASK, self.tasks)]
    }

    fn line(trace: &Trace<Kind>, action: &Kind) -> Line {
        written::line(trace, action)
    }
}

fn left(word: &str, line: &Line) -> Result<(Reply, &'static [&'static str]), String> {
    Ok(match word {
        "done" => (Reply::Done, &[]),
        "holds" => (Reply::Holds(line.holds.ok_or("`holds` is missing: true or false")?), &["holds"]),
        "panicked" => (Reply::Panicked, &[]),
        _ => return Err(unknown("leave", word)),
    })
}

fn error(line: &Line) -> Result<WaitError, String> {
    match line.error.as_deref() {
        Some("closed") => Ok(WaitError::Closed),
        Some("already_consumed") => Ok(WaitError::AlreadyConsumed),
        Some("duplicate") => Ok(WaitError::Duplicate),
        _ => Err("`error` is one of closed, already_consumed, duplicate".to_owned()),
    }
}

fn needed(field: &str, name: Option<&Name>) -> Result<String, String> {
    name.map(ToString::to_string).ok_or_else(|| format!("`{field}` is missing"))
}

fn unknown(field: &str, word: &str) -> String {
    format!("`{field}` cannot be `{word}` in a trace of waitmap (see spec/TRACE.md)")
}
