//! Depth-first search of programs that wait in loops: it ends, and finds what there is.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Join, Memory, Threads};
use raddle_sim::kernel::{End, Kernel, Limits};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::{Coverage, DepthFirst};

use crate::{Count, spawn};

/// How many executions to look at where there is no end of them.
const ENOUGH: u64 = 3_000;

/// Searches `program`; returns how many executions there were, how many of them reached the step bound, and what was covered.
fn search(program: impl Fn()) -> (u64, u64, Coverage) {
    let mut kernel = Kernel::new(Limits { steps: 2_000, ..Limits::default() });
    let mut strategy = DepthFirst::bounded(2);
    let (mut executions, mut cut) = (0, 0);
    while executions < ENOUGH
        && let Some(run) = kernel.run(&mut strategy, &program)
    {
        assert_eq!(run.panics, 0, "{:?}", kernel.threads());
        executions += 1;
        cut += u64::from(matches!(run.end, End::StepBound | End::Livelock));
    }
    (executions, cut, strategy.coverage())
}

/// One thread sets a flag, `waiters` wait for it in a loop. `pause` is what they do in between.
fn wait_for_a_flag(waiters: usize, pause: fn()) {
    let flag = Arc::new(Count::new(0));
    let waiting: Vec<_> = (0..waiters)
        .map(|_| {
            let flag = flag.clone();
            spawn(move || {
                while flag.load(SeqCst) == 0 {
                    pause();
                }
            })
        })
        .collect();
    flag.store(1, SeqCst);
    waiting.into_iter().for_each(|waiter| waiter.join().unwrap());
}

#[test]
fn a_loop_that_waits_ends_with_and_without_saying_that_it_waits() {
    for pause in [|| (), || Sim::spin_hint(), || Sim::yield_now()] {
        for waiters in [1, 2] {
            let (executions, cut, coverage) = search(|| wait_for_a_flag(waiters, pause));
            assert!(executions > 2);
            assert_eq!(
                (cut, coverage),
                (0, Coverage::WithinBound),
                "{waiters} waiters, {executions} executions"
            );
        }
    }
}

#[test]
fn a_spin_lock_excludes_in_every_execution() {
    let (executions, cut, _) = search(|| {
        let (lock, value) = (Arc::new(<Sim as Memory>::AtomicBool::new(false)), Arc::new(Count::new(0)));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let (lock, value) = (lock.clone(), value.clone());
                spawn(move || {
                    while lock.swap(true, SeqCst) {
                        while lock.load(SeqCst) {}
                    }
                    let before = value.load(SeqCst);
                    value.store(before + 1, SeqCst);
                    lock.store(false, SeqCst);
                })
            })
            .collect();
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(value.load(SeqCst), 2);
    });
    assert!(executions > 10);
    assert_eq!(cut, 0);
}

#[test]
fn what_waits_for_itself_alone_reaches_the_bound() {
    let (executions, cut, _) = search(|| {
        let flag = Arc::new(Count::new(0));
        let other = flag.clone();
        let other = spawn(move || while other.load(SeqCst) == 0 {});
        while flag.load(SeqCst) == 0 {
            Sim::yield_now();
        }
        flag.fetch_add(1, SeqCst);
        other.join().unwrap();
    });
    assert_eq!((executions, cut), (ENOUGH, ENOUGH), "nobody ever sets the flag");
}
