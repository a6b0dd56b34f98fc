//! Threads and futures that wait for ever after `main` has ended.
//!
//! The end of a process would sweep them away, so whoever only looks at the outcome never sees them. They were leaked: nobody told
//! them to end, and nobody joined them.

use crate::campaign::{Class, Finding};
use crate::kernel::{Kernel, ThreadReport, ThreadState, ValueKind};

use super::case::called;
use super::deadlock;

/// A halt of a program whose `main` has ended. `None` if it has not, or if the threads that are left wait for each other: that is a
/// deadlock.
pub(super) fn finding(kernel: &Kernel) -> Option<Finding> {
    let threads = kernel.threads();
    if threads[0].state != ThreadState::Finished || deadlock::circle(&threads).is_some() {
        return None;
    }
    // The threads that poll spawned futures were born where these were.
    let survivors = kernel.survivors();
    let futures = survivors.iter().filter(|left| left.kind == ValueKind::Future);
    let births: Vec<_> = futures.map(|future| future.birthplace).collect();
    let name = |thread: &ThreadReport| {
        if births.contains(&thread.birthplace) {
            format!("the future spawned at {}", thread.birthplace)
        } else {
            called(thread)
        }
    };
    let left: Vec<String> = threads.iter().filter(|thread| deadlock::is_blocked(thread)).map(name).collect();
    let headline = format!(
        "leak: `main` has ended, and nobody is left who could let {} end as well.",
        left.join(" or ")
    );
    let mut finding = Finding::new(Class::Leak, headline);
    finding.details = deadlock::blocked(&threads);
    Some(finding)
}
