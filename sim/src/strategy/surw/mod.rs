//! Selectively uniform random walks: all orders of the accesses to a few objects are equally likely.
//!
//! Zhao, Wolff, Mathur and Roychoudhury, "Selectively uniform concurrency testing" (ASPLOS 2025). A plain random walk prefers
//! interleavings in which few choices are made early. If it is known how many *events* each thread has left, and each next
//! one is drawn in proportion to that, then all interleavings of threads that do not depend on each other are equally likely.
//! Few of them matter, though, so each schedule selects some objects that threads share, by lot, and makes the order of the
//! accesses to these uniform, and that of nothing else:
//!
//! - Before each event the thread that shall make it is drawn: it is the *intended* one. A thread whose next step is an event
//!   and that is not intended is held.
//! - What a thread has left is learned from a [`Profile`]. Those whom it will start count with it until they are born, and take
//!   the intention over with their share.
//! - Who goes on of those who are not held makes no difference to the order of events. In half of the schedules, by lot, each
//!   of them is equally likely; in the others threads have random ranks, and one goes on until an event stops it.
//! - If all threads that can go on are held, since the intended one is blocked, another of them is drawn.
//!
//! What differs from the paper. An unlock is no event: its order is that of the lock. A thread that announces an event that
//! was not expected has one left. A thread that yields loses the intention, and an execution that is far longer than expected
//! goes on as a random walk: loops that wait for others end.
//!
//! # The favourite
//!
//! Some selections find sooner than others what there is to find. Where the calibration batch has found
//! [a selection that shows more](super::trials) than others, half of the schedules take that one, by lot; so the rest is no more than
//! twice as rare.
//!
//! # Roles
//!
//! Where ninety-nine threads do one thing and one thread another, the one is early in one uniform order in a hundred, and that
//! is what such programs fail by. So one schedule in four, by lot, is uniform in another sense: threads that do the same
//! kinds of things to the same objects have the same *role*, and all roles weigh as much as each other.

mod execution;
mod tickets;

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::choice::Kind;
use crate::kernel::{Op, OpKind, StepRecord, Target};
use crate::strategy::profile::UNKNOWN;
use crate::strategy::touch::changes_others;
use crate::strategy::{Now, Profile, SplitMix64, Strategy};

use self::execution::Execution;

/// An execution with this many times the steps of the longest that was observed waits for something that is held.
const PATIENCE: u64 = 4;

/// And at least so many: few may have been observed.
const PATIENCE_MIN: u64 = 1_000;

/// The weight that is shared out among the threads of a role.
const ROLE_WEIGHT: u64 = 1 << 32;

/// Which accesses a schedule orders uniformly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those to so many shared objects, drawn for each schedule; to all if there are not more.
    Objects(RangeInclusive<u32>),
    /// Those to all shared objects.
    All,
}

/// How much the threads weigh when the next to make an event is drawn.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Balance {
    /// As much as they have events left: all orders of events are equally likely. As in the paper.
    Events,
    /// All roles as much as each other at the beginning, and in a role each thread as in [`Events`](Balance::Events).
    Roles,
    /// For one schedule in four the roles, for the others the events.
    Either,
}

/// Schedules with a uniform order of selected accesses.
#[derive(Clone, Debug)]
pub struct Surw {
    seed: u64,
    next_schedule: u64,
    profile: Arc<Profile>,
    selection: Selection,
    /// In half of the schedules, what is selected in place of what `selection` would draw.
    favourite: Option<Vec<u32>>,
    /// What is selected in the next schedule, whatever else would be.
    next_selected: Option<Vec<u32>>,
    balance: Balance,
    /// After so many steps an execution goes on as a random walk.
    patience: u64,
    /// The objects of the profile that are shared.
    shared: Vec<u32>,
    /// Draws the objects, and who is intended.
    generator: SplitMix64,
    /// Draws all else: a source of its own, so that what is not an event has no say in the order of events.
    beside: SplitMix64,
    /// By object of the profile.
    selected: Vec<bool>,
    /// By thread of the profile: what an event weighs, and all those of the thread and the threads that it will start.
    expected: Vec<Expected>,
    /// By role, how many events its threads make.
    roles: Vec<u64>,
    execution: Execution,
}

