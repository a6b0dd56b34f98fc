//! The order rule: which order of a trace the monitor may rely on.
//!
//! A recorder writes events one after the other, but under weak memory that order is not always real: a call that was
//! recorded after a return need not have seen what led to that return. Only happens-before is real. So a call whose
//! real order is known only up to some event may be judged as if it had begun right after that event. It overlaps
//! more than the recording shows, and an older answer is right. Nothing else moves: outputs stay where they were
//! seen, and an actor's own events stay in order.
//!
//! - [`Event::after`] carries what a recorder knows that observes happens-before.
//! - A recorder that does not (real threads, loom) says [`Order::Uncertain`]. Then the calls that the spec marks as
//!   weak queries move back to their actor's own previous event, and all other calls stay: for them the
//!   systems promise an order that a user can rely on.
//!
//! In one place this is stricter than weak memory is. Of two weak queries in a row on one actor the second is judged from
//! the return of the first on. Memory only forbids it to go back behind what the first has *read*, which may be older than
//! its return. To allow that, the return of the first would have to move as well, to a place that depends on its answer,
//! and then the rule would be no order of the events any more. So a second stale answer in a row is rejected, although
//! hardware could give it: a recorder that sees such answers should leave out the repeated queries.

use crate::automaton::{Automaton, Direction};
use crate::event::Event;

/// What a recorder knows about the order of events on different actors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The recorded order is real, except where [`Event::after`] says otherwise.
    #[default]
    Recorded,
    /// The recorder does not know happens-before: weak queries may be answered from any state since their actor's
    /// own previous event.
    Uncertain,
}

/// The order in which the events of a trace are to be judged: a permutation of their indices that moves inputs
/// towards the front and keeps each actor's own order.
pub fn arrange<A: Automaton>(automaton: &A, events: &[Event<A::Action>], order: Order) -> Vec<usize> {
    // An event goes to the slot behind its anchor; the second part of the key puts it behind the anchor itself.
    let mut keys: Vec<(usize, bool, usize)> = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let slot = match anchor(automaton, events, order, index) {
            Some(slot) if slot < index && automaton.direction(&event.kind) == Direction::Input => {
                (slot, true)
            }
            _ => (index + 1, false),
        };
        keys.push((slot.0, slot.1, index));
    }
    keys.sort_unstable();
    keys.into_iter().map(|(_, _, index)| index).collect()
}

/// How many events of the recorded order certainly precede this one, where that is less than all before it.
fn anchor<A: Automaton>(
    automaton: &A,
    events: &[Event<A::Action>],
    order: Order,
    index: usize,
) -> Option<usize> {
    let event = &events[index];
    let weak = order == Order::Uncertain && automaton.is_weak_query(&event.kind);
    let known = if weak { 0 } else { event.after?.saturating_add(1) };
    let own = events[..index].iter().rposition(|other| other.actor == event.actor).map_or(0, |own| own + 1);
    Some(known.max(own))
}

/// Whether [`arrange`] would keep the recorded order.
pub(crate) fn is_recorded<K>(events: &[Event<K>], order: Order) -> bool {
    order == Order::Recorded && events.iter().all(|event| event.after.is_none())
}
