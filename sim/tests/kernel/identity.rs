//! Objects and threads belong to one execution at a time, and outside of one they work as those of `std`.

use std::ptr::NonNull;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Barrier};
use std::thread;

use raddle::platform::{Atomic, AtomicInt, Condvar, Join, Memory, Mutex, Shared, Threads, Unpark};
use raddle_sim::kernel::{End, Kernel};
use raddle_sim::platform::{Sim, SimArc, SimAtomicUsize, SimCondvar, SimMutex};
use raddle_sim::strategy::Random;

use crate::{LIMITS, Lock, panic_message, run_all, run_once, spawn, spawn_and_join};

#[test]
fn statics_and_objects_from_outside_can_be_used_by_one_execution_after_another() {
    static COUNT: SimAtomicUsize = SimAtomicUsize::new(0);
    static LOCK: SimMutex<usize> = SimMutex::new(0);
    for _ in 0..3 {
        let (run, _) = run_once(|| {
            spawn_and_join((0..2).map(|_| {
                || {
                    COUNT.fetch_add(1, SeqCst);
                    *LOCK.lock() += 1;
                }
            }));
        });
        assert_eq!((run.end, run.panics), (End::Finished, 0));
    }
    assert_eq!((COUNT.load(SeqCst), *LOCK.lock()), (6, 6));
}

#[test]
fn objects_are_numbered_by_first_touch_and_know_their_birthplace() {
    let mut kernel = Kernel::new(LIMITS);
    let _untouched = Lock::new(());
    kernel.run(&mut Random::new(1), || {
        let second = Lock::new(());
        let first = SimAtomicUsize::new(0);
        first.load(SeqCst);
        drop(second.lock());
    });
    let objects: Vec<String> = kernel.objects().iter().map(|object| object.kind.to_string()).collect();
    assert_eq!(objects, ["atomic", "mutex"]);
    assert!(kernel.objects().iter().all(|object| object.birthplace.file().ends_with("identity.rs")));
    assert!(kernel.objects()[0].birthplace.line() > kernel.objects()[1].birthplace.line());
}

#[test]
fn an_object_of_another_live_execution_is_refused_by_name() {
    let shared = Arc::new(Lock::new(()));
    let (claimed, checked) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let other = {
        let (shared, claimed, checked) = (shared.clone(), claimed.clone(), checked.clone());
        thread::spawn(move || {
            let (run, _) = run_once(|| {
                drop(shared.lock());
                claimed.wait();
                checked.wait();
            });
            assert_eq!(run.panics, 0);
        })
    };
    claimed.wait();
    let refused = |body: &dyn Fn()| {
        let (run, threads) = run_once(|| {
            let caught = Sim::catch_unwind(body);
            Sim::resume_unwind(caught.expect_err("it belongs to another execution"));
        });
        assert_eq!((run.end, run.panics), (End::Finished, 1));
        panic_message(&threads[0]).to_owned()
    };
    let message = refused(&|| drop(shared.lock()));
    assert!(message.contains("mutex created at") && message.contains("identity.rs"), "{message}");
    assert!(message.contains("another execution"), "{message}");
    checked.wait();
    other.join().unwrap();
    let (run, _) = run_once(|| drop(shared.lock()));
    assert_eq!((run.end, run.panics), (End::Finished, 0), "the other execution has ended");
}

#[test]
fn a_mutex_that_is_held_outside_of_the_execution_is_refused() {
    let lock = Lock::new(());
    let guard = lock.lock();
    let (run, threads) = run_once(|| drop(lock.lock()));
    assert_eq!((run.end, run.panics), (End::Finished, 1));
    assert!(panic_message(&threads[0]).contains("outside of this execution"), "{}", threads[0]);
    drop(guard);
    let (run, _) = run_once(|| drop(lock.lock()));
    assert_eq!(run.panics, 0);
}

