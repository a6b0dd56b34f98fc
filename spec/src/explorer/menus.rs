//! An environment in which every actor has a menu.
//!
//! Each actor makes calls from its menu, in any order, at most so many of them in all; inside user code it makes calls
//! from a second menu, out of the same budget, and ends the user code in any way that the spec takes. Calls that
//! break an obligation are on the menu too: whoever drops a wait twice has ordered that.

use super::closed::{Environment, Input, Place};
use crate::automaton::Automaton;
use crate::event::Actor;

/// What one actor may call.
#[derive(Clone, Debug)]
pub struct Menu<Action> {
    calls: Vec<Action>,
    nested: Vec<Action>,
    /// `None`: without end.
    times: Option<u8>,
    in_order: bool,
}

impl<Action> Menu<Action> {
    /// These calls, in any order, once in all, and none from inside user code.
    pub fn new(calls: impl IntoIterator<Item = Action>) -> Self {
        let calls = calls.into_iter().collect();
        Menu { calls, nested: Vec::new(), times: Some(1), in_order: false }
    }

    /// Each call once, in this order.
    pub fn in_order(calls: impl IntoIterator<Item = Action>) -> Self {
        let menu = Menu::new(calls);
        let times = u8::try_from(menu.calls.len()).expect("calls are counted in 8 bits");
        Menu { times: Some(times), in_order: true, ..menu }
    }

    /// These calls from inside user code.
    pub fn nested(mut self, calls: impl IntoIterator<Item = Action>) -> Self {
        self.nested = calls.into_iter().collect();
        self
    }

    /// At most so many calls in all.
    pub fn times(mut self, times: u8) -> Self {
        self.times = Some(times);
        self
    }

    /// What is offered to an actor that has so many calls left.
    fn offered(&self, left: u8) -> &[Action] {
        match self.calls.len().checked_sub(usize::from(left)) {
            Some(made) if self.in_order => &self.calls[made..=made],
            _ => &self.calls,
        }
    }

    /// As many calls as it likes. Only few specs have finitely many states then.
    pub fn tireless(mut self) -> Self {
        self.times = None;
        self
    }
}

/// An environment in which every actor has a menu; actor 0 has the first.
#[derive(Clone, Debug)]
pub struct Menus<Action> {
    menus: Vec<Menu<Action>>,
    replies: Vec<Action>,
    asides: Vec<Action>,
    /// Makes a call its own: values that are handed over should be told apart.
    number: fn(&Action, u32) -> Action,
}

impl<Action: Clone> Menus<Action> {
    /// These menus, and user code that never ends.
    pub fn new(menus: impl IntoIterator<Item = Menu<Action>>) -> Self {
        let menus = menus.into_iter().collect();
        Menus { menus, replies: Vec::new(), asides: Vec::new(), number: |call, _| call.clone() }
    }

    /// The ways in which user code may end.
    pub fn replies(mut self, replies: impl IntoIterator<Item = Action>) -> Self {
        self.replies = replies.into_iter().collect();
        self
    }

    /// Asides that the system is to try wherever the spec allows them.
    pub fn asides(mut self, asides: impl IntoIterator<Item = Action>) -> Self {
        self.asides = asides.into_iter().collect();
        self
    }

    /// Changes each call by a number that no other call in the same run has; those of tireless actors have one each.
    pub fn numbered(mut self, number: fn(&Action, u32) -> Action) -> Self {
        self.number = number;
        self
    }
}

impl<A: Automaton> Environment<A> for Menus<A::Action> {
    /// How many calls each actor has left.
    type State = Vec<u8>;

    fn init(&self) -> Vec<u8> {
        self.menus.iter().map(|menu| menu.times.unwrap_or(0)).collect()
    }

    fn strands(&self) -> u32 {
        self.menus.len() as u32
    }

    fn inputs(&self, left: &Vec<u8>, actor: Actor, place: Place, sink: &mut Vec<Input<A::Action, Vec<u8>>>) {
        let index = actor.0 as usize;
        let menu = &self.menus[index];
        let calls = match place {
            Place::Outside if menu.times.is_some() && left[index] == 0 => return,
            Place::Outside => menu.offered(left[index]),
            Place::InUserCode(obligation) => {
                sink.extend(self.replies.iter().map(|reply| Input {
                    action: reply.clone(),
                    next: left.clone(),
                    owed: Some(obligation),
                }));
                menu.nested.as_slice()
            }
            Place::InCall => return,
        };
        let mut next = left.clone();
        if menu.times.is_some() {
            match next[index].checked_sub(1) {
                None => return,
                Some(fewer) => next[index] = fewer,
            }
        }
        let number = index as u32 * 256 + u32::from(next[index]);
        sink.extend(calls.iter().map(|call| Input {
            action: (self.number)(call, number),
            next: next.clone(),
            owed: None,
        }));
    }

    fn asides(&self) -> &[A::Action] {
        &self.asides
    }
}
