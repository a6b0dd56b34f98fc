//! Any run can be had again: under every strategy, with every kind of fault, and with limits of time in both modes.

use std::sync::atomic::Ordering::SeqCst;

use raddle_sim::choice::{Choice, Kind};
use raddle_sim::kernel::{Faults, Kernel, Limits, Run, StepRecord};
use raddle_sim::strategy::{Bytes, Calibration, DepthFirst, Replay, Sampler, Strategy};
use raddle_sim::sync::atomic::AtomicUsize;
use raddle_sim::sync::mpsc::channel;
use raddle_sim::sync::{Arc, Condvar, Mutex};
use raddle_sim::systems::verdicts::{self, Form};
use raddle_sim::thread;
use raddle_sim::time::Duration;

use crate::LIMITS;

/// All that is known of an execution: its numbers, its choices, its steps, and how its threads ended.
type Known = (Run, Vec<Choice>, Vec<StepRecord>, Vec<String>);

fn run(kernel: &mut Kernel, strategy: &mut dyn Strategy, program: &dyn Fn()) -> Option<Known> {
    let run = kernel.run(strategy, program)?;
    let threads = kernel.threads().iter().map(ToString::to_string).collect();
    Some((run, kernel.choices().to_vec(), kernel.log().to_vec(), threads))
}

/// Depth-first search in the mode of the others. In its own every limit may end at any time, which covers what is lazy.
const LAZY: &str = "depth-first with lazy limits";

/// Every strategy that a campaign can draw schedules by, with what it wants to know of the program.
fn strategies(limits: Limits, program: &dyn Fn()) -> Vec<(String, Box<dyn Strategy>)> {
    let mut strategies: Vec<(String, Box<dyn Strategy>)> = Vec::new();
    for sampler in Sampler::ALL {
        let mut calibration = Calibration::new(sampler, 1);
        let mut kernel = Kernel::new(limits);
        for _ in 0..sampler.calibration() {
            kernel.run(&mut calibration, program);
            calibration.observe(&kernel);
        }
        strategies.push((sampler.to_string(), sampler.strategy(1, 0, &calibration.into_profile())));
    }
    strategies.push(("depth-first".to_owned(), Box::new(DepthFirst::bounded(2))));
    strategies.push((LAZY.to_owned(), Box::new(DepthFirst::bounded(1).timeouts(0))));
    strategies
}

/// Runs `program` under every strategy until `is_wanted` says of a run that it shows what it is about, and each run again by its
/// choices, in a kernel that knows nothing of the first.
fn replays(faults: Faults, program: &dyn Fn(), is_wanted: &dyn Fn(&str, &Known) -> bool, name: &str) {
    let limits = Limits { faults, ..LIMITS };
    for (strategy_name, mut strategy) in strategies(limits, program) {
        let mut kernel = Kernel::new(limits);
        let is_met = (0..2_000).any(|_| {
            let Some(first) = run(&mut kernel, &mut *strategy, program) else { return false };
            let mut replay = Replay::of(&first.1);
            let again = run(&mut Kernel::new(limits), &mut replay, program);
            assert_eq!(again.as_ref(), Some(&first), "{name} under {strategy_name}");
            assert!(replay.was_exact(), "{name} under {strategy_name}");
            is_wanted(&strategy_name, &first)
        });
        assert!(is_met, "{name} is never met under {strategy_name}");
    }
}

#[test]
fn runs_with_each_kind_of_fault_are_replayed_under_every_strategy() {
    for program in verdicts::programs() {
        let Some(kind) = program.fault else { continue };
        for form in [Form::Canary, Form::Twin] {
            let has_happened = |_: &str, known: &Known| known.0.faults[kind] > 0;
            let body = || (program.body)(form);
            replays(Faults::NONE.with(kind), &body, &has_happened, program.name);
        }
    }
}

#[test]
fn runs_without_faults_are_replayed_under_every_strategy() {
    for program in verdicts::programs().filter(|program| program.fault.is_none()) {
        if program.name != "old-thread-local" {
            let body = || (program.body)(Form::Canary);
            replays(Faults::NONE, &body, &|_, _| true, program.name);
        }
    }
}

const LIMIT: Duration = Duration::from_millis(1);

/// Waits in every way that has a limit, while another thread may or may not come first.
fn waits_with_limits() {
    let shared = Arc::new((Mutex::new(0), Condvar::new(), AtomicUsize::new(0)));
    let theirs = shared.clone();
    let main = thread::current();
    let (sender, receiver) = channel();
    let other = thread::spawn(move || {
        thread::sleep(LIMIT);
        *theirs.0.lock().unwrap() += 1;
        theirs.1.notify_one();
        main.unpark();
        let _ = sender.send(1);
        theirs.2.store(1, SeqCst);
    });
    let guard = shared.0.lock().unwrap();
    drop(shared.1.wait_timeout(guard, LIMIT).unwrap());
    thread::park_timeout(LIMIT);
    let _ = receiver.recv_timeout(LIMIT);
    other.join().unwrap();
}

#[test]
fn runs_with_limits_of_time_are_replayed_in_both_modes_under_every_strategy() {
    for mode in [0, 1] {
        let has_mode = |strategy: &str, known: &Known| {
            let is_of_the_other_mode = if mode == 0 { strategy == "depth-first" } else { strategy == LAZY };
            let is_shown = |choice: &Choice| choice.kind == Kind::Timeout && choice.taken == mode;
            is_of_the_other_mode || known.1.iter().any(is_shown)
        };
        replays(Faults::default(), &waits_with_limits, &has_mode, if mode == 0 { "lazy" } else { "eager" });
    }
}

#[test]
fn runs_by_bytes_are_replayed() {
    let mut kernel = Kernel::new(Limits { faults: Faults::ALL, ..LIMITS });
    for first_byte in 0..64_u8 {
        let bytes: Vec<u8> =
            (0..40).map(|at: u8| first_byte.wrapping_mul(31).wrapping_add(at.wrapping_mul(7))).collect();
        let first = run(&mut kernel, &mut Bytes::new(&bytes), &waits_with_limits).expect("it is one run");
        let again = run(&mut kernel, &mut Replay::of(&first.1), &waits_with_limits);
        assert_eq!(again, Some(first));
    }
}
