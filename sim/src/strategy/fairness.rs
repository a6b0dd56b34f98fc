//! Fairness: a thread that only waits for others does not keep them from going on.
//!
//! A search that runs one thread for as long as it can never comes back from a loop in which that thread waits for another one.
//! Musuvathi and Qadeer ("Fair stateless model checking", PLDI 2008) cut just those executions: each time a thread yields, it
//! is put behind every thread that has been able to go on, or that it has kept from going on, and that was not scheduled since
//! its last yield. It stays behind such a thread until that one makes a step. The first yield of a thread costs it nothing, so
//! whatever can happen without a second fruitless round still happens.
//!
//! Yields are the steps that say so (`yield_now`, `spin_loop`), and loops that do not: a thread that reads the same few atomics
//! over and over, while nobody else makes a step, reads the same values again and is as good as yielding. Only reads count;
//! a loop that writes gets somewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{OpKind, StepRecord};
use crate::strategy::Now;

/// So many reads in a row, of one pattern, are a loop that waits. Straight code rarely reads so often to no end.
const READS_OF_A_WAIT: usize = 24;

/// The longest pattern that is recognised.
const LONGEST_PATTERN: usize = 4;

type Threads = BTreeSet<usize>;

/// Who is behind whom, in one execution.
#[derive(Clone, Debug, Default)]
pub(super) struct Fairness {
    /// How many steps of the execution were taken into account.
    seen: usize,
    /// For each thread that has yielded: what happened since it last did.
    windows: BTreeMap<usize, Window>,
    /// For each thread: those that go before it.
    behind: BTreeMap<usize, Threads>,
    /// How many reads in a row the last step ends.
    reads: usize,
    /// Who could go on when the last question was asked.
    enabled: Threads,
}

/// What happened since a thread's last yield.
#[derive(Clone, Debug, Default)]
struct Window {
    /// Who could go on all the time.
    always_enabled: Threads,
    /// Whom the thread itself has kept from going on.
    disabled_by_it: Threads,
    /// Who made a step.
    scheduled: Threads,
}

impl Fairness {
    /// Forgets the last execution.
    pub(super) fn begin(&mut self) {
        *self = Fairness::default();
    }

    /// The options that are open to a fair schedule; `None` if all are.
    pub(super) fn open(&mut self, now: &Now<'_>) -> Option<Vec<u32>> {
        self.update(now);
        let goes_first = |thread: usize| {
            let before = self.behind.get(&thread);
            !before.is_some_and(|before| before.iter().any(|other| now.can_go_on(*other)))
        };
        if self.behind.is_empty() || (0..now.options()).all(|option| goes_first(now.thread(option))) {
            return None;
        }
        let open = (0..now.options()).filter(|option| goes_first(now.thread(*option)));
        Some(open.map(|option| option as u32).collect())
    }

    /// Takes the steps into account that were made since the last question.
    fn update(&mut self, now: &Now<'_>) {
        let log = now.log();
        while self.seen < log.len() {
            let at = self.seen;
            self.seen += 1;
            let yields = self.yields(log, at);
            if self.windows.is_empty() && !yields {
                // Before the first yield nothing matters.
                continue;
            }
            // Between two questions one thread alone could go on.
            let next: Threads = match log.get(at + 1) {
                Some(next) => Threads::from([next.thread as usize]),
                None => (0..now.options()).map(|option| now.thread(option)).collect(),
            };
            let thread = log[at].thread as usize;
            self.step(thread, &next);
            if yields {
                self.put_behind(thread, &next);
            }
            self.enabled = next;
        }
    }

    /// Whether the step at `at` says that its thread waits: by itself, or as one read too many.
    fn yields(&mut self, log: &[StepRecord], at: usize) -> bool {
        let step = log[at];
        let goes_on = at > 0 && log[at - 1].thread == step.thread;
        self.reads = match step.op.kind {
            OpKind::Load if goes_on => self.reads + 1,
            OpKind::Load => 1,
            _ => 0,
        };
        let is_due = self.reads > 0 && self.reads.is_multiple_of(READS_OF_A_WAIT);
        step.op.kind.yields() || is_due && is_repetitive(&log[at + 1 - READS_OF_A_WAIT..=at])
    }

    /// `thread` made a step, and then `next` could go on.
    fn step(&mut self, thread: usize, next: &Threads) {
        for before in self.behind.values_mut() {
            before.remove(&thread);
        }
        for (owner, window) in &mut self.windows {
            window.always_enabled.retain(|other| next.contains(other));
            window.scheduled.insert(thread);
            if *owner == thread {
                window.disabled_by_it.extend(self.enabled.difference(next));
            }
        }
        self.behind.retain(|_, before| !before.is_empty());
    }

    /// `thread` yielded, and then `next` could go on.
    fn put_behind(&mut self, thread: usize, next: &Threads) {
        let window = Window { always_enabled: next.clone(), ..Window::default() };
        let Some(past) = self.windows.insert(thread, window) else { return };
        let starved = past.always_enabled.union(&past.disabled_by_it);
        let starved = starved.filter(|other| !past.scheduled.contains(other) && **other != thread);
        let before: Threads = starved.copied().collect();
        if !before.is_empty() {
            self.behind.entry(thread).or_default().extend(before);
        }
    }
}

/// Whether these steps are one short pattern over and over.
fn is_repetitive(steps: &[StepRecord]) -> bool {
    (1..=LONGEST_PATTERN).any(|length| steps[length..] == steps[..steps.len() - length])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Op;

    fn steps(thread: u32, ops: &[(OpKind, u32)], times: usize) -> Vec<StepRecord> {
        let once = ops.iter().map(|&(kind, target)| StepRecord { thread, op: Op { kind, target } });
        once.collect::<Vec<_>>().repeat(times)
    }

    /// Which of the steps say that their thread waits.
    fn waits(log: &[StepRecord]) -> Vec<usize> {
        let mut fairness = Fairness::default();
        (0..log.len()).filter(|at| fairness.yields(log, *at)).collect()
    }

    #[test]
    fn reading_the_same_over_and_over_is_waiting() {
        for pattern in [&[(OpKind::Load, 3)][..], &[(OpKind::Load, 3), (OpKind::Load, 5)]] {
            let log = steps(1, pattern, 2 * READS_OF_A_WAIT / pattern.len());
            assert_eq!(waits(&log), [READS_OF_A_WAIT - 1, 2 * READS_OF_A_WAIT - 1]);
        }
    }

    #[test]
    fn reading_on_and_on_is_not() {
        let log: Vec<StepRecord> = (0..2 * READS_OF_A_WAIT as u32)
            .flat_map(|object| steps(1, &[(OpKind::Load, object)], 1))
            .collect();
        assert!(waits(&log).is_empty());
    }

    #[test]
    fn a_write_or_another_thread_in_between_is_progress() {
        assert!(waits(&steps(1, &[(OpKind::Load, 3), (OpKind::Modify, 3)], READS_OF_A_WAIT)).is_empty());
        let mut log = steps(1, &[(OpKind::Load, 3)], READS_OF_A_WAIT + 6);
        log[7].thread = 2;
        assert!(waits(&log).is_empty());
    }
}
