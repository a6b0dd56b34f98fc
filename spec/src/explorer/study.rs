//! Explorations that a system brings along: which environments, up to which bound.

use super::report::Exploration;
use super::{Explorer, Limits, Model};
use std::fmt;

/// How large the environments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// Under a second for all studies of a system.
    Small,
    /// A few seconds.
    Default,
    /// What fits into a minute or so and 4 GiB.
    Large,
}

impl Bound {
    /// All bounds, from the smallest.
    pub const ALL: [Bound; 3] = [Bound::Small, Bound::Default, Bound::Large];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Bound::Small => "small",
            Bound::Default => "default",
            Bound::Large => "large",
        }
    }

    /// The one of three that belongs to it.
    pub fn pick<T>(self, small: T, default: T, large: T) -> T {
        match self {
            Bound::Small => small,
            Bound::Default => default,
            Bound::Large => large,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Limits, and what says when to stop.
type Explore = dyn Fn(Limits, &dyn Fn() -> bool) -> Exploration + Send + Sync;

/// One environment of a spec, and what is asked about the whole.
pub struct Study {
    /// A short name.
    pub name: &'static str,
    /// Who makes which calls, in one line.
    pub covers: String,
    explore: Box<Explore>,
}

impl Study {
    /// A study of `model`, which `explore` asks what there is to ask.
    pub fn new<M: Model + Send + Sync + 'static>(
        name: &'static str,
        covers: String,
        model: M,
        explore: impl Fn(Explorer<'_, M>) -> Exploration + Send + Sync + 'static,
    ) -> Self {
        let explore =
            move |limits, stop: &dyn Fn() -> bool| explore(Explorer::new(&model).limits(limits).until(stop));
        Study { name, covers, explore: Box::new(explore) }
    }

    /// Visits all states, unless a limit comes first or `stop` says so, which is asked every now and then.
    pub fn explore(&self, limits: Limits, stop: &dyn Fn() -> bool) -> Exploration {
        (self.explore)(limits, stop)
    }
}

impl fmt::Debug for Study {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Study")
            .field("name", &self.name)
            .field("covers", &self.covers)
            .finish_non_exhaustive()
    }
}
