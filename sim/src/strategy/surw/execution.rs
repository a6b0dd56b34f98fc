//! The execution that is under way: who has how many events left, who is intended, and who is held.

use std::ops::Range;

use crate::kernel::{Op, OpKind, StepRecord, Target, nth_bit};
use crate::strategy::profile::Recognition;
use crate::strategy::touch::changes_others;
use crate::strategy::{Now, SplitMix64};

use super::Expected;
use super::tickets::{NO_SOURCE, NOBODY, Ticket, Tickets};

const NO_EVENT: Op = Op { kind: OpKind::Start, target: 0 };

/// What is known of the execution.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub(super) recognition: Recognition,
    /// How many steps of the log were taken note of.
    pub(super) noted: usize,
    /// By object of the execution.
    objects: Vec<Met>,
    /// The last event, if nothing was to be noted of it but who has made it.
    usual: Op,
    tickets: Tickets,
    /// The ticket that is drawn. Whose it is shall make the next event. There is none, but somebody, where one goes before its turn, as
    /// nobody else can go on, or wants to.
    drawn: Ticket,
    shares: Vec<Share>,
    /// One bit for each thread whose next step is an event: all of these are held but the one that is intended.
    at_event: Vec<u64>,
    /// Whether threads have ranks: then the first of those who are not held goes on. If not, that is drawn for each step.
    is_ranked: bool,
    /// By thread, if they have ranks: the highest is the first.
    ranks: Vec<u64>,
}

/// What is known of an object.
#[derive(Copy, Clone, Debug)]
struct Met {
    /// Whether accesses to it are events.
    is_event: bool,
    /// Whether the recognition wants to know of accesses.
    is_counted: bool,
}

/// What a thread has left to do.
#[derive(Copy, Clone, Debug)]
struct Share {
    /// What the events that it and its unborn descendants will make weigh; nothing when it has ended.
    weight: u64,
    /// What one of its own weighs.
    unit: u64,
    /// Where its own tickets come from.
    source: u32,
}

impl Default for Execution {
    fn default() -> Self {
        Execution {
            recognition: Recognition::default(),
            noted: 0,
            objects: Vec::new(),
            usual: NO_EVENT,
            tickets: Tickets::default(),
            drawn: Ticket::NONE,
            shares: Vec::new(),
            at_event: Vec::new(),
            is_ranked: false,
            ranks: Vec::new(),
        }
    }
}

impl Execution {
    /// An execution begins. `is_ranked`: who is first among those who are not held is drawn for all of it.
    pub(super) fn clear(&mut self, is_ranked: bool) {
        self.recognition.clear();
        self.noted = 0;
        self.objects.clear();
        self.usual = NO_EVENT;
        self.tickets.clear();
        self.drawn = Ticket::NONE;
        self.shares.clear();
        self.at_event.clear();
        self.ranks.clear();
        self.is_ranked = is_ranked;
    }

    /// How many threads were born as far as this knows.
    #[inline]
    pub(super) fn threads(&self) -> usize {
        self.shares.len()
    }

    /// How many objects are known.
    #[inline]
    pub(super) fn objects(&self) -> usize {
        self.objects.len()
    }

    /// Learns whether accesses to the next object are events.
    pub(super) fn meet(&mut self, is_event: bool) {
        let is_counted = self.recognition.counts(self.objects.len());
        self.objects.push(Met { is_event, is_counted });
    }

    /// Takes note of `step`, and of the step that its thread is about to make, if both are accesses to objects that are known.
    /// If not, does nothing, and returns false.
    #[inline(always)]
    pub(super) fn follow(&mut self, step: StepRecord, pending: Op, generator: &mut SplitMix64) -> bool {
        let thread = step.thread as usize;
        if step.op == pending && step.op == self.usual {
            self.noted += 1;
            let share = &mut self.shares[thread];
            if share.source == self.drawn.source() && share.weight >= 2 * share.unit {
                share.weight -= share.unit;
                self.draw(generator);
            } else {
                self.repeat(thread, generator);
            }
            return true;
        }
        if !self.knows_object_of(step.op) || !self.knows_object_of(pending) || changes_others(step.op.kind) {
            return false;
        }
        self.noted += 1;
        if self.note_access(step) {
            self.made_event(thread, generator);
        }
        if self.note_pending(thread, pending) {
            self.expect_event(thread);
        }
        true
    }

    /// `thread` has made an event, and is about to make another one.
    #[inline(never)]
    fn repeat(&mut self, thread: usize, generator: &mut SplitMix64) {
        self.made_event(thread, generator);
        self.expect_event(thread);
    }

