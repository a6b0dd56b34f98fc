//! What a value costs on its way from a worker to the manager, beside crossbeam's channels and those of `std`.

mod measure;
mod rows;

use measure::{Cost, Trial};
use rows::Row;

use crate::bar::word;
use crate::median;

/// How often each contestant of a row has its turn.
const ROUNDS: usize = 7;

/// Prints the table; how many bars were missed. A bar is reached if it is in time and in CPU.
pub(crate) fn run(filter: &str) -> usize {
    println!(
        "{:<44} {:>8} {:>8} {:>6} {:>8} {:>8} {:>6}  {:<7}",
        "nanoseconds per message", "ours", "peer", "ratio", "our CPU", "peer CPU", "ratio", "bar"
    );
    let mut missed = 0;
    for Row { name, ours, peer, bar } in rows::all().into_iter().filter(|row| row.name.contains(filter)) {
        let (ours, peer) = compare(ours, peer);
        let (wall_ratio, wall_reached) = bar.judge(ours.wall, peer.wall);
        let (cpu_ratio, cpu_reached) = bar.judge(ours.cpu, peer.cpu);
        missed += usize::from(wall_reached == Some(false)) + usize::from(cpu_reached == Some(false));
        let words = format!("{} {}", word(wall_reached), word(cpu_reached));
        println!(
            "{name:<44} {:>8.1} {:>8.1} {wall_ratio:>6.2} {:>8.1} {:>8.1} {cpu_ratio:>6.2}  {:<7} {words}",
            ours.wall,
            peer.wall,
            ours.cpu,
            peer.cpu,
            bar.to_string(),
        );
    }
    missed
}

/// The medians of both, measured in turn.
fn compare(mut ours: Trial, mut peer: Trial) -> (Cost, Cost) {
    // Once without counting.
    ours();
    peer();
    let rounds = (0..ROUNDS).map(|_| (ours(), peer()));
    let (ours, peer): (Vec<Cost>, Vec<Cost>) = rounds.unzip();
    (middle(&ours), middle(&peer))
}

fn middle(costs: &[Cost]) -> Cost {
    Cost {
        wall: median(costs.iter().map(|cost| cost.wall).collect()),
        cpu: median(costs.iter().map(|cost| cost.cpu).collect()),
    }
}
