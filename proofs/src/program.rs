//! A program that a checker can run: a scenario on a subject, whatever system it belongs to.
//!
//! Scenarios are written against the subject trait of their system, and each system has events of its own. A
//! checker needs to know neither. To it a program is something to execute, and each execution leaves a
//! record behind that can be judged. The module [`systems`](crate::systems) makes programs of
//! scenarios.

use std::fmt::{self, Display};
use std::sync::Arc;

use raddle_sim::campaign::{Halt, Judgement, judge_recorded};
use raddle_sim::report::Transcript;
use raddle_sim::world::{Book, Substrate, World};
use raddle_spec::{Automaton, Kind, Order};

/// What a scenario asks of whoever runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demands {
    /// The noun of its system.
    pub system: &'static str,
    /// Its name.
    pub scenario: &'static str,
    /// The name of the subject.
    pub subject: &'static str,
    /// How many threads it has, the main thread included.
    pub threads: u8,
    /// A part of the API that it needs and the subject does not offer.
    pub missing: Option<&'static str>,
    /// Whether a thread of it may wait for ever, excused by the spec.
    pub may_rest: bool,
    /// Whether threads of it end by a panic.
    pub panics: bool,
    /// Whether it chooses so often that its [scripts](crate::script) are too many.
    pub chooses_often: bool,
}

/// A scenario on a subject.
#[derive(Clone)]
pub struct Program {
    /// What it asks of whoever runs it.
    pub demands: Demands,
    begin: Arc<dyn Fn(Substrate) -> Execution + Send + Sync>,
}

/// One execution: what is to be run, and what is left of it.
pub(crate) struct Execution {
    /// The body of the main thread.
    pub(crate) body: Box<dyn FnOnce()>,
    /// Takes away what was recorded up to now.
    pub(crate) take_record: Box<dyn FnOnce() -> Box<dyn Recorded>>,
}

/// What a checker's memory lets a thread see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The newest value, always: the order of events is the recorded one.
    Newest,
    /// Whatever the C11 memory model allows; see [`stale`](crate::systems::stale).
    Weak,
}

/// What an execution leaves behind.
pub(crate) trait Recorded: Send {
    /// Holds it against the spec and the accounts. If something is wrong, what a memory of that `sight` excuses is
    /// taken out first.
    fn judge(&mut self, sight: Sight, halt: Halt) -> Judgement;

    /// The events.
    fn transcript(&self) -> Transcript;
}

impl Program {
    /// A program whose main thread is `run`, and whose record is held against what `spec` gives. `excuse` takes
    /// out of a record what a weak memory excuses.
    pub fn new<A, Op, Ret, Cb, Reply>(
        demands: Demands,
        spec: impl Fn() -> A + Copy + Send + Sync + 'static,
        excuse: fn(&mut Book<A::Action>),
        run: impl Fn(World<A::Action>) + Clone + Send + Sync + 'static,
    ) -> Self
    where
        A: Automaton<Action = Kind<Op, Ret, Cb, Reply>> + 'static,
        Op: Display + Send + 'static,
        Ret: Display + Send + 'static,
        Cb: Display + Send + 'static,
        Reply: Display + Send + 'static,
    {
        let begin = move |substrate| {
            let world = World::new(substrate);
            let (inside, run) = (world.clone(), run.clone());
            Execution {
                body: Box::new(move || run(inside)),
                take_record: Box::new(move || Box::new(Record { book: world.take_book(), spec, excuse })),
            }
        };
        Program { demands, begin: Arc::new(begin) }
    }

    /// Begins an execution on `substrate`.
    pub(crate) fn begin(&self, substrate: Substrate) -> Execution {
        (self.begin)(substrate)
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("demands", &self.demands).finish_non_exhaustive()
    }
}

struct Record<K, F> {
    book: Book<K>,
    spec: F,
    excuse: fn(&mut Book<K>),
}

impl<A, F, Op, Ret, Cb, Reply> Recorded for Record<Kind<Op, Ret, Cb, Reply>, F>
where
    F: Fn() -> A + Send,
    A: Automaton<Action = Kind<Op, Ret, Cb, Reply>>,
    Op: Display + Send,
    Ret: Display + Send,
    Cb: Display + Send,
    Reply: Display + Send,
{
    fn judge(&mut self, sight: Sight, halt: Halt) -> Judgement {
        let spec = (self.spec)();
        let order = match sight {
            Sight::Newest => return judge_recorded(&spec, &self.book, Order::Recorded, halt),
            Sight::Weak => Order::Uncertain,
        };
        let judgement = judge_recorded(&spec, &self.book, order, halt);
        if !matches!(judgement, Judgement::Failed(_)) {
            return judgement;
        }
        // Only what needs an excuse gets one: a call that is taken out may have been what explains another.
        (self.excuse)(&mut self.book);
        judge_recorded(&spec, &self.book, order, halt)
    }

    fn transcript(&self) -> Transcript {
        Transcript::of(&self.book)
    }
}