    /// Whether `op` is done to an object, and that is known.
    #[inline(always)]
    fn knows_object_of(&self, op: Op) -> bool {
        op.kind.target() == Target::Object && (op.target as usize) < self.objects.len()
    }

    /// Takes note of a step on an object, which is known: whether it is an event.
    #[inline(always)]
    pub(super) fn note_access(&mut self, step: StepRecord) -> bool {
        let Met { is_event, is_counted } = self.objects[step.op.target as usize];
        if is_counted {
            self.recognition.touch(&step);
        }
        let is_event = is_event && step.op.kind != OpKind::Unlock;
        if is_event {
            self.usual = if is_counted || changes_others(step.op.kind) { NO_EVENT } else { step.op };
        }
        is_event
    }

    /// `thread` is about to do `op`. Its object, if it has one, is known.
    pub(super) fn announce(&mut self, thread: usize, op: Op) {
        if self.note_pending(thread, op) {
            self.expect_event(thread);
        }
    }

    /// The same, but for what is expected: whether it is an event.
    #[inline(always)]
    fn note_pending(&mut self, thread: usize, op: Op) -> bool {
        let is_event = op.kind.target() == Target::Object
            && op.kind != OpKind::Unlock
            && self.objects[op.target as usize].is_event;
        let word = &mut self.at_event[thread / 64];
        *word = (*word & !(1 << (thread % 64))) | u64::from(is_event) << (thread % 64);
        is_event
    }

    /// Learns what the next thread of the profile is expected to do. Until it is born its share is that of `main`.
    pub(super) fn expect(&mut self, expected: &Expected) {
        self.tickets.add_source(0, expected.unit, expected.events);
    }

    /// The next thread is born: it takes its share over from its parent. It is the first of the threads of the profile that
    /// are `known`, the others being its descendants, or like none of them.
    pub(super) fn bear(
        &mut self,
        parent: Option<usize>,
        known: Option<(Range<usize>, Expected)>,
        generator: &mut SplitMix64,
        beside: &mut SplitMix64,
    ) {
        let thread = self.threads();
        self.tickets.bear();
        let (source, Expected { mut weight, unit, .. }) = match known {
            Some((family, expected)) => {
                family.clone().for_each(|member| self.tickets.give(member as u32, thread));
                (family.start as u32, expected)
            }
            None => (self.tickets.add_source(thread, 1, 0), Expected { events: 0, weight: 0, unit: 1 }),
        };
        if let Some(parent) = parent {
            let before = self.shares[parent].weight;
            weight = weight.min(before);
            self.shares[parent].weight -= weight;
            if self.drawn.source() != NO_SOURCE {
                self.drawn = self.drawn.given_to(self.tickets.thread_of(self.drawn.source()));
            } else if self.is_intended(parent) && weight > 0 && generator.below_long(before) < weight {
                self.drawn = self.drawn.given_to(thread as u32);
            }
        }
        self.shares.push(Share { weight, unit, source });
        if parent.is_none() {
            self.draw(generator);
        }
        if self.is_ranked {
            // Below the ranks of all who yield there are as many as they need.
            self.ranks.push(1 << 63 | beside.next() >> 1);
        }
        self.at_event.resize(thread / 64 + 1, 0);
    }

    /// `thread` ends.
    pub(super) fn end(&mut self, thread: usize, generator: &mut SplitMix64) {
        self.shares[thread].weight = 0;
        self.tickets.end(thread);
        if self.is_intended(thread) {
            self.put_back();
            self.draw(generator);
        }
    }

    /// `thread` is about to make an event: it has one left, if it was not expected to.
    #[inline]
    fn expect_event(&mut self, thread: usize) {
        let share = &mut self.shares[thread];
        if share.weight < share.unit {
            share.weight = share.unit;
            self.tickets.add(share.source);
        }
    }

    /// `thread` has made an event.
    #[inline(always)]
    pub(super) fn made_event(&mut self, thread: usize, generator: &mut SplitMix64) {
        let share = &mut self.shares[thread];
        share.weight = share.weight.saturating_sub(share.unit);
        if share.source != self.drawn.source() {
            self.made_other_event(thread);
        }
        self.draw(generator);
    }

    /// `thread` has made an event for which no ticket of its own was drawn.
    #[inline(never)]
    fn made_other_event(&mut self, thread: usize) {
        let is_paid = self.tickets.void(self.shares[thread].source);
        // If it has none of its own, one of those it will start gives one, if that is drawn.
        if is_paid || !self.is_intended(thread) {
            self.put_back();
        }
    }

    fn is_intended(&self, thread: usize) -> bool {
        self.drawn.thread() == thread as u32
    }

