//! The monitor: holds one recorded trace against a spec.
//!
//! The question is whether some execution of the spec shows exactly the events of the trace: whether hidden steps can
//! be put between the events so that each event is possible where it stands. That covers linearizability (the hidden
//! step is the moment at which an overlapping call takes effect), operations that run user code in between, and, at
//! [`End::Rest`], executions that came to a halt: one state must be reachable in which no step is due and *all*
//! waiting calls are excused together.
//!
//! The search goes depth first for one witness and remembers the configurations that led nowhere. The strand whose
//! event must be explained moves first, others only if that does not help; so a trace of a correct system is
//! judged with little more than one step per event. Only when no witness exists has the whole space been seen. Then
//! all states are gathered that explain the trace as far as it can be explained: the [`Candidates`] of the report.

mod candidates;
mod explanation;
mod report;
mod search;
mod verdict;

pub use candidates::Candidates;
pub use verdict::{Environment, Open, Stuck, StuckCandidate, Verdict, Violation};

use crate::automaton::Automaton;
use crate::event::{End, Event};
use crate::order::{self, Order};
use crate::rule::Rule;
use search::Search;

/// How many configurations a judgement visits before it gives up, unless told otherwise.
pub const DEFAULT_BOUND: usize = 200_000;

/// Holds a trace against a spec, with the default bound and the recorded order.
///
/// See the [crate] for an example, and [`Monitor`] for settings.
pub fn judge<A: Automaton>(automaton: &A, events: &[Event<A::Action>], end: End) -> Verdict {
    Monitor::new(automaton).judge(events, end)
}

/// A spec together with the settings of a judgement.
#[derive(Debug)]
pub struct Monitor<'a, A> {
    automaton: &'a A,
    bound: usize,
    order: Order,
}

impl<'a, A: Automaton> Monitor<'a, A> {
    /// Judges with [`DEFAULT_BOUND`] and [`Order::Recorded`].
    pub fn new(automaton: &'a A) -> Self {
        Monitor { automaton, bound: DEFAULT_BOUND, order: Order::Recorded }
    }

    /// Gives up after this many configurations, with [`Verdict::Undecided`].
    pub fn bound(mut self, configurations: usize) -> Self {
        self.bound = configurations;
        self
    }

    /// Says what the recorder knows about the order of events.
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Holds a trace against the spec.
    pub fn judge(&self, events: &[Event<A::Action>], end: End) -> Verdict {
        let arranged = self.arranged(events);
        Search::new(self.automaton, events, arranged.as_deref(), end, self.bound).run()
    }

    /// Holds a trace against the spec like [`judge`](Monitor::judge), and says which rules the explanation uses that
    /// was found: those of its steps and, at [`End::Rest`], those that excuse who still waits; each once, in order of
    /// appearance. Tests need it that claim to reach a rule. Costs two or three judgements.
    ///
    /// # Errors
    ///
    /// The verdict, if it is not [`Verdict::Accepted`].
    ///
    /// # Examples
    ///
    /// ```
    /// use raddle_spec::waitmap::{self, Event, IS_CLOSED, Kind, Op, Ret};
    /// use raddle_spec::{Actor, End, Monitor};
    ///
    /// let asks = [
    ///     Event::new(Actor(0), Kind::Call(Op::IsClosed)),
    ///     Event::new(Actor(0), Kind::Return(Ret::IsClosed(false))),
    /// ];
    /// let rules = Monitor::new(&waitmap::spec()).explain(&asks, End::Rest).unwrap();
    /// assert_eq!(rules, [&IS_CLOSED]);
    /// ```
    pub fn explain(&self, events: &[Event<A::Action>], end: End) -> Result<Vec<&'static Rule>, Verdict> {
        let arranged = self.arranged(events);
        let search = Search::new(self.automaton, events, arranged.as_deref(), end, self.bound);
        search.explain().map(|path| path.rules())
    }

    fn arranged(&self, events: &[Event<A::Action>]) -> Option<Vec<usize>> {
        let recorded = order::is_recorded(events, self.order);
        (!recorded).then(|| order::arrange(self.automaton, events, self.order))
    }
}
