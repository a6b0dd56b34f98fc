//! What an implementation of a worker pool offers to the scenarios.

use std::sync::mpsc::{RecvError, SendError, TryRecvError, TrySendError};

use raddle::DownMsg;
use raddle::platform::{Payload, Threads};

use super::items::{Note, Value};

/// A message to a worker.
pub type Message = DownMsg<Note>;

/// A part of the API that not every implementation has. Scenarios that need a part which a subject does not offer are left out,
/// and counted as left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// `try_execute`.
    TryExecute,
    /// `try_stop_and_join`.
    TryStopAndJoin,
}

impl Feature {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Feature::TryExecute => "try_execute",
            Feature::TryStopAndJoin => "try_stop_and_join",
        }
    }
}

/// A worker's way up to the manager.
pub trait SendUp: Clone {
    /// Sends `value`; waits while there is no room.
    ///
    /// # Errors
    ///
    /// The value, if nobody will ever receive it.
    fn send(&self, value: Value) -> Result<(), SendError<Value>>;

    /// Sends `value` if that takes no waiting.
    ///
    /// # Errors
    ///
    /// The value, if there is no room or if nobody will ever receive it.
    fn try_send(&self, value: Value) -> Result<(), TrySendError<Value>>;
}

/// A worker's end of the way down.
pub trait ReceiveDown {
    /// Receives a message; waits while there is none.
    ///
    /// # Errors
    ///
    /// If there is none and will never be one.
    fn recv(&self) -> Result<Message, RecvError>;

    /// Receives a message if there is one.
    ///
    /// # Errors
    ///
    /// If there is none, or will never be one.
    fn try_recv(&self) -> Result<Message, TryRecvError>;
}

/// The manager's way down to one worker.
pub trait SendDown: Clone {
    /// Sends a message. Does not wait.
    ///
    /// # Errors
    ///
    /// The message, if the worker has dropped its end.
    fn send(&self, message: Message) -> Result<(), SendError<Message>>;
}

/// An implementation of a worker pool, as the scenarios drive it.
///
/// The required methods are the core of the API; they mean what the [rules of the spec](raddle_spec::pool::RULES) say.
/// The others belong to a [`Feature`] each: implement them and list the feature in [`OFFERS`](Subject::OFFERS).
///
/// The methods are called by simulated threads. For the simulator to see inside them, the implementation must stand on the
/// platform named here: take its mutexes, condition variables and threads from there.
pub trait Subject: Sized + 'static {
    /// What the implementation stands on; [`Sim`](crate::platform::Sim) under the simulator.
    type Platform: Threads;
    /// What a worker sends values by.
    type Sender: SendUp + 'static;
    /// What a worker receives messages by.
    type Receiver: ReceiveDown + 'static;
    /// What the manager sends messages to one worker by.
    type Down: SendDown + Send + 'static;
    /// What `recv_burst` gives.
    type Burst<'a>: Iterator<Item = Value>
    where
        Self: 'a;
    /// What `stop` gives.
    type All: Iterator<Item = Value> + 'static;

    /// The parts of the API that this implementation has besides the core.
    const OFFERS: &'static [Feature] = &[];

    /// Whether a burst may give what was sent only after it began, because both have the same time. An implementation that says no is held
    /// to that as well.
    const TIES: bool = true;

    /// Starts a worker.
    ///
    /// # Panics
    ///
    /// If the platform starts no thread.
    fn execute<F>(&mut self, work: F)
    where
        F: FnOnce(Self::Sender, Self::Receiver) + Send + 'static;

    /// Starts `count` workers with clones of `work`.
    ///
    /// # Panics
    ///
    /// If the platform starts no thread.
    fn execute_many<F>(&mut self, count: usize, work: F)
    where
        F: FnOnce(Self::Sender, Self::Receiver) + Clone + Send + 'static;

    /// Receives a value; waits while there is none.
    ///
    /// # Errors
    ///
    /// Never: the pool itself could still send.
    fn recv(&mut self) -> Result<Value, RecvError>;

    /// Receives what was sent until now, without waiting.
    fn recv_burst(&mut self) -> Self::Burst<'_>;

    /// Tells all workers to stop; the iterator gives what they still send, and ends when their threads have.
    ///
    /// Its `next` panics with the payload of the first worker in `execute` order that has panicked.
    fn stop(&mut self) -> Self::All;

    /// Tells all workers to stop, and waits for the end of their threads.
    ///
    /// # Panics
    ///
    /// With the payload of the first worker in `execute` order that has panicked.
    fn stop_and_join(&mut self) -> Vec<Value>;

    /// Sends a clone of the message to each worker.
    fn broadcast(&self, message: Message);

    /// Sends the message to the worker whose turn it is.
    ///
    /// # Errors
    ///
    /// The message, if there are no workers or that worker has dropped its end.
    fn broadcast_one(&mut self, message: Message) -> Result<(), SendError<Message>>;

    /// The way down to the worker of that index.
    fn get(&self, index: usize) -> Option<Self::Down>;

    /// Starts a worker, or gives `work` back if the platform starts no thread. Belongs to [`Feature::TryExecute`].
    ///
    /// # Errors
    ///
    /// The work.
    ///
    /// # Panics
    ///
    /// Unless overridden.
    fn try_execute<F>(&mut self, work: F) -> Result<(), F>
    where
        F: FnOnce(Self::Sender, Self::Receiver) + Send + 'static,
    {
        let _ = work;
        not_implemented::<Self>("try_execute")
    }

    /// As [`stop_and_join`](Subject::stop_and_join), but panics of workers are given beside the values, in `execute` order. Belongs
    /// to [`Feature::TryStopAndJoin`].
    ///
    /// # Panics
    ///
    /// Unless overridden.
    fn try_stop_and_join(&mut self) -> (Vec<Value>, Vec<Payload>) {
        not_implemented::<Self>("try_stop_and_join")
    }
}

/// A feature that is listed in [`Subject::OFFERS`] without its method is a mistake of whoever wrote the adapter.
fn not_implemented<S>(method: &str) -> ! {
    panic!(
        "{} lists a feature in `OFFERS` whose method `{method}` it does not implement",
        std::any::type_name::<S>()
    )
}
