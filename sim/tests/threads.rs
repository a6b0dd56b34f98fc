//! The scenarios on threads of the operating system: planted bugs are found, clean subjects are not flagged, and runs that come to a
//! halt or panic are told of and contained.
//!
//! The machine decides which interleavings come up, so the tests ask for many more runs than a finding usually takes.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use raddle::platform::{Condvar, Memory, Mutex, Threads};
use raddle_sim::campaign::{CellReport, Class, Options, Unchecked};
use raddle_sim::stress::Jittered;
use raddle_sim::systems::waitmap::{
    Key, Ours, OursHashed, Subject, TableMap, Value, WaitError, WakeOutcome, canary::TableWait, stress,
};

fn options(schedules: u64, scenarios: &[&str]) -> Options {
    let scenarios = scenarios.iter().map(|name| (*name).to_owned()).collect();
    Options { schedules, scenarios, ..Options::quick() }
}

/// The report of the first failure, and its text.
fn failure<T: fmt::Debug>(checked: Result<T, Unchecked>) -> (CellReport, String) {
    let unchecked = checked.expect_err("something is found");
    let text = unchecked.to_string();
    match unchecked {
        Unchecked::Failed(report) => (*report, text),
        other => panic!("no failing run: {other}"),
    }
}

#[test]
fn the_canary_is_found_given_enough_runs() {
    let options =
        Options { patience: Duration::from_millis(500), ..options(20_000, &["close-against-registration"]) };
    let (report, text) = failure(stress("canary", TableMap::<Jittered, true>::default, &options));
    let failure = report.failure.expect("it failed");
    println!("found in run {}\n{text}", failure.schedule);
    assert!(matches!(failure.finding.class, Class::WrongEvent | Class::Stuck), "{text}");
    assert_eq!(failure.token, None);
    assert!(!failure.transcript.rows.is_empty(), "the report shows the run: {text}");
    assert!(
        text.contains("Real threads cannot be replayed. Of "),
        "the report says how often it fails: {text}"
    );
}

#[test]
fn our_own_maps_and_the_twin_are_never_flagged() {
    let ours = stress("raddle", Ours::<Jittered>::new, &options(60, &[])).unwrap();
    assert_eq!((ours.scenarios, ours.left_out), (25, 1), "one scenario may come to an excused rest");
    let hashed = stress("hashed", OursHashed::<Jittered>::hashed, &options(60, &[])).unwrap();
    assert_eq!((hashed.scenarios, hashed.left_out), (25, 1), "the same one");
    let twin = stress("twin", TableMap::<Jittered, false>::default, &options(60, &[])).unwrap();
    assert!(twin.scenarios > 10);
}

/// A map whose calls take turns at a gate. Who leaves the gate forgets to notify those who wait before it, so once two calls meet,
/// one of them sleeps for ever.
#[derive(Default)]
struct Forgetful {
    map: TableMap<Jittered, false>,
    is_taken: Gate,
    is_free: <Jittered as Threads>::Condvar,
}

struct Gate(<Jittered as Memory>::Mutex<bool>);

impl Default for Gate {
    fn default() -> Self {
        Gate(Mutex::new(false))
    }
}

impl Forgetful {
    fn in_turn<R>(&self, call: impl FnOnce() -> R) -> R {
        let mut is_taken = self.is_taken.0.lock();
        while *is_taken {
            is_taken = Condvar::<Jittered>::wait(&self.is_free, is_taken);
        }
        *is_taken = true;
        drop(is_taken);
        let result = call();
        *self.is_taken.0.lock() = false;
        result
    }
}

/// The wait of a map that takes turns.
struct InTurn<'a> {
    map: &'a Forgetful,
    wait: TableWait<'a, Jittered, false>,
}

impl Future for InTurn<'_> {
    type Output = Result<Value, WaitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let map = self.map;
        map.in_turn(|| Pin::new(&mut self.wait).poll(context))
    }
}

impl Subject for Forgetful {
    type Platform = Jittered;
    type Wait<'a> = InTurn<'a>;

    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value> {
        self.in_turn(|| self.map.wake(key, value))
    }

    fn close(&self) {
        self.in_turn(|| self.map.close());
    }

    fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    fn wait(&self, key: Key) -> InTurn<'_> {
        InTurn { map: self, wait: self.map.wait(key) }
    }
}

#[test]
fn the_watchdog_finds_a_subject_that_loses_wakeups() {
    let options =
        Options { patience: Duration::from_millis(300), ..options(20_000, &["close-against-registration"]) };
    let (report, text) = failure(stress("forgetful", Forgetful::default, &options));
    let finding = report.failure.expect("it failed").finding;
    assert_eq!(finding.class, Class::Stuck, "{text}");
    assert!(text.contains("No thread wrote an event for 300ms"), "{text}");
    assert!(report.tally.left_behind > 0, "the threads that hang are counted");
}

/// A map that panics when it is asked to wake somebody after it was closed.
#[derive(Default)]
struct Fragile {
    map: TableMap<Jittered, false>,
}

impl Subject for Fragile {
    type Platform = Jittered;
    type Wait<'a> = TableWait<'a, Jittered, false>;

    fn wake(&self, key: &Key, value: Value) -> WakeOutcome<Value> {
        if self.is_closed() {
            // No report on stderr.
            Jittered::resume_unwind(Box::new("nobody is there"));
        }
        self.map.wake(key, value)
    }

    fn close(&self) {
        self.map.close();
    }

    fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    fn wait(&self, key: Key) -> Self::Wait<'_> {
        self.map.wait(key)
    }
}

#[test]
fn a_panic_is_contained_and_reported() {
    let (report, text) = failure(stress("fragile", Fragile::default, &options(100, &["close-against-wake"])));
    let finding = report.failure.expect("it failed").finding;
    assert_eq!(finding.class, Class::WrongEvent, "no rule lets a wake panic: {text}");
    assert!(text.contains("panicked: nobody is there"), "{text}");
}
