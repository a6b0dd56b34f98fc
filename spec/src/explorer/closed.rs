//! A spec with everything around it: the environment chooses the inputs, the spec the rest.

use super::model::{Class, Expansion, Finitely, Model, Move, MoveStep, Standing};
use crate::automaton::{Automaton, Pause, Step};
use crate::event::Actor;
use crate::rule::{Obligation, Refused};
use std::fmt::{self, Debug, Display};
use std::hash::Hash;

/// The users of a system: what they may do next. They know what they did themselves, and where each of their strands
/// is, but not the state of the system.
pub trait Environment<A: Automaton> {
    /// What the users remember, for instance how many calls they have left.
    type State: Clone + Eq + Hash + Debug;

    /// What the users remember at first.
    fn init(&self) -> Self::State;

    /// How many strands there are: actors 0, 1, ...
    fn strands(&self) -> u32;

    /// Appends what may be done on one strand. Inputs that no environment can make, such as leaving user code
    /// with an answer to another question, need not be sorted out.
    fn inputs(
        &self,
        state: &Self::State,
        actor: Actor,
        place: Place,
        sink: &mut Vec<Input<A::Action, Self::State>>,
    );

    /// Outputs that the system may show at any moment where the spec allows them as an aside, and that are to be tried.
    fn asides(&self) -> &[A::Action] {
        &[]
    }
}

/// Where a strand of the users is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In no call.
    Outside,
    /// In user code that a call of its own runs, or for which the system began the strand, and that is to go on or to end under this
    /// obligation.
    InUserCode(&'static Obligation),
    /// In a call.
    InCall,
}

/// Something that the environment may do.
#[derive(Clone, Debug)]
pub struct Input<A, S> {
    /// The input.
    pub action: A,
    /// What the users remember after it.
    pub next: S,
    /// The obligation under which it must be made at last.
    pub owed: Option<&'static Obligation>,
}

/// How fine the steps of an exploration are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// Every step is a transition.
    Full,
    /// What a call or the end of user code does first, it does at once, if it is due and possible; outputs are
    /// shown at once. The environment can delay its inputs as long as the system could have delayed these steps, so
    /// the same states of rest are reached, through a fraction of the states. Asides are left out.
    Fused,
}

/// The state of a spec together with that of its environment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World<S, E> {
    /// Of the spec.
    pub system: S,
    /// Of the environment.
    pub environment: E,
}

impl<S: Display, E> Display for World<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.system.fmt(f)
    }
}

/// A spec, closed by an environment.
#[derive(Debug)]
pub struct Closed<A, E> {
    automaton: A,
    environment: E,
    granularity: Granularity,
}

impl<A: Automaton, E: Environment<A>> Closed<A, E> {
    /// Every step is a transition.
    pub fn new(automaton: A, environment: E) -> Self {
        Closed { automaton, environment, granularity: Granularity::Full }
    }

    /// How fine the steps are.
    pub fn granularity(mut self, granularity: Granularity) -> Self {
        self.granularity = granularity;
        self
    }

    fn steps(&self, system: &A::State, actor: Actor) -> Vec<Step<A::State, A::Action>> {
        let mut steps = Vec::new();
        self.automaton.steps(system, actor, &mut steps);
        steps
    }

    /// Shows at once what the actor has to show.
    fn show(&self, actor: Actor, system: &mut A::State, steps: &mut Vec<MoveStep<A::Action>>) {
        loop {
            let mut next = self.steps(system, actor);
            let Some(Step { rule, output: Some(action), next }) = next.pop().filter(|_| next.is_empty())
            else {
                return;
            };
            steps.push(MoveStep { actor, rule: Some(rule), action: Some(action) });
            *system = next;
        }
    }

    /// All that may come of an input: itself, or, fused, what it does at once.
    fn outcomes(&self, actor: Actor, system: A::State, input: MoveStep<A::Action>) -> Vec<Outcome<A>> {
        let first = match self.granularity {
            Granularity::Full => Vec::new(),
            Granularity::Fused => self.steps(&system, actor),
        };
        if !first.iter().any(|step| step.rule.is_due()) {
            return vec![(vec![input], system)];
        }
        let outcome = |step| {
            let mut steps = vec![input.clone()];
            let system = self.after(actor, step, &mut steps);
            (steps, system)
        };
        first.into_iter().map(outcome).collect()
    }

    /// Takes a step, and, fused, shows what follows from it.
    fn after(
        &self,
        actor: Actor,
        step: Step<A::State, A::Action>,
        steps: &mut Vec<MoveStep<A::Action>>,
    ) -> A::State {
        let Step { rule, output, next: mut system } = step;
        steps.push(MoveStep { actor, rule: Some(rule), action: output });
        if self.granularity == Granularity::Fused {
            self.show(actor, &mut system, steps);
        }
        system
    }

