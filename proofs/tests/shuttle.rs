//! The scenarios on shuttle: `cargo test --features shuttle`.

mod harness;

use std::process::ExitCode;

use harness::{Checker, Reach, Suite};
use raddle_proofs::bounds::on_shuttle;
use raddle_proofs::shuttle::{SCHEDULES, Shuttle, search};
use raddle_proofs::systems::{pool, waitmap};
use raddle_sim::systems::pool::{Ours as OurPool, QueuePool, bug};
use raddle_sim::systems::waitmap::{Ours, OursHashed, TableMap};

const CHECKER: Checker = Checker {
    reach: |demands| {
        on_shuttle(demands)?;
        Ok(Reach { bound: format!("{SCHEDULES} random, {SCHEDULES} PCT"), is_complete: false })
    },
    search,
};

fn main() -> ExitCode {
    let mut suite = Suite::default();
    suite.clean(CHECKER, waitmap::programs("raddle", Ours::<Shuttle>::new));
    suite.clean(CHECKER, waitmap::programs("hashed", OursHashed::<Shuttle>::hashed));
    suite.clean(CHECKER, waitmap::programs("twin", TableMap::<Shuttle, false>::default));
    let canary = waitmap::programs("canary", TableMap::<Shuttle, true>::default);
    suite.caught(CHECKER, canary, waitmap::CAUGHT_BY);
    suite.clean(CHECKER, pool::programs("raddle", OurPool::<Shuttle>::new));
    suite.clean(CHECKER, pool::programs("twin", QueuePool::<Shuttle, { bug::NONE }>::new));
    let canary = pool::programs("canary", QueuePool::<Shuttle, { bug::LOSES_LOOK_AHEAD }>::new);
    suite.caught(CHECKER, canary, pool::CAUGHT_BY);
    suite.run()
}
