//! The canary: a WaitMap with a planted bug that every driver must find, and its clean twin, which none may flag.
//!
//! Both keep their waits in a locked table and shadow the state of the map (empty, waiting, closed) in an atomic word, so that
//! `is_closed` needs no lock and `close` takes effect before it takes one. Registering moves the word from *empty* to
//! *waiting*. The twin does so by compare-and-exchange and gives up if it finds *closed*. The canary looks first and stores
//! afterwards: a close between the two is overwritten, and the map is open again. The original that Raddle's WaitMap goes back to
//! had this bug.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll, Waker};

use raddle::platform::{Atomic, Mutex, Threads};
use raddle::{WaitError, WakeOutcome};

use super::items::{Key, Value};
use super::subject::{Feature, Subject};

const EMPTY: usize = 0;
const WAITING: usize = 1;
const CLOSED: usize = 2;

/// A WaitMap around a locked table. `LOSES_CLOSE` plants the bug.
pub struct TableMap<P: Threads, const LOSES_CLOSE: bool> {
    state: P::AtomicUsize,
    table: P::Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next_ticket: u64,
    /// In the order of registration.
    entries: Vec<Entry>,
}

struct Entry {
    ticket: u64,
    key: Key,
    state: State,
}

enum State {
    Registered(Waker),
    Delivered(Value),
    Ended,
}

/// A wait on a [`TableMap`].
pub struct TableWait<'a, P: Threads, const LOSES_CLOSE: bool> {
    map: &'a TableMap<P, LOSES_CLOSE>,
    stage: Stage,
}

enum Stage {
    Start(Key),
    Registered(u64),
    Finished,
}

impl<P: Threads, const LOSES_CLOSE: bool> fmt::Debug for TableMap<P, LOSES_CLOSE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableMap").field("loses_close", &LOSES_CLOSE).finish_non_exhaustive()
    }
}

impl<P: Threads, const LOSES_CLOSE: bool> fmt::Debug for TableWait<'_, P, LOSES_CLOSE> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableWait").finish_non_exhaustive()
    }
}

impl<P: Threads, const LOSES_CLOSE: bool> Default for TableMap<P, LOSES_CLOSE> {
    fn default() -> Self {
        TableMap { state: Atomic::new(EMPTY), table: Mutex::new(Table::default()) }
    }
}

impl<P: Threads, const LOSES_CLOSE: bool> TableMap<P, LOSES_CLOSE> {
    /// Marks that somebody waits; false if the map is closed. Called with the table locked, which keeps other registrations out, but
    /// not a close.
    fn mark_waiting(&self) -> bool {
        if LOSES_CLOSE {
            if self.state.load(SeqCst) == CLOSED {
                return false;
            }
            self.state.store(WAITING, SeqCst);
            return true;
        }
        self.state.compare_exchange(EMPTY, WAITING, SeqCst, SeqCst) != Err(CLOSED)
    }

    fn register(&self, key: Key, waker: Waker) -> Result<u64, (WaitError, Key, Waker)> {
        let mut table = self.table.lock();
        if !self.mark_waiting() {
            return Err((WaitError::Closed, key, waker));
        }
        let taken = |entry: &Entry| entry.is_registered() && entry.key == key;
        if table.entries.iter().any(taken) {
            return Err((WaitError::Duplicate, key, waker));
        }
        let ticket = table.next_ticket;
        table.next_ticket += 1;
        table.entries.push(Entry { ticket, key, state: State::Registered(waker) });
        Ok(ticket)
    }

    /// Takes the entry out if it has come to its end; otherwise leaves `waker` with it. What comes out is dropped by the caller,
    /// without the lock.
    fn advance(&self, ticket: u64, waker: Waker) -> (Option<Entry>, Option<Waker>) {
        let mut table = self.table.lock();
        let at = table.position(ticket);
        let is_closed = self.state.load(SeqCst) == CLOSED;
        match &mut table.entries[at].state {
            State::Registered(current) if !is_closed => (None, Some(std::mem::replace(current, waker))),
            _ => (Some(table.entries.remove(at)), Some(waker)),
        }
    }
}

impl Table {
    fn position(&self, ticket: u64) -> usize {
        let at = self.entries.iter().position(|entry| entry.ticket == ticket);
        at.expect("a registered wait has an entry until it takes it out")
    }
}

impl Entry {
    fn is_registered(&self) -> bool {
        matches!(self.state, State::Registered(_))
    }
}

impl<P: Threads, const LOSES_CLOSE: bool> Subject for TableMap<P, LOSES_CLOSE> {
    type Platform = P;
    type Wait<'a> = TableWait<'a, P, LOSES_CLOSE>;

    const OFFERS: &'static [Feature] = &[Feature::UnequalKeys, Feature::Reentrancy];

    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value> {
        let waker = {
            let mut table = self.table.lock();
            if self.state.load(SeqCst) == CLOSED {
                return WakeOutcome::Closed(value);
            }
            let matching = |entry: &&mut Entry| entry.is_registered() && entry.key == *key;
            let Some(entry) = table.entries.iter_mut().find(matching) else {
                return WakeOutcome::NoMatch(value);
            };
            std::mem::replace(&mut entry.state, State::Delivered(value))
        };
        if let State::Registered(waker) = waker {
            waker.wake();
        }
        WakeOutcome::Woke
    }

    fn close(&self) {
        if self.state.swap(CLOSED, SeqCst) == CLOSED {
            return;
        }
        let ended: Vec<State> = {
            let mut table = self.table.lock();
            let registered = table.entries.iter_mut().filter(|entry| entry.is_registered());
            registered.map(|entry| std::mem::replace(&mut entry.state, State::Ended)).collect()
        };
        for state in ended {
            if let State::Registered(waker) = state {
                waker.wake();
            }
        }
    }

    fn is_closed(&self) -> bool {
        self.state.load(SeqCst) == CLOSED
    }

    fn wait(&self, key: Key) -> Self::Wait<'_> {
        TableWait { map: self, stage: Stage::Start(key) }
    }
}

impl<P: Threads, const LOSES_CLOSE: bool> Future for TableWait<'_, P, LOSES_CLOSE> {
    type Output = Result<Value, WaitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone();
        match std::mem::replace(&mut self.stage, Stage::Finished) {
            Stage::Start(key) => match self.map.register(key, waker) {
                Ok(ticket) => {
                    self.stage = Stage::Registered(ticket);
                    Poll::Pending
                }
                Err((error, _key, _waker)) => Poll::Ready(Err(error)),
            },
            Stage::Registered(ticket) => match self.map.advance(ticket, waker).0 {
                Some(Entry { state: State::Delivered(value), .. }) => Poll::Ready(Ok(value)),
                Some(_) => Poll::Ready(Err(WaitError::Closed)),
                None => {
                    self.stage = Stage::Registered(ticket);
                    Poll::Pending
                }
            },
            Stage::Finished => Poll::Ready(Err(WaitError::AlreadyConsumed)),
        }
    }
}

impl<P: Threads, const LOSES_CLOSE: bool> Drop for TableWait<'_, P, LOSES_CLOSE> {
    fn drop(&mut self) {
        if let Stage::Registered(ticket) = self.stage {
            // Unlocked first, dropped afterwards: keys, values and wakers are user code.
            let entry = {
                let mut table = self.map.table.lock();
                let at = table.position(ticket);
                table.entries.remove(at)
            };
            drop(entry);
        }
    }
}
