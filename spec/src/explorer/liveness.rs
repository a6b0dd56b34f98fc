//! Fair runs on which a call does not return, or on which something lasts for ever that must not.
//!
//! Such a run stays, from some point on, among the states in which the call waits without excuse, and the states that
//! it visits again and again are strongly connected. Conversely, a strongly connected component is the end of such a
//! run unless fairness drives every run out of it:
//!
//! - a class of moves is enabled in all its states and never taken inside: weak fairness takes it, and leaves;
//! - a strong class is enabled somewhere and never taken inside: a run must keep away from there, so these states are
//!   taken out and what is left is looked at again;
//! - a move may happen only finitely often during a call that goes on in all its states: a run ends without it, so it
//!   is taken out and what is left is looked at again.
//!
//! A run may also just stop: every state leads to itself without a move. Then a halt is a component of one state, and
//! a deadlock is found by the same rules as a livelock.

use super::graph::{Edge, Graph, StateNumber};
use super::model::{Class, Finitely};
use crate::event::Actor;
use crate::rule::Obligation;

/// What is taken for granted in one check.
pub(super) struct Assumptions<'a> {
    pub(super) graph: &'a Graph,
    /// An obligation that the environment need not keep.
    pub(super) without: Option<&'static Obligation>,
    pub(super) is_strong: &'a dyn Fn(Class) -> bool,
}

impl Assumptions<'_> {
    fn keeps(&self, obligation: &Obligation) -> bool {
        self.without.is_none_or(|without| without != obligation)
    }

    /// The class that somebody must take at last.
    pub(super) fn required(&self, edge: Edge) -> Option<Class> {
        self.graph.label(edge).class.filter(|class| match class {
            Class::Due(..) => true,
            Class::Owed(obligation, _) => self.keeps(obligation),
        })
    }
}

/// A component in which a fair run can stay.
#[derive(Debug)]
pub(super) struct FairComponent {
    /// In order of number.
    pub(super) states: Vec<StateNumber>,
    /// For each label whether runs may not use it here.
    pub(super) dropped: Vec<bool>,
}

/// The component nearest to the start in which a fair run can stay while a call of `actor` never returns.
pub(super) fn starvation(assumptions: &Assumptions<'_>, actor: Actor) -> Option<FairComponent> {
    let graph = assumptions.graph;
    let all = 0..graph.states.len() as StateNumber;
    let states: Vec<StateNumber> = all.filter(|&state| graph.waits(state, actor)).collect();
    let dropped: Vec<bool> =
        graph.labels.iter().map(|label| label.finitely.contains(&Finitely::Aside)).collect();
    let mut components = Components::new(graph);
    let mut open = vec![FairComponent { states, dropped }];
    let mut nearest: Option<FairComponent> = None;
    while let Some(part) = open.pop() {
        components.each(&part, |mut states| {
            states.sort_unstable();
            if nearest.as_ref().is_some_and(|nearest| nearest.states[0] <= states[0]) {
                return;
            }
            match inspect(assumptions, &states, &part.dropped) {
                Finding::Fair => nearest = Some(FairComponent { states, dropped: part.dropped.clone() }),
                Finding::Unfair => {}
                Finding::Smaller(smaller) => open.push(smaller),
            }
        });
    }
    nearest
}

enum Finding {
    Fair,
    Unfair,
    Smaller(FairComponent),
}

/// What one class does in a component.
struct Use {
    class: Class,
    /// The last state in which it was seen to be enabled.
    last: StateNumber,
    enabled_in: usize,
    taken: bool,
}

fn inspect(assumptions: &Assumptions<'_>, states: &[StateNumber], dropped: &[bool]) -> Finding {
    let graph = assumptions.graph;
    let inside = |edge: Edge| !dropped[edge.label as usize] && states.binary_search(&edge.target).is_ok();
    let mut uses: Vec<Use> = Vec::new();
    let mut finite: Vec<Finitely> = Vec::new();
    for &state in states {
        for &edge in graph.edges(state) {
            let is_inside = inside(edge);
            if let Some(class) = assumptions.required(edge) {
                note(&mut uses, class, state, is_inside);
            }
            if is_inside {
                let new = |finitely: &&Finitely| !finite.contains(finitely);
                finite.extend(graph.label(edge).finitely.iter().filter(new).copied().collect::<Vec<_>>());
            }
        }
    }
    let weakly_unfair = |used: &Use| !used.taken && used.enabled_in == states.len();
    if uses.iter().any(weakly_unfair) {
        return Finding::Unfair;
    }
    let ends = |finitely: &Finitely| match *finitely {
        Finitely::Aside => true,
        Finitely::During(obligation, actor) => {
            assumptions.keeps(obligation) && states.iter().all(|&state| graph.waits(state, actor))
        }
        Finitely::Ever(obligation, _) => assumptions.keeps(obligation),
    };
    finite.retain(ends);
    if !finite.is_empty() {
        let ended = |finitely: &Finitely| finite.contains(finitely);
        let labels = graph.labels.iter().zip(dropped);
        let dropped = labels.map(|(label, &dropped)| dropped || label.finitely.iter().any(ended)).collect();
        return Finding::Smaller(FairComponent { states: states.to_vec(), dropped });
    }
    let strongly_unfair = |used: &&Use| !used.taken && (assumptions.is_strong)(used.class);
    if let Some(used) = uses.iter().find(strongly_unfair) {
        let enabled = |edge: &Edge| assumptions.required(*edge) == Some(used.class);
        let keeps_away = |state: &StateNumber| !graph.edges(*state).iter().any(enabled);
        let states = states.iter().copied().filter(keeps_away).collect();
        return Finding::Smaller(FairComponent { states, dropped: dropped.to_vec() });
    }
    Finding::Fair
}

