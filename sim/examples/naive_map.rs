//! A WaitMap in a hundred lines, as anybody might write it, held against the spec: `cargo run --release --example naive_map`.
//!
//! To do the same with a map of your own: stand it on the simulator's mutexes and atomics, say with [`Subject`] what its
//! operations are called, and call [`check`]. In a test that is one line: `check("mine", MyMap::new, &Options::default()).unwrap()`.
//!
//! The first version of this map has an honest bug: nobody thought of what happens when a wait is dropped. It stays in
//! the table, and the next wake hands it a value that nobody will ever see. The second version unregisters.

use std::collections::HashMap;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use raddle::platform::Mutex;
use raddle_sim::campaign::Options;
use raddle_sim::platform::{Sim, SimMutex};
use raddle_sim::systems::waitmap::{Key, Subject, Value, WaitError, WakeOutcome, check};

/// One lock around two tables.
pub(crate) struct NaiveMap<const UNREGISTERS: bool> {
    tables: SimMutex<Tables>,
}

#[derive(Default)]
struct Tables {
    closed: bool,
    next_ticket: u64,
    /// Who waits, by key.
    waiting: HashMap<u32, Waiter>,
    /// What was delivered and not fetched yet, by ticket.
    delivered: HashMap<u64, Value>,
}

struct Waiter {
    ticket: u64,
    waker: Waker,
}

impl<const UNREGISTERS: bool> NaiveMap<UNREGISTERS> {
    /// An open map in which nobody waits.
    pub(crate) fn new() -> Self {
        NaiveMap { tables: Mutex::new(Tables::default()) }
    }
}

impl<const UNREGISTERS: bool> Subject for NaiveMap<UNREGISTERS> {
    type Platform = Sim;
    type Wait<'a> = NaiveWait<'a, UNREGISTERS>;

    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value> {
        let mut tables = self.tables.lock();
        if tables.closed {
            return WakeOutcome::Closed(value);
        }
        let Some(Waiter { ticket, waker }) = tables.waiting.remove(&key.number()) else {
            return WakeOutcome::NoMatch(value);
        };
        tables.delivered.insert(ticket, value);
        drop(tables);
        waker.wake();
        WakeOutcome::Woke
    }

    fn close(&self) {
        let mut tables = self.tables.lock();
        tables.closed = true;
        let mut ended: Vec<Waiter> = mem::take(&mut tables.waiting).into_values().collect();
        drop(tables);
        // The oldest first, says rule WM-18; a hash table knows no age.
        ended.sort_by_key(|waiter| waiter.ticket);
        ended.into_iter().for_each(|waiter| waiter.waker.wake());
    }

    fn is_closed(&self) -> bool {
        self.tables.lock().closed
    }

    fn wait(&self, key: Key) -> Self::Wait<'_> {
        NaiveWait { map: self, key, stage: Stage::Start }
    }
}

/// A wait on a [`NaiveMap`].
pub(crate) struct NaiveWait<'a, const UNREGISTERS: bool> {
    map: &'a NaiveMap<UNREGISTERS>,
    key: Key,
    stage: Stage,
}

enum Stage {
    Start,
    Registered(u64),
    Finished,
}

impl<const UNREGISTERS: bool> Future for NaiveWait<'_, UNREGISTERS> {
    type Output = Result<Value, WaitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone();
        let mut tables = self.map.tables.lock();
        let result = match self.stage {
            Stage::Start if tables.closed => Err(WaitError::Closed),
            Stage::Start if tables.waiting.contains_key(&self.key.number()) => Err(WaitError::Duplicate),
            Stage::Start => {
                let ticket = tables.next_ticket;
                tables.next_ticket += 1;
                tables.waiting.insert(self.key.number(), Waiter { ticket, waker });
                self.stage = Stage::Registered(ticket);
                return Poll::Pending;
            }
            Stage::Registered(ticket) => {
                let waiting = tables.waiting.get_mut(&self.key.number());
                if let Some(waiter) = waiting.filter(|waiter| waiter.ticket == ticket) {
                    waiter.waker = waker;
                    return Poll::Pending;
                }
                // Taken out by a wake, or else by a close.
                tables.delivered.remove(&ticket).ok_or(WaitError::Closed)
            }
            Stage::Finished => Err(WaitError::AlreadyConsumed),
        };
        drop(tables);
        self.stage = Stage::Finished;
        Poll::Ready(result)
    }
}

impl<const UNREGISTERS: bool> Drop for NaiveWait<'_, UNREGISTERS> {
    fn drop(&mut self) {
        let Stage::Registered(ticket) = self.stage else { return };
        if !UNREGISTERS {
            return;
        }
        let mut tables = self.map.tables.lock();
        let is_mine = tables.waiting.get(&self.key.number()).is_some_and(|waiter| waiter.ticket == ticket);
        let waiter = if is_mine { tables.waiting.remove(&self.key.number()) } else { None };
        let value = tables.delivered.remove(&ticket);
        // Wakers and values are user code: not while the tables are locked.
        drop(tables);
        drop((waiter, value));
    }
}

fn main() {
    println!("== first version ==\n");
    match check("naive", NaiveMap::<false>::new, &Options::default()) {
        Ok(checked) => println!("{checked}"),
        Err(failure) => println!("{failure}"),
    }
    println!("\n== second version ==\n");
    match check("naive", NaiveMap::<true>::new, &Options::default()) {
        Ok(checked) => println!("{checked}"),
        Err(failure) => println!("{failure}"),
    }
}
