//! The scenarios on loom: `cargo test --features loom`.

mod harness;

use std::process::ExitCode;

use harness::{Checker, Reach, Suite};
use raddle_proofs::bounds::on_loom;
use raddle_proofs::loom::{Loom, search};
use raddle_proofs::systems::{pool, waitmap};
use raddle_sim::systems::pool::{Ours as OurPool, QueuePool, bug};
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
    suite.caught(CHECKER, canary, waitmap::CAUGHT_BY);
    suite.clean(CHECKER, pool::programs("raddle", OurPool::<Loom>::new));
    suite.clean(CHECKER, pool::programs("twin", QueuePool::<Loom, { bug::NONE }>::new));
    let canary = pool::programs("canary", QueuePool::<Loom, { bug::LOSES_LOOK_AHEAD }>::new);
    suite.caught(CHECKER, canary, pool::CAUGHT_BY);
    suite.run()
}
