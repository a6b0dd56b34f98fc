//! Small random programs, searched with and without [pruning](super::asleep): the outcomes must be the same.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex as StdMutex};

use raddle::platform::{Atomic, AtomicInt, Condvar, Join, Mutex, Shared, Threads, Unpark};

use super::{Loom, LoomArc, LoomCondvar, LoomMutex, LoomU64, asleep, threads};

/// What a thread does next, to one of two atomics.
#[derive(Clone, Copy, Debug)]
enum Step {
    Load {
        is_acquire: bool,
        of: usize,
    },
    Store {
        is_release: bool,
        to: usize,
        value: u64,
    },
    Add {
        of: usize,
    },
    Exchange {
        of: usize,
        from: u64,
    },
    /// Adds to the other one if it reads this.
    AddIf {
        of: usize,
        value: u64,
    },
    /// Reads and writes under a lock, with a step of an atomic meanwhile.
    Locked {
        load_of: usize,
    },
    /// Gives the token of the main thread, which takes it before its last step.
    Unpark,
    /// Says under a lock that the main thread may make its last step, for which it waits, and notifies it before or after the unlock.
    Notify {
        is_locked: bool,
    },
    /// Stores that the main thread may make its last step, for which it waits by looking again and again.
    Raise,
}

/// A source of numbers that says the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (self.0 >> 33) % bound
    }

    fn is_odd(&mut self) -> bool {
        self.below(2) == 1
    }

    fn step(&mut self) -> Step {
        let of = usize::from(self.is_odd());
        match self.below(10) {
            0 if self.is_odd() => Step::AddIf { of, value: self.below(2) },
            0..=2 => Step::Load { is_acquire: self.is_odd(), of },
            3..=5 => Step::Store { is_release: self.is_odd(), to: of, value: 1 + self.below(2) },
            6 => Step::Add { of },
            7 => Step::Exchange { of, from: self.below(2) },
            _ => Step::Locked { load_of: of },
        }
    }

    /// Up to so many steps.
    ///
    /// Not two stores to the same atomic: after another thread has loaded the first one, loom lets this one load it again, which no
    /// memory does, and which depends on the order of the two loads.
    fn thread(&mut self, steps: u64) -> Vec<Step> {
        let mut has_stored = [false; 2];
        let mut once = |step| match step {
            Step::Store { to, .. } if std::mem::replace(&mut has_stored[to], true) => Step::Add { of: to },
            step => step,
        };
        (0..=self.below(steps)).map(|_| once(self.step())).collect()
    }

    /// The steps of each thread, up to so many, the main thread first. The last one of all lets the main thread make its last step.
    fn program(&mut self, threads: usize, steps: u64, gives: Step) -> Vec<Vec<Step>> {
        let mut program: Vec<Vec<Step>> = (0..threads).map(|_| self.thread(steps)).collect();
        let giver = program.last_mut().expect("there are threads");
        let place = self.below(giver.len() as u64 + 1) as usize;
        giver.insert(place, gives);
        program
    }
}

type Flag = <Loom as raddle::platform::Memory>::AtomicBool;

struct Memory {
    atomics: [LoomU64; 2],
    locked: LoomMutex<u64>,
    main: <Loom as Threads>::Thread,
    may_end: LoomMutex<bool>,
    changed: LoomCondvar,
    is_raised: Flag,
}

/// What a thread has read, and, in short programs, whether it was the last one that did.
type Reads = Vec<u64>;

fn make(step: Step, memory: &Memory) -> u64 {
    match step {
        Step::Load { is_acquire, of } => memory.atomics[of].load(if is_acquire { Acquire } else { Relaxed }),
        Step::Store { is_release, to, value } => {
            memory.atomics[to].store(value, if is_release { Release } else { Relaxed });
            0
        }
        Step::Add { of } => memory.atomics[of].fetch_add(1, AcqRel),
        Step::AddIf { of, value } => {
            let read = memory.atomics[of].load(Relaxed);
            if read == value { 10 * (1 + memory.atomics[1 - of].fetch_add(1, AcqRel)) } else { read }
        }
        Step::Exchange { of, from } => {
            memory.atomics[of].compare_exchange(from, 7, AcqRel, Relaxed).unwrap_or_else(|found| 10 + found)
        }
        Step::Locked { load_of } => {
            let mut number = memory.locked.lock();
            *number = *number * 10 + memory.atomics[load_of].load(Relaxed) + 1;
            *number
        }
        Step::Unpark => {
            memory.main.unpark();
            0
        }
        Step::Notify { is_locked } => {
            let mut may_end = memory.may_end.lock();
            *may_end = true;
            let kept = is_locked.then_some(may_end);
            memory.changed.notify_all();
            drop(kept);
            0
        }
        Step::Raise => {
            memory.is_raised.store(true, Release);
            0
        }
    }
}

/// Tells whether this was the last owner.
fn give_up(memory: LoomArc<Memory>) -> u64 {
    u64::from(LoomArc::into_inner(memory).is_some())
}

/// Waits until the main thread may make its last step.
fn await_last(program: &[Vec<Step>], memory: &Memory) {
    let gives = program
        .iter()
        .flatten()
        .find(|step| matches!(step, Step::Unpark | Step::Notify { .. } | Step::Raise));
    match gives {
        Some(Step::Unpark) => Loom::park(),
        Some(Step::Raise) => {
            while !memory.is_raised.load(Acquire) {
                Loom::yield_now();
            }
        }
        _ => {
            let mut may_end = memory.may_end.lock();
            while !*may_end {
                may_end = memory.changed.wait(may_end);
            }
        }
    }
}

