//! What a program leaves behind, and what only looks like it.

use std::mem;
use std::thread;

use raddle::platform::{Memory, Shared};
use raddle_sim::Check;
use raddle_sim::campaign::{Checked, Class, Unchecked};
use raddle_sim::platform::Sim;
use raddle_sim::sync::{Arc, LazyLock, Mutex, OnceLock, mpsc};

use super::{class, failure};

fn few() -> Check {
    Check::new().schedules(20)
}

fn passes(program: impl Fn() + Send + Sync + 'static) {
    few().try_run(program).expect("nothing is left behind");
}

/// The first sentence about a program that leaks.
fn leak(program: impl Fn() + Send + Sync + Clone + 'static) -> String {
    let (report, _) = failure(&few(), program.clone());
    assert_eq!(class(&report), Class::Leak);
    let allowed: Result<Checked, Unchecked> = few().leaks(false).try_run(program);
    allowed.expect("leaks are allowed");
    report.failure.expect("it failed").finding.headline
}

#[test]
fn what_is_forgotten_on_purpose_is_a_leak_unless_leaks_are_allowed() {
    type SimArc = <Sim as Memory>::Arc<u32>;
    let programs: [(&str, fn()); 6] = [
        ("arc", || mem::forget(Arc::new(1))),
        ("arc", || mem::forget(SimArc::new(1))),
        ("arc", || {
            Arc::into_raw(Arc::new(1));
        }),
        ("arc", || {
            Box::leak(Box::new(Arc::new(1)));
        }),
        ("channel", || mem::forget(mpsc::channel::<u32>())),
        ("channel", || mem::forget(mpsc::sync_channel::<u32>(0).1)),
    ];
    for (kind, program) in programs {
        let headline = leak(program);
        let begins = format!("leak: the {kind} created at sim/tests/program/leaks.rs:");
        assert!(headline.starts_with(&begins), "{headline}");
        assert!(headline.ends_with(" is still there after all threads have ended."), "{headline}");
    }
}

#[test]
fn those_of_one_place_are_told_together() {
    let headline = leak(|| (0..3).for_each(|number| mem::forget(Arc::new(number))));
    assert!(headline.starts_with("leak: 3 arcs created at "), "{headline}");
    assert!(headline.contains(" are still there "), "{headline}");
}

#[test]
fn what_is_given_back_was_not_leaked() {
    passes(|| {
        let raw = Arc::into_raw(Arc::new(1));
        // SAFETY: it is given back once.
        drop(unsafe { Arc::from_raw(raw) });
        let (sender, receiver) = mpsc::channel();
        sender.send(Arc::new(2)).expect("the receiver is there");
        drop((receiver, sender));
        assert_eq!(Arc::try_unwrap(Arc::new(3)), Ok(3));
        let weak = Arc::new_cyclic(|_| 4);
        drop(Arc::downgrade(&weak));
        raddle_sim::thread::spawn(|| Arc::new(5));
    });
}

#[test]
fn what_was_made_before_the_run_is_none_of_its_business() {
    let before = Arc::new(5);
    passes(move || drop(before.clone()));
}

#[test]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn what_a_static_keeps_is_no_leak() {
    static LAZY: LazyLock<Arc<u32>> = LazyLock::new(|| Arc::new(7));
    static ONCE: OnceLock<Arc<u32>> = OnceLock::new();
    passes(|| {
        assert_eq!(**LAZY, 7);
        assert_eq!(**ONCE.get_or_init(|| Arc::new(8)), 8);
    });
    static LOCKED: Mutex<Option<Arc<u32>>> = Mutex::new(None);
    let (report, text) = failure(&few(), || *LOCKED.lock().unwrap() = Some(Arc::new(9)));
    assert_eq!(class(&report), Class::Nondeterminism, "it is carried over: {text}");
}

#[test]
fn a_thread_that_panicked_may_leave_something_behind() {
    passes(|| {
        let leaves = raddle_sim::thread::spawn(|| {
            mem::forget(Arc::new(1));
            std::panic::resume_unwind(Box::new("before it was given back"));
        });
        leaves.join().unwrap_err();
    });
}

fn parks_for_ever() {
    raddle_sim::thread::Builder::new().name("parked".to_owned()).spawn(raddle_sim::thread::park).unwrap();
}

#[test]
fn a_thread_that_outlives_main_is_a_leak_and_not_a_deadlock() {
    let (report, text) = failure(&few(), parks_for_ever);
    assert_eq!(class(&report), Class::Leak);
    assert!(
        text.contains("`main` has ended, and nobody is left who could let `parked` end as well"),
        "{text}"
    );
    assert!(text.contains("waits to be unparked"), "{text}");
    let (report, _) = failure(&few().leaks(false), parks_for_ever);
    assert_eq!(class(&report), Class::Deadlock, "it is told all the same");
}

#[test]
fn threads_that_wait_for_each_other_are_a_deadlock_also_after_main() {
    let (report, text) = failure(&few(), || {
        let locks = std::sync::Arc::new((Mutex::new(()), Mutex::new(()), raddle_sim::sync::Barrier::new(2)));
        for is_first in [true, false] {
            let locks = locks.clone();
            raddle_sim::thread::spawn(move || {
                let (own, other) = if is_first { (&locks.0, &locks.1) } else { (&locks.1, &locks.0) };
                let _own = own.lock();
                locks.2.wait();
                let _other = other.lock();
            });
        }
    });
    assert_eq!(class(&report), Class::Deadlock, "{text}");
}

#[test]
fn a_future_that_outlives_main_is_told_by_the_place_where_it_was_spawned() {
    let (report, text) = failure(&few(), || {
        drop(raddle_sim::future::spawn(std::future::pending::<()>()));
    });
    assert_eq!(class(&report), Class::Leak);
    assert!(text.contains("the future spawned at sim/tests/program/leaks.rs:"), "{text}");
}

#[test]
fn leaks_are_found_on_other_threads_too() {
    let place = thread::spawn(|| leak(|| mem::forget(Arc::new(1)))).join().expect("it is found there");
    assert!(place.contains("leaks.rs:"), "{place}");
}
