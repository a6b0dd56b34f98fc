//! `sim/SCHEMA.md` describes every field that appears in JSON, with its type, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{CANARY, raddle, token_in};

const SCHEMA: &str = include_str!("../../SCHEMA.md");

/// For each shape (a heading of the document), its fields and their types.
type Shapes = BTreeMap<String, BTreeMap<String, String>>;

/// Headings are `## name`; fields are rows of tables that begin with a name in backquotes, then the type.
fn shapes() -> Shapes {
    let mut shapes = Shapes::new();
    let mut shape = String::new();
    for line in SCHEMA.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            shape = name.trim_matches('`').to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            let (field, rest) = row.split_once("` |").expect("a field is in backquotes");
            let (kind, _) = rest.split_once('|').expect("a field has a type");
            let fields = shapes.entry(shape.clone()).or_default();
            assert!(
                fields.insert(field.to_owned(), kind.trim().to_owned()).is_none(),
                "{shape}.{field} twice"
            );
        }
    }
    shapes
}

struct Check<'a> {
    shapes: &'a Shapes,
    seen: BTreeSet<(String, String)>,
}

impl Check<'_> {
    fn object(&mut self, shape: &str, value: &Value) {
        let fields = self.shapes.get(shape).unwrap_or_else(|| panic!("SCHEMA.md has no section `{shape}`"));
        let object = value.as_object().unwrap_or_else(|| panic!("{shape} is an object, not {value}"));
        for (field, value) in object {
            let kind = fields
                .get(field)
                .unwrap_or_else(|| panic!("SCHEMA.md does not tell of `{field}` in {shape}"));
            self.value(kind, value, &format!("{shape}.{field}"));
            self.seen.insert((shape.to_owned(), field.clone()));
        }
        for field in fields.keys() {
            assert!(
                object.contains_key(field),
                "SCHEMA.md tells of `{field}` in {shape}, which is not there: {value}"
            );
        }
    }

    fn value(&mut self, kind: &str, value: &Value, place: &str) {
        if let Some(kind) = kind.strip_suffix(" or null") {
            if !value.is_null() {
                self.value(kind, value, place);
            }
            return;
        }
        if let Some(kind) = kind.strip_prefix("array of ") {
            let values = value.as_array().unwrap_or_else(|| panic!("{place} is an array, not {value}"));
            values.iter().for_each(|value| self.value(kind, value, place));
            return;
        }
        match kind {
            "string" => assert!(value.is_string(), "{place} is a string, not {value}"),
            "integer" => assert!(value.is_u64(), "{place} is an integer, not {value}"),
            "boolean" => assert!(value.is_boolean(), "{place} is a boolean, not {value}"),
            shape => self.object(shape.trim_matches('`'), value),
        }
    }
}

#[test]
fn each_document_that_the_command_writes_has_a_section() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    let documented = shapes();
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the folder can be read").path();
        let source = fs::read_to_string(&path).expect("sources are text");
        for named in source.split("schema: \"").skip(1) {
            let schema = named.split('"').next().expect("a string has an end");
            assert!(
                documented.contains_key(schema),
                "{}: describe {schema} in sim/SCHEMA.md",
                path.display()
            );
        }
    }
}

#[test]
fn the_schema_and_the_documents_agree() {
    let token = token_in(&raddle(&["run", CANARY, "--subject", "canary"]).stdout);
    let questions: &[&[&str]] = &[
        &["test", "--smoke"],
        &["check", "--bound", "small"],
        &["run", "waitmap", "--subject", "canary", "--schedules", "500"],
        &["run", CANARY, "--subject", "canary", "--strategy", "depth-first"],
        &["run", "waitmap", "--budget", "1ns"],
        &["replay", CANARY, &token, "--subject", "canary"],
        &["replay", CANARY, &token],
        &["judge", "tests/traces/accepted.jsonl"],
        &["judge", "tests/traces/recorded-late.jsonl"],
        &["judge", "tests/traces/stuck.jsonl"],
        &["list"],
        &["rules"],
    ];
    let shapes = shapes();
    let mut check = Check { shapes: &shapes, seen: BTreeSet::new() };
    for question in questions {
        let arguments: Vec<&str> = question.iter().copied().chain(["--json"]).collect();
        let document = raddle(&arguments).json();
        let schema = document["schema"].as_str().expect("each document names its schema").to_owned();
        assert_eq!(schema, format!("raddle.{}/1", question[0]));
        check.object(&schema, &document);
    }
    for (shape, fields) in &shapes {
        for field in fields.keys() {
            let seen = check.seen.contains(&(shape.clone(), field.clone()));
            assert!(seen, "no document of this test has `{field}` of {shape}");
        }
    }
}