    /// Draws who shall make the next event.
    #[inline(always)]
    fn draw(&mut self, generator: &mut SplitMix64) {
        self.drawn = self.tickets.draw(generator);
    }

    /// Puts the ticket that is drawn back.
    fn put_back(&mut self) {
        if self.drawn.source() != NO_SOURCE {
            self.tickets.add(self.drawn.source());
            self.drawn = Ticket::without(self.drawn.thread());
        }
    }

    /// Intends one of `candidates` before its turn, by what they weigh; nobody, if that is nothing.
    fn intend_one_of(&mut self, candidates: impl Iterator<Item = usize> + Clone, generator: &mut SplitMix64) {
        self.put_back();
        let total: u64 = candidates.clone().map(|thread| self.shares[thread].weight).sum();
        let mut left = generator.below_long(total);
        let mut candidates = candidates;
        let drawn = candidates.find(|thread| {
            let weight = self.shares[*thread].weight;
            let is_drawn = left < weight;
            left = left.saturating_sub(weight);
            is_drawn
        });
        self.drawn = self.drawn.given_to(drawn.map_or(NOBODY, |thread| thread as u32));
    }

    /// `thread` yields: others go first.
    #[cold]
    pub(super) fn give_way(&mut self, thread: usize, now: &Now<'_>, generator: &mut SplitMix64) {
        if self.is_ranked {
            // Behind all others.
            self.ranks[thread] = (1 << 63) - 1 - now.steps();
        }
        if self.is_intended(thread) || !now.can_go_on(self.drawn.thread() as usize) {
            self.intend_one_of((0..self.threads()).filter(|other| *other != thread), generator);
        }
    }

    /// Who goes on: the option.
    #[inline]
    pub(super) fn choose(
        &mut self,
        now: &Now<'_>,
        generator: &mut SplitMix64,
        beside: &mut SplitMix64,
    ) -> Option<usize> {
        // Often: all are held but the one who is intended.
        let intended = self.drawn.thread();
        if let (Some(few), [at_event]) = (now.few(), &self.at_event[..])
            && intended < 64
            && few & (!at_event | 1 << intended) == 1 << intended
        {
            return now.option_of_one_of(few, intended);
        }
        now.option_of(self.choose_of_many(now, generator, beside))
    }

    #[inline(never)]
    fn choose_of_many(
        &mut self,
        now: &Now<'_>,
        generator: &mut SplitMix64,
        beside: &mut SplitMix64,
    ) -> usize {
        let free = self.draw_free(now, beside);
        free.unwrap_or_else(|| self.draw_among_held(now, generator))
    }

    /// Of the 64 threads from number 64 · `word` on those that can go on and are not held.
    fn free(&self, now: &Now<'_>, word: usize) -> u64 {
        let intended = u64::from(self.drawn.thread() as usize / 64 == word) << (self.drawn.thread() % 64);
        now.runnable(word) & (!self.at_event[word] | intended)
    }

    /// The first of the threads that can go on and are not held.
    fn first(&self, now: &Now<'_>) -> Option<usize> {
        let members = (0..self.at_event.len()).flat_map(|word| {
            let mut left = self.free(now, word);
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(64 * word + bit)
            })
        });
        members.max_by_key(|thread| self.ranks[*thread])
    }

    /// One of the threads that can go on and are not held.
    fn draw_free(&self, now: &Now<'_>, beside: &mut SplitMix64) -> Option<usize> {
        if self.at_event.len() == 1 {
            let free = self.free(now, 0);
            if free & free.wrapping_sub(1) == 0 {
                return (free != 0).then_some(free.trailing_zeros() as usize);
            }
        }
        if self.is_ranked {
            return self.first(now);
        }
        let words = 0..self.at_event.len();
        let count: u32 = words.clone().map(|word| self.free(now, word).count_ones()).sum();
        let mut rank = if count > 1 { beside.below(count) } else { 0 };
        for word in words {
            match nth_bit(self.free(now, word), rank) {
                Ok(thread) => return Some(word * 64 + thread as usize),
                Err(left) => rank = left,
            }
        }
        None
    }

    /// All threads that can go on are held.
    #[cold]
    fn draw_among_held(&mut self, now: &Now<'_>, generator: &mut SplitMix64) -> usize {
        let held = (0..now.threads()).filter(|thread| now.can_go_on(*thread));
        self.intend_one_of(held.clone(), generator);
        if self.drawn.thread() == NOBODY {
            self.drawn = self.drawn.given_to(held.clone().next().expect("some thread can go on") as u32);
        }
        self.drawn.thread() as usize
    }
}
