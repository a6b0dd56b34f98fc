//! SURW: orders of accesses come about with the probabilities that they should have.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Join, Threads};
use raddle_sim::choice::Choice;
use raddle_sim::kernel::{End, Kernel, Target};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Balance, Profile, Random, Selection, Strategy, Surw};

use crate::{Count, LIMITS, profile, spawn, spawn_and_join};

/// As in the paper.
fn one_object(seed: u64, profile: Profile) -> Surw {
    let one = Selection::Objects(1..=1);
    Surw::new(seed, Arc::new(profile)).selecting(one).balancing(Balance::Events)
}

fn all_objects(seed: u64, profile: Profile) -> Surw {
    Surw::new(seed, Arc::new(profile)).selecting(Selection::All).balancing(Balance::Events)
}

/// How often each order came about in which threads have touched the one object that several of them touch.
fn orders(executions: u64, mut strategy: impl Strategy, program: impl Fn()) -> BTreeMap<Vec<u32>, u64> {
    let mut kernel = Kernel::new(LIMITS);
    let mut orders = BTreeMap::new();
    for _ in 0..executions {
        kernel.run(&mut strategy, &program).expect("these strategies always go on");
        let mut touches: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for step in kernel.log().iter().filter(|step| step.op.kind.target() == Target::Object) {
            touches.entry(step.op.target).or_default().push(step.thread);
        }
        let shared = touches.into_values().find(|threads| threads.iter().any(|thread| *thread != threads[0]));
        *orders.entry(shared.expect("several threads touch an object")).or_default() += 1;
    }
    orders
}

/// How unevenly `executions` were spread over `kinds`: about `kinds` if each is equally likely, with a standard deviation of
/// the root of twice that.
fn chi_square(counts: impl ExactSizeIterator<Item = u64>, kinds: usize, executions: u64) -> f64 {
    let expected = executions as f64 / kinds as f64;
    let missing = (kinds - counts.len()) as f64 * expected;
    missing + counts.map(|count| (count as f64 - expected).powi(2) / expected).sum::<f64>()
}

/// Five standard deviations above what is expected of an even spread.
fn bound(kinds: usize) -> f64 {
    kinds as f64 + 5.0 * (2.0 * kinds as f64).sqrt()
}

/// Two threads of five steps on one object, and some more on objects of their own.
fn two_lines(private_steps: [usize; 2]) {
    let shared = Arc::new(Count::new(0));
    spawn_and_join(private_steps.map(|steps| {
        let shared = Arc::clone(&shared);
        move || {
            for _ in 0..5 {
                shared.fetch_add(1, SeqCst);
                let private = Count::new(0);
                (0..steps).for_each(|_| private.store(1, SeqCst));
            }
        }
    }));
}

const INTERLEAVINGS: usize = 252;
const EXECUTIONS: u64 = 40 * INTERLEAVINGS as u64;

#[test]
fn all_interleavings_of_two_straight_lines_are_equally_likely() {
    let program = || two_lines([0, 0]);
    for strategy in [one_object(1, profile(8, program)), all_objects(2, profile(8, program))] {
        let orders = orders(EXECUTIONS, strategy, program);
        assert_eq!(orders.len(), INTERLEAVINGS);
        let uneven = chi_square(orders.into_values(), INTERLEAVINGS, EXECUTIONS);
        assert!(uneven < bound(INTERLEAVINGS), "{uneven}");
    }
    let walk = orders(EXECUTIONS, Random::new(1), program);
    let uneven = chi_square(walk.into_values(), INTERLEAVINGS, EXECUTIONS);
    assert!(uneven > 10.0 * bound(INTERLEAVINGS), "a random walk is not uniform: {uneven}");
}

