//! The worker of a program.

use std::sync::mpsc::{RecvError, TryRecvError};

use raddle::DownMsg;
use raddle::platform::Memory;
use raddle_spec::pool::WorkerId;

use super::WorkerStep;
use super::manager::reenter;
use super::stage::Stage;
use crate::kernel::PlannedPanic;
use crate::platform::Sim;
use crate::systems::pool::{Inlet, Sent, Subject, Up, Worker};

/// What a worker has.
struct Part<'a, S: Subject> {
    senders: Vec<Up<S>>,
    receiver: Option<Inlet<S>>,
    id: WorkerId,
    stage: &'a Stage,
    /// It has read that it is to stop, or that there is nobody to say so.
    is_told: bool,
}

/// The closure of a worker: does what it is told to do.
pub(super) fn work<S: Subject<Platform = Sim>>(worker: Worker<S>, stage: &Stage) {
    let (up, down, id) = worker.into_parts();
    let mut part = Part { senders: vec![up], receiver: Some(down), id, stage, is_told: false };
    while let Some(step) = stage.next_of_worker(part.number()) {
        match step {
            WorkerStep::Return => break,
            WorkerStep::Panic => {
                part.retire();
                Sim::resume_unwind(Box::new(PlannedPanic(id.0)));
            }
            WorkerStep::DropSender if part.senders.len() == 1 => {
                part.retire();
                part.senders.clear();
            }
            step => part.step(step),
        }
    }
    part.retire();
}

impl<S: Subject> Part<'_, S> {
    fn number(&self) -> usize {
        self.id.0 as usize
    }

    fn step(&mut self, step: WorkerStep) {
        match (step, self.senders.last()) {
            (WorkerStep::Send, Some(sender)) => self.note(sender.send_with(reenter)),
            (WorkerStep::TrySend, Some(sender)) => self.note(sender.try_send_with(reenter)),
            (WorkerStep::CloneSender, Some(sender)) => {
                let clone = sender.clone();
                self.senders.push(clone);
            }
            (WorkerStep::DropSender, Some(_)) => drop(self.senders.pop()),
            (WorkerStep::Recv, _) if !self.is_told => self.recv(),
            (WorkerStep::Recv | WorkerStep::TryRecv, _) => self.try_recv(),
            (WorkerStep::DropReceiver, _) => drop(self.receiver.take()),
            _ => {}
        }
    }

    fn note(&self, sent: Sent) {
        if sent == Sent::Sent {
            self.stage.has_sent(self.number());
        }
    }

    /// Makes itself unavailable, after sending as long as the manager depends on it, which may call `recv` again meanwhile.
    fn retire(&self) {
        if let Some(sender) = self.senders.last() {
            while self.stage.is_last_hope(self.number()) {
                self.note(sender.send_with(reenter));
            }
            self.stage.set_available(self.number(), false);
        }
    }

    fn recv(&mut self) {
        if self.receiver.is_some() {
            self.retire();
        }
        if let Some(receiver) = &self.receiver {
            self.is_told = matches!(receiver.recv(), Ok(DownMsg::Stop) | Err(RecvError));
            self.stage.set_available(self.number(), !self.senders.is_empty());
        }
    }

    fn try_recv(&mut self) {
        if let Some(receiver) = &self.receiver {
            self.is_told |=
                matches!(receiver.try_recv(), Ok(DownMsg::Stop) | Err(TryRecvError::Disconnected));
        }
    }
}
