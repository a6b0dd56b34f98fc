//! What judging costs: nanoseconds per event on right and on wrong traces of a WaitMap.
//!
//! ```text
//! cargo run --release -p raddle-spec --example monitor_cost
//! ```

use raddle_spec::waitmap::{Cb, Event, Key, Kind, Op, Reply, Ret, TaskId, ValueId, WaitId, spec};
use raddle_spec::{Actor, End, judge};
use std::hint::black_box;
use std::time::Instant;

/// Rounds of a waiting task and a waker on another thread whose calls overlap, with a third thread that asks.
fn rounds(count: u32) -> Vec<Event> {
    let mut events = Vec::new();
    for round in 0..count {
        let (wait, task, value) = (WaitId(round), TaskId(0), ValueId(round));
        let poll = Op::Poll { wait, task };
        let done = Kind::Return(Ret::Done);
        let mut push = |actor, kind| events.push(Event::new(Actor(actor), kind));
        push(0, Kind::Call(Op::Wait { wait, key: Key(1) }));
        push(0, done);
        push(0, Kind::Call(poll));
        push(1, Kind::Call(Op::Wake { key: Key(1), value }));
        push(2, Kind::Call(Op::IsClosed));
        push(0, Kind::Return(Ret::Pending));
        push(0, Kind::Call(Op::Sleep { task }));
        push(1, Kind::Enter(Cb::Wake { task }));
        push(0, done);
        push(0, Kind::Call(poll));
        push(1, Kind::Leave(Reply::Done));
        push(0, Kind::Return(Ret::Ready(Ok(value))));
        push(1, Kind::Return(Ret::Woke));
        push(2, Kind::Return(Ret::IsClosed(false)));
        push(0, Kind::Call(Op::Drop { wait }));
        push(0, Kind::Enter(Cb::DropKey { wait }));
        push(0, Kind::Leave(Reply::Done));
        push(0, done);
    }
    events
}

fn measure(name: &str, events: &[Event], accepted: bool, times: u32) {
    let start = Instant::now();
    for _ in 0..times {
        let verdict = judge(&spec(), black_box(events), End::Rest);
        assert_eq!(verdict.is_accepted(), accepted, "{verdict}");
    }
    let each = start.elapsed() / times;
    let per_event_ns = each.as_nanos() / events.len() as u128;
    println!("{name:28} {:4} events {each:>12.2?} {per_event_ns:>6} ns/event", events.len());
}

fn main() {
    measure("right", &rounds(3), true, 20_000);
    measure("right, long", &rounds(17), true, 5_000);
    let mut wrong = rounds(3);
    wrong[49].kind = Kind::Return(Ret::IsClosed(true));
    measure("wrong near the end", &wrong, false, 5_000);
    let mut stuck = rounds(4);
    stuck.truncate(62);
    measure("stuck: a waker not invoked", &stuck[..61], false, 5_000);
}
