//! What an execution makes and has to end: shared counts, channels, futures.
//!
//! Each of these carries a [`Birth`], which enters it into a table of the execution and strikes it out when it is dropped. What is
//! left in the table when all threads have ended was leaked: nobody can reach it any more, or it was forgotten. Or a static
//! keeps it; see [`Kernel::touched_statics`](super::Kernel::touched_statics).
//!
//! The table has as many places as values were alive at a time, and keeps them from one execution to the next, so
//! neither a birth nor an end allocates once it has grown.

use std::fmt;
use std::panic::Location;

use super::core::current;

/// What kind of value was made.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueKind {
    /// A shared reference count.
    Arc,
    /// A channel, with the messages in it.
    Channel,
    /// A future that was spawned.
    Future,
}

impl fmt::Display for ValueKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            ValueKind::Arc => "arc",
            ValueKind::Channel => "channel",
            ValueKind::Future => "future",
        })
    }
}

/// A value that was still there when its execution ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// What it is.
    pub kind: ValueKind,
    /// Where it was made.
    pub birthplace: &'static Location<'static>,
}

impl fmt::Display for Survivor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} created at {}", self.kind, self.birthplace)
    }
}

/// The table of what has begun and not ended.
#[derive(Debug, Default)]
pub(crate) struct Births {
    places: Vec<Option<Entry>>,
    free: Vec<u32>,
    /// How many values were ever made.
    made: u64,
}

#[derive(Copy, Clone, Debug)]
struct Entry {
    survivor: Survivor,
    /// Its number among all values of the execution: places are used again.
    number: u64,
}

impl Births {
    /// Forgets the last execution; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.free.clear();
        self.made = 0;
    }

    fn begin(&mut self, kind: ValueKind, birthplace: &'static Location<'static>) -> u32 {
        let entry = Some(Entry { survivor: Survivor { kind, birthplace }, number: self.made });
        self.made += 1;
        match self.free.pop() {
            Some(place) => {
                self.places[place as usize] = entry;
                place
            }
            None => {
                self.places.push(entry);
                u32::try_from(self.places.len() - 1).expect("fewer than 2³² values are alive at a time")
            }
        }
    }

    fn end(&mut self, place: u32) {
        let ended = self.places[place as usize].take();
        debug_assert!(ended.is_some(), "a value ends once");
        self.free.push(place);
    }

    /// What has not ended, in the order of birth.
    pub(crate) fn survivors(&self) -> Vec<Survivor> {
        let mut left: Vec<Entry> = self.places.iter().flatten().copied().collect();
        left.sort_unstable_by_key(|entry| entry.number);
        left.into_iter().map(|entry| entry.survivor).collect()
    }
}

/// The part of a value by which its execution learns of its end. Made outside of an execution, or while one is torn down, it
/// tells nobody.
#[derive(Debug)]
pub(crate) struct Birth {
    /// The execution in which the value was made; 0 for none.
    execution: u64,
    place: u32,
}

impl Birth {
    /// Enters a value of the caller's. No step: nobody can tell when it happened.
    #[track_caller]
    pub(crate) fn new(kind: ValueKind) -> Self {
        Birth::at(kind, Location::caller())
    }

    /// Enters a value that was made at `birthplace`.
    pub(crate) fn at(kind: ValueKind, birthplace: &'static Location<'static>) -> Self {
        let entered = current().and_then(|execution| {
            execution.with(|core| {
                (!core.tearing)
                    .then(|| Birth { execution: core.id, place: core.births.begin(kind, birthplace) })
            })
        });
        entered.unwrap_or(Birth { execution: 0, place: 0 })
    }
}

impl Drop for Birth {
    #[inline]
    fn drop(&mut self) {
        // What the teardown drops had not ended when the execution did.
        if let Some(execution) = current().filter(|execution| execution.id() == self.execution) {
            execution.with(|core| {
                if !core.tearing {
                    core.births.end(self.place);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again_and_survivors_keep_the_order_of_birth() {
        let mut births = Births::default();
        let first = births.begin(ValueKind::Arc, Location::caller());
        let second = births.begin(ValueKind::Channel, Location::caller());
        births.end(first);
        let third = births.begin(ValueKind::Future, Location::caller());
        assert_eq!((first, third), (0, 0));
        let kinds: Vec<ValueKind> = births.survivors().iter().map(|left| left.kind).collect();
        assert_eq!(kinds, [ValueKind::Channel, ValueKind::Future]);
        births.end(second);
        births.end(third);
        assert!(births.survivors().is_empty());
    }

    #[test]
    fn outside_of_an_execution_nothing_is_entered() {
        let birth = Birth::new(ValueKind::Arc);
        assert_eq!(birth.execution, 0);
    }
}
