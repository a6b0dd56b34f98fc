//! Explores a spec and prints what it costs: `cargo run --release -p raddle-spec --example explore [BOUND [SYSTEM]]`.

use raddle_spec::explorer::{Bound, Limits};
use raddle_spec::{pool, waitmap};
use std::time::Instant;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_else(|| "default".to_owned());
    let Some(bound) = Bound::ALL.into_iter().find(|bound| bound.name() == name) else {
        eprintln!("the bounds are small, default and large");
        std::process::exit(2);
    };
    let system = std::env::args().nth(2).unwrap_or_else(|| "waitmap".to_owned());
    let studies = match system.as_str() {
        "waitmap" => waitmap::studies(bound),
        "pool" => pool::studies(bound),
        _ => {
            eprintln!("the systems are waitmap and pool");
            std::process::exit(2);
        }
    };
    for study in studies {
        let start = Instant::now();
        let found = study.explore(Limits::default(), &|| false);
        let seconds = start.elapsed().as_secs_f64();
        println!("{}: {}", study.name, study.covers);
        println!(
            "  {}: {} states, {} transitions, depth {}, {seconds:.2} s, {:.0} states/s, {} MiB, {} rules",
            found.conclusion(),
            found.states,
            found.transitions,
            found.depth,
            found.states as f64 / seconds,
            found.memory_bytes >> 20,
            found.rules.len(),
        );
        println!("  {:?}", found.rests);
        for failure in &found.failures {
            println!("  {failure}");
            if let Some(run) = failure.run() {
                println!("{run}");
            }
        }
    }
}
