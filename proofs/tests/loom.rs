//! The scenarios on loom: `cargo test --features loom`.

mod harness;

use std::process::ExitCode;

use harness::{Checker, Reach, Suite};
use raddle_proofs::bounds::on_loom;
use raddle_proofs::loom::{Loom, search};
use raddle_proofs::report::Searched;
use raddle_sim::systems::waitmap::scenarios::Scenario;
use raddle_sim::systems::waitmap::{Ours, OursHashed, Subject, TableMap};

fn checker<S>() -> Checker<S>
where
    S: Subject<Platform = Loom> + Default,
{
    Checker {
        reach: |scenario, subject| {
            let bound = on_loom(scenario, subject)?;
            Ok(Reach { bound: bound.to_string(), is_complete: bound.has_every_interleaving() })
        },
        search: searched,
    }
}

fn searched<S>(scenario: &Scenario<S>, subject: &str) -> Searched
where
    S: Subject<Platform = Loom> + Default,
{
    let bound = on_loom(scenario, subject).expect("it was asked before");
    search(scenario, bound, S::default)
}

fn main() -> ExitCode {
    let mut suite = Suite::default();
    suite.clean("raddle", checker::<Ours<Loom>>());
    suite.clean("hashed", checker::<OursHashed<Loom>>());
    suite.clean("twin", checker::<TableMap<Loom, false>>());
    suite.caught("canary", checker::<TableMap<Loom, true>>());
    suite.run()
}
