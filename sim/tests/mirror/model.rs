//! Little programs on the mirror's mutex, condition variable and channels, run twice: by the simulator, and by an interpreter that
//! knows nothing of it and simply tries every order. Both must come to the same outcomes: one that the simulator misses hides
//! bugs, one that it invents is a false alarm.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Mutex as Real;

use quickcheck::{Arbitrary, Gen, QuickCheck};
use raddle_sim::kernel::{End, Kernel};
use raddle_sim::strategy::DepthFirst;
use raddle_sim::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use raddle_sim::sync::{Condvar, Mutex, MutexGuard};
use raddle_sim::thread;
use raddle_sim::time::Duration;

use crate::LIMITS;

/// One operation. Those that find something note it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Act {
    Lock,
    Unlock,
    /// Counts up what the mutex protects, and notes what it was.
    Count,
    /// Waits for a notification; notes that it came.
    Wait,
    /// Waits with a limit; notes whether it was used up.
    WaitTimeout,
    NotifyOne,
    NotifyAll,
    /// Sends into the channel without a bound, or into that for one message.
    Send,
    SendBounded,
    /// Receives from the first channel or the second. Of the first thread only.
    Receive,
    ReceiveBounded,
    TryReceive,
    ReceiveTimeout,
}

const NOTIFIED: usize = 100;
const TIMED_OUT: usize = 101;
const NOTHING: usize = 102;

/// What each thread but `main` does; `main` starts them all and joins them all.
#[derive(Clone, Debug)]
struct Program(Vec<Vec<Act>>);

/// Whether all came to an end, and what each thread noted.
type Outcome = (bool, Vec<Vec<usize>>);

impl Arbitrary for Program {
    fn arbitrary(generator: &mut Gen) -> Self {
        let threads = 2 + usize::arbitrary(generator) % 2;
        let longest = if threads == 3 { 2 } else { 4 };
        Program((0..threads).map(|own| acts(generator, own, longest)).collect())
    }
}

/// Operations that fit together: what needs the mutex has it, and it is given back.
fn acts(generator: &mut Gen, own: usize, longest: usize) -> Vec<Act> {
    let mut has_lock = false;
    let mut acts = Vec::new();
    for _ in 0..=usize::arbitrary(generator) % longest {
        let with_lock = [Act::Unlock, Act::Count, Act::Wait, Act::WaitTimeout];
        let anyway = [Act::NotifyOne, Act::NotifyAll, Act::Send, Act::SendBounded];
        let received = [Act::Receive, Act::ReceiveBounded, Act::TryReceive, Act::ReceiveTimeout];
        let choices: Vec<Act> = match (has_lock, own) {
            (true, 0) => [with_lock, anyway, received].concat(),
            (true, _) => [with_lock, anyway].concat(),
            (false, 0) => [[Act::Lock; 4], anyway, received].concat(),
            (false, _) => [[Act::Lock; 4], anyway].concat(),
        };
        let act = *generator.choose(&choices).expect("there are choices");
        has_lock = (has_lock || act == Act::Lock) && act != Act::Unlock;
        acts.push(act);
    }
    acts.extend(has_lock.then_some(Act::Unlock));
    acts
}

/// What the threads share.
struct Shared {
    count: Mutex<usize>,
    condvar: Condvar,
    sender: Sender<usize>,
    bounded: SyncSender<usize>,
    noted: Vec<Real<Vec<usize>>>,
}

impl Shared {
    fn perform(&self, own: usize, acts: &[Act], receivers: Option<&(Receiver<usize>, Receiver<usize>)>) {
        let limit = Duration::from_millis(1);
        let note = |value| self.noted[own].lock().unwrap().push(value);
        let ours = || receivers.expect("the first thread alone receives");
        let mut guard: Option<MutexGuard<'_, usize>> = None;
        for act in acts {
            let mut held = || guard.take().expect("it has the mutex");
            match act {
                Act::Lock => guard = Some(self.count.lock().unwrap()),
                Act::Unlock => drop(held()),
                Act::Count => {
                    let mut count = held();
                    note(*count);
                    *count += 1;
                    guard = Some(count);
                }
                Act::Wait => {
                    guard = Some(self.condvar.wait(held()).unwrap());
                    note(NOTIFIED);
                }
                Act::WaitTimeout => {
                    let (woken, result) = self.condvar.wait_timeout(held(), limit).unwrap();
                    note(if result.timed_out() { TIMED_OUT } else { NOTIFIED });
                    guard = Some(woken);
                }
                Act::NotifyOne => self.condvar.notify_one(),
                Act::NotifyAll => self.condvar.notify_all(),
                Act::Send => self.sender.send(own).unwrap(),
                Act::SendBounded => self.bounded.send(own).unwrap(),
                Act::Receive => note(ours().0.recv().unwrap()),
                Act::ReceiveBounded => note(ours().1.recv().unwrap()),
                Act::TryReceive => note(ours().0.try_recv().unwrap_or(NOTHING)),
                Act::ReceiveTimeout => note(ours().0.recv_timeout(limit).unwrap_or(TIMED_OUT)),
            }
        }
    }
}

