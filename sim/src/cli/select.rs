//! Finding what a name on the command line means, or saying what it might have meant.

use raddle_sim::systems::{self, Entry, Suite, System};

use super::UsageError;

/// A system, and a scenario of it if one was named.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) system: System,
    pub(crate) scenario: Option<String>,
}

/// Finds `SYSTEM` or `SYSTEM/SCENARIO`.
pub(crate) fn target(text: &str) -> Result<Target, UsageError> {
    let (system, scenario) = match text.split_once('/') {
        Some((system, scenario)) => (system, Some(scenario)),
        None => (text, None),
    };
    let system = system_called(system)?;
    if let Some(scenario) = scenario {
        known("scenario", scenario, system.scenarios().iter().map(|entry| entry.scenario))?;
    }
    Ok(Target { system, scenario: scenario.map(str::to_owned) })
}

/// Finds a system.
pub(crate) fn system_called(name: &str) -> Result<System, UsageError> {
    let systems = systems::all();
    known("system", name, systems.iter().map(|system| system.name))?;
    Ok(systems.into_iter().find(|system| system.name == name).expect("the name is known"))
}

/// Finds a system that has a spec.
pub(crate) fn system_with_rules(name: &str) -> Result<System, UsageError> {
    let system = system_called(name)?;
    if system.has_rules() {
        return Ok(system);
    }
    Err(UsageError(format!(
        "{name} has no rules and no spec: it is {}; `raddle run {name}` runs it",
        system.about
    )))
}

impl Target {
    /// Finds a subject of the system; the first one that has the scenario, if none is named.
    pub(crate) fn subject(&self, name: Option<&str>) -> Result<&Suite, UsageError> {
        let mut suites = self.system.suites.iter();
        let Some(name) = name else {
            return Ok(suites
                .find(|suite| !self.entries(suite).is_empty())
                .expect("some suite has the scenario"));
        };
        known("subject", name, suites.clone().map(|suite| suite.subject.as_str()))?;
        let suite = suites.find(|suite| suite.subject == name).expect("the name is known");
        match &self.scenario {
            Some(scenario) if self.entries(suite).is_empty() => Err(UsageError(format!(
                "the scenario `{scenario}` is none of those for the subject `{name}`"
            ))),
            _ => Ok(suite),
        }
    }

    /// The scenarios that are meant, on `suite`.
    pub(crate) fn entries<'a>(&self, suite: &'a Suite) -> Vec<&'a Entry> {
        let meant = |entry: &&Entry| self.scenario.as_ref().is_none_or(|name| name == entry.scenario);
        suite.entries.iter().filter(meant).collect()
    }
}

/// Checks that `name` is one of `names`; otherwise says which one it might have been.
fn known<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str>) -> Result<(), UsageError> {
    let names: Vec<&str> = names.collect();
    if names.contains(&name) {
        return Ok(());
    }
    let likeness = |candidate: &&&str| (strsim::jaro_winkler(name, candidate) * 1_000.0) as u32;
    let hint = match names.iter().max_by_key(likeness).filter(|best| likeness(best) > 700) {
        Some(best) => format!("did you mean `{best}`?"),
        None => "`raddle list` shows them all".to_owned(),
    };
    Err(UsageError(format!("there is no {what} called `{name}`; {hint}")))
}
