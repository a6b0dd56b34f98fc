//! A spec that lacks a rule, to see what the rule is good for.

use raddle_spec::{Actor, Automaton, Direction, Pause, Refused, Rule, Step};

/// The spec with one rule struck out: its steps cannot be taken and it excuses nobody.
pub(crate) struct Without<A> {
    pub(crate) inner: A,
    pub(crate) rule: &'static Rule,
}

impl<A: Automaton> Automaton for Without<A> {
    type State = A::State;
    type Action = A::Action;

    fn init(&self) -> A::State {
        self.inner.init()
    }

    fn direction(&self, action: &A::Action) -> Direction {
        self.inner.direction(action)
    }

    fn input(&self, state: &mut A::State, actor: Actor, action: &A::Action) -> Result<(), Refused> {
        self.inner.input(state, actor, action)
    }

    fn output(&self, state: &mut A::State, actor: Actor, action: &A::Action) -> Option<&'static Rule> {
        let mut next = state.clone();
        let rule = self.inner.output(&mut next, actor, action).filter(|&rule| rule != self.rule)?;
        *state = next;
        Some(rule)
    }

    fn actors(&self, state: &A::State, sink: &mut Vec<Actor>) {
        self.inner.actors(state, sink);
    }

    fn steps(&self, state: &A::State, actor: Actor, sink: &mut Vec<Step<A::State, A::Action>>) {
        self.inner.steps(state, actor, sink);
        sink.retain(|step| step.rule != self.rule);
    }

    fn pause(&self, state: &A::State, actor: Actor) -> Option<Pause> {
        match self.inner.pause(state, actor) {
            Some(Pause::Excused(rule)) if rule == self.rule => Some(Pause::Unexcused),
            pause => pause,
        }
    }
}
