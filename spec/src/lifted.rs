//! What becomes of an [`Object`]: an automaton whose states have a stack of frames for each actor.
//!
//! A frame is one unfinished call, callback or strand, and says what is due next. Inputs push a frame or turn one into the next; so
//! do the steps of the system, the hidden ones through [`Effects`]. The object sees only shared state and phases.

use crate::automaton::{Automaton, Direction, Pause, Step};
use crate::configuration::{Configuration, Frame};
use crate::event::{Actor, Kind};
use crate::object::{ActionOf, Debt, Debtor, Object, StateOf, Strand, Then};
use crate::rule::{Obligation, Refused, Rule};
use std::fmt::{self, Debug};

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
