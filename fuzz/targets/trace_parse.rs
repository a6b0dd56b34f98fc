//! Files with traces, which come from anywhere.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| raddle_fuzz::trace::check(bytes));
