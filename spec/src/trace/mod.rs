//! Traces in files: how executions that were recorded elsewhere, in any language, come to be judged.
//!
//! A file is a header line and one line for each event, each a JSON object. `TRACE.md` beside this crate's manifest documents
//! the format field by field; [`waitmap`] and [`pool`] hold the words of these systems, and [`read_any`] reads traces of either.
//!
//! Input is not trusted. A reader refuses lines and files beyond its [`Bounds`] before it has kept more than these allow, and
//! every refusal names the line and says what is wrong with it.

pub mod pool;
pub mod waitmap;

mod line;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use crate::event::{Actor, End, Event};
use crate::order::Order;

use line::{Line, Name};

/// The version of the format that this crate reads and writes.
pub const VERSION: u32 = 1;

/// A trace as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace<K> {
    /// How the recording ended.
    pub end: End,
    /// What the recorder knew about the order of events.
    pub order: Order,
    /// For how many values a channel of the system has room, if that is what the system is about.
    pub capacity: Option<u32>,
    /// The kinds of callbacks that the recorder could not see.
    pub omits: Vec<String>,
    /// What the recorder called the things that the events are about: for each noun (`actor`, `wait`, ...) the names, and the number
    /// of each in the events is its index. A thing without a name here is called by its number.
    pub names: BTreeMap<&'static str, Vec<String>>,
    /// The events.
    pub events: Vec<Event<K>>,
}

/// The noun of the strands of user code.
pub const ACTOR: &str = "actor";

impl<K> Trace<K> {
    /// What the recorder called thing `number` of a kind.
    pub fn name(&self, noun: &str, number: u32) -> String {
        match self.names.get(noun).and_then(|names| names.get(number as usize)) {
            Some(name) => name.clone(),
            None => number.to_string(),
        }
    }

    /// `text`, which the spec or the monitor says of this trace, in the names of the recorder: `wait 0` becomes `wait w1`.
    pub fn told(&self, text: &str) -> String {
        let mut told = String::with_capacity(text.len());
        let mut noun = None;
        for token in text.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
            let word = token.trim_end_matches(|letter: char| !letter.is_alphanumeric());
            match (noun, word.parse()) {
                (Some(noun), Ok(number)) => {
                    told += &self.name(noun, number);
                    told += &token[word.len()..];
                }
                _ => told += token,
            }
            noun = token.strip_suffix(' ').filter(|noun| self.names.contains_key(noun));
        }
        told
    }
}

/// The bounds of what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The longest line, in bytes.
    pub line_bytes: usize,
    /// How many events a trace may have.
    pub events: usize,
    /// The longest name of an actor, wait, key, value or task, in bytes.
    pub name_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { line_bytes: 4_096, events: 1_000_000, name_bytes: 64 }
    }
}

/// Why a trace cannot be read.
#[derive(Debug)]
pub enum TraceError {
    /// The source cannot be read.
    Io(io::Error),
    /// A line is wrong.
    Line {
        /// Its number, from 1.
        number: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// The source has more events than [`Bounds::events`].
    TooManyEvents(usize),
    /// There is no header.
    Empty,
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceError::Io(error) => write!(f, "the trace cannot be read: {error}"),
            TraceError::Line { number, problem } => write!(f, "line {number}: {problem}"),
            TraceError::TooManyEvents(bound) => {
                write!(f, "the trace has more than {bound} events; cut it into parts")
            }
            TraceError::Empty => {
                f.write_str("the trace is empty: it begins with a header line (see spec/TRACE.md)")
            }
        }
    }
}

