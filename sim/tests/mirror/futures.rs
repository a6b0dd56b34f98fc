//! Futures: each polled by a thread of its own.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use raddle_sim::future;
use raddle_sim::kernel::End;
use raddle_sim::sync::atomic::{AtomicBool, Ordering::SeqCst};
use raddle_sim::sync::{Arc, Mutex};

use crate::{outcomes, returned, run_all, run_once};

/// A place for one waker.
#[derive(Default)]
struct Door {
    is_open: AtomicBool,
    waiter: Mutex<Option<Waker>>,
}

impl Door {
    /// Waits until the door is open; `looks_again` after it has left its waker, or loses an opening in between.
    async fn pass(&self, looks_again: bool) {
        poll_fn(|context| {
            if self.is_open.load(SeqCst) {
                return Poll::Ready(());
            }
            *self.waiter.lock().unwrap() = Some(context.waker().clone());
            if looks_again && self.is_open.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn open(&self) {
        self.is_open.store(true, SeqCst);
        let waiter = self.waiter.lock().unwrap().take();
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

#[test]
fn a_future_is_polled_again_when_it_is_woken() {
    run_all(
        || {
            let door = Arc::new(Door::default());
            let theirs = door.clone();
            let other = future::spawn(async move { theirs.open() });
            future::block_on(async {
                door.pass(true).await;
                other.await.unwrap();
            });
        },
        |run, kernel| assert_eq!((run.end, run.panics), (End::Finished, 0), "{:?}", kernel.threads()),
    );
}

#[test]
fn a_lost_wake_is_found_and_named() {
    let mut stuck = 0;
    let executions = run_all(
        || {
            let door = Arc::new(Door::default());
            let theirs = door.clone();
            future::spawn(async move { theirs.open() });
            future::block_on(door.pass(false));
        },
        |run, kernel| {
            if run.end == End::Stuck {
                stuck += 1;
                let main = kernel.threads()[0].to_string();
                assert!(main.contains("waits to be woken by waker #"), "{main}");
            }
        },
    );
    assert!(stuck > 0 && stuck < executions, "{stuck} of {executions}");
}

#[test]
fn the_handle_of_a_future_gives_its_result_or_its_panic() {
    let all = outcomes(|| {
        future::block_on(async {
            let fine = future::spawn(async { 1 });
            let fails = future::spawn(async { panic!("on purpose") });
            (fine.await.unwrap(), fails.await.is_err())
        })
    });
    assert_eq!(all, returned([(1, true)]));
}

#[test]
fn yielding_lets_others_go_first() {
    let (run, kernel) = run_once(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let theirs = flag.clone();
        let setter = future::spawn(async move { theirs.store(true, SeqCst) });
        future::block_on(async {
            while !flag.load(SeqCst) {
                future::yield_now().await;
            }
        });
        assert!(future::block_on(setter).is_ok());
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0), "{:?}", kernel.threads());
}

#[test]
fn outside_of_an_execution_real_threads_poll() {
    let turns = Cell::new(0);
    let answer = future::block_on(async {
        for _ in 0..3 {
            future::yield_now().await;
            turns.set(turns.get() + 1);
        }
        future::spawn(async { 42 }).await.unwrap()
    });
    assert_eq!((answer, turns.get()), (42, 3));
}
