//! Executions that never end are told from those that are only long.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Clock, Join, Memory, Mutex, Threads};
use raddle_sim::kernel::{End, Kernel, Limits, OpKind};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Random, Replay, Strategy};

use crate::{Count, Lock, spawn};

const STEPS: u64 = 1_000;

fn kernel() -> Kernel {
    Kernel::new(Limits { steps: STEPS, ..Limits::default() })
}

fn run(kernel: &mut Kernel, strategy: &mut impl Strategy, program: impl Fn()) -> End {
    kernel.run(strategy, program).expect("there is a run").end
}

/// Each of two threads takes its lock, and gives it back when it finds the other one taken.
fn after_you() {
    let [left, right] = [Arc::new(Lock::new(())), Arc::new(Lock::new(()))];
    let politely = |first: Arc<Lock<()>>, second: Arc<Lock<()>>| {
        move || {
            loop {
                let _first = first.lock();
                if second.try_lock().is_some() {
                    return;
                }
            }
        }
    };
    let other = spawn(politely(left.clone(), right.clone()));
    politely(right, left)();
    other.join().unwrap();
}

#[test]
fn a_cycle_is_reported_with_its_steps_and_replayed_from_the_choices() {
    let mut kernel = kernel();
    let flag = || {
        let flag = Arc::new(Count::new(0));
        let other = spawn({
            let flag = flag.clone();
            move || while flag.load(SeqCst) == 0 {}
        });
        while flag.load(SeqCst) == 0 {
            Sim::spin_hint();
        }
        other.join().unwrap();
    };
    assert_eq!(run(&mut kernel, &mut Random::new(1), flag), End::Livelock);
    let mut cycle: Vec<_> = kernel.cycle().iter().map(|step| (step.thread, step.op.kind)).collect();
    cycle.sort_by_key(|(thread, kind)| (*thread, kind.to_string()));
    // The other thread makes two reads for each round of this one.
    let expected = [(0, OpKind::Load), (0, OpKind::Spin), (1, OpKind::Load), (1, OpKind::Load)];
    assert_eq!(cycle, expected);
    let choices = kernel.choices().to_vec();
    assert_eq!(run(&mut kernel, &mut Replay::of(&choices), flag), End::Livelock);
    assert_eq!(kernel.choices(), choices);
}

#[test]
fn politeness_without_end_is_found_in_the_schedule_that_keeps_it_up() {
    // A random schedule breaks the symmetry sooner or later.
    assert_eq!(run(&mut kernel(), &mut Random::new(1), after_you), End::Finished);
    // Turns for everybody keep it up, if they begin where both have the same way before them.
    let keeps_it_up = |steps: u64| {
        let mut kernel = Kernel::new(Limits { steps, ..Limits::default() });
        let end = run(&mut kernel, &mut Replay::new(Vec::new()), after_you);
        let tries = kernel.cycle().iter().filter(|step| step.op.kind == OpKind::TryLock).count();
        assert_eq!(tries, if end == End::Livelock { 2 } else { 0 });
        end == End::Livelock
    };
    assert!((1..12).any(keeps_it_up) && !(1..12).all(keeps_it_up));
}

#[test]
fn a_value_that_changes_is_no_cycle() {
    let mut kernel = kernel();
    let counts = || {
        let count = Arc::new(Count::new(0));
        let other = spawn({
            let count = count.clone();
            move || while count.load(SeqCst) < 1_000_000 {}
        });
        while count.fetch_add(1, SeqCst) < 1_000_000 {}
        other.join().unwrap();
    };
    assert_eq!(run(&mut kernel, &mut Random::new(1), counts), End::StepBound);
    assert_eq!(kernel.log().len() as u64, STEPS, "what came after the bound is taken back");
    assert!(kernel.cycle().is_empty());
}

#[test]
fn a_run_that_would_end_soon_after_its_bound_has_reached_it_all_the_same() {
    let mut kernel = kernel();
    let long = || {
        let count = Count::new(0);
        while count.fetch_add(1, SeqCst) < STEPS as usize {}
    };
    assert_eq!(run(&mut kernel, &mut Random::new(1), long), End::StepBound);
    let blocks = || {
        long();
        Sim::park();
    };
    assert_eq!(run(&mut kernel, &mut Random::new(1), blocks), End::StepBound);
}

#[test]
fn who_waits_for_the_clock_does_not_go_round_for_ever() {
    let mut kernel = Kernel::new(Limits { steps: 20, ..Limits::default() });
    let until = || {
        let begin = Sim::now();
        while Sim::now() < begin + std::time::Duration::from_secs(1) {
            Sim::yield_now();
        }
    };
    assert_eq!(run(&mut kernel, &mut Random::new(1), until), End::StepBound);
}
