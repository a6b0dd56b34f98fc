//! The spec of a pool through its own monitor.

mod rest;
#[allow(dead_code, reason = "a notation has words that are not in use yet")]
mod support;
