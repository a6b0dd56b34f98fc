//! A pool of threads that send values up to one manager, and take orders from it.
//!
//! # The problem
//!
//! Some threads do long work and report as they go; one thread, the manager, starts them, reads what they
//! report, tells them to pause or to stop, and wants to have them back at the end. Reports go through a
//! channel with a bound, so that the workers cannot run ahead of the manager. That makes stopping hard:
//! a worker that waits for room in a full channel does not hear the order to stop, and a manager that waits for
//! the worker's end does not make room.
//!
//! # The idea
//!
//! A [`WorkerPool`] stops in phases. It orders all workers to stop, gives up its own handle for sending, and
//! then receives until the channel is disconnected: so every worker that waits for room gets it, hears of
//! the order, and ends; the last one disconnects the channel. Only then are the threads joined. What was
//! received meanwhile is handed out, so no value is lost.
//!
//! # Generations
//!
//! Each stop begins a new *generation*: new channels, no workers. What is sent by workers of an
//! earlier generation never turns up in a later one.
//!
//! # What workers owe
//!
//! [`stop_and_join`](WorkerPool::stop_and_join), and [`stop`](WorkerPool::stop) if iterated to its end, return
//! if every worker keeps these obligations:
//!
//! - O1: It goes on to read its receiver, or ends by itself. Other than for the receiver it waits for its own
//!   sender only.
//! - O2: After it has read [`DownMsg::Stop`], or that the channel is disconnected, it ends after finitely many
//!   steps. The only one that may block is sending.
//! - O3: It sends finitely often after that.
//! - O4: What was ordered before the stop is finite, and it is done with each order in finite time.
//! - O5: All clones of its [`WorkerSender`] are dropped when its closure ends. A sender that is leaked, for instance
//!   by `mem::forget`, keeps the channel connected for ever.
//!
//! and, with `stop`, the manager keeps this one:
//!
//! - O6: It goes on to call `next`, or drops the iterator. Nobody makes room otherwise.
//!
//! # Look-ahead
//!
//! The receiver takes all queued messages at once (see [`channel`](crate::channel)). What it took and has not
//! returned yet, and what a burst did not get to because its iterator was dropped, comes first in whatever
//! receives next: [`recv`](WorkerPool::recv), [`recv_burst`](WorkerPool::recv_burst), [`stop`](WorkerPool::stop)
//! and [`stop_and_join`](WorkerPool::stop_and_join) alike, in the order in which it was sent.
//!
//! # Where this differs from `worker-pool`
//!
//! The API follows `worker-pool` of version 0.2, which needs a nightly compiler. Where its documentation and its
//! code disagree, or both surprise:
//!
//! | subject | there | here |
//! |---|---|---|
//! | a burst | compares the clock with a time stamp in each message | counts what has been sent, see [`channel`](crate::channel#bursts) |
//! | a worker panics | the first panic goes on at once; other threads are detached | all are joined, then the first panic in the order of `execute` goes on |
//! | values, if a worker panicked | lost | lost by `stop_and_join`; [`try_stop_and_join`](WorkerPool::try_stop_and_join) returns them |
//! | no thread can be started | panics, and the closure is lost | the same; [`try_execute`](WorkerPool::try_execute) returns error and closure |
//! | `WorkerSender` | not `Send`, but `Sync`, so that clones reach other threads | neither |
//! | channels | those of `std` | [our own](crate::channel), with the same methods |
//! | messages under way | at most the buffer's length, and one look-ahead | the buffer's length, and fewer than that taken at once |
//! | `UpMsg` | its clock ends the bursts | a type that stands alone |

mod worker;

pub mod iterator;
mod msg;
mod orders;
mod outcome;
mod team;

use alloc::vec::Vec;

pub use self::iterator::{RecvAllIterator, RecvBurstIterator};
pub use self::msg::{DownMsg, UpMsg};
pub use self::outcome::{ExecuteError, WorkerPanic, WorkersPanicked};
pub use self::worker::{WorkerReceiver, WorkerSender};
pub use crate::channel::{Receiver, RecvError, SendError, Sender, SyncSender, TryRecvError, TrySendError};
pub use crate::{recv_break, try_recv_break};

#[doc(hidden)]
pub use self::orders::{Ended, next_order, try_next_order};

