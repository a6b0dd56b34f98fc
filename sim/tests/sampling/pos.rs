//! POS decides each race afresh.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, Join, Memory, Threads};
use raddle_sim::kernel::{End, Kernel};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::Pos;

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
