//! A deterministic simulator that drives real implementations of concurrency systems against executable specifications.

pub mod campaign;
pub mod choice;
pub mod kernel;
pub mod platform;
pub mod report;
pub mod strategy;
pub mod systems;
pub mod token;
pub mod world;
