//! Faults: what the environment may do to a program at any time, and seldom does.
//!
//! A condition variable may wake a waiter for no reason, a thread may not start, user code may panic. The kernel asks about each
//! such thing by a choice of its own [`Kind`], where option 0 is that nothing happens: so a fault is replayed and shrunk
//! like everything else, and a search decides how often it happens. Depth-first search tries at most so many of each kind per
//! execution; the random strategies draw for each schedule and kind how rare it is, or that it does not happen at all.
//!
//! A question is asked only where the answer matters: for a compare-and-exchange that would succeed, for a park that would
//! block. And a fault happens at the one moment that leaves it all its consequences. A spurious wakeup, say, happens when
//! the wait begins: the waiter leaves the queue and goes on whenever the strategy lets it, which is what a wakeup at any later
//! moment could not be told from, unless by a notification that the waiter had taken, and that is the ordinary behaviour.
//!
//! Which kinds may happen is part of the [limits](super::Limits) of a kernel. A test harness that is not to be hit by faults
//! of its own making says so by [`spared`].

use std::fmt;
use std::ops::{AddAssign, Index};
use std::panic;
use std::str::FromStr;
use std::thread;

use super::core::{Core, Execution, current};
use crate::choice::Kind;

/// The kinds of faults, in the order of reports.
const KINDS: [Kind; 9] = [
    Kind::Wakeup,
    Kind::Unpark,
    Kind::Exchange,
    Kind::Spawn,
    Kind::Tie,
    Kind::Panic,
    Kind::Body,
    Kind::Cancel,
    Kind::Reentry,
];

/// A set of kinds of faults.
///
/// Its text is `all`, `none`, or the names of the kinds, separated by commas; it is read in the same form.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Faults(u16);

impl Faults {
    /// No faults.
    pub const NONE: Faults = Faults(0);

    /// All faults.
    pub const ALL: Faults = {
        let mut all = Faults::NONE;
        let mut index = 0;
        while index < KINDS.len() {
            all = all.with(KINDS[index]);
            index += 1;
        }
        all
    };

    /// The kinds that are faults.
    pub fn kinds() -> impl Iterator<Item = Kind> {
        KINDS.into_iter()
    }

    /// The same set, and `kind`, which is a [fault](Kind::is_fault): another kind changes nothing.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Faults {
        if kind.is_fault() { Faults(self.0 | 1 << kind as u16) } else { self }
    }

    /// The same set without `kind`.
    #[must_use]
    pub const fn without(self, kind: Kind) -> Faults {
        Faults(self.0 & !(1 << kind as u16))
    }

    /// Whether `kind` is in the set.
    #[inline]
    pub const fn contains(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u16 != 0
    }

    /// The names of the kinds, separated by commas.
    pub(crate) fn names(self) -> String {
        let names: Vec<String> =
            KINDS.iter().filter(|kind| self.contains(**kind)).map(Kind::to_string).collect();
        names.join(",")
    }

    /// All sets that there are.
    pub(crate) fn all_sets() -> impl Iterator<Item = Faults> {
        (0..1_u32 << KINDS.len()).map(|chosen| {
            let is_chosen = |index: &usize| chosen & 1 << index != 0;
            (0..KINDS.len()).filter(is_chosen).fold(Faults::NONE, |set, index| set.with(KINDS[index]))
        })
    }
}

impl Default for Faults {
    /// All but threads that cannot be started and [bodies](Kind::Body) that panic: few programs mean to survive these.
    fn default() -> Self {
        Faults::ALL.without(Kind::Spawn).without(Kind::Body)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Faults::NONE => formatter.pad("none"),
            Faults::ALL => formatter.pad("all"),
            some => formatter.pad(&some.names()),
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Faults({self})")
    }
}

/// A name that no kind of fault has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = KINDS.iter().map(Kind::to_string).collect();
        let UnknownFault(name) = self;
        write!(
            formatter,
            "there is no fault called `{name}`: write `all`, `none`, or some of {}, separated by commas",
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownFault {}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        match text {
            "none" => Ok(Faults::NONE),
            "all" => Ok(Faults::ALL),
            list => list.split(',').map(str::trim).try_fold(Faults::NONE, |set, name| {
                let kind = KINDS.into_iter().find(|kind| kind.to_string() == name);
                kind.map(|kind| set.with(kind)).ok_or_else(|| UnknownFault(name.to_owned()))
            }),
        }
    }
}

/// How many faults of each kind have happened.
#[derive(Copy, Clone, Default, PartialEq, Eq, Hash)]
pub struct FaultCounts([u64; KINDS.len()]);

impl FaultCounts {
    /// The kinds and their counts, in the order of reports.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u64)> {
        KINDS.into_iter().zip(self.0)
    }

    /// How many faults have happened.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Counts the answer to a question of this kind, if it is that a fault happens.
    #[inline]
    pub(crate) fn count(&mut self, kind: Kind, taken: u32) {
        if taken != 0 && kind.is_fault() {
            self.count_one(kind);
        }
    }

    #[cold]
    fn count_one(&mut self, kind: Kind) {
        if let Some(index) = KINDS.iter().position(|other| *other == kind) {
            self.0[index] += 1;
        }
    }
}

