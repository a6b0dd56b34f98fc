//! Laws of arbitrary traces: what is written is read again, and there is a verdict on everything that can be read.

use std::collections::BTreeMap;

use quickcheck::{Arbitrary, Gen, QuickCheck};
use raddle_spec::trace::{self, Bounds, Trace};
use raddle_spec::waitmap::{Cb, Event, Key, Kind, Op, Reply, Ret, TaskId, ValueId, WaitError, WaitId};
use raddle_spec::{Actor, End, Order};

/// Any events, with any numbers: most of these traces no execution could have.
#[derive(Clone, Debug)]
struct Any(Trace<Kind>);

fn written(trace: &Trace<Kind>) -> String {
    let mut bytes = Vec::new();
    trace::waitmap::write(trace, &mut bytes).expect("a vector takes all that is written");
    String::from_utf8(bytes).expect("a trace is text")
}

fn read(text: &str) -> Trace<Kind> {
    trace::waitmap::read(text.as_bytes(), Bounds::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The events in the words of the spec and the names of the recorder.
fn told(trace: &Trace<Kind>) -> Vec<String> {
    let tell = |event: &Event| format!("{} {:?}", trace.told(&event.to_string()), event.after);
    trace.events.iter().map(tell).collect()
}

#[test]
fn what_was_read_is_read_again_when_it_was_written() {
    fn is_the_same(Any(trace): Any) -> bool {
        let once = read(&written(&trace));
        read(&written(&once)) == once
    }
    QuickCheck::new().tests(300).quickcheck(is_the_same as fn(Any) -> bool);
}

#[test]
fn any_trace_keeps_its_names_and_all_else_when_it_is_written() {
    fn keeps(Any(trace): Any) -> bool {
        let once = read(&written(&trace));
        told(&once) == told(&trace)
            && (once.end, once.order, &once.omits) == (trace.end, trace.order, &trace.omits)
    }
    QuickCheck::new().tests(300).quickcheck(keeps as fn(Any) -> bool);
}

#[test]
fn any_trace_gets_a_verdict_that_can_be_told() {
    fn is_told(Any(trace): Any) -> bool {
        !trace.told(&trace::waitmap::judge(&trace).to_string()).is_empty()
    }
    QuickCheck::new().tests(300).quickcheck(is_told as fn(Any) -> bool);
}

#[test]
fn names_stand_in_for_numbers_only_behind_their_noun() {
    let text = "\
{\"raddle_trace\":1,\"system\":\"waitmap\"}
{\"actor\":\"a task\",\"call\":\"wake\",\"key\":7,\"value\":\"wait 0\"}
";
    let trace = read(text);
    assert_eq!(
        trace.told("actor 0 calls wake(key 0, value 0); wait 0; event 0; key0; a key"),
        "actor a task calls wake(key 7, value wait 0); wait 0; event 0; key0; a key"
    );
}

impl Arbitrary for Any {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut events: Vec<Event> = Vec::new();
        for at in 0..usize::arbitrary(g) % 40 {
            let mut event = Event::new(Actor(number(g)), kind(g));
            event.after = (at > 0 && bool::arbitrary(g)).then(|| usize::arbitrary(g) % at);
            events.push(event);
        }
        let names = ["actor", "wait", "key", "value", "task"].map(|noun| (noun, names(g)));
        let omits = ["wake", "drop_key", "drop_value", "test"].map(str::to_owned).to_vec();
        Any(Trace {
            end: *g.choose(&[End::Rest, End::Cut]).expect("there are some"),
            order: *g.choose(&[Order::Recorded, Order::Uncertain]).expect("there are some"),
            capacity: None,
            omits: omits.into_iter().filter(|_| bool::arbitrary(g)).collect(),
            names: BTreeMap::from(names),
            events,
        })
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let Any(trace) = self.clone();
        // Only from the end, so that `after` goes on naming what it named.
        let lengths = (0..trace.events.len()).rev();
        Box::new(lengths.map(move |length| {
            let events = trace.events[..length].to_vec();
            Any(Trace { events, ..trace.clone() })
        }))
    }
}

/// A few names, all different: words of any letters, and numbers that are not the thing's own.
fn names(g: &mut Gen) -> Vec<String> {
    let letters = |g: &mut Gen| {
        let word = String::arbitrary(g);
        word.chars().filter(|letter| !letter.is_control()).take(8).collect::<String>()
    };
    (0..number(g))
        .map(|at| if bool::arbitrary(g) { format!("{}-{at}", letters(g)) } else { (at + 100).to_string() })
        .collect()
}

fn number(g: &mut Gen) -> u32 {
    u32::from(u8::arbitrary(g) % 6)
}

fn error(g: &mut Gen) -> WaitError {
    *g.choose(&[WaitError::Closed, WaitError::AlreadyConsumed, WaitError::Duplicate]).expect("there are some")
}

fn kind(g: &mut Gen) -> Kind {
    let (wait, value, task) = (WaitId(number(g)), ValueId(number(g)), TaskId(number(g)));
    let key = if u8::arbitrary(g) % 8 == 0 { Key::UNEQUAL } else { Key(number(g)) };
    let (truth, error) = (bool::arbitrary(g), error(g));
    let kinds = [
        Kind::Call(Op::Wait { wait, key }),
        Kind::Call(Op::WaitFor { wait, key }),
        Kind::Call(Op::Subscribe { wait, task }),
        Kind::Call(Op::Poll { wait, task }),
        Kind::Call(Op::Drop { wait }),
        Kind::Call(Op::Wake { key, value }),
        Kind::Call(Op::Close),
        Kind::Call(Op::IsClosed),
        Kind::Call(Op::Sleep { task }),
        Kind::Return(Ret::Done),
        Kind::Return(Ret::Pending),
        Kind::Return(Ret::Ready(if truth { Ok(value) } else { Err(error) })),
        Kind::Return(Ret::Subscribed(if truth { Ok(()) } else { Err(error) })),
        Kind::Return(Ret::Met(if truth { Ok(()) } else { Err(error) })),
        Kind::Return(Ret::Woke),
        Kind::Return(Ret::NoMatch(value)),
        Kind::Return(Ret::Closed(value)),
        Kind::Return(Ret::IsClosed(truth)),
        Kind::Return(Ret::Panicked),
        Kind::Enter(Cb::Wake { task }),
        Kind::Enter(Cb::CloneWaker { task }),
        Kind::Enter(Cb::DropWaker { task }),
        Kind::Enter(Cb::DropKey { wait }),
        Kind::Enter(Cb::DropValue { value }),
        Kind::Enter(Cb::Test { wait }),
        Kind::Leave(Reply::Done),
        Kind::Leave(Reply::Holds(truth)),
        Kind::Leave(Reply::Panicked),
    ];
    *g.choose(&kinds).expect("there are some")
}
