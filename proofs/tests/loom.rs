//! The scenarios on loom: `cargo test --features loom`.

mod harness;

use std::process::ExitCode;
use std::sync::atomic::Ordering;

use harness::{Checker, Reach, Suite, fails, named, panics};
use raddle::platform::{Atomic, Memory, Threads};
use raddle_proofs::bounds::on_loom;
use raddle_proofs::loom::{Loom, LoomBool, search};
use raddle_proofs::program::{Demands, Program};
use raddle_proofs::systems::{pool, waitmap};
use raddle_sim::systems::pool::{Ours as OurPool, QueuePool, bug, scenarios};
use raddle_sim::systems::waitmap::{Ours, OursHashed, TableMap};
use raddle_sim::world::World;
use raddle_spec::pool::{Kind, spec};

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
    suite.caught(CHECKER, made_up("unwinds-through-step", unwind_through_step), panics);
    suite.caught(CHECKER, made_up("panics-without-reason", panic_without_reason), panics);
    // Loom maps new stacks for each execution: two searches at a time wait for each other in the operating system for longer
    // than they run.
    suite.run(Some(1))
}

/// A program that breaks a rule of the checker.
fn made_up(scenario: &'static str, run: fn(World<Kind>)) -> Program {
    let (system, subject) = ("pool", "made-up");
    let demands = Demands {
        system,
        scenario,
        subject,
        threads: 2,
        missing: None,
        may_rest: false,
        chooses_often: false,
    };
    Program::new(demands, || spec(1), |_| (), run)
}

/// Another thread might have to run before the step.
fn unwind_through_step(_: World<Kind>) {
    struct Steps(LoomBool);
    impl Drop for Steps {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let _ = Loom::catch_unwind(|| {
        let _steps = Steps(Atomic::new(false));
        Loom::resume_unwind(Box::new(()))
    });
}

/// A thread is not created, and the panic says nothing of that.
fn panic_without_reason(world: World<Kind>) {
    let spawn = || assert!(Loom::spawn("ends", || ()).is_ok(), "no reason");
    let _ = world.expose(|| Loom::catch_unwind(spawn));
}
