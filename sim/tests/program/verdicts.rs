//! What is found, and what is not.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Condvar, Join, Mutex};
use raddle_sim::Check;
use raddle_sim::campaign::{Class, Unchecked};
use raddle_sim::kernel::Limits;
use raddle_sim::platform::{Sim, SimCondvar};

use super::{Count, Lock, class, failure, start};

#[test]
fn a_correct_program_passes() {
    let checked = Check::new().schedules(500).try_run(|| {
        let counter = Arc::new(Count::new(0));
        let mine = Arc::clone(&counter);
        let other = start("other", move || mine.fetch_add(1, SeqCst));
        counter.fetch_add(1, SeqCst);
        other.join().expect("it does not panic");
        assert_eq!(counter.load(SeqCst), 2);
    });
    let checked = checked.expect("nothing is wrong with it");
    assert_eq!(checked.schedules, 500);
    assert!(checked.steps > 500);
}

fn lost_update() {
    let counter = Arc::new(Count::new(0));
    let mine = Arc::clone(&counter);
    let other = start("other", move || mine.store(mine.load(SeqCst) + 1, SeqCst));
    counter.store(counter.load(SeqCst) + 1, SeqCst);
    other.join().expect("it does not panic");
    assert_eq!(counter.load(SeqCst), 2, "an update was lost");
}

#[test]
fn a_failing_assertion_is_told_with_its_message_and_the_steps() {
    let (report, text) = failure(&Check::new().name("lost_update"), lost_update);
    assert_eq!(class(&report), Class::Panic);
    for part in [
        "`main` panicked at sim/tests/program/verdicts.rs:",
        "an update was lost",
        "RADDLE_REPLAY=r1-",
        " cargo test lost_update\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("store atomic #"), "{text}");
    assert!(
        text.contains("Objects: ") && text.contains("verdicts.rs:"),
        "objects are told by their birthplace: {text}"
    );
}

#[test]
fn depth_first_search_finds_it_too_and_says_so() {
    let (report, text) = failure(&Check::new().depth_first(1, 10_000), lost_update);
    assert_eq!(report.method.name(), "depth-first");
    assert!(text.contains("(depth-first, schedule "), "{text}");
}

fn opposite_orders() {
    let locks = [Arc::new(Lock::new(0)), Arc::new(Lock::new(0))];
    let [first, second] = locks.clone();
    let other = start("other", move || {
        let _first = first.lock();
        let _second = second.lock();
    });
    let [first, second] = locks;
    {
        let _second = second.lock();
        let _first = first.lock();
    }
    other.join().expect("it does not panic");
}

#[test]
fn a_deadlock_names_who_waits_for_whom_and_where_both_locks_come_from() {
    let (report, text) = failure(&Check::new(), opposite_orders);
    assert_eq!(class(&report), Class::Deadlock);
    assert!(text.contains("deadlock: `main` waits for `other`, and `other` waits for `main`."), "{text}");
    let waiting = |start: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(start));
        line.unwrap_or_else(|| panic!("no line for {start}: {text}"))
    };
    for (line, holder) in [(waiting("`main` waits to lock"), 1), (waiting("`other` (spawned at "), 0)] {
        assert!(
            line.contains("verdicts.rs:") && line.contains(&format!("which thread {holder} holds")),
            "{line}"
        );
    }
}

#[test]
fn waiting_for_what_nobody_will_do_is_a_deadlock_without_a_circle() {
    let (report, text) = failure(&Check::new(), || {
        let lock = Lock::new(0);
        let condvar = SimCondvar::new();
        drop(Condvar::<Sim>::wait(&condvar, lock.lock()));
    });
    assert_eq!(class(&report), Class::Deadlock);
    assert!(text.contains("nobody is left who could let `main` go on"), "{text}");
    assert!(text.contains("waits for a notification of condvar #"), "{text}");
}

#[test]
fn a_panic_that_somebody_joined_is_nobody_elses_business() {
    let program = || {
        let other = start("other", || -> () { std::panic::resume_unwind(Box::new("on purpose")) });
        assert!(other.join().is_err());
    };
    Check::new().schedules(50).try_run(program).expect("the panic was taken");
    let (report, text) = failure(&Check::new().schedules(50), || {
        drop(start("other", || -> () { std::panic::resume_unwind(Box::new("on purpose")) }));
    });
    assert_eq!(class(&report), Class::Panic);
    assert!(text.contains("`other` panicked: on purpose"), "{text}");
}

#[test]
fn a_run_that_reaches_its_bound_makes_the_answer_inconclusive() {
    let check = Check::new().schedules(10).limits(Limits { steps: 20, ..Limits::default() });
    let answer = check.try_run(|| {
        let counter = Count::new(0);
        while counter.fetch_add(1, SeqCst) < 100 {}
    });
    let Err(Unchecked::Inconclusive(reason)) = answer else { panic!("it is inconclusive: {answer:?}") };
    assert!(reason.contains("10 of 10 runs were cut short at the bounds"), "{reason}");
}

#[test]
fn the_same_seed_finds_the_same_run_with_any_number_of_jobs() {
    let found = |jobs: usize| {
        let jobs = jobs.try_into().expect("not zero");
        let (report, text) = failure(&Check::new().name("lost").seed(3).jobs(jobs), lost_update);
        (report.failure.expect("it failed").schedule, text)
    };
    assert_eq!(found(1), found(2));
}

#[test]
#[should_panic(expected = "an update was lost")]
fn check_fails_like_any_test() {
    raddle_sim::check(lost_update);
}

#[test]
fn a_livelock_is_told_with_the_steps_that_come_again() {
    let check = Check::new().schedules(1).limits(Limits { steps: 100, ..Limits::default() });
    let (report, text) = failure(&check, || {
        let flag = Count::new(0);
        while flag.load(SeqCst) == 0 {}
    });
    assert_eq!(class(&report), Class::Livelock);
    assert!(text.contains("the program repeats 1 step for ever"), "{text}");
    assert!(text.contains("`main`: load #0 (created at ") && text.contains("verdicts.rs:"), "{text}");
}

/// Survives the executions that change it.
static CALLS: Count = Count::new(0);

#[test]
fn a_static_that_an_earlier_run_has_changed_is_told() {
    let (report, text) = failure(&Check::new(), || {
        CALLS.fetch_add(1, SeqCst);
    });
    assert_eq!(class(&report), Class::Nondeterminism);
    assert!(text.contains("atomic #0 (created at ") && text.contains("verdicts.rs:"), "{text}");
}
