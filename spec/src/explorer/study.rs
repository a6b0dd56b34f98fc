//! Explorations that a system brings along: which environments, up to which bound.

use super::report::Exploration;
use super::{Limits, Model};
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

/// One environment of a spec, and what is asked about the whole.
pub struct Study {
    /// A short name.
    pub name: &'static str,
    /// Who makes which calls, in one line.
    pub covers: String,
    explore: Box<dyn Fn(Limits) -> Exploration>,
}

impl Study {
    /// A study of `model`, which `explore` asks what there is to ask.
    pub fn new<M: Model + 'static>(
        name: &'static str,
        covers: String,
        model: M,
        explore: impl Fn(super::Explorer<'_, M>) -> Exploration + 'static,
    ) -> Self {
        let explore = Box::new(move |limits| explore(super::Explorer::new(&model).limits(limits)));
        Study { name, covers, explore }
    }

    /// Visits all states, unless a limit comes first.
    pub fn explore(&self, limits: Limits) -> Exploration {
        (self.explore)(limits)
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
