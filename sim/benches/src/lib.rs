//! Concurrent programs of known shape, written once for every platform: what schedulers are measured and held to account by.

pub mod bugs;
pub mod small;
