//! The states of an object's automaton: the shared state, and a stack of frames for each actor.

use crate::event::Actor;
use crate::rule::Rule;
use std::fmt::{self, Display};

/// The shared state together with the call stacks of all actors.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Configuration<S, Ret, Cb, Phase> {
    pub(crate) shared: S,
    // One list for all stacks, ordered by actor and from bottom to top, so that a copy costs one allocation.
    pub(crate) frames: Vec<(Actor, Frame<Ret, Cb, Phase>)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Frame<Ret, Cb, Phase> {
    /// Has effects to come.
    Run(Phase),
    /// Has taken effect and will return. Keeps the phase that decided, to know whose operation it is.
    Return { ret: Ret, rule: &'static Rule, from: Phase },
    /// Has taken effect and will enter user code.
    Enter { cb: Cb, rule: &'static Rule, phase: Phase },
    /// Is inside user code.
    User { cb: Cb, phase: Phase },
    /// Is inside user code that was entered as an aside of the frame below.
    Aside { cb: Cb },
    /// Is a strand that the system began, and will enter its user code. Nobody has seen it yet, so the actor is only a name for it.
    Born { cb: Cb, rule: &'static Rule, phase: Phase },
    /// Is inside the user code of a strand that the system began.
    Work { cb: Cb, phase: Phase },
    /// Is the rest of such a strand after its user code. What its actor calls from then on, goes on beside it.
    Ending(Phase),
}

/// Where a call stands, for those who look at a state from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand<'a, Ret, Cb, Phase> {
    /// Has effects to come.
    Runs(&'a Phase),
    /// Is about to return this.
    Returns(&'a Ret),
    /// Is about to enter this user code.
    Enters(&'a Cb),
    /// Is inside this user code.
    Inside(&'a Cb),
}

impl<S, Ret, Cb, Phase> Configuration<S, Ret, Cb, Phase> {
    /// The state of the object itself.
    pub fn shared(&self) -> &S {
        &self.shared
    }

    /// All unfinished calls and asides, by actor and from the outermost to the innermost.
    pub fn stands(&self) -> impl Iterator<Item = (Actor, Stand<'_, Ret, Cb, Phase>)> {
        self.frames.iter().map(|(actor, frame)| {
            let stand = match frame {
                Frame::Run(phase) | Frame::Ending(phase) => Stand::Runs(phase),
                Frame::Return { ret, .. } => Stand::Returns(ret),
                Frame::Enter { cb, .. } | Frame::Born { cb, .. } => Stand::Enters(cb),
                Frame::User { cb, .. } | Frame::Aside { cb } | Frame::Work { cb, .. } => Stand::Inside(cb),
            };
            (*actor, stand)
        })
    }

    /// Where a new frame of the actor goes: just behind its top frame.
    pub(crate) fn end(&self, actor: Actor) -> usize {
        self.frames.partition_point(|(owner, _)| *owner <= actor)
    }

    /// The actor whose strand the system began with this user code, if it is not over.
    pub(crate) fn strand_of(&self, sought: &Cb) -> Option<Actor>
    where
        Cb: PartialEq,
    {
        let is_it = |frame: &Frame<Ret, Cb, Phase>| matches!(frame, Frame::Born { cb, .. } | Frame::Work { cb, .. } if cb == sought);
        self.frames.iter().find(|(_, frame)| is_it(frame)).map(|(actor, _)| *actor)
    }

    /// The end of a strand that the system began, below what its actor calls meanwhile.
    pub(crate) fn ending(&self, actor: Actor) -> Option<usize> {
        let bottom = self.frames.partition_point(|(owner, _)| *owner < actor);
        let is_it = matches!(self.frames.get(bottom), Some((owner, Frame::Ending(_))) if *owner == actor);
        is_it.then_some(bottom)
    }

    pub(crate) fn top(&self, actor: Actor) -> Option<usize> {
        let top = self.end(actor).checked_sub(1)?;
        (self.frames[top].0 == actor).then_some(top)
    }
}

impl<S: Display, Ret: Display, Cb: Display, Phase: Display> Display for Configuration<S, Ret, Cb, Phase> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shared)?;
        for (actor, frame) in &self.frames {
            match frame {
                Frame::Run(phase) | Frame::Ending(phase) => write!(f, "; {actor} in {phase}")?,
                Frame::Return { ret, rule, .. } => {
                    write!(f, "; {actor} about to return {ret} ({})", rule.id)?
                }
                Frame::Enter { cb, rule, .. } => write!(f, "; {actor} about to enter {cb} ({})", rule.id)?,
                Frame::Born { cb, rule, .. } => {
                    write!(f, "; a new strand about to enter {cb} ({})", rule.id)?
                }
                Frame::User { cb, .. } | Frame::Aside { cb } | Frame::Work { cb, .. } => {
                    write!(f, "; {actor} inside {cb}")?
                }
            }
        }
        Ok(())
    }
}
