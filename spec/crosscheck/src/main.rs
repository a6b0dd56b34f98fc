//! Holds Raddle's explorer against stateright: the same spec in the same environments must have as many states.
//!
//! `cargo run --release --manifest-path spec/crosscheck/Cargo.toml`
//!
//! Only the specs themselves are shared. How one is closed, which moves there are and how states are kept is written a second
//! time here, for stateright.

mod environment;
mod pool;
mod waitmap;

use std::process::ExitCode;
use std::time::Instant;

use environment::Environment;
use raddle_spec::Object;

/// Whether both find as many states.
fn agrees<O>(environment: Environment<O>) -> bool
where
    O: Object<
            State: Send + Sync,
            Op: Send + Sync,
            Ret: Send + Sync,
            Cb: Send + Sync,
            Reply: Send + Sync,
            Phase: Send + Sync,
        > + Clone
        + Send
        + Sync
        + 'static,
{
    let name = environment.name;
    let start = Instant::now();
    let ours = environment.with_raddle();
    let our_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let theirs = environment.with_stateright();
    let their_seconds = start.elapsed().as_secs_f64();
    let word = if ours == theirs { "agrees" } else { "DIFFERS" };
    println!("{name}: {ours} states, stateright {theirs}: {word} ({our_seconds:.2} s, {their_seconds:.2} s)");
    ours == theirs
}

fn main() -> ExitCode {
    // Each is to be told of, also after one that differs.
    let maps = waitmap::environments().into_iter().map(agrees);
    let pools = pool::environments().into_iter().map(agrees);
    let differ = maps.chain(pools).filter(|agree| !agree).count();
    if differ == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
