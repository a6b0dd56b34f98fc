//! What the oracles say about one execution.
//!
//! In this order, so that the first complaint is the most telling one: the monitor (a wrong event, something owed at
//! rest, an obligation of the environment), panics that nobody caught, threads that are blocked where no spec excuses it, and,
//! once an execution has finished, the accounts and what was leaked.

use std::fmt;

use raddle_spec::monitor::Open;
use raddle_spec::{Automaton, End as SpecEnd, Kind, Monitor, Obligation, Order, Rule, Verdict, judge};

use crate::kernel::{End, Kernel, PLANNED, Run, StepRecord, Target, ThreadReport, ThreadState};
use crate::report::count;
use crate::world::Book;

use super::leak::{carried_over, leak};

/// The kinds of findings. A shrunk schedule must show the same kind, under the same rule, as the one it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// An event that no rule allows.
    WrongEvent,
    /// Nothing can move any more, and something is owed.
    Stuck,
    /// The threads of a program wait for each other, or for something that nobody is left to do.
    Deadlock,
    /// Under a fair schedule the same steps come again and again, and nobody ends.
    Livelock,
    /// A value is still there after everybody has ended, or a thread after `main` has.
    Leak,
    /// The scenario, or the user code in it, broke an obligation.
    Obligation,
    /// A key, value or waker that was not accounted for exactly once.
    Accounts,
    /// A panic that nobody planned.
    Panic,
    /// The same choices gave another execution.
    Nondeterminism,
    /// A thread blocks on something outside the simulation, or computes for ever.
    Unresponsive,
    /// Raddle itself is at fault.
    Fault,
}

impl Class {
    /// The name in text and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::WrongEvent => "wrong event",
            Class::Stuck => "stuck",
            Class::Deadlock => "deadlock",
            Class::Livelock => "livelock",
            Class::Leak => "leak",
            Class::Obligation => "obligation",
            Class::Accounts => "accounts",
            Class::Panic => "panic",
            Class::Nondeterminism => "nondeterminism",
            Class::Unresponsive => "unresponsive",
            Class::Fault => "fault of Raddle",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Something wrong with an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub class: Class,
    /// One sentence.
    pub headline: String,
    /// The rules that were open where something else happened, or that are owed.
    pub rules: Vec<&'static Rule>,
    /// More lines, each whole.
    pub details: Vec<String>,
    /// The index of the event that is wrong, where there is one.
    pub event: Option<usize>,
}

impl Finding {
    /// A finding that is told in one sentence.
    #[must_use]
    pub fn new(class: Class, headline: impl Into<String>) -> Self {
        Finding { class, headline: headline.into(), rules: Vec::new(), details: Vec::new(), event: None }
    }

    /// Whether both are the same complaint, so that one may stand for the other.
    #[must_use]
    pub fn is_like(&self, other: &Finding) -> bool {
        // What is said of an obligation is whose it is, and which.
        let is_same = self.class != Class::Obligation || self.headline == other.headline;
        self.class == other.class && self.rules == other.rules && is_same
    }
}

/// What is to be said of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It ran to its end and nothing is wrong.
    Passed,
    /// It came to rest before its end, in a state that the spec excuses, and nothing is wrong.
    Rested,
    /// It was stopped at the step bound: what it had done was right.
    CutShort,
    /// The strategy left it as not worth finishing.
    Abandoned,
    /// The monitor gave up before it had an answer.
    Undecided,
    /// Something is wrong.
    Failed(Box<Finding>),
}

