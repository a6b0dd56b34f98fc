//! POS decides each race afresh.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Join, Memory, Threads};
use raddle_sim::kernel::{End, Kernel, OpKind};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Pos, Profile, Random};
use raddle_sim::thread;

use crate::{Count, LIMITS, assert_about, spawn, stories};

#[test]
fn all_interleavings_of_two_straight_lines_are_reached() {
    let told = stories(&mut Pos::new(1), 20_000, |story| story.threads(&["aaaaa", "bbbbb"]));
    assert_eq!(told.len(), 252);
}

#[test]
fn each_race_is_a_fair_toss() {
    let schedules = 10_000;
    let told = stories(&mut Pos::new(1), schedules, |story| story.threads(&["a", "b"]));
    assert_about(told["ab"], schedules, 0.5);
    let told = stories(&mut Pos::new(2), schedules, |story| story.threads(&["a", "b", "c"]));
    for order in ["abc", "acb", "bac", "bca", "cab", "cba"] {
        assert_about(told[order], schedules, 1.0 / 6.0);
    }
    let told = stories(&mut Pos::new(3), schedules, |story| story.threads(&["aa", "bb"]));
    // The loser of a race draws again, and the winner's next step draws as well.
    assert_about(told["aabb"], schedules, 0.25);
    assert_about(told["abab"], schedules, 0.125);
}

#[test]
fn starting_late_is_no_reason_to_lose() {
    let schedules = 10_000;
    // By the time the last thread is started, the first could have gone through long ago.
    let told = stories(&mut Pos::new(1), schedules, |story| {
        story.threads(&["a", "", "", "", "", "", "", "", "b"]);
    });
    assert_about(told["ab"], schedules, 0.5);
}

/// One thread makes one access to an object and ends, another one makes ten. `main` asks whether the first has ended, or does not.
fn short_and_long(asks: bool) {
    let object = Arc::new(Count::new(0));
    let start = |accesses| {
        let object = Arc::clone(&object);
        thread::spawn(move || {
            (0..accesses).for_each(|_| {
                object.fetch_add(1, SeqCst);
            });
        })
    };
    let (short, long) = (start(1), start(10));
    if asks {
        object.fetch_add(1, SeqCst);
        short.is_finished();
    }
    short.join().unwrap();
    long.join().unwrap();
}

#[test]
fn a_thread_ends_at_once_unless_somebody_asks_whether_it_has() {
    for asks in [false, true] {
        let mut kernel = Kernel::new(LIMITS);
        let mut profile = Profile::default();
        for _ in 0..8 {
            kernel.run(&mut Random::new(1), move || short_and_long(asks));
            profile.observe(&kernel);
        }
        assert_eq!(profile.asks_for_ends(), asks);
        let mut pos = Pos::of(1, &Arc::new(profile));
        let (mut late, mut after_the_question) = (0, 0);
        for _ in 0..1_000 {
            kernel.run(&mut pos, move || short_and_long(asks));
            let log = kernel.log();
            let end = log.iter().position(|step| step.thread == 1 && step.op.kind == OpKind::Exit).unwrap();
            let access = log[..end].iter().rposition(|step| step.thread == 1).unwrap();
            let is_access = |kind| kind == OpKind::Modify;
            late += u32::from(log[access + 1..end].iter().any(|step| is_access(step.op.kind)));
            let question = log.iter().position(|step| step.op.kind == OpKind::IsFinished);
            after_the_question += u32::from(question.is_some_and(|question| end > question));
        }
        if asks {
            assert!((100..900).contains(&after_the_question), "{after_the_question}");
        } else {
            assert_eq!(late, 0, "nothing that races comes between the last access of a thread and its end");
        }
    }
}

#[test]
fn pure_loads_do_not_disturb_each_other() {
    // Many readers of one object, and a race elsewhere: it stays a fair toss.
    let schedules = 10_000;
    let told = stories(&mut Pos::new(1), schedules, |story| {
        let object = Arc::new(Count::new(0));
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let object = Arc::clone(&object);
                spawn(move || {
                    object.load(SeqCst);
                })
            })
            .collect();
        story.threads(&["a", "b"]);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
    assert_about(told["ab"], schedules, 0.5);
}

#[test]
fn loops_that_wait_end_whether_they_say_so_or_not() {
    for yields in [true, false] {
        let mut kernel = Kernel::new(LIMITS);
        let mut strategy = Pos::new(1);
        for _ in 0..200 {
            let run = kernel.run(&mut strategy, || {
                let flag = Arc::new(<Sim as Memory>::AtomicBool::new(false));
                let theirs = Arc::clone(&flag);
                let waiter = spawn(move || {
                    while !theirs.load(SeqCst) {
                        if yields {
                            Sim::yield_now();
                        }
                    }
                });
                flag.store(true, SeqCst);
                waiter.join().unwrap();
            });
            assert_eq!(run.expect("sampling never ends by itself").end, End::Finished);
        }
    }
}