#[test]
fn two_kernels_run_at_once_and_know_nothing_of_each_other() {
    let logs: Vec<_> = (0..2)
        .map(|_| {
            thread::spawn(|| {
                let mut kernel = Kernel::new(LIMITS);
                let mut strategy = Random::new(4);
                let mut logs = Vec::new();
                for _ in 0..500 {
                    kernel.run(&mut strategy, || {
                        let lock = Arc::new(Lock::new(0));
                        spawn_and_join((0..3).map(|_| {
                            let lock = lock.clone();
                            move || *lock.lock() += 1
                        }));
                    });
                    logs.push(kernel.log().to_vec());
                }
                logs
            })
        })
        .map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(logs[0], logs[1]);
}

#[test]
fn a_kernel_does_not_run_inside_of_an_execution() {
    let (run, threads) = run_once(|| {
        let payload = Sim::catch_unwind(|| run_once(|| ())).map(drop).expect_err("a panic");
        Sim::resume_unwind(payload);
    });
    assert_eq!(run.panics, 1);
    assert!(panic_message(&threads[0]).contains("inside of an execution"));
}

#[test]
fn each_thread_has_a_number_and_a_context_of_its_own() {
    run_all(
        || {
            let mut here = 0_u8;
            let here = NonNull::from(&mut here).cast::<()>();
            assert_eq!(Sim::set_context(Some(here)), None);
            let other = spawn(|| {
                assert_eq!((Sim::current_number(), Sim::context()), (1, None));
                let mut there = 0_u8;
                Sim::set_context(Some(NonNull::from(&mut there).cast()));
                Sim::yield_now();
            });
            Sim::yield_now();
            assert_eq!((Sim::current_number(), Sim::context()), (0, Some(here)));
            other.join().unwrap();
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn the_last_reference_frees_and_counts_agree() {
    run_all(
        || {
            let arc = SimArc::new(Lock::new(1));
            let theirs = arc.clone();
            assert!(SimArc::ptr_eq(&arc, &theirs));
            assert_eq!(SimArc::strong_count(&arc), 2);
            let other = spawn(move || SimArc::into_inner(theirs).is_some());
            let mine = SimArc::into_inner(arc).is_some();
            assert_ne!(mine, other.join().unwrap(), "exactly one of two was the last");
        },
        |run, _| assert_eq!((run.end, run.panics), (End::Finished, 0)),
    );
}

#[test]
fn outside_of_an_execution_everything_is_real() {
    let shared = SimArc::new((Lock::new(0), SimCondvar::new(), SimAtomicUsize::new(0)));
    let handles: Vec<_> = (0..4)
        .map(|_| {
            let shared = shared.clone();
            Sim::spawn("real", move || {
                shared.2.fetch_add(1, SeqCst);
                *shared.0.lock() += 1;
                shared.1.notify_one();
                thread::current().name().map(str::to_owned)
            })
            .unwrap()
        })
        .collect();
    let mut count = shared.0.lock();
    while *count < 4 {
        count = shared.1.wait(count);
    }
    drop(count);
    for handle in handles {
        handle.thread().unpark();
        assert_eq!(handle.join().unwrap().as_deref(), Some("real"));
    }
    assert_eq!(shared.2.load(SeqCst), 4);
    Sim::current().unpark();
    Sim::park();
    Sim::yield_now();
    assert!(Sim::random_below(3) < 3);
    assert!(!Sim::panicking());
    assert!(Sim::catch_unwind(|| Sim::resume_unwind(Box::new(1))).is_err());
    assert_eq!(SimArc::strong_count(&shared), 1);
}

#[test]
fn handles_outlive_their_execution() {
    let mut handle = None;
    let (run, _) = run_once(|| handle = Some(spawn(|| 9)));
    assert_eq!(run.end, End::Finished);
    let handle = handle.unwrap();
    handle.thread().unpark();
    assert!(handle.is_finished());
    assert_eq!(handle.join().unwrap(), 9);
}

#[test]
#[should_panic(expected = "a load cannot have the order Release")]
fn orders_that_do_not_exist_are_refused_as_by_core() {
    SimAtomicUsize::new(0).load(std::sync::atomic::Ordering::Release);
}
