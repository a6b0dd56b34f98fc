//! Concurrency systems that are checked against executable specifications.
//!
//! | system | what it is |
//! |---|---|
//! | [`WaitMap`] | tasks wait by key until somebody hands them a value |
//! | [`WorkerPool`] | threads send values to a manager, who can stop and join them without a deadlock |
//!
//! The code of a system is generic over the [`platform`] that it runs on: memory, threads, clock. Users need
//! not know: left out, the platform is the operating system's. Checkers put theirs in its place and so run
//! this code, not a model of it.
//!
//! # Example
//!
//! A client sends numbered requests; one thread receives the answers, in any order, and hands each to whoever
//! asked.
//!
//! ```
//! use std::pin::pin;
//! use std::sync::mpsc;
//! use std::thread;
//!
//! use raddle::{WaitError, WaitMap, WaitResult, WakeOutcome};
//! # use std::{future::Future, sync::Arc, task::{Context, Poll, Wake, Waker}, thread::Thread};
//! # struct Unpark(Thread);
//! # impl Wake for Unpark {
//! #     fn wake(self: Arc<Self>) {
//! #         self.0.unpark();
//! #     }
//! # }
//! # fn block_on<F: Future>(future: F) -> F::Output {
//! #     let waker = Waker::from(Arc::new(Unpark(thread::current())));
//! #     let mut future = pin!(future);
//! #     loop {
//! #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
//! #             Poll::Ready(output) => return output,
//! #             Poll::Pending => thread::park(),
//! #         }
//! #     }
//! # }
//!
//! struct Client {
//!     requests: mpsc::Sender<u32>,
//!     answers: WaitMap<u32, String>,
//! }
//!
//! impl Client {
//!     async fn ask(&self, number: u32) -> WaitResult<String> {
//!         let mut answer = pin!(self.answers.wait(number));
//!         answer.as_mut().subscribe().await?; // Before sending: the answer may be fast.
//!         self.requests.send(number).expect("the server runs");
//!         answer.await
//!     }
//! }
//!
//! let (requests, received) = mpsc::channel();
//! let client = Client { requests, answers: WaitMap::new() };
//! thread::scope(|scope| {
//!     let answers = &client.answers;
//!     scope.spawn(move || {
//!         for number in received.iter().take(2) {
//!             assert_eq!(answers.wake(&number, format!("answer {number}")), WakeOutcome::Woke);
//!         }
//!         answers.close();
//!     });
//!     assert_eq!(block_on(client.ask(1)), Ok(String::from("answer 1")));
//!     assert_eq!(block_on(client.ask(2)), Ok(String::from("answer 2")));
//! });
//! assert_eq!(block_on(client.ask(3)), Err(WaitError::Closed));
//! ```
//!
//! # Features
//!
//! - `std` (default): mutexes, threads and clocks of the operating system. Without it the crate is `no_std`
//!   and needs `alloc`; then locks spin, panics of user code cannot be caught, and there are no systems that
//!   need threads.
//!
#![cfg_attr(feature = "std", doc = "[`WorkerPool`]: WorkerPool")]
#![cfg_attr(not(feature = "std"), doc = "[`WorkerPool`]: crate#features")]
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
pub mod channel;
pub mod platform;
#[cfg(feature = "std")]
pub mod pool;
pub mod waitmap;

#[cfg(doctest)]
mod ruled_out;

#[cfg(feature = "std")]
pub use self::pool::{DownMsg, UpMsg, WorkerPool, WorkerReceiver, WorkerSender};
pub use self::waitmap::{
    HashedWaitMap, Subscribe, Wait, WaitError, WaitMap, WaitOwned, WaitResult, WakeOutcome,
};
