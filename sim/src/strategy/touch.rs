//! What a step touches that other threads can see, and so which steps race.

use crate::kernel::{Op, OpKind, Target};

/// What one step touches, and how: a number for the place, and in its lowest bit whether it does more than read.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Touch(u64);

/// Kinds of places, above the number of the object or thread.
const OBJECT: u64 = 1 << 40;
/// Whether a thread was unparked.
const TOKEN: u64 = 2 << 40;
/// Whether a thread has ended.
const END: u64 = 3 << 40;
/// The clock.
const CLOCK: u64 = 4 << 40;

impl Touch {
    /// Nothing that another thread can see.
    pub(crate) const NOTHING: Touch = Touch(0);

    /// What `op` touches when `thread` executes it.
    #[inline]
    pub(crate) fn of(thread: usize, op: Op) -> Self {
        if op.kind.target() == Target::Object {
            return Touch(OBJECT | u64::from(op.target) << 1 | u64::from(op.kind != OpKind::Load));
        }
        Touch::of_no_object(thread, op)
    }

    #[inline(never)]
    fn of_no_object(thread: usize, op: Op) -> Self {
        let (own, target) = (thread as u64, u64::from(op.target));
        let (place, writes) = match op.kind {
            OpKind::Park | OpKind::ParkTimeout => (TOKEN | own << 1, true),
            OpKind::Now | OpKind::Elapse => (CLOCK, true),
            OpKind::Unpark => (TOKEN | target << 1, true),
            OpKind::Exit => (END | own << 1, true),
            OpKind::Join | OpKind::IsFinished => (END | target << 1, false),
            _ => return Touch::NOTHING,
        };
        Touch(place | u64::from(writes))
    }

    /// The number of the place, if it is an object, even; with one more if the step does more than read.
    #[inline]
    pub(crate) fn place(self) -> Option<usize> {
        let place = self.0 ^ OBJECT;
        (place < OBJECT).then_some(place as usize)
    }

    /// Whether it does more than read.
    #[inline]
    pub(crate) fn writes(self) -> bool {
        self.0 & 1 == 1
    }

    /// Whether the order of the two, of different threads, can matter.
    #[inline]
    pub(crate) fn races(self, other: Touch) -> bool {
        // The same place, so that nothing above the lowest bit differs, and not only reads. Nothing only reads.
        (self.0 ^ other.0) <= 1 && (self.0 | other.0) & 1 == 1
    }
}

/// Whether a step can change what is pending in threads other than its own. A notification does, and time that passes.
#[inline]
pub(crate) fn changes_others(kind: OpKind) -> bool {
    !matches!(
        kind,
        OpKind::Start
            | OpKind::Exit
            | OpKind::Load
            | OpKind::Store
            | OpKind::Modify
            | OpKind::Lock
            | OpKind::TryLock
            | OpKind::Unlock
            | OpKind::Read
            | OpKind::TryRead
            | OpKind::Write
            | OpKind::TryWrite
            | OpKind::Downgrade
            | OpKind::Yield
            | OpKind::Spin
            | OpKind::Spawn
            | OpKind::Join
            | OpKind::IsFinished
            | OpKind::Count
            | OpKind::Point
    )
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