/// All outcomes of the program in the simulator.
fn simulate(program: &Program) -> BTreeSet<Outcome> {
    let mut kernel = Kernel::new(LIMITS);
    let mut strategy = DepthFirst::unbounded();
    let mut outcomes = BTreeSet::new();
    let noted = || program.0.iter().map(|_| Real::default()).collect();
    let last = Real::new(None);
    let execute = || {
        let ((sender, receiver), (bounded, bounded_receiver)) = (channel(), sync_channel(1));
        let shared =
            Shared { count: Mutex::new(0), condvar: Condvar::new(), sender, bounded, noted: noted() };
        let shared = std::sync::Arc::new(shared);
        *last.lock().unwrap() = Some(shared.clone());
        let mut receivers = Some((receiver, bounded_receiver));
        let threads: Vec<_> = (0..program.0.len())
            .map(|own| {
                let (shared, acts, receivers) = (shared.clone(), program.0[own].clone(), receivers.take());
                thread::spawn(move || {
                    shared.perform(own, &acts, receivers.as_ref());
                    receivers
                })
            })
            .collect();
        // The receivers stay until all have ended, so nobody is told that they are gone.
        drop(threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>());
    };
    while let Some(run) = kernel.run(&mut strategy, execute) {
        assert_eq!((kernel.fault(), run.panics, run.leaked_threads), (None, 0, 0), "{program:?}");
        let shared = last.lock().unwrap().take().expect("it was executed");
        let noted = shared.noted.iter().map(|noted| noted.lock().unwrap().clone()).collect();
        outcomes.insert((run.end == End::Finished, noted));
    }
    outcomes
}

/// What a thread of the interpreter is in the middle of.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Ready,
    /// In the queue of the condition variable.
    Waiting,
    /// Out of it, with this to note once the mutex is free.
    Woken(usize),
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    places: Vec<usize>,
    stages: Vec<Stage>,
    holder: Option<usize>,
    count: usize,
    messages: VecDeque<usize>,
    bounded: VecDeque<usize>,
    noted: Vec<Vec<usize>>,
}

/// All outcomes of the program, by trying every order.
fn enumerate(program: &Program) -> BTreeSet<Outcome> {
    let threads = program.0.len();
    let first = State {
        places: vec![0; threads],
        stages: vec![Stage::Ready; threads],
        holder: None,
        count: 0,
        messages: VecDeque::new(),
        bounded: VecDeque::new(),
        noted: vec![Vec::new(); threads],
    };
    let mut outcomes = BTreeSet::new();
    let mut seen = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(state) = open.pop() {
        let next: Vec<State> = (0..threads).flat_map(|own| steps(program, &state, own)).collect();
        if next.is_empty() {
            let has_ended = (0..threads).all(|own| state.places[own] == program.0[own].len());
            outcomes.insert((has_ended, state.noted));
        } else {
            open.extend(next.into_iter().filter(|next| seen.insert(next.clone())));
        }
    }
    outcomes
}

