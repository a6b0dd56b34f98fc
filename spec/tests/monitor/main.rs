//! The monitor and the combinator on a toy with nasty habits: choices that nobody sees, guards that depend on them,
//! hidden steps that run in a circle, strands that end without a return, waits without excuse.

mod toys;

use raddle_spec::{Actor, End, Lifted, Monitor, Verdict};
use toys::{
    ANSWERS, ASKS, HUMS, IGNORED, ONLY_FIRST, Op, SERVED, STOPS, TELLS, Toy, call, enter, judged, leave, ret,
};

#[test]
fn a_choice_that_nobody_sees_may_have_gone_either_way() {
    for chosen in [1, 2] {
        let told = [call(0, Op::Choose), ret(0, 0), call(0, Op::Tell), ret(0, chosen)];
        assert!(judged(&told, End::Rest).is_accepted());
    }
}

#[test]
fn a_choice_stays_once_it_was_seen() {
    let told = [call(0, Op::Choose), ret(0, 0), call(0, Op::Tell), ret(0, 2), call(1, Op::Tell), ret(1, 1)];
    let verdict = judged(&told, End::Rest);
    assert_eq!((verdict.at(), verdict.rules()), (Some(5), vec![&TELLS]));
}

#[test]
fn waiting_calls_must_be_excused_together_and_not_only_one_by_one() {
    let chosen = [call(0, Op::Choose), ret(0, 0)];
    let first = call(1, Op::Serve(1));
    let second = call(2, Op::Serve(2));
    assert!(judged(&[chosen[0], chosen[1], first], End::Rest).is_accepted());
    assert!(judged(&[chosen[0], chosen[1], second], End::Rest).is_accepted());
    match judged(&[chosen[0], chosen[1], first, second], End::Rest) {
        Verdict::Stuck(stuck) => {
            let owing = |candidate: &raddle_spec::monitor::StuckCandidate| -> Vec<Actor> {
                candidate.owed.iter().map(|open| open.actor).collect()
            };
            let owing: Vec<_> = stuck.candidates.iter().map(owing).collect();
            assert_eq!(owing, [[Actor(1)], [Actor(2)]], "{stuck}");
        }
        verdict => panic!("{verdict}"),
    }
}

#[test]
fn a_wait_that_no_rule_excuses_is_a_halt_without_a_rule() {
    match judged(&[call(0, Op::Hang)], End::Rest) {
        Verdict::Stuck(stuck) => {
            let owed = &stuck.candidates[0].owed;
            assert_eq!((owed.len(), owed[0].rule(), &owed[0].output), (1, None, &None));
            assert!(stuck.to_string().contains("excused by no rule"), "{stuck}");
        }
        verdict => panic!("{verdict}"),
    }
}

#[test]
fn an_input_that_every_candidate_refuses_is_a_fault_of_the_environment() {
    let told = [call(0, Op::Choose), ret(0, 0), call(0, Op::Tell), ret(0, 2), call(1, Op::Praise)];
    match judged(&told, End::Cut) {
        Verdict::Environment(fault) => assert_eq!((fault.at, fault.obligation), (Some(4), &ONLY_FIRST)),
        verdict => panic!("{verdict}"),
    }
}

#[test]
fn candidates_that_refuse_an_input_are_set_aside_and_remembered() {
    // Praise is right if 1 was chosen; then somebody is told that it was 2.
    let praised = [call(0, Op::Choose), ret(0, 0), call(1, Op::Praise), ret(1, 1)];
    assert!(judged(&praised, End::Rest).is_accepted());
    let contradiction = [&praised[..], &[call(0, Op::Tell), ret(0, 2)]].concat();
    match judged(&contradiction, End::Rest) {
        Verdict::Violation(violation) => {
            assert_eq!(violation.at, 5);
            assert_eq!(violation.environment_fault_possible, Some(&ONLY_FIRST));
            assert!(violation.to_string().contains("environment fault possible: T-O1"), "{violation}");
        }
        verdict => panic!("{verdict}"),
    }
}

#[test]
fn a_guard_sees_the_effects_that_overlapping_calls_may_have_had() {
    // Choose has not returned, but may have taken effect.
    let early = [call(0, Op::Choose), call(1, Op::Praise), ret(1, 1), ret(0, 0)];
    assert!(judged(&early, End::Rest).is_accepted());
}

#[test]
fn hidden_steps_in_a_circle_are_not_followed_for_ever() {
    assert!(judged(&[call(0, Op::Turn), ret(0, 2)], End::Rest).is_accepted());
    let verdict = judged(&[call(0, Op::Turn), ret(0, 1)], End::Rest);
    assert_eq!((verdict.at(), verdict.rules()), (Some(1), vec![&STOPS]));
    let crowd = [call(0, Op::Turn), call(1, Op::Turn), call(2, Op::Tell), ret(2, 5)];
    assert_eq!(judged(&crowd, End::Rest).rules(), [&TELLS]);
    let halted = judged(&[call(0, Op::Turn)], End::Rest);
    assert_eq!(halted.rules(), [&STOPS], "{halted}");
}

