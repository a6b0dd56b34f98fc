//! A call under observation, and what goes in and comes out in the words of the spec.

use std::sync::mpsc::SendError;

use raddle::DownMsg;
use raddle::platform::{Memory, Payload};
use raddle_spec::pool::{Down, Kind, Op, Ret, WorkerId};

use super::World;
use super::handles::Next;
use super::items::{Note, Value};
use super::scene::Say;
use super::subject::Message;
use crate::kernel::PlannedPanic;

/// Makes one call: writes it down, makes it, writes down what it returned. `None` if a planned panic left it; any other panic
/// goes on.
pub(super) fn observe<P: Memory, R, T>(
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
        Err(payload) => match payload.downcast::<PlannedPanic>() {
            Ok(planned) => {
                world.record(Kind::Return(Ret::Panicked(WorkerId(planned.0))));
                None
            }
            Err(payload) => P::resume_unwind(payload),
        },
    }
}

pub(super) fn delivered(value: Option<Value>) -> (Ret, Next) {
    match value.map(Value::take_back) {
        Some(value) => (Ret::Value(value), Next::Value(value)),
        None => (Ret::End, Next::End),
    }
}

pub(super) fn sent_down(result: Result<(), SendError<Message>>) -> (Ret, bool) {
    match result {
        Ok(()) => (Ret::Sent, true),
        Err(refused) => (Ret::RefusedDown(taken_back(refused.0)), false),
    }
}

/// A new message, as the spec and as the pool see it.
pub(super) fn written(world: &World, say: Say) -> (Down, Message) {
    match say {
        DownMsg::Stop => (Down::Stop, DownMsg::Stop),
        DownMsg::Pause => (Down::Pause, DownMsg::Pause),
        DownMsg::Continue => (Down::Continue, DownMsg::Continue),
        DownMsg::Other(()) => {
            let note = Note::new(world);
            (Down::Other(note.id()), DownMsg::Other(note))
        }
    }
}

/// Takes a message back from the pool.
pub(super) fn taken_back(message: Message) -> Down {
    match message {
        DownMsg::Stop => Down::Stop,
        DownMsg::Pause => Down::Pause,
        DownMsg::Continue => Down::Continue,
        DownMsg::Other(note) => Down::Other(note.take_back()),
    }
}

/// Whose planned panic this is.
///
/// # Panics
///
/// With the payload, if it is another panic.
pub(super) fn planned(payload: Payload) -> WorkerId {
    match payload.downcast::<PlannedPanic>() {
        Ok(planned) => WorkerId(planned.0),
        Err(other) => std::panic::resume_unwind(other),
    }
}
