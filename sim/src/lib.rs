//! A deterministic simulator that drives real implementations of concurrency systems against executable specifications.

pub mod choice;
pub mod kernel;
pub mod platform;
pub mod strategy;
