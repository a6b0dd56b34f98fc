//! What the manager of a scenario has: a pool under observation.
//!
//! Every method calls the pool once and writes down the call and its return. A scenario needs to look at results only where its
//! next step depends on them: judging them is the monitor's work.

use std::fmt;

use raddle::DownMsg;
use raddle::platform::{Join, Memory, Payload, Threads};
use raddle_spec::pool::{BurstId, Kind, Op, Ret, StopId, ValueId, WorkerId};

use super::World;
use super::handles::{Burst, Line, Next, Stop};
use super::items::Value;
use super::observe::{delivered, observe, planned, sent_down, written};
use super::subject::Subject;
use super::worker::{Job, Many, Worker};
use crate::choice;
use crate::kernel;

/// The threads that a subject stands on.
pub(super) type On<S> = <S as Subject>::Platform;

/// What a scenario says to workers; a note of its own for each `Other`.
pub type Say = DownMsg<()>;

/// A pool under observation, in the hands of its manager.
pub struct Scene<S: Subject> {
    world: World,
    capacity: u32,
    /// None once it was dropped.
    pool: Option<S>,
    /// The workers of the current generation, in the order of `execute`.
    workers: Vec<WorkerId>,
}

/// A thread of a scenario that is no worker.
pub struct Strand<S: Subject> {
    handle: <On<S> as Threads>::JoinHandle<()>,
}

impl<S: Subject> fmt::Debug for Scene<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scene").field("world", &self.world).finish_non_exhaustive()
    }
}

impl<S: Subject> fmt::Debug for Strand<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}

impl<S: Subject> Scene<S> {
    /// Puts `pool` under observation of `world`, with the current thread as its manager.
    #[must_use]
    pub fn new(world: World, capacity: u32, pool: S) -> Self {
        let main = world.name_actor("main");
        world.act_as(main);
        Scene { world, capacity, pool: Some(pool), workers: Vec::new() }
    }

    /// How many values the pool holds before `send` waits.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Chooses a number below `options`; 0 is the dullest.
    #[must_use]
    pub fn choose(&self, options: u32) -> u32 {
        self.ask(choice::Kind::Scenario, options)
    }

    /// The same for a choice of another kind: a fault.
    #[must_use]
    pub fn ask(&self, kind: choice::Kind, options: u32) -> u32 {
        self.world.choose(kind, options)
    }

    /// Starts a thread of the scenario: not a worker.
    ///
    /// # Panics
    ///
    /// If the platform cannot start a thread.
    pub fn spawn(&self, name: &str, body: impl FnOnce() + Send + 'static) -> Strand<S> {
        let actor = self.world.name_actor(name);
        let world = self.world.clone();
        let act = move || {
            world.act_as(actor);
            body();
        };
        let started = kernel::spared(|| On::<S>::spawn(name, act));
        Strand { handle: started.expect("the platform starts a thread") }
    }

    /// Calls `execute`. Its thread starts: no fault befalls it.
    pub fn execute(&mut self, body: impl FnOnce(Worker<S>) + Send + 'static) -> WorkerId {
        let job = Job::new(&self.world, body);
        let worker = job.worker();
        let Scene { world, pool, workers, .. } = self;
        let call = || kernel::spared(|| pool_of(pool).execute(job.work()));
        has_started::<S>((start::<S>(world, Op::Execute { worker }, call), false));
        workers.push(worker);
        worker
    }

    /// Calls `execute`, whose thread may fail to start: then the call panics. Tells whether it started.
    ///
    /// # Panics
    ///
    /// If the call panics for no reason, where that is known.
    pub fn execute_or_panic(&mut self, body: impl FnOnce(Worker<S>) + Send + 'static) -> bool {
        let job = Job::new(&self.world, body);
        let worker = job.worker();
        let Scene { world, pool, workers, .. } = self;
        let call = || pool_of(pool).execute(job.work());
        let has_started = has_started::<S>(world.expose(|| start::<S>(world, Op::Execute { worker }, call)));
        workers.extend(has_started.then_some(worker));
        has_started
    }

