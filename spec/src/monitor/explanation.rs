//! Which rules an explanation uses.
//!
//! The search keeps no more of its path than it needs to go on. What led from one configuration to the next is found
//! again here, by taking the step once more: so only those pay for an explanation who ask for one.

use super::search::Node;
use crate::automaton::{Automaton, Direction, Pause};
use crate::event::{End, Event};
use crate::rule::Rule;

/// The configurations of one explanation, from the start of the trace to its end.
pub(super) struct Path<'a, A: Automaton> {
    pub(super) automaton: &'a A,
    pub(super) events: &'a [Event<A::Action>],
    pub(super) arranged: Option<&'a [usize]>,
    pub(super) end: End,
    pub(super) nodes: Vec<Node<A::State>>,
}

impl<A: Automaton> Path<'_, A> {
    /// The rules of all steps of the explanation and of all excuses at its end, each once, in order of appearance.
    pub(super) fn rules(&self) -> Vec<&'static Rule> {
        let mut rules = Vec::new();
        let mut before = self.automaton.init();
        for node in &self.nodes {
            for rule in self.rules_between(before, node) {
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
            before = node.state.clone();
        }
        if self.end == End::Rest {
            let mut actors = Vec::new();
            self.automaton.actors(&before, &mut actors);
            for actor in actors {
                if let Some(Pause::Excused(rule)) = self.automaton.pause(&before, actor)
                    && !rules.contains(&rule)
                {
                    rules.push(rule);
                }
            }
        }
        rules
    }

    /// The rules of the hidden step to this configuration, if there was one, and of the events after it.
    fn rules_between(&self, before: A::State, node: &Node<A::State>) -> Vec<&'static Rule> {
        let Some(via) = node.via else {
            // Either the start of the trace, or an event taken at once, which `origin` has counted already.
            let from = node.origin.saturating_sub(1);
            return self.events_from(before, from, node).unwrap_or_default();
        };
        let mut steps = Vec::new();
        self.automaton.steps(&before, via.actor, &mut steps);
        // Several steps of one actor may have the same rule: it was the one that leads to this state.
        let candidates = steps.into_iter().filter(|step| step.output.is_none() && step.rule == via.rule);
        let mut found = candidates.filter_map(|step| self.events_from(step.next, node.origin, node));
        let mut rules = vec![via.rule];
        rules.extend(found.next().unwrap_or_default());
        rules
    }

    /// The rules of the outputs from this position up to the configuration, if it is reached.
    fn events_from(
        &self,
        mut state: A::State,
        from: usize,
        node: &Node<A::State>,
    ) -> Option<Vec<&'static Rule>> {
        let mut rules = Vec::new();
        for position in from..node.position {
            let index = self.arranged.map_or(position, |arranged| arranged[position]);
            let event = &self.events[index];
            match self.automaton.direction(&event.kind) {
                Direction::Input => self.automaton.input(&mut state, event.actor, &event.kind).ok()?,
                Direction::Output => {
                    rules.push(self.automaton.output(&mut state, event.actor, &event.kind)?);
                }
            }
        }
        (state == node.state).then_some(rules)
    }
}
