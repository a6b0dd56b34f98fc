//! From a component in which a fair run can stay to such a run: a way there, and a circle.

use super::graph::{Edge, Graph, StateNumber};
use super::liveness::{Assumptions, FairComponent};
use super::model::Class;
use std::collections::{HashMap, VecDeque};

/// A transition on the way: its label, if it matters, and where it leads.
pub(super) type Hop = (Option<u32>, StateNumber);

/// A run that goes round for ever, or halts.
#[derive(Debug)]
pub(super) struct Lasso {
    /// From the start to the circle, both included.
    pub(super) stem: Vec<StateNumber>,
    /// From the end of the stem back to it. Empty: the run halts there.
    pub(super) circle: Vec<Hop>,
}

/// What the circle must do so that fairness has nothing to say.
#[derive(Clone, Copy)]
enum Goal {
    /// Take a move of the class.
    Take(Class),
    /// Visit a state in which the class is not enabled.
    Escape(Class),
}

pub(super) fn lasso(assumptions: &Assumptions<'_>, component: &FairComponent) -> Lasso {
    let graph = assumptions.graph;
    let nothing_required =
        |state: &&StateNumber| graph.edges(**state).iter().all(|&edge| assumptions.required(edge).is_none());
    if let Some(&halt) = component.states.iter().find(nothing_required) {
        return Lasso { stem: graph.path_to(halt), circle: Vec::new() };
    }
    let start = component.states[0];
    let walker = Walker { assumptions, component };
    let mut circle = Vec::new();
    let mut at = start;
    for goal in walker.goals() {
        let met = circle.iter().scan(start, |from, &(label, to)| {
            let met = walker.meets(goal, *from, label);
            *from = to;
            Some(met)
        });
        if !{ met }.any(|met| met) {
            circle.extend(walker.walk(at, |state, label| walker.meets(goal, state, label)));
            at = circle.last().map_or(start, |&(_, to)| to);
        }
    }
    if at != start || circle.is_empty() {
        circle.extend(walker.walk_to(at, start));
    }
    Lasso { stem: graph.path_to(start), circle }
}

struct Walker<'a> {
    assumptions: &'a Assumptions<'a>,
    component: &'a FairComponent,
}

impl Walker<'_> {
    fn graph(&self) -> &Graph {
        self.assumptions.graph
    }

    fn edges_inside(&self, state: StateNumber) -> impl Iterator<Item = Edge> + '_ {
        let inside = |edge: &Edge| {
            !self.component.dropped[edge.label as usize]
                && self.component.states.binary_search(&edge.target).is_ok()
        };
        self.graph().edges(state).iter().copied().filter(inside)
    }

    fn goals(&self) -> Vec<Goal> {
        let mut enabled: Vec<Class> = Vec::new();
        let mut taken: Vec<Class> = Vec::new();
        let add = |classes: &mut Vec<Class>, class: Option<Class>| {
            if let Some(class) = class.filter(|class| !classes.contains(class)) {
                classes.push(class);
            }
        };
        for &state in &self.component.states {
            for &edge in self.graph().edges(state) {
                add(&mut enabled, self.assumptions.required(edge));
            }
            for edge in self.edges_inside(state) {
                add(&mut taken, self.assumptions.required(edge));
            }
        }
        let goal = |class| if taken.contains(&class) { Goal::Take(class) } else { Goal::Escape(class) };
        enabled.into_iter().map(goal).collect()
    }

    /// Whether the transition with this label out of this state meets the goal.
    fn meets(&self, goal: Goal, state: StateNumber, label: Option<u32>) -> bool {
        match goal {
            Goal::Take(class) => label
                .is_some_and(|label| self.assumptions.required(Edge { target: state, label }) == Some(class)),
            Goal::Escape(class) => {
                let edges = self.graph().edges(state).iter();
                !edges.copied().any(|edge| self.assumptions.required(edge) == Some(class))
            }
        }
    }

    fn walk_to(&self, from: StateNumber, to: StateNumber) -> Vec<Hop> {
        self.search(from, |_, edge| edge.target == to)
    }

    /// A shortest walk whose last transition starts in a state, with a label, that fit.
    fn walk(&self, from: StateNumber, fits: impl Fn(StateNumber, Option<u32>) -> bool) -> Vec<Hop> {
        self.search(from, |state, edge| fits(state, Some(edge.label)))
    }

    fn search(&self, from: StateNumber, is_last: impl Fn(StateNumber, Edge) -> bool) -> Vec<Hop> {
        let mut reached: HashMap<StateNumber, (StateNumber, u32)> = HashMap::new();
        let mut open = VecDeque::from([from]);
        while let Some(state) = open.pop_front() {
            for edge in self.edges_inside(state) {
                if is_last(state, edge) {
                    let mut walk = vec![(Some(edge.label), edge.target)];
                    let mut at = state;
                    while at != from {
                        let (before, label) = reached[&at];
                        walk.push((Some(label), at));
                        at = before;
                    }
                    walk.reverse();
                    return walk;
                }
                if edge.target != from && !reached.contains_key(&edge.target) {
                    reached.insert(edge.target, (state, edge.label));
                    open.push_back(edge.target);
                }
            }
        }
        Vec::new()
    }
}
