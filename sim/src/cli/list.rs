//! `raddle list` and `raddle rules`: what there is.

use clap::ValueEnum;
use raddle_sim::kernel::Limits;
use raddle_sim::report::{Align, RuleJson, Table, thousands};
use raddle_sim::strategy::DepthFirst;
use raddle_sim::systems::{self, System};
use serde::Serialize;

use super::args::{RulesArgs, StrategyName};
use super::console::Console;
use super::{Exit, UsageError, plan, select};

#[derive(Serialize)]
struct ListDocument {
    schema: &'static str,
    systems: Vec<SystemJson>,
    strategies: Vec<NamedJson>,
    bounds: Vec<NamedJson>,
}

#[derive(Serialize)]
struct SystemJson {
    name: &'static str,
    about: &'static str,
    subjects: Vec<NamedJson>,
    scenarios: Vec<NamedJson>,
}

#[derive(Serialize)]
struct NamedJson {
    name: String,
    about: String,
}

#[derive(Serialize)]
struct RulesDocument {
    schema: &'static str,
    systems: Vec<SystemRulesJson>,
}

#[derive(Serialize)]
struct SystemRulesJson {
    name: &'static str,
    rules: Vec<RuleJson>,
    obligations: Vec<RuleJson>,
}

/// Lists systems, subjects, scenarios, strategies and bounds.
pub(crate) fn list(console: &mut Console) -> Exit {
    let document = ListDocument {
        schema: "raddle.list/1",
        systems: systems::all().iter().map(system_json).collect(),
        strategies: strategies(),
        bounds: bounds(),
    };
    if console.wants_json() {
        console.print_json(&document);
        return Exit::Passed;
    }
    let mut text = String::new();
    for system in &document.systems {
        let gap = if text.is_empty() { "" } else { "\n" };
        text += &format!("{gap}system {}: {}\n", system.name, system.about);
        text += &section("subjects", &system.subjects);
        text += &section("scenarios", &system.scenarios);
    }
    text += &section("strategies", &document.strategies);
    text += &section("bounds of one execution", &document.bounds);
    console.print(&text);
    Exit::Passed
}

fn system_json(system: &System) -> SystemJson {
    let named = |name: &str, about: &str| NamedJson { name: name.to_owned(), about: about.to_owned() };
    SystemJson {
        name: system.name,
        about: system.about,
        subjects: system.suites.iter().map(|suite| named(&suite.subject, &suite.about)).collect(),
        scenarios: system.scenarios().into_iter().map(|entry| named(entry.scenario, entry.about)).collect(),
    }
}

fn strategies() -> Vec<NamedJson> {
    let values = StrategyName::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let about =
        |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
    values.map(|value| NamedJson { name: value.get_name().to_owned(), about: about(&value) }).collect()
}

fn bounds() -> Vec<NamedJson> {
    let Limits { steps, threads, stack_bytes, .. } = Limits::default();
    let named = |name: &str, value: u64, unit: &str| NamedJson {
        name: name.to_owned(),
        about: format!("{} {unit}", thousands(value)),
    };
    vec![
        named("steps", steps, "steps; a run that needs more is cut short"),
        named("threads", threads as u64, "simulated threads"),
        named("stack", stack_bytes as u64, "bytes for each simulated thread"),
        named(
            "faults",
            DepthFirst::FAULTS,
            "fault of each kind that the kernel makes, in depth-first search",
        ),
        named(
            "timeouts",
            DepthFirst::TIMEOUTS.into(),
            "time limits of an execution that may end at any time, in depth-first search",
        ),
        named(
            "patience",
            plan::PATIENCE.as_secs(),
            "seconds without a step: the thread blocks on something real",
        ),
    ]
}

fn section(title: &'static str, rows: &[NamedJson]) -> String {
    let mut table = Table::new(&[(title, Align::Left), ("", Align::Left)]);
    for row in rows {
        table.row([format!("  {}", row.name), row.about.clone()]);
    }
    format!("\n{table}")
}

/// Prints the normative rules.
pub(crate) fn rules(console: &mut Console, args: &RulesArgs) -> Result<Exit, UsageError> {
    let systems = match &args.system {
        Some(name) => vec![select::system_with_rules(name)?],
        None => systems::all().into_iter().filter(System::has_rules).collect(),
    };
    if console.wants_json() {
        let systems = systems.iter().map(system_rules).collect();
        console.print_json(&RulesDocument { schema: "raddle.rules/1", systems });
        return Ok(Exit::Passed);
    }
    let mut text = String::new();
    for system in &systems {
        text += &format!("{}: what the system does\n", system.name);
        system.rules.iter().for_each(|rule| text += &format!("  {rule}\n"));
        text += &format!("\n{}: what the code around it owes\n", system.name);
        system
            .obligations
            .iter()
            .for_each(|obligation| text += &format!("  {obligation} ({})\n", obligation.kind));
    }
    console.print(&text);
    Ok(Exit::Passed)
}

fn system_rules(system: &System) -> SystemRulesJson {
    SystemRulesJson {
        name: system.name,
        rules: system.rules.iter().map(|rule| RuleJson::from(*rule)).collect(),
        obligations: system.obligations.iter().map(|obligation| RuleJson::from(*obligation)).collect(),
    }
}
