//! `raddle judge`: an execution that was recorded elsewhere, held against the spec.

use std::fmt::{Display, Write};
use std::fs::File;
use std::io::{BufReader, Read, stdin};
use std::path::Path;

use raddle_sim::campaign::{Finding, Judgement, judgement_of};
use raddle_sim::report::{RowJson, RuleJson, Transcript, thousands};
use raddle_sim::systems::{pool, waitmap};
use raddle_sim::world::Book;
use raddle_spec::trace::{self, AnyTrace, Bounds, Trace};
use raddle_spec::{Kind, Verdict};
use serde::Serialize;

use super::args::JudgeArgs;
use super::console::Console;
use super::{Exit, UsageError};

/// The answer as JSON.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    system: &'static str,
    outcome: &'static str,
    headline: Option<String>,
    details: Vec<String>,
    rules: Vec<RuleJson>,
    threads: Vec<String>,
    wrong_event: Option<usize>,
    events: Vec<RowJson>,
    candidates: Vec<String>,
}

/// What is to be said of a trace, without the types of its system.
struct Judged {
    system: &'static str,
    judgement: Judgement,
    transcript: Transcript,
    events: usize,
    /// The states in which the system may have been where the explanation ended.
    candidates: Vec<String>,
}

/// Reads the trace, judges it and says why.
pub(crate) fn judge(console: &mut Console, args: &JudgeArgs) -> Result<Exit, UsageError> {
    let judged = match trace::read_any(BufReader::new(open(&args.file)?), Bounds::default())? {
        AnyTrace::Waitmap(trace) => judged(waitmap::NAME, trace::waitmap::judge(&trace), trace)?,
        AnyTrace::Pool(trace) => judged(pool::NAME, trace::pool::judge(&trace), trace)?,
    };
    let exit = match &judged.judgement {
        Judgement::Failed(_) => Exit::Violation,
        Judgement::Undecided => Exit::Inconclusive,
        _ => Exit::Passed,
    };
    if console.wants_json() {
        console.print_json(&document(exit, judged));
    } else {
        console.print(&text(&judged));
    }
    Ok(exit)
}

/// Puts the verdict into the words of the recorder.
fn judged<Op: Display, Ret: Display, Cb: Display, Reply: Display>(
    system: &'static str,
    verdict: Verdict,
    mut trace: Trace<Kind<Op, Ret, Cb, Reply>>,
) -> Result<Judged, UsageError> {
    if let Verdict::Malformed { at, reason } = verdict {
        return Err(UsageError(format!("event {at} of the trace (the first is 0) cannot be: {reason}")));
    }
    let actors = trace.names.get(trace::ACTOR).cloned().unwrap_or_default();
    let book = Book::recorded(actors, std::mem::take(&mut trace.events));
    // From here on everything is text, in which the recorder finds his own names.
    let judgement = told(&trace, judgement_of(&verdict, &book));
    let mut transcript = Transcript::of(&book);
    transcript.rows.iter_mut().for_each(|row| row.text = trace.told(&row.text));
    let candidates = candidates(&verdict).iter().map(|state| trace.told(state)).collect();
    Ok(Judged { system, judgement, transcript, events: book.events.len(), candidates })
}

/// The judgement in the names of the recorder.
fn told<K>(trace: &Trace<K>, mut judgement: Judgement) -> Judgement {
    if let Judgement::Failed(finding) = &mut judgement {
        finding.headline = trace.told(&finding.headline);
        finding.details.iter_mut().for_each(|line| *line = trace.told(line));
    }
    judgement
}

fn open(path: &Path) -> Result<Box<dyn Read>, UsageError> {
    if path == Path::new("-") {
        return Ok(Box::new(stdin()));
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) => Err(UsageError(format!(
            "{}: {error}; name the file of a trace, or - for standard input",
            path.display()
        ))),
    }
}

/// The states in which the system may have been where the explanation ended.
fn candidates(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Violation(violation) => violation.candidates.clone(),
        Verdict::Stuck(stuck) => stuck.candidates.iter().map(|candidate| candidate.state.clone()).collect(),
        _ => Vec::new(),
    }
}

fn word(exit: Exit) -> &'static str {
    match exit {
        Exit::Passed => "accepted",
        Exit::Violation => "rejected",
        _ => "undecided",
    }
}

fn finding(judgement: &Judgement) -> Option<&Finding> {
    match judgement {
        Judgement::Failed(finding) => Some(finding),
        _ => None,
    }
}

fn text(judged: &Judged) -> String {
    let Judged { judgement, transcript, events, candidates, .. } = judged;
    let of = format!("{} events by {} actors", thousands(*events as u64), transcript.names.len());
    let Some(finding) = finding(judgement) else {
        return match judgement {
            Judgement::Undecided => format!("undecided: {of}; the monitor gave up before it had an answer\n"),
            _ => format!("accepted: {of}\n"),
        };
    };
    let mut text = format!("rejected: {of}: {}\n\n  {}\n", finding.class, finding.headline);
    for line in finding.details.iter().cloned().chain(finding.rules.iter().map(ToString::to_string)) {
        text += &format!("  {line}\n");
    }
    text += "\n";
    let shown = match finding.event {
        Some(wrong) => transcript.up_to(wrong),
        None => transcript.clone(),
    };
    shown.write(&mut text, finding.event).expect("a string takes all that is written");
    if !candidates.is_empty() {
        text += "\n  Before that the system may have been:\n";
    }
    const SHOWN: usize = 6;
    for candidate in candidates.iter().take(SHOWN) {
        writeln!(text, "  {candidate}").expect("a string takes all that is written");
    }
    if candidates.len() > SHOWN {
        text += &format!("  or in one of {} other states\n", candidates.len() - SHOWN);
    }
    text
}

fn document(exit: Exit, judged: Judged) -> Document {
    let Judged { system, judgement, transcript, candidates, .. } = judged;
    let finding = finding(&judgement);
    Document {
        schema: "raddle.judge/1",
        system,
        outcome: word(exit),
        headline: finding.map(|finding| finding.headline.clone()),
        details: finding.map(|finding| finding.details.clone()).unwrap_or_default(),
        rules: finding
            .iter()
            .flat_map(|finding| finding.rules.iter().map(|rule| RuleJson::from(*rule)))
            .collect(),
        threads: transcript.names,
        wrong_event: finding.and_then(|finding| finding.event),
        events: transcript.rows.iter().map(RowJson::from).collect(),
        candidates,
    }
}
