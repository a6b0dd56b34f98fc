//! Depth-first search: every execution there is, or every one with few preemptions.
//!
//! The strategy keeps the path of the last execution: at each choice, the option taken and how many there were. The next
//! execution follows the path to its last choice that has an untried option, takes that, and from there on always option 0.
//! Values (everything that is not "who goes on") are enumerated in full.
//!
//! Time limits are eager: they may end at any time, up to a bound on how many of an execution are (a thread that waits with a
//! limit in a loop could go round for ever). The others end when nobody can go on. Of the [faults](crate::kernel::Faults) that the
//! kernel makes, so many of each kind happen in an execution: one, unless told otherwise.
//!
//! With a bound, an execution may take the turn from a thread that could go on at most so many times (Musuvathi and Qadeer,
//! "Iterative context bounding", PLDI 2007): most bugs need only one or two such preemptions, and the number of executions
//! is then polynomial in their length.
//!
//! A thread that yields, or waits in a loop that only reads, does not go on before those that it waits for:
//! [fairness](super::fairness). Where that leaves executions out, the search says that it was bounded.
//!
//! A choice on the path that has another number of options when it is met again says that the program is not deterministic.
//! The search then ends, and tells why.

use std::ops::Range;

use crate::choice::Kind;
use crate::kernel::{End, FaultCounts, Run};
use crate::strategy::{Now, Strategy};

use super::fairness::Fairness;

/// All executions, depth first.
#[derive(Clone, Debug)]
pub struct DepthFirst {
    bound: Option<u64>,
    path: Vec<Node>,
    depth: usize,
    preemptions: u64,
    fairness: Fairness,
    has_begun: bool,
    /// How many time limits of an execution are eager.
    timeout_bound: u32,
    timeouts: u32,
    /// How many faults of each kind that the kernel makes.
    fault_bound: u64,
    faults: FaultCounts,
    is_cut: bool,
    objection: Option<String>,
}

/// A choice on the path.
#[derive(Copy, Clone, Debug)]
struct Node {
    /// Which of the options to be tried, by their order.
    taken: u32,
    /// How many options there were: the same when the choice is met again, or the program is not deterministic.
    options: u32,
    /// How many of them are to be tried.
    tried_below: u32,
}

/// What a finished search has shown.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// There are executions left to try.
    Unfinished,
    /// All executions within the bounds were tried, but there are others: the preemption bound left some out, or some were
    /// cut off at the limits of the kernel.
    WithinBound,
    /// All executions were tried.
    Complete,
}

impl DepthFirst {
    /// How many time limits of an execution may end at any time, unless another bound is set.
    pub const TIMEOUTS: u32 = 4;

    /// How many faults of each kind happen in an execution, unless another bound is set.
    pub const FAULTS: u64 = 1;

    /// Searches all executions.
    pub fn unbounded() -> Self {
        DepthFirst::new(None)
    }

    /// Searches the executions with at most `preemptions` preemptions.
    pub fn bounded(preemptions: u64) -> Self {
        DepthFirst::new(Some(preemptions))
    }

    /// Lets at most so many time limits of an execution end at any time, in the order in which they are set; 4 unless set here.
    #[must_use]
    pub fn timeouts(self, bound: u32) -> Self {
        DepthFirst { timeout_bound: bound, ..self }
    }

    /// Lets at most so many faults of each kind happen in an execution; 1 unless set here. Cancellations and calls back into the
    /// caller are not bounded: a program asks for them itself, and says how often.
    #[must_use]
    pub fn faults(self, bound: u64) -> Self {
        DepthFirst { fault_bound: bound, ..self }
    }

    fn new(bound: Option<u64>) -> Self {
        DepthFirst {
            bound,
            path: Vec::new(),
            depth: 0,
            preemptions: 0,
            timeout_bound: DepthFirst::TIMEOUTS,
            timeouts: 0,
            fairness: Fairness::default(),
            fault_bound: DepthFirst::FAULTS,
            faults: FaultCounts::default(),
            has_begun: false,
            is_cut: false,
            objection: None,
        }
    }

    /// What the search has shown so far.
    pub fn coverage(&self) -> Coverage {
        let has_ended = self.has_begun && self.path.is_empty() && self.objection.is_none();
        match (has_ended, self.is_cut) {
            (false, _) => Coverage::Unfinished,
            (true, true) => Coverage::WithinBound,
            (true, false) => Coverage::Complete,
        }
    }

    /// How the program showed that it is not deterministic, if it did: from then on nothing is searched any more.
    pub fn objection(&self) -> Option<&str> {
        self.objection.as_deref()
    }

    /// Answers with the path, or extends it by a choice with `options` of which those in `tried` are to be tried.
    ///
    /// `None` once the program has shown that it is not deterministic.
    fn next(&mut self, options: u32, tried: Range<u32>) -> Option<u32> {
        if self.depth == self.path.len() {
            self.path.push(Node { taken: tried.start, options, tried_below: tried.end });
        }
        let node = self.path[self.depth];
        if node.options != options {
            let Node { options: before, .. } = node;
            let depth = self.depth;
            self.objection.get_or_insert_with(|| {
                format!("choice {depth} had {before} options and has {options} when it is met again")
            });
        }
        if self.objection.is_some() {
            return None;
        }
        self.depth += 1;
        Some(node.taken)
    }
}

impl Strategy for DepthFirst {
    fn begin(&mut self) -> bool {
        self.depth = 0;
        self.preemptions = 0;
        self.timeouts = 0;
        self.fairness.begin();
        self.faults = FaultCounts::default();
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        self.objection.is_none() && (is_first || !self.path.is_empty())
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        let options = now.options() as u32;
        let open = self.fairness.open(now);
        // To go before a thread that stands behind is no preemption.
        let stands_behind = open.as_ref().is_some_and(|open| open[0] != 0);
        let may_preempt = stands_behind || self.bound.is_none_or(|bound| self.preemptions < bound);
        let only_current = !may_preempt && now.current().is_some();
        self.is_cut |= only_current || open.is_some();
        let tried = open.as_ref().map_or(options, |open| open.len() as u32);
        let taken = self.next(options, 0..if only_current { 1 } else { tried })?;
        let option = open.map_or(taken, |open| open[taken as usize]) as usize;
        self.preemptions += u64::from(!stands_behind && now.preempts(option));
        Some(option)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        let tried = match kind {
            Kind::Timeout => {
                let is_eager = self.timeouts < self.timeout_bound;
                self.timeouts += 1;
                self.is_cut |= !is_eager;
                if is_eager { 1..options } else { 0..1 }
            }
            Kind::Wakeup
            | Kind::Unpark
            | Kind::Exchange
            | Kind::Spawn
            | Kind::Tie
            | Kind::Panic
            | Kind::Body
                if self.faults[kind] >= self.fault_bound =>
            {
                self.is_cut = true;
                0..1
            }
            _ => 0..options,
        };
        // Without a number there is nothing left to say: the next question of who goes on ends the execution.
        let taken = self.next(options, tried).unwrap_or(0);
        self.faults.count(kind, taken);
        taken
    }

    fn end(&mut self, run: &Run) {
        self.is_cut |= matches!(run.end, End::StepBound | End::Livelock | End::ThreadBound);
        self.path.truncate(self.depth);
        while let Some(node) = self.path.last_mut() {
            node.taken += 1;
            if node.taken < node.tried_below {
                break;
            }
            self.path.pop();
        }
    }
}