#[test]
fn a_strand_that_ends_without_a_return_leaves_its_actor_free() {
    let sent = [call(0, Op::SendOff), call(1, Op::Tell), ret(1, 7), call(0, Op::Tell), ret(0, 7)];
    assert!(judged(&sent, End::Rest).is_accepted());
    assert!(judged(&sent[..1], End::Rest).is_accepted());
    let verdict = judged(&[call(0, Op::SendOff), ret(0, 0)], End::Cut);
    assert_eq!((verdict.at(), verdict.rules()), (Some(1), vec![]));
}

#[test]
fn user_code_is_entered_as_often_as_the_operation_says() {
    let twice =
        [call(0, Op::Ask), enter(0, "question"), leave(0, 3), enter(0, "question"), leave(0, 4), ret(0, 4)];
    assert!(judged(&twice, End::Rest).is_accepted());
    let once = [call(0, Op::Ask), enter(0, "question"), leave(0, 4), ret(0, 4)];
    assert_eq!(judged(&once, End::Cut).rules(), [&ASKS]);
}

#[test]
fn an_aside_fits_between_any_two_steps_and_changes_nothing() {
    let hum = [enter(0, "hum"), leave(0, 0)];
    let question = [enter(0, "question"), leave(0, 4)];
    let humming =
        [&[call(0, Op::Ask)], &hum[..], &question[..], &hum[..], &question[..], &hum[..], &[ret(0, 4)]]
            .concat();
    assert!(judged(&humming, End::Rest).is_accepted());
    assert!(!HUMS.is_due());
    let elsewhere = [call(0, Op::Tell), enter(0, "hum")];
    assert_eq!(judged(&elsewhere, End::Cut).rules(), [&TELLS]);
}

#[test]
fn an_operation_has_taken_effect_before_or_after_its_aside_but_not_during_it() {
    let choosing = [call(0, Op::Choose), enter(0, "hum")];
    let told = |chosen| [call(0, Op::Tell), ret(0, chosen)];
    let done = [leave(0, 0), ret(0, 0)];
    assert!(judged(&[&choosing[..], &told(0), &done].concat(), End::Rest).is_accepted());
    assert!(judged(&[&choosing[..], &told(2), &done].concat(), End::Rest).is_accepted());
    let during = [&choosing[..], &told(0), &told(2)].concat();
    let verdict = judged(&during, End::Cut);
    assert_eq!((verdict.at(), verdict.rules()), (Some(5), vec![&TELLS]));
}

#[test]
fn a_halt_inside_user_code_is_owed_by_the_environment() {
    let inside = [call(0, Op::Ask), enter(0, "question")];
    match judged(&inside, End::Rest) {
        Verdict::Environment(fault) => {
            assert_eq!((fault.at, fault.actor, fault.obligation), (None, Actor(0), &ANSWERS));
        }
        verdict => panic!("{verdict}"),
    }
    // A fault of the system is not excused by it.
    let both = [call(0, Op::Ask), enter(0, "question"), call(1, Op::Tell)];
    assert_eq!(judged(&both, End::Rest).rules(), [&TELLS]);
}

#[test]
fn a_nested_call_that_waits_is_excused_for_the_operation_around_it_too() {
    let nested = [call(0, Op::Ask), enter(0, "question"), call(0, Op::Serve(2))];
    assert!(judged(&nested, End::Rest).is_accepted());
}

#[test]
fn the_bound_counts_configurations() {
    let told = [call(0, Op::Choose), ret(0, 0), call(0, Op::Tell), ret(0, 2)];
    let bounded = |bound| Monitor::new(&Lifted(Toy)).bound(bound).judge(&told, End::Rest);
    assert!(matches!(bounded(2), Verdict::Undecided { visited: 2, .. }));
    assert!(bounded(100).is_accepted());
}

#[test]
fn a_violation_reads_like_this() {
    let early =
        [call(0, Op::Choose), ret(0, 0), call(1, Op::Serve(1)), call(0, Op::Tell), ret(0, 2), ret(1, 0)];
    let text = judged(&early, End::Cut).to_string();
    assert_eq!(
        text,
        "violation at event 5: actor 1 returns 0, which no rule allows here\n  \
         open instead: actor 1 waits\n    T-3: Who was not chosen may wait.\n  \
         candidate: 2; actor 1 in Run(Serve(1))"
    );
    assert_eq!(judged(&early, End::Cut).rules(), [&IGNORED]);
}

#[test]
fn a_halt_reads_like_this() {
    let lost = [call(1, Op::Serve(1)), call(0, Op::Choose), ret(0, 0), call(0, Op::Tell), ret(0, 1)];
    let text = judged(&lost, End::Rest).to_string();
    assert_eq!(
        text,
        "stuck: nothing moves any more, but the system still owes a step\n  \
         owed: actor 1 returns 0\n    T-2: Who was chosen goes on.\n  \
         in candidate: 1; actor 1 about to return 0 (T-2)"
    );
    assert_eq!(judged(&lost, End::Rest).rules(), [&SERVED]);
}
