//! What the pool gives its manager: the iterators of `recv_burst` and `stop`, and ways down to workers.
//!
//! As everywhere under observation, a method makes one call and writes it down, and so do clones and drops.

use std::fmt;

use raddle_spec::pool::{BurstId, Op, Ret, StopId, ValueId, WorkerId};

use super::World;
use super::observe::{delivered, observe, sent_down, written};
use super::scene::{On, Say};
use super::subject::{SendDown, Subject};

/// What `recv_burst` gave, under observation.
pub struct Burst<'a, S: Subject + 'a> {
    pub(super) world: World,
    pub(super) id: BurstId,
    pub(super) values: S::Burst<'a>,
}

/// What `stop` gave, under observation. Dropping it is an event.
pub struct Stop<S: Subject> {
    pub(super) world: World,
    pub(super) id: StopId,
    /// None only while the drop runs.
    pub(super) values: Option<S::All>,
}

/// What `get` gave, under observation: a way down to one worker. Clones and drops are events.
pub struct Line<S: Subject> {
    pub(super) world: World,
    pub(super) worker: WorkerId,
    /// None only while the drop runs.
    pub(super) inner: Option<S::Down>,
}

/// What `next` of an iterator gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A value.
    Value(ValueId),
    /// There are no more.
    End,
    /// A worker's panic went on in the manager.
    Panicked,
}

impl<S: Subject> fmt::Debug for Burst<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Burst({})", self.id.0)
    }
}

impl<S: Subject> fmt::Debug for Stop<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop({})", self.id.0)
    }
}

impl<S: Subject> fmt::Debug for Line<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({})", self.worker.0)
    }
}

impl<S: Subject> Burst<'_, S> {
    /// Calls `next`.
    pub fn call_next(&mut self) -> Next {
        let Burst { world, id, values } = self;
        observe::<On<S>, _, _>(world, Op::NextOfBurst { burst: *id }, || values.next(), delivered)
            .unwrap_or(Next::Panicked)
    }

    /// Calls `next` until there is nothing more; tells how many values came.
    pub fn finish(mut self) -> usize {
        std::iter::from_fn(|| matches!(self.call_next(), Next::Value(_)).then_some(())).count()
    }
}

impl<S: Subject> Stop<S> {
    /// Calls `next`.
    pub fn call_next(&mut self) -> Next {
        let Stop { world, id, values } = self;
        let Some(values) = values else { return Next::End };
        observe::<On<S>, _, _>(world, Op::NextOfStop { stop: *id }, || values.next(), delivered)
            .unwrap_or(Next::Panicked)
    }

    /// Calls `next` until the end, or until the panic of a worker comes out; tells how many values came.
    pub fn finish(mut self) -> usize {
        std::iter::from_fn(|| matches!(self.call_next(), Next::Value(_)).then_some(())).count()
    }
}

impl<S: Subject> Drop for Stop<S> {
    fn drop(&mut self) {
        if let Some(values) = self.values.take() {
            let op = Op::DropStop { stop: self.id };
            observe::<On<S>, _, _>(&self.world, op, || drop(values), |()| (Ret::Done, ()));
        }
    }
}

impl<S: Subject> Line<S> {
    fn inner(&self) -> &S::Down {
        self.inner.as_ref().expect("it is there until it is dropped")
    }

    /// Sends to the worker; tells whether it has the message.
    pub fn send(&self, say: Say) -> bool {
        let (down, message) = written(&self.world, say);
        let op = Op::SendDown { worker: self.worker, message: down };
        observe::<On<S>, _, _>(&self.world, op, || self.inner().send(message), sent_down).unwrap_or(false)
    }
}

impl<S: Subject> Clone for Line<S> {
    fn clone(&self) -> Self {
        let call = || self.inner().clone();
        let op = Op::CloneDownSender { worker: self.worker };
        let inner = observe::<On<S>, _, _>(&self.world, op, call, |inner| (Ret::Done, inner));
        Line { world: self.world.clone(), worker: self.worker, inner }
    }
}

impl<S: Subject> Drop for Line<S> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            let op = Op::DropDownSender { worker: self.worker };
            observe::<On<S>, _, _>(&self.world, op, || drop(inner), |()| (Ret::Done, ()));
        }
    }
}
