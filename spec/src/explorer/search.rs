//! Breadth first through all states, and then through what was stored of them.

use super::graph::{ACTORS_MAX, Graph, NOBODY, StateNumber};
use super::intern::write_bytes;
use super::lasso::{Hop, lasso};
use super::liveness::{Assumptions, starvation};
use super::model::{Class, Expansion, Model, Move, MoveStep, Standing};
use super::report::{Counterexample, Exploration, Failure, Necessity, Rests, RunStep};
use super::{Explorer, Limits};
use crate::event::Actor;
use crate::rule::{Obligation, Rule};
use std::collections::VecDeque;

/// How many states are expanded before somebody is asked again whether to stop.
const STATES_BETWEEN_QUESTIONS: StateNumber = 4_096;

pub(super) struct Search<'e, 'm, M: Model> {
    explorer: &'e Explorer<'m, M>,
    graph: Graph,
    /// The states that were reached and not yet expanded; numbers are given in the same order.
    frontier: VecDeque<M::State>,
    bytes: Vec<u8>,
    /// The first broken guard of each kind: the state in which it happens, and what happens, in words.
    broken: Vec<(&'static Obligation, StateNumber, Actor, String)>,
    /// For each sentence that is to be true sometimes, the first state in which it is.
    reached: Vec<Option<StateNumber>>,
    rests: Rests,
    rules: Vec<&'static Rule>,
    failures: Vec<Failure>,
    is_cut: bool,
}

impl<'e, 'm, M: Model> Search<'e, 'm, M> {
    pub(super) fn new(explorer: &'e Explorer<'m, M>) -> Self {
        Search {
            explorer,
            graph: Graph::new(),
            frontier: VecDeque::new(),
            bytes: Vec::new(),
            broken: Vec::new(),
            reached: vec![None; explorer.sometimes.len()],
            rests: Rests::default(),
            rules: Vec::new(),
            failures: Vec::new(),
            is_cut: false,
        }
    }

    pub(super) fn run(mut self) -> Exploration {
        self.visit_all();
        let is_whole = !self.is_cut && self.failures.is_empty();
        let mut obligations: Vec<Necessity> = Vec::new();
        if is_whole {
            self.check_witnesses();
            self.check_returns();
            if self.failures.is_empty() {
                obligations =
                    self.explorer.needs.iter().map(|obligation| self.necessity(obligation)).collect();
                let unneeded = obligations.iter().filter(|necessity| necessity.example.is_none());
                self.failures
                    .extend(unneeded.map(|necessity| Failure::Unneeded { obligation: necessity.obligation }));
            }
        }
        let depth_of = |state: StateNumber| self.graph.path_to(state).len() - 1;
        let sentences = self.explorer.sometimes.iter().zip(&self.reached);
        Exploration {
            states: self.graph.states.len(),
            transitions: self.graph.edge_count(),
            depth: depth_of(self.graph.states.len() as StateNumber - 1),
            memory_bytes: self.graph.memory(),
            is_cut: self.is_cut,
            rests: self.rests,
            always: self.explorer.always.iter().map(|(sentence, _)| *sentence).collect(),
            sometimes: sentences.map(|((sentence, _), state)| (*sentence, state.map(depth_of))).collect(),
            ends: self.explorer.ends.iter().map(|(sentence, _)| *sentence).collect(),
            liveness_checked: is_whole,
            obligations,
            rules: self.rules,
            failures: self.failures,
        }
    }

