//! What a step touches that other threads can see, and so which steps race.

use crate::kernel::{Op, OpKind, Target};

/// What one step touches, and how.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touch {
    place: Place,
    only_reads: bool,
}

/// What there is to touch.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing that another thread can see.
    Nowhere,
    /// An object, by its number.
    Object(u32),
    /// Whether a thread was unparked.
    Token(u32),
    /// Whether a thread has ended.
    End(u32),
    /// The clock.
    Clock,
}

impl Touch {
    /// What `op` touches when `thread` executes it.
    #[inline]
    pub(crate) fn of(thread: usize, op: Op) -> Self {
        let own = thread as u32;
        let (place, only_reads) = match op.kind {
            OpKind::Load => (Place::Object(op.target), true),
            OpKind::Park | OpKind::ParkTimeout => (Place::Token(own), false),
            OpKind::Now | OpKind::Elapse => (Place::Clock, false),
            OpKind::Unpark => (Place::Token(op.target), false),
            OpKind::Exit => (Place::End(own), false),
            OpKind::Join | OpKind::IsFinished => (Place::End(op.target), true),
            kind if kind.target() == Target::Object => (Place::Object(op.target), false),
            _ => (Place::Nowhere, true),
        };
        Touch { place, only_reads }
    }

    /// Whether the order of the two, of different threads, can matter.
    #[inline]
    pub(crate) fn races(self, other: Touch) -> bool {
        self.place == other.place && !(self.only_reads && other.only_reads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn races(first: (usize, OpKind, u32), second: (usize, OpKind, u32)) -> bool {
        let touch = |(thread, kind, target)| Touch::of(thread, Op { kind, target });
        assert_eq!(
            touch(first).races(touch(second)),
            touch(second).races(touch(first)),
            "in both directions"
        );
        touch(first).races(touch(second))
    }

    #[test]
    fn accesses_to_one_object_race_unless_both_read() {
        assert!(races((1, OpKind::Store, 5), (2, OpKind::Load, 5)));
        assert!(races((1, OpKind::Modify, 5), (2, OpKind::Modify, 5)));
        assert!(races((1, OpKind::Unlock, 5), (2, OpKind::Lock, 5)));
        assert!(!races((1, OpKind::Load, 5), (2, OpKind::Load, 5)));
        assert!(!races((1, OpKind::Store, 5), (2, OpKind::Store, 6)));
    }

    #[test]
    fn parking_races_with_being_unparked() {
        assert!(races((1, OpKind::Park, 0), (2, OpKind::Unpark, 1)));
        assert!(races((3, OpKind::Unpark, 1), (2, OpKind::Unpark, 1)));
        assert!(!races((1, OpKind::Park, 0), (2, OpKind::Unpark, 3)));
        assert!(!races((1, OpKind::Park, 0), (2, OpKind::Park, 0)));
    }

    #[test]
    fn ending_races_with_who_looks_at_it() {
        assert!(races((1, OpKind::Exit, 0), (2, OpKind::IsFinished, 1)));
        assert!(!races((3, OpKind::Join, 1), (2, OpKind::IsFinished, 1)));
        assert!(!races((1, OpKind::Exit, 0), (2, OpKind::Exit, 0)));
    }

    #[test]
    fn what_touches_nothing_races_with_nothing() {
        for kind in [OpKind::Start, OpKind::Spawn, OpKind::Yield, OpKind::Spin, OpKind::Point] {
            assert!(!races((1, kind, 0), (2, kind, 0)), "{kind}");
        }
    }
}
