//! Who waits for whom, when nobody can go on.

use std::fmt::Write;

use crate::campaign::{Class, Finding};
use crate::kernel::{OpKind, ThreadReport, ThreadState};

use super::case::called;

/// A halt of a program, told as the circle of threads that wait for each other, if there is one.
pub(super) fn finding(threads: &[ThreadReport]) -> Finding {
    let headline = match circle(threads) {
        Some(circle) => {
            let mut text = String::from("deadlock: ");
            for (at, thread) in circle.iter().enumerate() {
                let next = circle[(at + 1) % circle.len()];
                let separator = if at == 0 { "" } else { ", and " };
                write!(text, "{separator}{} waits for {}", called(&threads[*thread]), called(&threads[next]))
                    .expect("a string takes all that is written");
            }
            text + "."
        }
        None => {
            // Those who wait for another thread do so because of these.
            let at_the_root = |thread: &&ThreadReport| is_blocked(thread) && waits_for(thread).is_none();
            let waiting: Vec<String> = threads.iter().filter(at_the_root).map(called).collect();
            format!("deadlock: nobody is left who could let {} go on.", waiting.join(" or "))
        }
    };
    let mut finding = Finding::new(Class::Deadlock, headline);
    finding.details = blocked(threads);
    finding
}

/// A line for each thread that waits: for what, who has it, and where both come from.
pub(super) fn blocked(threads: &[ThreadReport]) -> Vec<String> {
    let line = |thread: &ThreadReport| {
        let mut text = capitalised(&called(thread));
        if thread.parent.is_some() {
            write!(text, " (spawned at {})", thread.birthplace).expect("a string takes all that is written");
        }
        write!(text, " {}.", thread.state).expect("a string takes all that is written");
        text
    };
    threads.iter().filter(|thread| is_blocked(thread)).map(line).collect()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn is_blocked(thread: &ThreadReport) -> bool {
    matches!(thread.state, ThreadState::Blocked { .. })
}

/// The thread that alone could let `thread` go on, if there is such a one.
fn waits_for(thread: &ThreadReport) -> Option<usize> {
    match &thread.state {
        ThreadState::Blocked { op, .. } if op.kind == OpKind::Join => Some(op.target as usize),
        ThreadState::Blocked { object, .. } => object.as_ref().and_then(|object| object.holder),
        _ => None,
    }
}

/// The first circle of threads of which each waits for the next.
pub(super) fn circle(threads: &[ThreadReport]) -> Option<Vec<usize>> {
    (0..threads.len()).find_map(|first| {
        let mut path = vec![first];
        loop {
            let next = waits_for(&threads[*path.last()?])?;
            if let Some(from) = path.iter().position(|thread| *thread == next) {
                // A circle that `first` only leads to is found when the search begins on it.
                return (from == 0).then_some(path);
            }
            path.push(next);
        }
    })
}
