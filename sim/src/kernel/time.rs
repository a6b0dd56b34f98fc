//! Virtual time: the clock of an execution, and the waits that it can end.
//!
//! No simulated run sleeps. The clock is a number of nanoseconds since the execution began, and it moves only where somebody
//! can see it move: when a time limit is used up it moves to the limit, and when it is read it moves by a tick. In between
//! nothing happens to it, however many steps are made, so limits that are set one after the other can end at the same
//! moment.
//!
//! # A limit that is used up is a step of the thread that set it
//!
//! A thread that waits with a limit has announced the operation
//! [`Timeout`](OpKind::Timeout) or [`Elapse`](OpKind::Elapse), and making that step is how the wait ends
//! without a reason: the clock moves to the limit, unless it is past it. So "the limit is used up now" is one more
//! answer to the question who goes on, and strategies need to know nothing of time. Its place in the set of those that can go
//! on is behind all threads, so that among the options the threads come first and the limits after them, by owner. Whoever
//! wakes the thread takes the limit back.
//!
//! # Two modes
//!
//! A real thread may be slow without bound, so a limit may seem to be used up at any time, and a limit that is set later and
//! is shorter may be used up after a longer one: an exhaustive search has to look at all of that (the order of the limits alone
//! would lose behaviours). To a random search it would be noise: every wait would end early. So when a limit is set it is
//! decided by a choice whether it is
//!
//! - *eager*: its end is an option at once and at all times, whatever the clock says; the depth-first search answers
//!   so, up to its bound;
//! - *lazy*, the dull answer: its end becomes an option when time has to pass. That is when no thread can go on, or all that can
//!   go on yield or spin, for those limits that end first; or when the clock has passed it. The other strategies mostly
//!   answer so.
//!
//! The mode is in the choices of a run and not in its settings, so a token needs not name it. A deadlock is a state without
//! a thread that can go on and without a limit.
//!
//! # The clock is read in steps
//!
//! Reading the clock is a step, because it matters which readings and which ends of limits come before it. A reading is by a
//! tick later than the one before (two equal readings are a [fault](super::Faults) that a choice asks for). The tick is a
//! microsecond, a fixed amount, so that replay needs no more choices. But a thread that polls the clock would need very many of
//! them to get anywhere: so the tick is doubled with each reading while all threads only look and change nothing.

use std::time::Duration;

use super::core::{Core, Execution};
use super::gate::Side;
use super::operation::{Op, OpKind, Target};
use crate::choice::Kind;

/// By how much a reading of the clock is later than the one before.
const TICK_NANOS: u64 = 1_000;
/// After so many steps of nothing but looking, somebody polls the clock.
const POLLING_STEPS: usize = 32;

/// The clock, and the limits that are not options yet.
#[derive(Debug)]
pub(crate) struct Time {
    /// Nanoseconds since the execution began.
    now: u64,
    tick: u64,
    /// The threads whose limits are lazy, and the moments at which these end.
    lazy: Vec<(u32, u64)>,
    /// How many limits are set.
    limits: u32,
}

impl Time {
    pub(crate) fn new() -> Self {
        Time { now: 0, tick: TICK_NANOS, lazy: Vec::new(), limits: 0 }
    }

    pub(crate) fn reset(&mut self) {
        self.now = 0;
        self.tick = TICK_NANOS;
        self.lazy.clear();
        self.limits = 0;
    }

    /// Whether any thread has set a limit.
    #[inline]
    pub(crate) fn has_limits(&self) -> bool {
        self.limits > 0
    }
}

/// A limit that a waiting thread has set.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Limit {
    /// When it ends, in nanoseconds since the execution began.
    end: u64,
    /// What the thread will do when it is woken before that.
    woken: Op,
}

impl Core {
    /// The place of a thread's limit in the set of those that can go on.
    #[inline]
    fn place_of_limit(&self, thread: u32) -> u32 {
        self.limits.threads as u32 + thread
    }

    /// The place by which `thread` can go on, if it can.
    #[inline]
    pub(crate) fn place_of(&self, thread: u32) -> Option<u32> {
        let place = if self.runnable.contains(thread) { thread } else { self.place_of_limit(thread) };
        (place == thread || self.runnable.contains(place)).then_some(place)
    }

