//! The order rule: an old answer is right where the recorded order is not the real one, and only there.

use crate::support::*;
use crate::walk::{Random, Walk};
use proptest::prelude::*;
use raddle_spec::waitmap::{Event, Kind, Op, Ret, spec};
use raddle_spec::{Automaton, End, Monitor, Order, Verdict, order};

const OPEN: Ret = Ret::IsClosed(false);
const SHUT: Ret = Ret::IsClosed(true);

fn uncertain(trace: &Trace) -> Verdict {
    Monitor::new(&spec()).order(Order::Uncertain).judge(&trace.0, End::Rest)
}

#[test]
fn a_stale_answer_is_wrong_where_the_recorded_order_is_real() {
    trace().closes(0).does(1, Op::IsClosed, OPEN).violates(&["WM-29"]);
}

#[test]
fn a_stale_answer_is_right_where_the_close_is_not_known_to_come_before() {
    // Event 0 is the call of close, event 1 its return.
    let stale = |known| trace().closes(0).calls(1, Op::IsClosed).known_after(known).returns(1, OPEN);
    stale(0).accepted();
    stale(1).violates(&["WM-29"]);
}

#[test]
fn without_happens_before_a_weak_query_is_judged_since_its_actors_own_last_event() {
    let elsewhere = trace().closes(0).does(1, Op::IsClosed, OPEN);
    assert!(uncertain(&elsewhere).is_accepted());
    let own = trace().closes(0).does(0, Op::IsClosed, OPEN);
    assert_eq!(ids(&uncertain(&own)), ["WM-29"]);
    let seen = trace().closes(0).does(1, Op::IsClosed, SHUT).does(1, Op::IsClosed, OPEN);
    assert_eq!(ids(&uncertain(&seen)), ["WM-29"]);
    assert_eq!(uncertain(&seen).at(), Some(5));
}

#[test]
fn a_second_stale_answer_in_a_row_is_rejected_although_weak_memory_could_give_it() {
    let twice = trace().closes(0).does(1, Op::IsClosed, OPEN).does(1, Op::IsClosed, OPEN);
    assert_eq!((ids(&uncertain(&twice)), uncertain(&twice).at()), (vec!["WM-29"], Some(5)));
    // Both may be right if the second overlaps the close.
    let overlap = trace().calls(0, Op::Close).does(1, Op::IsClosed, OPEN).does(1, Op::IsClosed, OPEN);
    assert!(uncertain(&overlap.returns(0, Ret::Done)).is_accepted());
}

#[test]
fn operations_that_are_no_weak_queries_keep_their_order_without_happens_before() {
    let late = trace().closes(0).does(1, wake(KEY, 5), no_match(5));
    assert_eq!(ids(&uncertain(&late)), ["WM-13"]);
}

#[test]
fn a_call_never_moves_before_its_actors_own_last_event() {
    let own = trace().closes(0).calls(0, Op::IsClosed).known_after(0).returns(0, OPEN);
    own.violates(&["WM-29"]);
}

#[test]
fn the_verdict_speaks_of_the_recorded_positions() {
    let moved = trace().closes(0).does(2, wake(KEY, 5), no_match(5)).calls(1, Op::IsClosed).known_after(0);
    let verdict = moved.returns(1, OPEN).judged(End::Cut);
    assert_eq!(verdict.at(), Some(3), "{verdict}");
}

fn walked(seed: u64) -> Trace {
    Walk::new(Random(seed), 3).steps(60)
}

fn with_bounds(mut trace: Trace, bounds: &[Option<usize>]) -> Trace {
    for (event, after) in trace.0.iter_mut().zip(bounds) {
        event.after = *after;
    }
    trace
}

fn bounds() -> impl Strategy<Value = Vec<Option<usize>>> {
    proptest::collection::vec(proptest::option::weighted(0.4, 0_usize..80), 60)
}

proptest! {
    #[test]
    fn arranging_permutes_and_keeps_every_actors_own_order(seed: u64, bounds in bounds()) {
        let trace = with_bounds(walked(seed), &bounds);
        let arranged = order::arrange(&spec(), &trace.0, Order::Uncertain);
        let mut sorted = arranged.clone();
        sorted.sort_unstable();
        prop_assert!(sorted.into_iter().eq(0..trace.0.len()));
        for actor in trace.0.iter().map(|event| event.actor) {
            let own: Vec<usize> = arranged.iter().copied().filter(|&at| trace.0[at].actor == actor).collect();
            prop_assert!(own.is_sorted());
        }
    }

    #[test]
    fn only_inputs_move_and_only_towards_the_front(seed: u64, bounds in bounds()) {
        let trace = with_bounds(walked(seed), &bounds);
        let arranged = order::arrange(&spec(), &trace.0, Order::Recorded);
        let moves = |at: &usize| trace.0[*at].after.is_some_and(|after| after + 1 < *at)
            && matches!(trace.0[*at].kind, Kind::Call(_) | Kind::Leave(_));
        let still: Vec<usize> = arranged.iter().copied().filter(|at| !moves(at)).collect();
        prop_assert!(still.is_sorted());
        for (place, at) in arranged.iter().enumerate().filter(|(_, at)| moves(at)) {
            let passed = arranged[..place].iter().filter(|other| !moves(other)).max();
            prop_assert!(passed.is_none_or(|passed| passed < at), "{at} moved back at {place}");
        }
    }

    #[test]
    fn a_recorded_order_without_bounds_stays(seed: u64) {
        let trace = walked(seed);
        let arranged = order::arrange(&spec(), &trace.0, Order::Recorded);
        prop_assert!(arranged.into_iter().eq(0..trace.0.len()));
    }

    #[test]
    fn knowing_less_about_the_order_accepts_more(seed: u64, bounds in bounds()) {
        let mut trace = with_bounds(walked(seed), &bounds);
        for event in &mut trace.0 {
            if !is_free_to_move(event) {
                event.after = None;
            }
        }
        prop_assert!(trace.judged(End::Cut).is_accepted(), "{}", trace.judged(End::Cut));
        prop_assert!(Monitor::new(&spec()).order(Order::Uncertain).judge(&trace.0, End::Cut).is_accepted());
    }
}

/// Calls that no guard binds to an earlier event of another actor, such as the creation of their wait.
fn is_free_to_move(event: &Event) -> bool {
    matches!(event.kind, Kind::Call(Op::Wake { .. } | Op::Close | Op::IsClosed | Op::Sleep { .. }))
}

#[test]
fn is_closed_is_the_only_weak_query() {
    let weak = |op| spec().is_weak_query(&Kind::Call(op));
    assert!(weak(Op::IsClosed));
    assert!(
        ![Op::Close, wake(KEY, 1), poll(0, 0), subscribe(0, 0), dropped(0), sleep(0)].into_iter().any(weak)
    );
}
