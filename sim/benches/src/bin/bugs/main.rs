//! How many schedules it takes to find known bugs: each program under each strategy of the simulator, and under shuttle's
//! schedulers, in one process.
//!
//! Each seed is a search of its own, so what a strategy learns first counts as schedules, too.

mod bars;
mod options;
mod ours;
mod results;
mod table;
mod theirs;
mod trial;

use std::io::{IsTerminal, stderr};

use clap::Parser;
use raddle_sim_benches::bugs::{Form, Program};

use self::options::Options;
use self::ours::Simulator;
use self::results::Results;
use self::trial::{Cell, Searcher};

fn main() {
    let options = Options::parse();
    theirs::remove_panic_hook();
    let mut simulator = Simulator::new();
    let (programs, searchers) = (options.programs(), options.searchers());
    let row = |program: &Program| {
        searchers.iter().map(|searcher| measure(&options, &mut simulator, *program, *searcher)).collect()
    };
    let cells = programs.iter().map(row).collect();
    let results = Results { programs, searchers, cells };
    results.print(options.markdown);
    bars::print(&results);
}

fn measure(options: &Options, simulator: &mut Simulator, program: Program, searcher: Searcher) -> Cell {
    let wanted = options.seeds(program, searcher);
    let shows_progress = stderr().is_terminal();
    let cell = Cell::measure(wanted, options.seconds(program, searcher), |seed| {
        if shows_progress {
            eprint!("\r\x1b[K{program}, {}: seed {seed} of {wanted}", searcher.name());
        }
        searcher.search(simulator, program, Form::Buggy, seed)
    });
    if shows_progress {
        eprint!("\r\x1b[K");
    }
    cell
}
