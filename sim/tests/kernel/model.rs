//! Little programs, run twice: by the simulator, and by an interpreter that simply tries every order.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, OnceLock};

use quickcheck::{Arbitrary, Gen};
use raddle::platform::{Atomic, AtomicInt, Join, Mutex as _, Threads, Unpark};
use raddle_sim::kernel::{End, Kernel, Run, point};
use raddle_sim::platform::{Sim, SimMutexGuard, SimThread};
use raddle_sim::strategy::DepthFirst;

use crate::{Count, Lock, spawn};

pub(crate) const VARIABLES: usize = 2;
pub(crate) const MUTEXES: usize = 2;

/// One operation of a little program. `Load`, `Add` and `TryLock` note what they found.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Load(usize),
    Store(usize, usize),
    Add(usize),
    Lock(usize),
    TryLock(usize),
    Unlock(usize),
    Park,
    /// Unparks the thread at this place of the program: this thread or one before it, which are known to have started.
    Unpark(usize),
}

/// What each thread but `main` does; `main` starts them all in order and joins them in order.
#[derive(Clone, Debug)]
pub(crate) struct Program(pub(crate) Vec<Vec<Act>>);

/// What can be told of an execution from outside: whether it came to its end, the values noted by each thread, and the final
/// values of the variables.
pub(crate) type Outcome = (bool, Vec<Vec<usize>>, Vec<usize>);

impl Arbitrary for Program {
    fn arbitrary(generator: &mut Gen) -> Self {
        let threads = 1 + usize::arbitrary(generator) % 3;
        let longest = if threads == 3 { 2 } else { 4 };
        let thread = |generator: &mut Gen, own: usize| {
            let length = usize::arbitrary(generator) % (longest + 1);
            let mut held = Vec::new();
            let mut acts: Vec<Act> = (0..length).map(|_| act(generator, own, &mut held)).collect();
            acts.extend(held.into_iter().map(Act::Unlock));
            acts
        };
        Program((0..threads).map(|own| thread(generator, own)).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let without_one_thread = (0..self.0.len()).map(|thread| {
            let mut fewer = self.0.clone();
            fewer.remove(thread);
            fewer
        });
        let without_one_act = (0..self.0.len()).flat_map(|thread| {
            (0..self.0[thread].len()).map(move |act| {
                let mut fewer = self.0.clone();
                fewer[thread].remove(act);
                fewer
            })
        });
        let fewer: Vec<Program> = without_one_thread.chain(without_one_act).map(Program).collect();
        Box::new(fewer.into_iter().filter(Program::is_valid))
    }
}

impl Program {
    fn is_valid(&self) -> bool {
        let threads = self.0.len();
        let is_too_early = |own: usize, act: &Act| matches!(act, Act::Unpark(other) if *other > own);
        let too_early = |own: usize| self.0[own].iter().any(|act| is_too_early(own, act));
        threads > 0 && !(0..threads).any(too_early)
    }
}

/// An operation that fits: only what is held is unlocked, and what is taken is not taken again by `TryLock`.
fn act(generator: &mut Gen, own: usize, held: &mut Vec<usize>) -> Act {
    let variable = usize::arbitrary(generator) % VARIABLES;
    let mutex = usize::arbitrary(generator) % MUTEXES;
    match usize::arbitrary(generator) % 8 {
        0 | 1 => Act::Load(variable),
        2 | 3 => Act::Store(variable, 1 + usize::arbitrary(generator) % 2),
        4 => Act::Add(variable),
        5 | 6 => match held.iter().position(|&other| other == mutex) {
            Some(place) => Act::Unlock(held.remove(place)),
            None => {
                held.push(mutex);
                if bool::arbitrary(generator) { Act::Lock(mutex) } else { Act::TryLock(mutex) }
            }
        },
        _ if usize::arbitrary(generator) % 2 == 0 => Act::Park,
        _ => Act::Unpark(usize::arbitrary(generator) % (own + 1)),
    }
}

/// What the threads of one execution of a program share.
pub(crate) struct Shared {
    variables: [Count; VARIABLES],
    mutexes: [Lock<()>; MUTEXES],
    threads: Vec<OnceLock<SimThread>>,
    noted: Vec<Mutex<Vec<usize>>>,
}

/// Runs the program inside of an execution.
pub(crate) fn simulate(program: &Program, shared: &Arc<Shared>) {
    let start = |number: usize| {
        let (acts, theirs) = (program.0[number].clone(), shared.clone());
        let handle = spawn(move || theirs.perform(number, &acts));
        shared.threads[number].set(handle.thread().clone()).expect("a thread starts once");
        handle
    };
    let handles: Vec<_> = (0..program.0.len()).map(start).collect();
    for handle in handles {
        handle.join().expect("little programs do not panic");
    }
}

impl Shared {
    pub(crate) fn of(program: &Program) -> Arc<Self> {
        Arc::new(Shared {
            variables: [const { Count::new(0) }; VARIABLES],
            mutexes: [const { Lock::new(()) }; MUTEXES],
            threads: program.0.iter().map(|_| OnceLock::new()).collect(),
            noted: program.0.iter().map(|_| Mutex::default()).collect(),
        })
    }