/// What a thread of the profile will do.
#[derive(Copy, Clone, Debug)]
struct Expected {
    events: u64,
    weight: u64,
    unit: u64,
}

impl Surw {
    /// The schedules 0, 1, 2, … of the campaign `seed`, with the selection and balance that find most in the benchmark. They
    /// never end by themselves.
    pub fn new(seed: u64, profile: Arc<Profile>) -> Self {
        Surw::starting_at(seed, 0, profile)
    }

    /// Makes `schedule` the next one.
    pub(crate) fn go_to(&mut self, schedule: u64) {
        self.next_schedule = schedule;
    }

    /// As [`new`](Surw::new), from `schedule` on.
    pub fn starting_at(seed: u64, schedule: u64, profile: Arc<Profile>) -> Self {
        let shared = profile.objects().iter().zip(0..).filter(|(object, _)| object.is_shared);
        Surw {
            seed,
            next_schedule: schedule,
            selection: Selection::Objects(1..=3),
            favourite: profile.favourite().map(<[u32]>::to_vec),
            next_selected: None,
            balance: Balance::Either,
            patience: (PATIENCE * profile.maximum_steps()).max(PATIENCE_MIN),
            shared: shared.map(|(_, number)| number).collect(),
            generator: SplitMix64::new(seed),
            beside: SplitMix64::new(seed),
            selected: Vec::new(),
            expected: Vec::new(),
            roles: Vec::new(),
            execution: Execution::default(),
            profile,
        }
    }

    /// With another selection, whatever the profile says of objects that are worth selecting.
    #[must_use]
    pub fn selecting(self, selection: Selection) -> Self {
        Surw { selection, favourite: None, ..self }
    }

    /// Selects these objects of the profile in the next schedule.
    pub(crate) fn select_next(&mut self, objects: &[u32]) {
        self.next_selected = Some(objects.to_vec());
    }

    /// With another balance.
    #[must_use]
    pub fn balancing(self, balance: Balance) -> Self {
        Surw { balance, ..self }
    }

    /// The schedule that the next execution will follow.
    pub fn next_schedule(&self) -> u64 {
        self.next_schedule
    }

    /// Draws the objects the accesses to which are events.
    fn select(&mut self) {
        self.selected.clear();
        self.selected.resize(self.profile.objects().len(), false);
        let mut select = |objects: &[u32]| {
            objects.iter().for_each(|object| self.selected[*object as usize] = true);
        };
        if let Some(objects) = self.next_selected.take() {
            return select(&objects);
        }
        if let Some(objects) = &self.favourite
            && self.generator.below(2) == 0
        {
            return select(objects);
        }
        let count = match &self.selection {
            Selection::All => self.shared.len(),
            Selection::Objects(range) => {
                let more = range.end().saturating_sub(*range.start());
                (range.start() + self.generator.below(more.saturating_add(1))) as usize
            }
        };
        for place in 0..count.min(self.shared.len()) {
            let other = place + self.generator.below((self.shared.len() - place) as u32) as usize;
            self.shared.swap(place, other);
            self.selected[self.shared[place] as usize] = true;
        }
    }

    /// Computes what the threads of the profile are expected to do.
    fn expect(&mut self) {
        let known = self.profile.known();
        let by_role = match self.balance {
            Balance::Events => false,
            Balance::Roles => true,
            Balance::Either => self.generator.below(4) == 0,
        };
        self.expected.clear();
        self.expected.resize(known.threads(), Expected { events: 0, weight: 0, unit: 1 });
        for (object, _) in
            self.profile.objects().iter().zip(&self.selected).filter(|(_, selected)| **selected)
        {
            for (thread, count) in &object.accesses {
                self.expected[*thread].events += count;
            }
        }
        for (thread, expected) in self.expected.iter_mut().enumerate() {
            // The mean, to the nearest.
            let births = known.births(thread);
            expected.events = (expected.events + births / 2) / births;
        }
        if by_role {
            self.roles.clear();
            self.roles.resize(known.threads(), 0);
            for (thread, expected) in self.expected.iter().enumerate() {
                self.roles[known.role(thread)] += expected.events;
            }
            for (thread, expected) in self.expected.iter_mut().enumerate() {
                expected.unit = ROLE_WEIGHT / self.roles[known.role(thread)].clamp(1, ROLE_WEIGHT);
            }
        }
        for thread in (0..self.expected.len()).rev() {
            let expected = &mut self.expected[thread];
            expected.weight += expected.events * expected.unit;
            let weight = expected.weight;
            if let Some(parent) = known.parent(thread) {
                self.expected[parent].weight += weight;
            }
        }
        self.expected.iter().for_each(|expected| self.execution.expect(expected));
    }