    /// Calls `try_execute`, whose thread may fail to start: then the closure comes back. Tells whether it started.
    ///
    /// # Panics
    ///
    /// If the closure comes back for no reason, where that is known.
    pub fn try_execute(&mut self, body: impl FnOnce(Worker<S>) + Send + 'static) -> bool {
        let job = Job::new(&self.world, body);
        let (worker, closure) = (job.worker(), job.closure());
        let Scene { world, pool, workers, .. } = self;
        let call = || world.expose(|| pool_of(pool).try_execute(job.work()));
        let started = |(result, may_have_failed): (Result<(), _>, bool)| match result {
            Ok(()) => (Ret::Done, true),
            Err(_closure) => {
                assert!(
                    may_have_failed,
                    "`try_execute` gives its closure back though every thread was created"
                );
                closure.settle();
                (Ret::Failed, false)
            }
        };
        let has_started =
            observe::<On<S>, _, _>(world, Op::TryExecute { worker }, call, started) == Some(true);
        workers.extend(has_started.then_some(worker));
        has_started
    }

    /// Calls `execute_many`. All threads start.
    pub fn execute_many(&mut self, count: u32, body: impl FnOnce(Worker<S>) + Clone + Send + 'static) {
        let (ids, many) = self.jobs(count, body);
        let op = many_of(&ids);
        let Scene { world, pool, workers, .. } = self;
        let call = || kernel::spared(|| pool_of(pool).execute_many(ids.len(), many.work()));
        has_started::<S>((start::<S>(world, op, call), false));
        workers.extend(ids);
    }

    /// Calls `execute_many`, of whose threads one may fail to start: then the call panics, and those before it run. Tells whether all
    /// started.
    ///
    /// # Panics
    ///
    /// If the call panics for no reason, where that is known.
    pub fn execute_many_or_panic(
        &mut self,
        count: u32,
        body: impl FnOnce(Worker<S>) + Clone + Send + 'static,
    ) -> bool {
        let (ids, many) = self.jobs(count, body);
        let Scene { world, pool, workers, .. } = self;
        let pool = pool_of(pool);
        let call = || pool.execute_many(ids.len(), many.work());
        let have_started = has_started::<S>(world.expose(|| start::<S>(world, many_of(&ids), call)));
        let before = workers.len();
        let is_there = |index: usize| have_started || pool.get(before + index).is_some();
        workers.extend((0..).zip(ids).take_while(|(index, _)| is_there(*index)).map(|(_, id)| id));
        have_started
    }

    /// Work for so many workers, and their numbers.
    fn jobs<F: Clone>(&self, count: u32, body: F) -> (Vec<WorkerId>, Many<F>) {
        let jobs: Vec<_> = (0..count).map(|_| Job::new(&self.world, body.clone())).collect();
        (jobs.iter().map(Job::worker).collect(), Many::new(jobs))
    }

    /// Calls `recv`.
    pub fn recv(&mut self) -> Next {
        let Scene { world, pool, .. } = self;
        observe::<On<S>, _, _>(
            world,
            Op::Recv,
            || pool_of(pool).recv(),
            |result| match result {
                Ok(value) => delivered(Some(value)),
                Err(_) => (Ret::Disconnected, Next::End),
            },
        )
        .unwrap_or(Next::Panicked)
    }

