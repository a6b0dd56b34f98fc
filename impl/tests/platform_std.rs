//! What `Std` promises about threads and time.
#![cfg(feature = "std")]

use std::collections::HashSet;
use std::io::ErrorKind;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use raddle::platform::{
    Clock, Condvar, Guard, Join, Memory, Mutex, Platform, Std, Threads, TimedCondvar, Unpark,
};

type StdMutex<T> = <Std as Memory>::Mutex<T>;
type StdCondvar = <Std as Threads>::Condvar;

/// Long enough for whatever a test waits for, on any machine.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn it_is_a_platform() {
    fn require<P: Platform>() {}
    require::<Std>();
}

#[test]
fn a_thread_has_its_name_and_gives_its_result() {
    let handle = Std::spawn("weaver", || std::thread::current().name().map(String::from)).expect("a thread");
    assert_eq!(handle.thread().name(), Some("weaver"));
    assert_eq!(Join::join(handle).expect("no panic"), Some(String::from("weaver")));
}

#[test]
fn a_thread_that_panics_gives_its_payload() {
    let handle = Std::spawn("panicking", || std::panic::panic_any(42_u32)).expect("a thread");
    let payload = Join::<()>::join(handle).expect_err("it panicked");
    assert_eq!(payload.downcast_ref::<u32>(), Some(&42));
}

#[test]
fn a_name_that_no_thread_can_have_is_an_error() {
    let error = Std::spawn("a\0b", || ()).expect_err("a NUL");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_thread_is_finished_when_its_body_has_ended() {
    let barrier = Arc::new(Barrier::new(2));
    let shared = barrier.clone();
    let handle = Std::spawn("waiting", move || {
        shared.wait();
    })
    .expect("a thread");
    assert!(!Join::is_finished(&handle));
    barrier.wait();
    while !Join::is_finished(&handle) {
        Std::yield_now();
    }
    Join::join(handle).expect("no panic");
}

#[test]
fn an_unpark_that_comes_first_is_not_lost() {
    let current = Std::current();
    Unpark::unpark(&current);
    Std::park();
    let flag = Arc::new(AtomicBool::new(false));
    let shared = flag.clone();
    let handle = Std::spawn("unparking", move || {
        shared.store(true, Ordering::SeqCst);
        Unpark::unpark(&current);
    })
    .expect("a thread");
    while !flag.load(Ordering::SeqCst) {
        Std::park();
    }
    Join::join(handle).expect("no panic");
}

#[test]
fn numbers_tell_threads_apart() {
    let own = Std::current_number();
    assert_eq!(Std::current_number(), own);
    let handles: Vec<_> =
        (0..8).map(|_| Std::spawn("numbered", Std::current_number).expect("a thread")).collect();
    let mut numbers: HashSet<u64> =
        handles.into_iter().map(|handle| Join::join(handle).expect("no panic")).collect();
    numbers.insert(own);
    assert_eq!(numbers.len(), 9);
}

#[test]
fn the_context_belongs_to_the_thread() {
    assert_eq!(Std::context(), None);
    let mut target = ();
    let pointer = NonNull::from(&mut target);
    assert_eq!(Std::set_context(Some(pointer)), None);
    assert_eq!(Std::context(), Some(pointer));
    let elsewhere = Std::spawn("elsewhere", || Std::context().is_none()).expect("a thread");
    assert!(Join::join(elsewhere).expect("no panic"));
    assert_eq!(Std::set_context(None), Some(pointer));
    assert_eq!(Std::context(), None);
}

#[test]
fn a_random_number_is_below_its_bound_and_takes_every_value() {
    assert_eq!(Std::random_below(1), 0);
    let seen: HashSet<usize> = (0..2_000).map(|_| Std::random_below(7)).collect();
    assert_eq!(seen, (0..7).collect());
    assert!((0..100).all(|_| Std::random_below(usize::MAX) < usize::MAX));
}

#[test]
#[should_panic(expected = "there is no number below zero")]
fn there_is_no_random_number_below_zero() {
    Std::random_below(0);
}

#[test]
fn a_condition_variable_wakes_one_or_all() {
    let shared = Arc::new((StdMutex::<usize>::new(0), StdCondvar::default()));
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let shared = shared.clone();
            Std::spawn("waiting", move || {
                let mut tickets: Guard<'_, Std, usize> = shared.0.lock();
                while *tickets == 0 {
                    tickets = Condvar::wait(&shared.1, tickets);
                }
                *tickets -= 1;
            })
            .expect("a thread")
        })
        .collect();
    *shared.0.lock() += 1;
    Condvar::notify_one(&shared.1);
    *shared.0.lock() += 2;
    Condvar::notify_all(&shared.1);
    for handle in waiting {
        Join::join(handle).expect("no panic");
    }
    assert_eq!(*shared.0.lock(), 0);
}

#[test]
fn waits_end_when_their_limit_has_passed() {
    let limit = Duration::from_millis(5);
    let begin = Std::now();
    let (mutex, condvar) = (StdMutex::<()>::new(()), StdCondvar::default());
    let mut guard = mutex.lock();
    loop {
        let timed_out;
        (guard, timed_out) = TimedCondvar::wait_timeout(&condvar, guard, limit);
        if timed_out {
            break;
        }
    }
    drop(guard);
    assert!(Std::now() >= begin + limit);
    Std::sleep(limit);
    assert!(Std::now() >= begin + limit + limit);
    Std::park_timeout(limit);
}

#[test]
fn waits_with_a_limit_end_early_for_a_reason() {
    Unpark::unpark(&Std::current());
    let begin = Std::now();
    Std::park_timeout(LONG);
    let shared = Arc::new((StdMutex::<bool>::new(false), StdCondvar::default()));
    let other = shared.clone();
    let handle = Std::spawn("notifying", move || {
        *other.0.lock() = true;
        Condvar::notify_all(&other.1);
    })
    .expect("a thread");
    let mut done = shared.0.lock();
    while !*done {
        let timed_out;
        (done, timed_out) = TimedCondvar::wait_timeout(&shared.1, done, LONG);
        assert!(!timed_out || *done);
    }
    drop(done);
    Join::join(handle).expect("no panic");
    assert!(Std::now() < begin + LONG);
}
