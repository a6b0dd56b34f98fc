//! What a worker of a scenario has: its ends of the two channels, under observation.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::sync::mpsc::{RecvError, TryRecvError, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

use raddle::DownMsg;
use raddle::platform::Memory;
use raddle_spec::Actor;
use raddle_spec::pool::{Cb, Down, Kind, Op, Reply, Ret, WorkerId};

use super::World;
use super::items::{Closure, Value};
use super::observe::{observe, taken_back};
use super::scene::On;
use super::subject::{ReceiveDown, SendUp, Subject};
use crate::choice;
use crate::kernel::PlannedPanic;

/// A worker: the strand of user code that `execute` starts.
pub struct Worker<S: Subject> {
    /// Its way up. Scenarios may clone and drop it.
    pub up: Up<S>,
    /// Its end of the way down. Scenarios may drop it.
    pub down: Inlet<S>,
    world: World,
    id: WorkerId,
}

/// A worker's way up, under observation. Clones and drops are events.
pub struct Up<S: Subject> {
    world: World,
    worker: WorkerId,
    /// None only while the drop runs.
    inner: Option<S::Sender>,
    kept: Kept<S>,
}

/// A worker's end of the way down, under observation. The drop is an event.
pub struct Inlet<S: Subject> {
    world: World,
    worker: WorkerId,
    /// None only while the drop runs.
    inner: Option<S::Receiver>,
    kept: Kept<S>,
}

/// What a worker has that is dropped only after its panic was caught, [where](World::keeps_while_unwinding) it must be: in the
/// order in which it would have been dropped. Nothing otherwise.
type Kept<S> = Rc<RefCell<Vec<End<S>>>>;

/// One end of a channel.
enum End<S: Subject> {
    Up(Up<S>),
    Down(Inlet<S>),
}

/// What became of a value that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way.
    Sent,
    /// There was no room.
    Full,
    /// Nobody will ever receive it.
    Refused,
}

impl<S: Subject> fmt::Debug for Worker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Worker({})", self.id.0)
    }
}

impl<S: Subject> fmt::Debug for Up<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Up")
    }
}

impl<S: Subject> fmt::Debug for Inlet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inlet")
    }
}

impl<S: Subject> Worker<S> {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> WorkerId {
        self.id
    }

    /// Chooses a number below `options`; 0 is the dullest.
    #[must_use]
    pub fn choose(&self, options: u32) -> u32 {
        self.world.choose(choice::Kind::Scenario, options)
    }

    /// User code may panic here: a fault.
    ///
    /// # Panics
    ///
    /// If a choice says so. Nothing is printed.
    pub fn may_panic(&self) {
        if self.world.choose(choice::Kind::Panic, 2) == 1 {
            On::<S>::resume_unwind(Box::new(PlannedPanic(self.id.0)));
        }
    }

    /// What it has, and which one it is.
    pub(super) fn into_parts(self) -> (Up<S>, Inlet<S>, WorkerId) {
        (self.up, self.down, self.id)
    }
}

impl<S: Subject> Up<S> {
    fn inner(&self) -> &S::Sender {
        self.inner.as_ref().expect("it is there until it is dropped")
    }

    /// Calls `send` with a new value.
    pub fn send(&self) -> Sent {
        self.send_value(Value::new(&self.world))
    }

    /// Calls `send` with a new value that calls `on_drop` if the pool drops it.
    pub fn send_with(&self, on_drop: fn()) -> Sent {
        self.send_value(Value::new(&self.world).with(on_drop))
    }

    fn send_value(&self, value: Value) -> Sent {
        let op = Op::Send { worker: self.worker, value: value.id() };
        observe::<On<S>, _, _>(
            &self.world,
            op,
            || self.inner().send(value),
            |result| match result {
                Ok(()) => (Ret::Sent, Sent::Sent),
                Err(refused) => (Ret::Refused(refused.0.take_back()), Sent::Refused),
            },
        )
        .unwrap_or(Sent::Refused)
    }

    /// Calls `try_send` with a new value.
    pub fn try_send(&self) -> Sent {
        self.try_send_value(Value::new(&self.world))
    }

