//! Traces of a pool: what is read is what was written, and verdicts on hand-written ones.

use std::collections::BTreeMap;

use raddle_spec::pool::{
    self, BurstId, Cb, Down, Event, Kind, NoteId, Op, Reply, Ret, StopId, ValueId, WorkerId,
};
use raddle_spec::trace::{self, AnyTrace, Bounds, Trace};
use raddle_spec::{Actor, End, Order, Verdict};

const HEADER: &str = "{\"raddle_trace\": 1, \"system\": \"pool\", \"capacity\": 1, \"end\": \"rest\"}\n";

fn read(file: &str) -> Trace<Kind> {
    trace::pool::read(file.as_bytes(), Bounds::default()).expect("the trace is well formed")
}

fn refusal(event: &str) -> String {
    let file = format!("{HEADER}{event}\n");
    trace::pool::read(file.as_bytes(), Bounds::default()).expect_err("it is no trace").to_string()
}

fn every_kind() -> Vec<Kind> {
    let (worker, value, note) = (WorkerId(0), ValueId(0), NoteId(0));
    let (stop, burst) = (StopId(0), BurstId(0));
    let other = Down::Other(note);
    let ops = [
        Op::Execute { worker },
        Op::TryExecute { worker: WorkerId(1) },
        Op::ExecuteMany { first: WorkerId(2), count: 2 },
        Op::Recv,
        Op::Burst { burst },
        Op::NextOfBurst { burst },
        Op::Stop { stop },
        Op::NextOfStop { stop },
        Op::DropStop { stop },
        Op::StopAndJoin,
        Op::TryStopAndJoin,
        Op::Broadcast { message: Down::Pause },
        Op::Broadcast { message: other },
        Op::BroadcastOne { message: Down::Continue },
        Op::Get { index: 3 },
        Op::Count,
        Op::DropPool,
        Op::SendDown { worker, message: Down::Stop },
        Op::CloneDownSender { worker },
        Op::DropDownSender { worker },
        Op::Send { worker, value },
        Op::TrySend { worker, value: ValueId(1) },
        Op::CloneSender { worker },
        Op::DropSender { worker },
        Op::RecvDown { worker },
        Op::TryRecvDown { worker },
        Op::DropReceiver { worker },
    ];
    let rets = [
        Ret::Done,
        Ret::Failed,
        Ret::Value(value),
        Ret::End,
        Ret::Values(vec![value, ValueId(1)]),
        Ret::Values(vec![]),
        Ret::Joined { values: vec![value], panics: vec![worker, WorkerId(1)] },
        Ret::Panicked(worker),
        Ret::Sent,
        Ret::Refused(value),
        Ret::Full(value),
        Ret::Message(other),
        Ret::Empty,
        Ret::Disconnected,
        Ret::RefusedDown(Down::Pause),
        Ret::SenderTo(worker),
        Ret::Nobody,
        Ret::Count(7),
    ];
    let cbs = [
        Cb::Work { worker },
        Cb::DropValue { value },
        Cb::DropNote { note },
        Cb::DropClosure { worker: WorkerId(1) },
    ];
    let calls = ops.into_iter().map(Kind::Call);
    let returns = rets.into_iter().map(Kind::Return);
    let leaves = [Reply::Done, Reply::Panicked].map(Kind::Leave);
    calls.chain(returns).chain(cbs.map(Kind::Enter)).chain(leaves).collect()
}

#[test]
fn what_is_written_is_read() {
    let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let names = [
        ("actor", list(&["main"])),
        ("worker", list(&["w", "0x7f", "17", "last"])),
        ("value", list(&["a", "5"])),
        ("note", list(&["n"])),
        ("stop", list(&["s"])),
        ("burst", list(&["b"])),
    ];
    let trace = Trace {
        end: End::Cut,
        order: Order::Recorded,
        capacity: Some(3),
        omits: vec!["drop_value".to_owned()],
        names: BTreeMap::from(names),
        events: every_kind().into_iter().map(|kind| Event::new(Actor(0), kind)).collect(),
    };
    let mut written = Vec::new();
    trace::pool::write(&trace, &mut written).expect("a vector takes everything");
    let text = String::from_utf8(written).expect("it is text");
    assert_eq!(read(&text), trace, "{text}");
    let any = trace::read_any(text.as_bytes(), Bounds::default()).expect("it is a trace");
    assert_eq!(any, AnyTrace::Pool(trace));
}

