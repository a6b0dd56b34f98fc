//! Sequences of operations on a WaitMap, against the spec.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use raddle_fuzz::operations::waitmap::{self, Program};
use raddle_fuzz::tally;

static SUBJECT: LazyLock<Option<String>> = LazyLock::new(raddle_fuzz::subject);

fuzz_target!(
    init: tally::print_at_exit(),
    |program: Program| {
        match waitmap::run_on(SUBJECT.as_deref(), &program) {
            Ok(ran) => tally::count(ran),
            Err(report) => panic!("{report}"),
        }
    }
);
