//! Readers-writer locks: exclusion, who can go first, and the deadlocks that follow.

use std::sync::Arc;

use raddle::platform::{Join, Threads};
use raddle_sim::kernel::{End, ThreadState};
use raddle_sim::platform::Sim;
use raddle_sim::sync::RwLock;
use raddle_sim::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::{outcomes, returned, run_all, spawn};

#[test]
fn readers_share_and_a_writer_excludes() {
    let most = std::sync::atomic::AtomicUsize::new(0);
    run_all(
        || {
            let lock = Arc::new(RwLock::new(()));
            let (readers, writers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let reading = [(); 2].map(|()| {
                let (lock, readers, writers) = (lock.clone(), readers.clone(), writers.clone());
                spawn(move || {
                    let guard = lock.read().unwrap();
                    let together = readers.fetch_add(1, SeqCst) + 1;
                    assert_eq!(writers.load(SeqCst), 0);
                    readers.fetch_sub(1, SeqCst);
                    drop(guard);
                    together
                })
            });
            {
                let _guard = lock.write().unwrap();
                writers.store(1, SeqCst);
                assert_eq!(readers.load(SeqCst), 0);
                writers.store(0, SeqCst);
            }
            for thread in reading {
                most.fetch_max(thread.join().unwrap(), SeqCst);
            }
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
    assert_eq!(most.into_inner(), 2, "two readers were seen together");
}

#[test]
fn a_write_is_seen_whole_or_not_at_all() {
    let all = outcomes(|| {
        let lock = Arc::new(RwLock::new((0, 0)));
        let theirs = lock.clone();
        let writer = spawn(move || {
            let mut pair = theirs.write().unwrap();
            pair.0 = 1;
            Sim::yield_now();
            pair.1 = 1;
        });
        let seen = *lock.read().unwrap();
        writer.join().unwrap();
        seen
    });
    assert_eq!(all, returned([(0, 0), (1, 1)]));
}

#[test]
fn try_write_fails_exactly_while_somebody_reads_or_writes() {
    for writes in [false, true] {
        let all = outcomes(|| {
            let lock = Arc::new(RwLock::new(()));
            let theirs = lock.clone();
            let other = spawn(move || {
                if writes {
                    drop(theirs.write().unwrap());
                } else {
                    drop(theirs.read().unwrap());
                }
            });
            let can_read = lock.try_read().is_ok();
            let can_write = lock.try_write().is_ok();
            other.join().unwrap();
            assert!(lock.try_write().is_ok(), "nobody is left to hold it");
            (can_read, can_write)
        });
        let expected: &[_] = if writes {
            &[(false, false), (false, true), (true, false), (true, true)][..]
        } else {
            &[(true, false), (true, true)]
        };
        assert_eq!(all, returned(expected.iter().copied()), "writes: {writes}");
    }
}

#[test]
fn a_reader_that_reads_again_while_a_writer_waits_can_deadlock() {
    let all = outcomes(|| {
        let lock = Arc::new(RwLock::new(0));
        let theirs = lock.clone();
        let writer = spawn(move || *theirs.write().unwrap() = 1);
        let seen = {
            let first = lock.read().unwrap();
            let second = lock.read().unwrap();
            assert_eq!(*first, *second);
            *first
        };
        writer.join().unwrap();
        seen
    });
    assert_eq!(all, [Ok(0), Ok(1), Err("stuck".to_owned())].into());
}

#[test]
fn a_deadlock_names_the_reader_that_a_writer_waits_for() {
    run_all(
        || {
            let lock = RwLock::new(0);
            let _read = lock.read().unwrap();
            let _write = lock.write().unwrap();
        },
        |run, kernel| {
            assert_eq!(run.end, End::Stuck);
            let main = &kernel.threads()[0];
            let ThreadState::Blocked { object: Some(object), .. } = &main.state else { panic!("{main}") };
            assert_eq!(object.holder, Some(0));
            assert!(main.to_string().contains("waits to write rwlock #0 (created at "), "{main}");
        },
    );
}

#[test]
fn a_downgraded_writer_lets_no_other_writer_in_between() {
    let all = outcomes(|| {
        let lock = Arc::new(RwLock::new(0));
        let theirs = lock.clone();
        let other = spawn(move || *theirs.write().unwrap() += 10);
        let mut written = lock.write().unwrap();
        *written += 1;
        let before = *written;
        let read = raddle_sim::sync::RwLockWriteGuard::downgrade(written);
        let reads_too = lock.try_read().is_ok();
        let after = *read;
        drop(read);
        other.join().unwrap();
        (before == after, reads_too)
    });
    assert_eq!(all, returned([(true, true)]));
}
