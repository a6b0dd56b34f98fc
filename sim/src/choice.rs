//! The stream of choices: all nondeterminism of an execution, one number after the other.
//!
//! Whatever an execution leaves open (who goes on, which waiter is notified, whether a future is dropped here) is asked for
//! as "one of so many options" and answered by a [strategy](crate::strategy). Option 0 is always the dullest, so making a
//! failing run simpler means moving its choices towards zero. A question with a single option is not asked and not
//! recorded. The recorded stream, replayed, gives the same execution again, step by step; an edited stream gives some valid
//! execution.

use std::fmt;

/// What a choice is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Which thread goes on. Option 0 is the current thread, if it can go on; the others follow by number. A thread that
    /// yields or spins asks to let others go first: then the order is cyclic, from the thread after it to itself.
    Thread,
    /// Which of the waiters of a condition variable is notified, the one that waits longest first.
    Waiter,
    /// A number that the code under test asked for by `random_below`.
    Random,
    /// Whether a time limit may end at once: 1 for yes. With 0 it ends when time has to pass, since nobody can go on. See
    /// [`kernel`](crate::kernel).
    Timeout,
    /// Whether a wait for a notification ends without one: a [fault](crate::kernel::Faults), as are those that follow. 0 for no.
    Wakeup,
    /// Whether a parked thread goes on although nobody has unparked it.
    Unpark,
    /// Whether a weak compare-and-exchange fails that would succeed.
    Exchange,
    /// Whether a thread cannot be started.
    Spawn,
    /// Whether the clock shows the same as when it was read before.
    Tie,
    /// Whether user code panics here.
    Panic,
    /// Whether the body of a thread panics before it begins, or once it is done.
    Body,
    /// Whether a pending operation is cancelled here.
    Cancel,
    /// Whether user code calls back here into what has called it, and how.
    Reentry,
    /// Something that a scenario leaves open.
    Scenario,
}

impl Kind {
    /// Whether a random search should take options other than 0 now and then only: taken half of the time, they would leave
    /// nothing of the ordinary behaviour.
    #[inline]
    pub fn is_rare(self) -> bool {
        matches!(self, Kind::Timeout) || self.is_fault() && !matches!(self, Kind::Reentry)
    }

    /// Whether options other than 0 are [faults](crate::kernel::Faults).
    #[inline]
    pub const fn is_fault(self) -> bool {
        match self {
            Kind::Wakeup
            | Kind::Unpark
            | Kind::Exchange
            | Kind::Spawn
            | Kind::Tie
            | Kind::Panic
            | Kind::Body
            | Kind::Cancel
            | Kind::Reentry => true,
            Kind::Thread | Kind::Waiter | Kind::Random | Kind::Timeout | Kind::Scenario => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Kind::Thread => "thread",
            Kind::Waiter => "waiter",
            Kind::Random => "random",
            Kind::Timeout => "timeout",
            Kind::Wakeup => "wakeup",
            Kind::Unpark => "unpark",
            Kind::Exchange => "exchange",
            Kind::Spawn => "spawn",
            Kind::Tie => "tie",
            Kind::Panic => "panic",
            Kind::Body => "body",
            Kind::Cancel => "cancel",
            Kind::Reentry => "reentry",
            Kind::Scenario => "scenario",
        })
    }
}

/// One choice of an execution.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// What it was about.
    pub kind: Kind,
    /// How many options there were, at least two.
    pub options: u32,
    /// The option taken, below `options`.
    pub taken: u32,
}

impl fmt::Display for Choice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} of {}", self.kind, self.taken, self.options)
    }
}
