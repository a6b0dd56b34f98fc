//! One generation: a channel upwards, and workers with a channel downwards each.

use alloc::format;
use alloc::vec::Vec;

use super::msg::DownMsg;
use super::outcome::{ExecuteError, WorkerPanic};
use super::worker::{self, WorkerReceiver, WorkerSender};
use crate::channel::{Receiver, SendError, Sender, SyncSender, channel_on};
use crate::platform::{Join, Threads};

/// The workers since the last stop, and their channels.
///
/// Fields are dropped in this order: the workers see their channels disconnected both ways.
#[derive(Debug)]
pub(super) struct Team<Up: Send + 'static, Down: Send + 'static, P: Threads> {
    pub(super) receiver: Receiver<Up, P>,
    /// For the workers that are yet to come.
    sender: SyncSender<Up, P>,
    workers: Vec<Worker<Down, P>>,
}

#[derive(Debug)]
struct Worker<Down: Send + 'static, P: Threads> {
    orders: Sender<DownMsg<Down>, P>,
    thread: P::JoinHandle<()>,
}

impl<Up: Send + 'static, Down: Send + 'static, P: Threads> Team<Up, Down, P> {
    /// A team without workers.
    pub(super) fn new((sender, receiver): (SyncSender<Up, P>, Receiver<Up, P>)) -> Self {
        Team { receiver, sender, workers: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.workers.len()
    }

    pub(super) fn try_execute<F>(&mut self, body: F) -> Result<(), ExecuteError<F>>
    where
        F: FnOnce(WorkerSender<Up, P>, WorkerReceiver<Down, P>) + Send + 'static,
    {
        let (orders, receiver) = channel_on();
        let name = format!("worker {}", self.workers.len());
        let thread = worker::start(&name, self.sender.clone(), receiver, body)?;
        self.workers.push(Worker { orders, thread });
        Ok(())
    }

    pub(super) fn broadcast(&self, order: DownMsg<Down>)
    where
        Down: Clone,
    {
        for worker in &self.workers {
            // A worker that takes no orders any more is skipped.
            let _ = worker.orders.send(order.clone());
        }
    }

    pub(super) fn order(&self, index: usize, order: DownMsg<Down>) -> Result<(), SendError<DownMsg<Down>>> {
        self.workers[index].orders.send(order)
    }

    #[expect(clippy::type_complexity, reason = "the pool's own signature")]
    pub(super) fn get(&self, index: usize) -> Option<(&P::JoinHandle<()>, Sender<DownMsg<Down>, P>)> {
        self.workers.get(index).map(|worker| (&worker.thread, worker.orders.clone()))
    }

    /// Gives up the means to send, and orders all workers to stop. What is left to do is to receive until the
    /// channel is disconnected, and to join.
    pub(super) fn stop(self) -> (Receiver<Up, P>, Vec<P::JoinHandle<()>>) {
        drop(self.sender);
        let ordered = self.workers.into_iter().map(|Worker { orders, thread }| {
            // A worker that has dropped its receiver needs no order.
            let _ = orders.send(DownMsg::Stop);
            thread
        });
        (self.receiver, ordered.collect())
    }
}

/// Joins all threads, in order, and returns the panics.
pub(super) fn join_all<P: Threads>(threads: Vec<P::JoinHandle<()>>) -> Vec<WorkerPanic> {
    let ends = threads.into_iter().map(P::JoinHandle::join).enumerate();
    ends.filter_map(|(worker, end)| end.err().map(|payload| WorkerPanic { worker, payload })).collect()
}
