//! The spec of a pool through its own monitor.

mod obligations;
mod rest;
mod rules;
mod support;
mod ties;
mod walk;
mod walks;
#[path = "../common/without.rs"]
mod without;
