//! The text of tokens, which people paste.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| raddle_fuzz::token::check(bytes));