/// Judges the last execution of `kernel` by all oracles.
#[must_use]
pub fn judge_execution<A, Op, Ret, Cb, Reply>(
    spec: &A,
    book: &Book<Kind<Op, Ret, Cb, Reply>>,
    kernel: &Kernel,
    run: &Run,
) -> Judgement
where
    A: Automaton<Action = Kind<Op, Ret, Cb, Reply>>,
    Kind<Op, Ret, Cb, Reply>: fmt::Display,
    Op: fmt::Display,
{
    let panic = if run.panics == 0 { None } else { kernel.threads().iter().find_map(panic_finding) };
    let spec_end = match run.end {
        // A panic cuts calls off in the middle, which would look like a rest that owes their returns.
        End::Finished | End::Stuck if panic.is_none() => SpecEnd::Rest,
        End::Fault => {
            return failed(Finding::new(
                Class::Fault,
                kernel.fault().unwrap_or("a strategy failed").to_owned(),
            ));
        }
        _ => SpecEnd::Cut,
    };
    match judge(spec, &book.events, spec_end) {
        Verdict::Accepted => {}
        Verdict::Undecided { .. } => return panic.map_or(Judgement::Undecided, failed),
        verdict => return failed(explain(&verdict, book, &kernel.threads())),
    }
    if let Some(finding) = panic.or_else(|| carried_over(kernel)) {
        return failed(finding);
    }
    match run.end {
        End::Finished => accounts(book).or_else(|| leak(kernel, run)).map_or(Judgement::Passed, failed),
        End::Stuck => Judgement::Rested,
        End::Livelock => failed(livelock(kernel)),
        End::Abandoned => Judgement::Abandoned,
        _ => Judgement::CutShort,
    }
}

/// How an execution came to its end on a substrate other than the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Every thread ended.
    Finished,
    /// Some thread did not end, and nothing can move any more.
    Stuck,
    /// It was broken off.
    Cut,
}

/// Judges an execution on a substrate other than the simulator: loom, shuttle, real threads. `order` is what that knows of
/// the order of events. The oracles are those of [`judge_execution`], but for panics, which the substrate sees.
#[must_use]
pub fn judge_recorded<A, Op, Ret, Cb, Reply>(
    spec: &A,
    book: &Book<Kind<Op, Ret, Cb, Reply>>,
    order: Order,
    halt: Halt,
) -> Judgement
where
    A: Automaton<Action = Kind<Op, Ret, Cb, Reply>>,
    Kind<Op, Ret, Cb, Reply>: fmt::Display,
    Op: fmt::Display,
{
    let end = if halt == Halt::Cut { SpecEnd::Cut } else { SpecEnd::Rest };
    let judgement = judgement_of(&Monitor::new(spec).order(order).judge(&book.events, end), book);
    match halt {
        _ if judgement != Judgement::Passed => judgement,
        Halt::Finished => accounts(book).map_or(Judgement::Passed, failed),
        Halt::Stuck => Judgement::Rested,
        Halt::Cut => Judgement::CutShort,
    }
}

/// A verdict of the monitor on the events of `book`, with the actors by name.
#[must_use]
pub fn judgement_of<Op, Ret, Cb, Reply>(verdict: &Verdict, book: &Book<Kind<Op, Ret, Cb, Reply>>) -> Judgement
where
    Kind<Op, Ret, Cb, Reply>: fmt::Display,
    Op: fmt::Display,
{
    match verdict {
        Verdict::Accepted => Judgement::Passed,
        Verdict::Undecided { .. } => Judgement::Undecided,
        verdict => failed(explain(verdict, book, &[])),
    }
}

fn failed(finding: Finding) -> Judgement {
    Judgement::Failed(Box::new(finding))
}

fn panic_finding(thread: &ThreadReport) -> Option<Finding> {
    match &thread.state {
        ThreadState::Panicked(message) if message != PLANNED => {
            let place = thread.panicked_at.as_ref().map_or_else(String::new, |place| format!(" at {place}"));
            let headline = format!("thread `{}` panicked{place}: {message}", thread.name);
            Some(Finding::new(Class::Panic, headline))
        }
        _ => None,
    }
}

/// How many steps of a cycle are shown.
const SHOWN_STEPS: usize = 24;

/// The steps that the last execution of `kernel` would repeat for ever.
pub(crate) fn livelock(kernel: &Kernel) -> Finding {
    let cycle = kernel.cycle();
    let threads = kernel.threads();
    let objects = kernel.objects();
    let headline = format!(
        "livelock: the program repeats {} for ever, although everybody takes turns.",
        count(cycle.len() as u64, "step")
    );
    let mut finding = Finding::new(Class::Livelock, headline);
    let place = |step: &StepRecord| match step.op.kind.target() {
        Target::Object => format!(" (created at {})", objects[step.op.target as usize].birthplace),
        _ => String::new(),
    };
    let line =
        |step: &StepRecord| format!("`{}`: {}{}", threads[step.thread as usize].name, step.op, place(step));
    finding.details = cycle.iter().take(SHOWN_STEPS).map(line).collect();
    if cycle.len() > SHOWN_STEPS {
        finding.details.push(format!("and {} more", cycle.len() - SHOWN_STEPS));
    }
    finding.details.push("If a thread counts its rounds by itself, raise the bound on steps.".to_owned());
    finding
}

