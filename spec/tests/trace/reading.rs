//! What is refused, and how the refusal is worded.

use std::io::{self, BufReader, Read};

use raddle_spec::trace::{self, Bounds, TraceError};

const HEADER: &str = "{\"raddle_trace\": 1, \"system\": \"waitmap\"}\n";

fn refusal(file: &str) -> String {
    let error = trace::waitmap::read(file.as_bytes(), Bounds::default()).expect_err("it is no trace");
    error.to_string()
}

fn refusal_of_event(event: &str) -> String {
    refusal(&format!("{HEADER}\n{event}\n"))
}

#[test]
fn a_wrong_header_says_what_is_expected() {
    assert!(refusal("").contains("begins with a header line"));
    assert!(refusal("\n\n").contains("begins with a header line"));
    assert!(refusal("hello").starts_with("line 1: this is not a header: "));
    let header = |text: &str| refusal(&format!("{{{text}}}\n"));
    assert_eq!(
        header(r#""raddle_trace": 2, "system": "waitmap""#),
        "line 1: this is version 2 of the format; version 1 is read here"
    );
    assert_eq!(
        header(r#""raddle_trace": 1, "system": "pool""#),
        "line 1: this is a trace of `pool`, not of `waitmap`"
    );
    assert_eq!(
        header(r#""raddle_trace": 1, "system": "waitmap", "omits": ["return"]"#),
        "line 1: `omits` names `return`; what can be left out is wake, drop_key, drop_value, test"
    );
    assert!(
        header(r#""raddle_trace": 1, "system": "waitmap", "ends": "rest""#).contains("unknown field `ends`")
    );
}

#[test]
fn a_wrong_event_says_what_is_wrong_with_it() {
    let cases = [
        ("{", "line 3: this is not an event: "),
        (r#"{"call": "close"}"#, "line 3: `actor` is missing"),
        (r#"{"actor": 1}"#, "line 3: an event has one of `call`, `return`, `enter`, `leave`"),
        (r#"{"actor": 1, "call": "close", "return": "done"}"#, "line 3: an event has only one of"),
        (r#"{"actor": 1, "call": "shut"}"#, "line 3: `call` cannot be `shut` in a trace of waitmap"),
        (
            r#"{"actor": 1, "call": "\u001b[2J"}"#,
            "line 3: `call` cannot be `\u{FFFD}[2J` in a trace of waitmap",
        ),
        (r#"{"a\nb": 1}"#, "line 3: this is not an event: unknown field `a\u{FFFD}b`"),
        (r#"{"actor": 1, "return": "0"}"#, "line 3: `return` cannot be `0`"),
        (r#"{"actor": 1, "enter": "close"}"#, "line 3: `enter` cannot be `close`"),
        (r#"{"actor": 1, "leave": "close"}"#, "line 3: `leave` cannot be `close`"),
        (r#"{"actor": 1, "call": "wake", "key": 1}"#, "line 3: `value` is missing"),
        (r#"{"actor": 1, "call": "close", "key": 1}"#, "line 3: `key` does not belong to this event"),
        (r#"{"actor": 1, "return": "ready", "error": "gone"}"#, "line 3: `error` is one of closed,"),
        (r#"{"actor": 1, "return": "is_closed"}"#, "line 3: `closed` is missing: true or false"),
        (r#"{"actor": 1, "leave": "holds"}"#, "line 3: `holds` is missing: true or false"),
        (
            r#"{"actor": 1, "call": "close", "after": 0}"#,
            "line 3: `after` names an event that does not come before",
        ),
        (r#"{"actor": 1, "call": "close", "at": 0}"#, "line 3: this is not an event: unknown field `at`"),
        (r#"{"actor": "\u001b[2J", "call": "close"}"#, "line 3: a name has no control characters"),
        (r#"{"actor": -1, "call": "close"}"#, "line 3: this is not an event: "),
    ];
    for (event, expected) in cases {
        let refusal = refusal_of_event(event);
        assert!(refusal.starts_with(expected), "{event}: {refusal}");
    }
}

#[test]
fn long_lines_and_long_traces_are_refused_before_they_are_kept() {
    let bounds = Bounds { line_bytes: 100, events: 2, name_bytes: 8 };
    let long = format!("{HEADER}{}\n", " ".repeat(101));
    let error = trace::waitmap::read(long.as_bytes(), bounds).expect_err("too long");
    assert_eq!(error.to_string(), "line 2: longer than 100 bytes");
    // A source without end: were it read to its end, this test would not come to its own.
    let endless = BufReader::new(HEADER.as_bytes().chain(io::repeat(b'x')));
    assert!(matches!(trace::waitmap::read(endless, bounds), Err(TraceError::Line { number: 2, .. })));
    let named = format!("{HEADER}{{\"actor\": 1, \"call\": \"wake\", \"key\": \"{}\"}}\n", "k".repeat(9));
    let error = trace::waitmap::read(named.as_bytes(), bounds).expect_err("a long name");
    assert_eq!(error.to_string(), "line 2: a name has at most 8 bytes, and this one has 9");
    let event = "{\"actor\": 1, \"call\": \"close\"}\n";
    let many = format!("{HEADER}{event}{event}{event}");
    assert!(matches!(trace::waitmap::read(many.as_bytes(), bounds), Err(TraceError::TooManyEvents(2))));
}

#[test]
fn names_are_words_or_numbers_and_the_same_if_written_the_same() {
    let event = |actor: &str| format!("{{\"actor\": {actor}, \"call\": \"close\"}}\n");
    let file = [HEADER.to_owned(), event("1"), event("\"1\""), event("\"0x7f\""), event("1")].concat();
    let trace = trace::waitmap::read(file.as_bytes(), Bounds::default()).unwrap();
    assert_eq!(trace.names["actor"], ["1", "0x7f"]);
    let actors: Vec<u32> = trace.events.iter().map(|event| event.actor.0).collect();
    assert_eq!(actors, [0, 0, 1, 0]);
}

#[test]
fn a_source_that_fails_is_reported() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let error = trace::waitmap::read(BufReader::new(Broken), Bounds::default()).expect_err("it fails");
    assert_eq!(error.to_string(), "the trace cannot be read: the disk is gone");
}
