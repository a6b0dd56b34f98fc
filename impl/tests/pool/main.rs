//! What a user of `WorkerPool` may rely on, one file per subject.

mod burst;
mod failing;
mod orders;
mod panics;
mod receive;
mod stop;
mod support;
