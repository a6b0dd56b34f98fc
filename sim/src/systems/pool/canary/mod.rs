//! The canary: a worker pool with a planted bug that every driver must find, and its clean twin, which none may flag.
//!
//! Both keep the values in a queue behind a lock, stamped with the time at which their senders began. A burst notes the time when
//! it begins and yields what is not stamped later. The first value that is stamped later is out of the queue by then: it is kept
//! as a look-ahead for the next receive, whichever that is. The canary's `stop` and `stop_and_join` do not think of it: it stays
//! in the pool, and turns up in the next generation, if there is one.
//!
//! The same pool can be built with [other bugs](bug) of its kind, for tests of the testbed.

mod queue;

use std::fmt;
use std::marker::PhantomData;
use std::sync::mpsc::{RecvError, SendError, TryRecvError, TrySendError};

use raddle::DownMsg;
use raddle::platform::{Join, Payload, Threads};

use super::items::Value;
use super::subject::{Message, ReceiveDown, SendDown, SendUp, Subject};
use queue::{Receiver, Sender, Stamped, channel};

/// What is wrong with a [`QueuePool`].
pub mod bug {
    /// Nothing.
    pub const NONE: u8 = 0;
    /// `stop` and `stop_and_join` leave the look-ahead behind.
    pub const LOSES_LOOK_AHEAD: u8 = 1;
    /// A burst leaves values that are stamped with the time at which it began.
    pub const SPURNS_TIES: u8 = 2;
    /// `stop_and_join` joins the workers before it receives what they send.
    pub const JOINS_FIRST: u8 = 3;
    /// A burst yields whatever is there, stamped later or not.
    pub const NEVER_HAS_ENOUGH: u8 = 4;
    /// A burst begins at its first `next`, although its pool says that it has no ties.
    pub const BEGINS_LATE: u8 = 5;
    /// `execute` panics now and then, for want of a thread that it has not asked for.
    pub const CRIES_WOLF: u8 = 6;
}

/// A worker pool around a locked queue. `BUG` is one of the constants of [`bug`].
pub struct QueuePool<P: Threads, const BUG: u8> {
    capacity: u32,
    /// The pool's own, so that the channel stays connected without workers.
    sender: Sender<P, Value>,
    receiver: Receiver<P, Value>,
    look_ahead: Option<Stamped<Value>>,
    /// In the order of `execute`.
    workers: Vec<(Sender<P, Message>, P::JoinHandle<()>)>,
    /// Whose turn it was last in `broadcast_one`.
    turn: usize,
}

impl<P: Threads, const BUG: u8> fmt::Debug for QueuePool<P, BUG> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuePool").field("bug", &BUG).finish_non_exhaustive()
    }
}

/// What a worker of a [`QueuePool`] sends by. Neither `Send` nor `Sync`.
pub struct UpSender<P: Threads>(Sender<P, Value>, PhantomData<*const ()>);

/// What a worker of a [`QueuePool`] receives by.
pub struct DownReceiver<P: Threads>(Receiver<P, Message>);

/// A way down to a worker of a [`QueuePool`].
pub struct DownSender<P: Threads>(Sender<P, Message>);

impl<P: Threads> fmt::Debug for UpSender<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UpSender")
    }
}

impl<P: Threads> fmt::Debug for DownReceiver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DownReceiver")
    }
}

impl<P: Threads> fmt::Debug for DownSender<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DownSender")
    }
}

impl<P: Threads> Clone for UpSender<P> {
    fn clone(&self) -> Self {
        UpSender(self.0.clone(), PhantomData)
    }
}

impl<P: Threads> Clone for DownSender<P> {
    fn clone(&self) -> Self {
        DownSender(self.0.clone())
    }
}

impl<P: Threads> SendUp for UpSender<P> {
    fn send(&self, value: Value) -> Result<(), SendError<Value>> {
        self.0.send(value)
    }

    fn try_send(&self, value: Value) -> Result<(), TrySendError<Value>> {
        self.0.try_send(value)
    }
}

impl<P: Threads> ReceiveDown for DownReceiver<P> {
    fn recv(&self) -> Result<Message, RecvError> {
        self.0.recv()
    }

    fn try_recv(&self) -> Result<Message, TryRecvError> {
        self.0.try_recv().map(|stamped| stamped.message)
    }
}

impl<P: Threads> SendDown for DownSender<P> {
    fn send(&self, message: Message) -> Result<(), SendError<Message>> {
        self.0.send(message)
    }
}

impl<P: Threads, const BUG: u8> QueuePool<P, BUG> {
    /// A pool without workers, whose channel has room for so many values.
    #[must_use]
    pub fn new(capacity: u32) -> Self {
        let (sender, receiver) = channel(Some(capacity as usize));
        QueuePool { capacity, sender, receiver, look_ahead: None, workers: Vec::new(), turn: 0 }
    }

    /// Begins a new generation. What is left of the one before: the way up, and the threads, which are told to stop.
    fn retire(&mut self) -> QueueAll<P> {
        let (sender, receiver) = channel(Some(self.capacity as usize));
        let receiver = std::mem::replace(&mut self.receiver, receiver);
        let look_ahead = if BUG == bug::LOSES_LOOK_AHEAD { None } else { self.look_ahead.take() };
        self.turn = 0;
        let tell = |(line, handle): (Sender<P, Message>, P::JoinHandle<()>)| {
            // A worker that is gone need not be told.
            let _ = line.send(DownMsg::Stop);
            handle
        };
        let handles = self.workers.drain(..).map(tell).collect();
        drop(std::mem::replace(&mut self.sender, sender));
        QueueAll { receiver, look_ahead: look_ahead.map(|stamped| stamped.message), handles }
    }
}

