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

use crate::automaton::{Automaton, Direction, Pause, Step};
use crate::configuration::Frame;
use crate::event::{Actor, Kind};
use crate::rule::{Obligation, Refused, Rule};
use std::fmt::{self, Debug, Display};
use std::hash::Hash;

pub use crate::configuration::{Configuration, Stand};

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

    /// See [`Automaton::commutes`].
    fn commutes(&self, action: &ActionOf<Self>) -> bool {
        let _ = action;
        false
    }

    /// See [`Automaton::is_weak_query`].
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

type StepOf<O> = Step<StateOf<O>, ActionOf<O>>;

/// Where [`Object::apply`] puts what may happen.
pub struct Effects<'a, O: Object + ?Sized> {
    before: &'a StateOf<O>,
    top: usize,
    from: &'a O::Phase,
    steps: &'a mut Vec<StepOf<O>>,
}

impl<O: Object + ?Sized> Debug for Effects<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effects").field("from", self.from).finish_non_exhaustive()
    }
}

impl<O: Object + ?Sized> Effects<'_, O> {
    /// An effect that leaves the shared state alone.
    pub fn push(&mut self, rule: &'static Rule, then: Then<O::Ret, O::Cb, O::Phase>) {
        self.push_with(rule, then, |_| ());
    }

    /// An effect that changes the shared state.
    pub fn push_with(
        &mut self,
        rule: &'static Rule,
        then: Then<O::Ret, O::Cb, O::Phase>,
        change: impl FnOnce(&mut O::State),
    ) {
        let next = self.after(rule, then, change);
        self.steps.push(Step { rule, output: None, next });
    }

    /// An effect that begins a strand.
    pub fn push_strand(
        &mut self,
        rule: &'static Rule,
        then: Then<O::Ret, O::Cb, O::Phase>,
        strand: Strand<O::Cb, O::Phase>,
        change: impl FnOnce(&mut O::State),
    ) {
        let mut next = self.after(rule, then, change);
        let Strand { mut name, rule: starts, cb, phase } = strand;
        while next.top(name).is_some() {
            name.0 += 1;
        }
        next.frames.insert(next.end(name), (name, Frame::Born { cb, rule: starts, phase }));
        self.steps.push(Step { rule, output: None, next });
    }

    fn after(
        &self,
        rule: &'static Rule,
        then: Then<O::Ret, O::Cb, O::Phase>,
        change: impl FnOnce(&mut O::State),
    ) -> StateOf<O> {
        let mut next = self.before.clone();
        change(&mut next.shared);
        let frame = match then {
            Then::Return(ret) => Some(Frame::Return { ret, rule, from: self.from.clone() }),
            Then::Enter(cb, phase) => Some(Frame::Enter { cb, rule, phase }),
            Then::Phase(phase) => Some(Frame::Run(phase)),
            Then::Done => None,
        };
        match frame {
            Some(frame) => next.frames[self.top].1 = frame,
            None => drop(next.frames.remove(self.top)),
        }
        next
    }
}

/// The automaton of an object.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lifted<O>(pub O);

impl<O: Object> Lifted<O> {
    fn leave(&self, state: &mut StateOf<O>, actor: Actor, reply: &O::Reply) -> Result<(), Refused> {
        let top = state.top(actor).ok_or(LEFT_BUT_NOT_ENTERED)?;
        match &state.frames[top].1 {
            Frame::Work { cb, phase } => {
                let phase = self.0.leave(&mut state.shared, actor, cb, phase, reply)?;
                state.frames[top].1 = Frame::Ending(phase);
            }
            Frame::User { cb, phase } => {
                let phase = self.0.leave(&mut state.shared, actor, cb, phase, reply)?;
                state.frames[top].1 = Frame::Run(phase);
            }
            Frame::Aside { cb } => {
                self.0.leave_aside(cb, reply)?;
                state.frames.remove(top);
            }
            Frame::Run(_)
            | Frame::Return { .. }
            | Frame::Enter { .. }
            | Frame::Born { .. }
            | Frame::Ending(_) => {
                return Err(LEFT_BUT_NOT_ENTERED);
            }
        }
        Ok(())
    }

