//! What a profile says of a program, whatever the schedules were that it was learned from.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Join};
use raddle_sim::kernel::{Kernel, Run};
use raddle_sim::strategy::{Profile, Random, Strategy};

use crate::{Count, LIMITS, profile, spawn, spawn_and_join};

/// How often each thread touches an object in an execution, by spawn path.
type Accesses = Vec<(Vec<u32>, u64)>;

/// For each object, whether it is shared, and who touches it.
fn objects(profile: &Profile) -> Vec<(bool, Accesses)> {
    let mean = |total: u64| {
        assert_eq!(total % profile.executions(), 0, "the threads of this test do not depend on schedules");
        total / profile.executions()
    };
    let accesses = |accesses: &[(usize, u64)]| {
        let named = |&(thread, total): &(usize, u64)| (profile.spawn_path(thread).to_vec(), mean(total));
        accesses.iter().map(named).collect()
    };
    let objects = profile.objects().iter();
    objects.map(|object| (object.is_shared, accesses(&object.accesses))).collect()
}

#[test]
fn objects_made_in_a_loop_are_told_apart_though_their_threads_race_to_touch_them_first() {
    let profile = profile(20, || {
        let counters: Arc<[Count]> = (0..3).map(|_| Count::new(0)).collect();
        spawn_and_join((0..3).map(|index| {
            let counters = Arc::clone(&counters);
            move || {
                counters[index].load(SeqCst);
                counters[index].load(SeqCst);
                counters[(index + 1) % 3].load(SeqCst);
            }
        }));
    });
    let expected = [
        (true, vec![(vec![0], 2), (vec![2], 1)]),
        (true, vec![(vec![0], 1), (vec![1], 2)]),
        (true, vec![(vec![1], 1), (vec![2], 2)]),
    ];
    assert_eq!(objects(&profile), expected);
}

#[test]
fn objects_that_only_a_spawn_or_a_join_hands_on_are_not_shared() {
    let profile = profile(20, || {
        let before = Arc::new(Count::new(0));
        before.store(1, SeqCst);
        let theirs = Arc::clone(&before);
        spawn(move || theirs.fetch_add(1, SeqCst)).join().unwrap();
        before.load(SeqCst);
        let beside = Arc::new(Count::new(0));
        let theirs = Arc::clone(&beside);
        let child = spawn(move || theirs.fetch_add(1, SeqCst));
        beside.load(SeqCst);
        child.join().unwrap();
    });
    let expected = [(false, vec![(vec![], 2), (vec![0], 1)]), (true, vec![(vec![], 1), (vec![1], 1)])];
    assert_eq!(objects(&profile), expected);
}

#[test]
fn threads_are_named_by_their_spawn_paths() {
    let profile = profile(20, || {
        let parents = (0..2).map(|_| || spawn_and_join((0..2).map(|_| || ())));
        spawn_and_join(parents);
    });
    let paths: Vec<&[u32]> = (0..profile.threads()).map(|thread| profile.spawn_path(thread)).collect();
    let expected: [&[u32]; 7] = [&[], &[0], &[0, 0], &[0, 1], &[1], &[1, 0], &[1, 1]];
    assert_eq!(paths, expected);
    assert_eq!(profile.maximum_threads(), 7);
}

/// A program whose length and accesses depend on the schedule.
fn race() {
    let left = Arc::new(Count::new(0));
    let right = Arc::new(Count::new(0));
    spawn_and_join((0..3).map(|_| {
        let (left, right) = (Arc::clone(&left), Arc::clone(&right));
        move || {
            if left.load(SeqCst) == 0 {
                left.store(1, SeqCst);
                right.fetch_add(1, SeqCst);
            }
        }
    }));
}

#[test]
fn executions_may_be_observed_in_any_order() {
    let observe = |schedules: &[u64]| {
        let mut kernel = Kernel::new(LIMITS);
        let mut profile = Profile::default();
        for schedule in schedules {
            kernel.run(&mut Random::starting_at(7, *schedule), race).expect("a random walk always goes on");
            profile.observe(&kernel);
        }
        profile
    };
    let first = observe(&[0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(observe(&[6, 2, 7, 0, 5, 3, 1, 4]), first);
    assert_ne!(observe(&[0, 1, 2, 3, 4, 5, 6, 8]), first, "else this says nothing");
    assert!(first.mean_steps() < first.maximum_steps());
}

/// Counts the questions of a random walk.
struct Counting(Random, u64);

impl Strategy for Counting {
    fn begin(&mut self) -> bool {
        self.1 = 0;
        self.0.begin()
    }
    fn thread(&mut self, now: &raddle_sim::strategy::Now<'_>) -> Option<usize> {
        self.1 += 1;
        self.0.thread(now)
    }
    fn value(&mut self, kind: raddle_sim::choice::Kind, options: u32) -> u32 {
        self.0.value(kind, options)
    }
}

#[test]
fn lengths_are_counted_in_steps_and_in_steps_that_are_a_choice() {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = Counting(Random::new(3), 0);
    let mut profile = Profile::default();
    let mut lengths: Vec<(u64, u64)> = Vec::new();
    for _ in 0..10 {
        let Run { steps, .. } = kernel.run(&mut strategy, race).expect("a random walk always goes on");
        profile.observe(&kernel);
        lengths.push((steps, strategy.1));
    }
    let maximum = |of: fn(&(u64, u64)) -> u64| lengths.iter().map(of).max().unwrap();
    let mean = |of: fn(&(u64, u64)) -> u64| lengths.iter().map(of).sum::<u64>().div_ceil(10);
    assert_eq!(profile.maximum_steps(), maximum(|length| length.0));
    assert_eq!(profile.maximum_contended_steps(), maximum(|length| length.1));
    assert_eq!(profile.mean_steps(), mean(|length| length.0));
    assert_eq!(profile.mean_contended_steps(), mean(|length| length.1));
    assert!(profile.maximum_contended_steps() < profile.maximum_steps());
}
