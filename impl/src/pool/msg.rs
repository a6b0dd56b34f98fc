//! The messages of both directions.

use std::time::Instant;

/// An order to a worker.
///
/// Orders wait in line; none has priority. What they mean is up to the worker: the pool itself is never
/// paused. The macros [`recv_break!`](crate::recv_break) and [`try_recv_break!`](crate::try_recv_break) give
/// them their usual meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownMsg<Down> {
    /// End soon.
    Stop,
    /// Do nothing until `Continue`.
    Pause,
    /// Go on after `Pause`.
    Continue,
    /// Whatever the user has to say.
    Other(Down),
}

/// A value with the time at which it was wrapped.
///
/// The pool does not use it: it orders values without a clock. It is for those who want to know how old a value
/// is: let the workers send `UpMsg`s.
///
/// # Examples
///
/// ```
/// use raddle::{UpMsg, WorkerPool};
///
/// let mut pool = WorkerPool::<UpMsg<u32>, ()>::new(1);
/// pool.execute(|tx, _rx| tx.send(UpMsg::new(7)).unwrap());
/// let message = pool.recv().unwrap();
/// println!("under way for {:?}", message.time().elapsed());
/// assert_eq!(message.get(), 7);
/// ```
#[derive(Clone, Debug)]
pub struct UpMsg<Up> {
    time: Instant,
    value: Up,
}

impl<Up> UpMsg<Up> {
    /// Wraps `value`, now.
    #[must_use]
    pub fn new(value: Up) -> Self {
        UpMsg { time: Instant::now(), value }
    }

    /// When it was wrapped.
    pub fn time(&self) -> Instant {
        self.time
    }

    /// The value.
    pub fn get(self) -> Up {
        self.value
    }
}
