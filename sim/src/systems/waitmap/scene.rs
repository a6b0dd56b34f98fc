//! What a scenario is written with: a map under observation, and the waits on it.
//!
//! Every method calls the map once and writes down the call and its return. A scenario needs to look at results only
//! where its next step depends on them: judging them is the monitor's work.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use raddle::platform::{Join, Memory, Payload, Threads};
use raddle::{WaitError, WakeOutcome};
use raddle_spec::waitmap::{self as spec, Cb, Kind, Op, Reply, Ret, TaskId, ValueId, WaitId};

use crate::choice;
use crate::kernel;

use super::World;
use super::items::{Hook, Key, Value};
use super::subject::{LoopingWait, OwnedWait, Subject};
use super::task::{PlannedPanic, Task};

/// The threads that a subject stands on.
type On<S> = <S as Subject>::Platform;

/// A map under observation. Clones share the map.
pub struct Scene<S: Subject> {
    world: World,
    map: Arc<S>,
}

/// A future of the map under observation. Dropping it cancels the wait.
pub struct Waiting<'a, S: Subject> {
    world: World,
    id: WaitId,
    /// None only while the drop runs.
    future: Option<Form<'a, S>>,
    /// Set once a looping wait has ended: such a future must not be polled again, and the spec says so.
    is_over: bool,
}

enum Form<'a, S: Subject + 'a> {
    Once(Pin<Box<S::Wait<'a>>>),
    Owned(OwnedWait),
    Looping(LoopingWait<'a>),
}

/// How a poll left a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on.
    Pending,
    /// It has ended.
    Ready(Result<(), WaitError>),
}

/// Whether a task gives up a wait that is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It waits until the wait ends.
    Endless,
    /// At each point where it is pending it may be cancelled: a choice.
    Cancellable,
}

/// What became of a wakeup, without the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// A wait has the value.
    Woke,
    /// Nobody waits for the key.
    NoMatch,
    /// The map is closed.
    Closed,
}

/// A thread of a scenario.
pub struct Strand<S: Subject> {
    handle: <On<S> as Threads>::JoinHandle<()>,
}

impl<S: Subject> Clone for Scene<S> {
    fn clone(&self) -> Self {
        Scene { world: self.world.clone(), map: Arc::clone(&self.map) }
    }
}

impl<S: Subject> fmt::Debug for Scene<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scene").field("world", &self.world).finish_non_exhaustive()
    }
}

impl<S: Subject> fmt::Debug for Waiting<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting({})", self.id.0)
    }
}

impl<S: Subject> fmt::Debug for Strand<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}

impl<S: Subject> Scene<S> {
    /// Puts `map` under observation of `world`, with the current thread as its first actor.
    #[must_use]
    pub fn new(world: World, map: S) -> Self {
        let main = world.name_actor("main");
        world.act_as(main);
        Scene { world, map: Arc::new(map) }
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

    /// Starts a thread that acts in this scene, with a handle of its own.
    ///
    /// # Panics
    ///
    /// If the platform cannot start a thread.
    pub fn spawn(&self, name: &str, body: impl FnOnce(Scene<S>) + Send + 'static) -> Strand<S> {
        let actor = self.world.name_actor(name);
        let scene = self.clone();
        let act = move || {
            scene.world.act_as(actor);
            body(scene);
        };
        // The map is not what starts this thread.
        let started = kernel::spared(|| On::<S>::spawn(name, act));
        Strand { handle: started.expect("the platform starts a thread") }
    }

    /// Calls `wake` with a new value.
    pub fn wake(&self, key: u32) -> Option<Wakeup> {
        self.wake_with(key, None)
    }

    /// Calls `wake` with a new value that runs `on_drop` if it is dropped while the map owns it. None if a waker panicked.
    pub fn wake_with(&self, key: u32, on_drop: Option<Hook>) -> Option<Wakeup> {
        let value_id = ValueId(self.world.number("value"));
        let value = Value::new(&self.world, value_id, on_drop);
        let key = spec::Key(key);
        let body = || self.map.wake(&Key::lookup(key), value);
        observe::<On<S>, _, _>(
            &self.world,
            Op::Wake { key, value: value_id },
            body,
            |outcome| match outcome {
                WakeOutcome::Woke => (Ret::Woke, Wakeup::Woke),
                WakeOutcome::NoMatch(value) => (Ret::NoMatch(value.take_back()), Wakeup::NoMatch),
                WakeOutcome::Closed(value) => (Ret::Closed(value.take_back()), Wakeup::Closed),
            },
        )
    }

    /// Calls `close`.
    pub fn close(&self) {
        observe::<On<S>, _, _>(&self.world, Op::Close, || self.map.close(), |()| (Ret::Done, ()));
    }

    /// Calls `is_closed`.
    pub fn is_closed(&self) -> bool {
        let answer = |closed| (Ret::IsClosed(closed), closed);
        observe::<On<S>, _, _>(&self.world, Op::IsClosed, || self.map.is_closed(), answer).unwrap_or(false)
    }

    /// Calls `wait`.
    pub fn wait(&self, key: u32) -> Waiting<'_, S> {
        self.wait_with(key, None)
    }

