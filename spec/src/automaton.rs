//! The automaton: what explorer and monitor know of a spec.
//!
//! A spec is a labelled transition system. *Inputs* are chosen by the environment, *outputs* by the system; both are
//! visible and belong to an actor. *Hidden* steps are taken by the system and seen by nobody. Every step of the
//! system names the rule that allows it.

use crate::event::Actor;
use crate::rule::{Obligation, Refused, Rule};
use std::fmt::{Debug, Display};
use std::hash::Hash;

/// Who chooses a visible action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The environment.
    Input,
    /// The system.
    Output,
}

/// A step that the system may take.
#[derive(Clone, Debug)]
pub struct Step<S, A> {
    /// The rule that allows it.
    pub rule: &'static Rule,
    /// What is seen of it; `None` for a hidden step.
    pub output: Option<A>,
    /// The state after it.
    pub next: S,
}

/// What an actor that still has something to finish, waits for when the system rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Its call has to wait, and this rule says why that is right.
    Excused(&'static Rule),
    /// Its call has to wait, and no rule excuses it: a fault of the spec, or a deadlock.
    Unexcused,
    /// It is inside user code: the environment owes the end of it.
    InUserCode(&'static Obligation),
    /// It is inside user code for which the system began a strand of its own. That may go on for ever: its end, under this obligation, is
    /// owed to those alone who wait for it.
    AtWork(&'static Obligation),
    /// Its call waits for what the environment owes under this obligation on the strand of that actor.
    Owed(&'static Obligation, Actor),
    /// Its call waits for ever, because the environment has broken this obligation on the strand of that actor.
    Broken(&'static Obligation, Actor),
}

/// A labelled transition system with inputs and outputs.
pub trait Automaton {
    /// Everything that decides what may happen next.
    type State: Clone + Eq + Hash + Debug + Display;
    /// A visible action.
    type Action: Clone + PartialEq + Debug + Display;

    /// Where every execution starts.
    fn init(&self) -> Self::State;

    /// Who chooses this action.
    fn direction(&self, action: &Self::Action) -> Direction;

    /// Takes an input in place. A refused input leaves the state as it was.
    ///
    /// # Errors
    ///
    /// Says why the environment may not do this now.
    fn input(&self, state: &mut Self::State, actor: Actor, action: &Self::Action) -> Result<(), Refused>;

    /// Takes an output in place if the system may show it right now, and names the rule. This includes outputs that
    /// are permitted at any moment and never due, which [`steps`](Automaton::steps) does not list.
    fn output(&self, state: &mut Self::State, actor: Actor, action: &Self::Action) -> Option<&'static Rule>;

    /// Appends the actors that have an unfinished call, in order of their numbers, each once.
    fn actors(&self, state: &Self::State, sink: &mut Vec<Actor>);

    /// Appends the steps, hidden and visible, that the system may take on behalf of this actor.
    fn steps(&self, state: &Self::State, actor: Actor, sink: &mut Vec<Step<Self::State, Self::Action>>);

    /// What this actor, which has no due step, waits for. `None`: it has nothing to finish.
    fn pause(&self, state: &Self::State, actor: Actor) -> Option<Pause>;

    /// Appends whose unfinished calls this input keeps going, each with the obligation (of kind
    /// [`Finitely`](crate::ObligationKind::Finitely)) that lets it happen only finitely often during one such call.
    fn prolongs(
        &self,
        state: &Self::State,
        actor: Actor,
        action: &Self::Action,
        sink: &mut Vec<(&'static Obligation, Actor)>,
    ) {
        let _ = (state, actor, action, sink);
    }

    /// The obligation that lets this input happen only finitely often in all.
    fn limited(
        &self,
        state: &Self::State,
        actor: Actor,
        action: &Self::Action,
    ) -> Option<&'static Obligation> {
        let _ = (state, actor, action);
        None
    }

    /// What the strand of this actor is, in words, if the system began it.
    fn subject(&self, state: &Self::State, actor: Actor) -> Option<String> {
        let _ = (state, actor);
        None
    }

    /// Whether this visible action may always be taken as soon as it is possible, before any hidden step, without
    /// losing an explanation of what follows. That holds when it touches nothing that hidden steps of other actors
    /// read or write, and keeps no hidden step of its own actor from being taken. Answering `false` is always safe
    /// and makes judging slower.
    fn commutes(&self, action: &Self::Action) -> bool {
        let _ = action;
        false
    }

    /// Whether this action begins a *weak query*: a call that may be answered from an earlier state where the
    /// recorded order is not the real one (see [`order`](crate::order)).
    fn is_weak_query(&self, action: &Self::Action) -> bool {
        let _ = action;
        false
    }
}
