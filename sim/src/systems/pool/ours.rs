//! Raddle's own [`WorkerPool`](raddle::WorkerPool) as a subject.

use std::fmt;
use std::sync::mpsc::{RecvError, SendError, TryRecvError, TrySendError};

use raddle::channel::Sender;
use raddle::platform::{Payload, Threads};
use raddle::pool::{RecvAllIterator, RecvBurstIterator};
use raddle::{WorkerPool, WorkerReceiver, WorkerSender};

use super::items::{Note, Value};
use super::subject::{Feature, Message, ReceiveDown, SendDown, SendUp, Subject};

/// The WorkerPool of the crate `raddle`, on any platform.
pub struct Ours<P: Threads> {
    pool: WorkerPool<Value, Note, P>,
}

impl<P: Threads> Ours<P> {
    /// A pool without workers, whose channel has room for so many values.
    #[must_use]
    pub fn new(capacity: u32) -> Self {
        Ours { pool: WorkerPool::new_on(capacity as usize) }
    }
}

impl<P: Threads> fmt::Debug for Ours<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ours").finish_non_exhaustive()
    }
}

impl<P: Threads> SendUp for WorkerSender<Value, P> {
    fn send(&self, value: Value) -> Result<(), SendError<Value>> {
        WorkerSender::send(self, value)
    }

    fn try_send(&self, value: Value) -> Result<(), TrySendError<Value>> {
        WorkerSender::try_send(self, value)
    }
}

impl<P: Threads> ReceiveDown for WorkerReceiver<Note, P> {
    fn recv(&self) -> Result<Message, RecvError> {
        WorkerReceiver::recv(self)
    }

    fn try_recv(&self) -> Result<Message, TryRecvError> {
        WorkerReceiver::try_recv(self)
    }
}

impl<P: Threads> SendDown for Sender<Message, P> {
    fn send(&self, message: Message) -> Result<(), SendError<Message>> {
        Sender::send(self, message)
    }
}

impl<P: Threads> Subject for Ours<P> {
    type Platform = P;
    type Sender = WorkerSender<Value, P>;
    type Receiver = WorkerReceiver<Note, P>;
    type Down = Sender<Message, P>;
    type Burst<'a> = RecvBurstIterator<'a, Value, P>;
    type All = RecvAllIterator<Value, P>;

    const OFFERS: &'static [Feature] = &[Feature::TryExecute, Feature::TryStopAndJoin];
    /// It counts what has been sent.
    const TIES: bool = false;

    fn execute<F>(&mut self, work: F)
    where
        F: FnOnce(Self::Sender, Self::Receiver) + Send + 'static,
    {
        self.pool.execute(work);
    }

    fn execute_many<F>(&mut self, count: usize, work: F)
    where
        F: FnOnce(Self::Sender, Self::Receiver) + Clone + Send + 'static,
    {
        self.pool.execute_many(count, work);
    }

    fn recv(&mut self) -> Result<Value, RecvError> {
        self.pool.recv()
    }

    fn recv_burst(&mut self) -> Self::Burst<'_> {
        self.pool.recv_burst()
    }

    fn stop(&mut self) -> Self::All {
        self.pool.stop()
    }

    fn stop_and_join(&mut self) -> Vec<Value> {
        self.pool.stop_and_join()
    }

    fn broadcast(&self, message: Message) {
        self.pool.broadcast(message);
    }

    fn broadcast_one(&mut self, message: Message) -> Result<(), SendError<Message>> {
        self.pool.broadcast_one(message)
    }

    fn get(&self, index: usize) -> Option<Self::Down> {
        self.pool.get(index).map(|(_thread, sender)| sender)
    }

    fn try_execute<F>(&mut self, work: F) -> Result<(), F>
    where
        F: FnOnce(Self::Sender, Self::Receiver) + Send + 'static,
    {
        self.pool.try_execute(work).map_err(|error| error.body)
    }

    fn try_stop_and_join(&mut self) -> (Vec<Value>, Vec<Payload>) {
        match self.pool.try_stop_and_join() {
            Ok(values) => (values, Vec::new()),
            Err(error) => (error.values, error.panics.into_iter().map(|panic| panic.payload).collect()),
        }
    }
}
