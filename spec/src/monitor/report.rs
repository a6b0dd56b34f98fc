//! From the states that the explained part of a trace may have led to, to a verdict that says what was allowed instead.

use super::candidates::{Candidates, HiddenStep, Member};
use super::search::{Rest, rest};
use super::verdict::{Environment, Open, Stuck, StuckCandidate, Verdict, Violation};
use crate::automaton::{Automaton, Direction, Pause};
use crate::event::{Actor, Event};
use crate::rule::{Obligation, Refused, Rule};

/// How far a search came that found no explanation.
#[derive(Debug, Default)]
pub(super) struct Furthest {
    /// So many events can be explained.
    pub(super) position: usize,
    /// The earliest position at which an input was refused for a broken obligation.
    broken: Option<(usize, &'static Obligation)>,
}

impl Furthest {
    /// A configuration at this position led nowhere.
    pub(super) fn reach(&mut self, position: usize) {
        self.position = self.position.max(position);
    }

    /// A configuration at this position did not take the next event, an input.
    pub(super) fn refused(&mut self, position: usize, refused: Refused) {
        self.reach(position);
        if let Refused::Obligation(obligation) = refused
            && self.broken.is_none_or(|(earliest, _)| position < earliest)
        {
            self.broken = Some((position, obligation));
        }
    }
}

/// The verdict on a trace for which no explanation exists.
pub(super) fn verdict<A: Automaton>(
    automaton: &A,
    events: &[Event<A::Action>],
    arranged: Option<&[usize]>,
    furthest: &Furthest,
) -> Verdict {
    let Furthest { position: furthest, broken } = *furthest;
    let place = |position: usize| arranged.map_or(position, |arranged| arranged[position]);
    let explained: Vec<&Event<A::Action>> = (0..furthest).map(|position| &events[place(position)]).collect();
    let possible = broken.filter(|(position, _)| *position < furthest).map(|(_, obligation)| obligation);
    // The search has visited all these states, so they are not too many.
    let mut candidates = Candidates::initial(automaton);
    explained.iter().for_each(|event| candidates.take(event));
    candidates.close();
    let report = Report { automaton, explained, candidates };
    if furthest == events.len() {
        return report.at_rest(possible);
    }
    let at = place(furthest);
    report.refusal(at, &events[at]).unwrap_or_else(|| {
        Verdict::Violation(Violation {
            at,
            event: events[at].to_string(),
            open: report.open(events[at].actor),
            candidates: report.states(),
            environment_fault_possible: possible,
        })
    })
}

struct Report<'a, A: Automaton> {
    automaton: &'a A,
    explained: Vec<&'a Event<A::Action>>,
    /// Closed.
    candidates: Candidates<'a, A>,
}

