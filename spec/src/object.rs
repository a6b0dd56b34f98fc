//! The combinator: lifts guarded operations on a state into an automaton with call stacks.
//!
//! An [`Object`] says, for each operation, at which moments it takes effect and what follows. It knows nothing of
//! threads, of overlapping calls or of what an observer sees. [`Lifted`] adds that: each actor gets a stack of frames,
//! and each operation becomes
//!
//! ```text
//!   Call ──▶ phase ──(hidden step: takes effect under a rule)──▶ Return      visible, later
//!              ▲                                          ├────▶ Enter ──▶ user code ──▶ Leave ──┐
//!              │                                          └────▶ the next phase                  │
//!              └─────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! While an actor is inside user code it may call again: that pushes a frame, so re-entrant calls nest and nobody has
//! to think of them. Effect and output are separate steps, because of two overlapping calls the one that takes effect
//! first may return last.
//!
//! An effect may also begin a *strand* ([`Effects::push_strand`]): user code that nobody called, such as the closure of a thread that the
//! system starts. Its stack exists from then on; which actor it is, shows when it enters its user code.
//!
//! *Asides* are callbacks that an operation may enter at any moment without anything following from it for the
//! operation, such as the clone of a waker. The object is asked whether it permits one when it is seen. One call makes
//! only finitely many asides.

use crate::event::{Actor, Kind};
use crate::rule::{Obligation, Refused, Rule};
use std::fmt::{Debug, Display};
use std::hash::Hash;

pub use crate::configuration::{Configuration, Stand};
pub use crate::lifted::{Effects, Lifted};

/// What follows when an operation has taken effect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Then<Ret, Cb, Phase> {
    /// The call returns.
    Return(Ret),
    /// User code is entered; when it is left, [`Object::leave`] makes the next phase of this one.
    Enter(Cb, Phase),
    /// The operation goes on as another phase.
    Phase(Phase),
    /// The strand ends without a return.
    Done,
}

/// User code that the system runs on a strand of its own.
#[derive(Clone, Debug)]
pub struct Strand<Cb, Phase> {
    /// What the actor is called as long as it has not been seen. It should not be the number of anybody else; an explorer, for which
    /// nobody sees anything, goes on with it.
    pub name: Actor,
    /// The rule under which it enters its user code.
    pub rule: &'static Rule,
    /// The user code.
    pub cb: Cb,
    /// For [`Object::leave`], when it is left. The phase that this makes should end with [`Then::Done`].
    pub phase: Phase,
}

/// What a call waits for if the environment owes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debt<Cb> {
    /// The obligation.
    pub obligation: &'static Obligation,
    /// Who owes it.
    pub debtor: Debtor<Cb>,
    /// Whether the obligation is broken already, though no event shows it: what waits will wait for ever if nobody helps.
    pub is_broken: bool,
}

/// On which strand something is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Debtor<Cb> {
    /// On this one.
    Actor(Actor),
    /// On the one that the system began with this user code.
    Strand(Cb),
}

/// A state with guarded, possibly nondeterministic operations of one or more phases.
pub trait Object {
    /// The shared state.
    type State: Clone + Eq + Hash + Debug + Display;
    /// What user code may call.
    type Op: Clone + PartialEq + Debug + Display;
    /// What calls return.
    type Ret: Clone + Eq + Hash + Debug + Display;
    /// User code that operations enter.
    type Cb: Clone + Eq + Hash + Debug + Display;
    /// How user code ends.
    type Reply: Clone + PartialEq + Debug + Display;
    /// Where an operation stands between two of its effects.
    type Phase: Clone + Eq + Hash + Debug + Display;

    /// The state before the first call.
    fn init(&self) -> Self::State;

    /// Begins an operation. It may note in the state that the call is in progress; the effect belongs in
    /// [`apply`](Object::apply). A refused call leaves the state as it was.
    ///
    /// # Errors
    ///
    /// Says why the environment may not call this now.
    fn call(&self, state: &mut Self::State, actor: Actor, op: &Self::Op) -> Result<Self::Phase, Refused>;

    /// Pushes every effect that the phase may have now; none means that it has to wait.
    fn apply(&self, state: &Self::State, actor: Actor, phase: &Self::Phase, effects: &mut Effects<'_, Self>);

    /// User code that [`Then::Enter`] entered, was left: the phase with which the operation goes on. A refused reply
    /// leaves the state as it was.
    ///
    /// # Errors
    ///
    /// Says why user code may not end like this.
    fn leave(
        &self,
        state: &mut Self::State,
        actor: Actor,
        entered: &Self::Cb,
        phase: &Self::Phase,
        reply: &Self::Reply,
    ) -> Result<Self::Phase, Refused>;

    /// User code is entered, visibly, whether as the consequence of an effect or as an aside.
    fn entered(&self, state: &mut Self::State, actor: Actor, cb: &Self::Cb) {
        let _ = (state, actor, cb);
    }

    /// A call returns, visibly; the phase is the one whose effect decided the result.
    fn returned(&self, state: &mut Self::State, actor: Actor, phase: &Self::Phase) {
        let _ = (state, actor, phase);
    }

    /// The rule that permits the operation in this phase to enter that user code as an aside.
    fn aside(
        &self,
        state: &Self::State,
        actor: Actor,
        phase: &Self::Phase,
        cb: &Self::Cb,
    ) -> Option<&'static Rule> {
        let _ = (state, actor, phase, cb);
        None
    }

    /// User code that was entered as an aside, was left.
    ///
    /// # Errors
    ///
    /// Says why user code may not end like this.
    fn leave_aside(&self, entered: &Self::Cb, reply: &Self::Reply) -> Result<(), Refused> {
        let _ = (entered, reply);
        Ok(())
    }

    /// The rule that excuses this phase for waiting at rest.
    fn may_wait(&self, state: &Self::State, actor: Actor, phase: &Self::Phase) -> Option<&'static Rule> {
        let _ = (state, actor, phase);
        None
    }

    /// What this phase waits for at rest if the environment owes it. Asked before [`may_wait`](Object::may_wait).
    fn waits_for(&self, state: &Self::State, actor: Actor, phase: &Self::Phase) -> Option<Debt<Self::Cb>> {
        let _ = (state, actor, phase);
        None
    }

    /// The obligation under which this user code goes on or ends at last.
    fn owed(&self, state: &Self::State, entered: &Self::Cb) -> &'static Obligation;

    /// The obligation that lets this call happen only finitely often in all.
    fn limited(&self, state: &Self::State, op: &Self::Op) -> Option<&'static Obligation> {
        let _ = (state, op);
        None
    }

    /// The obligation that lets this call happen only finitely often while an operation in that phase goes on, because
    /// it keeps the operation going.
    fn prolongs(
        &self,
        state: &Self::State,
        op: &Self::Op,
        phase: &Self::Phase,
    ) -> Option<&'static Obligation> {
        let _ = (state, op, phase);
        None
    }

    /// See [`Automaton::commutes`](crate::Automaton::commutes).
    fn commutes(&self, action: &ActionOf<Self>) -> bool {
        let _ = action;
        false
    }

    /// See [`Automaton::is_weak_query`](crate::Automaton::is_weak_query).
    fn is_weak_query(&self, op: &Self::Op) -> bool {
        let _ = op;
        false
    }
}

/// The visible actions of an object.
pub type ActionOf<O> = Kind<<O as Object>::Op, <O as Object>::Ret, <O as Object>::Cb, <O as Object>::Reply>;

/// The states of an object's automaton.
pub type StateOf<O> =
    Configuration<<O as Object>::State, <O as Object>::Ret, <O as Object>::Cb, <O as Object>::Phase>;
