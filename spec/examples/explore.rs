//! Explores the spec of WaitMap and prints what it costs: `cargo run --release -p raddle-spec --example explore [BOUND]`.

use raddle_spec::explorer::{Bound, Limits};
use raddle_spec::waitmap;
use std::time::Instant;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_else(|| "default".to_owned());
    let Some(bound) = Bound::ALL.into_iter().find(|bound| bound.name() == name) else {
        eprintln!("the bounds are small, default and large");
        std::process::exit(2);
    };
    for study in waitmap::studies(bound) {
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
