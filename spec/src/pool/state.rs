//! What a pool remembers: the channels up, and for each worker what it has and what it was told.

use super::types::{BurstId, Down, StopId, ValueId, WorkerId};
use crate::event::Actor;
use std::fmt;

/// Everything that is behind the borders of a pool.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// A call on the pool itself is in progress.
    pub(super) busy: bool,
    /// Which worker of the generation `broadcast_one` has reached last.
    pub(super) rotation: u32,
    /// The burst that goes on, in the channel of the current generation.
    pub(super) burst: Option<Burst>,
    /// The channels that are open, ordered by generation. The pool exists as long as that of the current one is among them.
    pub(super) channels: Vec<Channel>,
    /// In the order of execute; those of whom nothing can be seen any more are forgotten.
    pub(super) workers: Vec<Worker>,
}

/// Whose values go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// The pool's own.
    Current,
    /// A call of `stop_and_join` or `try_stop_and_join` has it.
    Joining,
    /// An iterator of `stop` has it.
    Stopped(StopId),
    /// Nobody receives from it any more.
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Burst {
    pub(super) id: BurstId,
    /// A stamp was later than its start.
    pub(super) ticked: bool,
    /// Its iterator has given None.
    pub(super) gave_none: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Channel {
    pub(super) of: Generation,
    /// Who called the stop.
    pub(super) holder: Actor,
    /// `next` of the iterator, or its drop, is in progress.
    pub(super) busy: bool,
    /// The iterator has come to its end.
    pub(super) is_finished: bool,
    /// With capacity 0: a receive waits, and nothing was offered to it.
    pub(super) receive_waits: bool,
    /// Values that were taken and not given.
    pub(super) ahead: Vec<Message>,
    /// Values that are in the channel; with capacity 0 those that are offered.
    pub(super) up: Vec<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Message {
    pub(super) worker: WorkerId,
    pub(super) value: ValueId,
    /// Its stamp is later than the start of the burst that goes on.
    pub(super) is_later: bool,
    /// A send waits until it is taken.
    pub(super) is_offer: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Worker {
    pub(super) id: WorkerId,
    pub(super) of: Generation,
    pub(super) thread: Thread,
    /// How many senders up it has.
    pub(super) senders: u32,
    pub(super) sending: Sending,
    pub(super) told: Told,
    /// Its receiver is not dropped.
    pub(super) receives: bool,
    /// The pool has a sender to it.
    pub(super) is_owned: bool,
    /// How many senders to it `get` gave.
    pub(super) down_senders: u32,
    pub(super) down: Vec<Down>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Thread {
    /// Has not entered its closure, so that nobody has its handles yet.
    Starts,
    Runs,
    Ended {
        panicked: bool,
    },
}

/// How far a send of a worker has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sending {
    No,
    Called,
    Stamped { is_later: bool },
    Offers,
    Taken,
    GivenBack,
}

/// What a worker knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Told {
    Nothing,
    /// A message that it has not done anything since.
    AMessage,
    /// To end.
    ToEnd,
}

impl Channel {
    pub(super) fn new(of: Generation) -> Self {
        Channel {
            of,
            holder: Actor(0),
            busy: false,
            is_finished: false,
            receive_waits: false,
            ahead: Vec::new(),
            up: Vec::new(),
        }
    }

    pub(super) fn first(&self) -> Option<&Message> {
        self.ahead.first().or(self.up.first())
    }
}

impl Worker {
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.thread, Thread::Ended { .. })
    }

    pub(super) fn is_reachable(&self) -> bool {
        self.is_owned || self.down_senders > 0
    }

    /// A message is appended for it, unless nobody would receive it.
    pub(super) fn hears(&mut self, message: Down) {
        if self.receives {
            self.down.push(message);
        }
    }

    fn is_forgettable(&self) -> bool {
        self.of == Generation::Closed
            && self.has_ended()
            && !self.receives
            && !self.is_reachable()
            && self.senders == 0
    }
}

impl Default for State {
    fn default() -> Self {
        State {
            busy: false,
            rotation: 0,
            burst: None,
            channels: vec![Channel::new(Generation::Current)],
            workers: Vec::new(),
        }
    }
}

impl State {
    pub(super) fn worker(&self, id: WorkerId) -> Option<&Worker> {
        self.workers.iter().find(|worker| worker.id == id)
    }