    fn enter(&self, state: &mut StateOf<O>, actor: Actor, cb: &O::Cb) -> Option<&'static Rule> {
        let Some(top) = state.top(actor) else { return self.begin(state, actor, cb) };
        let (rule, aside) = match &mut state.frames[top].1 {
            Frame::Enter { cb: due, rule, phase } if due == cb => {
                let rule = *rule;
                let phase = phase.clone();
                state.frames[top].1 = Frame::User { cb: cb.clone(), phase };
                (rule, None)
            }
            Frame::Run(phase) | Frame::Enter { phase, .. } | Frame::Return { from: phase, .. } => {
                (self.0.aside(&state.shared, actor, phase, cb)?, Some(Frame::Aside { cb: cb.clone() }))
            }
            Frame::Born { cb: due, rule, phase } if due == cb => {
                let rule = *rule;
                let phase = phase.clone();
                state.frames[top].1 = Frame::Work { cb: cb.clone(), phase };
                (rule, None)
            }
            Frame::Ending(_) => return self.begin(state, actor, cb),
            Frame::User { .. } | Frame::Aside { .. } | Frame::Born { .. } | Frame::Work { .. } => {
                return None;
            }
        };
        if let Some(frame) = aside {
            state.frames.insert(top + 1, (actor, frame));
        }
        self.0.entered(&mut state.shared, actor, cb);
        Some(rule)
    }

    /// An actor that has nothing unfinished turns out to be a strand that was born.
    fn begin(&self, state: &mut StateOf<O>, actor: Actor, cb: &O::Cb) -> Option<&'static Rule> {
        let is_it = |frame: &Frame<_, _, _>| matches!(frame, Frame::Born { cb: due, .. } if due == cb);
        let place = state.frames.iter().position(|(_, frame)| is_it(frame))?;
        let Frame::Born { cb, rule, phase } = state.frames.remove(place).1 else { return None };
        self.0.entered(&mut state.shared, actor, &cb);
        state.frames.insert(state.end(actor), (actor, Frame::Work { cb, phase }));
        Some(rule)
    }

    fn finish(&self, state: &mut StateOf<O>, top: usize) {
        if let (actor, Frame::Return { from, .. }) = state.frames.remove(top) {
            self.0.returned(&mut state.shared, actor, &from);
        }
    }
}

const LEFT_BUT_NOT_ENTERED: Refused = Refused::Malformed("user code is left that was not entered");
const CALL_FROM_INSIDE: Refused = Refused::Malformed(
    "an actor calls although its previous call has neither returned nor entered user code",
);

impl<O: Object> Automaton for Lifted<O> {
    type State = StateOf<O>;
    type Action = ActionOf<O>;

    fn init(&self) -> Self::State {
        Configuration { shared: self.0.init(), frames: Vec::new() }
    }

    fn direction(&self, action: &Self::Action) -> Direction {
        match action {
            Kind::Call(_) | Kind::Leave(_) => Direction::Input,
            Kind::Return(_) | Kind::Enter(_) => Direction::Output,
        }
    }

    fn input(&self, state: &mut Self::State, actor: Actor, action: &Self::Action) -> Result<(), Refused> {
        match action {
            Kind::Leave(reply) => self.leave(state, actor, reply),
            Kind::Call(op) => {
                if let Some(top) = state.top(actor)
                    && !matches!(
                        state.frames[top].1,
                        Frame::User { .. } | Frame::Aside { .. } | Frame::Work { .. } | Frame::Ending(_)
                    )
                {
                    return Err(CALL_FROM_INSIDE);
                }
                let phase = self.0.call(&mut state.shared, actor, op)?;
                let end = state.end(actor);
                state.frames.insert(end, (actor, Frame::Run(phase)));
                Ok(())
            }
            Kind::Return(_) | Kind::Enter(_) => Err(Refused::Malformed("an output in the place of an input")),
        }
    }

