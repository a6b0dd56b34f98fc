//! What a WaitMap costs, beside `maitake-sync` and beside `DashMap` with a oneshot channel per waiter.
//!
//! Contestants of one row are measured in turn, round after round, so that whatever else the machine does
//! meets all of them. A row compares medians over the rounds of one run. With an argument, only rows whose
//! names contain it.

mod contestants;
mod measure;
mod rows;

use measure::Trial;
use rows::{Bar, Row};

/// How often each contestant of a row has its turn.
const ROUNDS: usize = 15;

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    println!(
        "{:<48} {:>9} {:>9} {:>7}  {:<7}",
        "nanoseconds of CPU per waiter", "ours", "peer", "ratio", "bar"
    );
    let mut missed = 0;
    for Row { name, ours, peer, bar } in rows::all().filter(|row| row.name.contains(&filter)) {
        let (ours, peer) = compare(ours, peer);
        let (ratio, reached) = match bar {
            Bar::AtMost(most) => (ours / peer, Some(ours / peer <= most)),
            Bar::TimesFaster(least) => (peer / ours, Some(peer / ours >= least)),
            Bar::None => (ours / peer, None),
        };
        missed += usize::from(reached == Some(false));
        let word = reached.map_or("", |reached| if reached { "reached" } else { "MISSED" });
        let bar = bar.to_string();
        println!("{name:<48} {ours:>9.1} {peer:>9.1} {ratio:>7.2}  {bar:<7} {word}");
    }
    println!("{missed} missed");
}

/// The medians of both, measured in turn.
fn compare(mut ours: Trial, mut peer: Trial) -> (f64, f64) {
    // Once without counting, to fill caches and let arrays grow.
    ours();
    peer();
    let rounds = (0..ROUNDS).map(|_| (ours(), peer()));
    let (ours, peer): (Vec<f64>, Vec<f64>) = rounds.unzip();
    (median(ours), median(peer))
}

fn median(mut costs: Vec<f64>) -> f64 {
    costs.sort_by(f64::total_cmp);
    costs[costs.len() / 2]
}
