//! Executions that do not end by themselves are cut off.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, Join, Memory, Threads};
use raddle_sim::kernel::{End, Kernel, Limits, OpKind, ThreadState};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Coverage, DepthFirst, Random};

use crate::{Count, LIMITS, run_once, spawn};

#[test]
fn a_loop_that_spins_for_ever_is_found_out_at_the_step_bound() {
    let flag = Count::new(0);
    for steps in [1, 2, 1_000, 9_999] {
        let mut kernel = Kernel::new(Limits { steps, ..LIMITS });
        let run = kernel.run(&mut Random::new(1), || {
            while flag.load(SeqCst) == 0 {
                Sim::spin_hint();
            }
        });
        assert_eq!(run.map(|run| (run.end, run.steps, run.leaked_threads)), Some((End::Livelock, steps, 0)));
        assert_eq!(kernel.log().len() as u64, steps);
        assert!(matches!(kernel.threads()[0].state, ThreadState::Runnable(_)), "{}", kernel.threads()[0]);
    }
}

#[test]
fn an_execution_that_just_fits_is_not_cut_off() {
    let body = || {
        for _ in 0..10 {
            Sim::yield_now();
        }
    };
    let mut kernel = Kernel::new(Limits { steps: 12, ..LIMITS });
    assert_eq!(
        kernel.run(&mut Random::new(1), body).map(|run| (run.end, run.steps)),
        Some((End::Finished, 12))
    );
    let mut kernel = Kernel::new(Limits { steps: 11, ..LIMITS });
    assert_eq!(
        kernel.run(&mut Random::new(1), body).map(|run| (run.end, run.steps)),
        Some((End::StepBound, 11))
    );
}

#[test]
fn an_execution_can_have_a_bound_of_its_own_below_that_of_the_kernel() {
    let mut kernel = Kernel::new(Limits { steps: 100, ..LIMITS });
    let for_ever = || {
        loop {
            Sim::yield_now();
        }
    };
    for (own, steps) in [(7, 7), (1_000, 100)] {
        let run = kernel.run_within(own, &mut Random::new(1), for_ever);
        assert_eq!(run.map(|run| (run.end, run.steps)), Some((End::Livelock, steps)));
    }
    // It holds for that execution alone.
    assert_eq!(kernel.run(&mut Random::new(1), for_ever).map(|run| run.steps), Some(100));
    assert_eq!(kernel.limits().steps, 100);
}

#[test]
fn a_search_that_hit_a_bound_is_not_complete() {
    let mut kernel = Kernel::new(Limits { steps: 5, ..LIMITS });
    let mut strategy = DepthFirst::unbounded();
    while kernel.run(&mut strategy, || spawn(|| ()).join().unwrap()).is_some() {
        assert_eq!(strategy.coverage() == Coverage::Unfinished, kernel.log().is_empty());
    }
    assert_eq!(strategy.coverage(), Coverage::WithinBound);
}

#[test]
fn spinning_ends_when_nobody_but_the_spinner_is_asked_to_wait() {
    // Choice 0 everywhere: yielding gives everybody a turn, so the thread that is waited for makes progress.
    let mut kernel = Kernel::new(LIMITS);
    let run = kernel.run(&mut raddle_sim::strategy::Replay::new(Vec::new()), || {
        let flag = Arc::new(Count::new(0));
        let spinners: Vec<_> = (0..3)
            .map(|_| {
                let flag = flag.clone();
                spawn(move || {
                    while flag.load(SeqCst) == 0 {
                        Sim::yield_now();
                    }
                })
            })
            .collect();
        let setter = spawn(move || flag.store(1, SeqCst));
        for handle in spinners {
            handle.join().unwrap();
        }
        setter.join().unwrap();
    });
    assert_eq!(run.map(|run| run.end), Some(End::Finished));
}

#[test]
fn more_threads_than_allowed_end_the_execution() {
    let mut kernel = Kernel::new(Limits { threads: 5, ..LIMITS });
    let run = kernel.run(&mut Random::new(1), || {
        for _ in 0..4 {
            spawn(|| ());
        }
    });
    assert_eq!(run.map(|run| (run.end, run.threads, run.panics)), Some((End::Finished, 5, 0)));
    let run = kernel.run(&mut Random::new(1), || {
        for _ in 0..5 {
            spawn(|| ());
        }
    });
    assert_eq!(run.map(|run| (run.end, run.threads, run.panics)), Some((End::ThreadBound, 5, 0)));
}

#[test]
fn progress_can_be_watched_from_elsewhere() {
    let mut kernel = Kernel::new(LIMITS);
    let progress = kernel.progress();
    assert!(!progress.is_running());
    kernel.run(&mut Random::new(1), || {
        assert!(progress.is_running());
        let (executions, steps) = (progress.executions(), progress.steps());
        assert_eq!(executions, 1);
        spawn(|| ()).join().unwrap();
        assert!(progress.steps() > steps);
    });
    assert!(!progress.is_running());
    assert_eq!(progress.steps(), kernel.log().len() as u64);
}

#[test]
fn the_log_tells_what_was_done() {
    let mut kernel = Kernel::new(LIMITS);
    kernel.run(&mut raddle_sim::strategy::Replay::new(Vec::new()), || {
        let flag = Arc::new(Count::new(0));
        let theirs = flag.clone();
        let other = spawn(move || theirs.store(1, SeqCst));
        flag.load(SeqCst);
        other.join().unwrap();
    });
    let log: Vec<String> = kernel.log().iter().map(ToString::to_string).collect();
    let expected = [
        "thread 0: start",
        "thread 0: spawn thread 1",
        "thread 0: load #0",
        "thread 1: start",
        "thread 1: store #0",
        "thread 1: exit",
        "thread 0: join thread 1",
        "thread 0: exit",
    ];
    assert_eq!(log, expected);
    assert_eq!(kernel.objects()[0].to_string().split(' ').next(), Some("atomic"));
}

#[test]
fn asking_for_nothing_is_not_counted_as_a_step() {
    let (run, _) = run_once(|| {
        Sim::fence(SeqCst);
        assert_eq!(Sim::random_below(1), 0);
        assert!(Sim::random_below(7) < 7);
        assert_eq!(Sim::current_number(), 0);
        assert!(Sim::context().is_none());
    });
    assert_eq!(run.steps, 2);
    assert_eq!(OpKind::Start.to_string(), "start");
}
