//! The shapes of machine-readable reports. Each document carries its schema's name and version; fields are added within a version,
//! never renamed or removed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::campaign::{CellReport, Failure, Method, Outcome};
use crate::strategy::Sampler;

use super::failure::replay_line;

/// One case under one method.
#[derive(Debug, Serialize)]
pub struct CellJson {
    system: &'static str,
    scenario: String,
    scenario_version: u16,
    subject: String,
    strategy: &'static str,
    /// Of depth-first search.
    preemptions_max: Option<u32>,
    /// Of PCT.
    depth: Option<u32>,
    outcome: &'static str,
    completion: &'static str,
    schedules: u64,
    /// Up to equivalence, of the first `looked_at` ones.
    distinct: Option<u64>,
    looked_at: u64,
    steps: u64,
    events: u64,
    rested: u64,
    cut_short: u64,
    undecided: u64,
    compared: u64,
    leaked_threads: u64,
    left_behind: u64,
    /// By the name of the kind.
    faults: BTreeMap<String, u64>,
    failure: Option<FailureJson>,
}

/// A failing execution.
#[derive(Debug, Serialize)]
pub struct FailureJson {
    schedule: u64,
    /// Which strategy of a portfolio drew it.
    member: Option<&'static str>,
    class: &'static str,
    headline: String,
    details: Vec<String>,
    rules: Vec<RuleJson>,
    token: Option<String>,
    replay: Option<String>,
    choices_found: usize,
    choices_shrunk: usize,
    threads: Vec<String>,
    /// The index of the event that is wrong; see `events`.
    wrong_event: Option<usize>,
    events: Vec<RowJson>,
}

/// A row of a transcript.
#[derive(Debug, Serialize)]
pub struct RowJson {
    thread: usize,
    text: String,
    /// The index of the (last) event that the row shows.
    event: usize,
    step: u64,
}

/// A rule or an obligation.
#[derive(Debug, Serialize)]
pub struct RuleJson {
    id: &'static str,
    sentence: &'static str,
}

impl RuleJson {
    /// Which one it is.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }
}

impl From<&raddle_spec::Rule> for RuleJson {
    fn from(rule: &raddle_spec::Rule) -> Self {
        RuleJson { id: rule.id, sentence: rule.sentence }
    }
}

impl From<&raddle_spec::Obligation> for RuleJson {
    fn from(obligation: &raddle_spec::Obligation) -> Self {
        RuleJson { id: obligation.id, sentence: obligation.sentence }
    }
}

impl CellJson {
    /// The cell as JSON.
    #[must_use]
    pub fn of(report: &CellReport) -> Self {
        let tally = &report.tally;
        let outcome: Outcome = report.outcome();
        let looked_at = report.classes.executions();
        CellJson {
            system: report.id.system,
            scenario: report.id.scenario.to_string(),
            scenario_version: report.id.version,
            subject: report.id.subject.clone(),
            strategy: report.method.name(),
            preemptions_max: match report.method {
                Method::DepthFirst { preemptions, .. } => Some(preemptions),
                Method::Sampled { .. } | Method::Threads { .. } => None,
            },
            depth: match report.method {
                Method::Sampled { sampler: Sampler::Pct { depth }, .. } => depth,
                _ => None,
            },
            outcome: outcome.name(),
            completion: report.completion.name(),
            schedules: tally.schedules,
            distinct: (looked_at > 0).then(|| report.classes.distinct()),
            looked_at,
            steps: tally.steps,
            events: tally.events,
            rested: tally.rested,
            cut_short: tally.cut_short,
            undecided: tally.undecided,
            compared: tally.compared,
            leaked_threads: tally.leaked_threads,
            left_behind: tally.left_behind,
            faults: tally.faults.iter().map(|(kind, count)| (kind.to_string(), count)).collect(),
            failure: report.failure.as_ref().map(|failure| FailureJson::of(report, failure)),
        }
    }
}

impl FailureJson {
    /// The failure as JSON.
    #[must_use]
    pub fn of(report: &CellReport, failure: &Failure) -> Self {
        let Failure { schedule, member, finding, token, transcript, choices } = failure;
        FailureJson {
            schedule: *schedule,
            member: *member,
            class: finding.class.name(),
            headline: finding.headline.clone(),
            details: finding.details.clone(),
            rules: finding.rules.iter().map(|rule| RuleJson::from(*rule)).collect(),
            token: token.clone(),
            replay: replay_line(&report.id, failure),
            choices_found: choices.0,
            choices_shrunk: choices.1,
            threads: transcript.names.clone(),
            wrong_event: finding.event,
            events: transcript.rows.iter().map(RowJson::from).collect(),
        }
    }
}

impl From<&super::Row> for RowJson {
    fn from(row: &super::Row) -> Self {
        RowJson { thread: row.actor, text: row.text.clone(), event: row.event, step: row.step }
    }
}
