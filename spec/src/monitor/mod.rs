//! The monitor: holds one recorded trace against a spec.

mod verdict;

pub use verdict::{Environment, Open, Stuck, StuckCandidate, Verdict, Violation};

use crate::automaton::Automaton;
use crate::event::{End, Event};

/// Holds a trace against a spec.
pub fn judge<A: Automaton>(_automaton: &A, _events: &[Event<A::Action>], _end: End) -> Verdict {
    Verdict::Undecided { explained: 0, visited: 0 }
}
