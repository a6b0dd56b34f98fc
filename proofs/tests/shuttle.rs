//! The scenarios on shuttle: `cargo test --features shuttle`.

mod harness;

use std::process::ExitCode;

use harness::{Checker, Reach, Suite};
use raddle_proofs::bounds::on_shuttle;
use raddle_proofs::shuttle::{SCHEDULES, Shuttle, search};
use raddle_sim::systems::waitmap::{Ours, OursHashed, Subject, TableMap};

fn checker<S>() -> Checker<S>
where
    S: Subject<Platform = Shuttle> + Default,
{
    Checker {
        reach: |scenario, _| {
            on_shuttle(scenario)?;
            Ok(Reach { bound: format!("{SCHEDULES} random, {SCHEDULES} PCT"), is_complete: false })
        },
        search: |scenario, _| search(scenario, S::default),
    }
}

fn main() -> ExitCode {
    let mut suite = Suite::default();
    suite.clean("raddle", checker::<Ours<Shuttle>>());
    suite.clean("hashed", checker::<OursHashed<Shuttle>>());
    suite.clean("twin", checker::<TableMap<Shuttle, false>>());
    suite.caught("canary", checker::<TableMap<Shuttle, true>>());
    suite.run()
}
