//! All states in which a spec can be after the beginning of a trace.
//!
//! The search decides depth first: it is done with the first explanation. When there is none, the report needs what
//! the search does not keep: every state in which the explained part of the trace may have left the spec. That is this
//! set. It is carried along event by event, and in between it is *closed*: what hidden steps reach, belongs to it.
//!
//! The two are different ways to the same answer, and tests hold them against each other: a trace has an explanation
//! exactly if its set is not empty.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::rc::Rc;

use crate::automaton::{Automaton, Direction};
use crate::event::{Actor, Event};
use crate::rule::Rule;

/// A set of states of a spec, each with one way of hidden steps by which it came about.
///
/// # Examples
///
/// ```
/// use raddle_spec::waitmap::{self, Event, Kind, Op, Ret};
/// use raddle_spec::{Actor, Candidates};
///
/// let spec = waitmap::spec();
/// let mut candidates = Candidates::initial(&spec);
/// candidates.take(&Event::new(Actor(0), Kind::Call(Op::Close)));
/// candidates.close();
/// assert_eq!(candidates.len(), 3); // not yet closed; closed, and among the wakers; about to return
/// candidates.take(&Event::new(Actor(0), Kind::Return(Ret::Woke)));
/// assert!(candidates.is_empty()); // that is no answer to close
/// ```
pub struct Candidates<'a, A: Automaton> {
    automaton: &'a A,
    members: Vec<Member<A::State>>,
    // The hasher is without a random key and the set is never iterated: nothing depends on its order.
    known: HashSet<Rc<A::State>, BuildHasherDefault<DefaultHasher>>,
    /// Every hidden step that led to a new state. The ways of all members end in here.
    ways: Vec<Link>,
    /// How many events were taken.
    taken: usize,
}

pub(super) struct Member<S> {
    pub(super) state: Rc<S>,
    /// The last hidden step on the way, an index into `ways`.
    way: Option<usize>,
}

/// A hidden step on the way to a candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct HiddenStep {
    /// How many events had been explained when it was taken.
    pub(super) position: usize,
    pub(super) actor: Actor,
    pub(super) rule: &'static Rule,
}

#[derive(Clone, Debug)]
struct Link {
    step: HiddenStep,
    before: Option<usize>,
}

impl<S> Clone for Member<S> {
    fn clone(&self) -> Self {
        Member { state: Rc::clone(&self.state), way: self.way }
    }
}

impl<'a, A: Automaton> Candidates<'a, A> {
    /// No state at all.
    pub fn none(automaton: &'a A) -> Self {
        Candidates { automaton, members: Vec::new(), known: HashSet::default(), ways: Vec::new(), taken: 0 }
    }

    /// The state in which every execution starts.
    pub fn initial(automaton: &'a A) -> Self {
        let mut candidates = Candidates::none(automaton);
        candidates.insert(automaton.init());
        candidates
    }

    /// Adds a state. False: it was there before.
    pub fn insert(&mut self, state: A::State) -> bool {
        self.insert_by(Rc::new(state), None)
    }

    fn insert_by(&mut self, state: Rc<A::State>, way: Option<usize>) -> bool {
        let is_new = self.known.insert(Rc::clone(&state));
        if is_new {
            self.members.push(Member { state, way });
        }
        is_new
    }

