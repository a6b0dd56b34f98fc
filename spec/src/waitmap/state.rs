//! The state of the WaitMap spec: which waits exist, who is registered, which wakers are still to be invoked.
//!
//! Ids of waits that were dropped and of values that left the map are forgotten, so that a bounded environment
//! reaches finitely many states. Everything is a short sorted list: a copy is a handful of small allocations.

use super::types::{Key, TaskId, ValueId, WaitId};
use std::fmt;

/// The shared state of a WaitMap and of the tasks around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    pub(super) closed: bool,
    /// Ordered by id.
    pub(super) waits: Vec<Wait>,
    /// Who is registered, oldest first.
    pub(super) registered: Vec<WaitId>,
    /// Wakers that must still be invoked, in this order for each ticket.
    pub(super) owed: Vec<OwedWake>,
    /// Calls of `close` that have taken effect and not yet decided to return.
    pub(super) closes_in_progress: u32,
    /// Tasks of which a waker was invoked since they last went on, in order.
    pub(super) notified: Vec<TaskId>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Wait {
    pub(super) id: WaitId,
    pub(super) key: Key,
    /// Made by `wait_for` or `wait_for_value`.
    pub(super) looping: bool,
    /// An operation on it is in progress.
    pub(super) busy: bool,
    pub(super) key_dropped: bool,
    pub(super) stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Stage {
    /// Not registered yet, or, for `wait_for`, between two rounds.
    Start,
    /// In the map, with the task whose waker it gave last.
    Registered(TaskId),
    /// Taken out by `wake`; the value is still with the wait.
    Delivered(ValueId),
    /// Taken out by `close`; nobody has been told yet.
    Ended,
    /// Finished with Closed, which it may repeat.
    ToldClosed,
    /// Finished for good.
    Finished,
}

/// A waker that was taken out of the map and must be invoked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct OwedWake {
    pub(super) ticket: Ticket,
    pub(super) wait: WaitId,
    pub(super) task: TaskId,
    /// The wait has noticed by itself, so that the waker may be left alone.
    pub(super) noticed: bool,
}

/// Which call must invoke a waker: `close` (any call of it), or one call of `wake` by number.
///
/// The debt is in the shared state and not in the frame of the call, because polls and drops of the wait, on other
/// strands, decide whether the waker may be skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u32);

impl Ticket {
    /// The debts of `close`.
    pub(super) const CLOSE: Ticket = Ticket(0);
}

impl State {
    /// Checks what every reachable state keeps.
    ///
    /// # Panics
    ///
    /// When it does not: the spec itself is wrong.
    pub fn assert_valid(&self) {
        if let Some(reason) = self.invalid() {
            panic!("{reason}: {self}");
        }
    }

