//! Operations of one thread on a WaitMap: any order, any nesting, judged against the spec.
//!
//! The bytes are a [`Program`]. A [`Stage`](stage::Stage) performs it on a real WaitMap on the standard library's primitives, and
//! everything that can be seen is written down and judged as under the simulator. One thread has no races, and needs no
//! simulator: what is left is every order of operations, every position in the chain of waits at which one is cancelled, and
//! user code (wakers, keys, values, conditions) that calls the map from within the map.

mod program;
mod stage;

pub use program::{Form, Key, Nested, Place, Program, Step, Task};

use raddle::platform::Std;
use raddle_sim::campaign::{Halt, Judgement, judge_recorded};
use raddle_sim::report::Transcript;
use raddle_sim::systems::waitmap::{Ours, OursHashed, Subject, World};
use raddle_sim::world::Substrate;
use raddle_spec::Order;
use raddle_spec::waitmap as spec;

use crate::canary::Wrapped;
use crate::tally::Ran;

/// One thread, on which every event counts and nothing is left to choose.
/// Performs `program` on a new map: that which it chooses itself, or the [canary](crate::canary) or its twin around that, or the one
/// that `subject` names.
///
/// # Errors
///
/// The verdict and the transcript, if something is wrong.
///
/// # Panics
///
/// If there is no such subject.
pub fn run_on(subject: Option<&str>, program: &Program) -> Result<Ran, String> {
    let is_hashed = match subject {
        Some("raddle") => false,
        Some("hashed") => true,
        _ => program.index.is_hashed(),
    };
    match (subject, is_hashed) {
        (None | Some("raddle" | "hashed"), false) => run(Ours::<Std>::new(), program),
        (None | Some("raddle" | "hashed"), true) => run(OursHashed::<Std>::hashed(), program),
        (Some("twin"), false) => run(Wrapped::<_, false>(Ours::<Std>::new()), program),
        (Some("twin"), true) => run(Wrapped::<_, false>(OursHashed::<Std>::hashed()), program),
        (Some("canary"), false) => run(Wrapped::<_, true>(Ours::<Std>::new()), program),
        (Some("canary"), true) => run(Wrapped::<_, true>(OursHashed::<Std>::hashed()), program),
        (Some(other), _) => panic!("there is no subject `{other}`: it is raddle, hashed, twin or canary"),
    }
}

/// Performs `program` on `map`.
///
/// # Errors
///
/// The verdict and the transcript, if something is wrong.
pub fn run<S: Subject>(map: S, program: &Program) -> Result<Ran, String> {
    let world = World::new(Substrate::ONE_THREAD);
    stage::perform(&world, map, program);
    let book = world.take_book();
    match judge_recorded(&spec::spec(), &book, Order::Recorded, Halt::Finished) {
        Judgement::Passed => Ok(Ran::Judged),
        Judgement::Undecided => Ok(Ran::Undecided),
        judgement => Err(crate::told(&judgement, &Transcript::of(&book))),
    }
}
