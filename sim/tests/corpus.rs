//! A failure stays a failure: each file of `tests/corpus/<system>/<scenario>` is a run that once showed something.
//!
//! A file has lines `subject = NAME`, `token = TOKEN` and `verdict = CLASS, RULES`, and comments that begin with `#`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use raddle_sim::campaign::{Judgement, replay_entry};
use raddle_sim::systems::{self, Entry, Expectation, Suite};

struct Kept {
    path: PathBuf,
    system: String,
    scenario: String,
    fields: BTreeMap<String, String>,
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

fn corpus() -> Vec<Kept> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let name = |path: &Path| path.file_name().expect("it has a name").to_string_lossy().into_owned();
    let mut corpus = Vec::new();
    for system in children(&root) {
        for scenario in children(&system) {
            for path in children(&scenario) {
                let text = fs::read_to_string(&path).expect("the file can be read");
                let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
                let field = |line: &str| {
                    let (name, value) = line.split_once(" = ").expect("a line is `name = value`");
                    (name.to_owned(), value.to_owned())
                };
                let fields = lines.map(field).collect();
                corpus.push(Kept { path, system: name(&system), scenario: name(&scenario), fields });
            }
        }
    }
    corpus
}

impl Kept {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_else(|| panic!("{} says no {name}", self.path.display()))
    }

    /// What its run on `subject` gives today: `passed`, or the class of the finding and its rules.
    fn verdict(&self, subject: &str) -> String {
        let Kept { path, system, scenario, .. } = self;
        let known = systems::all().into_iter().find(|known| known.name == *system);
        let known = known.unwrap_or_else(|| panic!("{}: there is no system {system}", path.display()));
        let suite = known.suites.iter().find(|suite| suite.subject == subject);
        let suite = suite.unwrap_or_else(|| panic!("{}: there is no subject {subject}", path.display()));
        let replayed = replay_entry(suite, scenario, self.field("token")).unwrap_or_else(|error| {
            panic!(
                "{}: {error}.\nTo write the entry anew: `cargo run --release -- run {system}/{scenario} --subject {} --strategy \
                 depth-first`, see that it finds the same, and put its token here",
                path.display(),
                self.field("subject"),
            )
        });
        match replayed.judgement {
            Judgement::Failed(finding) => {
                let rules = finding.rules.iter().map(|rule| format!(", {}", rule.id));
                finding.class.to_string() + &rules.collect::<String>()
            }
            other => other.sentence().split(':').next().expect("a sentence begins with a word").to_owned(),
        }
    }
}

#[test]
fn each_run_of_the_corpus_still_shows_what_it_showed() {
    let corpus = corpus();
    assert!(!corpus.is_empty(), "an empty corpus shows nothing");
    for entry in corpus {
        assert_eq!(entry.verdict(entry.field("subject")), entry.field("verdict"), "{}", entry.path.display());
    }
}

#[test]
fn sound_subjects_pass_the_same_runs() {
    for entry in corpus() {
        let system =
            systems::all().into_iter().find(|system| system.name == entry.system).expect("it is known");
        let is_sound = |suite: &&Suite| {
            let has_case = |known: &Entry| known.scenario == entry.scenario && known.case.is_ok();
            suite.expectation == Expectation::Clean && suite.entries.iter().any(has_case)
        };
        for suite in system.suites.iter().filter(is_sound) {
            assert_eq!(
                entry.verdict(&suite.subject),
                "passed",
                "{} on {}",
                entry.path.display(),
                suite.subject
            );
        }
    }
}
