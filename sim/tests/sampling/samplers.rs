//! What holds for all sampling strategies.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{AtomicInt, Join, Mutex, Threads};
use raddle_sim::choice::{Choice, Kind};
use raddle_sim::kernel::{Kernel, StepRecord, choose};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Calibration, Profile, Replay, Sampler, Strategy};

use crate::{Count, LIMITS, Lock, Story, count, spawn, stories};

fn profile(sampler: Sampler, program: impl Fn(&Story)) -> Arc<Profile> {
    let mut kernel = Kernel::new(LIMITS);
    let mut calibration = Calibration::new(sampler, 5);
    for _ in 0..sampler.calibration() {
        kernel.run(&mut calibration, || program(&Story::default())).expect("sampling never ends");
        calibration.observe(&kernel);
    }
    calibration.into_profile()
}

/// A little of everything.
fn program(story: &Story) {
    let lock = Arc::new(Lock::new(()));
    let workers = ['a', 'b', 'c'].map(|letter| {
        let (story, lock) = (story.clone(), Arc::clone(&lock));
        spawn(move || {
            let own = Count::new(0);
            for _ in 0..=choose(Kind::Scenario, 3) {
                own.fetch_add(1, SeqCst);
                story.step(letter);
                let held = lock.lock();
                Sim::yield_now();
                drop(held);
            }
        })
    });
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}

fn run(kernel: &mut Kernel, strategy: &mut dyn Strategy) -> (Vec<Choice>, Vec<StepRecord>) {
    kernel.run(strategy, || program(&Story::default())).expect("there is a schedule left");
    assert_eq!(kernel.fault(), None);
    (kernel.choices().to_vec(), kernel.log().to_vec())
}

#[test]
fn every_run_of_every_strategy_is_replayed_exactly() {
    let mut kernel = Kernel::new(LIMITS);
    for sampler in Sampler::ALL {
        let mut strategy = sampler.strategy(1, 0, &profile(sampler, program));
        for _ in 0..40 {
            let first = run(&mut kernel, &mut *strategy);
            let mut replay = Replay::of(&first.0);
            assert_eq!(run(&mut kernel, &mut replay), first, "{sampler}");
            assert!(replay.was_exact(), "{sampler}");
        }
    }
}

#[test]
fn each_schedule_of_every_strategy_can_be_had_alone() {
    let mut kernel = Kernel::new(LIMITS);
    for sampler in Sampler::ALL {
        let profile = profile(sampler, program);
        let mut strategy = sampler.strategy(3, 0, &profile);
        let all: Vec<_> = (0..40).map(|_| run(&mut kernel, &mut *strategy)).collect();
        assert!(all.windows(2).any(|pair| pair[0] != pair[1]), "{sampler}");
        for schedule in [0, 7, 16, 39] {
            let alone = run(&mut kernel, &mut *sampler.strategy(3, schedule, &profile));
            assert_eq!(all[schedule as usize], alone, "schedule {schedule} of {sampler}");
        }
        let mut other_seed = sampler.strategy(4, 0, &profile);
        assert!((0..40).any(|at| run(&mut kernel, &mut *other_seed) != all[at]), "{sampler}");
    }
}

#[test]
fn the_batch_that_is_learned_from_is_drawn_by_the_strategy_itself_from_its_second_schedule_on() {
    let (seed, mut kernel) = (7, Kernel::new(LIMITS));
    for sampler in Sampler::ALL.into_iter().filter(|sampler| sampler.calibration() > 0) {
        let mut calibration = Calibration::new(sampler, seed);
        let mut strategy = Sampler::Random.strategy(seed, 0, &Arc::default());
        let mut profile = Profile::default();
        for schedule in 0..Calibration::EXECUTIONS {
            if [1, 2, 4, 8].contains(&schedule) {
                // What it is drawn from is what the executions before it have taught.
                strategy = sampler.strategy(seed, schedule, &Arc::new(profile.clone()));
            }
            let expected = run(&mut kernel, &mut *strategy);
            assert_eq!(run(&mut kernel, &mut calibration), expected, "schedule {schedule} of {sampler}");
            profile.observe(&kernel);
            calibration.observe(&kernel);
        }
        assert_eq!(calibration.into_profile().objects(), profile.objects(), "{sampler}");
    }
}

#[test]
fn without_a_profile_every_strategy_still_runs() {
    let mut kernel = Kernel::new(LIMITS);
    for sampler in Sampler::ALL {
        let mut strategy = sampler.strategy(1, 0, &Arc::default());
        (0..20).for_each(|_| drop(run(&mut kernel, &mut *strategy)));
    }
}

/// Two gaps that another thread has to hit, where each thread also uses an object of its own so many times before each step.
fn gaps(private: usize) -> impl Fn(&Story) {
    move |story| {
        let workers = ["aaAAaa", "bbBBbb", "c"].map(|text| {
            let story = story.clone();
            spawn(move || {
                let own = Count::new(0);
                for letter in text.chars() {
                    for _ in 0..private {
                        own.fetch_add(1, SeqCst);
                    }
                    story.step(letter);
                }
            })
        });
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    }
}

#[test]
fn private_accesses_cost_no_strategy_its_precision() {
    let schedules = 20_000;
    let is_bug = |told: &str| told.find('A') < told.find('c') && told.find('c') < told.rfind('A');
    for sampler in Sampler::ALL.into_iter().filter(|sampler| sampler.calibration() > 0) {
        let found = [0, 8].map(|private| {
            let program = gaps(private);
            let mut strategy = sampler.strategy(1, 0, &profile(sampler, &program));
            count(&stories(&mut *strategy, schedules, program), is_bug) as f64
        });
        let [without, with] = found;
        let share = (without + with) / (2.0 * schedules as f64);
        let luck = 4.0 * (2.0 * schedules as f64 * share * (1.0 - share)).sqrt();
        assert!(
            without > 100.0 && (without - with).abs() < luck,
            "{sampler}: {without}, {with}, luck {luck}"
        );
    }
}

#[test]
fn the_open_steps_of_a_program_do_not_depend_on_what_threads_do_for_themselves() {
    let [without, with] = [0, 8].map(|private| profile(Sampler::Pos, gaps(private)));
    assert!(with.maximum_contended_steps() > 2 * without.maximum_contended_steps());
    let (without, with) = (without.maximum_open_steps(), with.maximum_open_steps());
    assert!(without.abs_diff(with) <= 3, "{without} and {with}");
}
