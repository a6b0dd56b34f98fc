//! A search through a closed spec that keeps whole states in a standard set: slow, and with nothing to get wrong.

use raddle_spec::explorer::{Expansion, Model};
use std::collections::HashSet;

/// States and transitions.
pub(crate) fn count<M: Model>(model: &M) -> (usize, usize) {
    let mut seen = HashSet::from([model.init()]);
    let mut open = vec![model.init()];
    let mut transitions = 0;
    while let Some(state) = open.pop() {
        let mut expansion = Expansion::new();
        model.expand(&state, &mut expansion);
        transitions += expansion.moves.len();
        for possible in expansion.moves {
            if seen.insert(possible.next.clone()) {
                open.push(possible.next);
            }
        }
    }
    (seen.len(), transitions)
}
