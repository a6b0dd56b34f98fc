//! The command line.

use clap::Parser;
use raddle_sim_benches::bugs::{PROGRAMS, Program};

use crate::trial::Searcher;

/// How many schedules it takes to find known bugs: the strategies of the simulator beside shuttle's schedulers.
#[derive(Debug, Parser)]
pub struct Options {
    /// Only these programs, by name
    #[arg(long, value_delimiter = ',', value_parser = program)]
    program: Vec<Program>,
    /// Only these columns, by name: `surw`, `shuttle URW`
    #[arg(long, value_delimiter = ',', value_parser = searcher)]
    strategy: Vec<Searcher>,
    /// Seeds 1..=N everywhere [default: 20; 200 where the goals ask for it; for `SafeStack` 30 or 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// CPU seconds after which a cell starts no further search
    #[arg(long, value_name = "S", default_value_t = 5.0)]
    seconds: f64,
    /// A rough picture in a minute: 5 seeds, half a second for each cell, no `SafeStack`
    #[arg(long)]
    quick: bool,
    /// The tables in Markdown
    #[arg(long)]
    pub markdown: bool,
}

impl Options {
    pub fn programs(&self) -> Vec<Program> {
        match (self.program.is_empty(), self.quick) {
            (false, _) => self.program.clone(),
            (true, true) => PROGRAMS.iter().copied().filter(|program| program.cap <= 10_000).collect(),
            (true, false) => PROGRAMS.to_vec(),
        }
    }

    pub fn searchers(&self) -> Vec<Searcher> {
        if self.strategy.is_empty() { Searcher::all().collect() } else { self.strategy.clone() }
    }

    pub fn seeds(&self, program: Program, searcher: Searcher) -> u64 {
        let usual = match (self.quick, program.name().as_str()) {
            (true, _) => 5,
            // The bug shows once in some hundred thousand schedules: the mean of ten searches says little.
            (false, "SafeStack") if ["surw", "swarm"].contains(&searcher.name()) => 30,
            (false, "SafeStack") => 10,
            (false, "reorder_100" | "twostage_100" | "WorkStealQueue") if searcher.name() == "surw" => 200,
            (false, _) => 20,
        };
        self.seeds.unwrap_or(usual)
    }

    /// The CPU time of a cell. Ours with a cap of a million schedules is let run to its end: the goal is about all seeds.
    pub fn seconds(&self, program: Program, searcher: Searcher) -> f64 {
        match (self.quick, searcher) {
            (true, _) => 0.5,
            (false, Searcher::Ours(_)) if program.cap > 10_000 => f64::INFINITY,
            (false, _) => self.seconds,
        }
    }
}

fn program(name: &str) -> Result<Program, String> {
    let names = || PROGRAMS.iter().map(Program::name).collect::<Vec<_>>().join(", ");
    Program::named(name).ok_or_else(|| format!("there is no such program, only {}", names()))
}

fn searcher(name: &str) -> Result<Searcher, String> {
    let names = || Searcher::all().map(Searcher::name).collect::<Vec<_>>().join(", ");
    let found = Searcher::all().find(|searcher| searcher.name() == name);
    found.ok_or_else(|| format!("there is no such column, only {}", names()))
}