impl std::error::Error for TraceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            TraceError::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// The first line.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header {
    raddle_trace: u32,
    system: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
    #[serde(default)]
    end: HeaderEnd,
    #[serde(default)]
    order: HeaderOrder,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    omits: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum HeaderEnd {
    Rest,
    #[default]
    Cut,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum HeaderOrder {
    #[default]
    Recorded,
    Uncertain,
}

/// The words of one system: how its actions are written in a line.
trait Vocabulary {
    type Action;

    const SYSTEM: &'static str;

    /// Whether the header says how much room there is.
    const HAS_CAPACITY: bool = false;

    /// The names of the callbacks that a recorder may leave out.
    const OMISSIBLE: &'static [&'static str];

    /// The action that the line describes.
    fn action(&mut self, line: &Line) -> Result<Self::Action, String>;

    /// The names that were given so far, by noun.
    fn names(self) -> Vec<(&'static str, Names)>;

    /// The line that describes the event, but for its actor and its place.
    fn line(trace: &Trace<Self::Action>, action: &Self::Action) -> Line;
}

/// A trace of whichever system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyTrace {
    /// Of a WaitMap.
    Waitmap(Trace<crate::waitmap::Kind>),
    /// Of a pool.
    Pool(Trace<crate::pool::Kind>),
}

/// Reads a trace of the system that its header names.
///
/// # Errors
///
/// Says which line is wrong, and how; or that the source cannot be read or is too long.
///
/// # Examples
///
/// ```
/// use raddle_spec::trace::{self, AnyTrace, Bounds};
///
/// let file = "{\"raddle_trace\": 1, \"system\": \"pool\", \"capacity\": 4}";
/// let trace = trace::read_any(file.as_bytes(), Bounds::default()).unwrap();
/// assert!(matches!(trace, AnyTrace::Pool(trace) if trace.capacity == Some(4)));
/// ```
pub fn read_any(source: impl BufRead, bounds: Bounds) -> Result<AnyTrace, TraceError> {
    let (lines, header) = begin(source, bounds)?;
    match header.system.as_str() {
        pool::Words::SYSTEM => go_on::<pool::Words>(lines, header).map(AnyTrace::Pool),
        waitmap::Words::SYSTEM => go_on::<waitmap::Words>(lines, header).map(AnyTrace::Waitmap),
        unknown => {
            Err(lines.wrong(format!("this is a trace of `{unknown}`; known are `waitmap` and `pool`")))
        }
    }
}

/// Reads a whole trace.
fn read<V: Vocabulary + Default>(
    source: impl BufRead,
    bounds: Bounds,
) -> Result<Trace<V::Action>, TraceError> {
    let (lines, header) = begin(source, bounds)?;
    go_on::<V>(lines, header)
}

fn begin<R: BufRead>(source: R, bounds: Bounds) -> Result<(Lines<R>, Header), TraceError> {
    let mut lines = Lines { source, bounds, number: 0, buffer: Vec::new() };
    let header: Result<Header, _> = match lines.next()? {
        Some(line) => serde_json::from_slice(line),
        None => return Err(TraceError::Empty),
    };
    let header = header.map_err(|error| lines.wrong(format!("this is not a header: {error}")))?;
    Ok((lines, header))
}

/// Reads the events.
fn go_on<V: Vocabulary + Default>(
    mut lines: Lines<impl BufRead>,
    header: Header,
) -> Result<Trace<V::Action>, TraceError> {
    let bounds = lines.bounds;
    check_header::<V>(&header).map_err(|problem| lines.wrong(problem))?;
    let mut vocabulary = V::default();
    let mut actors = Names::default();
    let mut events = Vec::new();
    while let Some(text) = lines.next()? {
        let line: Result<Line, _> = serde_json::from_slice(text);
        let line = line.map_err(|error| lines.wrong(format!("this is not an event: {error}")))?;
        if events.len() == bounds.events {
            return Err(TraceError::TooManyEvents(bounds.events));
        }
        if let Some(problem) = line.names().find_map(|name| name.problem(bounds.name_bytes)) {
            return Err(lines.wrong(problem));
        }
        let kind = vocabulary.action(&line).map_err(|problem| lines.wrong(problem))?;
        if line.after.is_some_and(|after| after >= events.len()) {
            return Err(lines.wrong("`after` names an event that does not come before this one".to_owned()));
        }
        let actor = Actor(actors.number(&line.actor.to_string()));
        events.push(Event { actor, kind, after: line.after });
    }
    let names = vocabulary.names().into_iter().chain([(ACTOR, actors)]);
    Ok(Trace {
        end: match header.end {
            HeaderEnd::Rest => End::Rest,
            HeaderEnd::Cut => End::Cut,
        },
        order: match header.order {
            HeaderOrder::Recorded => Order::Recorded,
            HeaderOrder::Uncertain => Order::Uncertain,
        },
        capacity: header.capacity,
        omits: header.omits,
        names: names.map(|(noun, names)| (noun, names.in_order())).collect(),
        events,
    })
}

