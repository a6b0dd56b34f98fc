//! The stored graph: which state leads where, and what fairness needs to know of each transition.

use super::intern::Interner;
use super::model::{Class, Finitely};
use crate::event::Actor;

pub(super) type StateNumber = u32;

/// No state: the parent of the first one.
pub(super) const NOBODY: StateNumber = StateNumber::MAX;

/// Actors with this number or a higher one cannot be explored.
pub(super) const ACTORS_MAX: u32 = 24;

/// So many sentences can be asked about that must not hold for ever. They wait like actors do, with the numbers behind those.
pub(super) const SENTENCES_MAX: u32 = 32 - ACTORS_MAX;

/// What fairness needs to know of a transition. There are few different ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) class: Option<Class>,
    pub(super) finitely: Vec<Finitely>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) target: StateNumber,
    /// Index into the labels.
    pub(super) label: u32,
}

/// States are numbered in breadth-first order, so a smaller number is never further from the start.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) states: Interner,
    /// From where each state was reached first.
    pub(super) parents: Vec<StateNumber>,
    /// For each state that was expanded: the end of its edges; they begin where those of the state before end.
    edge_ends: Vec<u32>,
    edges: Vec<Edge>,
    pub(super) labels: Vec<Label>,
    /// For each state that was expanded: who has a call that has not returned and is not excused, and which sentences hold that must
    /// not hold for ever, one bit each.
    waiting: Vec<u32>,
}

impl Graph {
    pub(super) fn new() -> Self {
        Graph {
            states: Interner::new(),
            parents: Vec::new(),
            edge_ends: Vec::new(),
            edges: Vec::new(),
            labels: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory(&self) -> usize {
        let words = self.parents.len() + self.edge_ends.len() + 2 * self.edges.len() + self.waiting.len();
        self.states.memory() + words * size_of::<u32>()
    }

    pub(super) fn edge_count(&self) -> usize {
        self.edges.len()
    }

    pub(super) fn add_edge(&mut self, target: StateNumber, class: Option<Class>, finitely: &[Finitely]) {
        let same = |label: &Label| label.class == class && label.finitely == finitely;
        let label = self.labels.iter().position(same).unwrap_or_else(|| {
            self.labels.push(Label { class, finitely: finitely.to_vec() });
            self.labels.len() - 1
        });
        self.edges.push(Edge { target, label: label as u32 });
    }

    /// The edges that were added since are all that the next state has.
    pub(super) fn close_state(&mut self, waiting: u32) {
        let end = u32::try_from(self.edges.len()).expect("transitions are counted in 32 bits");
        self.edge_ends.push(end);
        self.waiting.push(waiting);
    }

    pub(super) fn edges(&self, state: StateNumber) -> &[Edge] {
        let state = state as usize;
        let start = if state == 0 { 0 } else { self.edge_ends[state - 1] as usize };
        &self.edges[start..self.edge_ends[state] as usize]
    }

    pub(super) fn label(&self, edge: Edge) -> &Label {
        &self.labels[edge.label as usize]
    }

    pub(super) fn waits(&self, state: StateNumber, actor: Actor) -> bool {
        self.waiting[state as usize] & (1 << actor.0) != 0
    }

    /// Everybody who waits somewhere.
    pub(super) fn waiters(&self) -> Vec<Actor> {
        let all = self.waiting.iter().fold(0, |all, waiting| all | waiting);
        (0..ACTORS_MAX + SENTENCES_MAX).filter(|actor| all & (1 << actor) != 0).map(Actor).collect()
    }

    /// A shortest way from the start to a state, both included.
    pub(super) fn path_to(&self, state: StateNumber) -> Vec<StateNumber> {
        let parent = |&state: &StateNumber| Some(self.parents[state as usize]).filter(|&up| up != NOBODY);
        let mut path: Vec<StateNumber> = std::iter::successors(Some(state), parent).collect();
        path.reverse();
        path
    }
}
