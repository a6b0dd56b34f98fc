//! One model: everything that a checker executes between two of our decisions, on an OS thread of its own,
//! judged execution by execution.
//!
//! The checker runs on the *model thread* and hands the record of each execution that ends like none before to the thread that
//! asked for the model, which judges it meanwhile. There is no other way than a thread of its own, for two reasons:
//!
//! - Checkers run scenarios on small stacks of their own making, on which the monitor would not fit.
//! - A failing execution must not be unwound. Loom and shuttle report a deadlock by a panic, in whichever
//!   thread blocks last, and unwinding that thread runs destructors that lock, in an execution that cannot go
//!   on: the process would abort. So the panic hook sends off what was recorded and then never returns: the
//!   model thread is *retired*. It and its memory are lost, once for each failure.
//!
//! Hence a rule for scenarios: a panic that is planned is raised by `resume_unwind`, which runs no hook. One other is planned, that
//! of an implementation for want of a thread which a checker [did not create](no_thread): it tells so. Every other panic is a
//! failure.
//!
//! All threads of a checker are one to the operating system, which has one count of panics. So nobody else may run while a
//! thread unwinds: what the user code of a scenario drops when it panics is dropped when the panic was caught (see
//! `Substrate::can_run_while_unwinding`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Once};
use std::thread;

use raddle_sim::campaign::{Class, Finding, Halt, Judgement};
use raddle_sim::report::Transcript;
use raddle_sim::world::Substrate;

use crate::program::{Execution, Program, Recorded, Sight};
use crate::script::{Made, Point, Script};

/// How many executions may wait for their judgement before the checker waits for the judge.
const BACKLOG: usize = 256;

/// What became of a model.
#[derive(Debug, Default)]
pub struct Explored {
    /// How many executions were judged.
    pub executions: u64,
    /// How many of them the monitor could not decide.
    pub undecided: u64,
    /// Where the scenario chose, and among how many answers.
    pub asked: BTreeMap<Point, u32>,
    /// The first execution that is wrong; it ended the exploration.
    pub failure: Option<Failure>,
}

/// An execution that is wrong.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong.
    pub finding: Finding,
    /// The events.
    pub transcript: Transcript,
    /// The choices of the scenario.
    pub made: Vec<Made>,
}

/// What the model thread has to say, and what it has not said since it spoke last.
struct Message {
    news: News,
    passed: Passed,
}

enum News {
    /// An execution ended, with all its threads.
    Ended(Record),
    /// A panic broke an execution off.
    Broken { record: Record, panic: String },
    /// There are no further executions.
    Completed,
}

/// Executions that ended like others which have passed. Of these there are many, and to wake the judge for each takes as long as to
/// execute it.
#[derive(Default)]
struct Passed {
    executions: u64,
    asked: BTreeMap<Point, u32>,
}

/// What an execution leaves behind.
struct Record {
    recorded: Box<dyn Recorded>,
    made: Vec<Made>,
}

/// Takes the record of the execution under way.
type TakeRecord = Box<dyn FnOnce() -> Box<dyn Recorded>>;

/// What the model thread knows of itself.
struct ModelThread {
    mailbox: SyncSender<Message>,
    sight: Sight,
    script: Script,
    passed: Passed,
    /// Whether an execution was wrong, so that nobody waits for further ones.
    is_over: Arc<AtomicBool>,
    /// The execution under way.
    take_record: Option<TakeRecord>,
    made: Vec<Made>,
    /// How many choices each thread has made.
    counts: BTreeMap<u64, u32>,
}

thread_local! {
    static MODEL: RefCell<Option<ModelThread>> = const { RefCell::new(None) };
}

/// Explores a model and judges its executions, until one is wrong or `explore` returns.
///
/// `explore` runs on a thread of its own and lets a checker call [`execute`] for each execution.
///
/// # Panics
///
/// If the operating system starts no thread.
pub fn explore(sight: Sight, script: Script, explore: impl FnOnce() + Send + 'static) -> Explored {
    install_hook();
    let (mailbox, messages) = sync_channel(BACKLOG);
    let is_over = Arc::new(AtomicBool::new(false));
    let seen_by_model = Arc::clone(&is_over);
    let body = move || {
        MODEL.set(Some(ModelThread {
            mailbox,
            sight,
            script,
            passed: Passed::default(),
            is_over: seen_by_model,
            take_record: None,
            made: Vec::new(),
            counts: BTreeMap::new(),
        }));
        explore();
        let Some(mut model) = MODEL.take() else { return };
        let message = model.message(News::Completed);
        // Nobody listens any more if the last execution was wrong.
        let _ = model.mailbox.send(message);
    };
    thread::Builder::new()
        .name("model".to_owned())
        .spawn(body)
        .expect("the operating system starts a thread");
    let explored = judge_all(sight, messages);
    // Relaxed: whoever misses it for a moment executes once more.
    is_over.store(true, Ordering::Relaxed);
    explored
}

/// Executes `program` once, on the checker's main thread. `await_others` waits for the threads that nobody has joined: when this
/// returns, all threads of the execution have ended.
///
/// # Panics
///
/// If the current thread is not one that [`explore`] started.
pub fn execute(substrate: Substrate, program: &Program, await_others: fn()) {
    let Execution { body, take_record } = program.begin(substrate);
    with_model(|model| {
        model.take_record = Some(take_record);
        model.made.clear();
        model.counts.clear();
    });
    body();
    await_others();
    let unjudged = with_model(ModelThread::end_execution);
    let is_heard = unjudged.is_none_or(|(mailbox, message)| mailbox.send(message).is_ok());
    if !is_heard || with_model(|model| model.is_over.load(Ordering::Relaxed)) {
        // An earlier execution was wrong, so that nobody waits for further ones.
        retire();
    }
}

