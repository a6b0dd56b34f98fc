//! What the bytes of a fuzzer stand for.

use arbitrary::Arbitrary;

use crate::Index;

/// A sequence of operations, performed one after the other.
#[derive(Arbitrary, Clone, Debug)]
pub struct Program {
    /// Which map they are for.
    pub index: Index,
    /// The operations.
    pub steps: Vec<Step>,
    /// Whether the map is closed in the end, before the waits that are left are dropped.
    pub closes: bool,
}

/// Operations that user code performs when the map calls it.
pub type Nested = Vec<Step>;

/// One operation.
#[derive(Arbitrary, Clone, Debug)]
pub enum Step {
    /// Creates a wait in a place, dropping the wait that was there.
    Wait {
        /// Where it is kept.
        place: Place,
        /// What it waits for.
        key: Key,
        /// Which kind of wait it is.
        form: Form,
        /// What its key does when it is dropped.
        on_drop: Nested,
    },
    /// Polls a wait.
    Poll {
        /// Which one.
        place: Place,
        /// Whose waker is in the context.
        task: Task,
    },
    /// Subscribes a wait.
    Subscribe {
        /// Which one.
        place: Place,
        /// Whose waker is in the context.
        task: Task,
    },
    /// Drops a wait.
    Cancel {
        /// Which one.
        place: Place,
    },
    /// Wakes a key.
    Wake {
        /// Which one.
        key: Key,
        /// What the value does when the map drops it.
        on_drop: Nested,
    },
    /// Asks whether the map is closed.
    IsClosed,
    /// Raises the count that conditions look at.
    Raise,
    /// Says what the wakers of a task do from now on, each thing once.
    Wakers {
        /// Whose wakers.
        task: Task,
        /// What the next one to be invoked does.
        on_wake: Nested,
        /// What the next one to be cloned does.
        on_clone: Nested,
        /// What the next one to be dropped does.
        on_drop: Nested,
        /// Whether the next one to be invoked panics.
        panics: bool,
    },
    /// Registers waits in all the places that nothing but a crowd is likely to use, so that a close takes more than one batch.
    Crowd {
        /// Whose waker they get.
        task: Task,
    },
    /// Closes the map.
    Close,
}

/// Which kind of wait.
#[derive(Arbitrary, Clone, Debug)]
pub enum Form {
    /// `wait`.
    Borrowed,
    /// `wait_owned`.
    Owned,
    /// `wait_for`: until the count is high enough.
    For {
        /// How high, modulo a few.
        count: u8,
        /// What the condition does when it is first asked.
        on_test: Nested,
    },
    /// `wait_for_value`, in the same way.
    ForValue {
        /// How high, modulo a few.
        count: u8,
        /// What the condition does when it is first asked.
        on_test: Nested,
    },
}

/// A key, by a byte. A few are likely, so that waits and wakes meet; one is not equal to itself.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Key(pub u8);

/// A place for a wait, by a byte. A few are likely.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Place(pub u8);

/// One of a few tasks.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Task(pub u8);

/// How many tasks there are.
pub(super) const TASKS: usize = 4;

/// How many places there are.
pub(super) const PLACES: usize = 32;

/// How many places and keys are likely; the others are those of a crowd.
pub(super) const LIKELY: usize = 4;

impl Key {
    pub(super) fn number(self) -> u32 {
        match likely_few(self.0) {
            last if last + 1 == PLACES => raddle_spec::waitmap::Key::UNEQUAL.0,
            number => number as u32,
        }
    }
}

impl Place {
    pub(super) fn index(self) -> usize {
        likely_few(self.0)
    }
}

impl Task {
    pub(super) fn index(self) -> usize {
        usize::from(self.0) % TASKS
    }
}

fn likely_few(byte: u8) -> usize {
    let byte = usize::from(byte);
    if byte < 192 { byte % LIKELY } else { byte % PLACES }
}