fn note(uses: &mut Vec<Use>, class: Class, state: StateNumber, taken: bool) {
    match uses.iter_mut().find(|used| used.class == class) {
        None => uses.push(Use { class, last: state, enabled_in: 1, taken }),
        Some(used) => {
            used.enabled_in += usize::from(used.last != state);
            used.last = state;
            used.taken |= taken;
        }
    }
}

/// Tarjan's algorithm with a stack of its own, on parts of a graph.
struct Components<'a> {
    graph: &'a Graph,
    /// Which part each state was last a member of.
    part: Vec<u32>,
    parts: u32,
    /// When each state was discovered, from 1; 0: not yet; [`DONE`]: its component is known.
    discovered: Vec<u32>,
    /// The earliest state on the stack that each state is known to reach.
    low: Vec<u32>,
}

const DONE: u32 = u32::MAX;

impl<'a> Components<'a> {
    fn new(graph: &'a Graph) -> Self {
        let states = graph.states.len();
        Components {
            graph,
            part: vec![0; states],
            parts: 0,
            discovered: vec![0; states],
            low: vec![0; states],
        }
    }

    /// Calls `found` with each strongly connected component of a part, single states included.
    fn each(&mut self, part: &FairComponent, mut found: impl FnMut(Vec<StateNumber>)) {
        self.parts += 1;
        for &state in &part.states {
            self.part[state as usize] = self.parts;
            self.discovered[state as usize] = 0;
        }
        let mut clock = 0;
        let mut stack = Vec::new();
        let mut calls: Vec<(StateNumber, usize)> = Vec::new();
        for &root in &part.states {
            if self.discovered[root as usize] != 0 {
                continue;
            }
            self.discover(root, &mut clock, &mut stack, &mut calls);
            while let Some((state, next)) = calls.last_mut() {
                let state = *state;
                let Some(&edge) = self.graph.edges(state).get(*next) else {
                    calls.pop();
                    self.finish(state, &mut stack, calls.last().map(|call| call.0), &mut found);
                    continue;
                };
                *next += 1;
                if part.dropped[edge.label as usize] || self.part[edge.target as usize] != self.parts {
                    continue;
                }
                match self.discovered[edge.target as usize] {
                    0 => self.discover(edge.target, &mut clock, &mut stack, &mut calls),
                    DONE => {}
                    when => self.lower(state, when),
                }
            }
        }
    }

    fn discover(
        &mut self,
        state: StateNumber,
        clock: &mut u32,
        stack: &mut Vec<StateNumber>,
        calls: &mut Vec<(StateNumber, usize)>,
    ) {
        *clock += 1;
        self.discovered[state as usize] = *clock;
        self.low[state as usize] = *clock;
        stack.push(state);
        calls.push((state, 0));
    }

    fn lower(&mut self, state: StateNumber, when: u32) {
        let low = &mut self.low[state as usize];
        *low = (*low).min(when);
    }

    /// All edges of a state were followed: either it heads a component, or it tells its caller what it reaches.
    fn finish(
        &mut self,
        state: StateNumber,
        stack: &mut Vec<StateNumber>,
        caller: Option<StateNumber>,
        found: &mut impl FnMut(Vec<StateNumber>),
    ) {
        let low = self.low[state as usize];
        if low == self.discovered[state as usize] {
            let head = stack.iter().rposition(|&other| other == state).expect("a state is on the stack");
            let component = stack.split_off(head);
            for &member in &component {
                self.discovered[member as usize] = DONE;
            }
            found(component);
        }
        if let Some(caller) = caller {
            self.lower(caller, low);
        }
    }
}
