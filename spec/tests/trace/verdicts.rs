//! Verdicts on hand-written traces.

use raddle_spec::trace::{self, Bounds};
use raddle_spec::waitmap;
use raddle_spec::{Rule, Verdict};

fn verdict(header: &str, events: &str) -> Verdict {
    let file = format!("{{\"raddle_trace\": 1, \"system\": \"waitmap\"{header}}}\n{events}");
    let trace = trace::waitmap::read(file.as_bytes(), Bounds::default()).expect("the trace is well formed");
    trace::waitmap::judge(&trace)
}

#[track_caller]
fn names(verdict: &Verdict, rule: &'static Rule) {
    assert!(verdict.rules().contains(&rule), "{verdict}");
}

const REGISTER: &str = r#"
    {"actor": "reader", "call": "wait", "wait": "w", "key": "k"}
    {"actor": "reader", "return": "done"}
    {"actor": "reader", "call": "poll", "wait": "w", "task": "t"}
    {"actor": "reader", "return": "pending"}
"#;

const WAKE: &str = r#"
    {"actor": "writer", "call": "wake", "key": "k", "value": 1}
    {"actor": "writer", "enter": "wake", "task": "t"}
    {"actor": "writer", "leave": "done"}
    {"actor": "writer", "return": "woke"}
"#;

#[test]
fn a_wake_of_a_registered_wait_is_accepted() {
    assert_eq!(verdict("", &[REGISTER, WAKE].concat()), Verdict::Accepted);
}

#[test]
fn the_example_of_the_documentation_is_accepted() {
    let document = include_str!("../../TRACE.md");
    let from = document.find("```json\n").expect("there is an example") + "```json\n".len();
    let to = from + document[from..].find("```").expect("it ends");
    let trace = trace::waitmap::read(&document.as_bytes()[from..to], Bounds::default()).unwrap();
    assert_eq!(trace.events.len(), 8);
    assert_eq!(trace.names["actor"], ["reader", "writer"]);
    assert_eq!(trace.names["key"], ["7"]);
    assert_eq!(trace::waitmap::judge(&trace), Verdict::Accepted);
}

#[test]
fn a_value_that_nobody_was_told_of_is_not() {
    let silent = r#"
        {"actor": "writer", "call": "wake", "key": "k", "value": 1}
        {"actor": "writer", "return": "woke"}
    "#;
    let verdict = verdict("", &[REGISTER, silent].concat());
    assert_eq!(verdict.at(), Some(5));
    names(&verdict, &waitmap::WAKE_INVOKES);
}

#[test]
fn wakers_that_are_not_recorded_are_put_in() {
    let silent = r#"
        {"actor": "writer", "call": "wake", "key": "k", "value": 1}
        {"actor": "writer", "return": "woke"}
        {"actor": "reader", "call": "poll", "wait": "w", "task": "t"}
        {"actor": "reader", "return": "ready", "value": 1}
    "#;
    assert_eq!(verdict(r#", "omits": ["wake"]"#, &[REGISTER, silent].concat()), Verdict::Accepted);
}

#[test]
fn a_partial_trace_is_judged_all_the_same() {
    let wrong = r#"
        {"actor": "writer", "call": "wake", "key": "k", "value": 1}
        {"actor": "writer", "return": "no_match", "value": 1}
    "#;
    let verdict = verdict(r#", "omits": ["wake", "drop_key"]"#, &[REGISTER, wrong].concat());
    assert_eq!(verdict.at(), Some(5));
}

#[test]
fn tests_that_are_not_recorded_may_have_held_or_not() {
    let loops = |end: &str| {
        format!(
            r#"
            {{"actor": 1, "call": "wait_for", "wait": "w", "key": "k"}}
            {{"actor": 1, "return": "done"}}
            {{"actor": 1, "call": "poll", "wait": "w", "task": "t"}}
            {{"actor": 1, {end}}}
            "#
        )
    };
    for end in [r#""return": "met""#, r#""return": "pending""#] {
        assert_eq!(verdict(r#", "omits": ["test"]"#, &loops(end)), Verdict::Accepted, "{end}");
        assert!(verdict("", &loops(end)).is_fault(), "{end}");
    }
    assert!(verdict(r#", "omits": ["test"]"#, &loops(r#""return": "met", "error": "closed""#)).is_fault());
}

/// The wake begins before the registration and returns after it: it may have come first.
const OVERLAPPING: &str = r#"
    {"actor": "reader", "call": "wait", "wait": "w", "key": "k"}
    {"actor": "reader", "return": "done"}
    {"actor": "writer", "call": "wake", "key": "k", "value": 1}
    {"actor": "reader", "call": "poll", "wait": "w", "task": "t"}
    {"actor": "reader", "return": "pending"}
    {"actor": "writer", "return": "no_match", "value": 1}
"#;

#[test]
fn overlapping_calls_may_have_come_in_either_order() {
    assert_eq!(verdict("", OVERLAPPING), Verdict::Accepted);
}

#[test]
fn calls_that_were_recorded_late_make_a_correct_system_look_guilty() {
    let late = [
        REGISTER,
        r#"
        {"actor": "writer", "call": "wake", "key": "k", "value": 1}
        {"actor": "writer", "return": "no_match", "value": 1}
    "#,
    ]
    .concat();
    assert_eq!(verdict("", &late).at(), Some(5));
    // The recorder knows that only the creation of the wait happened before.
    let honest = late.replace(
        r#""value": 1}
        {"actor": "writer", "return""#,
        r#""value": 1, "after": 1}
        {"actor": "writer", "return""#,
    );
    assert_ne!(honest, late);
    assert_eq!(verdict("", &honest), Verdict::Accepted);
}

#[test]
fn a_weak_query_may_be_stale_only_where_the_order_is_uncertain() {
    let stale = r#"
        {"actor": 1, "call": "close"}
        {"actor": 1, "return": "done"}
        {"actor": 2, "call": "is_closed"}
        {"actor": 2, "return": "is_closed", "closed": false}
    "#;
    names(&verdict("", stale), &waitmap::IS_CLOSED);
    assert_eq!(verdict(r#", "order": "uncertain""#, stale), Verdict::Accepted);
}

#[test]
fn a_task_that_sleeps_through_its_waker_is_stuck() {
    let sleeps = r#"{"actor": "reader", "call": "sleep", "task": "t"}"#;
    let asleep = [REGISTER, sleeps].concat();
    assert_eq!(verdict(r#", "end": "rest""#, &asleep), Verdict::Accepted, "nobody has woken it");
    let slept_through = [REGISTER, sleeps, WAKE].concat();
    let stuck = verdict(r#", "end": "rest""#, &slept_through);
    assert!(matches!(stuck, Verdict::Stuck(_)), "{stuck}");
    names(&stuck, &waitmap::SLEEP_ENDS);
    assert_eq!(verdict(r#", "end": "cut""#, &slept_through), Verdict::Accepted, "it may still wake up");
}

#[test]
fn a_thousand_calls_at_once_are_undecided_before_they_take_all_memory() {
    let call = |actor: usize| {
        format!("{{\"actor\": {actor}, \"call\": \"wake\", \"key\": {actor}, \"value\": {actor}}}\n")
    };
    let all: String = (0..1_000).map(call).collect();
    let verdict = verdict(r#", "end": "rest""#, &all);
    assert!(matches!(verdict, Verdict::Undecided { visited: ..=20, .. }), "{verdict}");
}
