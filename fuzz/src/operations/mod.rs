//! Operations in the order of the bytes: no races, but every order of calls, judged against the spec.

pub mod pool;
pub mod waitmap;