    /// What came of the execution.
    fn outcome(&self, run: &Run) -> Outcome {
        let noted = self.noted.iter().map(|noted| noted.lock().unwrap().clone()).collect();
        // Outside of an execution: these loads are no steps.
        let values = self.variables.iter().map(|variable| variable.load(SeqCst)).collect();
        (run.end == End::Finished, noted, values)
    }

    fn perform(&self, number: usize, acts: &[Act]) {
        let mut guards: [Option<SimMutexGuard<'_, ()>>; MUTEXES] = [const { None }; MUTEXES];
        let note = |value| self.noted[number].lock().unwrap().push(value);
        for &act in acts {
            match act {
                Act::Load(variable) => note(self.variables[variable].load(SeqCst)),
                Act::Store(variable, value) => self.variables[variable].store(value, SeqCst),
                Act::Add(variable) => note(self.variables[variable].fetch_add(1, SeqCst)),
                Act::Lock(mutex) => guards[mutex] = Some(self.mutexes[mutex].lock()),
                Act::TryLock(mutex) => {
                    guards[mutex] = self.mutexes[mutex].try_lock();
                    note(usize::from(guards[mutex].is_some()));
                }
                Act::Unlock(mutex) if guards[mutex].is_some() => guards[mutex] = None,
                // `TryLock` had failed.
                Act::Unlock(_) => point(),
                Act::Park => Sim::park(),
                Act::Unpark(other) => self.threads[other].get().expect("it has started").unpark(),
            }
        }
    }
}

/// How often each outcome comes up.
pub(crate) type Outcomes = BTreeMap<Outcome, u64>;

/// All executions of `program` under `kernel`, by `strategy`.
pub(crate) fn search(kernel: &mut Kernel, strategy: &mut DepthFirst, program: &Program) -> Outcomes {
    let mut outcomes = Outcomes::new();
    loop {
        let shared = Shared::of(program);
        let Some(run) = kernel.run(strategy, || simulate(program, &shared)) else { return outcomes };
        assert_eq!(kernel.fault(), None, "{program:?}");
        assert_eq!(run.leaked_threads, 0, "{program:?}");
        *outcomes.entry(shared.outcome(&run)).or_default() += 1;
    }
}

/// All executions of `program` with at most `bound` preemptions, by trying every order. `None`: there are more than `limit`.
pub(crate) fn enumerate(program: &Program, bound: Option<u64>, limit: u64) -> Option<Outcomes> {
    let threads = program.0.len();
    let mut scripts = vec![main_script(threads)];
    scripts.extend(program.0.iter().map(|acts| {
        let body = acts.iter().map(|&act| Step::Act(act));
        std::iter::once(Step::Start).chain(body).chain([Step::Exit]).collect::<Vec<_>>()
    }));
    let state = State {
        places: vec![0; threads + 1],
        born: (0..=threads).map(|thread| thread == 0).collect(),
        values: [0; VARIABLES],
        holders: [None; MUTEXES],
        tokens: vec![false; threads + 1],
        noted: vec![Vec::new(); threads],
    };
    let mut search = Search { scripts, bound, limit, executions: 0, outcomes: Outcomes::new() };
    search.explore(&state, 0, 0).then_some(search.outcomes)
}

fn main_script(threads: usize) -> Vec<Step> {
    let spawns = (1..=threads).map(Step::Spawn);
    let joins = (1..=threads).map(Step::Join);
    std::iter::once(Step::Start).chain(spawns).chain(joins).chain([Step::Exit]).collect()
}

#[derive(Copy, Clone, Debug)]
enum Step {
    Start,
    Act(Act),
    Spawn(usize),
    Join(usize),
    Exit,
}

#[derive(Clone)]
struct State {
    places: Vec<usize>,
    born: Vec<bool>,
    values: [usize; VARIABLES],
    holders: [Option<usize>; MUTEXES],
    tokens: Vec<bool>,
    noted: Vec<Vec<usize>>,
}

struct Search {
    scripts: Vec<Vec<Step>>,
    bound: Option<u64>,
    limit: u64,
    executions: u64,
    outcomes: Outcomes,
}

impl Search {
    /// Tries every order from `state` on; false if there are too many.
    fn explore(&mut self, state: &State, current: usize, preemptions: u64) -> bool {
        let enabled: Vec<usize> =
            (0..self.scripts.len()).filter(|&thread| self.can_go_on(state, thread)).collect();
        if enabled.is_empty() {
            let finished = (0..self.scripts.len()).all(|thread| self.has_ended(state, thread));
            let outcome = (finished, state.noted.clone(), state.values.to_vec());
            *self.outcomes.entry(outcome).or_default() += 1;
            self.executions += 1;
            return self.executions <= self.limit;
        }
        let current_can = enabled.contains(&current);
        enabled.into_iter().all(|thread| {
            let preemptions = preemptions + u64::from(current_can && thread != current);
            if self.bound.is_some_and(|bound| preemptions > bound) {
                return true;
            }
            let next = self.after(state, thread);
            self.explore(&next, thread, preemptions)
        })
    }

