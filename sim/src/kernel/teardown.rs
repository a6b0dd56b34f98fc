//! The end of executions that leave threads unfinished.
//!
//! A stuck or cut off execution leaves threads suspended in the middle of their work, with destructors waiting on their
//! stacks. Each is resumed, the youngest first, and a private panic is raised at the operation that it had announced. Its
//! destructors run as in any unwinding and still announce their operations: they lock, wait and join under the kernel, so
//! mutual exclusion holds to the end. A destructor that blocks is set aside until another thread, unwinding in turn, lets it
//! go on.
//!
//! The panic is raised by `resume_unwind`, so no panic hook runs. Code that catches panics wholesale may swallow it; then it
//! is raised again at the next operation, a bounded number of times. It is never raised where it would end the process: not
//! in a thread that is unwinding already, nor inside a section that must not unwind. What cannot finish in this way is
//! leaked: its stack is never used again, its values are never dropped, and it is counted.

use std::{panic, thread};

use crate::choice::Kind;

use super::core::{Core, Execution, NOBODY};
use super::operation::OpKind;
use super::slot::Slot;
use super::step::Turn;
use super::unwind::Unwinding;

/// The private panic. Zero-sized, so that raising it allocates no payload.
pub(crate) struct TornDown;

/// How often the panic is raised in one thread, and how many steps its destructors may make.
const RAISES: u32 = 64;
const STEPS: u32 = 10_000;

/// How far the teardown of one thread has come.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct Progress {
    raise_next: bool,
    raises: u32,
    steps: u32,
    given_up: bool,
}

impl Execution {
    /// Ends all unfinished threads of an execution that has ended; returns how many had to be leaked.
    pub(crate) fn tear_down(self) -> u32 {
        self.with(Core::note_stays);
        if self.with(|core| core.unfinished == 0) {
            return 0;
        }
        self.with(|core| {
            core.note_state_at_end();
            core.end_limits();
            core.tearing = true;
            core.quiet = 0;
            core.runnable.allow_stays(0);
            core.log_limit = 0;
            core.decide = decide;
            core.value = value;
        });
        while let Some(thread) = self.with(Core::pick_for_teardown) {
            self.drive(thread);
        }
        self.with(Core::leak_rest)
    }

    /// Called on the stack of a thread that was resumed during the teardown.
    pub(crate) fn resumed_in_teardown(self) {
        let raises = self.with(|core| {
            let kind = core.current_pending().kind;
            core.current_slot().teardown.raise_next && !completes(kind)
        });
        if raises {
            self.raise();
        }
    }

    /// Raises the panic if the current thread, about to block, does not unwind although it should.
    #[inline]
    pub(crate) fn before_blocking(self) {
        if self.with(|core| core.tearing && core.current_slot().unbreakable == 0) && !thread::panicking() {
            self.raise();
        }
    }

    /// Counts a step of a destructor; gives up on a thread whose destructors seem to run for ever.
    pub(crate) fn count_teardown_step(self) {
        let steps = self.with(|core| {
            let progress = &mut core.current_slot().teardown;
            progress.steps += 1;
            progress.steps
        });
        if steps > STEPS {
            self.give_up();
        }
    }

    fn raise(self) -> ! {
        let raises = self.with(|core| {
            let me = core.current;
            core.dequeue(me);
            core.take_back_limit(me);
            let pending = core.current_pending();
            if pending.kind == OpKind::Join && core.slot(pending.target).joiner == me {
                core.slot(pending.target).joiner = NOBODY;
            }
            core.runnable.insert(me);
            let slot = core.current_slot();
            slot.known_unwinding = true;
            slot.teardown.raise_next = false;
            slot.teardown.raises += 1;
            slot.teardown.raises
        });
        if raises > RAISES {
            self.give_up();
        }
        panic::resume_unwind(Box::new(TornDown))
    }

    /// Suspends the current thread for ever.
    fn give_up(self) -> ! {
        self.with(|core| core.current_slot().teardown.given_up = true);
        loop {
            self.switch(NOBODY);
        }
    }
}

/// Stands in for the strategy: the current thread goes on, unless it has swallowed the panic.
pub(crate) fn decide(execution: Execution, _: Turn) -> u32 {
    if !completes(execution.with(|core| core.current_pending().kind)) {
        execution.before_blocking();
    }
    execution.current()
}

/// Stands in for the strategy: always the dullest.
pub(crate) fn value(_: Execution, _: Kind, _: u32) -> u32 {
    0
}

/// Whether the operation undoes something, so that breaking it off would leave it done. The panic then waits for the next.
fn completes(kind: OpKind) -> bool {
    matches!(kind, OpKind::Unlock | OpKind::Disconnect | OpKind::Initialized | OpKind::Exit)
}

/// Whether the root loop may have the panic raised in a suspended thread for the first time.
fn can_be_raised(slot: &Slot) -> bool {
    slot.teardown.raises == 0
        && !slot.teardown.raise_next
        && slot.unbreakable == 0
        && slot.unwinding == Unwinding::No
}

impl Core {
    /// Keeps what the teardown would overwrite.
    fn note_state_at_end(&mut self) {
        for thread in 0..self.born {
            let last =
                (self.pending[thread as usize], self.runnable.contains(thread) || self.can_time_out(thread));
            self.slot(thread).last = last;
        }
        for object in &mut self.objects {
            object.last_holder = object.holder;
        }
        for &(object, thread) in self.readers.iter().rev() {
            self.objects[object as usize].last_holder = thread;
        }
    }

    /// The thread to resume next: the youngest that unwinds and can go on; else the youngest in which the panic can be
    /// raised.
    fn pick_for_teardown(&mut self) -> Option<u32> {
        let youngest = |core: &Core, fits: fn(&Core, u32, &Slot) -> bool| {
            (0..core.born).rev().find(|&thread| {
                let slot = &core.slots[thread as usize];
                slot.alive && !slot.teardown.given_up && fits(core, thread, slot)
            })
        };
        let unwinding =
            youngest(self, |core, thread, slot| core.place_of(thread).is_some() && !can_be_raised(slot));
        unwinding.or_else(|| {
            let thread = youngest(self, |_, _, slot| can_be_raised(slot))?;
            self.slot(thread).teardown.raise_next = true;
            Some(thread)
        })
    }

    fn leak_rest(&mut self) -> u32 {
        let mut leaked = 0;
        for thread in 0..self.born {
            let slot = self.slot(thread);
            if slot.alive {
                slot.leaked = true;
                leaked += 1;
                let place = self.thread_place(thread);
                // SAFETY: K4: the thread is suspended, and nobody goes on with it.
                let abandoned = unsafe { (*place).take() };
                // K5: frames that are still on the stack may own values that others point to.
                std::mem::forget(abandoned);
            }
        }
        leaked
    }
}