fn run(program: &[Vec<Step>]) -> Vec<Reads> {
    let memory = Memory {
        atomics: [LoomU64::new(0), LoomU64::new(0)],
        locked: LoomMutex::new(0),
        main: Loom::current(),
        may_end: LoomMutex::new(false),
        changed: LoomCondvar::default(),
        is_raised: Atomic::new(false),
    };
    let memory = LoomArc::new(memory);
    // Of longer ones there would be too many orders.
    let tells_last = program.len() == 2 && program.iter().map(Vec::len).sum::<usize>() <= 4;
    let (own, others) = program.split_first().expect("there are threads");
    let others: Vec<_> = others
        .iter()
        .map(|steps| {
            let (memory, steps) = (memory.clone(), steps.clone());
            let body = move || {
                let mut reads: Reads = steps.into_iter().map(|step| make(step, &memory)).collect();
                reads.extend(tells_last.then(|| give_up(memory)));
                reads
            };
            Loom::spawn("other", body).expect("loom starts threads")
        })
        .collect();
    let (last, first) = own.split_last().expect("each thread has a step");
    let mut reads: Reads = first.iter().map(|step| make(*step, &memory)).collect();
    await_last(program, &memory);
    reads.push(make(*last, &memory));
    reads.extend(tells_last.then(|| give_up(memory)));
    let mut all = vec![reads];
    all.extend(others.into_iter().map(|thread| thread.join().expect("it does not panic")));
    all
}

/// How the main thread is let go on.
fn gives(seed: u64) -> Step {
    match seed % 5 {
        0 => Step::Notify { is_locked: true },
        1 => Step::Notify { is_locked: false },
        2 => Step::Raise,
        _ => Step::Unpark,
    }
}

/// How many steps that makes besides, of one thread or the other.
fn more_steps(gives: Step) -> u64 {
    u64::from(!matches!(gives, Step::Unpark))
}

/// How a program is searched.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Search {
    /// By loom alone.
    Plain,
    Pruned,
    /// By loom alone, with each step dependent on all others: in every order of steps.
    EveryOrder,
}

std::thread_local! {
    /// What each step is made to depend on.
    static ALL: RefCell<Option<Arc<loom::sync::Condvar>>> = const { RefCell::new(None) };
}

/// Called before each step of a search that is not pruned.
pub(super) fn depend_on_all() {
    if let Some(all) = ALL.with_borrow(Option::clone) {
        all.notify_one();
    }
}

/// How many executions there are, and what all threads read in each.
fn search(program: &[Vec<Step>], search: Search) -> (u64, BTreeSet<Vec<Reads>>) {
    let program = program.to_vec();
    outcomes(move || run(&program), search)
}

/// How many executions there are, and what `run` returns in them.
pub(super) fn outcomes<R: Ord + Clone + Send + 'static>(
    run: impl Fn() -> R + Clone + Send + Sync + 'static,
    search: Search,
) -> (u64, BTreeSet<R>) {
    let found = Arc::new(StdMutex::new((0, BTreeSet::new())));
    let check = |begin: fn()| {
        let (inside, run) = (Arc::clone(&found), run.clone());
        loom::model::Builder::new().check(move || {
            threads::begin_execution();
            begin();
            let outcome = run();
            let mut found = inside.lock().expect("nobody panics");
            found.0 += 1;
            found.1.insert(outcome);
        });
    };
    match search {
        Search::Plain => check(|| ()),
        Search::Pruned => asleep::explore_pruned(check),
        Search::EveryOrder => {
            check(|| ALL.set(Some(Arc::default())));
            ALL.set(None);
        }
    }
    let found = found.lock().expect("nobody panics");
    found.clone()
}

#[test]
fn nothing_that_a_program_can_read_is_lost_by_pruning() {
    const SEEDS: u64 = 60;
    let (mut all, mut pruned, mut incomplete) = (0, 0, 0);
    for seed in 1..=SEEDS {
        let gives = gives(seed);
        let (threads, steps) = if seed % 2 == 0 { (2, 4) } else { (3, 2) };
        let program = Numbers(seed).program(threads, steps - more_steps(gives), gives);
        let (executions, expected) = search(&program, Search::Plain);
        let (fewer, found) = search(&program, Search::Pruned);
        let lost: Vec<_> = expected.difference(&found).collect();
        assert!(lost.is_empty(), "seed {seed}: {lost:?} of {program:?}");
        incomplete += u64::from(found != expected);
        all += executions;
        pruned += fewer;
    }
    println!("{all} executions, {pruned} after pruning; {incomplete} of {SEEDS} programs incomplete without");
    assert!(pruned * 2 < all, "{pruned} of {all}");
    assert!(incomplete > 0, "loom remembers more than one load of an atomic");
}

#[test]
fn pruning_leaves_all_that_a_program_can_read_in_any_order() {
    const SEEDS: u64 = 25;
    let (mut all, mut pruned, mut outcomes) = (0, 0, 0);
    for seed in 1..=SEEDS {
        let gives = gives(seed);
        let program = Numbers(seed).program(2, 2 - more_steps(gives), gives);
        let (executions, expected) = search(&program, Search::EveryOrder);
        let (fewer, found) = search(&program, Search::Pruned);
        assert_eq!(found, expected, "seed {seed}: {program:?}");
        all += executions;
        pruned += fewer;
        outcomes += found.len();
    }
    println!("{all} orders, {pruned} executions after pruning, {outcomes} outcomes");
    assert!(outcomes > SEEDS as usize, "{outcomes}");
}
