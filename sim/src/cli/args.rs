//! The grammar of the command line.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use raddle_sim::kernel::Faults;
use raddle_sim::strategy::Pct;
use raddle_spec::explorer::Bound;

use super::Exit;
use super::console::complain;

/// What the help of every verb ends with.
const EXIT_CODES: &str = "Exit codes: 0 passed; 1 violation found; 2 usage error; 3 inconclusive, something planned was not done; \
                          101 a fault of Raddle itself.";

/// Holds real implementations of concurrency systems against executable specs, in a deterministic simulator.
///
/// Without a verb: `raddle test`, the main job.
#[derive(Debug, Parser)]
#[command(name = "raddle", version, args_conflicts_with_subcommands = true, max_term_width = 110)]
#[command(disable_help_subcommand = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
    #[command(flatten)]
    pub(crate) test: TestArgs,
    /// Write one JSON document to stdout instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// The main job: every implementation through every scenario.
    #[command(after_help = EXIT_CODES)]
    Test(TestArgs),
    /// Explore the specs themselves, state by state: deadlocks, calls that never return, rules that nothing reaches.
    #[command(after_help = EXIT_CODES)]
    Check(CheckArgs),
    /// Simulate one system, or one scenario of it, as much as you like.
    #[command(after_help = EXIT_CODES)]
    Run(RunArgs),
    /// Execute one run again, exactly as its token says, and print its table.
    #[command(after_help = EXIT_CODES)]
    Replay(ReplayArgs),
    /// Hold an execution that was recorded elsewhere against the spec; spec/TRACE.md documents the format.
    #[command(after_help = EXIT_CODES)]
    Judge(JudgeArgs),
    /// Systems, subjects, scenarios, strategies and bounds.
    List,
    /// The normative rules, and the obligations of the code around each system.
    Rules(RulesArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct TestArgs {
    /// A fraction of the schedules: under ten seconds.
    #[arg(long)]
    pub(crate) smoke: bool,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CommonArgs {
    /// The seed of all random choices. The same seed gives the same output.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = seed, allow_negative_numbers = true)]
    pub(crate) seed: u64,
    /// End early after so long (30s, 2m); what is then not done makes the outcome inconclusive.
    #[arg(long, value_name = "TIME", value_parser = budget, allow_hyphen_values = true)]
    pub(crate) budget: Option<Duration>,
    /// Which faults may happen: all, none, or some of wakeup, unpark, exchange, spawn, tie, panic, body, cancel,
    /// reentry.
    #[arg(long, value_name = "LIST", default_value_t = Faults::ALL)]
    pub(crate) faults: Faults,
    /// Worker threads. Does not change the output. [default: one for each core]
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    pub(crate) jobs: Option<u64>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RunArgs {
    /// What to simulate: `waitmap`, or `waitmap/close-many`.
    #[arg(value_name = "SYSTEM[/SCENARIO]")]
    pub(crate) target: String,
    /// How schedules are chosen.
    #[arg(long, value_enum, default_value_t = StrategyName::Swarm)]
    pub(crate) strategy: StrategyName,
    /// For PCT: how many orderings between steps a schedule decides. [default: drawn for each schedule, from 1 to 5]
    #[arg(long, value_name = "N", value_parser = depth, allow_negative_numbers = true)]
    pub(crate) depth: Option<u32>,
    /// Schedules of each scenario; for depth-first, the limit after which the search gives up. [default: 10000; for
    /// depth-first 200000]
    #[arg(long, value_name = "N", value_parser = schedules, allow_negative_numbers = true)]
    pub(crate) schedules: Option<u64>,
    /// For depth-first: how often a thread that could go on may be preempted. [default: 2]
    #[arg(long, value_name = "N", value_parser = preemptions, allow_negative_numbers = true)]
    pub(crate) preemptions: Option<u64>,
    /// The implementation to drive; `raddle list` shows them. Unless given: the first one.
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReplayArgs {
    /// What the token belongs to, for instance `waitmap/close-many`.
    #[arg(value_name = "SYSTEM/SCENARIO")]
    pub(crate) target: String,
    /// The token that a failure printed.
    pub(crate) token: String,
    /// The implementation to drive. Unless given: the first one that `raddle list` shows.
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: Option<String>,
    /// Print every step of the run as well.
    #[arg(long)]
    pub(crate) steps: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CheckArgs {
    /// The systems; all if left out.
    #[arg(value_name = "SYSTEM")]
    pub(crate) systems: Vec<String>,
    /// How large the environments are.
    #[arg(long, value_enum, default_value_t = BoundName::Default)]
    pub(crate) bound: BoundName,
    /// End early after so long (30s, 2m); a spec that was not seen as a whole makes the outcome inconclusive.
    #[arg(long, value_name = "TIME", value_parser = budget, allow_hyphen_values = true)]
    pub(crate) budget: Option<Duration>,
    /// Environments that are explored at a time. Does not change the output. [default: one for each core]
    #[arg(long, value_name = "N", value_parser = jobs, allow_negative_numbers = true)]
    pub(crate) jobs: Option<u64>,
}

/// The bounds of explorations by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BoundName {
    /// Under a second.
    Small,
    /// A few seconds.
    Default,
    /// About a minute, and a gigabyte of memory.
    Large,
}

impl From<BoundName> for Bound {
    fn from(name: BoundName) -> Self {
        match name {
            BoundName::Small => Bound::Small,
            BoundName::Default => Bound::Default,
            BoundName::Large => Bound::Large,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct JudgeArgs {
    /// The trace; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RulesArgs {
    /// One system; all if left out.
    #[arg(value_name = "SYSTEM")]
    pub(crate) system: Option<String>,
}

/// The strategies by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StrategyName {
    /// A mixture: each schedule is drawn by one of the next strategies, and some kinds of choices are switched off.
    Swarm,
    /// At every choice each option is equally likely.
    Random,
    /// The thread with the highest priority goes on; at a few random steps it is lowered. For bugs of few orderings.
    Pct,
    /// Each pending step has a priority, drawn again when it loses a race. For many threads that meet in one place.
    Pos,
    /// All orders of the accesses to a few shared objects are equally likely. For orders that are rare among many threads.
    Surw,
    /// Every schedule up to a number of preemptions.
    DepthFirst,
    /// Threads of the operating system: not simulated, and not reproducible.
    Threads,
}

/// More workers than this are a slip of the finger.
const JOBS_MAX: u64 = 1_024;

fn whole_number(text: &str, allowed: RangeInclusive<u64>) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| allowed.contains(number));
    number.ok_or_else(|| format!("write a whole number from {} to {}", allowed.start(), allowed.end()))
}

fn seed(text: &str) -> Result<u64, String> {
    whole_number(text, 0..=u64::MAX)
}

fn schedules(text: &str) -> Result<u64, String> {
    whole_number(text, 1..=u64::MAX)
}

fn jobs(text: &str) -> Result<u64, String> {
    whole_number(text, 1..=JOBS_MAX)
}

fn preemptions(text: &str) -> Result<u64, String> {
    whole_number(text, 0..=u64::from(u32::MAX))
}

fn depth(text: &str) -> Result<u32, String> {
    let allowed = u64::from(*Pct::DEPTHS.start())..=u64::from(*Pct::DEPTHS.end());
    whole_number(text, allowed).map(|depth| u32::try_from(depth).unwrap_or(u32::MAX))
}

fn budget(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("the budget must be longer than nothing".to_owned()),
        Ok(budget) => Ok(budget),
        Err(_) => Err("write a number and a unit, such as 30s or 2m".to_owned()),
    }
}

/// Parses the arguments of the process. Help and version go to stdout and are no error; everything else that is not a
/// question becomes one line on stderr.
pub(crate) fn parse() -> Result<Cli, Exit> {
    Cli::try_parse().map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // A closed pipe is the reader's decision.
            let _ = error.print();
            Exit::Passed
        }
        _ => {
            complain(&one_line(&error.render().to_string()));
            Exit::Usage
        }
    })
}

/// The message of clap without its usage block, on one line, with the help that says more.
fn one_line(message: &str) -> String {
    let usage = message.find("\nUsage:").unwrap_or(message.len());
    let lines = message[..usage].lines().map(str::trim).filter(|line| !line.is_empty());
    let mut text = String::new();
    for line in lines.filter(|line| !line.starts_with("For more information")) {
        if !text.is_empty() {
            text += if text.ends_with(':') { " " } else { "; " };
        }
        text += line;
    }
    let given = std::env::args_os().nth(1);
    let verb = Cli::command()
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .find(|verb| given.as_ref().is_some_and(|given| given == verb.as_str()));
    let help = verb.map_or_else(String::new, |verb| format!("{verb} "));
    format!("{} (see `raddle {help}--help`)", text.trim_start_matches("error: "))
}
