//! Executable specifications of concurrency systems, and the monitor that holds executions against them.
//!
//! A spec here is a small machine that can do exactly what a correct system may do. Whoever watches a real system,
//! in a simulator, on real threads or from another language, writes down what is visible at its border: calls,
//! returns, and the user code that it runs ([`Event`]). The monitor ([`judge`]) then asks whether the machine could
//! have shown the same. If not, it names the first event that no rule explains, and the rules that were open instead.
//! If the system came to a halt, it asks whether everybody who still waits is excused.
//!
//! | to do | read |
//! |---|---|
//! | write a spec | [`object`]: operations on a state, lifted to an automaton with call stacks |
//! | know what explorer and monitor need | [`automaton`] |
//! | visit every state of a spec | [`explorer`] |
//! | judge a trace | [`monitor`], [`order`] for recordings whose order is not real |
//! | see a complete spec | [`waitmap`] |
//!
//! # A spec in forty lines
//!
//! A wait group counts jobs: `add`, `done`, and `wait`, which returns when none is left.
//!
//! ```
//! use raddle_spec::*;
//! use std::convert::Infallible;
//!
//! static ADDS: Rule = Rule::must("WG-1", "add counts one more job.");
//! static DONE: Rule = Rule::must("WG-2", "done counts one job less.");
//! static PASSES: Rule = Rule::must("WG-3", "wait returns if no job is left.");
//! static WAITS: Rule = Rule::may("WG-4", "wait may wait as long as a job is left.");
//! static COUNTED: Obligation = Obligation {
//!     id: "WG-O1",
//!     sentence: "done is called at most once for each add.",
//!     kind: ObligationKind::Guard,
//! };
//!
//! struct WaitGroup;
//!
//! impl Object for WaitGroup {
//!     type State = u32; // how many jobs are left
//!     type Op = &'static str;
//!     type Ret = &'static str;
//!     type Phase = &'static str; // each operation has a single phase: its name
//!     type Cb = Infallible; // it runs no user code
//!     type Reply = Infallible;
//!
//!     fn init(&self) -> u32 {
//!         0
//!     }
//!
//!     fn call(&self, jobs: &mut u32, _: Actor, op: &&'static str) -> Result<&'static str, Refused> {
//!         if *op == "done" && *jobs == 0 { Err(Refused::Obligation(&COUNTED)) } else { Ok(*op) }
//!     }
//!
//!     fn apply(&self, jobs: &u32, _: Actor, phase: &&'static str, effects: &mut Effects<'_, Self>) {
//!         match *phase {
//!             "add" => effects.push_with(&ADDS, Then::Return("()"), |jobs| *jobs += 1),
//!             "done" => effects.push_with(&DONE, Then::Return("()"), |jobs| *jobs -= 1),
//!             _ if *jobs == 0 => effects.push(&PASSES, Then::Return("()")),
//!             _ => {} // no effect: wait has to wait
//!         }
//!     }
//!
//!     fn may_wait(&self, _: &u32, _: Actor, phase: &&'static str) -> Option<&'static Rule> {
//!         (*phase == "wait").then_some(&WAITS)
//!     }
//!
//!     fn leave(&self, _: &mut u32, _: Actor, cb: &Infallible, _: &&'static str, _: &Infallible)
//!         -> Result<&'static str, Refused> {
//!         match *cb {}
//!     }
//!
//!     fn owed(&self, _: &u32, cb: &Infallible) -> &'static Obligation {
//!         match *cb {}
//!     }
//! }
//!
//! let spec = Lifted(WaitGroup);
//! let (worker, waiter) = (Actor(0), Actor(1));
//! let call = |actor, op| Event::new(actor, Kind::Call(op));
//! let ret = |actor| Event::new(actor, Kind::Return("()"));
//!
//! // The waiter goes on while `done` is still on its way back: the two overlap, so that is right.
//! let add = [call(worker, "add"), ret(worker)];
//! let overlap = [add[0], add[1], call(waiter, "wait"), call(worker, "done"), ret(waiter), ret(worker)];
//! assert!(judge(&spec, &overlap, End::Rest).is_accepted());
//!
//! // It goes on although the job is not done.
//! let early = [add[0], add[1], call(waiter, "wait"), ret(waiter)];
//! let verdict = judge(&spec, &early, End::Cut);
//! assert_eq!(verdict.at(), Some(3));
//! assert_eq!(verdict.rules(), [&WAITS]); // what it should have done
//!
//! // It waits for a job: it may. It goes on waiting after the job is done: the wakeup was lost.
//! let waits = [add[0], add[1], call(waiter, "wait")];
//! assert!(judge(&spec, &waits, End::Rest).is_accepted());
//! let lost = [add[0], add[1], call(waiter, "wait"), call(worker, "done"), ret(worker)];
//! assert_eq!(judge(&spec, &lost, End::Rest).rules(), [&PASSES]);
//!
//! // Too many calls of `done` are the fault of the caller.
//! let verdict = judge(&spec, &[call(worker, "done")], End::Cut);
//! assert!(matches!(verdict, Verdict::Environment(_)));
//! ```

#![forbid(unsafe_code)]

pub mod automaton;
mod configuration;
pub mod event;
pub mod explorer;
mod lifted;
pub mod monitor;
pub mod object;
pub mod order;
pub mod partial;
pub mod pool;
pub mod rule;
pub mod trace;
pub mod waitmap;

pub use automaton::{Automaton, Direction, Pause, Step};
pub use event::{Actor, End, Event, Kind};
pub use monitor::{Candidates, Monitor, Verdict, judge};
pub use object::{Debt, Debtor, Effects, Lifted, Object, Stand, Strand, Then};
pub use order::Order;
pub use partial::Partial;
pub use rule::{Force, Obligation, ObligationKind, Refused, Rule};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