use self::team::Team;
use crate::channel::sync_channel_on;
use crate::platform::{Native, Threads};

/// Threads that send `Up` values to their manager, and take [orders](DownMsg), `Down` among them, from it.
///
/// Dropping the pool stops nobody: the workers see that their channels are disconnected, and their threads
/// are detached.
///
/// # Examples
///
/// Workers count until they are stopped.
///
/// ```
/// use raddle::{WorkerPool, recv_break, try_recv_break};
///
/// let mut pool = WorkerPool::<u64, ()>::new(4);
/// pool.execute_many(2, |tx, rx| {
///     for number in 0.. {
///         let _none = try_recv_break!(rx); // ends the loop when the pool stops
///         if tx.send(number).is_err() {
///             break;
///         }
///     }
/// });
///
/// assert_eq!(pool.recv(), Ok(0));
/// for number in pool.recv_burst() {
///     println!("{number} was sent before the burst began");
/// }
/// let rest = pool.stop_and_join(); // joins both, though they wait for room most of the time
/// println!("{} more were under way", rest.len());
///
/// // The pool can be used again.
/// pool.execute(|tx, rx| loop {
///     let () = recv_break!(rx);
///     tx.send(7).unwrap();
/// });
/// pool.broadcast(raddle::DownMsg::Other(()));
/// assert_eq!(pool.stop().collect::<Vec<_>>(), [7]);
/// ```
#[derive(Debug)]
pub struct WorkerPool<Up: Send + 'static, Down: Send + 'static, P: Threads = Native> {
    buffer_length: usize,
    /// The worker that `broadcast_one` chose last.
    last_chosen: usize,
    team: Team<Up, Down, P>,
}

impl<Up: Send + 'static, Down: Send + 'static> WorkerPool<Up, Down> {
    /// A pool without workers, on the platform of the operating system. At most `buffer_length` values wait to
    /// be taken; then workers block in [`send`](WorkerSender::send). With 0, `send` blocks until its value was
    /// taken.
    ///
    /// ```
    /// let pool = raddle::WorkerPool::<u32, ()>::new(16);
    /// assert_eq!(pool.buffer_length(), 16);
    /// ```
    #[must_use]
    pub fn new(buffer_length: usize) -> Self {
        Self::new_on(buffer_length)
    }
}

impl<Up: Send + 'static, Down: Send + 'static, P: Threads> WorkerPool<Up, Down, P> {
    /// A pool without workers, as [`new`](WorkerPool::new), on the platform that its type names.
    ///
    /// ```
    /// use raddle::{WorkerPool, platform::Std};
    ///
    /// let pool = WorkerPool::<u32, (), Std>::new_on(16);
    /// assert!(pool.get(0).is_none());
    /// ```
    #[must_use]
    pub fn new_on(buffer_length: usize) -> Self {
        WorkerPool { buffer_length, last_chosen: 0, team: Team::new(sync_channel_on(buffer_length)) }
    }

    /// How many values may wait to be taken: the number that the pool was made with.
    pub fn buffer_length(&self) -> usize {
        self.buffer_length
    }

    /// Starts a thread that calls `body` with the means to send values and to take orders. Does not wait for it.
    ///
    /// # Panics
    ///
    /// If the thread cannot be started. The pool is as before then; see
    /// [`try_execute`](WorkerPool::try_execute) for one that does not panic.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(1);
    /// pool.execute(|tx, _rx| tx.send("done").unwrap());
    /// assert_eq!(pool.recv(), Ok("done"));
    /// ```
    pub fn execute<F>(&mut self, body: F)
    where
        F: FnOnce(WorkerSender<Up, P>, WorkerReceiver<Down, P>) + Send + 'static,
    {
        if let Err(error) = self.try_execute(body) {
            panic!("{error}");
        }
    }

    /// As [`execute`](WorkerPool::execute), but does not panic.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started: why not, and `body`, which was not called. The pool is as before.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<u32, ()>::new(1);
    /// if let Err(error) = pool.try_execute(|tx, _rx| tx.send(1).unwrap()) {
    ///     eprintln!("{error}");
    ///     let _body = error.body; // to be tried again later
    /// }
    /// assert_eq!(pool.stop_and_join(), [1]);
    /// ```
    pub fn try_execute<F>(&mut self, body: F) -> Result<(), ExecuteError<F>>
    where
        F: FnOnce(WorkerSender<Up, P>, WorkerReceiver<Down, P>) + Send + 'static,
    {
        self.team.try_execute(body)
    }

