//! Schedules of scenarios on a WaitMap, under the simulator.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use raddle_fuzz::schedule::Runner;
use raddle_fuzz::tally;

thread_local! {
    static RUNNER: RefCell<Runner> = RefCell::new(Runner::waitmap(raddle_fuzz::subject().as_deref()));
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

raddle_fuzz::simulates!();
