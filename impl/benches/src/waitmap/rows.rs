//! The rows of the table: who against whom, and what has to come out.

use std::hash::RandomState;

use maitake_sync::spin::Spinlock;
use raddle::platform::Spin;
use raddle::{HashedWaitMap, WaitMap};

use super::contestants::{Dash, Maitake, MaitakeSpin};
use super::measure::{Order, Trial, cancels, cycles, two_threads};
use crate::bar::Bar;

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: Trial,
    pub(crate) peer: Trial,
    pub(crate) bar: Bar,
}

fn row(name: impl Into<String>, ours: Trial, peer: Trial, bar: Bar) -> Row {
    Row { name: name.into(), ours, peer, bar }
}

type Hashed = HashedWaitMap<u64, u64>;
type HashedSpin = HashedWaitMap<u64, u64, RandomState, Spin>;
type HashedFold = HashedWaitMap<u64, u64, foldhash::fast::RandomState>;
type Linear = WaitMap<u64, u64>;
type LinearSpin = WaitMap<u64, u64, Spin>;

/// As many cycles per round as take some milliseconds.
const CYCLES: usize = 40_000;

/// Where threads run side by side, longer than a slice of a processor's time.
const THREAD_CYCLES: u64 = 400_000;

/// The rows, made one by one: each leaks its maps.
pub(crate) fn all() -> impl Iterator<Item = Row> {
    let parts = [few(), many(), beside_dash(), growth(), threads(), linear(), cancel(), other_locks()];
    parts.into_iter().flatten()
}

type Rows = Box<dyn Iterator<Item = Row>>;

/// The cycles of a round that a linear search makes long.
fn fewer(waiters: usize) -> usize {
    if waiters < 256 { CYCLES } else { waiters }
}

fn few() -> Rows {
    Box::new([1, 16].into_iter().map(|waiters| {
        let ours = cycles(Hashed::with_buckets(4 * waiters), waiters, Order::Fifo, CYCLES);
        let peer = cycles(Maitake::new(), waiters, Order::Fifo, CYCLES);
        row(format!("hashed / maitake, {waiters}"), ours, peer, Bar::AtMost(1.0))
    }))
}

fn many() -> Rows {
    Box::new(Order::ALL.into_iter().map(|order| {
        let ours = cycles(Hashed::with_buckets(4 * 4096), 4096, order, CYCLES);
        let peer = cycles(Maitake::new(), 4096, order, 4096);
        row(format!("hashed / maitake, 4096 {}", order.name()), ours, peer, Bar::TimesFaster(40.0))
    }))
}

fn beside_dash() -> Rows {
    let rows = [256, 4096].into_iter().flat_map(|waiters| {
        Order::ALL.into_iter().flat_map(move |order| {
            let name = format!("DashMap, {waiters} {}", order.name());
            let dash = || cycles(Dash::<RandomState>::default(), waiters, order, CYCLES);
            let ours = cycles(Hashed::with_buckets(4 * waiters), waiters, order, CYCLES);
            let fold = cycles(
                HashedFold::with_buckets_and_hasher(4 * waiters, <_>::default()),
                waiters,
                order,
                CYCLES,
            );
            let fold_dash = cycles(Dash::<foldhash::fast::RandomState>::default(), waiters, order, CYCLES);
            [
                row(format!("hashed / {name}"), ours, dash(), Bar::AtMost(0.7)),
                row(format!("  both with foldhash, {waiters} {}", order.name()), fold, fold_dash, Bar::None),
            ]
        })
    });
    Box::new(rows)
}

fn growth() -> Rows {
    Box::new(Order::ALL.into_iter().map(|order| {
        let large = cycles(Hashed::with_buckets(4 * 4096), 4096, order, CYCLES);
        let small = cycles(Hashed::with_buckets(4 * 16), 16, order, CYCLES);
        row(format!("hashed, 4096 / 16 {}", order.name()), large, small, Bar::AtMost(1.5))
    }))
}

fn threads() -> Rows {
    let rows = [(16, "16 own keys each"), (0, "a new key each time")].into_iter().map(|(own, what)| {
        let ours = two_threads(Hashed::with_buckets(4 * 256), own, THREAD_CYCLES);
        let peer = two_threads(Dash::<RandomState>::default(), own, THREAD_CYCLES);
        row(format!("hashed / DashMap, 2 threads, {what}"), ours, peer, Bar::AtMost(0.8))
    });
    Box::new(rows)
}

fn linear() -> Rows {
    let rows = [1, 4, 16, 64, 256, 1024, 4096].into_iter().flat_map(|waiters| {
        [Order::Fifo, Order::Lifo].into_iter().map(move |order| {
            let ours = cycles(Linear::new(), waiters, order, fewer(waiters));
            let peer = cycles(Maitake::new(), waiters, order, fewer(waiters));
            row(format!("linear / maitake, {waiters} {}", order.name()), ours, peer, Bar::AtMost(1.0))
        })
    });
    Box::new(rows)
}

fn cancel() -> Rows {
    let rows = Order::ALL.into_iter().flat_map(|order| {
        let maitake = || cancels(Maitake::new(), 4096, order);
        let hashed = cancels(Hashed::with_buckets(4 * 4096), 4096, order);
        let linear = cancels(Linear::new(), 4096, order);
        [
            row(
                format!("hashed / maitake, cancel, 4096 {}", order.name()),
                hashed,
                maitake(),
                Bar::AtMost(1.5),
            ),
            row(
                format!("linear / maitake, cancel, 4096 {}", order.name()),
                linear,
                maitake(),
                Bar::AtMost(1.5),
            ),
        ]
    });
    Box::new(rows)
}

/// Spin locks on both sides, and, without a bar, our operating system's mutex against their spin lock.
fn other_locks() -> Rows {
    let rows = [1, 16].into_iter().flat_map(|waiters| {
        let maitake =
            || cycles(MaitakeSpin::new_with_raw_mutex(Spinlock::new()), waiters, Order::Fifo, CYCLES);
        let hashed = cycles(HashedSpin::with_buckets_on(4 * waiters), waiters, Order::Fifo, CYCLES);
        let linear = cycles(LinearSpin::new_on(), waiters, Order::Fifo, CYCLES);
        let mixed = cycles(Hashed::with_buckets(4 * waiters), waiters, Order::Fifo, CYCLES);
        let mixed_linear = cycles(Linear::new(), waiters, Order::Fifo, CYCLES);
        [
            row(format!("hashed / maitake, both spin, {waiters}"), hashed, maitake(), Bar::AtMost(1.0)),
            row(format!("linear / maitake, both spin, {waiters}"), linear, maitake(), Bar::AtMost(1.0)),
            row(format!("hashed with mutex / maitake spins, {waiters}"), mixed, maitake(), Bar::AtMost(1.0)),
            row(
                format!("linear with mutex / maitake spins, {waiters}"),
                mixed_linear,
                maitake(),
                Bar::AtMost(1.0),
            ),
        ]
    });
    Box::new(rows)
}