    /// Calls `try_send` with a new value that calls `on_drop` if the pool drops it.
    pub fn try_send_with(&self, on_drop: fn()) -> Sent {
        self.try_send_value(Value::new(&self.world).with(on_drop))
    }

    fn try_send_value(&self, value: Value) -> Sent {
        let op = Op::TrySend { worker: self.worker, value: value.id() };
        observe::<On<S>, _, _>(
            &self.world,
            op,
            || self.inner().try_send(value),
            |result| match result {
                Ok(()) => (Ret::Sent, Sent::Sent),
                Err(TrySendError::Full(value)) => (Ret::Full(value.take_back()), Sent::Full),
                Err(TrySendError::Disconnected(value)) => (Ret::Refused(value.take_back()), Sent::Refused),
            },
        )
        .unwrap_or(Sent::Refused)
    }

    /// Forgets it: it is never dropped. What no worker may do.
    pub fn leak(mut self) {
        std::mem::forget(self.inner.take());
    }
}

impl<S: Subject> Clone for Up<S> {
    fn clone(&self) -> Self {
        let call = || self.inner().clone();
        let inner =
            observe::<On<S>, _, _>(&self.world, Op::CloneSender { worker: self.worker }, call, |inner| {
                (Ret::Done, inner)
            });
        Up { world: self.world.clone(), worker: self.worker, inner, kept: Rc::clone(&self.kept) }
    }
}

impl<S: Subject> Drop for Up<S> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            if self.world.keeps_while_unwinding() {
                let Up { world, worker, kept, .. } = self;
                let up =
                    Up { world: world.clone(), worker: *worker, inner: Some(inner), kept: Rc::clone(kept) };
                return kept.borrow_mut().push(End::Up(up));
            }
            observe::<On<S>, _, _>(
                &self.world,
                Op::DropSender { worker: self.worker },
                || drop(inner),
                |()| (Ret::Done, ()),
            );
        }
    }
}

impl<S: Subject> Inlet<S> {
    fn inner(&self) -> &S::Receiver {
        self.inner.as_ref().expect("it is there until it is dropped")
    }

    /// Calls `recv`. The notes are those of the scenario, without what they carry, so that the macros of the crate `raddle` can be
    /// used on this.
    ///
    /// # Errors
    ///
    /// As the call.
    pub fn recv(&self) -> Result<DownMsg<u32>, RecvError> {
        observe::<On<S>, _, _>(
            &self.world,
            Op::RecvDown { worker: self.worker },
            || self.inner().recv(),
            |result| match result {
                Ok(message) => {
                    let down = taken_back(message);
                    (Ret::Message(down), Ok(told(down)))
                }
                Err(RecvError) => (Ret::Disconnected, Err(RecvError)),
            },
        )
        .unwrap_or(Err(RecvError))
    }

    /// Calls `try_recv`, in the same way.
    ///
    /// # Errors
    ///
    /// As the call.
    pub fn try_recv(&self) -> Result<DownMsg<u32>, TryRecvError> {
        observe::<On<S>, _, _>(
            &self.world,
            Op::TryRecvDown { worker: self.worker },
            || self.inner().try_recv(),
            |result| match result {
                Ok(message) => {
                    let down = taken_back(message);
                    (Ret::Message(down), Ok(told(down)))
                }
                Err(TryRecvError::Empty) => (Ret::Empty, Err(TryRecvError::Empty)),
                Err(TryRecvError::Disconnected) => (Ret::Disconnected, Err(TryRecvError::Disconnected)),
            },
        )
        .unwrap_or(Err(TryRecvError::Disconnected))
    }

    /// Receives until it is told to stop, or nobody is left who could tell.
    pub fn wait_for_stop(&self) {
        while !matches!(self.recv(), Ok(DownMsg::Stop) | Err(_)) {}
    }
}

impl<S: Subject> Drop for Inlet<S> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            if self.world.keeps_while_unwinding() {
                let Inlet { world, worker, kept, .. } = self;
                let down = Inlet {
                    world: world.clone(),
                    worker: *worker,
                    inner: Some(inner),
                    kept: Rc::clone(kept),
                };
                return kept.borrow_mut().push(End::Down(down));
            }
            observe::<On<S>, _, _>(
                &self.world,
                Op::DropReceiver { worker: self.worker },
                || drop(inner),
                |()| (Ret::Done, ()),
            );
        }
    }
}

