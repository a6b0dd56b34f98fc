//! Counting executions that are not equivalent.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher};

use super::HappensBefore;
use crate::choice::{Choice, Kind};
use crate::kernel::{OpKind, StepRecord};

/// The executions of one program, up to equivalence: how many different ones were there among the first ones?
#[derive(Clone, Debug, Default)]
pub struct Classes {
    // The hasher is without a random key and the set is never iterated where its order could show.
    seen: HashSet<u64, BuildHasherDefault<DefaultHasher>>,
    executions: u64,
}

impl Classes {
    /// How many executions are looked at, at most: each takes some bytes.
    pub const MOST: u64 = 1 << 20;

    /// Notes one more execution by its [fingerprint].
    pub fn note(&mut self, fingerprint: u64) {
        if !self.is_full() {
            self.executions += 1;
            self.seen.insert(fingerprint);
        }
    }

    /// Whether [`note`](Classes::note) would do nothing any more: [so many](Classes::MOST) executions were looked at.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.executions >= Self::MOST
    }

    /// How many executions were looked at.
    #[must_use]
    pub fn executions(&self) -> u64 {
        self.executions
    }

    /// How many of them were different: no two of these are equivalent.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Adds the executions of `other`. Goes beyond the bound by no more than `other` holds.
    pub fn add(&mut self, other: &Classes) {
        if !self.is_full() {
            self.executions += other.executions;
            self.seen.extend(&other.seen);
        }
    }
}

/// A number that is the same for equivalent executions, on every machine, and different for others up to chance (2⁻⁶⁴ for a
/// pair): a hash of the set of all steps, each with what it does and with its clock.
///
/// Numbers of threads and objects depend on the order in which things come about, so they do not count: a thread is who
/// started it as the how-manieth, and an object is what happens at it. `choices` are those of the execution. Other values
/// than "who goes on" count without their order; so two executions in which two threads drew each other's values, and
/// went on with the same steps, count as one.
#[must_use]
pub fn fingerprint(order: &mut HappensBefore, log: &[StepRecord], choices: &[Choice]) -> u64 {
    let mut threads = Names::default();
    let mut hash = 0_u64;
    order.walk(log, |step, clock| {
        let thread = step.thread as usize;
        let mut place = threads.of(thread) ^ mix(step.op.kind as u64);
        for (thread, steps) in clock.steps() {
            place = place.wrapping_add(mix(threads.of(thread) ^ u64::from(steps)));
        }
        // A sum, so that the order in which the log has them does not count.
        hash = hash.wrapping_add(mix(place));
        if step.op.kind == OpKind::Spawn {
            threads.spawn(thread, step.op.target as usize);
        }
    });
    for choice in choices.iter().filter(|choice| choice.kind != Kind::Thread) {
        let value = (choice.kind as u64) << 48 ^ u64::from(choice.options) << 24 ^ u64::from(choice.taken);
        hash = hash.wrapping_add(mix(!value));
    }
    hash
}

/// Names of threads that do not depend on the schedule.
#[derive(Default)]
struct Names(Vec<(u64, u64)>);

impl Names {
    fn of(&self, thread: usize) -> u64 {
        self.0.get(thread).map_or(0, |(name, _)| *name)
    }

    fn spawn(&mut self, parent: usize, child: usize) {
        let most = parent.max(child);
        if self.0.len() <= most {
            self.0.resize(most + 1, (0, 0));
        }
        let (name, children) = &mut self.0[parent];
        *children += 1;
        self.0[child].0 = mix(name.wrapping_add(*children << 32));
    }
}

/// The finisher of SplitMix64: every bit of the result depends on every bit of the argument.
#[inline]
fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