#[test]
fn private_objects_cost_nothing() {
    let laden = || two_lines([3, 20]);
    for strategy in [one_object(3, profile(8, laden)), all_objects(3, profile(8, laden))] {
        let orders = orders(EXECUTIONS, strategy, laden);
        assert_eq!(orders.len(), INTERLEAVINGS);
        let uneven = chi_square(orders.into_values(), INTERLEAVINGS, EXECUTIONS);
        assert!(uneven < bound(INTERLEAVINGS), "{uneven}");
    }
    let missed = INTERLEAVINGS - orders(EXECUTIONS, Random::new(3), laden).len();
    assert!(missed > 10, "a random walk misses many: {missed}");
}

#[test]
fn what_a_thread_will_do_counts_with_its_parent_until_it_is_born() {
    // The second thread is born late, and not to `main`.
    let program = || {
        let shared = Arc::new(Count::new(0));
        let bodies = [0, 1].map(|_| {
            let shared = Arc::clone(&shared);
            move || {
                for _ in 0..5 {
                    shared.fetch_add(1, SeqCst);
                }
            }
        });
        let [first, second] = bodies;
        let first = spawn(first);
        let middle = spawn(|| {
            let private = Count::new(0);
            (0..20).for_each(|_| private.store(1, SeqCst));
            spawn(second).join().expect("it does not panic");
        });
        first.join().expect("it does not panic");
        middle.join().expect("it does not panic");
    };
    let orders = orders(EXECUTIONS, one_object(4, profile(8, program)), program);
    assert_eq!(orders.len(), INTERLEAVINGS);
    let uneven = chi_square(orders.into_values(), INTERLEAVINGS, EXECUTIONS);
    assert!(uneven < bound(INTERLEAVINGS), "{uneven}");
}

/// Many threads that write an object twice, and one that reads it.
fn crowd(writers: usize) {
    let shared = Arc::new(Count::new(0));
    let mut threads: Vec<_> = (0..writers)
        .map(|_| {
            let shared = Arc::clone(&shared);
            spawn(move || (0..2).for_each(|_| shared.store(1, SeqCst)))
        })
        .collect();
    threads.push(spawn(move || {
        shared.load(SeqCst);
        shared.load(SeqCst);
    }));
    threads.into_iter().for_each(|thread| thread.join().expect("no body panics"));
}

/// How often each thread was first.
fn firsts(executions: u64, strategy: Surw, program: impl Fn()) -> BTreeMap<u32, u64> {
    let mut firsts = BTreeMap::new();
    for (order, count) in orders(executions, strategy, program) {
        *firsts.entry(order[0]).or_default() += count;
    }
    firsts
}

#[test]
fn each_of_a_hundred_threads_may_be_first() {
    let program = || crowd(99);
    let firsts = firsts(3_000, one_object(5, profile(4, program)), program);
    assert_eq!(firsts.len(), 100);
    let uneven = chi_square(firsts.into_values(), 100, 3_000);
    assert!(uneven < bound(100), "{uneven}");
}

#[test]
fn a_thread_with_a_role_of_its_own_weighs_as_much_as_all_others_together() {
    let program = || crowd(9);
    let first = |balance| {
        let strategy = one_object(6, profile(4, program)).balancing(balance);
        firsts(2_000, strategy, program).get(&10).copied().unwrap_or(0)
    };
    let (events, roles, either) = (first(Balance::Events), first(Balance::Roles), first(Balance::Either));
    assert!((150..250).contains(&events), "one in ten: {events}");
    assert!((900..1_100).contains(&roles), "every other one: {roles}");
    assert!((330..470).contains(&either), "one in five: {either}");
}

