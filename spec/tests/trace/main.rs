//! Traces in files: what is read, what is refused, and what the verdict is.

mod reading;
mod verdicts;
