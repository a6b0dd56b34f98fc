//! Programs as data: what a manager does, one operation after the other, and what each of its workers does.
//!
//! Scenarios are written by hand, each for one purpose. A [`Program`] is made by whoever has random numbers or bytes, and can be shrunk
//! operation by operation. Whatever it says, its users keep their obligations: operations that would break one are left out when
//! their turn comes.

use std::sync::mpsc::TryRecvError;

use raddle::DownMsg;
use raddle::platform::Memory;

use super::scene::{Line, Next, On, Say, Scene};
use super::subject::{Feature, Subject};
use super::worker::Worker;
use crate::kernel::PlannedPanic;

/// What a manager and its workers do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// How many values the pool holds before `send` waits.
    pub capacity: u32,
    /// The operations of the manager. At their end the pool is dropped.
    pub steps: Vec<Step>,
}

/// An operation of the manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Starts a worker, unless there were too many already.
    Execute(Vec<Act>),
    /// Starts two workers at once, unless there were too many already.
    ExecuteMany(Vec<Act>),
    /// Receives a value, if it is sure that one comes.
    Recv,
    /// Begins a burst, calls `next` so often, or until it is over, and drops it.
    Burst(Option<u8>),
    /// Stops, calls `next` so often, or until it is over, and drops the iterator.
    Stop(Option<u8>),
    /// Calls `stop_and_join`.
    Join,
    /// Calls `try_stop_and_join`, if there is one.
    TryJoin,
    /// Sends to all workers.
    Broadcast(Order),
    /// Sends to the next worker.
    BroadcastOne(Order),
    /// Gets a way down to a worker, which is kept.
    Get(u8),
    /// Sends on the way down that was got last.
    SendDown(Order),
    /// Drops the way down that was got last.
    DropLine,
    /// Counts the workers.
    Count,
}

/// A message to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `DownMsg::Other`.
    Note,
    /// `DownMsg::Pause`.
    Pause,
    /// `DownMsg::Continue`.
    Continue,
    /// `DownMsg::Stop`, which any sender may send.
    Stop,
}

/// An operation of a worker. At their end it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Sends a value.
    Send,
    /// Sends a value if there is room.
    TrySend,
    /// Looks for a message.
    Look,
    /// Waits for a message, unless it has been told to end.
    Receive,
    /// Clones its sender, sends by the clone and drops that.
    SendByClone,
    /// Drops its receiver, and looks for no more messages.
    DropReceiver,
    /// Panics.
    Panic,
}

/// How many workers a program may start.
const WORKERS_MAX: usize = 4;

impl From<Order> for Say {
    fn from(order: Order) -> Say {
        match order {
            Order::Note => DownMsg::Other(()),
            Order::Pause => DownMsg::Pause,
            Order::Continue => DownMsg::Continue,
            Order::Stop => DownMsg::Stop,
        }
    }
}

impl Program {
    /// Performs the program, to the drop of the pool.
    pub fn perform<S: Subject>(&self, scene: Scene<S>) {
        let mut manager = Manager { lines: Vec::new(), scene, workers: 0, promised: 0, received: 0 };
        self.steps.iter().for_each(|step| manager.step(step));
    }
}

struct Manager<S: Subject> {
    /// Dropped before the pool, so that no worker waits for what they might still send.
    lines: Vec<Line<S>>,
    scene: Scene<S>,
    workers: usize,
    /// How many values workers of this generation send whatever happens.
    promised: usize,
    /// How many values of this generation have been received.
    received: usize,
}

impl<S: Subject> Manager<S> {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Execute(acts) if self.workers < WORKERS_MAX => {
                self.hire(1, acts);
                let acts = acts.clone();
                self.scene.execute(move |worker| work(worker, &acts));
            }
            Step::ExecuteMany(acts) if self.workers + 1 < WORKERS_MAX => {
                self.hire(2, acts);
                let acts = acts.clone();
                self.scene.execute_many(2, move |worker| work(worker, &acts));
            }
            Step::Execute(_) | Step::ExecuteMany(_) => {}
            Step::Recv if self.received < self.promised => {
                self.received += usize::from(matches!(self.scene.recv(), Next::Value(_)));
            }
            Step::Recv => {}
            Step::Burst(most) => {
                let mut burst = self.scene.burst();
                self.received += iterate(*most, || burst.call_next());
            }
            Step::Stop(most) => {
                self.end_generation();
                let mut stop = self.scene.stop();
                iterate(*most, || stop.call_next());
            }
            Step::Join => {
                self.end_generation();
                self.scene.stop_and_join();
            }
            Step::TryJoin if S::OFFERS.contains(&Feature::TryStopAndJoin) => {
                self.end_generation();
                self.scene.try_stop_and_join();
            }
            Step::TryJoin => {}
            Step::Broadcast(order) => self.scene.broadcast((*order).into()),
            Step::BroadcastOne(order) => {
                self.scene.broadcast_one((*order).into());
            }
            Step::Get(index) => self.lines.extend(self.scene.get(u32::from(*index))),
            Step::SendDown(order) => {
                if let Some(line) = self.lines.last() {
                    line.send((*order).into());
                }
            }
            Step::DropLine => drop(self.lines.pop()),
            Step::Count => {
                self.scene.count();
            }
        }
    }

    fn hire(&mut self, count: usize, acts: &[Act]) {
        self.workers += count;
        let sure = acts.iter().take_while(|act| !matches!(act, Act::Receive | Act::Panic));
        self.promised += count * sure.filter(|act| matches!(act, Act::Send | Act::SendByClone)).count();
    }

    fn end_generation(&mut self) {
        (self.promised, self.received) = (0, 0);
    }
}

/// Calls `next` so often, or until it gives no value; tells how many it gave.
fn iterate(most: Option<u8>, mut next: impl FnMut() -> Next) -> usize {
    let most = most.map_or(usize::MAX, usize::from);
    let values = std::iter::from_fn(|| matches!(next(), Next::Value(_)).then_some(()));
    values.take(most).count()
}

fn work<S: Subject>(worker: Worker<S>, acts: &[Act]) {
    let id = worker.id();
    let Worker { up, down, .. } = worker;
    let mut down = Some(down);
    let mut is_told = false;
    for act in acts {
        match (act, &down) {
            (Act::Send, _) => {
                up.send();
            }
            (Act::TrySend, _) => {
                up.try_send();
            }
            (Act::SendByClone, _) => {
                up.clone().send();
            }
            (Act::Look, Some(inlet)) if !is_told => {
                is_told = matches!(inlet.try_recv(), Ok(DownMsg::Stop) | Err(TryRecvError::Disconnected));
            }
            (Act::Receive, Some(inlet)) if !is_told => {
                is_told = matches!(inlet.recv(), Ok(DownMsg::Stop) | Err(_));
            }
            (Act::Look | Act::Receive, _) => {}
            (Act::DropReceiver, _) => down = None,
            (Act::Panic, _) => On::<S>::resume_unwind(Box::new(PlannedPanic(id.0))),
        }
    }
}
