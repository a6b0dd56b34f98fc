//! Answering in advance spares questions and changes nothing else.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use quickcheck::{Gen, QuickCheck};
use raddle::platform::AtomicInt;
use raddle_sim::choice::{Choice, Kind};
use raddle_sim::kernel::{End, Kernel, Run, StepRecord};
use raddle_sim::strategy::{Now, Pct, Strategy};

use crate::model::{Program, Shared, simulate};
use crate::{Count, LIMITS, spawn_and_join};

/// The thread with the highest number goes on, or the one with the lowest: after every so many questions the other way round.
struct Turning {
    period: u64,
    /// Questions of who goes on, those included that were answered in advance.
    questions: u64,
    lowest_first: bool,
}

impl Turning {
    fn every(period: u64) -> Self {
        Turning { period, questions: 0, lowest_first: false }
    }
}

impl Strategy for Turning {
    fn begin(&mut self) -> bool {
        *self = Turning::every(self.period);
        true
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        self.questions += 1 + now.answered_in_advance();
        self.lowest_first ^= self.questions.is_multiple_of(self.period);
        let mut threads = 0..now.threads();
        let can_go_on = |thread: &usize| now.can_go_on(*thread);
        let chosen = if self.lowest_first { threads.find(can_go_on) } else { threads.rfind(can_go_on) };
        now.answer_in_advance(self.period - self.questions % self.period - 1);
        now.option_of(chosen?)
    }

    fn value(&mut self, _: Kind, options: u32) -> u32 {
        options - 1
    }
}

/// Counts the questions, and lets nothing be answered in advance if told so.
struct Asked<S> {
    strategy: S,
    one_by_one: bool,
    questions: u64,
}

impl<S: Strategy> Strategy for Asked<S> {
    fn begin(&mut self) -> bool {
        self.strategy.begin()
    }

    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        self.questions += 1;
        let option = self.strategy.thread(now);
        if self.one_by_one {
            now.answer_in_advance(0);
        }
        option
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.strategy.value(kind, options)
    }
}

type Execution = (Run, Vec<Choice>, Vec<StepRecord>);

/// All that is known of ten executions, and how many questions they asked.
fn run<S: Strategy>(strategy: S, one_by_one: bool, program: &Program) -> (Vec<Execution>, u64) {
    let mut strategy = Asked { strategy, one_by_one, questions: 0 };
    let mut kernel = Kernel::new(LIMITS);
    let executions = (0..10).map(|_| {
        let shared = Shared::of(program);
        let run = kernel.run(&mut strategy, || simulate(program, &shared)).expect("it always goes on");
        (run, kernel.choices().to_vec(), kernel.log().to_vec())
    });
    (executions.collect(), strategy.questions)
}

fn is_the_same<S: Strategy>(strategy: impl Fn() -> S, program: &Program) -> bool {
    let (one_by_one, all_questions) = run(strategy(), true, program);
    let (in_advance, questions) = run(strategy(), false, program);
    in_advance == one_by_one && questions <= all_questions
}

#[test]
fn an_execution_is_the_same_whether_its_questions_are_answered_one_by_one_or_in_advance() {
    fn holds(program: Program, number: u8) -> bool {
        let period = u64::from(number % 20) + 1;
        // A change point more often than every second step, and a length that the longer programs exceed by far.
        let pct = || Pct::new(number.into(), 30).with_depth(1 + u32::from(number % 18));
        is_the_same(|| Turning::every(period), &program) && is_the_same(pct, &program)
    }
    QuickCheck::new()
        .rng(Gen::from_size_and_seed(20, 1))
        .tests(150)
        .quickcheck(holds as fn(Program, u8) -> bool);
}

#[test]
fn questions_that_were_answered_in_advance_are_not_asked() {
    let mut strategy = Asked { strategy: Turning::every(1_000_000), one_by_one: false, questions: 0 };
    let mut kernel = Kernel::new(LIMITS);
    let run = kernel.run(&mut strategy, || {
        let count = Arc::new(Count::new(0));
        spawn_and_join((0..3).map(|_| {
            let count = count.clone();
            move || {
                for _ in 0..100 {
                    count.fetch_add(1, SeqCst);
                }
            }
        }));
    });
    assert_eq!(run.map(|run| run.end), Some(End::Finished));
    assert!(kernel.choices().len() > 200, "{} choices", kernel.choices().len());
    assert!(strategy.questions < 20, "{} questions", strategy.questions);
}
