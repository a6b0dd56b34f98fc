//! One line of a trace, before it is known what its words mean.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An event as it is written. Which fields go together is the vocabulary's business.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Line {
    pub(super) actor: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<String>,
    #[serde(rename = "return", skip_serializing_if = "Option::is_none")]
    pub(super) returned: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) enter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leave: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wait: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) worker: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) workers: Option<Vec<Name>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) burst: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) values: Option<Vec<Name>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) panics: Option<Vec<Name>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) holds: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<usize>,
}

/// The name of something: recorders have numbers, addresses or words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Name {
    Number(u64),
    Word(String),
}

impl Default for Name {
    fn default() -> Self {
        Name::Word(String::new())
    }
}

impl Name {
    /// As a number if it is written like one.
    pub(super) fn of(text: &str) -> Self {
        match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => Name::Number(number),
            _ => Name::Word(text.to_owned()),
        }
    }

    /// What is wrong with the name, if anything: it is going to be printed.
    pub(super) fn problem(&self, longest: usize) -> Option<String> {
        let Name::Word(word) = self else { return None };
        if word.len() > longest {
            return Some(format!("a name has at most {longest} bytes, and this one has {}", word.len()));
        }
        let is_refused = |letter: char| letter.is_control();
        word.contains(is_refused).then(|| "a name has no control characters".to_owned())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Number(number) => number.fmt(f),
            Name::Word(word) => word.fmt(f),
        }
    }
}

/// The one kind of event that a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'a> {
    Call(&'a str),
    Return(&'a str),
    Enter(&'a str),
    Leave(&'a str),
}

impl Line {
    /// What kind of event the line is.
    pub(super) fn word(&self) -> Result<Word<'_>, String> {
        if self.actor == Name::default() {
            return Err("`actor` is missing: the thread or task that the event belongs to".to_owned());
        }
        let words = [
            self.call.as_deref().map(Word::Call),
            self.returned.as_deref().map(Word::Return),
            self.enter.as_deref().map(Word::Enter),
            self.leave.as_deref().map(Word::Leave),
        ];
        let mut words = words.into_iter().flatten();
        match (words.next(), words.next()) {
            (Some(word), None) => Ok(word),
            (None, _) => Err("an event has one of `call`, `return`, `enter`, `leave`".to_owned()),
            (Some(_), Some(_)) => {
                Err("an event has only one of `call`, `return`, `enter`, `leave`".to_owned())
            }
        }
    }

    /// The names in the line.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        let named = [
            &self.wait,
            &self.key,
            &self.value,
            &self.task,
            &self.worker,
            &self.stop,
            &self.burst,
            &self.note,
        ];
        let listed = [&self.workers, &self.values, &self.panics];
        named.into_iter().flatten().chain(listed.into_iter().flatten().flatten()).chain([&self.actor])
    }

    /// The fields that are set besides the kind of event.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static str> {
        let fields = [
            ("wait", self.wait.is_some()),
            ("key", self.key.is_some()),
            ("value", self.value.is_some()),
            ("task", self.task.is_some()),
            ("worker", self.worker.is_some()),
            ("workers", self.workers.is_some()),
            ("stop", self.stop.is_some()),
            ("burst", self.burst.is_some()),
            ("message", self.message.is_some()),
            ("note", self.note.is_some()),
            ("index", self.index.is_some()),
            ("count", self.count.is_some()),
            ("values", self.values.is_some()),
            ("panics", self.panics.is_some()),
            ("error", self.error.is_some()),
            ("closed", self.closed.is_some()),
            ("holds", self.holds.is_some()),
        ];
        fields.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name)
    }
}
