//! Lists of steps, and how they are judged.

use std::cell::RefCell;

use proptest::prelude::*;
use raddle::DownMsg;
use raddle_sim::campaign::{Finding, Judgement};
use raddle_sim::kernel::Kernel;
use raddle_sim::platform::Sim;
use raddle_sim::report::Transcript;
use raddle_sim::systems::pool::script::{self, ManagerStep, Overlap, Performed, Program, Step, WorkerStep};
use raddle_sim::systems::pool::{Say, Subject};
use raddle_sim::world::Book;
use raddle_spec::pool::Kind;

/// Few, so that steps meet.
const WORKERS: usize = 3;
const HANDLES: usize = 2;

/// Any program; the dullest step first, because shrinking goes there.
pub(crate) fn programs() -> impl Strategy<Value = Program> {
    let steps = prop::collection::vec(steps(), 0..30);
    let numbers = prop::collection::vec(0..2_u8, 0..4);
    (0..3_u32, steps, numbers).prop_map(|(capacity, steps, numbers)| Program {
        capacity,
        steps,
        overlap: None,
        numbers,
    })
}

/// Programs whose steps meet in the middle of each other.
pub(crate) fn overlapping_programs() -> impl Strategy<Value = Program> {
    let overlaps = (2..6_usize, any::<u64>()).prop_map(|(steps, seed)| Overlap { steps, seed });
    (programs(), overlaps).prop_map(|(program, overlap)| Program { overlap: Some(overlap), ..program })
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => workers_steps(),
        1 => managers_steps().prop_map(Step::Manager),
    ]
}

/// Programs in which values are dropped, and whose drops call the pool as well.
pub(crate) fn reentrant_programs() -> impl Strategy<Value = Program> {
    let on_drop = || managers_steps().prop_map(Step::OnDrop);
    let step = prop_oneof![8 => steps(), 3 => on_drop()];
    let first = prop::collection::vec(on_drop(), 0..4);
    let rest = prop::collection::vec(step, 0..20);
    let numbers = prop::collection::vec(0..2_u8, 0..4);
    (0..3_u32, first, rest, numbers).prop_map(|(capacity, first, rest, numbers)| {
        let steps = [two_stopped_generations(), first, vec![DROP_STOP], rest].concat();
        Program { capacity, steps, overlap: None, numbers }
    })
}

const DROP_STOP: Step = Step::Manager(ManagerStep::DropStop { stop: 0 });

/// Iterators with values, and a way down.
fn two_stopped_generations() -> Vec<Step> {
    let manager = Step::Manager;
    let execute = || manager(ManagerStep::Execute { fails: false });
    let send = |worker| Step::Worker(worker, WorkerStep::Send);
    vec![
        execute(),
        send(0),
        send(0),
        manager(ManagerStep::Get { index: 0 }),
        manager(ManagerStep::Stop),
        execute(),
        send(1),
        manager(ManagerStep::Stop),
    ]
}

fn workers_steps() -> impl Strategy<Value = Step> {
    let step = prop_oneof![
        8 => Just(WorkerStep::Send),
        3 => Just(WorkerStep::TrySend),
        2 => Just(WorkerStep::Recv),
        2 => Just(WorkerStep::TryRecv),
        1 => Just(WorkerStep::CloneSender),
        1 => Just(WorkerStep::DropSender),
        1 => Just(WorkerStep::DropReceiver),
        1 => Just(WorkerStep::Return),
        1 => Just(WorkerStep::Panic),
    ];
    (0..WORKERS, step).prop_map(|(worker, step)| Step::Worker(worker, step))
}

fn managers_steps() -> impl Strategy<Value = ManagerStep> {
    let one_in_four = || (0..4_u8).prop_map(|number| number == 3);
    prop_oneof![
        6 => one_in_four().prop_map(|fails| ManagerStep::Execute { fails }),
        1 => one_in_four().prop_map(|fails| ManagerStep::TryExecute { fails }),
        1 => (0..4_u32, one_in_four()).prop_map(|(count, fails)| ManagerStep::ExecuteMany { count, fails }),
        3 => Just(ManagerStep::Recv),
        5 => Just(ManagerStep::Burst),
        5 => Just(ManagerStep::NextOfBurst),
        2 => Just(ManagerStep::Stop),
        4 => (0..HANDLES).prop_map(|stop| ManagerStep::NextOfStop { stop }),
        1 => (0..HANDLES).prop_map(|stop| ManagerStep::DropStop { stop }),
        2 => Just(ManagerStep::StopAndJoin),
        2 => Just(ManagerStep::TryStopAndJoin),
        2 => says().prop_map(ManagerStep::Broadcast),
        3 => says().prop_map(ManagerStep::BroadcastOne),
        2 => (0..WORKERS as u32).prop_map(|index| ManagerStep::Get { index }),
        2 => (0..HANDLES, says()).prop_map(|(line, say)| ManagerStep::SendDown { line, say }),
        1 => (0..HANDLES).prop_map(|line| ManagerStep::CloneLine { line }),
        1 => (0..HANDLES).prop_map(|line| ManagerStep::DropLine { line }),
        1 => Just(ManagerStep::Count),
        1 => Just(ManagerStep::DropPool),
    ]
}

fn says() -> impl Strategy<Value = Say> {
    prop_oneof![
        4 => Just(DownMsg::Other(())),
        1 => Just(DownMsg::Pause),
        1 => Just(DownMsg::Continue),
        1 => Just(DownMsg::Stop),
    ]
}

/// Performs `program` on the pool that `new` makes.
pub(crate) fn perform<S: Subject<Platform = Sim>>(
    new: impl FnOnce(u32) -> S,
    program: &Program,
) -> Performed {
    thread_local! {
        static KERNEL: RefCell<Kernel> = RefCell::new(script::kernel());
    }
    KERNEL.with_borrow_mut(|kernel| script::perform(kernel, new, program))
}

/// Performs `program` on the pool that `new` makes, and has the spec judge every event and the accounts every value, note and closure.
pub(crate) fn verdict<S: Subject<Platform = Sim>>(
    new: impl FnOnce(u32) -> S,
    program: &Program,
) -> Result<(), TestCaseError> {
    let Performed { judgement, book } = perform(new, program);
    match judgement {
        Judgement::Passed => Ok(()),
        Judgement::Failed(finding) => Err(TestCaseError::fail(told(&finding, &book))),
        other => Err(TestCaseError::fail(format!("{other:?}\n{}", table(&Transcript::of(&book), None)))),
    }
}

fn told(finding: &Finding, book: &Book<Kind>) -> String {
    let mut text = format!("{}: {}\n", finding.class, finding.headline);
    finding.details.iter().for_each(|line| text += &format!("  {line}\n"));
    finding.rules.iter().for_each(|rule| text += &format!("  {rule}\n"));
    let transcript = Transcript::of(book);
    let shown = finding.event.map_or_else(|| transcript.clone(), |wrong| transcript.up_to(wrong));
    text + &table(&shown, finding.event)
}

fn table(transcript: &Transcript, wrong: Option<usize>) -> String {
    let mut text = String::new();
    transcript.write(&mut text, wrong).expect("a string takes all that is written");
    text
}
