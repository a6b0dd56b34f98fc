//! Small programs with one bug each: what every verdict and every fault looks like.
//!
//! No system is under test here, but the tester. Each program comes twice: the *canary* has a bug of one kind, which the
//! main job must find and call by its name, and the *twin* is the same program repaired, in which nothing may be found. A fault
//! that never happened, or a verdict that is never given, would show here.
//!
//! The programs are written with this crate's mirror of `std`, as users write theirs, and there is no spec to hold them against.

mod endings;
mod faults;
mod threads;
mod user_code;

use std::sync::Arc;

use super::{Entry, Expectation, Planted, Suite, System};
use crate::campaign::{Case, CaseId, Class, Origin};
use crate::choice::Kind;
use crate::program::ProgramCase;
use crate::thread::Builder;

/// The name in front of a program's name.
pub const NAME: &str = "verdicts";

/// A program that has a bug, or has it no more.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// What it is called.
    pub name: &'static str,
    /// The bug, in one line.
    pub about: &'static str,
    /// The verdict on it.
    pub class: Class,
    /// The fault without which the bug does not show.
    pub fault: Option<Kind>,
    /// The program, to be run in an execution.
    pub body: fn(Form),
}

/// Which of the two a program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It has its bug.
    Canary,
    /// It is repaired.
    Twin,
}

/// All programs: first those that need no fault to go wrong, then one for each kind of fault.
pub fn programs() -> impl Iterator<Item = Program> {
    [threads::PROGRAMS, endings::PROGRAMS, faults::PROGRAMS, user_code::PROGRAMS]
        .into_iter()
        .flatten()
        .copied()
}

/// The programs as a system whose subjects are their two forms.
#[must_use]
pub fn system() -> System {
    System {
        name: NAME,
        about: "small programs with one bug each: what every verdict and every fault looks like",
        rules: &[],
        obligations: &[],
        studies: |_| Vec::new(),
        suites: vec![suite(Form::Canary), suite(Form::Twin)],
        thrift: 1,
    }
}

fn suite(form: Form) -> Suite {
    let (subject, about, expectation) = match form {
        Form::Canary => ("canary", "each program with its bug", Expectation::EachCaught),
        Form::Twin => ("twin", "the same programs, repaired", Expectation::Clean),
    };
    let entries = programs().map(|program| entry(program, form, subject)).collect();
    Suite { subject: subject.to_owned(), about: about.to_owned(), expectation, entries }
}

fn entry(program: Program, form: Form, subject: &str) -> Entry {
    let Program { name, about, class, body, .. } = program;
    let id = CaseId {
        system: NAME,
        scenario: name.into(),
        version: 1,
        subject: subject.to_owned(),
        origin: Origin::BuiltIn,
    };
    let case: Arc<dyn Case> = Arc::new(ProgramCase::called(id, Box::new(move || body(form))));
    let planted = (form == Form::Canary).then_some(Planted { class, names: Vec::new() });
    Entry { scenario: name, about, small: true, fewer_preemptions: 0, planted, case: Ok(case) }
}

/// A thread that is not started yet, and its name.
fn named(name: &str) -> Builder {
    Builder::new().name(name.to_owned())
}