/// What the script says that `thread` is to choose next.
///
/// # Panics
///
/// If the current thread is not one that [`explore`] started.
pub fn scripted(thread: u64, options: u32) -> u32 {
    choose(thread, options, |script, point| script.answer(point, options))
}

/// Writes down what `thread` chose by itself.
///
/// # Panics
///
/// If the current thread is not one that [`explore`] started.
pub fn unscripted(thread: u64, options: u32, taken: u32) -> u32 {
    choose(thread, options, |_, _| taken)
}

/// What a panic says that is planned for want of a thread.
const NO_THREAD: &str = "the checker creates no thread now, as was chosen";

/// What a platform says that creates no thread, because that was chosen. A panic that tells so is planned.
#[must_use]
pub fn no_thread() -> io::Error {
    io::Error::new(io::ErrorKind::WouldBlock, NO_THREAD)
}

fn choose(thread: u64, options: u32, answer: impl FnOnce(&Script, Point) -> u32) -> u32 {
    with_model(|model| {
        let count = model.counts.entry(thread).or_default();
        let point = Point { thread, earlier: *count };
        *count += 1;
        let taken = answer(&model.script, point);
        model.made.push(Made { point, options, taken });
        taken
    })
}

fn with_model<R>(body: impl FnOnce(&mut ModelThread) -> R) -> R {
    MODEL.with_borrow_mut(|model| body(model.as_mut().expect("this is a model thread")))
}

impl ModelThread {
    /// What is to be sent, and by what, unless the execution ended like one that has passed.
    fn end_execution(&mut self) -> Option<(SyncSender<Message>, Message)> {
        let record = self.take_record();
        if record.recorded.has_passed(self.sight) {
            self.passed.executions += 1;
            self.passed.asked.extend(record.made.iter().map(|made| (made.point, made.options)));
            return None;
        }
        Some((self.mailbox.clone(), self.message(News::Ended(record))))
    }

    /// The same for one that a panic broke off.
    fn break_off(&mut self, panic: String) -> (SyncSender<Message>, Message) {
        let record = self.take_record();
        (self.mailbox.clone(), self.message(News::Broken { record, panic }))
    }

    fn message(&mut self, news: News) -> Message {
        Message { news, passed: std::mem::take(&mut self.passed) }
    }

    fn take_record(&mut self) -> Record {
        let take_record = self.take_record.take().expect("an execution is under way");
        Record { recorded: take_record(), made: std::mem::take(&mut self.made) }
    }
}

/// Ends the current thread without unwinding it.
fn retire() -> ! {
    loop {
        thread::park();
    }
}

/// Makes panics on model threads messages; elsewhere they stay what they were.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // The payload only: the position is inside the checker.
            let text = info.payload_as_str().unwrap_or("a panic whose payload is not a text").to_owned();
            let is_planned = text.contains(NO_THREAD);
            let broken = MODEL.try_with(|model| {
                let mut model = model.try_borrow_mut().ok()?;
                let model = model.as_mut()?;
                model.take_record.is_some().then(|| (!is_planned).then(|| model.break_off(text)))
            });
            let Ok(Some(broken)) = broken else { return before(info) };
            let Some((mailbox, message)) = broken else { return };
            let _ = mailbox.send(message);
            retire();
        }));
    });
}

/// Judges executions as they come in.
fn judge_all(sight: Sight, messages: Receiver<Message>) -> Explored {
    let mut explored = Explored::default();
    for Message { news, passed } in messages {
        explored.executions += passed.executions;
        explored.asked.extend(passed.asked);
        let (mut record, panic) = match news {
            News::Completed => return explored,
            News::Ended(record) => (record, None),
            News::Broken { record, panic } => (record, Some(panic)),
        };
        let finding = match panic {
            Some(panic) => Some(judge_broken(record.recorded.as_mut(), sight, panic)),
            None => match record.recorded.judge(sight, Halt::Finished) {
                Judgement::Failed(finding) => Some(*finding),
                Judgement::Undecided => {
                    explored.undecided += 1;
                    None
                }
                _ => None,
            },
        };
        explored.executions += 1;
        explored.asked.extend(record.made.iter().map(|made| (made.point, made.options)));
        if let Some(finding) = finding {
            let transcript = record.recorded.transcript();
            explored.failure = Some(Failure { finding, transcript, made: record.made });
            return explored;
        }
    }
    let finding = Finding::new(Class::Fault, "the checker ended without having said so");
    explored.failure = Some(Failure { finding, transcript: Transcript::default(), made: Vec::new() });
    explored
}

/// What the monitor says of a broken execution is more telling than the panic.
fn judge_broken(recorded: &mut dyn Recorded, sight: Sight, panic: String) -> Finding {
    let is_deadlock = panic.starts_with("deadlock");
    let halt = if is_deadlock { Halt::Stuck } else { Halt::Cut };
    match recorded.judge(sight, halt) {
        Judgement::Failed(mut finding) => {
            finding.details.push(format!("The checker says: {panic}"));
            *finding
        }
        Judgement::Rested => Finding::new(
            Class::Fault,
            "the scenario came to a rest, which the spec allows and the checker does not: it has to say that it may rest",
        ),
        _ => Finding::new(Class::Panic, panic),
    }
}
