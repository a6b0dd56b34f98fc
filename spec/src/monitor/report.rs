//! From the configurations that got furthest to a verdict that says what was allowed instead.

use super::verdict::{Environment, Open, Stuck, StuckCandidate, Verdict, Violation};
use crate::automaton::{Automaton, Pause};
use crate::event::{Actor, Event};
use crate::rule::{Obligation, Refused, Rule};

/// More candidates than this are not kept: they would say the same again.
const CANDIDATES_KEPT: usize = 1_000;

/// Why a configuration led nowhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Death {
    /// No hidden step made the next event, or rest, possible.
    Stranded,
    /// The next event is an input that the spec does not take.
    Refused(Refused),
    /// At rest only user code is unfinished.
    EnvironmentOwes(Actor, &'static Obligation),
}

/// A hidden step on the way to a candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct HiddenStep {
    /// How many events had been explained when it was taken.
    pub(super) position: usize,
    pub(super) actor: Actor,
    pub(super) rule: &'static Rule,
}

#[derive(Debug)]
pub(super) struct Candidate<S> {
    pub(super) state: S,
    /// Latest first.
    pub(super) trail: Vec<HiddenStep>,
    pub(super) death: Death,
}

/// What is known about the failure of a search so far.
#[derive(Debug)]
pub(super) struct Autopsy<S> {
    furthest: usize,
    candidates: Vec<Candidate<S>>,
    /// The earliest position at which an input was refused for a broken obligation.
    broken: Option<(usize, &'static Obligation)>,
}

impl<S> Autopsy<S> {
    pub(super) fn new() -> Self {
        Autopsy { furthest: 0, candidates: Vec::new(), broken: None }
    }

    pub(super) fn furthest(&self) -> usize {
        self.furthest
    }

    /// Whether a death at this position can matter for the report.
    pub(super) fn wants(&mut self, position: usize, death: &Death) -> bool {
        if let Death::Refused(Refused::Obligation(obligation)) = death
            && self.broken.is_none_or(|(earliest, _)| position < earliest)
        {
            self.broken = Some((position, obligation));
        }
        position > self.furthest || (position == self.furthest && self.candidates.len() < CANDIDATES_KEPT)
    }

    pub(super) fn record(&mut self, position: usize, candidate: Candidate<S>) {
        if position > self.furthest {
            self.furthest = position;
            self.candidates.clear();
        }
        self.candidates.push(candidate);
    }
}

/// The verdict on a trace for which no explanation exists.
pub(super) fn verdict<A: Automaton>(
    automaton: &A,
    events: &[Event<A::Action>],
    arranged: Option<&[usize]>,
    autopsy: Autopsy<A::State>,
) -> Verdict {
    let Autopsy { furthest, candidates, broken } = autopsy;
    let place = |position: usize| arranged.map_or(position, |arranged| arranged[position]);
    let explained: Vec<&Event<A::Action>> = (0..furthest).map(|position| &events[place(position)]).collect();
    let possible = broken.filter(|(position, _)| *position < furthest).map(|(_, obligation)| obligation);
    let report = Report { automaton, explained, candidates };
    if furthest == events.len() {
        return report.at_rest(possible);
    }
    let at = place(furthest);
    report.refusal(at, events[at].actor).unwrap_or_else(|| {
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
    candidates: Vec<Candidate<A::State>>,
}

impl<A: Automaton> Report<'_, A> {
    /// The verdict when the event at hand is an input that no candidate takes.
    fn refusal(&self, at: usize, actor: Actor) -> Option<Verdict> {
        let refusals = || {
            self.candidates.iter().filter_map(|candidate| match candidate.death {
                Death::Refused(refused) => Some(refused),
                Death::Stranded | Death::EnvironmentOwes(..) => None,
            })
        };
        let broken = refusals().find_map(|refused| match refused {
            Refused::Obligation(obligation) => {
                Some(Verdict::Environment(Environment { at: Some(at), actor, obligation }))
            }
            Refused::Malformed(_) => None,
        });
        let malformed = refusals().find_map(|refused| match refused {
            Refused::Malformed(reason) => Some(Verdict::Malformed { at, reason }),
            Refused::Obligation(_) => None,
        });
        broken.or(malformed)
    }

    /// What the actor could have done, over all candidates.
    fn open(&self, actor: Actor) -> Vec<Open> {
        let mut open = Vec::new();
        for candidate in &self.candidates {
            for possible in self.possible(candidate, actor) {
                add(&mut open, possible);
            }
        }
        open
    }

    /// What the actor could do visibly, or that it had to wait, in this candidate.
    fn possible(&self, candidate: &Candidate<A::State>, actor: Actor) -> Vec<Open> {
        let mut steps = Vec::new();
        self.automaton.steps(&candidate.state, actor, &mut steps);
        if steps.is_empty() {
            return match self.automaton.pause(&candidate.state, actor) {
                Some(Pause::Excused(rule)) => vec![Open { actor, rules: vec![rule], output: None }],
                Some(Pause::Unexcused) => vec![Open { actor, rules: Vec::new(), output: None }],
                Some(Pause::InUserCode(_)) | None => Vec::new(),
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
    fn rules_since_last_event(&self, candidate: &Candidate<A::State>, actor: Actor) -> Vec<&'static Rule> {
        let since = self.explained.iter().rposition(|event| event.actor == actor).map_or(0, |last| last + 1);
        let own = candidate.trail.iter().filter(|step| step.actor == actor && step.position >= since);
        let mut rules: Vec<&'static Rule> = own.map(|step| step.rule).collect();
        rules.reverse();
        rules.dedup();
        rules
    }

    /// The distinct states of the candidates, in words and in an order that depends on nothing else.
    fn states(&self) -> Vec<String> {
        let mut states: Vec<String> =
            self.candidates.iter().map(|candidate| candidate.state.to_string()).collect();
        states.sort();
        states.dedup();
        states
    }

    fn at_rest(&self, possible: Option<&'static Obligation>) -> Verdict {
        for candidate in &self.candidates {
            if let Death::EnvironmentOwes(actor, obligation) = candidate.death {
                return Verdict::Environment(Environment { at: None, actor, obligation });
            }
        }
        // What is owed shows best where the system has done all that nobody sees.
        let settled: Vec<_> = self.candidates.iter().filter(|candidate| self.is_settled(candidate)).collect();
        let shown = if settled.is_empty() { self.candidates.iter().collect() } else { settled };
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

    fn is_settled(&self, candidate: &Candidate<A::State>) -> bool {
        let mut steps = Vec::new();
        for actor in self.actors(candidate) {
            self.automaton.steps(&candidate.state, actor, &mut steps);
        }
        steps.iter().all(|step| step.output.is_some() || !step.rule.is_due())
    }

    fn owed(&self, candidate: &Candidate<A::State>) -> Vec<Open> {
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

    fn actors(&self, candidate: &Candidate<A::State>) -> Vec<Actor> {
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