    /// Calls `recv_burst`.
    pub fn burst(&mut self) -> Burst<'_, S> {
        let id = BurstId(self.world.number("burst"));
        let Scene { world, pool, .. } = self;
        let pool = pool_of(pool);
        let op = Op::Burst { burst: id };
        let values =
            observe::<On<S>, _, _>(world, op, move || pool.recv_burst(), |values| (Ret::Done, values));
        let values = values.expect("no panic is planned here");
        Burst { world: world.clone(), id, values }
    }

    /// Calls `stop`.
    pub fn stop(&mut self) -> Stop<S> {
        let id = StopId(self.world.number("stop"));
        let Scene { world, pool, workers, .. } = self;
        workers.clear();
        let call = || pool_of(pool).stop();
        let values = observe::<On<S>, _, _>(world, Op::Stop { stop: id }, call, |values| (Ret::Done, values));
        Stop { world: world.clone(), id, values }
    }

    /// Calls `stop_and_join`. `None` if a worker's panic left it.
    pub fn stop_and_join(&mut self) -> Option<Vec<ValueId>> {
        let Scene { world, pool, workers, .. } = self;
        workers.clear();
        observe::<On<S>, _, _>(
            world,
            Op::StopAndJoin,
            || pool_of(pool).stop_and_join(),
            |values| {
                let values: Vec<ValueId> = values.into_iter().map(Value::take_back).collect();
                (Ret::Values(values.clone()), values)
            },
        )
    }

    /// Calls `try_stop_and_join`; gives the values, and which workers panicked.
    pub fn try_stop_and_join(&mut self) -> (Vec<ValueId>, Vec<WorkerId>) {
        let Scene { world, pool, workers, .. } = self;
        workers.clear();
        let call = || pool_of(pool).try_stop_and_join();
        let joined = observe::<On<S>, _, _>(world, Op::TryStopAndJoin, call, |(values, panics)| {
            let values: Vec<ValueId> = values.into_iter().map(Value::take_back).collect();
            let panics: Vec<WorkerId> = panics.into_iter().map(planned).collect();
            (Ret::Joined { values: values.clone(), panics: panics.clone() }, (values, panics))
        });
        joined.unwrap_or_default()
    }

    /// Calls `broadcast`.
    pub fn broadcast(&mut self, say: Say) {
        let Scene { world, pool, .. } = self;
        let (down, message) = written(world, say);
        let call = || pool_of(pool).broadcast(message);
        observe::<On<S>, _, _>(world, Op::Broadcast { message: down }, call, |()| (Ret::Done, ()));
    }

    /// Calls `broadcast_one`; tells whether somebody has the message.
    pub fn broadcast_one(&mut self, say: Say) -> bool {
        let Scene { world, pool, .. } = self;
        let (down, message) = written(world, say);
        let call = || pool_of(pool).broadcast_one(message);
        observe::<On<S>, _, _>(world, Op::BroadcastOne { message: down }, call, sent_down).unwrap_or(false)
    }

    /// Calls `get`, and keeps the way down to that worker.
    pub fn get(&mut self, index: u32) -> Option<Line<S>> {
        let Scene { world, pool, workers, .. } = self;
        let call = || pool_of(pool).get(index as usize);
        let worker = workers.get(index as usize).copied();
        let got = |inner: Option<S::Down>| match (inner, worker) {
            (Some(inner), Some(worker)) => (Ret::SenderTo(worker), Some((worker, inner))),
            // That of a worker of another generation.
            (Some(_), None) => (Ret::SenderTo(WorkerId(u32::MAX)), None),
            (None, _) => (Ret::Nobody, None),
        };
        let (worker, inner) = observe::<On<S>, _, _>(world, Op::Get { index }, call, got).flatten()?;
        Some(Line { world: world.clone(), worker, inner: Some(inner) })
    }

    /// How many workers `get` shows.
    pub fn count(&mut self) -> usize {
        let Scene { world, pool, .. } = self;
        let pool = pool_of(pool);
        let call = || (0..).take_while(|index| pool.get(*index).is_some()).count();
        let counted = |count| (Ret::Count(u32::try_from(count).expect("a few workers")), count);
        observe::<On<S>, _, _>(world, Op::Count, call, counted).unwrap_or(0)
    }

    /// Drops the pool.
    pub fn drop_pool(&mut self) {
        if let Some(pool) = self.pool.take() {
            observe::<On<S>, _, _>(&self.world, Op::DropPool, || drop(pool), |()| (Ret::Done, ()));
        }
    }
}

/// Whoever leaves a scenario drops the pool, as everybody who has one.
impl<S: Subject> Drop for Scene<S> {
    fn drop(&mut self) {
        self.drop_pool();
    }
}

/// Makes a call that starts workers, and panics if it cannot.
fn start<S: Subject>(world: &World, op: Op, call: impl FnOnce()) -> Result<(), Payload> {
    world.record(Kind::Call(op));
    let result = On::<S>::catch_unwind(call);
    world.record(Kind::Return(if result.is_ok() { Ret::Done } else { Ret::Failed }));
    result
}

/// Whether a call that panics for want of a thread has created all; a panic for no such reason goes on.
fn has_started<S: Subject>((result, may_have_failed): (Result<(), Payload>, bool)) -> bool {
    match result {
        Ok(()) => true,
        Err(_for_want_of_a_thread) if may_have_failed => false,
        Err(unfounded) => On::<S>::resume_unwind(unfounded),
    }
}

/// `execute_many` of these workers. Without any there is no number of a first one, and nothing to see.
fn many_of(workers: &[WorkerId]) -> Op {
    let first = workers.first().copied().unwrap_or(WorkerId(0));
    Op::ExecuteMany { first, count: workers.len() as u32 }
}

fn pool_of<S>(pool: &mut Option<S>) -> &mut S {
    pool.as_mut().expect("a scenario drops its pool last")
}

impl<S: Subject> Strand<S> {
    /// Waits for the end of the thread, and passes its panic on.
    ///
    /// # Panics
    ///
    /// If the thread panicked.
    pub fn join(self) {
        if let Err(payload) = self.handle.join() {
            On::<S>::resume_unwind(payload);
        }
    }
}
