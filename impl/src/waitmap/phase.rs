//! The word that says how far a waiter is, and to whom its memory belongs.
//!
//! | from | to | by whom | when |
//! |---|---|---|---|
//! | `Idle` | `Registered` | the future, under the lock | it subscribes, or is polled for the first time |
//! | `Idle` | `Finished` | the future | its key is taken, or the map is closed |
//! | `Registered` | `Delivered` | who wakes, under the lock | a value came for the key |
//! | `Registered` | `Closed` | who closes, or the future when it finds the map closed; under the lock | the map was closed |
//! | `Delivered` | `Finished` | the future | it hands its value out |
//! | `Closed` | `Finished` | the future | it reports the close |
//! | `Finished` | `Idle` | the future | `wait_for` goes into another round with the same key |
//!
//! A future that is dropped while `Registered` takes itself out of the list under the lock and writes no
//! phase: nobody is left to read one.

use core::sync::atomic::Ordering;

use crate::platform::{Atomic, Memory};

/// How far a waiter is.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
#[repr(usize)]
pub(super) enum Phase {
    /// Not registered yet.
    Idle,
    /// In the list of the map.
    Registered,
    /// Out of the list, with a value.
    Delivered,
    /// Out of the list, without one, because the map was closed.
    Closed,
    /// The future has said all that it has to say.
    Finished,
}

impl Phase {
    const ALL: [Phase; 5] =
        [Phase::Idle, Phase::Registered, Phase::Delivered, Phase::Closed, Phase::Finished];

    fn from_word(word: usize) -> Phase {
        Phase::ALL[word]
    }

    /// Whether the table of this module has a row from this phase to `next`.
    const fn may_become(self, next: Phase) -> bool {
        matches!(
            (self, next),
            (Phase::Idle, Phase::Registered | Phase::Finished)
                | (Phase::Registered, Phase::Delivered | Phase::Closed)
                | (Phase::Delivered | Phase::Closed, Phase::Finished)
                | (Phase::Finished, Phase::Idle)
        )
    }
}

/// The phase of a waiter, readable by its future at any time.
///
/// At each moment there is one who may write it (the table says who), so transitions are plain stores and
/// cannot fail.
pub(super) struct PhaseWord<P: Memory>(P::AtomicUsize);

impl<P: Memory> PhaseWord<P> {
    pub(super) fn new() -> Self {
        PhaseWord(P::AtomicUsize::new(Phase::Idle as usize))
    }

    /// The phase, as its future sees it without the lock. Any phase but `Registered` is final until the
    /// future itself goes on; `Registered` may be over by now.
    pub(super) fn observe(&self) -> Phase {
        // Acquire pairs with the release in `hand_back`: the future sees all that was done to its node
        // before.
        Phase::from_word(self.0.load(Ordering::Acquire))
    }

    /// The phase, as the future sees it under the lock: exact.
    pub(super) fn observe_locked(&self) -> Phase {
        // Relaxed: transitions out of `Registered` are made under the lock, which orders them before this
        // load.
        Phase::from_word(self.0.load(Ordering::Relaxed))
    }

    /// `Idle` to `Registered`, by the future under the lock.
    pub(super) fn transition_to_registered(&self) {
        // Relaxed: the lock publishes the node; the only reader without it is the future itself.
        self.write(Phase::Idle, Phase::Registered, Ordering::Relaxed);
    }

    /// `Registered` to `Delivered`, under the lock. The node belongs to its future from here on.
    pub(super) fn transition_to_delivered(&self) {
        self.hand_back(Phase::Delivered);
    }

    /// `Registered` to `Closed`, under the lock. The node belongs to its future from here on.
    pub(super) fn transition_to_closed(&self) {
        self.hand_back(Phase::Closed);
    }

    /// To `Finished`, by the future, from the phase that it observed.
    pub(super) fn transition_to_finished(&self, observed: Phase) {
        // Relaxed: the future writes to itself; whatever moves it to another thread orders that.
        self.write(observed, Phase::Finished, Ordering::Relaxed);
    }

    /// `Finished` to `Idle`, by the future.
    pub(super) fn transition_to_idle(&self) {
        // Relaxed: as in `transition_to_finished`.
        self.write(Phase::Finished, Phase::Idle, Ordering::Relaxed);
    }

    fn hand_back(&self, outcome: Phase) {
        // Release pairs with the acquire in `observe`.
        self.write(Phase::Registered, outcome, Ordering::Release);
    }

    /// `from` is what the caller knows, not what the word is read to hold: a checker counts every access to
    /// an atomic as a step, and builds with and without debug assertions must take the same steps.
    fn write(&self, from: Phase, to: Phase, order: Ordering) {
        debug_assert!(from.may_become(to), "no transition from {from:?} to {to:?}");
        self.0.store(to as usize, order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_seven_rows_and_none_else() {
        let mut rows = alloc::vec::Vec::new();
        for from in Phase::ALL {
            for to in Phase::ALL {
                if from.may_become(to) {
                    rows.push((from, to));
                }
            }
        }
        use Phase::{Closed, Delivered, Finished, Idle, Registered};
        let table = [
            (Idle, Registered),
            (Idle, Finished),
            (Registered, Delivered),
            (Registered, Closed),
            (Delivered, Finished),
            (Closed, Finished),
            (Finished, Idle),
        ];
        assert_eq!(rows, table);
    }

    #[test]
    fn a_phase_survives_the_word() {
        for phase in Phase::ALL {
            assert_eq!(Phase::from_word(phase as usize), phase);
        }
    }
}
