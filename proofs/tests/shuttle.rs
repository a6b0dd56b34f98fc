//! The scenarios on shuttle: `cargo test --features shuttle`.

mod harness;

use std::process::ExitCode;

use harness::{Checker, Suite};
use raddle_proofs::bounds::on_shuttle;
use raddle_proofs::shuttle::{SCHEDULES, Shuttle, search};
use raddle_sim::systems::waitmap::{Ours, Subject, TableMap};

fn checker<S>() -> Checker<S>
where
    S: Subject<Platform = Shuttle> + Default,
{
    Checker {
        bound: |scenario, _| on_shuttle(scenario).map(|()| format!("{SCHEDULES} random, {SCHEDULES} PCT")),
        search: |scenario, _| search(scenario, S::default),
    }
}

fn main() -> ExitCode {
    let mut suite = Suite::default();
    suite.clean("raddle", checker::<Ours<Shuttle>>());
    suite.clean("twin", checker::<TableMap<Shuttle, false>>());
    suite.caught("canary", checker::<TableMap<Shuttle, true>>());
    suite.run()
}