    fn has_ended(&self, state: &State, thread: usize) -> bool {
        state.places[thread] == self.scripts[thread].len()
    }

    fn can_go_on(&self, state: &State, thread: usize) -> bool {
        let Some(step) = self.scripts[thread].get(state.places[thread]) else { return false };
        state.born[thread]
            && match *step {
                Step::Join(other) => self.has_ended(state, other),
                Step::Act(Act::Lock(mutex)) => state.holders[mutex].is_none(),
                Step::Act(Act::Park) => state.tokens[thread],
                _ => true,
            }
    }

    fn after(&self, state: &State, thread: usize) -> State {
        let mut next = state.clone();
        let step = self.scripts[thread][state.places[thread]];
        next.places[thread] += 1;
        let mut note = |value| next.noted[thread - 1].push(value);
        match step {
            Step::Spawn(other) => next.born[other] = true,
            Step::Act(Act::Load(variable)) => note(next.values[variable]),
            Step::Act(Act::Store(variable, value)) => next.values[variable] = value,
            Step::Act(Act::Add(variable)) => {
                note(next.values[variable]);
                next.values[variable] += 1;
            }
            Step::Act(Act::Lock(mutex)) => next.holders[mutex] = Some(thread),
            Step::Act(Act::TryLock(mutex)) => {
                note(usize::from(next.holders[mutex].is_none()));
                next.holders[mutex].get_or_insert(thread);
            }
            Step::Act(Act::Unlock(mutex)) => {
                next.holders[mutex].take_if(|holder| *holder == thread);
            }
            Step::Act(Act::Park) => next.tokens[thread] = false,
            Step::Act(Act::Unpark(other)) => next.tokens[other + 1] = true,
            Step::Start | Step::Join(_) | Step::Exit => {}
        }
        next
    }
}
