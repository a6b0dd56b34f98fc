//! What the explorer knows of a system that is closed: no choice is left to anybody outside.

use crate::event::Actor;
use crate::rule::{Obligation, ObligationKind, Rule};
use std::fmt::Display;
use std::hash::Hash;

/// A transition system with fairness. [`Closed`](super::Closed) makes one of a spec and an environment.
pub trait Model {
    /// Everything that decides what may happen next.
    ///
    /// Its `Hash` must feed the hasher with all that `Eq` compares, as a derived one does: what it feeds is how the
    /// explorer writes a state down.
    type State: Clone + Eq + Hash + Display;
    /// What can be seen.
    type Action: Clone + Display;

    /// Where every execution starts.
    fn init(&self) -> Self::State;

    /// Puts down everything about one state.
    fn expand(&self, state: &Self::State, sink: &mut Expansion<Self::State, Self::Action>);

    /// Whether this class is to be taken at last if it is enabled again and again, rather than only if it stays
    /// enabled.
    fn is_strong(&self, class: Class) -> bool {
        match class {
            Class::Due(rule, _) => rule.is_strong,
            Class::Owed(obligation, _) => obligation.kind == ObligationKind::Compassion,
        }
    }
}

/// What is known about one state.
#[derive(Debug)]
pub struct Expansion<S, A> {
    /// Everything that can happen.
    pub moves: Vec<Move<S, A>>,
    /// Everybody with a call that has not returned, in any order, each once.
    pub standings: Vec<(Actor, Standing)>,
    /// What the environment could do only by breaking an obligation. Nothing is promised from there on, so there is
    /// no next state.
    pub refused: Vec<(Actor, A, &'static Obligation)>,
}

impl<S, A> Expansion<S, A> {
    /// Nothing yet.
    #[allow(clippy::new_without_default, reason = "a default would say that nothing happens in a state")]
    pub fn new() -> Self {
        Expansion { moves: Vec::new(), standings: Vec::new(), refused: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.moves.clear();
        self.standings.clear();
        self.refused.clear();
    }
}

/// One transition.
#[derive(Clone, Debug)]
pub struct Move<S, A> {
    /// What happens, in order; more than one where steps are fused.
    pub steps: Vec<MoveStep<A>>,
    /// The state after it.
    pub next: S,
    /// Whose fairness sees to it that the move is made at last. `None`: nobody has to make it.
    pub class: Option<Class>,
    /// What keeps it from happening for ever.
    pub finitely: Vec<Finitely>,
}

/// A step within a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveStep<A> {
    /// Whose strand it is on.
    pub actor: Actor,
    /// The rule that allows it, if it is the system's.
    pub rule: Option<&'static Rule>,
    /// What is seen of it, if anything is.
    pub action: Option<A>,
}

/// Moves that fairness treats as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Steps of the system that are due under this rule, on behalf of this subject.
    Due(&'static Rule, Actor),
    /// Moves that the environment owes under this obligation (justice or compassion), on behalf of this subject.
    Owed(&'static Obligation, Actor),
}

/// A promise that a move happens only finitely often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finitely {
    /// It is an aside: a system makes only finitely many of them for one call.
    Aside,
    /// The environment makes it only finitely often while this actor's call goes on.
    During(&'static Obligation, Actor),
    /// The environment makes it only finitely often on the strand of this actor.
    Ever(&'static Obligation, Actor),
}

/// How it stands with a call that has not returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A step of the system is due.
    Due,
    /// It waits, and this rule says why that is right.
    Excused(&'static Rule),
    /// It waits, and no rule excuses it.
    Unexcused,
    /// It is inside user code, which is to end under this obligation.
    InUserCode(&'static Obligation),
    /// It is no call, but a strand that the system began, inside its user code, which is to go on or to end under this obligation. It
    /// need not end for its own sake.
    AtWork(&'static Obligation),
    /// It waits for what the environment owes under this obligation.
    Owed(&'static Obligation),
    /// It waits because the environment has broken this obligation: nothing is promised to anybody as long as it does.
    Broken(&'static Obligation),
}
