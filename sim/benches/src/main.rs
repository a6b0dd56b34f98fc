//! The simulator's speed beside shuttle's: the same programs, in turns, by the CPU time of this thread.

mod programs;

use std::hint::black_box;

/// How often each program runs on each side; the median counts.
const ROUNDS: usize = 11;

fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: points to a timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Nanoseconds of CPU time per unit. `program` returns how many units it has executed.
fn measure(program: fn(u64) -> u64, executions: u64) -> f64 {
    let begin = cpu_seconds();
    let units = black_box(program(black_box(executions)));
    (cpu_seconds() - begin) * 1e9 / units as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    // An argument selects the programs whose name contains it; a second one, "raddle", leaves shuttle out.
    let only = std::env::args().nth(1).unwrap_or_default();
    if std::env::args().nth(2).as_deref() == Some("raddle") {
        for row in programs::ROWS.iter().filter(|row| row.name.contains(&only)) {
            let costs = (0..ROUNDS).map(|_| measure(row.ours, row.executions * 10)).collect();
            println!("{:<44} {:<10} {:>9.1}", row.name, row.unit, median(costs));
        }
        return;
    }
    print_rows(&only);
    print_picks(&only);
}

fn print_rows(only: &str) {
    println!("{:<44} {:<10} {:>9} {:>9} {:>7}", "program", "unit", "raddle ns", "shuttle ns", "ratio");
    for row in programs::ROWS.iter().filter(|row| row.name.contains(only)) {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..ROUNDS {
            ours.push(measure(row.ours, row.executions));
            theirs.extend(row.theirs.map(|theirs| measure(theirs, row.executions)));
        }
        let ours = median(ours);
        print!("{:<44} {:<10} {ours:>9.1}", row.name, row.unit);
        if row.theirs.is_some() {
            let theirs = median(theirs);
            print!(" {theirs:>9.1} {:>6.1}x", theirs / ours);
        }
        println!();
    }
}

/// A step under each strategy, and how many times as long it takes as one of the random walk.
fn print_picks(only: &str) {
    println!();
    for picked in programs::PICKED.iter().filter(|picked| picked.name.contains(only)) {
        let costs = picked.measure();
        let random = costs[0].1;
        print!("{:<44}", picked.name);
        costs.iter().for_each(|(name, cost)| print!("  {name} {cost:.1} ns, {:.2}x", cost / random));
        println!();
    }
}
