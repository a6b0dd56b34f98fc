//! Steps of a manager and its workers on a WorkerPool: any order, each after the other, judged against the spec.
//!
//! The bytes are a [`Program`]. It is performed under the simulator, because a pool has threads, but nothing is left to choose. A step
//! begins when nobody can move any more, or, in programs whose steps overlap, some steps begin together, and the bytes
//! decide who of the threads goes on. So they say in the middle of which calls a handle is dropped, a worker panics or a thread
//! cannot be started, and what is tried next.
//!
//! The first byte is the capacity, how many steps begin together, and the beginning of the order of threads then; the second one the
//! answers to the pool's questions for random numbers, a bit each, and the rest of that order. Behind
//! them each step is two bytes: what is done, and by whom, to what or how often. With the highest bit of the first one, a step of the
//! manager is for the drop of the next value that the pool drops.

use std::fmt;

use arbitrary::{Arbitrary, Unstructured};
use raddle::DownMsg;
use raddle_sim::campaign::Judgement;
use raddle_sim::kernel::Kernel;
use raddle_sim::platform::Sim;
use raddle_sim::report::Transcript;
use raddle_sim::systems::pool::script::{self, ManagerStep, Overlap, Performed, Step, WorkerStep};
use raddle_sim::systems::pool::{Ours, QueuePool, Say, Subject, bug};

use crate::tally::Ran;

/// Steps beyond these are left out.
const MOST_STEPS: usize = 128;

/// Pools with room for fewer values than this.
const CAPACITIES: u8 = 4;

/// What the bytes of a fuzzer stand for.
#[derive(Clone, Debug)]
pub struct Program(pub script::Program);

impl<'a> Arbitrary<'a> for Program {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let (first, bits): (u8, u8) = (bytes.arbitrary()?, bytes.arbitrary()?);
        let mut steps = Vec::new();
        while bytes.len() >= 2 && steps.len() < MOST_STEPS {
            let (what, which) = (bytes.arbitrary()?, bytes.arbitrary()?);
            steps.push(step(what, which));
        }
        Ok(Program(script::Program {
            capacity: u32::from(first % CAPACITIES),
            steps,
            overlap: overlap(first / CAPACITIES, bits),
            numbers: (0..u8::BITS).map(|bit| bits >> bit & 1).collect(),
        }))
    }
}

/// How steps overlap: in one program of four not at all, in the others two to four of them.
fn overlap(first: u8, bits: u8) -> Option<Overlap> {
    let (together, order) = (first % 4, first / 4);
    (together > 0).then(|| Overlap {
        steps: usize::from(together) + 1,
        seed: (u64::from(order) << u8::BITS) | u64::from(bits),
    })
}

/// The step that two bytes stand for. What is likely to lead somewhere stands there twice.
fn step(what: u8, which: u8) -> Step {
    let number = usize::from(which);
    let worker = |step| Step::Worker(number, step);
    // One thread in four cannot be started.
    let fails = which % 4 == 3;
    let manager = if what < 128 { Step::Manager } else { Step::OnDrop };
    manager(match what % 32 {
        0 | 31 => return worker(WorkerStep::Send),
        1 => return worker(WorkerStep::TrySend),
        2 => return worker(WorkerStep::Recv),
        3 => return worker(WorkerStep::TryRecv),
        4 => return worker(WorkerStep::CloneSender),
        5 => return worker(WorkerStep::DropSender),
        6 => return worker(WorkerStep::DropReceiver),
        7 => return worker(WorkerStep::Return),
        8 => return worker(WorkerStep::Panic),
        9 => ManagerStep::Execute { fails },
        10 => ManagerStep::TryExecute { fails },
        11 => ManagerStep::ExecuteMany { count: u32::from(which % 4), fails: which % 16 >= 12 },
        12 => ManagerStep::Recv,
        13 | 28 => ManagerStep::Burst,
        14 | 29 => ManagerStep::NextOfBurst,
        15 => ManagerStep::Stop,
        16 => ManagerStep::NextOfStop { stop: number },
        17 => ManagerStep::DropStop { stop: number },
        18 => ManagerStep::StopAndJoin,
        19 => ManagerStep::TryStopAndJoin,
        20 => ManagerStep::Broadcast(say(which)),
        21 => ManagerStep::BroadcastOne(say(which)),
        22 => ManagerStep::Get { index: u32::from(which % 4) },
        23 => ManagerStep::SendDown { line: number / 4, say: say(which) },
        24 => ManagerStep::CloneLine { line: number },
        25 => ManagerStep::DropLine { line: number },
        26 => ManagerStep::Count,
        27 => ManagerStep::DropPool,
        _ => ManagerStep::Execute { fails: false },
    })
}

fn say(which: u8) -> Say {
    match which % 4 {
        0 => DownMsg::Other(()),
        1 => DownMsg::Pause,
        2 => DownMsg::Continue,
        _ => DownMsg::Stop,
    }
}

/// Performs programs, one after the other.
pub struct Runner {
    perform: fn(&mut Kernel, &script::Program) -> Performed,
    kernel: Kernel,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

impl Runner {
    /// A runner on the pool of this name: `raddle`, which it is without a name as well, or the canary of the simulator, or its twin.
    ///
    /// # Panics
    ///
    /// If there is no such subject.
    #[must_use]
    pub fn new(subject: Option<&str>) -> Self {
        let perform = match subject {
            None | Some("raddle") => on::<Ours<Sim>>,
            Some("twin") => on::<QueuePool<Sim, { bug::NONE }>>,
            Some("canary") => on::<QueuePool<Sim, { bug::LOSES_LOOK_AHEAD }>>,
            Some(other) => panic!("there is no subject `{other}`: it is raddle, twin or canary"),
        };
        Runner { perform, kernel: script::kernel() }
    }

    /// Performs `program` on a new pool.
    ///
    /// # Errors
    ///
    /// The verdict and the transcript, if something is wrong.
    pub fn run(&mut self, program: &Program) -> Result<Ran, String> {
        let Performed { judgement, book } = (self.perform)(&mut self.kernel, &program.0);
        match judgement {
            Judgement::Passed => Ok(Ran::Judged),
            Judgement::CutShort => Ok(Ran::CutShort),
            Judgement::Undecided => Ok(Ran::Undecided),
            // Every program comes to its end.
            judgement => Err(crate::told(&judgement, &Transcript::of(&book))),
        }
    }
}

/// A pool that is made with its capacity.
trait Bounded: Subject<Platform = Sim> {
    fn with_capacity(capacity: u32) -> Self;
}

impl Bounded for Ours<Sim> {
    fn with_capacity(capacity: u32) -> Self {
        Ours::new(capacity)
    }
}

impl<const BUG: u8> Bounded for QueuePool<Sim, BUG> {
    fn with_capacity(capacity: u32) -> Self {
        QueuePool::new(capacity)
    }
}

fn on<S: Bounded>(kernel: &mut Kernel, program: &script::Program) -> Performed {
    script::perform(kernel, S::with_capacity, program)
}
