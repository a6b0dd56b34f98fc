//! PCT finds a bug of depth d with the probability of its paper.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, Join, Memory, Mutex, Threads};
use raddle_sim::kernel::{End, Kernel};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Now, Pct, Strategy};

use crate::{Count, LIMITS, Lock, Story, assert_about, assert_at_least, count, spawn, stories};

/// The most steps that count in an execution of `program`, over some executions.
fn length(program: impl Fn(&Story)) -> u64 {
    struct Counting(Pct, u64);
    impl Strategy for Counting {
        fn begin(&mut self) -> bool {
            self.0.begin()
        }
        fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
            let option = self.0.thread(now)?;
            // Each question is to be counted here.
            now.answer_in_advance(0);
            self.1 += u64::from(Pct::counts(now.pending(now.thread(option)).kind));
            Some(option)
        }
        fn value(&mut self, kind: raddle_sim::choice::Kind, options: u32) -> u32 {
            self.0.value(kind, options)
        }
    }
    let one = || {
        let mut counting = Counting(Pct::new(7, 10), 0);
        stories(&mut counting, 1, &program);
        counting.1
    };
    (0..8).map(|_| one()).max().expect("there are some")
}

/// Schedules of `program` in which `is_bug`, against the promise for `threads` threads and depth `depth`.
fn assert_finds(depth: u32, threads: u64, program: impl Fn(&Story), is_bug: impl Fn(&str) -> bool) {
    let schedules = 20_000;
    let length = length(&program);
    let promised = 1.0 / (threads * length.pow(depth - 1)) as f64;
    let mut strategy = Pct::new(1, length).with_depth(depth);
    let found = count(&stories(&mut strategy, schedules, program), is_bug);
    assert_at_least(found, schedules, promised);
}

#[test]
fn one_ordering_is_met_often_enough() {
    for (first, second) in [("d", "a"), ("c", "b"), ("a", "d")] {
        let program = |story: &Story| story.threads(&["aaa", "bbb", "ccc", "ddd"]);
        assert_finds(1, 5, program, |told| told.rfind(first) < told.find(second));
    }
}

#[test]
fn a_gap_of_two_steps_is_hit_often_enough() {
    let program = |story: &Story| story.threads(&["aaaaaAAaaaaa", "b", "cccc"]);
    assert_finds(2, 4, program, |told| told.find('A') < told.find('b') && told.find('b') < told.rfind('A'));
}

#[test]
fn two_gaps_are_hit_in_one_schedule_often_enough() {
    let program = |story: &Story| story.threads(&["aaAAaa", "bBBb"]);
    // The first thread stops between its two, the second one goes as far as between its two, and then the first ends.
    assert_finds(3, 3, program, |told| told == "aaAbBAaaBb");
}

#[test]
fn without_a_change_point_every_thread_runs_as_far_as_it_can() {
    let told = stories(&mut Pct::new(1, 100).with_depth(1), 500, |story| story.threads(&["aaa", "bbb"]));
    let told: Vec<&str> = told.keys().map(String::as_str).collect();
    assert_eq!(told, ["aaabbb", "bbbaaa"]);
}

#[test]
fn all_orders_of_threads_are_equally_likely_although_they_are_born_one_after_the_other() {
    let schedules = 12_000;
    let program = |story: &Story| {
        let gate = Arc::new(Lock::new(()));
        let closed = gate.lock();
        let workers = ['a', 'b', 'c'].map(|letter| {
            let (story, gate) = (story.clone(), Arc::clone(&gate));
            spawn(move || {
                drop(gate.lock());
                story.step(letter);
            })
        });
        drop(closed);
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    };
    let told = stories(&mut Pct::new(1, 20).with_depth(1), schedules, program);
    for order in ["abc", "acb", "bac", "bca", "cab", "cba"] {
        assert_about(told[order], schedules, 1.0 / 6.0);
    }
}

#[test]
fn of_two_lowered_threads_either_may_wait_for_the_other() {
    let schedules = 60_000;
    let program = |story: &Story| story.threads(&["aA", "bB", "cc"]);
    let told = stories(&mut Pct::new(1, length(program)).with_depth(3), schedules, program);
    // Both are lowered after their first step, the third thread goes through, and then they end.
    let [first, second] = ["abccAB", "abccBA"].map(|story| told.get(story).copied().unwrap_or(0));
    assert!(first > 50 && second > 50, "{first} and {second} of {schedules}");
    assert_about(first, first + second, 0.5);
}

#[test]
fn a_loop_that_yields_lets_all_others_go_first() {
    let (spinning, done) = (Arc::new(Count::new(0)), 5);
    for schedule in 0..100 {
        let mut kernel = Kernel::new(LIMITS);
        let mut strategy = Pct::new(1, 20).starting_at(schedule);
        let run = kernel.run(&mut strategy, || {
            let flag = Arc::new(<Sim as Memory>::AtomicBool::new(false));
            let waiters: Vec<_> = (0..3)
                .map(|_| {
                    let flag = Arc::clone(&flag);
                    spawn(move || {
                        while !flag.load(SeqCst) {
                            Sim::yield_now();
                        }
                    })
                })
                .collect();
            for _ in 0..done {
                spinning.load(SeqCst);
            }
            flag.store(true, SeqCst);
            waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        });
        let run = run.expect("sampling never ends by itself");
        assert_eq!(run.end, End::Finished);
        assert!(run.steps < 60, "{} steps in schedule {schedule}", run.steps);
    }
}

#[test]
fn a_loop_that_waits_without_saying_so_ends_in_the_fair_suffix() {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Pct::new(1, 20).with_depth(1);
    let mut steps = Vec::new();
    for _ in 0..50 {
        let run = kernel.run(&mut strategy, || {
            let flag = Arc::new(<Sim as Memory>::AtomicBool::new(false));
            let theirs = Arc::clone(&flag);
            let waiter = spawn(move || while !theirs.load(SeqCst) {});
            flag.store(true, SeqCst);
            waiter.join().unwrap();
        });
        let run = run.expect("sampling never ends by itself");
        assert_eq!(run.end, End::Finished);
        steps.push(run.steps);
    }
    assert!(steps.iter().any(|steps| *steps > 1_000), "no waiter had the highest priority: {steps:?}");
    assert!(steps.iter().all(|steps| *steps < 1_100), "{steps:?}");
}
