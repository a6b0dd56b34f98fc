//! The scenarios of `pool` as programs.
//!
//! # Looks in vain
//!
//! A burst, `try_recv` and `try_send` look and do not wait. What they look at was written by another thread, and
//! under the C11 memory model they may find it as it was before, unless that write happens-before the look; that
//! a send has returned in real time makes no such order. Nobody but loom knows what happens-before what, and it
//! does not tell. So on a weak memory a look that found nothing is not judged: its call and its return are taken
//! out of the record. A value that is really lost shows in what the stop receives.

use raddle_sim::systems::pool::scenarios::{self, Scenario};
use raddle_sim::systems::pool::{NAME, Scene, Subject, World, spec_of};
use raddle_sim::world::Book;
use raddle_spec::pool::{Kind, Op, Ret};

use crate::program::{Demands, Program};

/// Every scenario on pools that `new` makes, in the order of reports; `subject` is their name.
#[must_use]
pub fn programs<S: Subject>(subject: &'static str, new: fn(u32) -> S) -> Vec<Program> {
    scenarios::all::<S>().into_iter().map(|scenario| program(scenario, subject, new)).collect()
}

/// One scenario on pools that `new` makes.
#[must_use]
pub fn program<S: Subject>(scenario: Scenario<S>, subject: &'static str, new: fn(u32) -> S) -> Program {
    let missing = scenario.needs.iter().find(|feature| !S::OFFERS.contains(feature));
    let capacity = scenario.capacity;
    let demands = Demands {
        system: NAME,
        scenario: scenario.name,
        subject,
        threads: scenario.threads,
        missing: missing.map(|feature| feature.name()),
        may_rest: false,
        chooses_often: scenario.chooses_often,
    };
    let run = move |world: World| (scenario.run)(Scene::new(world, capacity, new(capacity)));
    Program::new(demands, move || spec_of::<S>(capacity), remove_vain_looks, run)
}

/// Takes the looks out of `book` that found nothing.
fn remove_vain_looks(book: &mut Book<Kind>) {
    let is_in_vain = |call: &Kind, ret: &Kind| {
        matches!(
            (call, ret),
            (Kind::Call(Op::NextOfBurst { .. }), Kind::Return(Ret::End))
                | (Kind::Call(Op::TryRecvDown { .. }), Kind::Return(Ret::Empty))
                | (Kind::Call(Op::TrySend { .. }), Kind::Return(Ret::Full(_)))
        )
    };
    let mut removed = vec![false; book.events.len()];
    for (at, event) in book.events.iter().enumerate() {
        let next = (at + 1..book.events.len()).find(|next| book.events[*next].actor == event.actor);
        if let Some(next) = next.filter(|next| is_in_vain(&event.kind, &book.events[*next].kind)) {
            (removed[at], removed[next]) = (true, true);
        }
    }
    let mut kept = removed.iter().map(|is_removed| !is_removed);
    book.events.retain(|_| kept.next().unwrap_or(true));
    let mut kept = removed.iter().map(|is_removed| !is_removed);
    book.steps.retain(|_| kept.next().unwrap_or(true));
}
