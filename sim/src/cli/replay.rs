//! `raddle replay`: one run again, exactly.

use std::fmt::Write;

use raddle_sim::campaign::{Judgement, Replayed, replay_entry};
use raddle_sim::report::RowJson;
use raddle_sim::report::RuleJson;
use serde::Serialize;

use super::args::ReplayArgs;
use super::console::Console;
use super::{Exit, UsageError, select};

/// The answer as JSON.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    system: &'static str,
    scenario: String,
    subject: String,
    outcome: &'static str,
    judgement: String,
    rules: Vec<RuleJson>,
    threads: Vec<String>,
    wrong_event: Option<usize>,
    events: Vec<RowJson>,
    steps: Vec<StepJson>,
}

#[derive(Serialize)]
struct StepJson {
    thread: String,
    operation: String,
}

/// Executes the run and shows it.
pub(crate) fn replay(console: &mut Console, args: &ReplayArgs) -> Result<Exit, UsageError> {
    let target = select::target(&args.target)?;
    let suite = target.subject(args.subject.as_deref())?;
    let Some(scenario) = &target.scenario else {
        let system = target.system.name;
        return Err(UsageError(format!(
            "a token belongs to a scenario: write {system}/SCENARIO, as the failure did"
        )));
    };
    let replayed = replay_entry(suite, scenario, &args.token)?;
    let exit = match &replayed.judgement {
        Judgement::Passed | Judgement::Rested => Exit::Passed,
        Judgement::Failed(_) => Exit::Violation,
        Judgement::CutShort | Judgement::Abandoned | Judgement::Undecided => Exit::Inconclusive,
    };
    if console.wants_json() {
        console.print_json(&document(replayed, exit));
    } else {
        console.print(&text(&replayed, args.steps));
    }
    Ok(exit)
}

fn text(replayed: &Replayed, steps: bool) -> String {
    let mut text = format!("{}\n{replayed}", replayed.id);
    if steps {
        text += "\nsteps:\n";
        let width = replayed.steps.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (at, (name, operation)) in replayed.steps.iter().enumerate() {
            writeln!(text, "{at:>5}  {name:<width$}  {operation}")
                .expect("a string takes all that is written");
        }
    }
    text
}

fn document(replayed: Replayed, exit: Exit) -> Document {
    let Replayed { id, judgement, transcript, steps } = replayed;
    let finding = match &judgement {
        Judgement::Failed(finding) => Some(finding),
        _ => None,
    };
    Document {
        schema: "raddle.replay/1",
        system: id.system,
        scenario: id.scenario.into_owned(),
        subject: id.subject,
        outcome: match exit {
            Exit::Passed => "passed",
            Exit::Violation => "failed",
            _ => "inconclusive",
        },
        judgement: judgement.sentence(),
        rules: finding
            .map(|finding| finding.rules.iter().map(|rule| RuleJson::from(*rule)).collect())
            .unwrap_or_default(),
        threads: transcript.names,
        wrong_event: finding.and_then(|finding| finding.event),
        events: transcript.rows.iter().map(RowJson::from).collect(),
        steps: steps.into_iter().map(|(thread, operation)| StepJson { thread, operation }).collect(),
    }
}