    /// Changes a worker, if it is known: whoever has a handle of it keeps it from being forgotten.
    pub(super) fn change(&mut self, id: WorkerId, change: impl FnOnce(&mut Worker)) {
        if let Some(worker) = self.workers.iter_mut().find(|worker| worker.id == id) {
            change(worker);
        }
    }

    pub(super) fn channel(&self, of: Generation) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.of == of)
    }

    pub(super) fn channel_mut(&mut self, of: Generation) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.of == of)
    }

    /// The workers of a generation, in the order of execute.
    pub(super) fn members(&self, of: Generation) -> impl Iterator<Item = &Worker> {
        self.workers.iter().filter(move |worker| worker.of == of)
    }

    /// Whether somebody can still send to this generation.
    pub(super) fn has_senders(&self, of: Generation) -> bool {
        self.members(of).any(|worker| worker.senders > 0)
    }

    /// The workers of a generation that have panicked, in the order of execute.
    pub(super) fn panics(&self, of: Generation) -> impl Iterator<Item = WorkerId> {
        let panicked = |worker: &&Worker| worker.thread == Thread::Ended { panicked: true };
        self.members(of).filter(panicked).map(|worker| worker.id)
    }

    pub(super) fn hire(&mut self, id: WorkerId) {
        self.end_burst();
        self.workers.push(Worker {
            id,
            of: Generation::Current,
            thread: Thread::Starts,
            senders: 1,
            sending: Sending::No,
            told: Told::Nothing,
            receives: true,
            is_owned: true,
            down_senders: 0,
            down: Vec::new(),
        });
    }

    /// Takes the first value, if there is one.
    pub(super) fn take(&mut self, of: Generation) -> Option<Message> {
        let channel = self.channel_mut(of)?;
        channel.receive_waits = false;
        if channel.ahead.is_empty() {
            if channel.up.is_empty() {
                return None;
            }
            let message = channel.up.remove(0);
            self.was_taken(message);
            Some(message)
        } else {
            Some(channel.ahead.remove(0))
        }
    }

    /// Takes the first value out of the channel and keeps it.
    pub(super) fn take_ahead(&mut self, of: Generation) {
        if let Some(channel) = self.channel_mut(of) {
            let message = channel.up.remove(0);
            channel.ahead.push(Message { is_offer: false, ..message });
            self.was_taken(message);
        }
    }

    fn was_taken(&mut self, message: Message) {
        if message.is_offer {
            self.change(message.worker, |worker| worker.sending = Sending::Taken);
        }
    }

    pub(super) fn begin_burst(&mut self, id: BurstId) {
        self.end_burst();
        self.burst = Some(Burst { id, ticked: false, gave_none: false });
    }

    /// Without a burst there is nothing that a stamp could be later than.
    pub(super) fn end_burst(&mut self) {
        self.burst = None;
        for worker in &mut self.workers {
            if let Sending::Stamped { is_later } = &mut worker.sending {
                *is_later = false;
            }
        }
        if let Some(channel) = self.channel_mut(Generation::Current) {
            channel.ahead.iter_mut().chain(&mut channel.up).for_each(|message| message.is_later = false);
        }
    }

    /// Gives the current generation to a stop, and the pool a new one.
    pub(super) fn replace(&mut self, to: Generation, holder: Actor) {
        self.end_burst();
        self.rotation = 0;
        self.give(Generation::Current, to);
        if let Some(channel) = self.channel_mut(Generation::Current) {
            channel.of = to;
            channel.holder = holder;
        }
        self.channels.push(Channel::new(Generation::Current));
        self.channels.sort_unstable();
    }

    fn give(&mut self, of: Generation, to: Generation) {
        for worker in self.workers.iter_mut().filter(|worker| worker.of == of) {
            worker.of = to;
        }
    }

    /// The iterator of a stop has come to its end.
    pub(super) fn finish(&mut self, of: Generation) {
        if let Some(channel) = self.channel_mut(of) {
            channel.receive_waits = false;
            channel.is_finished = true;
        }
        self.give(of, Generation::Closed);
        self.forget();
    }

    /// From now on nobody receives. What is in the channel and not offered any more, is to be dropped.
    pub(super) fn close(&mut self, of: Generation) -> Vec<ValueId> {
        self.give(of, Generation::Closed);
        let mut left = Vec::new();
        if let Some(place) = self.channels.iter().position(|channel| channel.of == of) {
            let Channel { ahead, up, .. } = self.channels.remove(place);
            for message in ahead.into_iter().chain(up) {
                if message.is_offer {
                    self.change(message.worker, |worker| worker.sending = Sending::GivenBack);
                } else {
                    left.push(message.value);
                }
            }
        }
        self.forget();
        left
    }

    pub(super) fn forget(&mut self) {
        self.workers.retain(|worker| !worker.is_forgettable());
    }

    /// What is wrong with the state, if anything is: no step may lead to such a state.
    pub fn invalid(&self, capacity: u32) -> Option<&'static str> {
        for channel in &self.channels {
            let messages = || channel.ahead.iter().chain(&channel.up);
            if channel.of == Generation::Closed {
                return Some("a closed generation has a channel");
            }
            if messages()
                .any(|message| self.worker(message.worker).is_none_or(|sender| sender.of != channel.of))
            {
                return Some("a value is in the channel of another generation");
            }
            if channel.ahead.len() > capacity.max(1) as usize {
                return Some("more values are taken and not given than the capacity allows");
            }
            if capacity > 0 && channel.up.len() > capacity as usize {
                return Some("more values are in a channel than there is room for");
            }
            if channel.receive_waits && messages().next().is_some() {
                return Some("a receive waits although there is a value");
            }
            if (self.burst.is_none() || channel.of != Generation::Current)
                && messages().any(|message| message.is_later)
            {
                return Some("a stamp is later than no burst");
            }
        }
        self.workers.iter().find_map(Worker::invalid)
    }
}

