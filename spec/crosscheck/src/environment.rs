//! A spec among callers: closed by Raddle's explorer, and a second time for stateright.

use raddle_spec::explorer::{Closed, Explorer, Menu, Menus};
use raddle_spec::{Actor, Automaton, Kind, Lifted, Object, Pause};
use stateright::{Checker, Model, Property};

/// Where an actor makes its calls.
#[derive(Clone, Copy, PartialEq)]
pub enum Place {
    /// Not in the middle of another call.
    Outside,
    /// Inside of user code that the system runs.
    Inside,
    Anywhere,
}

/// Makes these calls, in any order, so many times in all.
pub struct Caller<Op> {
    pub calls: Vec<Op>,
    pub times: u8,
    pub place: Place,
}

/// The callers are the actors, by their numbers. User code may end in each of these ways.
pub struct Environment<O: Object> {
    pub name: &'static str,
    pub spec: Lifted<O>,
    pub callers: Vec<Caller<O::Op>>,
    pub replies: Vec<O::Reply>,
    pub is_in_order: fn(&O, &O::State) -> bool,
}

type State<O> = <Lifted<O> as Automaton>::State;

/// A move of the environment, or the step of an actor with this place in the list of its steps.
#[derive(Clone, Debug, PartialEq)]
pub enum Move<Op, Reply> {
    Call(u32, Op),
    Leave(u32, Reply),
    Step(u32, usize),
}

impl<O: Object> Environment<O> {
    /// How many states Raddle's explorer finds.
    pub fn with_raddle(&self) -> usize
    where
        O: Clone,
    {
        let menus = self.callers.iter().map(|caller| {
            let calls_from = |place: Place| {
                let calls = caller.calls.iter().filter(|_| [Place::Anywhere, place].contains(&caller.place));
                calls.map(|op| Kind::Call(op.clone())).collect::<Vec<_>>()
            };
            Menu::new(calls_from(Place::Outside)).nested(calls_from(Place::Inside)).times(caller.times)
        });
        let replies = self.replies.iter().map(|reply| Kind::Leave(reply.clone()));
        let model = Closed::new(self.spec.clone(), Menus::new(menus).replies(replies));
        Explorer::new(&model).explore().states
    }

    /// How many states stateright finds.
    pub fn with_stateright(self) -> usize
    where
        O: Send + Sync + 'static,
        O::State: Send + Sync,
        O::Op: Send + Sync,
        O::Ret: Send + Sync,
        O::Cb: Send + Sync,
        O::Reply: Send + Sync,
        O::Phase: Send + Sync,
    {
        self.checker().spawn_bfs().join().unique_state_count()
    }

    fn steps(&self, state: &State<O>, actor: u32) -> Vec<State<O>> {
        let mut steps = Vec::new();
        self.spec.steps(state, Actor(actor), &mut steps);
        steps.into_iter().map(|step| step.next).collect()
    }
}

impl<O: Object> Model for Environment<O> {
    type State = (State<O>, Vec<u8>);
    type Action = Move<O::Op, O::Reply>;

    fn init_states(&self) -> Vec<Self::State> {
        vec![(self.spec.init(), vec![0; self.callers.len()])]
    }

    fn actions(&self, (state, made): &Self::State, actions: &mut Vec<Self::Action>) {
        for (caller, number) in self.callers.iter().zip(0..) {
            actions.extend((0..self.steps(state, number).len()).map(|place| Move::Step(number, place)));
            actions.extend(self.replies.iter().map(|reply| Move::Leave(number, reply.clone())));
            let place = match self.spec.pause(state, Actor(number)) {
                None => Some(Place::Outside),
                Some(Pause::InUserCode(_) | Pause::AtWork(_)) => Some(Place::Inside),
                // In a call, or at its end.
                Some(_) => None,
            };
            let is_place = place.is_some_and(|place| [Place::Anywhere, place].contains(&caller.place));
            if made[number as usize] < caller.times && is_place {
                actions.extend(caller.calls.iter().map(|op| Move::Call(number, op.clone())));
            }
        }
    }

    fn next_state(&self, (state, made): &Self::State, action: Self::Action) -> Option<Self::State> {
        let (mut state, mut made) = (state.clone(), made.clone());
        match action {
            Move::Step(actor, place) => state = self.steps(&state, actor).swap_remove(place),
            Move::Leave(actor, reply) => {
                self.spec.input(&mut state, Actor(actor), &Kind::Leave(reply)).ok()?;
            }
            Move::Call(actor, op) => {
                made[actor as usize] += 1;
                self.spec.input(&mut state, Actor(actor), &Kind::Call(op)).ok()?;
            }
        }
        Some((state, made))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let is_in_order = |environment: &Self, (state, _): &Self::State| {
            (environment.is_in_order)(&environment.spec.0, state.shared())
        };
        vec![Property::always("in order", is_in_order)]
    }
}
