//! Recognising the threads and objects of a running execution as those of a profile.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::kernel::{StepRecord, Target};
use crate::strategy::Now;

use super::names::{POSITIONS, Path, Site, Touch};
use super::{ObjectProfile, Usage};

/// The names of a profile in tables that are quick to look things up in. Threads are numbered by path, objects by site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// By thread of the profile.
    threads: Vec<KnownThread>,
    /// In order.
    sites: Vec<KnownSite>,
    objects: Vec<ObjectProfile>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownThread {
    parent: Option<u32>,
    /// By the number of the child: the thread of the profile.
    children: Vec<u32>,
    births: u64,
    role: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct KnownSite {
    site: Site,
    /// The threads of the profile and positions that touch an object from here, in order, with that object.
    touches: Vec<((u32, u32), u32)>,
    /// The only object from here, if there is one only: then positions need not be counted.
    only: Option<u32>,
}

impl Known {
    pub(crate) fn new(
        births: &BTreeMap<Path, u64>,
        accesses: &BTreeMap<Touch, Usage>,
        same: &BTreeSet<(Touch, Touch)>,
        contended: &BTreeSet<Touch>,
    ) -> Self {
        let numbers: BTreeMap<&Path, u32> = births.keys().zip(0..).collect();
        let mut known = Known { threads: threads(births, &numbers), ..Known::default() };
        let touches: BTreeMap<&Touch, usize> = accesses.keys().zip(0..).collect();
        let mut groups = Groups((0..touches.len()).collect());
        for (left, right) in same {
            groups.unite(touches[left], touches[right]);
        }
        let mut object_of_group: BTreeMap<usize, usize> = BTreeMap::new();
        let mut usages: Vec<BTreeMap<usize, Usage>> = vec![BTreeMap::new(); known.threads.len()];
        for (index, (touch, usage)) in accesses.iter().enumerate() {
            let object = *object_of_group.entry(groups.of(index)).or_insert_with(|| {
                known.objects.push(ObjectProfile {
                    birthplace: touch.site.0,
                    is_shared: false,
                    accesses: Vec::new(),
                });
                known.objects.len() - 1
            });
            let thread = numbers[&touch.thread];
            known.add(touch, thread, object as u32);
            usages[thread as usize].entry(object).or_default().add(*usage);
        }
        for touch in contended {
            let object = object_of_group[&groups.of(touches[touch])];
            known.objects[object].is_shared = true;
        }
        for (thread, usages) in usages.iter().enumerate() {
            for (object, usage) in usages {
                known.objects[*object].accesses.push((thread, usage.count));
            }
        }
        known.assign_roles(&usages);
        known
    }

    /// Adds a touch; they come in order.
    fn add(&mut self, touch: &Touch, thread: u32, object: u32) {
        if self.sites.last().is_none_or(|last| last.site != touch.site) {
            self.sites.push(KnownSite { site: touch.site, touches: Vec::new(), only: Some(object) });
        }
        let site = self.sites.last_mut().expect("pushed above, if not before");
        site.touches.push(((thread, touch.position), object));
        site.only = site.only.filter(|only| *only == object);
    }

    /// Threads that do the same kinds of things to the same shared objects have the same role.
    fn assign_roles(&mut self, usages: &[BTreeMap<usize, Usage>]) {
        let mut roles: BTreeMap<Vec<(usize, u64)>, u32> = BTreeMap::new();
        for (thread, usages) in self.threads.iter_mut().zip(usages) {
            let shared = usages.iter().filter(|(object, _)| self.objects[**object].is_shared);
            let next = roles.len() as u32;
            let role = shared.map(|(object, usage)| (*object, usage.kinds)).collect();
            thread.role = *roles.entry(role).or_insert(next);
        }
    }

    /// The role of this thread of the profile: a number below that of threads.
    pub(crate) fn role(&self, thread: usize) -> usize {
        self.threads[thread].role as usize
    }

    /// The objects of the profile.
    pub(crate) fn objects(&self) -> &[ObjectProfile] {
        &self.objects
    }

    /// How many threads the profile knows.
    pub(crate) fn threads(&self) -> usize {
        self.threads.len()
    }

    /// The thread of the profile that has started this one, which has a higher number; none for `main`.
    pub(crate) fn parent(&self, thread: usize) -> Option<usize> {
        self.threads[thread].parent.map(|parent| parent as usize)
    }

    /// This thread of the profile and its descendants, which follow it.
    pub(crate) fn family(&self, thread: usize) -> Range<usize> {
        let is_descendant = |other: &usize| self.parent(*other).is_some_and(|parent| parent >= thread);
        thread..thread + 1 + (thread + 1..self.threads.len()).take_while(is_descendant).count()
    }

    /// In how many executions this thread of the profile was born; not 0.
    pub(crate) fn births(&self, thread: usize) -> u64 {
        self.threads[thread].births
    }

    fn site(&self, site: Site) -> Option<usize> {
        self.sites.binary_search_by(|known| known.site.cmp(&site)).ok()
    }
}

fn threads(births: &BTreeMap<Path, u64>, numbers: &BTreeMap<&Path, u32>) -> Vec<KnownThread> {
    let mut threads: Vec<KnownThread> = Vec::with_capacity(births.len());
    for (path, births) in births {
        // Whenever a thread was born, so were those on the way to it, and the children of its parent before it.
        let parent = path.split_last().map(|(_, parent)| numbers[&parent.to_vec()]);
        if let Some(parent) = parent {
            let child = threads.len() as u32;
            threads[parent as usize].children.push(child);
        }
        threads.push(KnownThread { parent, children: Vec::new(), births: *births, role: 0 });
    }
    threads
}

/// Sets of touches that name the same object.
struct Groups(Vec<usize>);

impl Groups {
    /// The smallest member of the group of `touch`.
    fn of(&mut self, touch: usize) -> usize {
        let mut root = touch;
        while self.0[root] != root {
            self.0[root] = self.0[self.0[root]];
            root = self.0[root];
        }
        root
    }

    fn unite(&mut self, left: usize, right: usize) {
        let (left, right) = (self.of(left), self.of(right));
        self.0[left.max(right)] = left.min(right);
    }
}

/// No thread, no object of the profile.
pub(crate) const UNKNOWN: u32 = u32::MAX;

/// What an execution's numbers mean in the profile. Its tables are kept from one execution to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recognition {
    /// By thread of the execution.
    threads: Vec<RecognisedThread>,
    born: usize,
    /// By object of the execution.
    objects: Vec<RecognisedObject>,
}

