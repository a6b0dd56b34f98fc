//! What the kernel keeps for each thread of an execution.

use std::ops::Range;
use std::panic::Location;
use std::ptr::NonNull;

use super::core::NOBODY;
use super::gate::Side;
use super::locals::Local;
use super::operation::{Op, OpKind};
use super::place::Place;
use super::report::Fate;
use super::teardown;
use super::time::Limit;
use super::unwind::Unwinding;

/// What the kernel knows of one thread.
pub(crate) struct Slot {
    /// The addresses below the stack that only an overflow touches.
    pub(crate) guard: Range<usize>,
    /// The object in whose queue the thread is, with its neighbours there if it is in a list.
    pub(crate) queue: u32,
    pub(crate) previous: u32,
    pub(crate) following: u32,
    /// Waiting for a notification: the mutex to take afterwards.
    pub(crate) relock: u32,
    /// Who joins it.
    pub(crate) joiner: u32,
    /// It joins a thread that need not end with a result.
    pub(crate) waits_for_any_end: bool,
    pub(crate) locals: Vec<Local>,
    /// Where in the queue it waits; see [`gate`](super::gate).
    pub(crate) side: Side,
    pub(crate) unpark_token: bool,
    /// Of the wait that it is in.
    pub(crate) limit: Option<Limit>,
    pub(crate) context: Option<NonNull<()>>,
    /// How many sections that must not unwind it is inside of.
    pub(crate) unbreakable: u32,
    /// How many sections without faults it is inside of.
    pub(crate) spared: u32,

    /// Has not ended.
    pub(crate) alive: bool,
    /// Has ended with a result that can be joined, in contrast to one that was torn down.
    pub(crate) has_result: bool,
    pub(crate) leaked: bool,
    pub(crate) fate: Fate,
    /// The pending operation when the execution ended, and whether it was possible.
    pub(crate) last: (Op, bool),
    pub(crate) unwinding: Unwinding,
    /// It was seen to unwind and not seen to stop.
    pub(crate) known_unwinding: bool,
    pub(crate) teardown: teardown::Progress,

    pub(crate) name: String,
    pub(crate) parent: u32,
    pub(crate) birthplace: &'static Location<'static>,
    pub(crate) message: Option<String>,
    /// Where its last panic that was caught began.
    pub(crate) panicked_at: Option<Place>,
    /// Where the panic began by which it unwinds, if it was suspended since.
    pub(crate) place: Option<Place>,
    pub(crate) joined: bool,
}

pub(super) const START: Op = Op { kind: OpKind::Start, target: 0 };

impl Slot {
    pub(super) fn unused() -> Self {
        Slot {
            guard: 0..0,
            queue: NOBODY,
            previous: NOBODY,
            following: NOBODY,
            relock: NOBODY,
            joiner: NOBODY,
            waits_for_any_end: false,
            locals: Vec::new(),
            side: Side::Released,
            unpark_token: false,
            limit: None,
            context: None,
            unbreakable: 0,
            spared: 0,
            alive: true,
            has_result: false,
            leaked: false,
            fate: Fate::Unfinished,
            last: (START, false),
            unwinding: Unwinding::No,
            known_unwinding: false,
            teardown: teardown::Progress::default(),
            name: String::new(),
            parent: NOBODY,
            birthplace: Location::caller(),
            message: None,
            panicked_at: None,
            place: None,
            joined: false,
        }
    }

    /// Makes the slot ready for a new thread. Keeps the buffer of the name.
    pub(super) fn reuse(&mut self, name: &str, parent: u32, birthplace: &'static Location<'static>) {
        let mut buffer = std::mem::take(&mut self.name);
        buffer.clear();
        buffer.push_str(name);
        *self = Slot { name: buffer, parent, birthplace, ..Slot::unused() };
    }
}
