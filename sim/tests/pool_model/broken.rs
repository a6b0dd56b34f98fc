//! Raddle's WorkerPool with a planted bug, in a wrapper around it.

use std::mem;
use std::sync::Arc;
use std::sync::mpsc::{RecvError, SendError};

use raddle::platform::{Mutex, Payload};
use raddle_sim::platform::{Sim, SimMutex};
use raddle_sim::systems::pool::{Feature, Message, Ours, Subject, Value};

/// What is wrong with the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// The first turn is that of the first worker.
    BeginsWithTheFirst,
    /// A stop that reports panics has lost the values then.
    LosesValuesOfPanics,
    /// The drop of the iterator of a stop drops nothing.
    ForgetsUnreceived,
    /// `stop_and_join` gives the values in the wrong order.
    Reverses,
    /// A broadcast ends at the first worker that has dropped its receiver.
    BroadcastGivesUp,
    /// A second worker is refused although its thread could be created.
    RefusesWork,
    /// The iterator of a stop drops values under a lock that the pool takes, too.
    DropsUnderLock,
}

type Inner = Ours<Sim>;

pub(crate) struct Broken {
    pool: Inner,
    bug: Option<Bug>,
    /// Whose turn it is, by the bug's count.
    turn: usize,
    lock: Lock,
}

type Lock = Arc<SimMutex<()>>;

/// What `stop` gives.
pub(crate) struct BrokenAll {
    values: Option<<Inner as Subject>::All>,
    forgets: bool,
    lock: Option<Lock>,
}

impl Broken {
    pub(crate) fn new(capacity: u32, bug: Option<Bug>) -> Self {
        Broken { pool: Ours::new(capacity), bug, turn: 0, lock: Arc::new(SimMutex::new(())) }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn workers(&self) -> usize {
        (0..).take_while(|index| self.pool.get(*index).is_some()).count()
    }
}

impl Iterator for BrokenAll {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        self.values.as_mut().and_then(Iterator::next)
    }
}

impl Drop for BrokenAll {
    fn drop(&mut self) {
        if self.forgets {
            // Its workers may go on as if somebody would receive from them.
            mem::forget(self.values.take());
        }
        let _held = self.lock.as_ref().map(|lock| lock.lock());
        drop(self.values.take());
    }
}

impl Subject for Broken {
    type Platform = Sim;
    type Sender = <Inner as Subject>::Sender;
    type Receiver = <Inner as Subject>::Receiver;
    type Down = <Inner as Subject>::Down;
    type Burst<'a> = <Inner as Subject>::Burst<'a>;
    type All = BrokenAll;

    const OFFERS: &'static [Feature] = Inner::OFFERS;
    const TIES: bool = Inner::TIES;

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

    fn stop(&mut self) -> BrokenAll {
        self.turn = 0;
        let lock = self.has(Bug::DropsUnderLock).then(|| Arc::clone(&self.lock));
        BrokenAll { values: Some(self.pool.stop()), forgets: self.has(Bug::ForgetsUnreceived), lock }
    }

    fn stop_and_join(&mut self) -> Vec<Value> {
        self.turn = 0;
        let mut values = self.pool.stop_and_join();
        if self.has(Bug::Reverses) {
            values.reverse();
        }
        values
    }

    fn broadcast(&self, message: Message) {
        let _held = self.has(Bug::DropsUnderLock).then(|| self.lock.lock());
        if !self.has(Bug::BroadcastGivesUp) {
            return self.pool.broadcast(message);
        }
        let lines = (0..).map_while(|index| self.pool.get(index));
        // Each has a clone; the first one that refuses it ends the broadcast.
        let _ = lines.map(|line| line.send(message.clone())).find(Result::is_err);
    }

    fn broadcast_one(&mut self, message: Message) -> Result<(), SendError<Message>> {
        match self.workers() {
            0 => Err(SendError(message)),
            _ if !self.has(Bug::BeginsWithTheFirst) => self.pool.broadcast_one(message),
            count => {
                let index = self.turn % count;
                self.turn += 1;
                self.pool.get(index).expect("there are so many").send(message)
            }
        }
    }

    fn get(&self, index: usize) -> Option<Self::Down> {
        self.pool.get(index)
    }

    fn try_execute<F>(&mut self, work: F) -> Result<(), F>
    where
        F: FnOnce(Self::Sender, Self::Receiver) + Send + 'static,
    {
        if self.has(Bug::RefusesWork) && self.workers() == 1 {
            Err(work)
        } else {
            self.pool.try_execute(work)
        }
    }

    fn try_stop_and_join(&mut self) -> (Vec<Value>, Vec<Payload>) {
        self.turn = 0;
        let (mut values, panics) = self.pool.try_stop_and_join();
        if self.has(Bug::LosesValuesOfPanics) && !panics.is_empty() {
            values.clear();
        }
        (values, panics)
    }
}
