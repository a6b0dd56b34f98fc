//! The explorer on models whose answers are known.

mod naive;
mod pinned;
mod pool;
mod toys;
mod waitmap;
#[path = "../common/without.rs"]
mod without;

use raddle_spec::explorer::{Conclusion, Counterexample, Exploration, Explorer, Failure, Limits, Rests};
use toys::*;

fn explored(model: &Drawn) -> Exploration {
    Explorer::new(model).explore()
}

#[track_caller]
fn starves(model: &Drawn) -> Counterexample {
    match explored(model).failures.as_slice() {
        [Failure::Starvation { actor: CALLER, run }] => run.clone(),
        other => panic!("no starvation, but {other:?}"),
    }
}

#[track_caller]
fn passes(model: &Drawn) {
    let exploration = explored(model);
    assert_eq!(exploration.conclusion(), Conclusion::Passed, "{:?}", exploration.failures);
    assert!(exploration.liveness_checked);
}

fn words(run: &Counterexample) -> Vec<&str> {
    run.steps.iter().map(|step| step.text.as_str()).collect()
}

/// The system works in a circle and never gets to the return, which is not possible on the way.
fn circle() -> Drawn {
    Drawn::default().pending([1, 2]).edge(0, 1, FREE).edge(1, 2, WORK).edge(2, 1, WORK)
}

#[test]
fn a_fair_circle_without_return_is_found() {
    let run = starves(&circle());
    assert_eq!(words(&run), ["goes to 1", "goes to 2", "goes to 1"]);
    assert_eq!(run.circle, Some(1));
    assert_eq!(
        run.to_string(),
        "  actor 0 goes to 1\nfor ever:\n  actor 0 goes to 2\n  actor 0 goes to 1\n  state: 1"
    );
}

#[test]
fn the_same_circle_is_accepted_when_only_an_unfair_run_stays_in_it() {
    passes(&circle().edge(1, 3, RETURN).edge(2, 3, RETURN));
}

#[test]
fn a_return_that_is_possible_only_now_and_then_needs_strong_fairness() {
    let now_and_then = || circle().edge(1, 3, RETURN);
    let run = starves(&now_and_then());
    assert_eq!(words(&run), ["goes to 1", "goes to 2", "goes to 1"]);
    passes(&now_and_then().strong(RETURN));
}

#[test]
fn strong_fairness_does_not_help_where_a_run_can_keep_away() {
    // From 2 a second circle goes through 4, where the return is never possible.
    let model = circle().pending([4]).edge(1, 3, RETURN).edge(2, 4, WORK).edge(4, 2, WORK).strong(RETURN);
    let run = starves(&model);
    assert_eq!(words(&run), ["goes to 1", "goes to 2", "goes to 4", "goes to 2"]);
    assert_eq!(run.circle, Some(2));
}

#[test]
fn compassion_is_strong_fairness_of_the_environment() {
    let model = circle().edge(1, 3, READ).strong(READ);
    let exploration = Explorer::new(&model).needs([&READS]).explore();
    assert_eq!(exploration.conclusion(), Conclusion::Passed, "{:?}", exploration.failures);
    let example = exploration.obligations[0].example.as_ref().expect("needed");
    assert_eq!(words(example), ["goes to 1", "goes to 2", "goes to 1"]);
}

#[test]
fn a_circle_that_is_closed_where_two_paths_join_is_found() {
    // A search that looks for the circle on its current path alone misses it: 3 is reached over 1 first, and when it
    // is reached over 2 it has been seen, although only that way does the call wait.
    let model = Drawn::default()
        .pending([2, 3])
        .edge(0, 1, FREE)
        .edge(1, 3, FREE)
        .edge(0, 2, FREE)
        .edge(2, 3, WORK)
        .edge(3, 2, WORK);
    let run = starves(&model);
    assert_eq!(words(&run), ["goes to 2", "goes to 3", "goes to 2"]);
    assert_eq!(run.circle, Some(1));
}

#[test]
fn a_halt_that_fairness_allows_is_found_even_if_the_environment_could_go_on() {
    let model = Drawn::default().pending([1]).edge(0, 1, FREE).edge(1, 2, FREE);
    assert!(matches!(&explored(&model).failures[..], [Failure::Deadlock { actor: CALLER, .. }]));
}

#[test]
fn a_deadlock_is_found_by_a_shortest_run() {
    let model = Drawn::default()
        .pending([1, 2, 3])
        .edge(0, 1, FREE)
        .edge(1, 2, WORK)
        .edge(2, 3, WORK)
        .edge(0, 4, FREE)
        .edge(4, 3, FREE);
    let exploration = explored(&model);
    let [Failure::Deadlock { actor: CALLER, run }] = &exploration.failures[..] else {
        panic!("{:?}", exploration.failures);
    };
    assert_eq!(words(run), ["goes to 4", "goes to 3"]);
    assert_eq!(run.circle, None);
    assert_eq!(
        exploration.failures[0].to_string(),
        "deadlock: actor 0 waits, excused by no rule, and no step is due"
    );
    assert_eq!(exploration.rests.owed_by_system, 1);
    assert!(!exploration.liveness_checked);
}

#[test]
fn rests_are_told_apart_by_what_is_waited_for() {
    let model = Drawn::default()
        .excused([1])
        .pending([2, 3])
        .edge(0, 1, FREE)
        .edge(0, 2, FREE)
        .edge(2, 0, END)
        .edge(0, 3, FREE)
        .edge(3, 0, RETURN);
    passes(&model);
    let exploration = explored(&model);
    let expected = Rests { finished: 1, excused: 1, owed_by_environment: 1, owed_by_system: 0 };
    assert_eq!(exploration.rests, expected);
    assert_eq!((exploration.states, exploration.transitions, exploration.depth), (4, 5, 1));
    assert_eq!(exploration.rules, [&MAY_WAIT], "an excuse counts as a use of its rule");
}

