//! The scenarios of each system as [programs](crate::program::Program).

pub mod pool;
pub mod stale;
pub mod waitmap;