    /// What is wrong with this state, if it is not one that the map can be in.
    pub fn invalid(&self) -> Option<&'static str> {
        let in_map = |wait: &&Wait| matches!(wait.stage, Stage::Registered(_));
        let known = |&id: &WaitId| self.get(id).filter(in_map).is_some_and(|wait| !wait.key_dropped);
        let shares_key = |&a: &WaitId, b: &WaitId| matches!((self.get(a), self.get(*b)), (Some(a), Some(b)) if a.key.matches(b.key));
        let has_rival = |(place, id)| self.registered[..place].iter().any(|other| shares_key(id, other));
        let owed_by_close = self.owed.iter().any(|owed| owed.ticket == Ticket::CLOSE);
        let checks = [
            (self.waits.is_sorted_by(|a, b| a.id < b.id), "waits are out of order"),
            (self.notified.is_sorted_by(|a, b| a < b), "tasks are out of order"),
            (!self.closed || self.registered.is_empty(), "somebody is registered on a closed map"),
            (
                self.waits.iter().filter(in_map).count() == self.registered.len(),
                "a wait is registered in one place only",
            ),
            (self.registered.iter().all(known), "a registered wait is gone, or its key is"),
            (!self.registered.iter().enumerate().any(has_rival), "two registered waits have the same key"),
            (!owed_by_close || self.closes_in_progress > 0, "nobody will invoke wakers that are due"),
        ];
        checks.iter().find(|(holds, _)| !holds).map(|(_, reason)| *reason)
    }

    pub(super) fn index(&self, wait: WaitId) -> Result<usize, usize> {
        self.waits.binary_search_by_key(&wait, |known| known.id)
    }

    pub(super) fn get(&self, wait: WaitId) -> Option<&Wait> {
        self.index(wait).ok().map(|index| &self.waits[index])
    }

    pub(super) fn get_mut(&mut self, wait: WaitId) -> Option<&mut Wait> {
        self.index(wait).ok().map(|index| &mut self.waits[index])
    }

    /// The registered wait that this key reaches, and the task whose waker it gave last.
    pub(super) fn matching(&self, key: Key) -> Option<(WaitId, TaskId)> {
        self.registered.iter().find_map(|&id| match self.get(id)? {
            Wait { key: other, stage: Stage::Registered(task), .. } if other.matches(key) => {
                Some((id, *task))
            }
            _ => None,
        })
    }

    pub(super) fn register(&mut self, wait: WaitId, task: TaskId) {
        self.registered.push(wait);
        self.set_stage(wait, Stage::Registered(task));
    }

    /// Moves a wait on, and out of the map if it was registered.
    pub(super) fn leave_map(&mut self, wait: WaitId, stage: Stage) {
        self.registered.retain(|&registered| registered != wait);
        self.set_stage(wait, stage);
    }

    pub(super) fn set_stage(&mut self, wait: WaitId, stage: Stage) {
        if let Some(wait) = self.get_mut(wait) {
            wait.stage = stage;
        }
    }

    /// The wait has seen the value or the end, or is gone: nobody needs to wake it for that any more.
    pub(super) fn notice(&mut self, wait: WaitId) {
        for owed in &mut self.owed {
            owed.noticed |= owed.wait == wait;
        }
    }

    /// Ends all registered waits and notes that their wakers are due.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.closes_in_progress += 1;
        for id in std::mem::take(&mut self.registered) {
            let Some(wait) = self.get_mut(id) else { continue };
            if let Stage::Registered(task) = wait.stage {
                wait.stage = Stage::Ended;
                self.owed.push(OwedWake { ticket: Ticket::CLOSE, wait: id, task, noticed: false });
            }
        }
    }

    /// The smallest number that no call of `wake` is using.
    pub(super) fn free_ticket(&self) -> Ticket {
        let taken = |ticket| self.owed.iter().any(|owed| owed.ticket == ticket);
        (1..).map(Ticket).find(|&ticket| !taken(ticket)).unwrap_or(Ticket::CLOSE)
    }

    pub(super) fn notify(&mut self, task: TaskId) {
        if let Err(place) = self.notified.binary_search(&task) {
            self.notified.insert(place, task);
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.closed { "closed" } else { "open" })?;
        for wait in &self.waits {
            write!(f, "; {} ({}) ", wait.id, wait.key)?;
            match wait.stage {
                Stage::Start => f.write_str("not registered")?,
                Stage::Registered(task) => write!(f, "registered by {task}")?,
                Stage::Delivered(value) => write!(f, "holds {value}")?,
                Stage::Ended => f.write_str("ended by close")?,
                Stage::ToldClosed => f.write_str("finished with Closed")?,
                Stage::Finished => f.write_str("finished")?,
            }
            if wait.key_dropped {
                f.write_str(", its key dropped")?;
            }
        }
        for owed in &self.owed {
            write!(f, "; the waker of {} is due for {}", owed.task, owed.wait)?;
        }
        for task in &self.notified {
            write!(f, "; {task} notified")?;
        }
        Ok(())
    }
}
