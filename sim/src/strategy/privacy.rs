//! Which steps of the running execution are nobody else's business.
//!
//! An object that only one thread touches, or that only spawns and joins hand from one thread to another, takes part in no
//! race: where among the steps of other threads it is accessed makes no difference. A strategy that spends its chances
//! elsewhere is as precise on a program with many such accesses as on one without. Which objects those are is learned, so a new
//! execution may prove it wrong; that costs chances, and nothing else.

use std::sync::Arc;

use crate::kernel::{Op, Target};
use crate::strategy::Now;
use crate::strategy::profile::{Profile, Recognition};

/// Recognises the private objects of a profile in an execution.
#[derive(Clone, Debug, Default)]
pub(crate) struct Privacy {
    /// None if the profile has no private objects: then there is nothing to recognise.
    profile: Option<Arc<Profile>>,
    recognised: Recognised,
}

#[derive(Clone, Debug, Default)]
struct Recognised {
    recognition: Recognition,
    /// By object of the execution.
    is_private: Vec<bool>,
    /// How many steps of the execution have been looked at.
    seen: usize,
}

impl Privacy {
    pub(crate) fn new(profile: &Arc<Profile>) -> Self {
        let has_private = profile.objects().iter().any(|object| !object.is_shared);
        Privacy { profile: has_private.then(|| Arc::clone(profile)), recognised: Recognised::default() }
    }

    /// Whether there is anything to recognise.
    #[inline]
    pub(crate) fn may_recognise(&self) -> bool {
        self.profile.is_some()
    }

    /// An execution begins.
    pub(crate) fn begin(&mut self) {
        self.recognised.recognition.clear();
        self.recognised.is_private.clear();
        self.recognised.seen = 0;
    }

    /// Looks at the steps that were made since the last time.
    #[inline(never)]
    pub(crate) fn follow(&mut self, now: &Now<'_>) {
        if let Some(profile) = &self.profile {
            self.recognised.follow(profile, now);
        }
    }

    /// Whether `op`, which is pending, touches a private object. The execution was [followed](Privacy::follow).
    #[inline]
    pub(crate) fn is_private(&mut self, now: &Now<'_>, op: Op) -> bool {
        match &self.profile {
            Some(profile) if op.kind.target() == Target::Object => {
                self.recognised.claim(profile, now, op.target);
                self.recognised.is_private[op.target as usize]
            }
            _ => false,
        }
    }
}

impl Recognised {
    fn follow(&mut self, profile: &Profile, now: &Now<'_>) {
        while self.recognition.born() < now.threads() {
            self.recognition.bear(profile.known(), now.parent(self.recognition.born()));
        }
        while let Some(step) = now.log().get(self.seen) {
            if step.op.kind.target() == Target::Object {
                self.claim(profile, now, step.op.target);
                self.recognition.touch(step);
            }
            self.seen += 1;
        }
    }

    /// Learns what the objects up to `object` are.
    #[inline]
    fn claim(&mut self, profile: &Profile, now: &Now<'_>, object: u32) {
        while self.is_private.len() <= object as usize {
            let toucher = self.first_toucher(now, self.is_private.len() as u32);
            let known = self.recognition.claim(profile.known(), toucher, now);
            let is_private = profile.objects().get(known as usize).is_some_and(|object| !object.is_shared);
            self.is_private.push(is_private);
        }
    }

    /// The thread that was the first to touch an object, or is about to.
    #[cold]
    fn first_toucher(&self, now: &Now<'_>, object: u32) -> usize {
        let touches = |op: Op| op.kind.target() == Target::Object && op.target == object;
        let executed = now.log()[self.seen..].iter().find(|step| touches(step.op));
        let pending = || (0..now.threads()).find(|thread| touches(now.pending(*thread)));
        // A thread that touched it in passing, on the way to something else, made the last step.
        executed.map(|step| step.thread as usize).or_else(pending).or(now.last()).unwrap_or(0)
    }
}
