//! What a WaitMap costs, beside `maitake-sync` and beside `DashMap` with a oneshot channel per waiter.

mod contestants;
mod measure;
mod rows;

use measure::Trial;
use rows::Row;

use crate::bar::word;
use crate::median;

/// How often each contestant of a row has its turn.
const ROUNDS: usize = 15;

/// Prints the table; how many bars were missed.
pub(crate) fn run(filter: &str) -> usize {
    println!(
        "{:<48} {:>9} {:>9} {:>7}  {:<7}",
        "nanoseconds of CPU per waiter", "ours", "peer", "ratio", "bar"
    );
    let mut missed = 0;
    for Row { name, ours, peer, bar } in rows::all().filter(|row| row.name.contains(filter)) {
        let (ours, peer) = compare(ours, peer);
        let (ratio, reached) = bar.judge(ours, peer);
        missed += usize::from(reached == Some(false));
        let bar = bar.to_string();
        println!("{name:<48} {ours:>9.1} {peer:>9.1} {ratio:>7.2}  {bar:<7} {}", word(reached));
    }
    missed
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
