//! Which objects do threads touch in no fixed order?
//!
//! Two accesses are in a fixed order if the program's spawns and joins alone say which comes first. An object that `main`
//! fills in before it starts the thread that uses it is touched by two threads and yet nobody's choice.
//!
//! A vector clock per thread counts, for each other thread, the spawns it had made when this thread last heard of it.

use crate::kernel::{OpKind, StepRecord, Target};

/// The order of an execution as far as spawns and joins give it.
pub(crate) struct Order {
    threads: usize,
    /// By thread, what it has heard of each thread.
    clocks: Vec<u32>,
    /// By object: the threads that have touched it, with their own time then; and whether it is shared.
    touched: Vec<(Vec<(u32, u32)>, bool)>,
}

impl Order {
    pub(crate) fn new(threads: usize, objects: usize) -> Self {
        let mut clocks = vec![0; threads * threads];
        (0..threads).for_each(|thread| clocks[thread * threads + thread] = 1);
        Order { threads, clocks, touched: vec![(Vec::new(), false); objects] }
    }

    /// Whether two accesses so far of the object are in no fixed order.
    pub(crate) fn is_shared(&self, object: usize) -> bool {
        self.touched[object].1
    }

    pub(crate) fn step(&mut self, step: &StepRecord) {
        let (thread, target) = (step.thread as usize, step.op.target as usize);
        match step.op.kind {
            OpKind::Spawn => {
                self.hear(target, thread);
                self.clocks[thread * self.threads + thread] += 1;
            }
            OpKind::Join => self.hear(thread, target),
            kind if kind.target() == Target::Object => self.touch(thread, target),
            _ => {}
        }
    }

    /// What `teller` knows, `listener` knows from now on.
    fn hear(&mut self, listener: usize, teller: usize) {
        for about in 0..self.threads {
            let told = self.clocks[teller * self.threads + about];
            let known = &mut self.clocks[listener * self.threads + about];
            *known = told.max(*known);
        }
    }

    fn touch(&mut self, thread: usize, object: usize) {
        let clock = &self.clocks[thread * self.threads..][..self.threads];
        let (touched, is_shared) = &mut self.touched[object];
        *is_shared |= touched.iter().any(|(other, time)| clock[*other as usize] < *time);
        let now = (thread as u32, clock[thread]);
        match touched.iter_mut().find(|(toucher, _)| *toucher == now.0) {
            Some(last) => *last = now,
            None => touched.push(now),
        }
    }
}
