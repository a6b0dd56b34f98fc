//! Schedules of scenarios on a WaitMap, under the simulator.

#![no_main]

use std::cell::RefCell;
use std::ffi::{CStr, c_char};

use libfuzzer_sys::fuzz_target;
use raddle_fuzz::schedule::Runner;
use raddle_fuzz::tally;

thread_local! {
    static RUNNER: RefCell<Runner> = RefCell::new(Runner::new(raddle_fuzz::subject().as_deref()));
}

fuzz_target!(
    init: tally::print_at_exit(),
    |bytes: &[u8]| {
        match RUNNER.with_borrow_mut(|runner| runner.run(bytes)) {
            Ok(ran) => tally::count(ran),
            Err(report) => panic!("{report}"),
        }
    }
);

/// Simulated threads run on stacks of their own, which the sanitizer would take for used-up frames.
const OPTIONS: &CStr = c"detect_stack_use_after_return=0";

/// Asked by the address sanitizer when the process starts; nobody asks in a build without it.
// SAFETY: the sanitizer defines what this symbol means, and nobody else does.
#[unsafe(no_mangle)]
extern "C" fn __asan_default_options() -> *const c_char {
    OPTIONS.as_ptr()
}