    /// Starts `count` threads, each with a clone of `body`.
    ///
    /// # Panics
    ///
    /// If one of them cannot be started. Those before it run.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(3);
    /// pool.execute_many(3, |tx, _rx| tx.send(1).unwrap());
    /// assert_eq!(pool.stop_and_join(), [1, 1, 1]);
    /// ```
    pub fn execute_many<F>(&mut self, count: usize, body: F)
    where
        F: FnOnce(WorkerSender<Up, P>, WorkerReceiver<Down, P>) + Clone + Send + 'static,
    {
        for _ in 0..count {
            self.execute(body.clone());
        }
    }

    /// The next value. Blocks until there is one: for ever, if there is no worker that sends.
    ///
    /// # Errors
    ///
    /// None: the pool keeps a handle for sending, for the workers that are yet to come, so its channel is never
    /// disconnected. The type is that of [`Receiver::recv`].
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(0);
    /// pool.execute(|tx, _rx| tx.send(1).unwrap());
    /// assert_eq!(pool.recv(), Ok(1));
    /// ```
    pub fn recv(&mut self) -> Result<Up, RecvError> {
        self.team.receiver.recv()
    }

    /// The values that have been sent by now. Neither this nor the iterator's `next` blocks, save for the moment that a worker which
    /// was interrupted in the middle of `send` needs to go on.
    ///
    /// *Sent* means that [`send`](WorkerSender::send) has been called and has looked at the channel; those that
    /// wait for room count, too. The iterator ends, however fast the workers send meanwhile. What it is
    /// dropped with is received later.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(8);
    /// pool.execute(|tx, _rx| (0..3).for_each(|number| tx.send(number).unwrap()));
    /// # while pool.get(0).is_some_and(|(thread, _)| !thread.is_finished()) {}
    /// // When the worker has ended:
    /// assert_eq!(pool.recv_burst().next(), Some(0));
    /// assert_eq!(pool.recv_burst().collect::<Vec<_>>(), [1, 2]);
    /// assert_eq!(pool.recv_burst().next(), None);
    /// ```
    pub fn recv_burst(&mut self) -> RecvBurstIterator<'_, Up, P> {
        RecvBurstIterator::new(&mut self.team.receiver)
    }

    /// Orders all workers to stop, and returns an iterator over the values that are still to come. Its `next`
    /// blocks until there is one or all threads have ended. This call does not block.
    ///
    /// The pool begins a new generation: it has no workers now, and can be given new ones at once.
    ///
    /// Iterated to its end, it joins all threads. Dropped before that, it detaches them; workers that send
    /// get their value back as an error.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(1);
    /// pool.execute(|tx, _rx| (0..100).for_each(|number| tx.send(number).unwrap()));
    /// assert_eq!(pool.stop().sum::<i32>(), 4950);
    /// ```
    pub fn stop(&mut self) -> RecvAllIterator<Up, P> {
        let (receiver, threads) = self.next_generation().stop();
        RecvAllIterator::new(receiver, threads)
    }

    /// Orders all workers to stop, waits until all threads have ended, and returns the values that had not been
    /// received, those included that were sent meanwhile.
    ///
    /// It cannot deadlock, whatever the length of the buffer, as long as the workers keep
    /// [O1 to O5](self#what-workers-owe). The pool begins a new generation.
    ///
    /// # Panics
    ///
    /// If workers panicked: with the panic of the one that was started first. All other threads have been joined
    /// then; the values are lost. [`try_stop_and_join`](WorkerPool::try_stop_and_join) loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(1);
    /// pool.execute(|tx, _rx| (0..4).for_each(|number| tx.send(number).unwrap()));
    /// assert_eq!(pool.stop_and_join(), [0, 1, 2, 3]);
    /// ```
    pub fn stop_and_join(&mut self) -> Vec<Up> {
        match self.try_stop_and_join() {
            Ok(values) => values,
            Err(error) => error.resume::<P>(),
        }
    }

    /// As [`stop_and_join`](WorkerPool::stop_and_join), but panics of workers are returned.
    ///
    /// # Errors
    ///
    /// If workers panicked: the panics, and the values of all workers.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut pool = raddle::WorkerPool::<_, ()>::new(1);
    /// pool.execute(|tx, _rx| {
    ///     tx.send(1).unwrap();
    ///     panic!("no more");
    /// });
    /// let error = pool.try_stop_and_join().unwrap_err();
    /// assert_eq!(error.values, [1]);
    /// assert_eq!(error.panics[0].worker, 0);
    /// assert_eq!(error.panics[0].payload.downcast_ref(), Some(&"no more"));
    /// ```
    pub fn try_stop_and_join(&mut self) -> Result<Vec<Up>, WorkersPanicked<Up>> {
        let (receiver, threads) = self.next_generation().stop();
        let values = receiver.iter().collect();
        let panics = team::join_all::<P>(threads);
        if panics.is_empty() { Ok(values) } else { Err(WorkersPanicked { values, panics }) }
    }

    /// Gives a clone of `order` to every worker, in the order in which they were started. Workers that have
    /// dropped their receiver are skipped. Never blocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::{DownMsg, WorkerPool, recv_break};
    ///
    /// let mut pool = WorkerPool::new(2);
    /// pool.execute_many(2, |tx, rx| loop {
    ///     let number: u32 = recv_break!(rx);
    ///     tx.send(number + 1).unwrap();
    /// });
    /// pool.broadcast(DownMsg::Other(1));
    /// assert_eq!(pool.stop_and_join(), [2, 2]);
    /// ```
    pub fn broadcast(&self, order: DownMsg<Down>)
    where
        Down: Clone,
    {
        self.team.broadcast(order);
    }

    /// Gives `order` to one worker: to each in turn, in the order in which they were started, but beginning
    /// with the *second*. Never blocks.
    ///
    /// Workers that have dropped their receiver keep their turn.
    ///
    /// # Errors
    ///
    /// The order, if there are no workers, or the one whose turn it is has dropped its receiver. The next call
    /// turns to the next worker.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::{DownMsg, WorkerPool, recv_break};
    ///
    /// let mut pool = WorkerPool::<_, u32>::new(2);
    /// assert!(pool.broadcast_one(DownMsg::Other(1)).is_err());
    ///
    /// pool.execute(|tx, rx| loop { tx.send(("first", recv_break!(rx))).unwrap() });
    /// pool.execute(|tx, rx| loop { tx.send(("second", recv_break!(rx))).unwrap() });
    /// pool.broadcast_one(DownMsg::Other(1)).unwrap();
    /// assert_eq!(pool.recv(), Ok(("second", 1)));
    /// pool.broadcast_one(DownMsg::Other(2)).unwrap();
    /// assert_eq!(pool.recv(), Ok(("first", 2)));
    /// ```
    pub fn broadcast_one(&mut self, order: DownMsg<Down>) -> Result<(), SendError<DownMsg<Down>>> {
        let workers = self.team.len();
        if workers == 0 {
            return Err(SendError(order));
        }
        self.last_chosen = (self.last_chosen + 1) % workers;
        self.team.order(self.last_chosen, order)
    }

    /// The thread of the worker that was started as number `index`, from 0, since the last stop, and a sender of
    /// orders to it. The sender may outlive a stop; then it fails when the worker drops its receiver.
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle::{DownMsg, WorkerPool, recv_break};
    ///
    /// let mut pool = WorkerPool::<u32, u32>::new(1);
    /// pool.execute(|tx, rx| loop { tx.send(recv_break!(rx)).unwrap() });
    ///
    /// let (_thread, orders) = pool.get(0).unwrap();
    /// orders.send(DownMsg::Other(5)).unwrap();
    /// assert_eq!(pool.recv(), Ok(5));
    /// assert!(pool.get(1).is_none());
    /// ```
    #[expect(clippy::type_complexity, reason = "two things, of which one is borrowed")]
    pub fn get(&self, index: usize) -> Option<(&P::JoinHandle<()>, Sender<DownMsg<Down>, P>)> {
        self.team.get(index)
    }

    /// Puts a new generation into the place of this one.
    fn next_generation(&mut self) -> Team<Up, Down, P> {
        self.last_chosen = 0;
        core::mem::replace(&mut self.team, Team::new(sync_channel_on(self.buffer_length)))
    }
}
