//! Programs without a bug, whose executions or outcomes can be counted by hand. They hold a search to account that claims to
//! be complete.
//!
//! Each runs one execution as its main thread and returns what came out.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, Condvar, Join, Memory, Mutex, Threads};

fn join_all<P: Threads, T: Send + 'static>(threads: Vec<P::JoinHandle<T>>) -> Vec<T> {
    threads.into_iter().map(|thread| thread.join().expect("no thread of these programs fails")).collect()
}

fn start_all<P: Threads, T: Send + 'static, F: FnOnce() -> T + Send + 'static>(
    count: usize,
    body: impl Fn(usize) -> F,
) -> Vec<P::JoinHandle<T>> {
    let start =
        |number| P::spawn("worker", body(number)).expect("the programs stay below every limit of threads");
    (0..count).map(start).collect()
}

/// `threads` threads store to an atomic of their own. One class of executions: nothing depends on the order.
pub fn independent<P: Threads>(threads: usize) -> usize {
    let body = |_| {
        || {
            let own = P::AtomicUsize::new(0);
            own.store(1, SeqCst);
            own.load(SeqCst)
        }
    };
    join_all::<P, _>(start_all::<P, _, _>(threads, body)).into_iter().sum()
}

/// `threads` threads raise a number under a lock, each `times` times. Returns who did so, in order:
/// (`threads` · `times`)! / (`times`!) ^ `threads` outcomes.
pub fn locked_increments<P: Threads>(threads: usize, times: usize) -> Vec<usize> {
    let order = Arc::new(<P::Mutex<Vec<usize>>>::new(Vec::new()));
    let body = |number| {
        let order = Arc::clone(&order);
        move || (0..times).for_each(|_| order.lock().push(number))
    };
    join_all::<P, _>(start_all::<P, _, _>(threads, body));
    order.lock().clone()
}

/// One thread stores to an atomic, `readers` threads load it. Returns who has seen the store: 2 ^ `readers` outcomes.
pub fn readers<P: Threads>(readers: usize) -> Vec<bool> {
    let shared = Arc::new(P::AtomicBool::new(false));
    let written = Arc::clone(&shared);
    let writer = start_all::<P, _, _>(1, |_| {
        let written = Arc::clone(&written);
        move || written.store(true, SeqCst)
    });
    let body = |_| {
        let shared = Arc::clone(&shared);
        move || shared.load(SeqCst)
    };
    let seen = join_all::<P, _>(start_all::<P, _, _>(readers, body));
    join_all::<P, _>(writer);
    seen
}

/// `senders` threads send their number to a receiver that receives as often. Returns the order of arrival: `senders`! outcomes.
pub fn senders<P: Threads>(senders: usize) -> Vec<usize> {
    struct Mailbox<P: Threads> {
        arrived: P::Mutex<Vec<usize>>,
        is_nonempty: P::Condvar,
    }
    let mailbox =
        Arc::new(Mailbox::<P> { arrived: Mutex::new(Vec::new()), is_nonempty: P::Condvar::default() });
    let body = |number| {
        let mailbox = Arc::clone(&mailbox);
        move || {
            mailbox.arrived.lock().push(number);
            mailbox.is_nonempty.notify_one();
        }
    };
    let threads = start_all::<P, _, _>(senders, body);
    let mut received = Vec::new();
    while received.len() < senders {
        let mut arrived = mailbox.arrived.lock();
        while arrived.is_empty() {
            arrived = mailbox.is_nonempty.wait(arrived);
        }
        received.append(&mut arrived);
    }
    join_all::<P, _>(threads);
    received
}

/// One thread stores `key = 1`, `value = 1`, `value = 0`, `key = 0`; another loads the value and then the key. Returns what
/// it has seen. (1, 0) must be among the outcomes, whether or not the writer loads the key in between, which changes nothing:
/// loom misses it with that load (loom#166).
pub fn redundant_load<P: Threads>(with_load: bool) -> (usize, usize) {
    struct Shared<P: Memory> {
        key: P::AtomicUsize,
        value: P::AtomicUsize,
    }
    let shared = Arc::new(Shared::<P> { key: Atomic::new(0), value: Atomic::new(0) });
    let written = Arc::clone(&shared);
    let writer = start_all::<P, _, _>(1, |_| {
        let written = Arc::clone(&written);
        move || {
            written.key.store(1, SeqCst);
            written.value.store(1, SeqCst);
            written.value.store(0, SeqCst);
            if with_load {
                written.key.load(SeqCst);
            }
            written.key.store(0, SeqCst);
        }
    });
    let seen = (shared.value.load(SeqCst), shared.key.load(SeqCst));
    join_all::<P, _>(writer);
    seen
}