const NO_THREAD: &str = "the platform starts no thread";

/// Joins all threads. The first panic comes out at the end.
fn join_all<P: Threads>(handles: Vec<P::JoinHandle<()>>) -> Result<(), Payload> {
    let results: Vec<Result<(), Payload>> = handles.into_iter().map(Join::join).collect();
    results.into_iter().collect()
}

impl<P: Threads, const BUG: u8> Subject for QueuePool<P, BUG> {
    type Platform = P;
    type Sender = UpSender<P>;
    type Receiver = DownReceiver<P>;
    type Down = DownSender<P>;
    type Burst<'a> = QueueBurst<'a, P, BUG>;
    type All = QueueAll<P>;

    const TIES: bool = BUG != bug::BEGINS_LATE;

    fn execute<F>(&mut self, work: F)
    where
        F: FnOnce(UpSender<P>, DownReceiver<P>) + Send + 'static,
    {
        assert!(BUG != bug::CRIES_WOLF || P::random_below(2) == 0, "{NO_THREAD}");
        let (line, inlet) = channel(None);
        let sender = self.sender.clone();
        let body = move || work(UpSender(sender, PhantomData), DownReceiver(inlet));
        match P::spawn("worker", body) {
            Ok(handle) => self.workers.push((line, handle)),
            Err(error) => {
                // Before the panic: it locks, and not every checker can go on with another thread while one unwinds.
                drop(line);
                panic!("{NO_THREAD}: {error}")
            }
        }
    }

    fn execute_many<F>(&mut self, count: usize, work: F)
    where
        F: FnOnce(UpSender<P>, DownReceiver<P>) + Clone + Send + 'static,
    {
        (0..count).for_each(|_| self.execute(work.clone()));
    }

    fn recv(&mut self) -> Result<Value, RecvError> {
        match self.look_ahead.take() {
            Some(stamped) => Ok(stamped.message),
            None => self.receiver.recv(),
        }
    }

    fn recv_burst(&mut self) -> QueueBurst<'_, P, BUG> {
        // Time has a granularity: whether it passes now or only later is left open.
        let moves_on = !matches!(BUG, bug::SPURNS_TIES | bug::BEGINS_LATE) && P::random_below(2) == 0;
        let began = self.receiver.time(moves_on);
        QueueBurst { pool: self, began, has_moved_on: moves_on }
    }

    fn stop(&mut self) -> QueueAll<P> {
        self.retire()
    }

    fn stop_and_join(&mut self) -> Vec<Value> {
        let QueueAll { receiver, look_ahead, mut handles } = self.retire();
        let early =
            if BUG == bug::JOINS_FIRST { join_all::<P>(std::mem::take(&mut handles)) } else { Ok(()) };
        let mut values: Vec<Value> = look_ahead.into_iter().collect();
        values.extend(std::iter::from_fn(|| receiver.recv().ok()));
        if let Err(payload) = early.and(join_all::<P>(handles)) {
            // Before the panic goes on, as above.
            drop(receiver);
            P::resume_unwind(payload);
        }
        values
    }

    fn broadcast(&self, message: Message) {
        for (line, _) in &self.workers {
            // A worker that is gone is left out.
            let _ = line.send(message.clone());
        }
    }

    fn broadcast_one(&mut self, message: Message) -> Result<(), SendError<Message>> {
        if self.workers.is_empty() {
            return Err(SendError(message));
        }
        self.turn = (self.turn + 1) % self.workers.len();
        self.workers[self.turn].0.send(message)
    }

    fn get(&self, index: usize) -> Option<DownSender<P>> {
        self.workers.get(index).map(|(line, _)| DownSender(line.clone()))
    }
}

/// A burst of a [`QueuePool`].
pub struct QueueBurst<'a, P: Threads, const BUG: u8> {
    pool: &'a mut QueuePool<P, BUG>,
    began: u64,
    has_moved_on: bool,
}

impl<P: Threads, const BUG: u8> fmt::Debug for QueueBurst<'_, P, BUG> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueBurst").field("began", &self.began).finish_non_exhaustive()
    }
}

impl<P: Threads, const BUG: u8> Iterator for QueueBurst<'_, P, BUG> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        if !self.has_moved_on {
            self.pool.receiver.time(true);
            self.has_moved_on = true;
        }
        let next = self.pool.look_ahead.take().or_else(|| self.pool.receiver.try_recv().ok())?;
        let is_in = match BUG {
            bug::SPURNS_TIES => next.stamp < self.began,
            bug::NEVER_HAS_ENOUGH => true,
            _ => next.stamp <= self.began,
        };
        if is_in {
            return Some(next.message);
        }
        self.pool.look_ahead = Some(next);
        None
    }
}

/// The values of a generation of a [`QueuePool`] that was stopped.
pub struct QueueAll<P: Threads> {
    receiver: Receiver<P, Value>,
    look_ahead: Option<Value>,
    /// Those that are not joined yet.
    handles: Vec<P::JoinHandle<()>>,
}

impl<P: Threads> fmt::Debug for QueueAll<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueAll").finish_non_exhaustive()
    }
}

impl<P: Threads> Iterator for QueueAll<P> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let next = self.look_ahead.take().or_else(|| self.receiver.recv().ok());
        if next.is_none()
            && let Err(payload) = join_all::<P>(std::mem::take(&mut self.handles))
        {
            P::resume_unwind(payload);
        }
        next
    }
}
