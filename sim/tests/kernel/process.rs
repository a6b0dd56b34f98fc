//! What a kernel does to its process: nothing that lasts. Some of this can only be seen from a process that ends by it, so these
//! tests run themselves again as children.

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, panic, thread};

use raddle::platform::{Memory, Threads};
use raddle_sim::kernel::{End, Kernel};
use raddle_sim::platform::Sim;
use raddle_sim::strategy::Random;

use crate::{LIMITS, spawn};

const CHILD: &str = "RADDLE_KERNEL_TEST_CHILD";

/// Runs the named test of this binary in a process of its own.
fn child(test: &str) -> Output {
    Command::new(env::current_exe().unwrap())
        .args([&format!("process::{test}"), "--exact", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap()
}

fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

fn run_stuck(kernel: &mut Kernel) {
    let run = kernel.run(&mut Random::new(1), || {
        spawn(|| {
            let _ = Sim::catch_unwind(|| Sim::resume_unwind(Box::new("silent")));
            Sim::park();
        });
    });
    assert_eq!(run.map(|run| (run.end, run.leaked_threads)), Some((End::Stuck, 0)));
}

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    if frame[0] == u64::MAX { 0 } else { recurse(depth + 1) + frame[1] }
}

#[test]
fn a_stack_overflow_names_the_simulated_thread() {
    if is_child() {
        Kernel::new(LIMITS).run(&mut Random::new(1), || {
            Sim::spawn("the deep one", || recurse(0)).unwrap();
        });
        return;
    }
    let output = child("a_stack_overflow_names_the_simulated_thread");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for part in ["simulated thread 1 'the deep one'", "overflowed its stack of 131072 bytes", "process.rs"] {
        assert!(stderr.contains(part), "{part:?} is missing in:\n{stderr}");
    }
}

#[test]
fn a_fault_of_another_kind_is_left_to_whom_it_concerns() {
    if is_child() {
        let _kernel = Kernel::new(LIMITS);
        thread::Builder::new().name("a real one".to_owned()).spawn(|| recurse(0)).unwrap().join().unwrap();
        return;
    }
    let output = child("a_fault_of_another_kind_is_left_to_whom_it_concerns");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(stderr.contains("a real one") && !stderr.contains("raddle"), "{stderr}");
}

#[cfg(unix)]
fn signal_handler() -> usize {
    // SAFETY: zero is a valid `sigaction`.
    let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: asks only.
    unsafe { libc::sigaction(libc::SIGSEGV, std::ptr::null(), &mut now) };
    now.sa_sigaction
}

#[test]
#[cfg(unix)]
fn the_last_kernel_takes_its_signal_handler_with_it() {
    if is_child() {
        let before = signal_handler();
        let mut first = Kernel::new(LIMITS);
        let during = signal_handler();
        assert_ne!(before, during);
        let second = thread::spawn(|| drop(Kernel::new(LIMITS)));
        second.join().unwrap();
        assert_eq!(signal_handler(), during, "another kernel still needs it");
        run_stuck(&mut first);
        drop(first);
        assert_eq!(signal_handler(), before);
        return;
    }
    let output = child("the_last_kernel_takes_its_signal_handler_with_it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_kernel_neither_calls_nor_replaces_the_panic_hook() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    if is_child() {
        panic::set_hook(Box::new(|_| {
            CALLS.fetch_add(1, Ordering::Relaxed);
        }));
        run_stuck(&mut Kernel::new(LIMITS));
        assert_eq!(CALLS.load(Ordering::Relaxed), 0, "the teardown is silent");
        let _ = panic::catch_unwind(|| panic!("heard"));
        let calls = CALLS.load(Ordering::Relaxed);
        drop(panic::take_hook());
        assert_eq!(calls, 1, "the hook is still there");
        return;
    }
    let output = child("a_kernel_neither_calls_nor_replaces_the_panic_hook");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
