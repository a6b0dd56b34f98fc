//! Changes of stack: what a thread has in its frames and registers is there again when it goes on.

use std::backtrace::Backtrace;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{AtomicInt, Join, Mutex, Threads};
use raddle_sim::kernel::{End, ThreadState};
use raddle_sim::platform::Sim;
use raddle_sim::sync::mpsc::sync_channel;

use crate::{Count, Lock, run_once, spawn, spawn_and_join};

/// More values than there are registers of either kind, changed at every step.
fn busy(seed: u64, count: &Count, rounds: u64) -> (u64, f64) {
    let mut whole = [0_u64; 12];
    let mut real = [0_f64; 20];
    for round in 0..rounds {
        count.fetch_add(1, SeqCst);
        for (index, value) in whole.iter_mut().enumerate() {
            *value = value.rotate_left(7) ^ (seed + round + index as u64);
        }
        for (index, value) in real.iter_mut().enumerate() {
            *value = *value * 0.5 + (seed + round) as f64 + index as f64;
        }
    }
    (whole.iter().fold(0, |sum, value| sum ^ value), real.iter().sum())
}

#[test]
fn values_in_registers_survive_that_others_run() {
    let outside = Count::new(0);
    let expected: Vec<_> = (0..5).map(|seed| busy(seed, &outside, 50)).collect();
    let (run, _) = run_once(|| {
        let count = Arc::new(Count::new(0));
        let handles: Vec<_> = (0..5)
            .map(|seed| {
                let count = count.clone();
                spawn(move || busy(seed, &count, 50))
            })
            .collect();
        let results: Vec<_> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
        assert_eq!(results, expected);
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0));
    assert!(run.switches > 100, "{run:?}");
}

#[test]
fn what_a_thread_captures_may_be_large_and_aligned_to_anything() {
    #[repr(align(256))]
    struct Aligned([u8; 1000]);
    let (run, _) = run_once(|| {
        // Not larger: it is moved through a dozen frames, on small stacks.
        let (aligned, large) = (Aligned([7; 1000]), [3_u64; 500]);
        let handle = spawn(move || {
            let (aligned, large) = (aligned, large);
            Sim::yield_now();
            assert_eq!(&raw const aligned as usize % 256, 0);
            aligned.0.iter().map(|byte| u64::from(*byte)).sum::<u64>() + large.iter().sum::<u64>()
        });
        assert_eq!(handle.join().unwrap(), 8_500);
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0));
}

#[test]
fn panics_are_caught_on_the_stack_where_they_began_while_others_change_places() {
    let (run, threads) = run_once(|| {
        let count = Arc::new(Count::new(0));
        let bodies = (0..4).map(|number| {
            let count = count.clone();
            move || {
                for round in 0..20 {
                    count.fetch_add(1, SeqCst);
                    let message = format!("{number} {round}");
                    let expected = message.clone();
                    let caught = panic::catch_unwind(AssertUnwindSafe(|| panic::panic_any(message)));
                    assert_eq!(caught.unwrap_err().downcast_ref::<String>(), Some(&expected));
                }
            }
        });
        spawn_and_join(bodies);
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0));
    assert!(threads.iter().all(|thread| thread.state == ThreadState::Finished));
}

#[test]
fn a_walk_of_the_stack_ends_where_the_thread_begins() {
    let (run, _) = run_once(|| {
        let count = Arc::new(Count::new(0));
        let bodies = (0..3).map(|_| {
            let count = count.clone();
            move || {
                for _ in 0..5 {
                    count.fetch_add(1, SeqCst);
                    let walk = Backtrace::force_capture().to_string();
                    assert!(walk.contains("a_walk_of_the_stack_ends"), "{walk}");
                    assert!(walk.lines().count() < 200, "{walk}");
                }
            }
        });
        spawn_and_join(bodies);
    });
    assert_eq!((run.end, run.panics), (End::Finished, 0));
}

#[test]
fn more_threads_than_a_word_has_bits_wait_at_one_lock_and_at_one_channel() {
    const THREADS: u64 = 150;
    let (run, _) = run_once(|| {
        let lock = Arc::new(Lock::new(0));
        let (sender, receiver) = sync_channel(1);
        let held = lock.lock();
        let handles: Vec<_> = (0..THREADS)
            .map(|number| {
                let (lock, sender) = (lock.clone(), sender.clone());
                spawn(move || {
                    *lock.lock() += number;
                    sender.send(number).unwrap();
                })
            })
            .collect();
        drop((held, sender));
        let mut received: Vec<_> = receiver.iter().collect();
        received.sort_unstable();
        assert_eq!(received, (0..THREADS).collect::<Vec<_>>());
        for handle in handles {
            handle.join().unwrap();
        }
        assert_eq!(*lock.lock(), (0..THREADS).sum::<u64>());
    });
    assert_eq!((run.end, run.panics, run.leaked_threads), (End::Finished, 0, 0));
}
