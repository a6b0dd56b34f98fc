//! What became of the runs of a process, so that those which nobody judged do not pass for judged ones.
//!
//! A target counts each run, and prints the counts when the fuzzer ends the process in good order: after `-runs` or `-max_total_time`,
//! and after an input was replayed. A process that dies of a finding prints that instead. The first run of a kind that was not judged is
//! told at once, and then whenever their number has doubled, so that also a process which is killed has told of them.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// What became of a run in which nothing wrong was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// It ran to its end, or to a rest that the spec excuses, and was judged.
    Judged,
    /// There was no run: the subject does not have what the scenario needs.
    NotOffered,
    /// It was stopped at the step bound. What it had done was judged.
    CutShort,
    /// The monitor gave up before it had an answer.
    Undecided,
}

/// How often each came out.
#[derive(Debug, Default)]
pub struct Tally {
    judged: AtomicU64,
    not_offered: AtomicU64,
    cut_short: AtomicU64,
    undecided: AtomicU64,
}

/// The runs of this process.
static PROCESS: Tally = Tally::new();

impl Tally {
    /// Nothing ran yet.
    #[must_use]
    pub const fn new() -> Self {
        Tally {
            judged: AtomicU64::new(0),
            not_offered: AtomicU64::new(0),
            cut_short: AtomicU64::new(0),
            undecided: AtomicU64::new(0),
        }
    }

    /// Counts a run. True if it was not judged to its end, and the number of these has become a power of two.
    pub fn count(&self, ran: Ran) -> bool {
        let (counter, is_judged) = match ran {
            Ran::Judged => (&self.judged, true),
            Ran::NotOffered => (&self.not_offered, true),
            Ran::CutShort => (&self.cut_short, false),
            Ran::Undecided => (&self.undecided, false),
        };
        // Relaxed: counts, which publish nothing.
        let now = counter.fetch_add(1, Ordering::Relaxed) + 1;
        !is_judged && now.is_power_of_two()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let [judged, not_offered, cut_short, undecided] =
            [&self.judged, &self.not_offered, &self.cut_short, &self.undecided].map(count);
        write!(
            f,
            "{judged} runs judged, {cut_short} cut short, {undecided} undecided, {not_offered} not offered by the subject"
        )
    }
}

/// Counts a run of this process.
pub fn count(ran: Ran) {
    if PROCESS.count(ran) {
        print();
    }
}

/// Makes the process print its counts when it ends in good order. To be called once, before the first run.
pub fn print_at_exit() {
    unsafe extern "C" {
        fn atexit(callback: extern "C" fn()) -> i32;
    }
    extern "C" fn at_exit() {
        print();
    }
    // SAFETY: this is the `atexit` of the C standard, which every platform of the fuzzer has; the callback does not unwind, and lives
    // as long as the program.
    let refused = unsafe { atexit(at_exit) };
    assert_eq!(refused, 0, "the platform keeps a callback for the exit");
}

fn print() {
    // Nobody is left to be told that this failed.
    let _ = writeln!(io::stderr(), "raddle: {PROCESS}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_counted_apart() {
        let tally = Tally::new();
        let runs = [Ran::Judged, Ran::Undecided, Ran::Judged, Ran::CutShort, Ran::NotOffered, Ran::Judged];
        for ran in runs {
            tally.count(ran);
        }
        let told = "3 runs judged, 1 cut short, 1 undecided, 1 not offered by the subject";
        assert_eq!(tally.to_string(), told);
    }

    #[test]
    fn what_was_not_judged_is_told_whenever_it_has_doubled() {
        let tally = Tally::new();
        let told: Vec<u32> = (1..=9).filter(|_| tally.count(Ran::Undecided)).collect();
        assert_eq!(told, [1, 2, 4, 8]);
        assert!(!tally.count(Ran::Judged));
    }
}
