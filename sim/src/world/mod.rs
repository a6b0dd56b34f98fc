//! What one execution of a scenario leaves behind: the events that the spec judges, and the accounts of every item.
//!
//! A scenario talks to the implementation through wrappers that write down each call before they make it and each
//! return after it, and the user code that the implementation calls back into (wakers, drops, predicates) writes down when it
//! is entered and left. All of it lands here, in one list, in the order in which it happened.
//!
//! Writing down is not a step of the simulation: it takes a lock that is never held across a scheduling point, so
//! an observed execution has the same interleavings as an unobserved one. The same world serves every substrate; what differs
//! (who runs, which step it is, who chooses) is in [`Substrate`].

pub mod ledger;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use raddle_spec::{Actor, Event};

use crate::choice::Kind;
use crate::kernel::{self, StepRecord};
use ledger::Ledger;

/// What a world must know of the ground that it stands on.
#[derive(Clone, Copy, Debug)]
pub struct Substrate {
    /// The number of the current thread.
    pub thread: fn() -> u64,
    /// How many steps the execution has made; 0 where nobody counts.
    pub step: fn() -> u64,
    /// Whether events still count: false while unfinished threads are unwound after the end.
    pub live: fn() -> bool,
    /// Chooses a number below the given one; 0 is the dullest.
    pub choose: fn(Kind, u32) -> u32,
    /// Calls a section in which it may happen that no thread can be created. Whether it has happened, as far as is known here.
    pub expose: fn(&mut dyn FnMut()) -> bool,
    /// Whether a thread that unwinds can be told from others that run meanwhile. Where it cannot, nobody may: user code that
    /// panics drops what it has only after its panic was caught.
    pub can_run_while_unwinding: bool,
}

impl Substrate {
    /// A single thread, which makes no choices and meets no faults.
    pub const ONE_THREAD: Substrate = Substrate {
        thread: || 0,
        step: || 0,
        live: || true,
        choose: |_, _| 0,
        expose: |section| {
            section();
            false
        },
        can_run_while_unwinding: true,
    };
}

/// The simulator.
pub const SIMULATED: Substrate = Substrate {
    thread: || kernel::current_thread().map_or(u64::MAX, |thread| thread as u64),
    step: kernel::steps,
    live: || !kernel::is_torn_down(),
    choose: kernel::choose,
    expose: |section| {
        section();
        // What the kernel counts is compared when an execution is reviewed.
        true
    },
    can_run_while_unwinding: true,
};

/// The record of one execution, shared by its threads and by every key, value and waker that they hand out. `K` is what
/// an observer of the system can see: the action of its spec.
pub struct World<K> {
    shared: Arc<Shared<K>>,
}

struct Shared<K> {
    substrate: Substrate,
    book: Mutex<Book<K>>,
}

/// What is written down.
pub struct Book<K> {
    /// The events, in the order in which they happened.
    pub events: Vec<Event<K>>,
    /// For each event, the number of steps that the execution had made.
    pub steps: Vec<u64>,
    /// The name of each actor.
    pub names: Vec<String>,
    /// The accounts.
    pub ledger: Ledger,
    actors: BTreeMap<u64, Actor>,
    numbers: BTreeMap<&'static str, u32>,
}

impl<K> Clone for World<K> {
    fn clone(&self) -> Self {
        World { shared: Arc::clone(&self.shared) }
    }
}

impl<K> fmt::Debug for World<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("events", &self.book().events.len()).finish_non_exhaustive()
    }
}

impl<K> fmt::Debug for Book<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book")
            .field("events", &self.events.len())
            .field("names", &self.names)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

