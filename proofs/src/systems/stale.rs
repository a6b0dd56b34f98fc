//! Old answers: what a weak memory lets a query say.
//!
//! `is_closed` is a single load. Under the C11 memory model it may read `false` long after the map was
//! closed, unless the close happens-before the load, and again `false` the next time. Nobody but loom knows
//! what happens-before what, and it does not tell. So where an old answer *can* be right it is not judged:
//! the call and its `false` are taken out of the record. It cannot be right once its thread knows of the
//! close:
//!
//! - the thread closed the map itself, and `close` returned;
//! - a call of the thread returned `Closed`;
//! - the thread was told `true` before.
//!
//! An answer of `true` is judged in any case: it needs a close that has begun.

use std::collections::BTreeSet;

use raddle_sim::world::Book;
use raddle_spec::Actor;
use raddle_spec::waitmap::{Kind, Op, Ret, WaitError};

/// Takes the answers out of `book` that an old value explains.
pub fn remove_answers(book: &mut Book<Kind>) {
    let mut informed: BTreeSet<Actor> = BTreeSet::new();
    // For each actor the calls that have not returned, by index.
    let mut open: Vec<(Actor, usize)> = Vec::new();
    let mut removed: BTreeSet<usize> = BTreeSet::new();
    for (at, event) in book.events.iter().enumerate() {
        match &event.kind {
            Kind::Call(_) => open.push((event.actor, at)),
            Kind::Return(ret) => {
                let Some(place) = open.iter().rposition(|(actor, _)| *actor == event.actor) else { continue };
                let (_, call) = open.remove(place);
                let op = &book.events[call].kind;
                if *ret == Ret::IsClosed(false) && !informed.contains(&event.actor) {
                    removed.extend([call, at]);
                } else if tells_of_close(op, ret) {
                    informed.insert(event.actor);
                }
            }
            Kind::Enter(_) | Kind::Leave(_) => {}
        }
    }
    let mut at = 0..;
    book.events.retain(|_| at.next().is_none_or(|at| !removed.contains(&at)));
    let mut at = 0..;
    book.steps.retain(|_| at.next().is_none_or(|at| !removed.contains(&at)));
}

/// Whether whoever gets this answer knows that the map is closed.
fn tells_of_close(op: &Kind, ret: &Ret) -> bool {
    match ret {
        Ret::Done => *op == Kind::Call(Op::Close),
        Ret::Closed(_) | Ret::IsClosed(true) => true,
        Ret::Ready(result) => matches!(result, Err(WaitError::Closed)),
        Ret::Subscribed(result) | Ret::Met(result) => matches!(result, Err(WaitError::Closed)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use raddle_sim::systems::waitmap::World;
    use raddle_sim::world::Substrate;

    /// The events that remain of a record in which actor 0 sees `kinds`.
    fn remaining(kinds: &[Kind]) -> Vec<Kind> {
        let world = World::new(Substrate::ONE_THREAD);
        let actor = world.name_actor("only");
        world.act_as(actor);
        kinds.iter().for_each(|kind| world.record(*kind));
        let mut book = world.take_book();
        remove_answers(&mut book);
        assert_eq!(book.events.len(), book.steps.len());
        book.events.iter().map(|event| event.kind).collect()
    }

    const ASK: Kind = Kind::Call(Op::IsClosed);
    const OPEN: Kind = Kind::Return(Ret::IsClosed(false));
    const CLOSED: Kind = Kind::Return(Ret::IsClosed(true));

    #[test]
    fn an_answer_that_may_be_old_is_not_judged() {
        assert_eq!(remaining(&[ASK, OPEN, ASK, OPEN]), []);
    }

    #[test]
    fn who_knows_of_the_close_cannot_be_told_otherwise() {
        let close = [Kind::Call(Op::Close), Kind::Return(Ret::Done), ASK, OPEN];
        assert_eq!(remaining(&close), close);
        let asked = [ASK, CLOSED, ASK, OPEN];
        assert_eq!(remaining(&asked), asked);
    }
}