/// Ten threads write two variables one after the other, ten look whether they have seen one write without the other.
fn reorder_20() {
    let variables = Arc::new([Count::new(0), Count::new(0)]);
    let start = |body: fn(&[Count; 2])| {
        let variables = Arc::clone(&variables);
        spawn(move || body(&variables))
    };
    let set = |[a, b]: &[Count; 2]| {
        a.store(1, SeqCst);
        b.store(2, SeqCst);
    };
    let check = |[a, b]: &[Count; 2]| {
        let is_whole =
            (a.load(SeqCst) == 0 && b.load(SeqCst) == 0) || (a.load(SeqCst) == 1 && b.load(SeqCst) == 2);
        assert!(is_whole, "one write without the other");
    };
    let threads = [set as fn(&[Count; 2]), check].map(|body| [(); 10].map(|()| start(body)));
    // The checker that panics is told by the run.
    threads.into_iter().flatten().for_each(|thread| drop(thread.join()));
}

#[test]
fn selection_finds_the_bug_of_reorder_20_sooner() {
    const SEEDS: u64 = 200;
    let profile = profile(16, reorder_20);
    let mut kernel = Kernel::new(LIMITS);
    let mut mean = |strategy: fn(u64, Profile) -> Surw| {
        let mut schedules = 0;
        for seed in 1..=SEEDS {
            let mut strategy = strategy(seed, profile.clone());
            schedules += 1;
            while kernel.run(&mut strategy, reorder_20).expect("it always goes on").panics == 0 {
                schedules += 1;
            }
        }
        schedules as f64 / SEEDS as f64
    };
    let (selective, unselective) = (mean(one_object), mean(all_objects));
    assert!(selective < 4.5, "{selective}");
    assert!(unselective > 4.8, "{unselective}");
}

#[test]
fn a_schedule_depends_on_the_seed_the_profile_and_its_number_alone() {
    let program = || crowd(4);
    let learned = Arc::new(profile(8, program));
    let mut kernel = Kernel::new(LIMITS);
    let mut choices = |strategy: &mut Surw| -> Vec<Choice> {
        kernel.run(strategy, program).expect("it always goes on");
        kernel.choices().to_vec()
    };
    let mut series = Surw::new(9, Arc::clone(&learned));
    let all: Vec<_> = (0..50).map(|_| choices(&mut series)).collect();
    for number in [49, 0, 17] {
        let mut alone = Surw::starting_at(9, number, Arc::clone(&learned));
        assert_eq!(alone.next_schedule(), number);
        assert_eq!(choices(&mut alone), all[number as usize]);
    }
    let mut other = Surw::new(10, learned);
    assert_ne!((0..50).map(|_| choices(&mut other)).collect::<Vec<_>>(), all);
}

#[test]
fn loops_that_wait_for_others_end() {
    let wait = |wait: fn()| {
        let (flag, other) = (Arc::new(Count::new(0)), Arc::new(Count::new(0)));
        let (theirs, beside) = (Arc::clone(&flag), Arc::clone(&other));
        let waiter = spawn(move || {
            while theirs.load(SeqCst) == 0 {
                wait();
            }
            beside.store(1, SeqCst);
        });
        other.store(2, SeqCst);
        flag.store(1, SeqCst);
        waiter.join().expect("it does not panic");
    };
    let programs: [Box<dyn Fn()>; 2] = [Box::new(|| wait(Sim::yield_now)), Box::new(|| wait(|| ()))];
    for program in programs {
        let mut strategy = Surw::new(1, Arc::new(profile(8, &program)));
        let mut kernel = Kernel::new(LIMITS);
        for _ in 0..300 {
            let run = kernel.run(&mut strategy, &program).expect("it always goes on");
            assert_eq!(run.end, End::Finished);
        }
    }
}

#[test]
fn programs_that_the_profile_knows_nothing_of_run_as_well() {
    let mut kernel = Kernel::new(LIMITS);
    let known: fn() = || two_lines([2, 0]);
    for learned in [Profile::default(), profile(2, known)] {
        let mut strategy = Surw::new(1, Arc::new(learned));
        for _ in 0..100 {
            let run = kernel.run(&mut strategy, || crowd(7)).expect("it always goes on");
            assert_eq!((run.end, kernel.fault()), (End::Finished, None));
        }
    }
}