    /// Takes note of what has happened since the last question.
    #[inline]
    fn catch_up(&mut self, now: &Now<'_>) {
        // Nearly always: one access, by a thread that is about to make another one.
        if let Some((step, before)) = now.log().split_last()
            && before.len() == self.execution.noted
            && self.execution.follow(*step, now.pending_of_last(), &mut self.generator)
        {
            return;
        }
        self.catch_up_with_anything(now);
    }

    #[inline(never)]
    fn catch_up_with_anything(&mut self, now: &Now<'_>) {
        if self.execution.threads() == 0 {
            self.bear(None);
        }
        let (log, first) = (now.log(), self.execution.noted);
        let mut look_at_all = false;
        while let Some(step) = log.get(self.execution.noted) {
            self.execution.noted += 1;
            look_at_all |= changes_others(step.op.kind);
            self.note(*step, now);
        }
        // Whoever made a step has announced the next one since. The others have announced theirs before.
        if look_at_all {
            (0..self.execution.threads()).for_each(|thread| self.announce(thread, now));
        } else {
            log[first..].iter().for_each(|step| self.announce(step.thread as usize, now));
        }
        let Some(last) = now.last() else { return };
        if first == log.len() {
            // It has come to something else without a step.
            self.announce(last, now);
        }
        if now.pending(last).kind.yields() {
            self.execution.give_way(last, now, &mut self.generator);
        }
    }

    /// Takes note of what `thread` is about to do.
    fn announce(&mut self, thread: usize, now: &Now<'_>) {
        let op = now.pending(thread);
        if op.kind.target() == Target::Object {
            self.claim(thread, op, now);
        }
        self.execution.announce(thread, op);
    }

    fn note(&mut self, step: StepRecord, now: &Now<'_>) {
        let thread = step.thread as usize;
        match step.op.kind {
            OpKind::Spawn => self.bear(Some(thread)),
            OpKind::Exit => self.execution.end(thread, &mut self.generator),
            kind if kind.target() == Target::Object => {
                self.claim(thread, step.op, now);
                if self.execution.note_access(step) {
                    self.execution.made_event(thread, &mut self.generator);
                }
            }
            _ => {}
        }
    }

    /// Recognises the objects up to that of `op`, which `thread` is the first to touch.
    fn claim(&mut self, thread: usize, op: Op, now: &Now<'_>) {
        let execution = &mut self.execution;
        while execution.objects() <= op.target as usize {
            let object = execution.recognition.claim(self.profile.known(), thread, now);
            execution.meet(object != UNKNOWN && self.selected[object as usize]);
        }
    }

    /// Takes note of the birth of the next thread.
    fn bear(&mut self, parent: Option<usize>) {
        let known = self.profile.known();
        let name = self.execution.recognition.bear(known, parent) as usize;
        let family = self.expected.get(name).map(|expected| (known.family(name), *expected));
        self.execution.bear(parent, family, &mut self.generator, &mut self.beside);
    }
}

impl Strategy for Surw {
    fn begin(&mut self) -> bool {
        self.generator = SplitMix64::of_schedule(self.seed, self.next_schedule);
        self.beside = SplitMix64::new(self.generator.next());
        self.next_schedule += 1;
        self.execution.clear(self.beside.below(2) == 0);
        // A schedule depends on its number, not on those before it.
        self.shared.sort_unstable();
        self.select();
        self.expect();
        true
    }

    #[inline]
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        if now.steps() > self.patience {
            return Some(self.beside.below(now.options() as u32) as usize);
        }
        self.catch_up(now);
        self.execution.choose(now, &mut self.generator, &mut self.beside)
    }

    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        self.beside.value(kind, options)
    }
}
