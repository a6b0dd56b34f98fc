//! What a user of the channels may rely on, one file per subject.

mod blocking;
mod drops;
mod rendezvous;
mod states;
mod support;
mod threads;
