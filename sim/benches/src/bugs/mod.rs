//! The bug benchmark: programs of which some schedules fail.
//!
//! Each program is written once, generic over the platform, so the very same body runs on the simulator and on shuttle. The
//! shapes, thread counts and bug conditions are those of SCTBench (Thomson, Donaldson and Betts, "Concurrency Testing Using
//! Controlled Schedulers", TOPC 2016) and of the artifact of "Selectively Uniform Concurrency Testing" (ASPLOS 2025); the code
//! is our own. The shared variables of the original are sequentially consistent atomics, so every access to them is a step,
//! under a lock as well.
//!
//! A schedule fails if a thread panics, which is how a broken assertion shows, or if the threads deadlock. Every program has
//! a repaired [`Form`] that fails under no schedule, so whoever reports a bug in that one raises a false alarm.

mod bluetooth;
mod deadlock;
mod reorder;
mod safe_stack;
mod string_buffer;
mod two_stage;
mod work_stealing;
mod wrong_lock;

use std::fmt;
use std::sync::atomic::Ordering::SeqCst;

use raddle::platform::{Atomic, AtomicInt, Join, Memory, Threads};

use self::work_stealing::LockKind;

/// Whether a program has its bug.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// As published.
    Buggy,
    /// With the least change that makes every schedule pass.
    Repaired,
}

/// A program of the benchmark.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Program {
    shape: Shape,
    /// The mean number of schedules up to the first failure that the artifact of SURW's paper has for SURW. `None`: it has none.
    pub artifact: Option<u32>,
    /// How many schedules a search gets.
    pub cap: u64,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Shape {
    Reorder { setters: usize, checkers: usize },
    TwoStage { writers: usize },
    WorkStealing(LockKind),
    SafeStack,
    Bluetooth,
    StringBuffer,
    WrongLock { others: usize },
    Deadlock,
}

/// All programs, in the order of the tables.
pub const PROGRAMS: &[Program] = &[
    reorder(2, 1, 7),
    reorder(3, 1, 7),
    reorder(4, 1, 10),
    reorder(9, 1, 17),
    reorder(10, 10, 6),
    reorder(49, 1, 13),
    reorder(99, 1, 194),
    program(Shape::TwoStage { writers: 1 }, None),
    program(Shape::TwoStage { writers: 19 }, Some(6)),
    program(Shape::TwoStage { writers: 49 }, Some(20)),
    program(Shape::TwoStage { writers: 99 }, Some(454)),
    program(Shape::WorkStealing(LockKind::Blocking), Some(6)),
    program(Shape::WorkStealing(LockKind::Spinning), Some(6)),
    program(Shape::Bluetooth, Some(70)),
    program(Shape::StringBuffer, Some(8)),
    program(Shape::WrongLock { others: 7 }, Some(7)),
    program(Shape::Deadlock, Some(2)),
    Program { shape: Shape::SafeStack, artifact: Some(368_921), cap: 1_000_000 },
];

const fn program(shape: Shape, artifact: Option<u32>) -> Program {
    Program { shape, artifact, cap: 10_000 }
}

const fn reorder(setters: usize, checkers: usize, artifact: u32) -> Program {
    program(Shape::Reorder { setters, checkers }, Some(artifact))
}

impl Program {
    /// The program called `name`.
    pub fn named(name: &str) -> Option<Program> {
        PROGRAMS.iter().copied().find(|program| program.name() == name)
    }

    /// What the literature calls it.
    pub fn name(&self) -> String {
        match self.shape {
            Shape::Reorder { setters, checkers } => format!("reorder_{}", setters + checkers),
            Shape::TwoStage { writers: 1 } => "twostage".to_owned(),
            Shape::TwoStage { writers } => format!("twostage_{}", writers + 1),
            Shape::WorkStealing(LockKind::Blocking) => "WorkStealQueue".to_owned(),
            Shape::WorkStealing(LockKind::Spinning) => "InterlockedWSQ".to_owned(),
            Shape::SafeStack => "SafeStack".to_owned(),
            Shape::Bluetooth => "bluetooth".to_owned(),
            Shape::StringBuffer => "stringbuffer".to_owned(),
            Shape::WrongLock { .. } => "wronglock".to_owned(),
            Shape::Deadlock => "deadlock01".to_owned(),
        }
    }

    /// Runs one execution, as its main thread.
    ///
    /// # Panics
    ///
    /// If the bug has shown in this thread or in one that it joins.
    pub fn run<P: Threads>(&self, form: Form) {
        match self.shape {
            Shape::Reorder { setters, checkers } => reorder::run::<P>(setters, checkers, form),
            Shape::TwoStage { writers } => two_stage::run::<P>(writers, form),
            Shape::WorkStealing(lock) => work_stealing::run::<P>(lock, form),
            Shape::SafeStack => safe_stack::run::<P>(form),
            Shape::Bluetooth => bluetooth::run::<P>(form),
            Shape::StringBuffer => string_buffer::run::<P>(form),
            Shape::WrongLock { others } => wrong_lock::run::<P>(others, form),
            Shape::Deadlock => deadlock::run::<P>(form),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.name())
    }
}

/// Starts a thread. Its birthplace is the caller's line.
#[track_caller]
fn start<P: Threads>(name: &str, body: impl FnOnce() + Send + 'static) -> P::JoinHandle<()> {
    P::spawn(name, body).expect("the programs stay below every limit of threads")
}

/// Waits for all of them, in order; fails if one has.
fn join_all<P: Threads>(threads: impl IntoIterator<Item = P::JoinHandle<()>>) {
    for thread in threads {
        assert!(thread.join().is_ok(), "a thread has failed");
    }
}

/// A number that races: a signed one, every access of which is a step.
#[derive(Debug)]
struct Racy<P: Memory>(P::AtomicUsize);

impl<P: Memory> Racy<P> {
    #[track_caller]
    fn new(value: isize) -> Self {
        Racy(Atomic::new(value.cast_unsigned()))
    }

    fn get(&self) -> isize {
        self.0.load(SeqCst).cast_signed()
    }

    fn set(&self, value: isize) {
        self.0.store(value.cast_unsigned(), SeqCst);
    }

    fn swap(&self, value: isize) -> isize {
        self.0.swap(value.cast_unsigned(), SeqCst).cast_signed()
    }

    /// Writes `new` over `current`, or says what else was there.
    fn replace(&self, current: isize, new: isize) -> Result<(), isize> {
        let exchanged = self.0.compare_exchange(current.cast_unsigned(), new.cast_unsigned(), SeqCst, SeqCst);
        exchanged.map(|_| ()).map_err(usize::cast_signed)
    }

    /// Adds in one step, and returns the value before.
    fn add(&self, value: isize) -> isize {
        self.0.fetch_add(value.cast_unsigned(), SeqCst).cast_signed()
    }
}
