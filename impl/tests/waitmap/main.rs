//! What a user of `WaitMap` may rely on, one file per subject.

mod auto_traits;
mod close;
mod keys;
mod model;
mod outcomes;
mod owned;
mod reentry;
mod states;
mod support;
mod threads;
mod wait_for;
