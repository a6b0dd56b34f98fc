//! What is asked of the states of a pool and its users.

use crate::automaton::Automaton;
use crate::explorer::World;
use crate::object::{Lifted, Stand};
use crate::pool::crew::Memory;
use crate::pool::operations::{Phase, Pool};
use crate::pool::state::{Sending, State, Worker};
use crate::pool::types::{Cb, Op, Ret, ValueId};
use std::collections::BTreeSet;

/// A pool and its users.
pub(super) type Whole = World<<Lifted<Pool> as Automaton>::State, Memory>;

/// Of [`values_are_in_one_place`].
pub(super) const VALUES: &str = "every value is in one place";

pub(super) fn shared(world: &Whole) -> &State {
    world.system.shared()
}

pub(super) fn runs(world: &Whole, phase: impl Fn(&Phase) -> bool) -> bool {
    world.system.stands().any(|(_, stand)| matches!(stand, Stand::Runs(running) if phase(running)))
}

pub(super) fn joins(world: &Whole) -> bool {
    runs(world, |phase| matches!(phase, Phase::Gathering { .. }))
}

pub(super) fn waits_in_send(worker: &Worker) -> bool {
    matches!(worker.sending, Sending::Stamped { .. } | Sending::Offers)
}

pub(super) fn burst_goes_on(world: &Whole) -> bool {
    shared(world).burst.is_some_and(|burst| !burst.gave_none)
}

/// All values that nobody outside has got.
fn values_inside(world: &Whole) -> Vec<ValueId> {
    let state = shared(world);
    let channels = state.channels.iter().flat_map(|channel| channel.ahead.iter().chain(&channel.up));
    let mut values: Vec<ValueId> = channels.map(|message| message.value).collect();
    for (_, stand) in world.system.stands() {
        match stand {
            // A send that offers has its value in the channel; one whose offer was taken has none any more.
            Stand::Runs(&Phase::Begin(Op::Send { worker, value } | Op::TrySend { worker, value })) => {
                let sending = state.worker(worker).map(|worker| worker.sending);
                if !matches!(sending, Some(Sending::Offers | Sending::Taken)) {
                    values.push(value);
                }
            }
            Stand::Runs(
                Phase::Gathering { values: held, .. }
                | Phase::Discarding { values: held, .. }
                | Phase::LettingGo { values: held },
            ) => values.extend(held),
            Stand::Returns(Ret::Value(value) | Ret::Refused(value) | Ret::Full(value)) => values.push(*value),
            Stand::Returns(Ret::Values(held) | Ret::Joined { values: held, .. }) => values.extend(held),
            Stand::Enters(Cb::DropValue { value }) | Stand::Inside(Cb::DropValue { value }) => {
                values.push(*value);
            }
            _ => {}
        }
    }
    values
}

pub(super) fn values_are_in_one_place(world: &Whole) -> bool {
    let values = values_inside(world);
    values.iter().collect::<BTreeSet<_>>().len() == values.len()
}

/// Workers send their values in the order of their numbers.
pub(super) fn values_are_in_order(world: &Whole) -> bool {
    shared(world).channels.iter().all(|channel| {
        let messages: Vec<_> = channel.ahead.iter().chain(&channel.up).collect();
        messages.iter().enumerate().all(|(place, message)| {
            messages[..place]
                .iter()
                .all(|before| before.worker != message.worker || before.value < message.value)
        })
    })
}