fn accounts<K>(book: &Book<K>) -> Option<Finding> {
    let imbalances = book.ledger.imbalances();
    let first = imbalances.first()?;
    let mut finding = Finding::new(Class::Accounts, format!("the accounts do not balance: {first}"));
    finding.details = imbalances.iter().skip(1).map(ToString::to_string).collect();
    Some(finding)
}

/// Puts a verdict of the monitor into words, with the actors by name.
fn explain<Op, Ret, Cb, Reply>(
    verdict: &Verdict,
    book: &Book<Kind<Op, Ret, Cb, Reply>>,
    threads: &[ThreadReport],
) -> Finding
where
    Kind<Op, Ret, Cb, Reply>: fmt::Display,
    Op: fmt::Display,
{
    let name = |actor: raddle_spec::Actor| format!("`{}`", book.names[actor.0 as usize]);
    let option = |open: &Open| {
        let what = open.output.as_deref().unwrap_or("waits");
        format!("{} {what}", name(open.actor))
    };
    let mut details = Vec::new();
    let (class, headline) = match verdict {
        Verdict::Violation(violation) => {
            let actor = name(book.events[violation.at].actor);
            if !violation.open.is_empty() {
                let options: Vec<String> = violation.open.iter().map(option).collect();
                details.push(format!("The spec expected: {}.", options.join(", or ")));
            }
            possible_fault(&mut details, violation.environment_fault_possible);
            (
                Class::WrongEvent,
                format!(
                    "{actor} {}{}, which no rule allows here.",
                    book.events[violation.at].kind,
                    within(book, violation.at)
                ),
            )
        }
        Verdict::Stuck(stuck) => {
            details.extend(threads.iter().filter_map(blocked));
            possible_fault(&mut details, stuck.environment_fault_possible);
            let owed: Vec<String> = stuck
                .candidates
                .first()
                .map(|candidate| candidate.owed.iter().map(option).collect())
                .unwrap_or_default();
            let owed =
                if owed.is_empty() { "a wait that no rule excuses".to_owned() } else { owed.join(", and ") };
            (Class::Stuck, format!("nothing can move any more, and the system owes: {owed}."))
        }
        Verdict::Environment(environment) => {
            let actor = name(environment.actor);
            let headline = format!("{actor} broke an obligation: {}", environment.obligation);
            (Class::Obligation, headline)
        }
        Verdict::Malformed { reason, .. } => {
            (Class::Fault, format!("the recorded events are impossible: {reason}."))
        }
        Verdict::Accepted | Verdict::Undecided { .. } => unreachable!("handled by the caller"),
    };
    Finding { class, headline, rules: verdict.rules(), details, event: verdict.at() }
}

/// The call that an event belongs to, if it is not the call itself.
fn within<Op: fmt::Display, Ret, Cb, Reply>(book: &Book<Kind<Op, Ret, Cb, Reply>>, at: usize) -> String {
    let event = &book.events[at];
    let preposition = match event.kind {
        Kind::Return(_) => "from",
        Kind::Enter(_) => "in",
        Kind::Call(_) | Kind::Leave(_) => return String::new(),
    };
    let mut open = Vec::new();
    for earlier in book.events[..at].iter().filter(|earlier| earlier.actor == event.actor) {
        match &earlier.kind {
            Kind::Call(op) => open.push(op),
            Kind::Return(_) => drop(open.pop()),
            Kind::Enter(_) | Kind::Leave(_) => {}
        }
    }
    open.last().map_or_else(String::new, |op| format!(" {preposition} {op}"))
}

fn possible_fault(details: &mut Vec<String>, obligation: Option<&'static Obligation>) {
    details.extend(obligation.map(|obligation| format!("The environment may be at fault: {obligation}")));
}

fn blocked(thread: &ThreadReport) -> Option<String> {
    match &thread.state {
        ThreadState::Blocked { .. } => Some(format!("Thread `{}` {}.", thread.name, thread.state)),
        _ => None,
    }
}
