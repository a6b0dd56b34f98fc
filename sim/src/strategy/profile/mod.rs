//! A profile: what is learned from a few executions of a program before the search of it begins.
//!
//! Strategies that spread their schedules well have to know roughly how long an execution is, which objects threads share,
//! and how often each thread touches them. A campaign runs a fixed *calibration batch* of executions, shows each to
//! [`Profile::observe`], and from then on shares the profile unchanged between its workers. So what is found depends neither
//! on the number of workers nor on who is done first: the profile of a set of executions is the same in whatever order
//! they are observed.
//!
//! # Names that last
//!
//! Numbers of threads and objects follow the order in which an execution gets to them, so the next execution may number them
//! differently. What lasts is this.
//!
//! - A thread is named by its *spawn path*: it is the k-th child of a thread with such a name, or `main`.
//! - An object is named by its birthplace and by *touches*: it is the p-th object from there that the thread with that name
//!   has touched. A thread that does not depend on others touches the same objects in the same order in every execution,
//!   whoever comes first, so objects made by one line in a loop are told apart. All touches of one object of one execution
//!   name the same object. Where a thread finds its way by data, its p-th object is now this one and now that one; their names
//!   then run into one, and the profile speaks of them as a group. Wrong names cost precision, never soundness.

mod names;
mod recognition;
mod shared;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;
use std::sync::OnceLock;

use crate::choice::Kind;
use crate::kernel::{Kernel, OpKind, StepRecord, Target};

use self::names::{Path, Site, Touch, paths};
use self::shared::Order;

pub(crate) use self::recognition::{Known, Recognition, UNKNOWN};

/// What is known of a program from some executions of it.
///
/// ```
/// use raddle_sim::kernel::{Kernel, Limits};
/// use raddle_sim::strategy::{Profile, Random};
///
/// let mut kernel = Kernel::new(Limits::default());
/// let mut strategy = Random::new(1);
/// let mut profile = Profile::default();
/// for _ in 0..8 {
///     kernel.run(&mut strategy, || { /* the program */ });
///     profile.observe(&kernel);
/// }
/// assert_eq!((profile.executions(), profile.threads(), profile.objects().len()), (8, 1, 0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Profile {
    executions: u64,
    maximum_steps: u64,
    total_steps: u64,
    maximum_contended_steps: u64,
    total_contended_steps: u64,
    maximum_threads: usize,
    maximum_open_steps: Option<u64>,
    favourite: Option<Vec<u32>>,
    /// Whether some thread has asked whether another one has ended.
    asks_for_ends: bool,
    /// In how many executions each thread was born.
    births: BTreeMap<Path, u64>,
    /// How each thread has touched each of its objects, in all executions together.
    accesses: BTreeMap<Touch, Usage>,
    /// Touches of the same object.
    same: BTreeSet<(Touch, Touch)>,
    /// A touch of each object that threads have touched in no fixed order.
    contended: BTreeSet<Touch>,
    /// Made from all this when it is asked for.
    known: OnceLock<Known>,
}

/// Profiles are equal if the same was observed.
impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.observed() == other.observed()
    }
}

impl Eq for Profile {}

/// How a thread has touched an object.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// How often.
    count: u64,
    /// One bit for each kind of operation.
    kinds: u64,
}

impl Usage {
    fn add(&mut self, other: Usage) {
        self.count += other.count;
        self.kinds |= other.kinds;
    }
}

/// An object, or a group of objects that cannot be told apart, as it was in all observed executions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectProfile {
    /// Where it was made.
    pub birthplace: &'static Location<'static>,
    /// Whether two threads have touched it and neither had to be first: their order is not that of a spawn or a join.
    pub is_shared: bool,
    /// The threads that touch it, by their numbers in the profile, each with how often it did so in all executions together.
    pub accesses: Vec<(usize, u64)>,
}

impl Profile {
    /// Learns from the last execution of `kernel`, whichever way it ended.
    pub fn observe(&mut self, kernel: &Kernel) {
        let log = kernel.log();
        let contended = kernel.choices().iter().filter(|choice| choice.kind == Kind::Thread).count() as u64;
        self.executions += 1;
        self.maximum_steps = self.maximum_steps.max(log.len() as u64);
        self.total_steps += log.len() as u64;
        self.maximum_contended_steps = self.maximum_contended_steps.max(contended);
        self.total_contended_steps += contended;
        let threads = kernel.threads();
        self.maximum_threads = self.maximum_threads.max(threads.len());
        let paths = paths(threads.iter().map(|thread| thread.parent));
        for path in &paths {
            *self.births.entry(path.clone()).or_default() += 1;
        }
        let sites: Vec<Site> = kernel.objects().iter().map(|object| Site(object.birthplace)).collect();
        self.observe_accesses(log, &paths, &sites);
        self.known = OnceLock::new();
    }

