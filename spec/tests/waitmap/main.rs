//! The WaitMap spec through its own monitor.

mod bound;
mod knowledge;
mod nesting;
mod obligations;
mod order;
mod overlap;
mod rest;
mod rules;
mod support;
mod walk;
mod walks;
#[path = "../common/without.rs"]
mod without;
