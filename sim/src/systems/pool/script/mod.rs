//! Programs as data: lists of steps, for whoever makes them up by chance and wants them shorter.
//!
//! A scenario is code, and its interleavings are searched. A [`Program`] has its interleaving written down: each [`Step`] is for the
//! manager or for one worker, and begins when nobody can move any more. So every order of calls is a program, calls that wait
//! included: a worker that waits in `send` goes on as soon as there is room, and what it is told to do meanwhile comes after that.
//! Some steps at a time can be made to [overlap](Overlap) instead: then calls meet in the middle of each other, too.
//!
//! # Why every program comes to its end
//!
//! A program is any list, and its users keep their obligations all the same. A step that makes no sense is left out: one on a handle
//! that is gone, or a `recv` of the manager when nobody is left to send. A worker that is about to leave the manager alone with such
//! a `recv` sends a value first, and one that has been told to stop looks for messages without waiting for them. When
//! the steps are used up, whoever the manager still waits for is helped along: a worker sends, or those of a stopped generation end.
//! Then the manager drops what it has, and all workers end. Who waits after that has been let down by the pool.

mod manager;
mod order;
mod part;
mod stage;

use raddle_spec::pool::Kind;

use super::review::review;
use super::{Say, Scene, Subject, World, spec_of};
use crate::campaign::{Judgement, judge_execution};
use crate::choice;
use crate::kernel::{Faults, Kernel, Limits};
use crate::platform::Sim;
use crate::world::{Book, SIMULATED};
use order::{InOrder, conduct};
use stage::Stage;

/// Steps on a pool, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// How many values the pool holds before `send` waits.
    pub capacity: u32,
    /// The steps.
    pub steps: Vec<Step>,
    /// Whether steps begin while others go on; `None`: each begins when nobody can move any more.
    pub overlap: Option<Overlap>,
    /// What the pool gets when it asks for a random number, in order; 0 when they are used up.
    pub numbers: Vec<u8>,
}

/// Steps that do not wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// So many at a time, 1 or more; only then it is waited until nobody can move.
    pub steps: usize,
    /// Decides who of those goes on who can, step by step of the simulator.
    pub seed: u64,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Of the manager.
    Manager(ManagerStep),
    /// Of the manager, too, but inside of the drop of a value: of the next one that the pool drops and for which nothing is planned
    /// yet. Its code can come to the iterators and senders that the manager keeps, and to the pool, unless they are in use at that
    /// moment.
    OnDrop(ManagerStep),
    /// Of a worker: which one, modulo their number, in the order of `execute` over all generations.
    Worker(usize, WorkerStep),
}

/// What the manager does. Whatever needs the pool is left out once that was dropped, and ends a burst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagerStep {
    /// `execute`.
    Execute {
        /// Whether the thread cannot be started.
        fails: bool,
    },
    /// `try_execute`, or `execute` on a subject that does not have it.
    TryExecute {
        /// Whether the thread cannot be started.
        fails: bool,
    },
    /// `execute_many`.
    ExecuteMany {
        /// How many, at most as many as there may be workers.
        count: u32,
        /// Whether the thread of the last one cannot be started.
        fails: bool,
    },
    /// `recv`.
    Recv,
    /// `recv_burst`.
    Burst,
    /// `next` of the burst, if there is one.
    NextOfBurst,
    /// `stop`.
    Stop,
    /// `next` of an iterator of `stop`.
    NextOfStop {
        /// Which one, modulo their number.
        stop: usize,
    },
    /// The drop of an iterator of `stop`.
    DropStop {
        /// Which one, modulo their number.
        stop: usize,
    },
    /// `stop_and_join`.
    StopAndJoin,
    /// `try_stop_and_join`, or `stop_and_join` on a subject that does not have it.
    TryStopAndJoin,
    /// `broadcast`.
    Broadcast(Say),
    /// `broadcast_one`.
    BroadcastOne(Say),
    /// `get`, of which the sender is kept.
    Get {
        /// Which worker of the generation.
        index: u32,
    },
    /// `send` on a sender that `get` gave.
    SendDown {
        /// Which one, modulo their number.
        line: usize,
        /// What.
        say: Say,
    },
    /// The clone of a sender that `get` gave.
    CloneLine {
        /// Which one, modulo their number.
        line: usize,
    },
    /// The drop of a sender that `get` gave.
    DropLine {
        /// Which one, modulo their number.
        line: usize,
    },
    /// How many workers `get` shows.
    Count,
    /// The drop of the pool.
    DropPool,
}

/// What a worker does with its handles, as long as it has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerStep {
    /// `send`.
    Send,
    /// `try_send`.
    TrySend,
    /// `recv` on its receiver.
    Recv,
    /// `try_recv` on its receiver.
    TryRecv,
    /// The clone of its sender.
    CloneSender,
    /// The drop of a sender.
    DropSender,
    /// The drop of its receiver.
    DropReceiver,
    /// The end of its closure.
    Return,
    /// The same, by a panic.
    Panic,
}

/// What became of a program.
#[derive(Debug)]
pub struct Performed {
    /// The judgement of all oracles.
    pub judgement: Judgement,
    /// What happened.
    pub book: Book<Kind>,
}

/// More workers than this are not started in one run: [`Step`]s that would do so are left out.
pub const WORKERS_MAX: usize = 8;

/// A kernel on which programs can be performed.
#[must_use]
pub fn kernel() -> Kernel {
    // Only those faults that a program asks for.
    Kernel::new(Limits { faults: Faults::NONE.with(choice::Kind::Spawn), ..Limits::default() })
}

/// Performs `program` on the pool that `new` makes, which is given the capacity, and judges what happened.
///
/// # Panics
///
/// If called inside of an execution of the simulator.
pub fn perform<S: Subject<Platform = Sim>>(
    kernel: &mut Kernel,
    new: impl FnOnce(u32) -> S,
    program: &Program,
) -> Performed {
    let world = World::new(SIMULATED);
    let stage = Stage::new();
    let mut strategy = InOrder::new(program, stage.clone());
    let run = kernel.run(&mut strategy, || {
        conduct(stage.clone(), program.clone());
        let scene = Scene::new(world.clone(), program.capacity, new(program.capacity));
        manager::manage(scene, &stage);
    });
    let run = run.expect("a program is one execution");
    let mut book = world.take_book();
    book.delay_calls(kernel.log(), |kind| matches!(kind, Kind::Call(_)));
    let judgement = judge_execution(&spec_of::<S>(program.capacity), &book, kernel, &run);
    let judgement = review(judgement, &run, &book);
    Performed { judgement, book }
}
