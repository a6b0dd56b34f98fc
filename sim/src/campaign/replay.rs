//! Executing one run again, exactly as its token says.

use std::fmt;

use crate::kernel::{Faults, Kernel, Limits};
use crate::report::Transcript;
use crate::strategy::Replay;
use crate::systems::Suite;
use crate::token::{Expected, Token, TokenError};

use super::case::{Case, CaseId, Detail};
use super::judgement::Judgement;

/// A run that was executed again.
#[derive(Debug)]
pub struct Replayed {
    /// What was executed.
    pub id: CaseId,
    /// What the oracles say.
    pub judgement: Judgement,
    /// The events.
    pub transcript: Transcript,
    /// The steps: the name of the thread, and what it did.
    pub steps: Vec<(String, String)>,
}

/// Why a run cannot be executed again.
#[derive(Debug)]
pub enum ReplayError {
    /// There is no such scenario.
    UnknownScenario {
        /// What was asked for.
        scenario: String,
    },
    /// The subject does not have a part of the API that the scenario needs.
    LeftOut {
        /// The part.
        feature: &'static str,
    },
    /// The token is not one, or belongs to something else.
    Token(TokenError),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::UnknownScenario { scenario } => {
                write!(f, "there is no scenario called `{scenario}`; write the one that the failure names")
            }
            ReplayError::LeftOut { feature } => {
                write!(
                    f,
                    "the scenario needs {feature}, which the subject does not offer; replay it on another subject"
                )
            }
            ReplayError::Token(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReplayError {}

impl From<TokenError> for ReplayError {
    fn from(error: TokenError) -> Self {
        ReplayError::Token(error)
    }
}

impl fmt::Display for Replayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wrong = match &self.judgement {
            Judgement::Failed(finding) => {
                writeln!(f, "{}: {}", finding.class, finding.headline)?;
                finding.details.iter().try_for_each(|detail| writeln!(f, "  {detail}"))?;
                finding.rules.iter().try_for_each(|rule| writeln!(f, "  {rule}"))?;
                finding.event
            }
            other => {
                writeln!(f, "{}", other.sentence())?;
                None
            }
        };
        writeln!(f)?;
        self.transcript.write(f, wrong)
    }
}

impl Judgement {
    /// The judgement in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Judgement::Passed => "passed: nothing is wrong with this run.".to_owned(),
            Judgement::Rested => {
                "passed: the run came to rest before its end, which the spec excuses.".to_owned()
            }
            Judgement::CutShort => "inconclusive: the run was cut short at its bound.".to_owned(),
            Judgement::Abandoned => "inconclusive: the run was abandoned.".to_owned(),
            Judgement::Undecided => "inconclusive: the monitor gave up before it had an answer.".to_owned(),
            Judgement::Failed(finding) => format!("failed: {}", finding.headline),
        }
    }
}

/// Executes `scenario` of `suite` once, exactly as `token` says.
///
/// # Errors
///
/// If there is no such scenario on this subject, or the token is not one or belongs to something else.
pub fn replay_entry(suite: &Suite, scenario: &str, token: &str) -> Result<Replayed, ReplayError> {
    let entry = suite.entries.iter().find(|entry| entry.scenario == scenario);
    let entry = entry.ok_or_else(|| ReplayError::UnknownScenario { scenario: scenario.to_owned() })?;
    let case = entry.case.as_ref().map_err(|feature| ReplayError::LeftOut { feature })?;
    let limits = Limits::default();
    let known: Vec<String> =
        suite.entries.iter().map(|entry| full_name(system_of(suite), entry.scenario)).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let (limits, choices) = choices_of(&token.parse()?, case.id(), limits, &known)?;
    Ok(replay_case(&**case, limits, choices))
}

/// The choices of `token`, if it belongs to `id` within `limits`, and the limits with the faults of the token's run: a token
/// knows its settings by a fingerprint, and that of the right faults is found by trying. `known` are the names of all
/// scenarios.
///
/// # Errors
///
/// What does not fit.
pub(crate) fn choices_of(
    token: &Token,
    id: &CaseId,
    limits: Limits,
    known: &[&str],
) -> Result<(Limits, Vec<u32>), TokenError> {
    let name = full_name(id.system, &id.scenario);
    let fit = |faults| {
        let limits = Limits { faults, ..limits };
        let choices = token.choices_for(expected(&name, id, &settings(limits)), known)?;
        Ok((limits, choices.to_vec()))
    };
    let mut fits = Faults::all_sets().map(fit);
    fits.find(|fit| *fit != Err(TokenError::Settings)).unwrap_or(Err(TokenError::Settings))
}

/// The token of a run of `id` within `limits`.
pub(super) fn token_of(id: &CaseId, limits: Limits, choices: Vec<u32>) -> Token {
    Token::new(expected(&full_name(id.system, &id.scenario), id, &settings(limits)), choices)
}

fn expected<'a>(name: &'a str, id: &CaseId, settings: &'a str) -> Expected<'a> {
    Expected { scenario: name, version: u32::from(id.version), settings }
}

fn full_name(system: &str, scenario: &str) -> String {
    format!("{system}/{scenario}")
}

/// All that changes what the choices of a run mean, besides the scenario.
fn settings(limits: Limits) -> String {
    let Limits { steps, threads, stack_bytes: _, faults } = limits;
    format!("memory=sc steps={steps} threads={threads} faults={}", faults.names())
}

fn system_of(suite: &Suite) -> &'static str {
    let case = suite.entries.iter().find_map(|entry| entry.case.as_ref().ok());
    case.map_or("", |case| case.id().system)
}

/// Executes one run of `case` by its choices.
pub(crate) fn replay_case(case: &dyn Case, limits: Limits, choices: Vec<u32>) -> Replayed {
    let mut kernel = Kernel::new(limits);
    let execution = case
        .execute(&mut kernel, &mut Replay::new(choices), Detail::Shown)
        .expect("a replay always has one execution to make");
    let threads = kernel.threads();
    let steps = kernel
        .log()
        .iter()
        .map(|step| (threads[step.thread as usize].name.clone(), step.op.to_string()))
        .collect();
    Replayed {
        id: case.id().clone(),
        judgement: execution.judgement,
        transcript: execution.transcript.unwrap_or_default(),
        steps,
    }
}
