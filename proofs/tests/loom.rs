//! The scenarios on loom: `cargo test --features loom`.

mod harness;

use std::process::ExitCode;

use harness::{Checker, Reach, Suite, fails, named, panics};
use raddle_proofs::bounds::on_loom;
use raddle_proofs::loom::{Loom, search};
use raddle_proofs::systems::{pool, waitmap};
use raddle_sim::systems::pool::{Ours as OurPool, QueuePool, bug, scenarios};
use raddle_sim::systems::waitmap::{Ours, OursHashed, TableMap};

const CHECKER: Checker = Checker {
    reach: |demands| {
        let bound = on_loom(demands)?;
        Ok(Reach { bound: bound.to_string(), is_complete: bound.has_every_interleaving() })
    },
    search: |program| search(program, on_loom(&program.demands).expect("it was asked before")),
};

fn main() -> ExitCode {
    let mut suite = Suite::default();
    suite.clean(CHECKER, waitmap::programs("raddle", Ours::<Loom>::new));
    suite.clean(CHECKER, waitmap::programs("hashed", OursHashed::<Loom>::hashed));
    suite.clean(CHECKER, waitmap::programs("twin", TableMap::<Loom, false>::default));
    let canary = waitmap::programs("canary", TableMap::<Loom, true>::default);
    suite.caught(CHECKER, named(canary, waitmap::CAUGHT_BY), fails);
    suite.clean(CHECKER, pool::programs("raddle", OurPool::<Loom>::new));
    suite.clean(CHECKER, pool::programs("twin", QueuePool::<Loom, { bug::NONE }>::new));
    let loses = QueuePool::<Loom, { bug::LOSES_LOOK_AHEAD }>::new;
    suite.caught(CHECKER, pool::program(scenarios::look_ahead(), "canary", loses), fails);
    let begins_late = QueuePool::<Loom, { bug::BEGINS_LATE }>::new;
    suite.caught(CHECKER, pool::program(scenarios::burst_past_stamp(), "late", begins_late), fails);
    let cries_wolf = QueuePool::<Loom, { bug::CRIES_WOLF }>::new;
    suite.caught(CHECKER, pool::program(scenarios::execute_panics(), "wolf", cries_wolf), panics);
    suite.run()
}