#[derive(Clone, Debug)]
struct RecognisedThread {
    known: u32,
    /// How many threads it has started.
    children: usize,
    /// One bit per object of the execution that it has touched; those are left out that are the only ones of their site.
    touched: Vec<u64>,
    /// By site, how many such objects from there it has touched.
    positions: Vec<u32>,
}

#[derive(Copy, Clone, Debug)]
struct RecognisedObject {
    known: u32,
    /// The site, if more than one object is from there.
    site: Option<u32>,
}

impl Recognition {
    /// Forgets everything: an execution begins.
    pub(crate) fn clear(&mut self) {
        self.born = 0;
        self.objects.clear();
    }

    /// How many threads were born as far as this knows.
    #[inline]
    pub(crate) fn born(&self) -> usize {
        self.born
    }

    /// Learns of a thread that was born, the first one not known so far; returns what it is.
    pub(crate) fn bear(&mut self, known: &Known, parent: Option<usize>) -> u32 {
        let name = match parent {
            None => {
                if known.threads.is_empty() {
                    UNKNOWN
                } else {
                    0
                }
            }
            Some(parent) => {
                let parent = &mut self.threads[parent];
                let child = parent.children;
                parent.children += 1;
                let siblings = known.threads.get(parent.known as usize).map(|parent| &parent.children);
                siblings.and_then(|siblings| siblings.get(child)).copied().unwrap_or(UNKNOWN)
            }
        };
        if self.born == self.threads.len() {
            let (touched, positions) = (Vec::new(), Vec::new());
            self.threads.push(RecognisedThread { known: UNKNOWN, children: 0, touched, positions });
        }
        let thread = &mut self.threads[self.born];
        (thread.known, thread.children) = (name, 0);
        thread.touched.clear();
        thread.positions.clear();
        self.born += 1;
        name
    }

    /// Learns of an object that `thread` is the first to touch, the first one not known so far; returns what it is.
    pub(crate) fn claim(&mut self, known: &Known, thread: usize, now: &Now<'_>) -> u32 {
        let object = self.objects.len() as u32;
        let site = known.site(Site(now.birthplace(object)));
        let recognised = match site.map(|site| (site, &known.sites[site])) {
            None => RecognisedObject { known: UNKNOWN, site: None },
            Some((_, KnownSite { only: Some(only), .. })) => RecognisedObject { known: *only, site: None },
            Some((site, entry)) => {
                let toucher = &self.threads[thread];
                let position = toucher.positions.get(site).copied().unwrap_or(0).min(POSITIONS);
                let found = entry.touches.binary_search_by_key(&(toucher.known, position), |touch| touch.0);
                let known = found.map_or(UNKNOWN, |index| entry.touches[index].1);
                RecognisedObject { known, site: Some(site as u32) }
            }
        };
        self.objects.push(recognised);
        recognised.known
    }

    /// Whether it makes a difference to know of the steps on `object`.
    pub(crate) fn counts(&self, object: usize) -> bool {
        self.objects[object].site.is_some()
    }

    /// Notes a step on an object.
    #[inline]
    pub(crate) fn touch(&mut self, step: &StepRecord) {
        debug_assert_eq!(step.op.kind.target(), Target::Object, "threads have other names");
        if let Some(site) = self.objects[step.op.target as usize].site {
            self.threads[step.thread as usize].touch(step.op.target as usize, site as usize);
        }
    }
}

impl RecognisedThread {
    fn touch(&mut self, object: usize, site: usize) {
        if self.touched.len() <= object / 64 {
            self.touched.resize(object / 64 + 1, 0);
        }
        let bit = 1 << (object % 64);
        if self.touched[object / 64] & bit == 0 {
            self.touched[object / 64] |= bit;
            if self.positions.len() <= site {
                self.positions.resize(site + 1, 0);
            }
            self.positions[site] += 1;
        }
    }
}
