//! Depth-first search for one explanation of a trace.
//!
//! A configuration is a position in the trace and a state of the spec. The path of the search holds configurations
//! that have alternatives left; events that have only one good explanation are taken in place and cost no copy. A
//! configuration whose alternatives all failed is *dead* and remembered, so that no configuration is tried twice.

use super::explanation::Path;
use super::report::{self, Furthest};
use super::verdict::Verdict;
use crate::automaton::{Automaton, Direction, Pause, Step};
use crate::event::{Actor, End, Event};
use crate::rule::{Obligation, Refused, Rule};
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// Past this many hidden steps between two events, configurations are remembered on arrival instead of on failure:
/// a spec whose hidden steps run in a circle must not be followed for ever.
const HIDDEN_STEPS_TRUSTED: u32 = 64;

pub(super) struct Search<'a, A: Automaton> {
    automaton: &'a A,
    events: &'a [Event<A::Action>],
    arranged: Option<&'a [usize]>,
    end: End,
    bound: usize,
    visited: usize,
    path: Vec<Node<A::State>>,
    /// Alternatives of all nodes of the path; each node owns those from its `first` on, the next to try is the last.
    untried: Vec<Alternative<A::State>>,
    steps: Vec<Step<A::State, A::Action>>,
    actors: Vec<Actor>,
    // The hasher is without a random key and the set is never iterated: nothing depends on its order.
    dead: HashSet<(usize, A::State), BuildHasherDefault<DefaultHasher>>,
    furthest: Furthest,
}

/// A configuration on the path.
pub(super) struct Node<S> {
    pub(super) position: usize,
    pub(super) state: S,
    /// How it came about; the events between `origin` and `position` were then taken in place.
    pub(super) via: Option<Via>,
    pub(super) origin: usize,
    hidden_depth: u32,
    first: usize,
    others_tried: bool,
}

/// A hidden step.
#[derive(Clone, Copy)]
pub(super) struct Via {
    pub(super) actor: Actor,
    pub(super) rule: &'static Rule,
}

struct Alternative<S> {
    via: Option<Via>,
    position: usize,
    state: S,
}

/// How far a configuration gets without a choice.
enum Progress {
    Explained,
    Choice,
    Refused(Refused),
    EnvironmentOwes,
}

/// Whether the system may stay in a state for ever.
pub(super) enum Rest {
    /// Who waits is excused.
    Allowed,
    /// It still owes a step, or somebody waits without an excuse.
    Refused,
    /// It does, but user code is unfinished that this actor ran.
    EnvironmentOwes(Actor, &'static Obligation),
}

impl<'a, A: Automaton> Search<'a, A> {
    pub(super) fn new(
        automaton: &'a A,
        events: &'a [Event<A::Action>],
        arranged: Option<&'a [usize]>,
        end: End,
        bound: usize,
    ) -> Self {
        Search {
            automaton,
            events,
            arranged,
            end,
            bound,
            visited: 0,
            path: Vec::new(),
            untried: Vec::new(),
            steps: Vec::new(),
            actors: Vec::new(),
            dead: HashSet::default(),
            furthest: Furthest::default(),
        }
    }

    pub(super) fn run(self) -> Verdict {
        match self.explain() {
            Ok(_) => Verdict::Accepted,
            Err(verdict) => verdict,
        }
    }

    /// Searches for an explanation, and gives the path to it.
    pub(super) fn explain(mut self) -> Result<Path<'a, A>, Verdict> {
        let start = Alternative { via: None, position: 0, state: self.automaton.init() };
        if self.visit(start) {
            return Ok(self.explanation());
        }
        while let Some(node) = self.path.last_mut() {
            if self.untried.len() > node.first {
                if self.visited >= self.bound {
                    let furthest = self.path.iter().map(|node| node.position).max().unwrap_or(0);
                    let explained = furthest.max(self.furthest.position);
                    return Err(Verdict::Undecided { explained, visited: self.visited });
                }
                if let Some(next) = self.untried.pop()
                    && self.visit(next)
                {
                    return Ok(self.explanation());
                }
            } else if !node.others_tried {
                node.others_tried = true;
                self.push_steps_of_others();
            } else if let Some(node) = self.path.pop() {
                self.furthest.reach(node.position);
                self.dead.insert((node.position, node.state));
            }
        }
        Err(report::verdict(self.automaton, self.events, self.arranged, &self.furthest))
    }

