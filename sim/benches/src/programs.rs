//! The programs, each written twice in the same shape: on the simulator's platform and on shuttle's mirror of `std`.
//!
//! A step is counted as an access to a shared atomic or a mutex operation; what either side does besides to start, end and
//! join threads is part of the cost and not of the count.

mod ours;
mod picks;
mod theirs;

pub use self::picks::PICKED;

use raddle_sim::choice::Kind;
use raddle_sim::strategy::{Now, Pct, Pos, Random, Strategy};

/// What is measured: a program, the unit that its cost is given in, and how many of them one execution has.
pub struct Row {
    pub name: &'static str,
    pub unit: &'static str,
    /// Runs so many executions; returns how many units that were.
    pub ours: fn(u64) -> u64,
    /// None where shuttle has nothing of the kind.
    pub theirs: Option<fn(u64) -> u64>,
    pub executions: u64,
}

pub const ROWS: &[Row] = &[
    Row {
        name: "random, 3 threads x 100 atomic increments",
        unit: "increment",
        ours: |executions| ours::increments(&mut Random::new(1), executions, 3, 100),
        theirs: Some(|executions| theirs::increments(theirs::random, executions, 3, 100)),
        executions: 300,
    },
    Row {
        name: "the same thread goes on, 3 x 100",
        unit: "increment",
        ours: |executions| ours::increments(&mut Same { in_advance: true }, executions, 3, 100),
        theirs: Some(|executions| theirs::increments(theirs::same, executions, 3, 100)),
        executions: 300,
    },
    Row {
        name: "the same, asked at every step",
        unit: "increment",
        ours: |executions| ours::increments(&mut Same { in_advance: false }, executions, 3, 100),
        theirs: Some(|executions| theirs::increments(theirs::same, executions, 3, 100)),
        executions: 300,
    },
    Row {
        name: "PCT of depth 3, 3 x 100",
        unit: "increment",
        ours: |executions| ours::increments(&mut Pct::new(1, 300).with_depth(3), executions, 3, 100),
        theirs: Some(|executions| theirs::increments(theirs::pct, executions, 3, 100)),
        executions: 300,
    },
    Row {
        name: "POS, 3 x 100",
        unit: "increment",
        ours: |executions| ours::increments(&mut Pos::new(1), executions, 3, 100),
        theirs: None,
        executions: 300,
    },
    Row {
        name: "SURW, 3 x 100",
        unit: "increment",
        ours: |executions| ours::increments_by_surw(executions, 3, 100),
        theirs: None,
        executions: 300,
    },
    Row {
        name: "random, 50 threads x 100",
        unit: "increment",
        ours: |executions| ours::increments(&mut Random::new(1), executions, 50, 100),
        theirs: Some(|executions| theirs::increments(theirs::random, executions, 50, 100)),
        executions: 10,
    },
    Row {
        name: "random, 100 threads x 100",
        unit: "increment",
        ours: |executions| ours::increments(&mut Random::new(1), executions, 100, 100),
        theirs: Some(|executions| theirs::increments(theirs::random, executions, 100, 100)),
        executions: 5,
    },
    Row {
        name: "random, 4 threads x 100 lock and unlock",
        unit: "pair",
        ours: |executions| ours::pairs(executions, 4, 100),
        theirs: Some(|executions| theirs::pairs(executions, 4, 100)),
        executions: 100,
    },
    Row {
        name: "random, sync_channel(2), 4 senders x 25",
        unit: "message",
        ours: |executions| ours::messages(executions, 4, 25),
        theirs: Some(|executions| theirs::messages(executions, 4, 25)),
        executions: 300,
    },
    Row {
        name: "random, tiny: 2 threads, 1 lock each",
        unit: "execution",
        ours: |executions| ours::pairs(executions, 2, 1) / 2,
        theirs: Some(|executions| theirs::pairs(executions, 2, 1) / 2),
        executions: 20_000,
    },
];

/// The same thread goes on for as long as it can.
struct Same {
    in_advance: bool,
}

impl Strategy for Same {
    fn begin(&mut self) -> bool {
        true
    }
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        if self.in_advance {
            now.answer_in_advance(u64::MAX);
        }
        Some(0)
    }
    fn value(&mut self, _kind: Kind, _options: u32) -> u32 {
        0
    }
}