/// Writes a whole trace.
fn write<V: Vocabulary>(trace: &Trace<V::Action>, mut out: impl Write) -> io::Result<()> {
    let header = Header {
        raddle_trace: VERSION,
        system: V::SYSTEM.to_owned(),
        capacity: trace.capacity,
        end: match trace.end {
            End::Rest => HeaderEnd::Rest,
            End::Cut => HeaderEnd::Cut,
        },
        order: match trace.order {
            Order::Recorded => HeaderOrder::Recorded,
            Order::Uncertain => HeaderOrder::Uncertain,
        },
        omits: trace.omits.clone(),
    };
    serde_json::to_writer(&mut out, &header)?;
    out.write_all(b"\n")?;
    for event in &trace.events {
        let actor = Name::of(&trace.name(ACTOR, event.actor.0));
        let line = Line { actor, after: event.after, ..V::line(trace, &event.kind) };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn check_header<V: Vocabulary>(header: &Header) -> Result<(), String> {
    if header.raddle_trace != VERSION {
        return Err(format!(
            "this is version {} of the format; version {VERSION} is read here",
            header.raddle_trace
        ));
    }
    if header.system != V::SYSTEM {
        return Err(format!("this is a trace of `{}`, not of `{}`", header.system, V::SYSTEM));
    }
    match (V::HAS_CAPACITY, header.capacity) {
        (true, None) => {
            return Err("`capacity` is missing: for how many values a channel has room".to_owned());
        }
        (false, Some(_)) => return Err(format!("`capacity` does not belong to a trace of `{}`", V::SYSTEM)),
        _ => {}
    }
    match header.omits.iter().find(|name| !V::OMISSIBLE.contains(&name.as_str())) {
        Some(unknown) => {
            Err(format!("`omits` names `{unknown}`; what can be left out is {}", V::OMISSIBLE.join(", ")))
        }
        None => Ok(()),
    }
}

/// Lines of a source that is not trusted, without those that are blank.
struct Lines<R> {
    source: R,
    bounds: Bounds,
    number: usize,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<&[u8]>, TraceError> {
        loop {
            self.buffer.clear();
            self.number += 1;
            let limit = self.bounds.line_bytes as u64 + 1;
            let read =
                (&mut self.source).take(limit).read_until(b'\n', &mut self.buffer).map_err(TraceError::Io)?;
            if read == 0 {
                return Ok(None);
            }
            if self.buffer.len() > self.bounds.line_bytes {
                return Err(self.wrong(format!("longer than {} bytes", self.bounds.line_bytes)));
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(Some(self.buffer.trim_ascii()));
            }
        }
    }

    fn wrong(&self, problem: String) -> TraceError {
        // The problem may quote the line, and a terminal obeys control characters.
        let problem = problem.replace(char::is_control, "\u{FFFD}");
        TraceError::Line { number: self.number, problem }
    }
}

/// Numbers for names, in the order of their first appearance.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, u32>);

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        let number = u32::try_from(self.0.len()).expect("fewer names than the bound on events");
        self.0.insert(name.to_owned(), number);
        number
    }

    fn len(&self) -> u32 {
        self.0.len() as u32
    }

    fn in_order(self) -> Vec<String> {
        let mut names: Vec<(String, u32)> = self.0.into_iter().collect();
        names.sort_by_key(|(_, number)| *number);
        names.into_iter().map(|(name, _)| name).collect()
    }
}