/// Every state that a step of one thread leads to.
fn steps(program: &Program, state: &State, own: usize) -> Vec<State> {
    let Some(act) = program.0[own].get(state.places[own]).copied() else { return Vec::new() };
    let is_free = state.holder.is_none();
    // The operation is done, and this is what it changed.
    let done = |change: &Change<'_>| {
        let mut next = state.clone();
        next.places[own] += 1;
        change(&mut next);
        vec![next]
    };
    let waits = |stage: Stage| {
        let mut next = state.clone();
        next.stages[own] = stage;
        next.holder = next.holder.filter(|holder| *holder != own);
        vec![next]
    };
    match (act, state.stages[own]) {
        (Act::Wait | Act::WaitTimeout, Stage::Ready) => waits(Stage::Waiting),
        (Act::WaitTimeout, Stage::Waiting) => waits(Stage::Woken(TIMED_OUT)),
        (_, Stage::Waiting) => Vec::new(),
        (_, Stage::Woken(_)) if !is_free => Vec::new(),
        (_, Stage::Woken(why)) => done(&|next| {
            next.stages[own] = Stage::Ready;
            next.holder = Some(own);
            next.noted[own].push(why);
        }),
        (Act::Lock, _) if !is_free => Vec::new(),
        (Act::Lock, _) => done(&|next| next.holder = Some(own)),
        (Act::Unlock, _) => done(&|next| next.holder = None),
        (Act::Count, _) => done(&|next| {
            next.noted[own].push(next.count);
            next.count += 1;
        }),
        (Act::NotifyOne, _) => notify_one(state, own, done),
        (Act::NotifyAll, _) => done(&|next| {
            let waiting = next.stages.iter_mut().filter(|stage| **stage == Stage::Waiting);
            waiting.for_each(|stage| *stage = Stage::Woken(NOTIFIED));
        }),
        (Act::Send, _) => done(&|next| next.messages.push_back(own)),
        (Act::SendBounded, _) if !state.bounded.is_empty() => Vec::new(),
        (Act::SendBounded, _) => done(&|next| next.bounded.push_back(own)),
        (Act::Receive, _) if state.messages.is_empty() => Vec::new(),
        (Act::ReceiveBounded, _) if state.bounded.is_empty() => Vec::new(),
        (Act::ReceiveBounded, _) => done(&|next| {
            let message = next.bounded.pop_front();
            next.noted[own].extend(message);
        }),
        (Act::Receive | Act::TryReceive | Act::ReceiveTimeout, _) => done(&|next| {
            let none = if act == Act::TryReceive { NOTHING } else { TIMED_OUT };
            let message = next.messages.pop_front().unwrap_or(none);
            next.noted[own].push(message);
        }),
    }
}

/// What an operation does beside being done.
type Change<'a> = dyn Fn(&mut State) + 'a;

/// Any of those who wait may be the one.
fn notify_one(state: &State, own: usize, done: impl Fn(&Change<'_>) -> Vec<State>) -> Vec<State> {
    let waiting: Vec<usize> =
        (0..state.stages.len()).filter(|other| state.stages[*other] == Stage::Waiting).collect();
    if waiting.is_empty() {
        return done(&|_| ());
    }
    debug_assert!(!waiting.contains(&own), "it makes a step, so it does not wait");
    let wake = |other: usize| done(&|next: &mut State| next.stages[other] = Stage::Woken(NOTIFIED));
    waiting.into_iter().flat_map(wake).collect()
}

fn compare(program: &Program) {
    let (simulated, expected) = (simulate(program), enumerate(program));
    let missed: Vec<_> = expected.difference(&simulated).collect();
    let invented: Vec<_> = simulated.difference(&expected).collect();
    assert!(
        missed.is_empty() && invented.is_empty(),
        "{program:?}: missed {missed:?}, invented {invented:?}"
    );
}

#[test]
fn chosen_programs_come_to_the_outcomes_that_they_can_come_to() {
    use Act::*;
    let programs = [
        // A notification may come too early; of two waiters either is woken; a limit may win or lose.
        vec![vec![Lock, Wait, Unlock], vec![Lock, NotifyOne, Unlock]],
        vec![vec![Lock, Wait, Count, Unlock], vec![Lock, Wait, Count, Unlock], vec![NotifyOne]],
        vec![vec![Lock, WaitTimeout, Unlock], vec![Lock, Count, NotifyAll, Unlock]],
        vec![vec![Lock, WaitTimeout, Count, Unlock], vec![Lock, WaitTimeout, Count, Unlock]],
        // Who is first in a channel, and who finds it full.
        vec![vec![Receive, Receive], vec![Send], vec![Send]],
        vec![vec![ReceiveBounded, ReceiveBounded], vec![SendBounded, Send], vec![SendBounded]],
        vec![vec![ReceiveTimeout, TryReceive], vec![Send, Send]],
        // A receiver that keeps the lock that its sender needs.
        vec![vec![Lock, Receive, Unlock], vec![Lock, Send, Unlock]],
    ];
    for program in programs {
        compare(&Program(program));
    }
}

#[test]
fn arbitrary_programs_come_to_the_outcomes_that_they_can_come_to() {
    fn compares(program: Program) -> bool {
        compare(&program);
        true
    }
    QuickCheck::new()
        .rng(Gen::from_size_and_seed(20, 1))
        .tests(12)
        .quickcheck(compares as fn(Program) -> bool);
}