#[test]
fn a_call_that_waits_with_an_excuse_need_not_return() {
    passes(&Drawn::default().excused([1, 2]).edge(0, 1, FREE).edge(1, 2, WORK).edge(2, 1, WORK));
}

#[test]
fn an_obligation_is_needed_if_a_call_does_not_return_without_it() {
    let model = Drawn::default().pending([1]).edge(0, 1, FREE).edge(1, 0, END);
    let exploration = Explorer::new(&model).needs([&ENDS]).explore();
    assert_eq!(exploration.conclusion(), Conclusion::Passed);
    let example = exploration.obligations[0].example.as_ref().expect("needed");
    assert_eq!(words(example), ["goes to 1"]);
    assert_eq!(example.circle, None);
}

#[test]
fn an_obligation_that_nothing_depends_on_is_reported() {
    // The system can always return, whether user code ends or not.
    let model = Drawn::default().pending([1]).edge(0, 1, FREE).edge(1, 0, END).edge(1, 0, RETURN);
    let exploration = Explorer::new(&model).needs([&ENDS, &POLITE]).explore();
    let unneeded = |obligation| Failure::Unneeded { obligation };
    assert_eq!(exploration.failures, [unneeded(&ENDS), unneeded(&POLITE)]);
    assert_eq!(exploration.failures[0].to_string(), "not needed: T-O1: User code ends.");
}

#[test]
fn a_guard_is_needed_if_somebody_can_break_it() {
    let model = Drawn::default().edge(0, 1, FREE).refused(1, &POLITE);
    let exploration = Explorer::new(&model).needs([&POLITE]).explore();
    assert_eq!(exploration.conclusion(), Conclusion::Passed);
    let example = exploration.obligations[0].example.as_ref().expect("needed");
    assert_eq!(words(example), ["goes to 1", "is rude, after which nothing is promised"]);
}

#[test]
fn what_happens_only_finitely_often_during_a_call_does_not_keep_it_for_ever() {
    // Whoever nags in state 1 undoes the work, so that the return is possible only now and then.
    let model =
        Drawn::default().pending([1, 2]).edge(0, 1, FREE).edge(1, 2, WORK).nagging(2, 1).edge(2, 0, RETURN);
    let exploration = Explorer::new(&model).needs([&PAUSES]).explore();
    assert_eq!(exploration.conclusion(), Conclusion::Passed, "{:?}", exploration.failures);
    let example = exploration.obligations[0].example.as_ref().expect("needed");
    assert_eq!(words(example), ["goes to 1", "goes to 2", "goes to 1"]);
    assert_eq!(example.circle, Some(1));
}

#[test]
fn asides_do_not_keep_a_call_for_ever() {
    passes(&Drawn::default().pending([1, 2]).edge(0, 1, FREE).aside(1, 2).edge(2, 1, END).edge(1, 0, RETURN));
}

#[test]
fn a_sentence_that_is_to_hold_always_fails_by_a_shortest_run() {
    let model = Drawn::default().edge(0, 1, FREE).edge(1, 2, FREE).edge(2, 3, FREE).edge(1, 3, FREE);
    let exploration = Explorer::new(&model).always("below three", |state| *state < 3).explore();
    let [Failure::Always { sentence: "below three", run }] = &exploration.failures[..] else {
        panic!("{:?}", exploration.failures);
    };
    assert_eq!(words(run), ["goes to 1", "goes to 3"]);
    assert_eq!(run.state, "3");
    assert_eq!(exploration.conclusion(), Conclusion::Failed);
}

#[test]
fn a_model_that_cannot_reach_a_witness_fails() {
    let model = Drawn::default().edge(0, 1, FREE);
    let exploration = Explorer::new(&model)
        .sometimes("at one", |state| *state == 1)
        .sometimes("at two", |state| *state == 2);
    let exploration = exploration.explore();
    assert_eq!(exploration.sometimes, [("at one", Some(1)), ("at two", None)]);
    assert_eq!(exploration.failures, [Failure::Unreached { sentence: "at two" }]);
    assert_eq!(exploration.failures[0].to_string(), "vacuous: never at two");
}

#[test]
fn an_exploration_that_was_cut_claims_nothing() {
    for limits in [Limits { states: 2, ..Limits::default() }, Limits { memory_bytes: 1, ..Limits::default() }]
    {
        let model = circle().edge(2, 4, FREE).edge(4, 5, FREE);
        let cut = Explorer::new(&model).limits(limits).sometimes("at five", |state| *state == 5);
        let exploration = cut.needs([&ENDS]).explore();
        assert!(exploration.is_cut && !exploration.liveness_checked);
        assert_eq!(exploration.conclusion(), Conclusion::Inconclusive);
        assert_eq!(
            exploration.failures,
            [],
            "a circle in what was seen proves nothing, nor does a missing witness"
        );
        assert_eq!(exploration.obligations, []);
    }
}

#[test]
fn an_exploration_that_was_told_to_stop_claims_nothing() {
    let exploration = Explorer::new(&circle()).until(|| true).explore();
    assert_eq!(exploration.conclusion(), Conclusion::Inconclusive);
    assert!(exploration.is_cut && !exploration.liveness_checked);
}

#[test]
fn a_fault_in_what_was_seen_is_one_even_if_the_exploration_was_cut() {
    let model = Drawn::default().edge(0, 1, FREE).edge(0, 2, FREE).edge(2, 3, FREE);
    let limits = Limits { states: 2, ..Limits::default() };
    let exploration = Explorer::new(&model).limits(limits).always("not one", |state| *state != 1).explore();
    assert_eq!(exploration.conclusion(), Conclusion::Failed);
}