    fn explanation(self) -> Path<'a, A> {
        let Search { automaton, events, arranged, end, path, .. } = self;
        Path { automaton, events, arranged, end, nodes: path }
    }

    /// The event at a position of the order of judgement.
    fn event(&self, position: usize) -> Option<&'a Event<A::Action>> {
        match self.arranged {
            None => self.events.get(position),
            Some(arranged) => arranged.get(position).map(|&index| &self.events[index]),
        }
    }

    /// Arrives at a configuration. True: the whole trace is explained.
    fn visit(&mut self, arrival: Alternative<A::State>) -> bool {
        self.visited += 1;
        let Alternative { via, position: origin, mut state } = arrival;
        let mut position = origin;
        let progress = self.advance(&mut state, &mut position);
        let hidden_depth = match self.path.last() {
            Some(parent) if parent.position == position => parent.hidden_depth + 1,
            _ => 0,
        };
        let node = Node {
            position,
            state,
            via,
            origin,
            hidden_depth,
            first: self.untried.len(),
            others_tried: false,
        };
        match progress {
            Progress::Explained => {
                self.path.push(node);
                return true;
            }
            Progress::Choice => self.enter(node),
            Progress::Refused(refused) => self.furthest.refused(node.position, refused),
            Progress::EnvironmentOwes => self.furthest.reach(node.position),
        }
        false
    }

    /// Takes events in place for as long as there is nothing to choose.
    fn advance(&mut self, state: &mut A::State, position: &mut usize) -> Progress {
        while let Some(event) = self.event(*position) {
            if !self.automaton.commutes(&event.kind) {
                return Progress::Choice;
            }
            match self.automaton.direction(&event.kind) {
                Direction::Input => {
                    if let Err(refused) = self.automaton.input(state, event.actor, &event.kind) {
                        return Progress::Refused(refused);
                    }
                }
                Direction::Output => {
                    if self.automaton.output(state, event.actor, &event.kind).is_none() {
                        return Progress::Choice;
                    }
                }
            }
            *position += 1;
        }
        match self.end {
            End::Cut => Progress::Explained,
            End::Rest => self.rest(state),
        }
    }

    /// Whether the trace is explained if it ends in this state.
    fn rest(&mut self, state: &A::State) -> Progress {
        match rest(self.automaton, state, &mut self.actors, &mut self.steps) {
            Rest::Allowed => Progress::Explained,
            Rest::Refused => Progress::Choice,
            Rest::EnvironmentOwes(..) => Progress::EnvironmentOwes,
        }
    }

    /// Puts a configuration on the path, with the alternatives that are tried first.
    fn enter(&mut self, mut node: Node<A::State>) {
        if !self.dead.is_empty() {
            // Moved into the key and out again: looking up must not copy the state.
            let key = (node.position, node.state);
            if self.dead.contains(&key) {
                return;
            }
            node.state = key.1;
        }
        if node.hidden_depth > HIDDEN_STEPS_TRUSTED {
            self.dead.insert((node.position, node.state.clone()));
        }
        let Some(event) = self.event(node.position) else {
            self.path.push(node);
            return;
        };
        self.push_steps(&node.state, node.position, event.actor);
        // What commutes was tried in place and is not possible here.
        if !self.automaton.commutes(&event.kind)
            && let Some(direct) = self.directly(&node, event)
        {
            self.untried.push(direct);
        }
        self.path.push(node);
    }

    /// The event itself, taken at once although hidden steps could come before it.
    fn directly(&mut self, node: &Node<A::State>, event: &Event<A::Action>) -> Option<Alternative<A::State>> {
        let mut state = node.state.clone();
        let taken = match self.automaton.direction(&event.kind) {
            Direction::Output => self.automaton.output(&mut state, event.actor, &event.kind).is_some(),
            Direction::Input => match self.automaton.input(&mut state, event.actor, &event.kind) {
                Ok(()) => true,
                Err(refused) => {
                    self.furthest.refused(node.position, refused);
                    false
                }
            },
        };
        taken.then(|| Alternative { via: None, position: node.position + 1, state })
    }

    /// Adds the hidden steps of one actor as alternatives, so that the first one is tried first.
    fn push_steps(&mut self, state: &A::State, position: usize, actor: Actor) {
        self.steps.clear();
        self.automaton.steps(state, actor, &mut self.steps);
        for step in self.steps.drain(..).rev() {
            if step.output.is_none() {
                let via = Some(Via { actor, rule: step.rule });
                self.untried.push(Alternative { via, position, state: step.next });
            }
        }
    }

    /// Adds to the last node of the path the hidden steps of all actors but the one whose event is next.
    fn push_steps_of_others(&mut self) {
        let Some(node) = self.path.pop() else { return };
        let acting = self.event(node.position).map(|event| event.actor);
        self.actors.clear();
        self.automaton.actors(&node.state, &mut self.actors);
        let mut actors = std::mem::take(&mut self.actors);
        for actor in actors.drain(..).rev() {
            if Some(actor) != acting {
                self.push_steps(&node.state, node.position, actor);
            }
        }
        self.actors = actors;
        self.path.push(node);
    }
}

/// Whether the system may stay in this state for ever. The buffers are used, and left as they may be.
pub(super) fn rest<A: Automaton>(
    automaton: &A,
    state: &A::State,
    actors: &mut Vec<Actor>,
    steps: &mut Vec<Step<A::State, A::Action>>,
) -> Rest {
    let mut owing = None;
    actors.clear();
    automaton.actors(state, actors);
    for &actor in &*actors {
        steps.clear();
        automaton.steps(state, actor, steps);
        if steps.iter().any(|step| step.rule.is_due()) {
            return Rest::Refused;
        }
        match automaton.pause(state, actor) {
            None | Some(Pause::Excused(_) | Pause::AtWork(_)) => {}
            Some(Pause::Unexcused) => return Rest::Refused,
            Some(Pause::InUserCode(obligation)) => owing = owing.or(Some((actor, obligation))),
            Some(Pause::Owed(obligation, debtor) | Pause::Broken(obligation, debtor)) => {
                owing = owing.or(Some((debtor, obligation)));
            }
        }
    }
    match owing {
        None => Rest::Allowed,
        Some((actor, obligation)) => Rest::EnvironmentOwes(actor, obligation),
    }
}
