//! The variables of the environment that change how a test of a program runs.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use crate::campaign::{CaseId, choices_of};
use crate::kernel::Limits;
use crate::token::{Token, TokenError};

/// A token to execute again.
pub const REPLAY: &str = "RADDLE_REPLAY";
const SCHEDULES: &str = "RADDLE_SCHEDULES";
const SEED: &str = "RADDLE_SEED";
const JOBS: &str = "RADDLE_JOBS";

/// What the environment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Environment {
    token: Option<Token>,
    pub(super) schedules: Option<u64>,
    pub(super) seed: Option<u64>,
    pub(super) jobs: Option<NonZeroUsize>,
}

/// A variable whose value cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    variable: &'static str,
    expected: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {}: {}", self.variable, self.expected)
    }
}

impl Environment {
    /// Reads all variables.
    pub(super) fn read() -> Result<Self, Unreadable> {
        Environment::from(env::var_os)
    }

    fn from(value_of: impl Fn(&'static str) -> Option<OsString>) -> Result<Self, Unreadable> {
        let text = |variable| match value_of(variable).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => match value.into_string() {
                Ok(text) => Ok(Some((variable, text))),
                Err(_) => Err(Unreadable { variable, expected: "its value is not text".to_owned() }),
            },
        };
        let token = text(REPLAY)?.map(|(variable, text)| {
            text.parse().map_err(|error: TokenError| Unreadable { variable, expected: error.to_string() })
        });
        Ok(Environment {
            token: token.transpose()?,
            schedules: number(text(SCHEDULES)?, "a number of schedules")?,
            seed: number(text(SEED)?, "a number")?,
            jobs: number(text(JOBS)?, "a number of OS threads, at least 1")?,
        })
    }

    /// The choices to execute again, and the limits within which they were made, if the token belongs to this program. One that belongs to another says nothing here: `cargo
    /// test` runs many tests in one process, with one environment.
    ///
    /// # Panics
    ///
    /// If the token belongs to this program and cannot be executed again.
    #[track_caller]
    pub(super) fn replay(&self, id: &CaseId, limits: Limits) -> Option<(Limits, Vec<u32>)> {
        match choices_of(self.token.as_ref()?, id, limits, &[]) {
            Ok(found) => Some(found),
            Err(TokenError::Scenario(_)) => None,
            Err(error) => panic!("{}", Unreadable { variable: REPLAY, expected: error.to_string() }),
        }
    }
}

fn number<T: FromStr>(value: Option<(&'static str, String)>, wanted: &str) -> Result<Option<T>, Unreadable> {
    let Some((variable, text)) = value else { return Ok(None) };
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(Unreadable { variable, expected: format!("`{text}` is not {wanted}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&'static str, &str)]) -> Result<Environment, String> {
        let value = |variable| {
            variables.iter().find(|(name, _)| *name == variable).map(|(_, value)| OsString::from(value))
        };
        Environment::from(value).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_set_changes_nothing() {
        let nothing = Environment { token: None, schedules: None, seed: None, jobs: None };
        assert_eq!(environment(&[]), Ok(nothing.clone()));
        assert_eq!(environment(&[(SEED, ""), (REPLAY, "")]), Ok(nothing));
    }

    #[test]
    fn numbers_are_read() {
        let read = environment(&[(SEED, "7"), (SCHEDULES, "0"), (JOBS, "3")]).expect("these are numbers");
        assert_eq!((read.seed, read.schedules), (Some(7), Some(0)));
        assert_eq!(read.jobs.map(NonZeroUsize::get), Some(3));
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        for (variable, value, says) in [
            (SEED, "seven", "RADDLE_SEED: `seven` is not a number"),
            (SCHEDULES, "-1", "RADDLE_SCHEDULES: `-1` is not a number of schedules"),
            (JOBS, "0", "RADDLE_JOBS: `0` is not a number of OS threads, at least 1"),
            (REPLAY, "nonsense", "RADDLE_REPLAY: "),
        ] {
            let refused = environment(&[(variable, value)]).expect_err("it cannot be read");
            assert!(refused.contains(says), "{refused}");
        }
    }
}
