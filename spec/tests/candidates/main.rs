//! Laws of sets of candidates, over random executions of two specs and random changes to them: what closing and going on
//! do to sets, and that the set is empty exactly when the search of the monitor finds no explanation.

#[path = "../monitor/toys.rs"]
#[allow(dead_code, reason = "the tests of the monitor use more of it")]
mod toys;
mod walk;

use quickcheck::{QuickCheck, TestResult};
use raddle_spec::{Automaton, Candidates, End, Event, Lifted, Monitor, Verdict, waitmap};
use toys::Toy;
use walk::{Decisions, Walk, toy_menu, waitmap_menu};

/// Checks a law of [`Law`] on both specs.
macro_rules! laws {
    ($($(#[$attribute:meta])* $name:ident: $law:expr;)*) => {
        $(
            $(#[$attribute])*
            #[test]
            fn $name() {
                fn on_toy(decisions: Decisions) -> TestResult {
                    $law(&Law::of(&Lifted(Toy), &toy_menu(), decisions))
                }
                fn on_waitmap(decisions: Decisions) -> TestResult {
                    $law(&Law::of(&waitmap::spec(), &waitmap_menu(), decisions))
                }
                QuickCheck::new().tests(300).quickcheck(on_toy as fn(Decisions) -> TestResult);
                QuickCheck::new().tests(300).quickcheck(on_waitmap as fn(Decisions) -> TestResult);
            }
        )*
    };
}

laws! {
    closing_twice_is_closing_once: Law::closing_is_idempotent;
    closing_takes_nothing_away: Law::closing_is_extensive;
    closing_more_gives_more: Law::closing_is_monotone;
    closing_a_union_is_closing_its_parts: Law::closing_distributes;
    going_on_from_a_union_is_going_on_from_its_parts: Law::advancing_distributes;
    the_order_in_which_states_come_does_not_matter: Law::order_does_not_matter;
    the_short_cut_ends_with_the_same_states: Law::short_cut_agrees;
    the_search_accepts_exactly_what_leaves_a_candidate: Law::search_agrees;
    the_state_of_the_walk_is_a_candidate: Law::walk_is_explained;
}

/// What the laws are about: two sets of states, and a trace that may be wrong.
struct Law<'a, A: Automaton> {
    automaton: &'a A,
    walk: Walk<A>,
    left: Vec<A::State>,
    right: Vec<A::State>,
    /// The events of the walk, some of them changed.
    changed: Vec<Event<A::Action>>,
}

impl<'a, A: Automaton> Law<'a, A> {
    fn of(automaton: &'a A, menu: &[Event<A::Action>], decisions: Decisions) -> Self {
        let walk = Walk::new(automaton, menu, &decisions.moves);
        let part = |mask: u64| {
            let chosen = walk.states.iter().enumerate().filter(move |(at, _)| mask >> (at % 64) & 1 == 1);
            chosen.map(|(_, state)| state.clone()).collect()
        };
        let (left, right) = (part(decisions.left), part(decisions.right));
        let changed = walk.changed(menu, &decisions.changes);
        Law { automaton, walk, left, right, changed }
    }

    fn set(&self, states: &[A::State]) -> Candidates<'a, A> {
        let mut set = Candidates::none(self.automaton);
        set.extend(states.iter().cloned());
        set
    }

    fn closed(&self, states: &[A::State]) -> Candidates<'a, A> {
        let mut set = self.set(states);
        set.close();
        set
    }

    fn union(&self) -> Vec<A::State> {
        [&self.left[..], &self.right].concat()
    }

    fn closing_is_idempotent(&self) -> TestResult {
        let once = self.closed(&self.left);
        let mut twice = once.clone();
        twice.close();
        TestResult::from_bool(once == twice && twice.len() == once.len())
    }

    fn closing_is_extensive(&self) -> TestResult {
        let closed = self.closed(&self.left);
        TestResult::from_bool(self.left.iter().all(|state| closed.contains(state)))
    }

    fn closing_is_monotone(&self) -> TestResult {
        let (less, more) = (self.closed(&self.left), self.closed(&self.union()));
        TestResult::from_bool(less.states().into_iter().all(|state| more.contains(state)))
    }

    fn closing_distributes(&self) -> TestResult {
        let mut parts = self.closed(&self.left);
        parts.extend(self.closed(&self.right).states().into_iter().cloned());
        TestResult::from_bool(parts == self.closed(&self.union()))
    }

    fn advancing_distributes(&self) -> TestResult {
        let is_same = |event: &Event<A::Action>| {
            let [mut left, mut right, mut both] =
                [&self.left, &self.right, &self.union()].map(|states| self.closed(states));
            for set in [&mut left, &mut right, &mut both] {
                set.advance(event);
            }
            left.extend(right.states().into_iter().cloned());
            left == both
        };
        if self.changed.is_empty() {
            return TestResult::discard();
        }
        TestResult::from_bool(self.changed.iter().all(is_same))
    }

    fn order_does_not_matter(&self) -> TestResult {
        let mut backwards = self.union();
        let forwards = self.closed(&backwards);
        backwards.reverse();
        let backwards = self.closed(&backwards);
        TestResult::from_bool(forwards == backwards && forwards.states() == backwards.states())
    }

    fn short_cut_agrees(&self) -> TestResult {
        let (mut plain, mut short) =
            (Candidates::initial(self.automaton), Candidates::initial(self.automaton));
        for event in &self.changed {
            plain.close();
            plain.advance(event);
            short.take(event);
        }
        plain.close();
        short.close();
        TestResult::from_bool(plain == short)
    }

    fn search_agrees(&self) -> TestResult {
        let mut candidates = Candidates::initial(self.automaton);
        let wrong = self.changed.iter().position(|event| {
            candidates.close();
            candidates.advance(event);
            candidates.is_empty()
        });
        let verdict = Monitor::new(self.automaton).judge(&self.changed, End::Cut);
        if matches!(verdict, Verdict::Undecided { .. }) {
            return TestResult::error(verdict.to_string());
        }
        TestResult::from_bool(verdict.is_accepted() == wrong.is_none() && verdict.at() == wrong)
    }

    fn walk_is_explained(&self) -> TestResult {
        let mut candidates = Candidates::initial(self.automaton);
        self.walk.events.iter().for_each(|event| candidates.take(event));
        candidates.close();
        TestResult::from_bool(self.walk.states.last().is_some_and(|state| candidates.contains(state)))
    }
}

/// A law about wrong traces says nothing if no trace is wrong, and the other way round.
#[test]
fn the_changed_traces_are_of_both_kinds() {
    let mut g = quickcheck::Gen::new(40);
    let (mut accepted, mut rejected, mut events) = (0, 0, 0);
    for _ in 0..300 {
        let decisions: Decisions = quickcheck::Arbitrary::arbitrary(&mut g);
        let law_on = waitmap::spec();
        let law = Law::of(&law_on, &waitmap_menu(), decisions);
        events += law.changed.len();
        let is_accepted = Monitor::new(&law_on).judge(&law.changed, End::Cut).is_accepted();
        *if is_accepted { &mut accepted } else { &mut rejected } += 1;
    }
    assert!(accepted > 30 && rejected > 30 && events > 1_500, "{accepted}, {rejected}, {events}");
}