impl<K> Book<K> {
    fn empty() -> Self {
        Book {
            events: Vec::new(),
            steps: Vec::new(),
            names: Vec::new(),
            ledger: Ledger::default(),
            actors: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// A book of events that were recorded elsewhere, by actors with these names.
    #[must_use]
    pub fn recorded(names: Vec<String>, events: Vec<Event<K>>) -> Self {
        Book { steps: vec![0; events.len()], names, events, ..Book::empty() }
    }

    fn write(&mut self, substrate: Substrate, kind: K) {
        if (substrate.live)() {
            let actor =
                *self.actors.get(&(substrate.thread)()).expect("a thread of the scenario has an actor");
            self.events.push(Event::new(actor, kind));
            self.steps.push((substrate.step)());
        }
    }
}

impl<K> Book<K> {
    /// Moves each call to the moment of its first step.
    ///
    /// A thread writes a call down as soon as it gets there, which is together with its previous step; others may make many steps
    /// before the call makes one. Until then nothing of it can be seen, so it may as well have begun only then, and what
    /// returned in between came before it. The monitor can hold the later call against more than the earlier one.
    pub fn delay_calls(&mut self, log: &[StepRecord], is_call: impl Fn(&K) -> bool) {
        let threads: BTreeMap<Actor, u64> =
            self.actors.iter().map(|(thread, actor)| (*actor, *thread)).collect();
        // Where each event belongs: after so many steps, and last among those of the same number if it was moved there.
        let places: Vec<(u64, bool)> = (0..self.events.len())
            .map(|at| match self.first_step_of_call(at, log, &threads, &is_call) {
                Some(step) => (step, true),
                None => (self.steps[at], false),
            })
            .collect();
        let mut entries: Vec<_> = places.into_iter().zip(std::mem::take(&mut self.events)).collect();
        entries.sort_by_key(|(place, _)| *place);
        self.steps = entries.iter().map(|((step, _), _)| *step).collect();
        self.events = entries.into_iter().map(|(_, event)| event).collect();
    }

    /// The number of the first step of the call at `at`, unless it is no call or the call made no step before its next event.
    fn first_step_of_call(
        &self,
        at: usize,
        log: &[StepRecord],
        threads: &BTreeMap<Actor, u64>,
        is_call: impl Fn(&K) -> bool,
    ) -> Option<u64> {
        let event = &self.events[at];
        let thread = threads.get(&event.actor).filter(|_| is_call(&event.kind))?;
        let from = usize::try_from(self.steps[at]).ok()?;
        let offset = log.get(from..)?.iter().position(|step| u64::from(step.thread) == *thread)?;
        let step = (from + offset) as u64;
        let next = (at + 1..self.events.len()).find(|next| self.events[*next].actor == event.actor);
        next.is_none_or(|next| self.steps[next] > step).then_some(step)
    }
}

impl<K> World<K> {
    /// An empty world on `substrate`.
    #[must_use]
    pub fn new(substrate: Substrate) -> Self {
        World { shared: Arc::new(Shared { substrate, book: Mutex::new(Book::empty()) }) }
    }

    /// The book, locked. Nothing in this crate panics while it holds the lock, and no scheduling point lies within.
    pub fn book(&self) -> MutexGuard<'_, Book<K>> {
        self.shared.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the book away, leaving an empty one: whatever is still written down afterwards is lost.
    #[must_use]
    pub fn take_book(&self) -> Book<K> {
        std::mem::replace(&mut self.book(), Book::empty())
    }

    /// Names a new actor: a strand of user code, usually a thread.
    pub fn name_actor(&self, name: &str) -> Actor {
        let mut book = self.book();
        book.names.push(name.to_owned());
        Actor(u32::try_from(book.names.len() - 1).expect("fewer than 2^32 actors"))
    }

    /// The next number of a kind of thing, from 0.
    #[must_use]
    pub fn number(&self, kind: &'static str) -> u32 {
        let mut book = self.book();
        let next = book.numbers.entry(kind).or_insert(0);
        *next += 1;
        *next - 1
    }

    /// Makes the current thread the one that acts as `actor`.
    pub fn act_as(&self, actor: Actor) {
        let thread = (self.shared.substrate.thread)();
        self.book().actors.insert(thread, actor);
    }

    /// Writes down an event of the current thread's actor.
    ///
    /// # Panics
    ///
    /// If the current thread never said [as whom it acts](World::act_as).
    pub fn record(&self, kind: K) {
        self.record_with(kind, |_| ());
    }

    /// Writes down an event and changes the book in the same instant.
    ///
    /// # Panics
    ///
    /// If the current thread never said [as whom it acts](World::act_as).
    pub fn record_with<R>(&self, kind: K, and: impl FnOnce(&mut Book<K>) -> R) -> R {
        let substrate = &self.shared.substrate;
        let mut book = self.book();
        book.write(*substrate, kind);
        and(&mut book)
    }

    /// Writes down an event if `condition` holds, testing it in the same instant; tells whether it did.
    ///
    /// # Panics
    ///
    /// If the current thread never said [as whom it acts](World::act_as).
    pub fn record_if(&self, condition: impl FnOnce() -> bool, kind: K) -> bool {
        let substrate = &self.shared.substrate;
        let mut book = self.book();
        let holds = condition();
        if holds {
            book.write(*substrate, kind);
        }
        holds
    }

    /// Whether events still count.
    #[must_use]
    pub fn is_live(&self) -> bool {
        (self.shared.substrate.live)()
    }

    /// Calls `section`, in which it may happen that no thread can be created. Also tells whether it has.
    pub fn expose<R>(&self, section: impl FnOnce() -> R) -> (R, bool) {
        let (mut section, mut result) = (Some(section), None);
        let has_failed = (self.shared.substrate.expose)(&mut || {
            result = section.take().map(|section| section());
        });
        (result.expect("a section that is exposed is called once"), has_failed)
    }

    /// Whether what user code has is to be kept while it unwinds, and dropped when its panic was caught.
    #[must_use]
    pub fn keeps_while_unwinding(&self) -> bool {
        !self.shared.substrate.can_run_while_unwinding && std::thread::panicking()
    }

    /// Chooses a number below `options`; 0 is the dullest. Every choice of a scenario goes through here, so that it can be
    /// replayed and shrunk.
    #[must_use]
    pub fn choose(&self, kind: Kind, options: u32) -> u32 {
        (self.shared.substrate.choose)(kind, options)
    }
}