impl Index<Kind> for FaultCounts {
    type Output = u64;

    /// The count of a kind; 0 for one that is no fault.
    fn index(&self, kind: Kind) -> &u64 {
        KINDS.iter().position(|other| *other == kind).map_or(&0, |index| &self.0[index])
    }
}

impl AddAssign<&FaultCounts> for FaultCounts {
    fn add_assign(&mut self, other: &FaultCounts) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }
}

impl fmt::Debug for FaultCounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

/// What an [injected](may_panic) panic carries.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct InjectedPanic;

/// The message of an injected panic in reports.
pub(crate) const INJECTED: &str = "an injected panic";

/// What a panic carries that a scenario planned, and whose end the system under test has to cope with: the number of whoever
/// panics. A thread that ends by it is no finding.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct PlannedPanic(pub u32);

/// The message of a planned panic in reports.
pub(crate) const PLANNED: &str = "a planned panic";

impl Core {
    /// Whether the current thread may be asked about a fault of this kind.
    #[inline]
    pub(crate) fn allows_fault(&self, kind: Kind) -> bool {
        self.limits.faults.contains(kind) && self.slots[self.current as usize].spared == 0
    }
}

impl Execution {
    /// Whether a fault of this kind happens here and now.
    #[inline]
    pub(crate) fn fault(self, kind: Kind) -> bool {
        self.with(|core| core.allows_fault(kind)) && self.ask_for_fault(kind)
    }

    /// Whether the current thread may be asked about a fault of this kind.
    pub(crate) fn allows_fault(self, kind: Kind) -> bool {
        self.with(|core| core.allows_fault(kind))
    }

    /// Panics here, if a fault of this kind happens; never on a thread that is unwinding already.
    pub(crate) fn may_panic(self, kind: Kind) {
        let is_unwinding = thread::panicking() && self.may_be_unwinding();
        if !is_unwinding && self.fault(kind) {
            self.set_known_unwinding(true);
            panic::resume_unwind(Box::new(InjectedPanic));
        }
    }

    #[cold]
    fn ask_for_fault(self, kind: Kind) -> bool {
        super::choose(kind, 2) == 1
    }
}

/// Whether a fault of this kind happens here and now: a choice, if such faults are enabled.
///
/// False outside of an execution and while one is torn down.
pub fn fault(kind: Kind) -> bool {
    current().is_some_and(|execution| execution.fault(kind))
}

/// User code begins here (a body, a handler, a destructor), and user code may panic.
///
/// To be called by a test at the places where it stands in for user code. Nothing happens on a thread that is unwinding
/// already: a second panic would end the process.
///
/// The bodies of threads and spawned futures need no such call: the mirror's [`thread`](crate::thread) lets them panic by itself, as a
/// fault of another kind, [`Kind::Body`]. Where a destructor may panic only the test can say. Most must not: what drops
/// several values has no way to go on after two panics.
///
/// # Panics
///
/// With an [`InjectedPanic`], if a choice says so. Nothing is printed.
pub fn may_panic() {
    if let Some(execution) = current() {
        execution.may_panic(Kind::Panic);
    }
}

/// Calls `section`, during which no fault befalls the current thread. For the threads and waits of a harness, which are not what
/// is tested.
pub fn spared<R>(section: impl FnOnce() -> R) -> R {
    /// Ends the section also when it unwinds.
    struct Spared(Execution);

    impl Drop for Spared {
        fn drop(&mut self) {
            self.0.with(|core| core.current_slot().spared -= 1);
        }
    }

    let _spared = current().map(|execution| {
        execution.with(|core| core.current_slot().spared += 1);
        Spared(execution)
    });
    section()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_they_are_written() {
        for set in Faults::all_sets() {
            assert_eq!(set.to_string().parse(), Ok(set));
        }
        assert_eq!(Faults::all_sets().count(), 512);
        assert_eq!("wakeup, tie".parse(), Ok(Faults::NONE.with(Kind::Tie).with(Kind::Wakeup)));
        for wrong in ["", "wakeups", "wakeup,", "none,tie", "thread"] {
            let error = wrong.parse::<Faults>().expect_err(wrong).to_string();
            assert!(
                error.contains("wakeup, unpark, exchange, spawn, tie, panic, body, cancel, reentry"),
                "{error}"
            );
        }
    }

    #[test]
    fn only_faults_are_in_a_set() {
        assert_eq!(Faults::NONE.with(Kind::Thread), Faults::NONE);
        assert!(Faults::kinds().all(|kind| kind.is_fault() && Faults::ALL.contains(kind)));
        assert!(!Faults::ALL.contains(Kind::Thread) && !Kind::Timeout.is_fault());
        let unusual: Vec<Kind> = Faults::kinds().filter(|kind| !Faults::default().contains(*kind)).collect();
        assert_eq!(unusual, [Kind::Spawn, Kind::Body]);
    }
}
