//! Sequences of steps of a manager and its workers on a WorkerPool, against the spec.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use raddle_fuzz::operations::pool::{Program, Runner};
use raddle_fuzz::tally;

thread_local! {
    static RUNNER: RefCell<Runner> = RefCell::new(Runner::new(raddle_fuzz::subject().as_deref()));
}

fuzz_target!(
    init: tally::print_at_exit(),
    |program: Program| {
        match RUNNER.with_borrow_mut(|runner| runner.run(&program)) {
            Ok(ran) => tally::count(ran),
            Err(report) => panic!("{report}"),
        }
    }
);

raddle_fuzz::simulates!();
