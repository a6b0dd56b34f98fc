//! The programs with one bug each: every verdict is given, every fault reveals what only it can, and nothing else is found.

use std::collections::{BTreeSet, HashSet};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use raddle_sim::campaign::{Campaign, Case, Cell, Class, Detail, Judgement, Method, Origin, run};
use raddle_sim::choice::Kind;
use raddle_sim::kernel::{Faults, Kernel, Limits};
use raddle_sim::strategy::{DepthFirst, Random, Sampler, Strategy};
use raddle_sim::systems::verdicts::{self, Program};
use raddle_sim::systems::{self, System};
use serde_json::Value;

/// What the searches of the program's form `subject` find first, with these faults, among at most 2,000 schedules.
fn found(program: &Program, subject: &str, faults: Faults) -> [Option<Class>; 2] {
    let system = verdicts::system();
    let suite = system.suites.iter().find(|suite| suite.subject == subject).expect("there are two");
    let entry = suite.entries.iter().find(|entry| entry.scenario == program.name).expect("it is there");
    let case = entry.case.as_ref().expect("nothing is left out");
    assert_eq!(case.id().origin, Origin::BuiltIn);
    if program.class == Class::Nondeterminism {
        return found_by_comparing(case, faults);
    }
    let strategies: [Box<dyn Strategy>; 2] = [Box::new(Random::new(1)), Box::new(DepthFirst::bounded(2))];
    strategies.map(|mut strategy| {
        let mut kernel = Kernel::new(Limits { faults, ..Limits::default() });
        (0..2_000).find_map(|_| match case.execute(&mut kernel, &mut *strategy, Detail::Judged)?.judgement {
            Judgement::Failed(finding) => Some(finding.class),
            Judgement::Passed => None,
            other => panic!("{}: {other:?}", program.name),
        })
    })
}

/// The same, for what only shows when an execution is repeated.
fn found_by_comparing(case: &Arc<dyn Case>, faults: Faults) -> [Option<Class>; 2] {
    let methods = [
        Method::Sampled { sampler: Sampler::Random, schedules: 200 },
        Method::DepthFirst { preemptions: 2, limit: 2_000 },
    ];
    let reports = run(
        Campaign {
            cells: methods.map(|method| Cell { case: Arc::clone(case), method }).into(),
            seed: 1,
            jobs: 2,
            budget: None,
            limits: Limits { faults, ..Limits::default() },
            patience: Duration::from_secs(10),
            interrupted: Arc::new(AtomicBool::new(false)),
        },
        |_| {},
    );
    let classes: Vec<Option<Class>> =
        reports.into_iter().map(|report| report.failure.map(|failure| failure.finding.class)).collect();
    classes.try_into().expect("a report for each cell")
}

#[test]
fn each_canary_shows_its_verdict_and_no_twin_any() {
    for program in verdicts::programs() {
        assert_eq!(found(&program, "canary", Faults::ALL), [Some(program.class); 2], "{}", program.name);
        assert_eq!(found(&program, "twin", Faults::ALL), [None; 2], "{}", program.name);
    }
}

#[test]
fn a_fault_is_what_reveals_its_canary_and_nothing_else_is() {
    for program in verdicts::programs() {
        let Program { name, class, fault, .. } = program;
        let Some(fault) = fault else {
            assert_eq!(found(&program, "canary", Faults::NONE), [Some(class); 2], "{name}");
            continue;
        };
        assert_eq!(found(&program, "canary", Faults::NONE.with(fault)), [Some(class); 2], "{name}");
        assert_eq!(found(&program, "canary", Faults::ALL.without(fault)), [None; 2], "{name}");
    }
}

#[test]
fn there_is_a_program_for_each_kind_of_fault() {
    let shown: Vec<Kind> = verdicts::programs().filter_map(|program| program.fault).collect();
    assert_eq!(shown, Faults::kinds().collect::<Vec<_>>());
}

#[test]
fn there_is_a_program_for_each_verdict_on_programs() {
    let shown: HashSet<Class> = verdicts::programs().map(|program| program.class).collect();
    let on_programs = [Class::Deadlock, Class::Livelock, Class::Leak, Class::Panic, Class::Nondeterminism];
    assert_eq!(shown, on_programs.into());
}

#[test]
fn the_systems_under_test_have_rules_and_these_programs_have_none() {
    let without: Vec<&str> = systems::all()
        .iter()
        .filter(|system| !system.has_rules())
        .map(|system: &System| system.name)
        .collect();
    assert_eq!(without, [verdicts::NAME]);
}

fn raddle(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_raddle")).args(arguments).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_main_job_finds_each_canary_by_its_name_and_meets_every_fault() {
    let (code, document, _) = raddle(&["test", "--smoke", "--json"]);
    assert_eq!(code, Some(0), "{document}");
    let document: Value = serde_json::from_str(&document).expect("one document");
    let list = |field: &str| document[field].as_array().expect("it is a list").clone();
    let canaries = list("canaries");
    for program in verdicts::programs() {
        let is_meant =
            |canary: &&Value| canary["system"] == verdicts::NAME && canary["scenario"] == program.name;
        let canary =
            canaries.iter().find(is_meant).unwrap_or_else(|| panic!("{} is not told of", program.name));
        assert_eq!(canary["class"], program.class.name());
        assert_eq!(canary["caught_by"], serde_json::json!(["swarm", "depth-first"]), "{}", program.name);
    }
    let clean: Vec<Value> =
        list("searches").into_iter().filter(|search| search["subject"] != "canary").collect();
    let twins: BTreeSet<&str> = clean
        .iter()
        .filter(|search| search["system"] == verdicts::NAME)
        .map(|search| {
            assert_eq!(search["outcome"], "passed", "{search}");
            search["scenario"].as_str().expect("it has a name")
        })
        .collect();
    assert_eq!(twins, verdicts::programs().map(|program| program.name).collect());
    for kind in Faults::kinds() {
        let counts = clean.iter().map(|search| search["faults"][kind.to_string()].as_u64().expect("a count"));
        assert!(counts.sum::<u64>() > 0, "{kind} never happened");
    }
}

#[test]
fn a_canary_runs_from_the_command_line_and_its_failure_replays() {
    let (code, text, _) = raddle(&["run", "verdicts/spurious-wakeup", "--subject", "canary"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("FAILED verdicts/spurious-wakeup on canary (swarm, schedule "), "{text}");
    let line = text.lines().find(|line| line.contains("raddle replay ")).expect("a line to paste");
    let (code, again, _) = raddle(&line.split_whitespace().skip(1).collect::<Vec<_>>());
    assert_eq!(code, Some(1), "{again}");
    assert!(again.contains("panic: `main` panicked at ") && again.contains("woken, so the letter is there"));
    let (code, text, _) = raddle(&["run", "verdicts", "--subject", "twin", "--schedules", "50"]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn what_has_no_rules_says_so() {
    for question in ["rules", "check"] {
        let (code, text, line) = raddle(&[question, verdicts::NAME]);
        assert_eq!((code, text.as_str()), (Some(2), ""));
        assert!(line.contains("verdicts has no rules and no spec") && line.lines().count() == 1, "{line}");
    }
}
