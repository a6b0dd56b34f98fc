//! Traces in files: what is read, what is refused, what is written, and what the verdict is.

mod laws;
mod pool;
mod reading;
mod verdicts;