    fn visit_all(&mut self) {
        let model = self.explorer.model;
        self.reach(model.init(), NOBODY);
        let mut expansion = Expansion::new();
        let mut number: StateNumber = 0;
        while let Some(state) = self.frontier.pop_front() {
            if !self.failures.is_empty() {
                return;
            }
            let asked = number.is_multiple_of(STATES_BETWEEN_QUESTIONS) && (self.explorer.stop)();
            let Limits { states, memory_bytes } = self.explorer.limits;
            if asked || self.graph.states.len() > states || self.graph.memory() > memory_bytes {
                self.is_cut = true;
                return;
            }
            expansion.clear();
            model.expand(&state, &mut expansion);
            self.rest(number, &expansion);
            for (actor, action, obligation) in expansion.refused.drain(..) {
                if !self.broken.iter().any(|(known, ..)| *known == obligation) {
                    self.broken.push((obligation, number, actor, action.to_string()));
                }
            }
            for Move { steps, next, class, finitely } in expansion.moves.drain(..) {
                steps.iter().filter_map(|step| step.rule).for_each(|rule| self.uses(rule));
                let target = self.reach(next, number);
                self.graph.add_edge(target, class, &finitely);
            }
            let lasting = self.explorer.ends.iter().enumerate();
            let lasting =
                lasting.filter(|(_, (_, holds))| holds(&state)).map(|(at, _)| 1 << (ACTORS_MAX + at as u32));
            self.graph.close_state(lasting.fold(waiting(&expansion.standings), |all, bit: u32| all | bit));
            number += 1;
        }
    }

    /// Numbers a state, and looks at it if it is new.
    fn reach(&mut self, state: M::State, from: StateNumber) -> StateNumber {
        self.bytes.clear();
        write_bytes(&state, &mut self.bytes);
        let (number, is_new) = self.graph.states.intern(&self.bytes);
        if !is_new {
            return number;
        }
        self.graph.parents.push(from);
        for ((_, holds), reached) in self.explorer.sometimes.iter().zip(&mut self.reached) {
            if reached.is_none() && holds(&state) {
                *reached = Some(number);
            }
        }
        if self.failures.is_empty() {
            let broken = self.explorer.always.iter().find(|(_, holds)| !holds(&state));
            if let Some((sentence, _)) = broken {
                let run = self.run_to(number);
                self.failures.push(Failure::Always { sentence, run });
            }
        }
        self.frontier.push_back(state);
        number
    }

    fn uses(&mut self, rule: &'static Rule) {
        if !self.rules.iter().any(|known| std::ptr::eq(*known, rule)) {
            self.rules.push(rule);
        }
    }

    /// If no step of the system is due in this state: what do those wait for who wait?
    fn rest(&mut self, number: StateNumber, expansion: &Expansion<M::State, M::Action>) {
        if expansion.moves.iter().any(|possible| matches!(possible.class, Some(Class::Due(..)))) {
            return;
        }
        let mut owed_by_environment = false;
        let mut excused = false;
        for &(actor, standing) in &expansion.standings {
            match standing {
                Standing::Excused(rule) => {
                    excused = true;
                    self.uses(rule);
                }
                Standing::AtWork(_) => excused = true,
                Standing::InUserCode(_) => owed_by_environment = true,
                Standing::Owed(_) => owed_by_environment = true,
                Standing::Broken(obligation) => {
                    owed_by_environment = true;
                    if !self.broken.iter().any(|(known, ..)| *known == obligation) {
                        self.broken.push((obligation, number, actor, "waits for ever".to_owned()));
                    }
                }
                Standing::Due | Standing::Unexcused => {
                    self.rests.owed_by_system += 1;
                    if self.failures.is_empty() {
                        let run = self.run_to(number);
                        self.failures.push(Failure::Deadlock { actor, run });
                    }
                    return;
                }
            }
        }
        let count = match (owed_by_environment, excused) {
            (true, _) => &mut self.rests.owed_by_environment,
            (false, true) => &mut self.rests.excused,
            (false, false) => &mut self.rests.finished,
        };
        *count += 1;
    }

    fn check_witnesses(&mut self) {
        for ((sentence, _), reached) in self.explorer.sometimes.iter().zip(&self.reached) {
            if reached.is_none() {
                self.failures.push(Failure::Unreached { sentence });
            }
        }
    }

