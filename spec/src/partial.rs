//! Partial traces: specs for recorders that cannot see everything.
//!
//! A recorder outside of an implementation often misses user code that the system runs: it sees that a task goes on, not that
//! its waker was invoked. [`Partial`] makes such outputs of a spec hidden: the monitor then puts them in where they are needed, as it does
//! with all hidden steps. What is not recorded is not judged, so a partial trace can only be accepted more often than a full one.

use crate::automaton::{Automaton, Direction, Pause, Step};
use crate::event::Actor;
use crate::rule::{Refused, Rule};

/// A spec some of whose outputs are not seen.
#[derive(Clone, Copy, Debug)]
pub struct Partial<A, F> {
    automaton: A,
    unseen: F,
}

impl<A: Automaton, F: Fn(&A::Action) -> Vec<A::Action>> Partial<A, F> {
    /// Hides outputs of `automaton`. For an output that nobody records, `unseen` gives the inputs one of which follows at once, unseen
    /// as well (the user code that was entered is left, one way or another); for all others it gives nothing.
    pub fn new(automaton: A, unseen: F) -> Self {
        Partial { automaton, unseen }
    }
}

impl<A: Automaton, F: Fn(&A::Action) -> Vec<A::Action>> Automaton for Partial<A, F> {
    type State = A::State;
    type Action = A::Action;

    fn init(&self) -> Self::State {
        self.automaton.init()
    }

    fn direction(&self, action: &Self::Action) -> Direction {
        self.automaton.direction(action)
    }

    fn input(&self, state: &mut Self::State, actor: Actor, action: &Self::Action) -> Result<(), Refused> {
        self.automaton.input(state, actor, action)
    }

    fn output(&self, state: &mut Self::State, actor: Actor, action: &Self::Action) -> Option<&'static Rule> {
        self.automaton.output(state, actor, action)
    }

    fn actors(&self, state: &Self::State, sink: &mut Vec<Actor>) {
        self.automaton.actors(state, sink);
    }

    fn steps(&self, state: &Self::State, actor: Actor, sink: &mut Vec<Step<Self::State, Self::Action>>) {
        let from = sink.len();
        self.automaton.steps(state, actor, sink);
        for step in sink.split_off(from) {
            let answers = step.output.as_ref().map(&self.unseen).unwrap_or_default();
            if answers.is_empty() {
                sink.push(step);
                continue;
            }
            for answer in answers {
                let mut next = step.next.clone();
                if self.automaton.input(&mut next, actor, &answer).is_ok() {
                    sink.push(Step { rule: step.rule, output: None, next });
                }
            }
        }
    }

    fn pause(&self, state: &Self::State, actor: Actor) -> Option<Pause> {
        self.automaton.pause(state, actor)
    }

    fn subject(&self, state: &Self::State, actor: Actor) -> Option<String> {
        self.automaton.subject(state, actor)
    }

    // Hidden steps do more here than `automaton` knows of, so none of its answers to `commutes` holds: the default does.

    fn is_weak_query(&self, action: &Self::Action) -> bool {
        self.automaton.is_weak_query(action)
    }
}