/// A message with the number of the note in the place of the note.
fn told(down: Down) -> DownMsg<u32> {
    match down {
        Down::Stop => DownMsg::Stop,
        Down::Pause => DownMsg::Pause,
        Down::Continue => DownMsg::Continue,
        Down::Other(note) => DownMsg::Other(note.0),
    }
}

/// Work for one worker that has not begun.
pub(super) struct Job<F> {
    world: World,
    worker: WorkerId,
    actor: Actor,
    closure: Arc<Mutex<Closure>>,
    body: F,
}

/// Says of the work of a job that it was given back.
pub(super) struct Settle(Arc<Mutex<Closure>>);

impl Settle {
    pub(super) fn settle(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).settle();
    }
}

impl<F> Job<F> {
    pub(super) fn new(world: &World, body: F) -> Self {
        let worker = WorkerId(world.number("worker"));
        let actor = world.name_actor(&worker.to_string());
        let closure = Arc::new(Mutex::new(Closure::new(world, worker)));
        Job { world: world.clone(), worker, actor, closure, body }
    }

    pub(super) fn worker(&self) -> WorkerId {
        self.worker
    }

    pub(super) fn closure(&self) -> Settle {
        Settle(Arc::clone(&self.closure))
    }

    /// What the pool is to run.
    pub(super) fn work<S: Subject>(self) -> impl FnOnce(S::Sender, S::Receiver) + Send + 'static
    where
        F: FnOnce(Worker<S>) + Send + 'static,
    {
        move |sender, receiver| self.begin(sender, receiver)
    }

    fn begin<S: Subject>(self, sender: S::Sender, receiver: S::Receiver)
    where
        F: FnOnce(Worker<S>),
    {
        let Job { world, worker, actor, closure, body } = self;
        world.act_as(actor);
        Settle(closure).settle();
        world.record(Kind::Enter(Cb::Work { worker }));
        let kept = Kept::<S>::default();
        let up = Up { world: world.clone(), worker, inner: Some(sender), kept: Rc::clone(&kept) };
        let down = Inlet { world: world.clone(), worker, inner: Some(receiver), kept: Rc::clone(&kept) };
        let own = Worker { up, down, world: world.clone(), id: worker };
        let ended = On::<S>::catch_unwind(|| body(own));
        drop(kept.take());
        match ended {
            Ok(()) => world.record(Kind::Leave(Reply::Done)),
            Err(payload) => {
                if payload.is::<PlannedPanic>() {
                    world.record(Kind::Leave(Reply::Panicked));
                }
                On::<S>::resume_unwind(payload)
            }
        }
    }
}

/// Work for several workers, of which each clone takes one.
pub(super) struct Many<F> {
    /// Those that no clone has taken yet, in the order of `execute`.
    left: Arc<Mutex<VecDeque<Job<F>>>>,
    own: Option<Job<F>>,
}

impl<F> Many<F> {
    pub(super) fn new(jobs: Vec<Job<F>>) -> Self {
        Many { left: Arc::new(Mutex::new(jobs.into())), own: None }
    }

    /// What the pool is to clone and run. Pools clone in the order of `execute`; whether the last worker gets a clone or the original
    /// is up to them.
    pub(super) fn work<S: Subject>(self) -> impl FnOnce(S::Sender, S::Receiver) + Clone + Send + 'static
    where
        F: FnOnce(Worker<S>) + Send + 'static,
    {
        move |sender, receiver| {
            let job = self.into_job().expect("a pool runs as many clones as it was told to");
            job.begin(sender, receiver);
        }
    }

    fn into_job(self) -> Option<Job<F>> {
        let Many { left, own } = self;
        own.or_else(|| pop(&left))
    }
}

impl<F> Clone for Many<F> {
    fn clone(&self) -> Self {
        Many { left: Arc::clone(&self.left), own: pop(&self.left) }
    }
}

fn pop<F>(jobs: &Mutex<VecDeque<Job<F>>>) -> Option<Job<F>> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}