    fn inputs_of(&self, world: &WorldOf<A, E>, actor: Actor, place: Place, sink: &mut ExpansionOf<A, E>) {
        let mut inputs = Vec::new();
        self.environment.inputs(&world.environment, actor, place, &mut inputs);
        for Input { action, next: environment, owed } in inputs {
            let mut system = world.system.clone();
            match self.automaton.input(&mut system, actor, &action) {
                Err(Refused::Malformed(_)) => {}
                Err(Refused::Obligation(obligation)) => sink.refused.push((actor, action, obligation)),
                Ok(()) => {
                    let mut prolonged = Vec::new();
                    self.automaton.prolongs(&world.system, actor, &action, &mut prolonged);
                    let limited = self.automaton.limited(&world.system, actor, &action);
                    let finitely: Vec<Finitely> = prolonged
                        .into_iter()
                        .map(|(obligation, actor)| Finitely::During(obligation, actor))
                        .chain(limited.map(|obligation| Finitely::Ever(obligation, actor)))
                        .collect();
                    let input = MoveStep { actor, rule: None, action: Some(action) };
                    for (steps, system) in self.outcomes(actor, system, input) {
                        sink.moves.push(Move {
                            steps,
                            next: World { system, environment: environment.clone() },
                            class: owed.map(|obligation| Class::Owed(obligation, actor)),
                            finitely: finitely.clone(),
                        });
                    }
                }
            }
        }
    }

    fn steps_of(&self, world: &WorldOf<A, E>, actor: Actor, sink: &mut ExpansionOf<A, E>) -> Standing {
        let steps = self.steps(&world.system, actor);
        let pause = self.automaton.pause(&world.system, actor);
        // Who has no excuse has to make one of the steps that it may make, such as the return of what was decided.
        let some_due = steps.iter().any(|step| step.rule.is_due());
        let all_due = !some_due && pause == Some(Pause::Unexcused);
        let standing = match pause {
            _ if some_due => Standing::Due,
            Some(Pause::Excused(rule)) => Standing::Excused(rule),
            Some(Pause::InUserCode(obligation)) => Standing::InUserCode(obligation),
            Some(Pause::AtWork(obligation)) => Standing::AtWork(obligation),
            Some(Pause::Owed(obligation, _)) => Standing::Owed(obligation),
            Some(Pause::Broken(obligation, _)) => Standing::Broken(obligation),
            Some(Pause::Unexcused) | None if steps.is_empty() => Standing::Unexcused,
            Some(Pause::Unexcused) | None => Standing::Due,
        };
        for step in steps {
            let class = (step.rule.is_due() || all_due).then_some(Class::Due(step.rule, actor));
            let mut steps = Vec::new();
            let system = self.after(actor, step, &mut steps);
            let next = World { system, environment: world.environment.clone() };
            sink.moves.push(Move { steps, next, class, finitely: Vec::new() });
        }
        standing
    }

    fn asides_of(&self, world: &WorldOf<A, E>, actor: Actor, sink: &mut ExpansionOf<A, E>) {
        for action in self.environment.asides() {
            let mut system = world.system.clone();
            if let Some(rule) = self.automaton.output(&mut system, actor, action) {
                let step = MoveStep { actor, rule: Some(rule), action: Some(action.clone()) };
                sink.moves.push(Move {
                    steps: vec![step],
                    next: World { system, environment: world.environment.clone() },
                    class: None,
                    finitely: vec![Finitely::Aside],
                });
            }
        }
    }
}

type Outcome<A> = (Vec<MoveStep<<A as Automaton>::Action>>, <A as Automaton>::State);
type WorldOf<A, E> = World<<A as Automaton>::State, <E as Environment<A>>::State>;
type ExpansionOf<A, E> = Expansion<WorldOf<A, E>, <A as Automaton>::Action>;

impl<A: Automaton, E: Environment<A>> Model for Closed<A, E> {
    type State = WorldOf<A, E>;
    type Action = A::Action;

    fn init(&self) -> Self::State {
        World { system: self.automaton.init(), environment: self.environment.init() }
    }

    fn expand(&self, world: &Self::State, sink: &mut ExpansionOf<A, E>) {
        let mut unfinished = Vec::new();
        self.automaton.actors(&world.system, &mut unfinished);
        for &actor in &unfinished {
            let standing = self.steps_of(world, actor, sink);
            sink.standings.push((actor, standing));
            if self.granularity == Granularity::Full {
                self.asides_of(world, actor, sink);
            }
        }
        for actor in (0..self.environment.strands()).map(Actor) {
            let standing = sink.standings.iter().find(|(other, _)| *other == actor);
            let place = match standing {
                None => Place::Outside,
                Some((_, Standing::InUserCode(obligation) | Standing::AtWork(obligation))) => {
                    Place::InUserCode(obligation)
                }
                Some(_) => Place::InCall,
            };
            self.inputs_of(world, actor, place, sink);
        }
    }
}