    fn check_returns(&mut self) {
        for actor in self.graph.waiters() {
            if let Some(run) = self.starves(actor, None) {
                let sentence = actor.0.checked_sub(ACTORS_MAX).map(|at| self.explorer.ends[at as usize].0);
                self.failures.push(match sentence {
                    Some(sentence) => Failure::Lasting { sentence, run },
                    None => Failure::Starvation { actor, run },
                });
                return;
            }
        }
    }

    /// A fair run on which a call of `actor` does not return, if the environment keeps all obligations but one.
    fn starves(&self, actor: Actor, without: Option<&'static Obligation>) -> Option<Counterexample> {
        let is_strong = |class| self.explorer.model.is_strong(class);
        let assumptions = Assumptions { graph: &self.graph, without, is_strong: &is_strong };
        let lasso = lasso(&assumptions, &starvation(&assumptions, actor)?);
        Some(self.shown(&lasso.stem, &lasso.circle))
    }

    fn necessity(&self, obligation: &'static Obligation) -> Necessity {
        let broken = self.broken.iter().find(|(known, ..)| *known == obligation);
        let example = match broken {
            Some((_, state, actor, action)) => {
                let mut run = self.run_to(*state);
                run.steps.push(RunStep {
                    actor: *actor,
                    text: format!("{action}, after which nothing is promised"),
                    rule: None,
                    is_visible: true,
                });
                Some(run)
            }
            None => {
                let actors = self.graph.waiters();
                actors.into_iter().find_map(|actor| self.starves(actor, Some(obligation)))
            }
        };
        Necessity { obligation, example }
    }

    fn run_to(&self, state: StateNumber) -> Counterexample {
        self.shown(&self.graph.path_to(state), &[])
    }

    /// Takes the moves of a run once more, to put them into words.
    fn shown(&self, stem: &[StateNumber], circle: &[Hop]) -> Counterexample {
        let mut steps = Vec::new();
        let mut state = self.explorer.model.init();
        for &number in &stem[1..] {
            self.take((None, number), &mut state, &mut steps);
        }
        let stem_steps = steps.len();
        for &hop in circle {
            self.take(hop, &mut state, &mut steps);
        }
        let circle = (!circle.is_empty()).then_some(stem_steps);
        Counterexample { steps, circle, state: state.to_string() }
    }

    fn take(&self, (label, number): Hop, state: &mut M::State, steps: &mut Vec<RunStep>) {
        let mut expansion = Expansion::new();
        self.explorer.model.expand(state, &mut expansion);
        let mut bytes = Vec::new();
        let leads_there = |possible: &Move<M::State, M::Action>| {
            bytes.clear();
            write_bytes(&possible.next, &mut bytes);
            let fits = label.is_none_or(|label| {
                let label = &self.graph.labels[label as usize];
                label.class == possible.class && label.finitely == possible.finitely
            });
            fits && bytes == self.graph.states.get(number)
        };
        let place = expansion.moves.iter().position(leads_there);
        let taken = expansion.moves.swap_remove(place.expect("a model gives the same moves again"));
        steps.extend(taken.steps.into_iter().map(in_words));
        *state = taken.next;
    }
}

fn in_words<A: std::fmt::Display>(step: MoveStep<A>) -> RunStep {
    let MoveStep { actor, rule, action } = step;
    let is_visible = action.is_some();
    let text = action.map_or_else(|| "takes effect".to_owned(), |action| action.to_string());
    RunStep { actor, text, rule, is_visible }
}

/// Who waits without excuse, one bit for each actor. Nobody does to whom nothing is promised.
fn waiting(standings: &[(Actor, Standing)]) -> u32 {
    let mut waiting = 0;
    for (actor, standing) in standings {
        assert!(actor.0 < ACTORS_MAX, "more than {ACTORS_MAX} actors cannot be explored");
        let waits = match standing {
            Standing::Excused(_) | Standing::AtWork(_) => false,
            Standing::Broken(_) => return 0,
            Standing::Due | Standing::Unexcused | Standing::InUserCode(_) | Standing::Owed(_) => true,
        };
        if waits {
            waiting |= 1 << actor.0;
        }
    }
    waiting
}
