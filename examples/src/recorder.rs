//! A recorder: writes down what happens between a WaitMap and its users, in the format of `spec/TRACE.md`.
//!
//! Three things make a recording sound. A call is written before it is made and a return after it has returned, so that calls
//! which overlapped overlap in the trace. All threads write under one lock, so that the order of the lines is real. And the actor
//! is the thread on whose stack it happens: a waker belongs to a task, but it runs within the call that invokes it.

use std::fmt::Display;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};

/// The lines of a trace. Clones write to the same one.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<String>>);

/// The fields of an event: names and what they are.
pub type Fields<'a> = &'a [(&'a str, &'a dyn Display)];

impl Recorder {
    /// A trace of `system` that will come to its end; nobody writes down the callbacks in `omits`.
    pub fn new(system: &str, omits: &[&str]) -> Self {
        let header = format!(
            "{{\"raddle_trace\": 1, \"system\": \"{system}\", \"end\": \"rest\", \"omits\": {omits:?}}}\n"
        );
        Recorder(Arc::new(Mutex::new(header)))
    }

    /// What was written down.
    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    /// Makes a call, written down before and after. `returned` says what it returned.
    pub fn call<R>(
        &self,
        word: &str,
        fields: Fields<'_>,
        body: impl FnOnce() -> R,
        returned: impl FnOnce(&R) -> (&'static str, Vec<(&'static str, String)>),
    ) -> R {
        self.line("call", word, fields);
        let result = body();
        let (word, fields) = returned(&result);
        let fields: Vec<(&str, &dyn Display)> =
            fields.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
        self.line("return", word, &fields);
        result
    }

    /// Runs user code that the system has called.
    pub fn callback<R>(&self, word: &str, fields: Fields<'_>, body: impl FnOnce() -> R) -> R {
        self.line("enter", word, fields);
        let result = body();
        self.line("leave", "done", &[]);
        result
    }

    /// Writes down one event of the current thread.
    pub fn line(&self, kind: &str, word: &str, fields: Fields<'_>) {
        let thread = thread::current();
        let mut line =
            format!("{{\"actor\": \"{}\", \"{kind}\": \"{word}\"", thread.name().unwrap_or("main"));
        for (name, value) in fields {
            // Truth values are written bare, names in quotes.
            let value = value.to_string();
            let is_bare = matches!(value.as_str(), "true" | "false");
            line += &if is_bare {
                format!(", \"{name}\": {value}")
            } else {
                format!(", \"{name}\": \"{value}\"")
            };
        }
        line += "}\n";
        self.0.lock().unwrap().push_str(&line);
    }

    /// A waker of the current thread, which is also a task.
    pub fn waker(&self) -> Waker {
        Waker::from(Arc::new(Recorded { recorder: self.clone(), task: thread::current() }))
    }
}

struct Recorded {
    recorder: Recorder,
    task: Thread,
}

impl Wake for Recorded {
    fn wake(self: Arc<Self>) {
        let task = self.task.name().unwrap_or("main");
        self.recorder.callback("wake", &[("task", &task)], || self.task.unpark());
    }
}