    fn observe_accesses(&mut self, log: &[StepRecord], paths: &[Path], sites: &[Site]) {
        // By object: the threads that have touched it, each with the name that it gives the object, and how often.
        let mut touches: Vec<Vec<(u32, Touch, Usage)>> = vec![Vec::new(); sites.len()];
        let mut positions: BTreeMap<(u32, Site), u32> = BTreeMap::new();
        let mut order = Order::new(paths.len(), sites.len());
        for step in log {
            order.step(step);
            self.asks_for_ends |= step.op.kind == OpKind::IsFinished;
            if step.op.kind.target() != Target::Object {
                continue;
            }
            let (thread, object) = (step.thread, step.op.target as usize);
            let usage = Usage { count: 1, kinds: 1 << step.op.kind as u32 };
            match touches[object].iter_mut().find(|(toucher, ..)| *toucher == thread) {
                Some((.., usages)) => usages.add(usage),
                None => {
                    let position = positions.entry((thread, sites[object])).or_default();
                    let touch = Touch::new(sites[object], paths[thread as usize].clone(), *position);
                    *position += 1;
                    touches[object].push((thread, touch, usage));
                }
            }
        }
        for (object, touches) in touches.into_iter().enumerate() {
            let Some((_, first, _)) = touches.first().cloned() else { continue };
            if order.is_shared(object) {
                self.contended.insert(first.clone());
            }
            for (_, touch, usage) in touches {
                self.accesses.entry(touch.clone()).or_default().add(usage);
                self.same.insert((first.clone(), touch));
            }
        }
    }

    /// All that was observed, to be compared.
    fn observed(&self) -> impl PartialEq + '_ {
        (
            (
                self.executions,
                self.maximum_threads,
                self.maximum_open_steps,
                &self.favourite,
                self.asks_for_ends,
            ),
            (self.maximum_steps, self.total_steps, self.maximum_contended_steps, self.total_contended_steps),
            (&self.births, &self.accesses, &self.same, &self.contended),
        )
    }

    /// How many executions were observed.
    pub fn executions(&self) -> u64 {
        self.executions
    }

    /// The steps of the longest execution; 0 if none was observed.
    pub fn maximum_steps(&self) -> u64 {
        self.maximum_steps
    }

    /// The steps of an execution on average, rounded up; 0 if none was observed.
    pub fn mean_steps(&self) -> u64 {
        self.total_steps.div_ceil(self.executions.max(1))
    }

    /// How often two or more threads could go on, in the execution with the most such steps.
    pub fn maximum_contended_steps(&self) -> u64 {
        self.maximum_contended_steps
    }

    /// How often two or more threads could go on in an execution, on average, rounded up.
    pub fn mean_contended_steps(&self) -> u64 {
        self.total_contended_steps.div_ceil(self.executions.max(1))
    }

    /// How often there was somebody else to go on and what was done could race with what others do, in the execution with the
    /// most such steps. A [`Calibration`](crate::strategy::Calibration) counts them; without one, and never below what there is:
    /// the contended steps, or all steps but those on objects that are not shared.
    pub fn maximum_open_steps(&self) -> u64 {
        self.maximum_open_steps.unwrap_or_else(|| {
            let private = self.objects().iter().filter(|object| !object.is_shared);
            let accesses = private.flat_map(|object| &object.accesses);
            let private: u64 = accesses.map(|(_, total)| total / self.executions.max(1)).sum();
            self.maximum_steps.saturating_sub(private).min(self.maximum_contended_steps)
        })
    }

    pub(crate) fn set_maximum_open_steps(&mut self, steps: u64) {
        self.maximum_open_steps = Some(steps);
    }

    /// The objects, by their numbers in the profile, that are worth selecting together: those the order of whose accesses has made
    /// threads take the most different paths. A [`Calibration`](crate::strategy::Calibration) finds them out; without one, and
    /// where nothing stands out, there are none.
    pub fn favourite(&self) -> Option<&[u32]> {
        self.favourite.as_deref()
    }

    pub(crate) fn set_favourite(&mut self, objects: &[u32]) {
        self.favourite = Some(objects.to_vec());
    }

    /// Whether some thread has asked whether another one has ended, in place of waiting for that. If none does, the ends of threads race
    /// with nothing.
    pub fn asks_for_ends(&self) -> bool {
        self.asks_for_ends
    }

    /// The largest number of threads that an execution has started, `main` included.
    pub fn maximum_threads(&self) -> usize {
        self.maximum_threads
    }

    /// How many threads there are, told apart by their spawn paths, in all executions together. They are numbered in the
    /// lexicographic order of these paths: `main` is 0, and each thread comes before those that it has started.
    pub fn threads(&self) -> usize {
        self.births.len()
    }

    /// The spawn path of a thread by its number in the profile: which child of `main`, which child of that, and so on.
    ///
    /// # Panics
    ///
    /// If there is no such thread.
    pub fn spawn_path(&self, thread: usize) -> &[u32] {
        self.births.keys().nth(thread).expect("a thread of the profile")
    }

    /// The objects that were touched, by birthplace.
    pub fn objects(&self) -> &[ObjectProfile] {
        self.known().objects()
    }

    /// The tables by which a running execution is recognised.
    #[inline]
    pub(crate) fn known(&self) -> &Known {
        self.known.get_or_init(|| Known::new(&self.births, &self.accesses, &self.same, &self.contended))
    }
}
