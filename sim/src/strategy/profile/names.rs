//! Names of threads and objects that mean the same in all executions of a program.

use std::cmp::Ordering;
use std::panic::Location;

/// The spawn path of a thread: which child of `main`, which child of that, and so on. Empty for `main`.
pub(crate) type Path = Vec<u32>;

/// The spawn paths of threads in order of birth, from their parents.
pub(crate) fn paths(parents: impl Iterator<Item = Option<usize>>) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    let mut children: Vec<u32> = Vec::new();
    for parent in parents {
        let mut path = Path::new();
        if let Some(parent) = parent {
            path.clone_from(&paths[parent]);
            path.push(children[parent]);
            children[parent] += 1;
        }
        paths.push(path);
        children.push(0);
    }
    paths
}

/// Where objects were made. Ordered by what differs soonest: one file tends to make many objects.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site(pub(crate) &'static Location<'static>);

impl Ord for Site {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |site: &Site| (site.0.line(), site.0.column());
        key(self).cmp(&key(other)).then_with(|| self.0.file().cmp(other.0.file()))
    }
}

impl PartialOrd for Site {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The objects from one place that one thread touches after this many others are not told apart any more: a program that
/// makes thousands there, such as the nodes of a list, is learned as quickly as any other.
pub(crate) const POSITIONS: u32 = 16;

/// A name of an object: the thread `thread` has touched `position` other objects from `site` before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Touch {
    pub(crate) site: Site,
    pub(crate) thread: Path,
    pub(crate) position: u32,
}

impl Touch {
    pub(crate) fn new(site: Site, thread: Path, position: u32) -> Self {
        Touch { site, thread, position: position.min(POSITIONS) }
    }
}