    /// Calls `wait` with a key that runs `on_drop` when it is dropped.
    pub fn wait_with(&self, key: u32, on_drop: Option<Hook>) -> Waiting<'_, S> {
        self.begin(key, on_drop, Plan::Once, |key| Form::Once(Box::pin(self.map.wait(key))))
    }

    /// Calls `wait_owned`.
    pub fn wait_owned(&self, key: u32) -> Waiting<'static, S> {
        self.begin(key, None, Plan::Once, |key| Form::Owned(self.map.wait_owned(key)))
    }

    /// Calls `wait_for`. The test is user code: it is written down when it is entered and left.
    pub fn wait_for<'a>(&'a self, key: u32, test: impl FnMut() -> bool + Send + 'a) -> Waiting<'a, S> {
        self.begin_looping(key, test, |key, test| self.map.wait_for(key, test))
    }

    /// Calls `wait_for_value` in the same way.
    pub fn wait_for_value<'a>(&'a self, key: u32, test: impl FnMut() -> bool + Send + 'a) -> Waiting<'a, S> {
        self.begin_looping(key, test, |key, test| self.map.wait_for_value(key, test))
    }

    /// A new task of the current thread.
    #[must_use]
    pub fn task(&self) -> Task<On<S>> {
        Task::new(&self.world, TaskId(self.world.number("task")))
    }

    fn begin_looping<'a>(
        &'a self,
        key: u32,
        mut test: impl FnMut() -> bool + Send + 'a,
        call: impl FnOnce(Key, super::subject::Test<'a>) -> LoopingWait<'a>,
    ) -> Waiting<'a, S> {
        let world = self.world.clone();
        self.begin_with(key, None, Plan::Looping, move |id, key| {
            let observed = move || {
                world.record(Kind::Enter(Cb::Test { wait: id }));
                let holds = test();
                world.record(Kind::Leave(Reply::Holds(holds)));
                holds
            };
            Form::Looping(call(key, Box::new(observed)))
        })
    }

    fn begin<'a>(
        &self,
        key: u32,
        on_drop: Option<Hook>,
        plan: Plan,
        call: impl FnOnce(Key) -> Form<'a, S>,
    ) -> Waiting<'a, S> {
        self.begin_with(key, on_drop, plan, |_, key| call(key))
    }

    fn begin_with<'a>(
        &self,
        key: u32,
        on_drop: Option<Hook>,
        plan: Plan,
        call: impl FnOnce(WaitId, Key) -> Form<'a, S>,
    ) -> Waiting<'a, S> {
        let wait = WaitId(self.world.number("wait"));
        let key = spec::Key(key);
        let owned = Key::owned(&self.world, wait, key, on_drop);
        let op = match plan {
            Plan::Once => Op::Wait { wait, key },
            Plan::Looping => Op::WaitFor { wait, key },
        };
        let future =
            observe::<On<S>, _, _>(&self.world, op, || call(wait, owned), |future| (Ret::Done, future));
        Waiting { world: self.world.clone(), id: wait, future, is_over: false }
    }
}

/// Which kind of wait is begun.
enum Plan {
    Once,
    Looping,
}