impl Worker {
    fn invalid(&self) -> Option<&'static str> {
        (!self.receives && !self.down.is_empty()).then_some("messages wait for a receiver that is dropped")
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.channel(Generation::Current) {
            Some(_) => "pool",
            None => "no pool",
        })?;
        if let Some(Burst { id, .. }) = self.burst {
            write!(f, " in {id}")?;
        }
        for channel in &self.channels {
            if channel.of != Generation::Current {
                write!(f, "; {}", channel.of)?;
                if channel.is_finished {
                    f.write_str(" at its end")?;
                }
            }
            listed(f, " with taken", &channel.ahead)?;
            listed(f, " with", &channel.up)?;
        }
        self.workers.iter().try_for_each(|worker| write!(f, "; {worker}"))
    }
}

fn listed<T: fmt::Display>(f: &mut fmt::Formatter<'_>, title: &str, items: &[T]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        write!(f, "{} {item}", if index == 0 { title } else { "," })?;
    }
    Ok(())
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Generation::Current => f.write_str("the pool"),
            Generation::Joining => f.write_str("the joining stop"),
            Generation::Stopped(stop) => stop.fmt(f),
            Generation::Closed => f.write_str("nobody"),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.value, self.worker)?;
        f.write_str(if self.is_later { " (later)" } else { "" })
    }
}

impl fmt::Display for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)?;
        if self.of != Generation::Current {
            write!(f, " of {}", self.of)?;
        }
        match (self.thread, self.told) {
            (Thread::Ended { panicked: true }, _) => f.write_str(" has panicked")?,
            (Thread::Ended { panicked: false }, _) => f.write_str(" has ended")?,
            (Thread::Starts, _) => f.write_str(" is about to start")?,
            (Thread::Runs, Told::ToEnd) => f.write_str(" is told")?,
            (Thread::Runs, Told::AMessage) => f.write_str(" is at a message")?,
            (Thread::Runs, Told::Nothing) => {}
        }
        if self.senders != u32::from(!self.has_ended()) {
            write!(f, ", {} of its senders left", self.senders)?;
        }
        match self.sending {
            Sending::Stamped { is_later: true } => f.write_str(", stamped later")?,
            Sending::Stamped { is_later: false } => f.write_str(", stamped")?,
            _ => {}
        }
        listed(f, ", down:", &self.down)?;
        match (self.receives, self.is_reachable()) {
            (false, _) => f.write_str(", receiver dropped"),
            (true, false) => f.write_str(", nobody sends to it"),
            (true, true) => Ok(()),
        }
    }
}