    /// The thread that goes on at `place`.
    #[inline]
    pub(crate) fn thread_at(&self, place: u32) -> u32 {
        let threads = self.limits.threads as u32;
        if place < threads { place } else { place - threads }
    }

    /// Whether `thread` waits for nothing but the clock, so that it can go on sooner or later.
    pub(crate) fn can_time_out(&self, thread: u32) -> bool {
        self.slots[thread as usize].limit.is_some()
    }

    /// Sets a limit for the wait that the current thread begins. `woken` is its operation if it is woken.
    fn set_limit(&mut self, woken: Op, end: u64, is_eager: bool) {
        let thread = self.current;
        self.slot(thread).limit = Some(Limit { end, woken });
        self.time.limits += 1;
        self.pending[thread as usize] = match woken.kind.target() {
            Target::Object => Op { kind: OpKind::Timeout, target: woken.target },
            _ => Op { kind: OpKind::Elapse, target: 0 },
        };
        if is_eager || end <= self.time.now {
            self.runnable.insert(self.place_of_limit(thread));
        } else {
            self.time.lazy.push((thread, end));
        }
    }

    /// Takes back the limit of `thread`, if it has one: its next operation is again the one that waking it makes possible.
    #[inline]
    pub(crate) fn take_back_limit(&mut self, thread: u32) -> Option<u64> {
        let limit = self.slot(thread).limit.take()?;
        self.time.limits -= 1;
        self.runnable.remove(self.place_of_limit(thread));
        self.time.lazy.retain(|(owner, _)| *owner != thread);
        self.pending[thread as usize] = limit.woken;
        Some(limit.end)
    }

    /// Takes back the limit of `thread` if it is parked.
    pub(crate) fn end_park(&mut self, thread: u32) {
        if self.slot(thread).limit.is_some_and(|limit| limit.woken.kind == OpKind::Park) {
            self.take_back_limit(thread);
        }
    }

    /// Makes options of all limits.
    pub(crate) fn end_limits(&mut self) {
        self.end_lazy_limits(u64::MAX);
    }

    /// Moves the clock to `moment`, unless it is later; the limits that it passes become options.
    fn move_clock(&mut self, moment: u64) {
        self.time.now = self.time.now.max(moment);
        self.end_lazy_limits(self.time.now);
    }

    /// Time has to pass: makes options of the limits that end first. False if there are none.
    pub(crate) fn let_time_pass(&mut self) -> bool {
        let first = self.time.lazy.iter().map(|(_, end)| *end).min();
        if let Some(first) = first {
            self.end_lazy_limits(first);
        }
        first.is_some()
    }

    /// Makes options of the lazy limits that end at `moment` or before.
    fn end_lazy_limits(&mut self, moment: u64) {
        let Core { time, runnable, limits, .. } = self;
        time.lazy.retain(|(owner, end)| {
            let is_later = *end > moment;
            if !is_later {
                runnable.insert(limits.threads as u32 + owner);
            }
            is_later
        });
    }

    /// Whether all threads that can go on ask that others go first.
    fn all_yield(&self) -> bool {
        let stays =
            |thread: u32| self.place_of(thread).is_some() && !self.pending[thread as usize].kind.yields();
        !(0..self.born).any(stays)
    }

    /// Whether for a while nobody has done more than look.
    fn is_polling(&self) -> bool {
        let looks = |kind| {
            matches!(kind, OpKind::Now | OpKind::Load | OpKind::IsFinished | OpKind::Point) || kind.yields()
        };
        let last = self.log.len().checked_sub(POLLING_STEPS);
        last.is_some_and(|first| self.log[first..].iter().rev().all(|step| looks(step.op.kind)))
    }

    fn tick(&mut self) {
        self.time.tick = if self.is_polling() { self.time.tick.saturating_mul(2) } else { TICK_NANOS };
        self.move_clock(self.time.now.saturating_add(self.time.tick));
    }
}

impl Execution {
    /// Reads the clock: nanoseconds since the execution began.
    pub(crate) fn now(self) -> u64 {
        self.offer(OpKind::Now, 0);
        if !self.fault(Kind::Tie) {
            self.with(Core::tick);
        }
        self.record();
        let now = self.with(|core| core.time.now);
        self.note_value(|| now);
        now
    }