impl<S: Subject> Waiting<'_, S> {
    /// Polls once, with a waker of `task`. Does not poll a looping wait that has ended: no user may.
    pub fn poll(&mut self, task: &Task<On<S>>) -> Progress {
        let over = Progress::Ready(Err(WaitError::AlreadyConsumed));
        let Some(future) = self.future.as_mut().filter(|_| !self.is_over) else { return over };
        let is_looping = matches!(future, Form::Looping(_));
        let mut body = |waker: &Waker| {
            let mut context = Context::from_waker(waker);
            match future {
                Form::Once(future) => future.as_mut().poll(&mut context).map(Polled::Value),
                Form::Owned(future) => future.as_mut().poll(&mut context).map(Polled::Value),
                Form::Looping(future) => future.as_mut().poll(&mut context).map(Polled::Met),
            }
        };
        let op = Op::Poll { wait: self.id, task: task.id() };
        let returned = |polled| match polled {
            Poll::Pending => (Ret::Pending, Progress::Pending),
            Poll::Ready(Polled::Value(result)) => {
                let result = result.map(Value::take_back);
                let progress = Progress::Ready(result.map(drop));
                (Ret::Ready(result.map_err(spec_error)), progress)
            }
            Poll::Ready(Polled::Met(result)) => {
                (Ret::Met(result.map_err(spec_error)), Progress::Ready(result))
            }
        };
        let progress = task
            .with_waker(|waker| observe::<On<S>, _, _>(&self.world, op, || body(waker), returned))
            .unwrap_or(over);
        self.is_over = is_looping && progress != Progress::Pending;
        progress
    }

    /// Polls what `subscribe` gives once, with a waker of `task`. `None` if this kind of wait cannot subscribe, or if it
    /// is pending, which the spec does not allow.
    pub fn subscribe(&mut self, task: &Task<On<S>>) -> Option<Result<(), WaitError>> {
        let Some(Form::Once(future)) = &mut self.future else { return None };
        let mut body = |waker: &Waker| S::poll_subscribe(future.as_mut(), &mut Context::from_waker(waker));
        let op = Op::Subscribe { wait: self.id, task: task.id() };
        let returned = |polled: Poll<Result<(), WaitError>>| match polled {
            Poll::Pending => (Ret::Pending, None),
            Poll::Ready(result) => (Ret::Subscribed(result.map_err(spec_error)), Some(result)),
        };
        task.with_waker(|waker| observe::<On<S>, _, _>(&self.world, op, || body(waker), returned)).flatten()
    }

    /// Polls until the wait ends, sleeping in between. `None` if it was cancelled.
    pub fn finish(mut self, task: &Task<On<S>>, patience: Patience) -> Option<Result<(), WaitError>> {
        loop {
            match self.poll(task) {
                Progress::Ready(result) => return Some(result),
                Progress::Pending
                    if patience == Patience::Cancellable
                        && self.world.choose(choice::Kind::Cancel, 2) == 1 =>
                {
                    return None;
                }
                Progress::Pending => task.sleep(),
            }
        }
    }
}

/// The result of a poll that is ready.
enum Polled {
    Value(Result<Value, WaitError>),
    Met(Result<(), WaitError>),
}

impl<S: Subject> Drop for Waiting<'_, S> {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            let op = Op::Drop { wait: self.id };
            observe::<On<S>, _, _>(&self.world, op, || drop(future), |()| (Ret::Done, ()));
        }
    }
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

/// Makes one call: writes it down, makes it, writes down what it returned. `None` if a planned panic left it; any other panic
/// goes on.
fn observe<P: Memory, R, T>(
    world: &World,
    op: Op,
    body: impl FnOnce() -> R,
    returned: impl FnOnce(R) -> (Ret, T),
) -> Option<T> {
    world.record(Kind::Call(op));
    match P::catch_unwind(body) {
        Ok(result) => {
            let (ret, result) = returned(result);
            world.record(Kind::Return(ret));
            Some(result)
        }
        Err(payload) => {
            world.record(Kind::Return(Ret::Panicked));
            pass_unless_planned::<P>(payload);
            None
        }
    }
}

fn pass_unless_planned<P: Memory>(payload: Payload) {
    if !payload.is::<PlannedPanic>() {
        P::resume_unwind(payload);
    }
}

fn spec_error(error: WaitError) -> spec::WaitError {
    match error {
        WaitError::Closed => spec::WaitError::Closed,
        WaitError::Duplicate => spec::WaitError::Duplicate,
        WaitError::AlreadyConsumed => spec::WaitError::AlreadyConsumed,
        other => panic!("the spec knows no {other:?}"),
    }
}
