//! A program that a checker can run: a scenario on a subject, whatever system it belongs to.
//!
//! Scenarios are written against the subject trait of their system, and each system has events of its own. A
//! checker needs to know neither. To it a program is something to execute, and each execution leaves a
//! record behind that can be judged. The module [`systems`](crate::systems) makes programs of
//! scenarios.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Display};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use raddle_sim::campaign::{Halt, Judgement, judge_recorded};
use raddle_sim::report::Transcript;
use raddle_sim::world::{Book, Substrate, World};
use raddle_spec::{Automaton, Event, Kind, Order};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

    /// Whether an execution that ended like this one has passed before.
    fn has_passed(&self, sight: Sight) -> bool;

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
        Op: Clone + Display + Hash + Eq + Send + 'static,
        Ret: Clone + Display + Hash + Eq + Send + 'static,
        Cb: Clone + Display + Hash + Eq + Send + 'static,
        Reply: Clone + Display + Hash + Eq + Send + 'static,
    {
        let accepted = Arc::new(Accepted::default());
        let begin = move |substrate| {
            let world = World::new(substrate);
            let (inside, run, accepted) = (world.clone(), run.clone(), Arc::clone(&accepted));
            let take_record = move || -> Box<dyn Recorded> {
                Box::new(Record { book: world.take_book(), spec, excuse, accepted })
            };
            Execution { body: Box::new(move || run(inside)), take_record: Box::new(take_record) }
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
    accepted: Arc<Accepted<K>>,
}

/// The events of executions with which nothing was wrong, and on what memory.
///
/// Most executions of a search differ in steps that show neither in what calls return nor in the order of events: hundreds of
/// thousands have fewer than a thousand records between them. What the monitor says depends on the events alone, so it is asked
/// about the same ones once. The accounts are looked at each time.
struct Accepted<K>(Mutex<HashMap<Sight, Records<K>>>);

type Records<K> = HashSet<Vec<Event<K>>>;

impl<K> Default for Accepted<K> {
    fn default() -> Self {
        Accepted(Mutex::default())
    }
}

impl<K: Hash + Eq> Accepted<K> {
    /// How many are remembered, of a few kilobytes each. Beyond that all others are judged anew.
    const MOST: usize = 20_000;

    fn of<R>(&self, sight: Sight, body: impl FnOnce(&mut Records<K>) -> R) -> R {
        body(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(sight).or_default())
    }

    fn contains(&self, sight: Sight, events: &[Event<K>]) -> bool {
        self.of(sight, |records| records.contains(events))
    }

    fn insert(&self, sight: Sight, events: Vec<Event<K>>) {
        self.of(sight, |records| records.len() < Self::MOST && records.insert(events));
    }
}

impl<A, F, Op, Ret, Cb, Reply> Recorded for Record<Kind<Op, Ret, Cb, Reply>, F>
where
    F: Fn() -> A + Send,
    A: Automaton<Action = Kind<Op, Ret, Cb, Reply>>,
    Op: Clone + Display + Hash + Eq + Send,
    Ret: Clone + Display + Hash + Eq + Send,
    Cb: Clone + Display + Hash + Eq + Send,
    Reply: Clone + Display + Hash + Eq + Send,
{
    fn judge(&mut self, sight: Sight, halt: Halt) -> Judgement {
        if halt == Halt::Finished && self.has_passed(sight) {
            return Judgement::Passed;
        }
        let events = self.book.events.clone();
        let judgement = self.judge_anew(sight, halt);
        if judgement == Judgement::Passed {
            self.accepted.insert(sight, events);
        }
        judgement
    }

    fn has_passed(&self, sight: Sight) -> bool {
        self.accepted.contains(sight, &self.book.events) && self.book.ledger.imbalances().is_empty()
    }

    fn transcript(&self) -> Transcript {
        Transcript::of(&self.book)
    }
}

impl<A, F, Op, Ret, Cb, Reply> Record<Kind<Op, Ret, Cb, Reply>, F>
where
    F: Fn() -> A,
    A: Automaton<Action = Kind<Op, Ret, Cb, Reply>>,
    Op: Display,
    Ret: Display,
    Cb: Display,
    Reply: Display,
{
    /// Asks the monitor.
    fn judge_anew(&mut self, sight: Sight, halt: Halt) -> Judgement {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    use raddle_spec::pool::{Kind as PoolKind, Op, Ret, spec};

    thread_local! {
        /// How often the monitor was asked.
        static ASKED: Cell<u32> = const { Cell::new(0) };
    }

    fn program(run: impl Fn(&World<PoolKind>) + Clone + Send + Sync + 'static) -> Program {
        let demands = Demands {
            system: "pool",
            scenario: "made up",
            subject: "none",
            threads: 1,
            missing: None,
            may_rest: false,
            chooses_often: false,
        };
        let counted_spec = || {
            ASKED.set(ASKED.get() + 1);
            spec(1)
        };
        let run = move |world: World<PoolKind>| {
            world.act_as(world.name_actor("main"));
            run(&world);
        };
        Program::new(demands, counted_spec, |_| (), run)
    }

    fn count_workers(world: &World<PoolKind>, count: u32) {
        world.record(PoolKind::Call(Op::Count));
        world.record(PoolKind::Return(Ret::Count(count)));
    }

    fn execute(program: &Program) -> Box<dyn Recorded> {
        let Execution { body, take_record } = program.begin(Substrate::ONE_THREAD);
        body();
        take_record()
    }

    fn execute_and_judge(program: &Program, sight: Sight, halt: Halt) -> Judgement {
        execute(program).judge(sight, halt)
    }

    #[test]
    fn the_monitor_is_asked_once_about_the_same_events() {
        let program = program(|world| count_workers(world, 0));
        for _ in 0..3 {
            assert_eq!(execute_and_judge(&program, Sight::Weak, Halt::Finished), Judgement::Passed);
        }
        assert_eq!(ASKED.get(), 1);
        assert!(execute(&program).has_passed(Sight::Weak));
        assert!(!execute(&program).has_passed(Sight::Newest));
    }

    #[test]
    fn what_passed_is_judged_anew_on_another_memory_and_after_another_end() {
        let program = program(|world| count_workers(world, 0));
        assert_eq!(execute_and_judge(&program, Sight::Weak, Halt::Finished), Judgement::Passed);
        assert_eq!(execute_and_judge(&program, Sight::Newest, Halt::Finished), Judgement::Passed);
        assert_eq!(execute_and_judge(&program, Sight::Weak, Halt::Stuck), Judgement::Rested);
        assert_eq!(execute_and_judge(&program, Sight::Weak, Halt::Cut), Judgement::CutShort);
        assert_eq!(ASKED.get(), 4);
    }

    #[test]
    fn what_is_wrong_is_wrong_each_time() {
        let program = program(|world| count_workers(world, 7));
        for _ in 0..2 {
            let judgement = execute_and_judge(&program, Sight::Newest, Halt::Finished);
            assert!(matches!(judgement, Judgement::Failed(_)), "{judgement:?}");
            assert!(!execute(&program).has_passed(Sight::Newest));
        }
    }

    #[test]
    fn accounts_are_looked_at_though_the_events_are_known() {
        let loses = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let loses_one = Arc::clone(&loses);
        let program = program(move |world| {
            count_workers(world, 0);
            if loses_one.load(std::sync::atomic::Ordering::Relaxed) {
                world.book().ledger.create("a value");
            }
        });
        assert_eq!(execute_and_judge(&program, Sight::Weak, Halt::Finished), Judgement::Passed);
        loses.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(!execute(&program).has_passed(Sight::Weak));
        let judgement = execute_and_judge(&program, Sight::Weak, Halt::Finished);
        assert!(matches!(judgement, Judgement::Failed(_)), "{judgement:?}");
    }
}