    /// Whether this state is one of them.
    pub fn contains(&self, state: &A::State) -> bool {
        self.known.contains(state)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none: no execution of the spec shows the events that were taken.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The states, ordered by how they read: whatever order they came in.
    pub fn states(&self) -> Vec<&A::State> {
        let mut states: Vec<&A::State> = self.members.iter().map(|member| &*member.state).collect();
        // Two states may read the same. The hash has no random key, so that it tells them apart the same way always.
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        states.sort_by_cached_key(|state| (state.to_string(), hasher.hash_one(state)));
        states
    }

    /// Adds every state that hidden steps reach, of whichever actors. Fewest steps first, so that each state has a
    /// shortest way.
    pub fn close(&mut self) {
        let (mut actors, mut steps) = (Vec::new(), Vec::new());
        let mut next = 0;
        while let Some(member) = self.members.get(next) {
            let (state, way) = (Rc::clone(&member.state), member.way);
            next += 1;
            actors.clear();
            self.automaton.actors(&state, &mut actors);
            for &actor in &actors {
                self.automaton.steps(&state, actor, &mut steps);
                for step in steps.drain(..).filter(|step| step.output.is_none()) {
                    let reached = Rc::new(step.next);
                    if self.insert_by(reached, Some(self.ways.len())) {
                        let step = HiddenStep { position: self.taken, actor, rule: step.rule };
                        self.ways.push(Link { step, before: way });
                    }
                }
            }
        }
    }

    /// Goes on to the states behind an event, and leaves out those in which it cannot happen. Nothing is closed: hidden
    /// steps that are to come before it, [`close`](Candidates::close) must have taken.
    pub fn advance(&mut self, event: &Event<A::Action>) {
        self.known.clear();
        self.taken += 1;
        for Member { state, way } in std::mem::take(&mut self.members) {
            // Nobody else has it, as a rule: then it is changed in place.
            let mut state = Rc::unwrap_or_clone(state);
            if self.happens(&mut state, event) {
                self.insert_by(Rc::new(state), way);
            }
        }
    }

    fn happens(&self, state: &mut A::State, event: &Event<A::Action>) -> bool {
        match self.automaton.direction(&event.kind) {
            Direction::Input => self.automaton.input(state, event.actor, &event.kind).is_ok(),
            Direction::Output => self.automaton.output(state, event.actor, &event.kind).is_some(),
        }
    }

    /// [`close`](Candidates::close) and [`advance`](Candidates::advance), with the short cut that the search takes as
    /// well: an event that [commutes](Automaton::commutes) happens at once in each state in which it can, before any hidden
    /// step. What is left out that way, closing finds later.
    pub fn take(&mut self, event: &Event<A::Action>) {
        if !self.automaton.commutes(&event.kind) {
            self.close();
        } else if self.automaton.direction(&event.kind) == Direction::Output {
            let members = std::mem::take(&mut self.members);
            let happens_now = |member: &Member<A::State>| self.happens(&mut (*member.state).clone(), event);
            let (ready, others): (Vec<_>, Vec<_>) = members.into_iter().partition(happens_now);
            self.members = others;
            self.close();
            self.members.extend(ready);
        }
        self.advance(event);
    }

    pub(super) fn members(&self) -> &[Member<A::State>] {
        &self.members
    }

    /// The hidden steps on the way to a member, latest first, back to the start of the trace.
    pub(super) fn way(&self, member: &Member<A::State>) -> impl Iterator<Item = &HiddenStep> {
        let links = std::iter::successors(member.way, |&at| self.ways[at].before);
        links.map(|at| &self.ways[at].step)
    }
}

impl<A: Automaton> Clone for Candidates<'_, A> {
    fn clone(&self) -> Self {
        Candidates {
            automaton: self.automaton,
            members: self.members.clone(),
            known: self.known.clone(),
            ways: self.ways.clone(),
            taken: self.taken,
        }
    }
}

/// Equal if the same states are in them, whatever the ways.
impl<A: Automaton> PartialEq for Candidates<'_, A> {
    fn eq(&self, other: &Self) -> bool {
        self.known == other.known
    }
}

impl<A: Automaton> Eq for Candidates<'_, A> {}

impl<A: Automaton> Extend<A::State> for Candidates<'_, A> {
    fn extend<I: IntoIterator<Item = A::State>>(&mut self, states: I) {
        for state in states {
            self.insert(state);
        }
    }
}

impl<A: Automaton> fmt::Debug for Candidates<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.states()).finish()
    }
}