    fn output(&self, state: &mut Self::State, actor: Actor, action: &Self::Action) -> Option<&'static Rule> {
        match action {
            Kind::Enter(cb) => self.enter(state, actor, cb),
            Kind::Return(ret) => {
                let top = state.top(actor)?;
                let rule = match &state.frames[top].1 {
                    Frame::Return { ret: due, rule, .. } if due == ret => *rule,
                    _ => return None,
                };
                self.finish(state, top);
                Some(rule)
            }
            Kind::Call(_) | Kind::Leave(_) => None,
        }
    }

    fn actors(&self, state: &Self::State, sink: &mut Vec<Actor>) {
        for (actor, _) in &state.frames {
            if sink.last() != Some(actor) {
                sink.push(*actor);
            }
        }
    }

    fn steps(&self, state: &Self::State, actor: Actor, sink: &mut Vec<StepOf<O>>) {
        let Some(top) = state.top(actor) else { return };
        if let Some(ending) = state.ending(actor)
            && let Frame::Ending(phase) = &state.frames[ending].1
        {
            let mut effects = Effects { before: state, top: ending, from: phase, steps: sink };
            self.0.apply(&state.shared, actor, phase, &mut effects);
        }
        match &state.frames[top].1 {
            Frame::Run(phase) => {
                let mut effects = Effects { before: state, top, from: phase, steps: sink };
                self.0.apply(&state.shared, actor, phase, &mut effects);
            }
            Frame::Return { ret, rule, .. } => {
                let mut next = state.clone();
                self.finish(&mut next, top);
                sink.push(Step { rule, output: Some(Kind::Return(ret.clone())), next });
            }
            Frame::Enter { cb, rule, .. } | Frame::Born { cb, rule, .. } => {
                let mut next = state.clone();
                self.enter(&mut next, actor, cb);
                sink.push(Step { rule, output: Some(Kind::Enter(cb.clone())), next });
            }
            Frame::User { .. } | Frame::Aside { .. } | Frame::Work { .. } | Frame::Ending(_) => {}
        }
    }

    fn pause(&self, state: &Self::State, actor: Actor) -> Option<Pause> {
        match &state.frames[state.top(actor)?].1 {
            Frame::Run(phase) => Some(match self.0.waits_for(&state.shared, actor, phase) {
                Some(Debt { obligation, debtor, is_broken }) => {
                    let debtor = match debtor {
                        Debtor::Actor(debtor) => debtor,
                        Debtor::Strand(cb) => state.strand_of(&cb).unwrap_or(actor),
                    };
                    if is_broken {
                        Pause::Broken(obligation, debtor)
                    } else {
                        Pause::Owed(obligation, debtor)
                    }
                }
                None => match self.0.may_wait(&state.shared, actor, phase) {
                    Some(rule) => Pause::Excused(rule),
                    None => Pause::Unexcused,
                },
            }),
            Frame::User { cb, .. } | Frame::Aside { cb } => {
                Some(Pause::InUserCode(self.0.owed(&state.shared, cb)))
            }
            Frame::Work { cb, .. } => Some(Pause::AtWork(self.0.owed(&state.shared, cb))),
            Frame::Return { .. } | Frame::Enter { .. } | Frame::Born { .. } | Frame::Ending(_) => {
                Some(Pause::Unexcused)
            }
        }
    }

    fn prolongs(
        &self,
        state: &Self::State,
        _: Actor,
        action: &Self::Action,
        sink: &mut Vec<(&'static Obligation, Actor)>,
    ) {
        let Kind::Call(op) = action else { return };
        for (actor, frame) in &state.frames {
            let phase = match frame {
                Frame::Run(phase)
                | Frame::Enter { phase, .. }
                | Frame::User { phase, .. }
                | Frame::Work { phase, .. } => phase,
                Frame::Return { .. } | Frame::Aside { .. } | Frame::Born { .. } | Frame::Ending(_) => {
                    continue;
                }
            };
            if let Some(obligation) = self.0.prolongs(&state.shared, op, phase)
                && !sink.contains(&(obligation, *actor))
            {
                sink.push((obligation, *actor));
            }
        }
    }

    fn limited(&self, state: &Self::State, _: Actor, action: &Self::Action) -> Option<&'static Obligation> {
        match action {
            Kind::Call(op) => self.0.limited(&state.shared, op),
            _ => None,
        }
    }

    fn subject(&self, state: &Self::State, actor: Actor) -> Option<String> {
        let own = state.frames.iter().filter(|(owner, _)| *owner == actor);
        own.map(|(_, frame)| frame).find_map(|frame| match frame {
            Frame::Born { cb, .. } | Frame::Work { cb, .. } => Some(cb.to_string()),
            _ => None,
        })
    }

    fn commutes(&self, action: &Self::Action) -> bool {
        self.0.commutes(action)
    }

    fn is_weak_query(&self, action: &Self::Action) -> bool {
        matches!(action, Kind::Call(op) if self.0.is_weak_query(op))
    }
}
