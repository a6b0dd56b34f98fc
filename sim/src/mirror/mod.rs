//! The mirror of `std`: the items of the standard library by which threads meet, for code under test that names no platform.

pub mod sync;
pub mod thread;
