//! Strategies: who answers the questions of an execution.
//!
//! The kernel knows what is possible, a strategy decides. One strategy is one file behind the one trait [`Strategy`]; the
//! kernel calls it at every question and knows nothing else about it.

mod bytes;
mod calibration;
mod depth_first;
mod fairness;
mod pct;
mod pos;
mod privacy;
mod profile;
mod random;
mod replay;
mod sampler;
mod surw;
mod swarm;
mod touch;
mod trials;

pub use self::bytes::Bytes;
pub use self::calibration::Calibration;
pub use self::depth_first::{Coverage, DepthFirst};
pub use self::pct::Pct;
pub use self::pos::Pos;
pub use self::profile::{ObjectProfile, Profile};
pub use self::random::Random;
pub use self::replay::Replay;
pub use self::sampler::Sampler;
pub use self::surw::{Balance, Selection, Surw};
pub use self::swarm::Swarm;

pub(crate) use self::random::SplitMix64;

pub use crate::kernel::Now;

use crate::choice::Kind;
use crate::kernel::Run;

/// A source of choices.
///
/// A method may not use simulated objects as such: during a call they behave as outside of an execution. If
/// [`thread`](Strategy::thread) or [`value`](Strategy::value) panics, or answers with a number that is no option, the
/// execution ends with [`End::Fault`](crate::kernel::End::Fault): the panic never reaches the code under test.
pub trait Strategy {
    /// Prepares for the next execution. False: there is nothing left to explore.
    fn begin(&mut self) -> bool;

    /// Which thread goes on: one of `now.options()`, at least two. `None` abandons the execution as not worth finishing.
    fn thread(&mut self, now: &Now<'_>) -> Option<usize>;

    /// Any other choice, one of `options`, at least two. Option 0 is the dullest.
    fn value(&mut self, kind: Kind, options: u32) -> u32;

    /// Learns how the execution ended.
    fn end(&mut self, run: &Run) {
        let _ = run;
    }

    /// The name of the strategy that draws the current execution, if this one is made of several.
    fn member(&self) -> Option<&'static str> {
        None
    }
}

impl<S: Strategy + ?Sized> Strategy for &mut S {
    fn begin(&mut self) -> bool {
        (**self).begin()
    }
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        (**self).thread(now)
    }
    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        (**self).value(kind, options)
    }
    fn end(&mut self, run: &Run) {
        (**self).end(run);
    }
    fn member(&self) -> Option<&'static str> {
        (**self).member()
    }
}

impl<S: Strategy + ?Sized> Strategy for Box<S> {
    fn begin(&mut self) -> bool {
        (**self).begin()
    }
    fn thread(&mut self, now: &Now<'_>) -> Option<usize> {
        (**self).thread(now)
    }
    fn value(&mut self, kind: Kind, options: u32) -> u32 {
        (**self).value(kind, options)
    }
    fn end(&mut self, run: &Run) {
        (**self).end(run);
    }
    fn member(&self) -> Option<&'static str> {
        (**self).member()
    }
}
