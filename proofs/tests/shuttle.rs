//! The scenarios on shuttle: `cargo test --features shuttle`.

mod harness;

use std::process::ExitCode;

use harness::{Checker, Reach, Suite, fails, named, panics};
use raddle_proofs::bounds::on_shuttle;
use raddle_proofs::shuttle::{SCHEDULES, Shuttle, search};
use raddle_proofs::systems::{pool, waitmap};
use raddle_sim::systems::pool::{Ours as OurPool, QueuePool, bug, scenarios};
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
    suite.caught(CHECKER, named(canary, waitmap::CAUGHT_BY), fails);
    suite.clean(CHECKER, pool::programs("raddle", OurPool::<Shuttle>::new));
    suite.clean(CHECKER, pool::programs("twin", QueuePool::<Shuttle, { bug::NONE }>::new));
    let loses = QueuePool::<Shuttle, { bug::LOSES_LOOK_AHEAD }>::new;
    suite.caught(CHECKER, pool::program(scenarios::look_ahead(), "canary", loses), fails);
    let begins_late = QueuePool::<Shuttle, { bug::BEGINS_LATE }>::new;
    suite.caught(CHECKER, pool::program(scenarios::burst_past_stamp(), "late", begins_late), fails);
    let cries_wolf = QueuePool::<Shuttle, { bug::CRIES_WOLF }>::new;
    suite.caught(CHECKER, pool::program(scenarios::execute_panics(), "wolf", cries_wolf), panics);
    suite.run(None)
}
