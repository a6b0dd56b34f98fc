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
use raddle_sim::systems::waitmap::{Ours, Subject, World};
use raddle_sim::world::Substrate;
use raddle_spec::Order;
use raddle_spec::waitmap as spec;

use crate::canary::Wrapped;

/// One thread, on which every event counts and nothing is left to choose.
const ONE_THREAD: Substrate = Substrate { thread: || 0, step: || 0, live: || true, choose: |_, _| 0 };

/// Performs `program` on a new map of the subject of this name: `raddle`, or the [canary](crate::canary) or its twin.
///
/// # Errors
///
/// The verdict and the transcript, if something is wrong.
///
/// # Panics
///
/// If there is no such subject.
pub fn run_on(subject: &str, program: &Program) -> Result<(), String> {
    match subject {
        "raddle" => run(Ours::<Std>::new(), program),
        "twin" => run(Wrapped::<_, false>(Ours::<Std>::new()), program),
        "canary" => run(Wrapped::<_, true>(Ours::<Std>::new()), program),
        other => panic!("there is no subject `{other}`: it is raddle, twin or canary"),
    }
}

/// Performs `program` on `map`.
///
/// # Errors
///
/// The verdict and the transcript, if something is wrong.
pub fn run<S: Subject>(map: S, program: &Program) -> Result<(), String> {
    let world = World::new(ONE_THREAD);
    stage::perform(&world, map, program);
    let book = world.take_book();
    // A search for an explanation that is given up is no failure.
    let judgement = judge_recorded(&spec::spec(), &book, Order::Recorded, Halt::Finished);
    if matches!(judgement, Judgement::Passed | Judgement::Undecided) {
        return Ok(());
    }
    Err(crate::told(&judgement, &Transcript::of(&book)))
}