impl<A: Automaton> Report<'_, A> {
    /// The verdict when the event at hand is an input: no candidate takes it.
    fn refusal(&self, at: usize, event: &Event<A::Action>) -> Option<Verdict> {
        if self.automaton.direction(&event.kind) == Direction::Output {
            return None;
        }
        let actor = event.actor;
        let refusals = || {
            let states = self.candidates.members().iter().map(|candidate| (*candidate.state).clone());
            states.filter_map(|mut state| {
                Some((self.automaton.input(&mut state, actor, &event.kind).err()?, state))
            })
        };
        let broken = refusals().find_map(|(refused, state)| match refused {
            Refused::Obligation(obligation) => {
                let subject = self.automaton.subject(&state, actor);
                Some(Verdict::Environment(Environment { at: Some(at), actor, subject, obligation }))
            }
            Refused::Malformed(_) => None,
        });
        let malformed = || {
            refusals().find_map(|(refused, _)| match refused {
                Refused::Malformed(reason) => Some(Verdict::Malformed { at, reason }),
                Refused::Obligation(_) => None,
            })
        };
        broken.or_else(malformed)
    }

    /// What the actor could have done, over all candidates: first where others did least, which needs least to be
    /// believed.
    fn open(&self, actor: Actor) -> Vec<Open> {
        let mut candidates: Vec<&Member<A::State>> = self.candidates.members().iter().collect();
        let others = |step: &&HiddenStep| step.actor != actor;
        candidates.sort_by_cached_key(|candidate| self.candidates.way(candidate).filter(others).count());
        let mut open = Vec::new();
        for candidate in candidates {
            for possible in self.possible(candidate, actor) {
                add(&mut open, possible);
            }
        }
        open
    }

    /// What the actor could do visibly, or that it had to wait, in this candidate.
    fn possible(&self, candidate: &Member<A::State>, actor: Actor) -> Vec<Open> {
        let mut steps = Vec::new();
        self.automaton.steps(&candidate.state, actor, &mut steps);
        if steps.is_empty() {
            return match self.automaton.pause(&candidate.state, actor) {
                Some(Pause::Excused(rule)) => vec![Open { actor, rules: vec![rule], output: None }],
                Some(Pause::Unexcused) => vec![Open { actor, rules: Vec::new(), output: None }],
                Some(Pause::InUserCode(_) | Pause::AtWork(_) | Pause::Owed(..) | Pause::Broken(..))
                | None => Vec::new(),
            };
        }
        let trail = self.rules_since_last_event(candidate, actor);
        let visible = steps.iter().filter_map(|step| Some((step.rule, step.output.as_ref()?)));
        visible
            .map(|(rule, output)| {
                let mut rules = trail.clone();
                if rules.last() != Some(&rule) {
                    rules.push(rule);
                }
                Open { actor, rules, output: Some(output.to_string()) }
            })
            .collect()
    }

    /// The rules of the hidden steps that the actor has taken since its last visible event, in order.
    fn rules_since_last_event(&self, candidate: &Member<A::State>, actor: Actor) -> Vec<&'static Rule> {
        let since = self.explained.iter().rposition(|event| event.actor == actor).map_or(0, |last| last + 1);
        let own = self.candidates.way(candidate).filter(|step| step.actor == actor && step.position >= since);
        let mut rules: Vec<&'static Rule> = own.map(|step| step.rule).collect();
        rules.reverse();
        rules.dedup();
        rules
    }

    /// The candidates in words, each text once.
    fn states(&self) -> Vec<String> {
        let mut states: Vec<String> = self.candidates.states().into_iter().map(ToString::to_string).collect();
        states.dedup();
        states
    }

    fn at_rest(&self, possible: Option<&'static Obligation>) -> Verdict {
        let (mut actors, mut steps) = (Vec::new(), Vec::new());
        for candidate in self.candidates.members() {
            if let Rest::EnvironmentOwes(actor, obligation) =
                rest(self.automaton, &candidate.state, &mut actors, &mut steps)
            {
                let subject = self.automaton.subject(&candidate.state, actor);
                return Verdict::Environment(Environment { at: None, actor, subject, obligation });
            }
        }
        // What is owed shows best where the system has done all that nobody sees.
        let all = self.candidates.members().iter();
        let settled: Vec<_> = all.clone().filter(|candidate| self.is_settled(candidate)).collect();
        let shown = if settled.is_empty() { all.collect() } else { settled };
        let mut candidates: Vec<StuckCandidate> = shown
            .into_iter()
            .map(|candidate| StuckCandidate {
                state: candidate.state.to_string(),
                owed: self.owed(candidate),
            })
            .collect();
        candidates.sort_by(|a, b| a.state.cmp(&b.state));
        candidates.dedup_by(|a, b| a.state == b.state);
        Verdict::Stuck(Stuck { candidates, environment_fault_possible: possible })
    }

    fn is_settled(&self, candidate: &Member<A::State>) -> bool {
        let mut steps = Vec::new();
        for actor in self.actors(candidate) {
            self.automaton.steps(&candidate.state, actor, &mut steps);
        }
        steps.iter().all(|step| step.output.is_some() || !step.rule.is_due())
    }

    fn owed(&self, candidate: &Member<A::State>) -> Vec<Open> {
        let mut owed = Vec::new();
        for actor in self.actors(candidate) {
            let excused = matches!(self.automaton.pause(&candidate.state, actor), Some(Pause::Excused(_)));
            for possible in self.possible(candidate, actor) {
                if possible.output.is_some() || !excused {
                    add(&mut owed, possible);
                }
            }
        }
        owed
    }

    fn actors(&self, candidate: &Member<A::State>) -> Vec<Actor> {
        let mut actors = Vec::new();
        self.automaton.actors(&candidate.state, &mut actors);
        actors
    }
}

/// Adds a possibility unless its step and its rule are known already; of two ways to it the shorter one stays.
fn add(open: &mut Vec<Open>, possible: Open) {
    let same = |known: &Open| {
        known.actor == possible.actor && known.output == possible.output && known.rule() == possible.rule()
    };
    match open.iter_mut().find(|known| same(known)) {
        None => open.push(possible),
        Some(known) if possible.rules.len() < known.rules.len() => *known = possible,
        Some(_) => {}
    }
}
