//! The command line: what can be asked, and how answers become text, JSON and an exit code.

mod args;
mod canaries;
mod check;
mod console;
mod judge;
mod list;
mod plan;
mod replay;
mod run;
mod select;
mod test;

use std::panic;
use std::process::ExitCode;

use args::{Cli, Verb};
use console::Console;
use raddle_sim::kernel::is_simulated;
use raddle_sim::stress::is_stressed;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was planned ran, and nothing was found.
    Passed = 0,
    /// Something was found.
    Violation = 1,
    /// The question was not one.
    Usage = 2,
    /// Nothing was found, but not all that was planned was done.
    Inconclusive = 3,
    /// Raddle itself is at fault.
    Fault = 101,
}

/// A question that cannot be answered: one line that says what to do.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl<E: std::error::Error> From<E> for UsageError {
    fn from(error: E) -> Self {
        UsageError(error.to_string())
    }
}

/// Keeps quiet about panics of threads that run scenarios: code under test may panic a thousand times, and the report tells of the
/// one that matters.
fn report_only_real_panics() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !is_simulated() && !is_stressed() {
            report(info);
        }
    }));
}

/// Parses the command line, answers, and says how it went.
pub(crate) fn main() -> ExitCode {
    report_only_real_panics();
    let exit = match args::parse() {
        Ok(cli) => answer(cli),
        Err(exit) => exit,
    };
    ExitCode::from(exit as u8)
}

fn answer(cli: Cli) -> Exit {
    let mut console = Console::new(cli.json);
    let answered = match cli.verb.unwrap_or(Verb::Test(cli.test)) {
        Verb::Test(args) => test::test(&mut console, &args),
        Verb::Check(args) => check::check(&mut console, &args),
        Verb::Run(args) => run::run(&mut console, &args),
        Verb::Replay(args) => replay::replay(&mut console, &args),
        Verb::Judge(args) => judge::judge(&mut console, &args),
        Verb::List => Ok(list::list(&mut console)),
        Verb::Rules(args) => list::rules(&mut console, &args),
    };
    answered.unwrap_or_else(|UsageError(line)| {
        console.complain(&line);
        Exit::Usage
    })
}
