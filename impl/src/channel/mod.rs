//! Channels with many senders and one receiver: unbounded, bounded, and without any buffer.
//!
//! They have the methods and the error types of `std::sync::mpsc`, and run on any
//! [platform](crate::platform), so that a checker sees what they do.
//!
//! # The idea
//!
//! All messages stand in one line: first the queue, then the *blocked* senders, each with the message that
//! found no room in the queue. A message gets its place in the line at one moment, before its sender waits for anything:
//!
//! - A **sender** appends its message to the queue, or, if that is full, itself and the message to the
//!   blocked. It does not place a message that is blocked; the receiver does so when it makes room.
//! - The **receiver** takes the whole queue at once into a buffer of its own, moves as many blocked messages
//!   up as there is room for now, and wakes their senders. It looks at the line again when its own buffer is
//!   empty. A message counts against the capacity until it is taken. So of a channel with capacity *n* at most
//!   *n* messages are queued and *n* − 1 are in the receiver's own buffer.
//! - With capacity 0 the queue has no room ever. All senders block, and the receiver takes the message of
//!   one at a time, when it is about to return it.
//!
//! A mutex guards the blocked, the receiver's turns, and, in a channel without a bound, the queue. The queue of
//! a bounded channel is a ring (`ring.rs`) to which senders append without the lock: with one addition to
//! memory that they share.
//!
//! # Invariants
//!
//! - C1: A sender is blocked only while the queue is full. So at most as many senders are woken as there are
//!   messages that found room, and whoever is woken has nothing more to wait for.
//! - C2: A receiver registers to be woken only when the line is empty. Who ends that state takes the registration and wakes
//!   it; if it woke before, it is woken once more, which does no harm.
//! - C3: All that is queued came before all that is blocked. The receiver takes from the front only.
//! - C4: Values are moved under the lock, never dropped or cloned, so no code of the user's runs under it.
//!   Threads are woken after it is released.
//! - C5: The message of a blocked sender leaves the line by being taken, or, when the receiver is gone, by its
//!   sender taking it back; never both.
//!
//! # Bursts
//!
//! [`WorkerPool::recv_burst`](crate::pool::WorkerPool::recv_burst) yields what was sent before it began. With
//! clocks this means: each send reads the clock before it waits for anything, and the burst ends at the first
//! message with a later time than its own beginning. Here the burst counts the line once, at its
//! beginning, and yields that many. The two are the same to every observer:
//!
//! The moment at which a message gets its place stands for its sender's reading of the clock: it lies within the call
//! and before any waiting. A burst counts the queue at one moment, with the lock held, so that nobody blocks or is
//! moved up meanwhile; each message has its place before that moment or gets it after. Times that are equal
//! on a clock are ordered by these moments, and the rules allow either order for them. The line is in the order of
//! these moments, by C3, so those before the burst are the first ones of the line, all of them, those of blocked
//! senders too. They stay there until they are taken, since only the receiver takes, and a blocked sender takes
//! back from a dead receiver only.
//!
//! # Differences from `std::sync::mpsc`
//!
//! | subject | there | here |
//! |---|---|---|
//! | values | any | `Send + 'static`, as they may cross threads |
//! | messages under way with capacity *n* | *n* | *n*, and those that the receiver took at once and has not returned yet, fewer than *n* |
//! | blocked senders | whoever is fastest takes free room | served in the order in which they came |
//! | memory | blocks of 31 messages (unbounded), *n* places at once (bounded) | 2 *n* places at once (bounds up to 4096); two buffers that grow with the number of messages queued at a time, and the receiver's own |
//! | a sender that is interrupted within `send` | a receiver that comes to its message yields until it goes on, in `try_recv` and when it is dropped, too | the same in a channel with a bound, also in a burst |
//! | a message that comes alone | is received at once | the same, but a receiver that looks at a queue which is growing may wait some microseconds for more |

mod errors;
mod iter;
mod line;
mod receiver;
mod ring;
mod sender;

pub use self::errors::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
pub use self::iter::{IntoIter, Iter, TryIter};
pub use self::receiver::Receiver;
pub use self::sender::{Sender, SyncSender};

use self::line::Line;
use crate::platform::{Shared, Threads};

/// A channel without a bound, on the platform of the operating system. Sending never blocks.
///
/// # Examples
///
/// ```
/// use raddle::channel::{self, RecvError};
///
/// let (sender, receiver) = channel::channel();
/// let other = sender.clone();
/// let thread = std::thread::spawn(move || other.send("from a thread"));
/// assert_eq!(receiver.recv(), Ok("from a thread"));
///
/// thread.join().unwrap().unwrap();
/// drop(sender);
/// assert_eq!(receiver.recv(), Err(RecvError));
/// ```
#[must_use]
pub fn channel<T: Send + 'static>() -> (Sender<T>, Receiver<T>) {
    channel_on()
}

/// A [`channel`] on the platform that its type names.
///
/// ```
/// use raddle::{channel, platform::Std};
///
/// let (sender, receiver) = channel::channel_on::<u32, Std>();
/// sender.send(1).unwrap();
/// assert_eq!(receiver.recv(), Ok(1));
/// ```
#[must_use]
pub fn channel_on<T: Send + 'static, P: Threads>() -> (Sender<T, P>, Receiver<T, P>) {
    let line = P::Arc::new(Line::new(usize::MAX));
    (Sender::new(line.clone()), Receiver::new(line))
}

/// A channel in which at most `bound` messages wait, on the platform of the operating system.
///
/// With a bound of 0 nothing is buffered: [`send`](SyncSender::send) returns when its value was taken, and
/// [`try_send`](SyncSender::try_send) succeeds only if the receiver is waiting already.
///
/// # Examples
///
/// ```
/// use raddle::channel::{self, TrySendError};
///
/// let (sender, receiver) = channel::sync_channel(1);
/// assert_eq!(sender.try_send(1), Ok(()));
/// assert_eq!(sender.try_send(2), Err(TrySendError::Full(2)));
///
/// // This one waits until the receiver has made room.
/// let thread = std::thread::spawn(move || sender.send(3));
/// assert_eq!(receiver.iter().collect::<Vec<_>>(), [1, 3]);
/// assert_eq!(thread.join().unwrap(), Ok(()));
/// ```
#[must_use]
pub fn sync_channel<T: Send + 'static>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    sync_channel_on(bound)
}

/// A [`sync_channel`] on the platform that its type names.
///
/// ```
/// use raddle::{channel, platform::Std};
///
/// let (sender, receiver) = channel::sync_channel_on::<u32, Std>(8);
/// sender.send(1).unwrap();
/// assert_eq!(receiver.try_recv(), Ok(1));
/// ```
#[must_use]
pub fn sync_channel_on<T: Send + 'static, P: Threads>(bound: usize) -> (SyncSender<T, P>, Receiver<T, P>) {
    let line = P::Arc::new(Line::new(bound));
    (SyncSender::new(line.clone()), Receiver::new(line))
}