#[test]
fn a_wrong_header_or_event_says_what_is_wrong_with_it() {
    let header = |text: &str| {
        let file = format!("{{\"raddle_trace\": 1, {text}}}\n");
        trace::read_any(file.as_bytes(), Bounds::default()).expect_err("it is no header").to_string()
    };
    assert!(header(r#""system": "pool""#).contains("`capacity` is missing"));
    assert!(header(r#""system": "waitmap", "capacity": 1"#).contains("`capacity` does not belong"));
    assert!(header(r#""system": "map""#).contains("known are `waitmap` and `pool`"));
    assert!(header(r#""system": "pool", "capacity": 1, "omits": ["work"]"#).contains("is drop_value"));
    let cases = [
        (r#"{"actor": 1, "call": "poll"}"#, "`call` cannot be `poll` in a trace of pool"),
        (r#"{"actor": 1, "return": "ready"}"#, "`return` cannot be `ready`"),
        (r#"{"actor": 1, "enter": "wake"}"#, "`enter` cannot be `wake`"),
        (r#"{"actor": 1, "leave": "holds"}"#, "`leave` cannot be `holds`"),
        (r#"{"actor": 1, "call": "execute"}"#, "`worker` is missing"),
        (r#"{"actor": 1, "call": "recv", "worker": 1}"#, "`worker` does not belong to this event"),
        (r#"{"actor": 1, "call": "broadcast", "message": "halt"}"#, "`message` is one of"),
        (r#"{"actor": 1, "call": "broadcast", "message": "other"}"#, "`note` is missing"),
        (r#"{"actor": 1, "call": "broadcast", "message": "stop", "note": 1}"#, "`note` belongs to"),
        (r#"{"actor": 1, "call": "get"}"#, "`index` is missing: a number"),
        (r#"{"actor": 1, "return": "count"}"#, "`count` is missing: a number"),
        (r#"{"actor": 1, "return": "values"}"#, "`values` is missing"),
        (r#"{"actor": 1, "return": "joined", "values": []}"#, "`panics` is missing"),
        (r#"{"actor": 1, "call": "execute_many", "workers": [1, 1]}"#, "`workers` names one"),
        (r#"{"actor": 1, "return": "values", "values": ["\u0007"]}"#, "a name has no control characters"),
    ];
    for (event, expected) in cases {
        let refusal = refusal(event);
        assert!(refusal.starts_with("line 2: ") && refusal.contains(expected), "{event}: {refusal}");
    }
}

const WORK: &str = r#"{"actor": "main", "call": "execute", "worker": "w"}
{"actor": "main", "return": "done"}
{"actor": "t", "enter": "work", "worker": "w"}
{"actor": "t", "call": "send", "worker": "w", "value": "x"}
{"actor": "t", "return": "sent"}
"#;

const ENDS: &str = r#"{"actor": "t", "call": "drop_sender", "worker": "w"}
{"actor": "t", "return": "done"}
{"actor": "t", "leave": "done"}
"#;

fn verdict(events: &[&str]) -> Verdict {
    trace::pool::judge(&read(&[&[HEADER], events].concat().concat()))
}

#[test]
fn a_joining_stop_gives_what_was_sent() {
    let join = r#"{"actor": "main", "call": "stop_and_join"}
"#;
    let gives =
        |values: &str| format!("{{\"actor\": \"main\", \"return\": \"values\", \"values\": [{values}]}}\n");
    assert_eq!(verdict(&[WORK, join, ENDS, &gives("\"x\"")]), Verdict::Accepted);
    assert_eq!(verdict(&[WORK, join, ENDS, &gives("")]).rules(), [&pool::STOP_ENDS]);
    assert!(verdict(&[WORK, join, &gives("\"x\"")]).is_fault(), "the worker has not ended");
}

/// Recorders may call an ended thread's strand whatever they like, also by a name that was used before.
#[test]
fn a_name_of_a_thread_may_be_used_again() {
    let again = WORK.replace("\"w\"", "\"v\"").replace("\"x\"", "\"y\"");
    let recv = r#"{"actor": "main", "call": "recv"}
{"actor": "main", "return": "value", "value": "x"}
"#;
    assert_eq!(verdict(&[WORK, ENDS, recv, &again]), Verdict::Accepted);
}

#[test]
fn values_whose_drops_were_not_recorded_are_dropped_unseen() {
    let drop = r#"{"actor": "main", "call": "drop_pool"}
{"actor": "main", "return": "done"}
"#;
    let full = verdict(&[WORK, drop]);
    assert_eq!(full.rules(), [&pool::DROP_VALUES]);
    let partial = HEADER.replace("\"end\"", "\"omits\": [\"drop_value\"], \"end\"");
    let trace = read(&[&partial, WORK, drop].concat());
    assert_eq!(trace::pool::judge(&trace), Verdict::Accepted);
}

#[test]
fn the_verdict_speaks_of_the_worker_by_the_name_that_the_recorder_gave() {
    let hangs = read(&[HEADER, WORK, "{\"actor\": \"main\", \"call\": \"stop_and_join\"}\n"].concat());
    assert_eq!(
        hangs.told(&trace::pool::judge(&hangs).to_string()),
        "environment fault at rest: actor t, the closure of worker w, still owes PL-O1: A worker that is not told and \
         not at a message receives again and again, or ends."
    );
}

#[test]
fn the_example_of_the_documentation_is_accepted() {
    let document = include_str!("../../TRACE.md");
    let from =
        document.find("```json\n{\"raddle_trace\": 1, \"system\": \"pool\"").expect("there is an example");
    let text = &document[from + "```json\n".len()..];
    let trace = read(&text[..text.find("```").expect("it ends")]);
    assert_eq!(trace::pool::judge(&trace), Verdict::Accepted);
}

#[test]
fn very_much_at_once_is_undecided_before_it_takes_all_memory() {
    let send = |actor: usize| {
        format!(
            "{{\"actor\": {actor}, \"call\": \"execute\", \"worker\": {actor}}}\n{{\"actor\": {actor}, \"return\": \"done\"}}\n{{\"actor\": \"t{actor}\", \"enter\": \"work\", \"worker\": {actor}}}\n{{\"actor\": \"t{actor}\", \"call\": \"send\", \"worker\": {actor}, \"value\": {actor}}}\n"
        )
    };
    let all: String = (0..1_000).map(send).collect();
    let verdict = verdict(&[&all]);
    assert!(matches!(verdict, Verdict::Undecided { .. }), "{verdict}");
}
