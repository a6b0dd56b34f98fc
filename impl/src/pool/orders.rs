//! The usual way to take orders, in macros, since a `break` has to stand in the worker's own loop.

use super::msg::DownMsg;
use crate::channel::{RecvError, TryRecvError};

/// Waits for an order, inside of a worker's loop.
///
/// [`DownMsg::Stop`], and the end of the pool, end the loop with `break`. `Pause` and `Continue` are ignored. The
/// payload of `Other` is the value of the macro. It stands in a loop without a value: `for`, `while`, or a `loop`
/// of type `()`.
///
/// The receiver is whatever has the method `recv` of a receiver of orders, and so a type of one's own that wraps one.
///
/// # Examples
///
/// ```
/// use raddle::{DownMsg, WorkerPool, recv_break};
///
/// let mut pool = WorkerPool::<String, &str>::new(1);
/// pool.execute(|tx, rx| {
///     loop {
///         let name = recv_break!(rx);
///         tx.send(format!("hello, {name}")).unwrap();
///     }
///     tx.send(String::from("goodbye")).unwrap();
/// });
/// pool.broadcast(DownMsg::Other("you"));
/// assert_eq!(pool.stop_and_join(), ["hello, you", "goodbye"]);
/// ```
#[macro_export]
macro_rules! recv_break {
    ($receiver:expr) => {
        match {
            let receiver = &$receiver;
            $crate::pool::next_order(|| receiver.recv())
        } {
            ::core::result::Result::Ok(payload) => payload,
            ::core::result::Result::Err($crate::pool::Ended::Stopped) => break,
            ::core::result::Result::Err($crate::pool::Ended::Disconnected) => break,
        }
    };
}

/// Looks for an order, inside of a worker's loop.
///
/// [`DownMsg::Stop`], and the end of the pool, end the loop with `break`. `Other(payload)` gives
/// `Some(payload)`; `Continue`, or no order at all, gives `None`.
///
/// `Pause` waits for `Continue`, and then gives `None`. Meanwhile every `Other` is *dropped*, a second `Pause`
/// means nothing, and `Stop` ends the loop.
///
/// The receiver is whatever has the methods `try_recv` and `recv` of a receiver of orders.
///
/// # Examples
///
/// ```
/// use raddle::{DownMsg, WorkerPool, try_recv_break};
///
/// let mut pool = WorkerPool::<u64, u64>::new(1);
/// pool.execute(|tx, rx| {
///     let mut step = 1;
///     let mut number = 0;
///     while tx.send(number).is_ok() {
///         step = try_recv_break!(rx).unwrap_or(step);
///         number += step;
///     }
/// });
/// assert_eq!(pool.recv(), Ok(0));
/// pool.broadcast(DownMsg::Other(1000));
/// while pool.recv().unwrap() < 1000 {}
/// pool.stop_and_join();
/// ```
#[macro_export]
macro_rules! try_recv_break {
    ($receiver:expr) => {
        match {
            let receiver = &$receiver;
            $crate::pool::try_next_order(receiver.try_recv(), || receiver.recv())
        } {
            ::core::result::Result::Ok(payload) => payload,
            ::core::result::Result::Err($crate::pool::Ended::Stopped) => break,
            ::core::result::Result::Err($crate::pool::Ended::Disconnected) => break,
        }
    };
}

/// Why a worker has to end.
// Two reasons, and so three arms in the macros: of a loop with two, clippy wants to make a `while let`, in the
// user's own code.
#[doc(hidden)]
#[derive(Debug)]
pub enum Ended {
    /// By order.
    Stopped,
    /// Nobody can give orders any more.
    Disconnected,
}

/// What `recv_break!` waits for.
///
/// # Errors
///
/// If the worker has to end.
#[doc(hidden)]
pub fn next_order<Down>(mut recv: impl FnMut() -> Result<DownMsg<Down>, RecvError>) -> Result<Down, Ended> {
    loop {
        match recv() {
            Ok(DownMsg::Other(payload)) => return Ok(payload),
            Ok(DownMsg::Pause | DownMsg::Continue) => {}
            Ok(DownMsg::Stop) => return Err(Ended::Stopped),
            Err(RecvError) => return Err(Ended::Disconnected),
        }
    }
}

/// What `try_recv_break!` looks for.
///
/// # Errors
///
/// If the worker has to end.
#[doc(hidden)]
pub fn try_next_order<Down>(
    looked: Result<DownMsg<Down>, TryRecvError>,
    recv: impl FnMut() -> Result<DownMsg<Down>, RecvError>,
) -> Result<Option<Down>, Ended> {
    match looked {
        Ok(DownMsg::Other(payload)) => Ok(Some(payload)),
        Ok(DownMsg::Continue) | Err(TryRecvError::Empty) => Ok(None),
        Ok(DownMsg::Pause) => wait_for_continue(recv).map(|()| None),
        Ok(DownMsg::Stop) => Err(Ended::Stopped),
        Err(TryRecvError::Disconnected) => Err(Ended::Disconnected),
    }
}

fn wait_for_continue<Down>(mut recv: impl FnMut() -> Result<DownMsg<Down>, RecvError>) -> Result<(), Ended> {
    loop {
        match recv() {
            Ok(DownMsg::Continue) => return Ok(()),
            Ok(DownMsg::Stop) => return Err(Ended::Stopped),
            Ok(DownMsg::Pause | DownMsg::Other(_)) => {}
            Err(RecvError) => return Err(Ended::Disconnected),
        }
    }
}
