//! What the systems cost, beside the best peers.
//!
//! Contestants of one row are measured in turn, round after round, so that whatever else the machine does
//! meets all of them. A row compares medians over the rounds of one run. The first argument may name a system;
//! another one leaves only rows whose names contain it.

mod bar;
mod pool;
mod waitmap;

/// Prints the rows whose names contain a text, and counts the bars that are missed.
type Run = fn(&str) -> usize;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let systems: [(&str, Run); 2] = [("waitmap", waitmap::run), ("pool", pool::run)];
    let named = systems.iter().position(|(name, _)| arguments.first().is_some_and(|first| first == name));
    let filter = arguments.get(usize::from(named.is_some())).map_or("", String::as_str);
    let mut missed = 0;
    for (index, (_, run)) in systems.iter().enumerate() {
        if named.is_none_or(|named| named == index) {
            missed += run(filter);
        }
    }
    println!("{missed} missed");
}

/// The middle one.
fn median(mut costs: Vec<f64>) -> f64 {
    costs.sort_by(f64::total_cmp);
    costs[costs.len() / 2]
}
