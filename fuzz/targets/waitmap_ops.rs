//! Sequences of operations on a WaitMap, against the spec.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use raddle_fuzz::operations::{self, Program};

static SUBJECT: LazyLock<String> = LazyLock::new(raddle_fuzz::subject);

fuzz_target!(|program: Program| {
    if let Err(report) = operations::run_on(&SUBJECT, &program) {
        panic!("{report}");
    }
});