    /// Blocks until the clock has moved by `limit`.
    pub(crate) fn sleep(self, limit: Duration) {
        self.step(OpKind::Sleep, 0);
        self.set_limit(Op { kind: OpKind::Sleep, target: 0 }, limit);
        let is_woken = self.wait_with_limit(None);
        debug_assert!(!is_woken, "nobody wakes a sleeping thread");
    }

    /// Blocks until the current thread is unparked, or was before, or the clock has moved by `limit`, or for no reason.
    pub(crate) fn park_timeout(self, limit: Duration) {
        self.step(OpKind::ParkTimeout, 0);
        if !self.with(|core| core.current_slot().unpark_token) && !self.fault(Kind::Unpark) {
            self.set_limit(Op { kind: OpKind::Park, target: 0 }, limit);
            if self.wait_with_limit(None) {
                self.record();
            }
        }
        self.with(|core| core.current_slot().unpark_token = false);
    }

    /// As [`wait`](Execution::wait), but waits no longer than `limit`. Returns whether the wait ended in time, by a
    /// notification or for no reason.
    pub(crate) fn wait_timeout(self, condvar: u32, mutex: u32, limit: Duration) -> bool {
        self.begin_wait(mutex);
        if self.fault(Kind::Wakeup) {
            self.acquire(OpKind::Relock, mutex);
            return true;
        }
        self.set_limit(Op { kind: OpKind::Wait, target: condvar }, limit);
        let is_notified = self.wait_with_limit(Some((condvar, Side::InOrder)));
        if is_notified {
            // Resumed with the mutex free and the queue left, as in `wait`.
            self.finish_wait(mutex);
        } else {
            self.acquire(OpKind::Relock, mutex);
        }
        is_notified
    }

    /// Blocks in the queue of `object` until the thread is enabled there, or until the clock has moved by `limit`; `kind` is
    /// the operation that the former makes possible. Returns whether it was enabled: then it is the thread's turn to do the
    /// operation, which was not recorded yet. The end of a limit was.
    pub(crate) fn wait_in_queue(self, kind: OpKind, object: u32, side: Side, limit: Duration) -> bool {
        self.before_blocking();
        self.set_limit(Op { kind, target: object }, limit);
        self.wait_with_limit(Some((object, side)))
    }

    /// Lets others go first: a yield, or a turn of a spin loop. If all threads do so, time passes.
    #[inline]
    pub(crate) fn let_others_go(self, kind: OpKind) {
        if self.with(|core| !core.time.lazy.is_empty()) {
            self.with(|core| {
                core.announce(kind, 0);
                if core.all_yield() {
                    core.let_time_pass();
                }
            });
        }
        self.step(kind, 0);
    }

    /// Sets a limit for the wait that the current thread begins.
    fn set_limit(self, woken: Op, limit: Duration) {
        let end = self.with(|core| core.time.now).saturating_add(nanos(limit));
        let is_eager = !limit.is_zero() && super::choose(Kind::Timeout, 2) == 1;
        self.with(|core| core.set_limit(woken, end, is_eager));
    }

    /// Blocks the current thread, which has set a limit, in a `queue` if it waits in one. Returns whether it was woken: if not,
    /// the limit has ended, which is a step.
    fn wait_with_limit(self, queue: Option<(u32, Side)>) -> bool {
        let is_torn_down = self.with(|core| {
            core.runnable.remove(core.current);
            core.tearing
        });
        // In a teardown time passes at once: nobody is left who would wait for others on purpose.
        if !is_torn_down {
            let next = self.pick_other();
            match queue {
                _ if next == self.current() => {}
                Some((object, side)) => self.switch_in_queue(object, side, next),
                None => self.switch(next),
            }
        }
        let has_ended = self.with(|core| {
            let timeout = core.current_pending();
            let end = core.take_back_limit(core.current);
            if let Some(end) = end {
                core.pending[core.current as usize] = timeout;
                core.runnable.insert(core.current);
                core.move_clock(end);
            }
            end.is_some()
        });
        if has_ended {
            self.record();
        }
        !has_ended
    }
}

/// What of a duration the clock can show: up to 584 years.
fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
