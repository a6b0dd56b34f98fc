//! Each verdict that needs a spec, on a scenario that deserves it, beside one that differs in nothing else and passes.

use raddle::platform::Threads;
use raddle_sim::campaign::{Class, Outcome};
use raddle_sim::platform::Sim;
use raddle_sim::systems::waitmap::World;
use raddle_spec::Kind::{Call, Return};
use raddle_spec::waitmap::{Key, Op, Ret, TaskId, WaitId};

use crate::{campaign, random, report_of, toy};

/// The scenario, with its only thread as an actor.
fn as_main(scenario: impl Fn(&World) + Send + Sync) -> impl Fn(&World) + Send + Sync {
    move |world| {
        world.act_as(world.name_actor("main"));
        scenario(world);
    }
}

/// Holds the verdict on a scenario against its class and its first rule or obligation; `right` passes.
fn judged(
    class: Class,
    wrong: impl Fn(&World) + Send + Sync + 'static,
    right: impl Fn(&World) + Send + Sync + 'static,
) -> String {
    let report = report_of(campaign(vec![random(&toy(as_main(right)), 20)]));
    assert_eq!(report.outcome(), Outcome::Passed, "{:?}", report.failure);
    let report = report_of(campaign(vec![random(&toy(as_main(wrong)), 20)]));
    let finding = report.failure.expect("it is found").finding;
    assert_eq!(finding.class, class, "{}", finding.headline);
    let rules = finding.rules.iter().map(|rule| format!(" [{}]", rule.id));
    finding.headline + &rules.collect::<String>()
}

fn close(world: &World, returns: bool) {
    world.record(Call(Op::Close));
    if !returns {
        Sim::park();
    }
    world.record(Return(Ret::Done));
}

#[test]
fn a_call_that_is_owed_its_end_when_nothing_can_move_is_stuck_under_its_rule() {
    let told = judged(Class::Stuck, |world| close(world, false), |world| close(world, true));
    assert!(told.starts_with("nothing can move any more, and the system owes: `main` returns ()"), "{told}");
    assert!(told.contains(" [WM-"), "{told}");
}

fn poll(world: &World, wait: WaitId) {
    world.record(Call(Op::Wait { wait: WaitId(0), key: Key(1) }));
    world.record(Return(Ret::Done));
    world.record(Call(Op::Poll { wait, task: TaskId(0) }));
    world.record(Return(Ret::Pending));
}

#[test]
fn a_scenario_that_breaks_an_obligation_is_told_which() {
    let told = judged(Class::Obligation, |world| poll(world, WaitId(7)), |world| poll(world, WaitId(0)));
    assert!(told.starts_with("`main` broke an obligation: "), "{told}");
}

fn is_closed(world: &World, answer: bool) {
    close(world, true);
    world.record(Call(Op::IsClosed));
    world.record(Return(Ret::IsClosed(answer)));
}

#[test]
fn an_answer_that_no_rule_allows_is_a_wrong_event() {
    let told = judged(Class::WrongEvent, |world| is_closed(world, false), |world| is_closed(world, true));
    assert!(told.starts_with("`main` returns false from is_closed, which no rule allows here."), "{told}");
}
