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

use super::core::{Core, NOBODY, Slot, Unwinding};
use super::lock::dequeue;
use super::operation::OpKind;

/// The private panic. Zero-sized, so that raising it allocates no payload.
pub(crate) struct TornDown;

/// How often a thread may swallow the private panic, and how many steps its destructors may make.
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

/// Ends all unfinished threads of an execution; returns how many had to be leaked.
///
/// # Safety
///
/// Called by the root loop of `core` (K1), `resume` resumes a thread until it is suspended again or has ended.
pub(crate) unsafe fn end_threads(core: *mut Core, resume: impl Fn(u32)) -> u32 {
    // SAFETY: K1, K2.
    unsafe {
        if (*core).unfinished == 0 {
            return 0;
        }
        (*core).tearing = true;
        (*core).quiet = 0;
        (*core).log_limit = 0;
        (*core).decide = decide;
        (*core).value = value;
        while let Some(thread) = pick(core) {
            resume(thread);
        }
        leak_rest(core)
    }
}

/// The thread to resume next: the youngest that unwinds and can go on; else the youngest in which the panic can be raised.
unsafe fn pick(core: *mut Core) -> Option<u32> {
    // SAFETY: K1, K2, K3.
    unsafe {
        let slots = (*core).slots;
        let born = (*core).born;
        let runnable = &(*core).runnable;
        let youngest = |fits: &dyn Fn(&Slot, u32) -> bool| {
            (0..born).rev().find(|&thread| {
                let slot = &*slots.add(thread as usize);
                slot.alive && !slot.teardown.given_up && fits(slot, thread)
            })
        };
        let goes_on = |slot: &Slot, thread| runnable.contains(thread) && !can_be_raised(slot);
        if let Some(thread) = youngest(&goes_on) {
            return Some(thread);
        }
        let thread = youngest(&|slot, _| can_be_raised(slot))?;
        (*slots.add(thread as usize)).teardown.raise_next = true;
        Some(thread)
    }
}

/// Whether the root loop may have the panic raised in a suspended thread for the first time.
fn can_be_raised(slot: &Slot) -> bool {
    slot.teardown.raises == 0
        && !slot.teardown.raise_next
        && slot.unbreakable == 0
        && slot.unwinding == Unwinding::No
}

unsafe fn leak_rest(core: *mut Core) -> u32 {
    // SAFETY: K1, K2, K3.
    unsafe {
        let born = (*core).born;
        let mut leaked = 0;
        for thread in 0..born {
            let slot = &mut *(*core).slots.add(thread as usize);
            if slot.alive {
                // K5: frames that are still on the stack may own values that others point to.
                std::mem::forget(slot.coroutine.take());
                slot.leaked = true;
                leaked += 1;
            }
        }
        leaked
    }
}

/// Called on the stack of a thread that was resumed during the teardown.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
#[cold]
pub(crate) unsafe fn resumed(core: *mut Core) {
    // SAFETY: K1, K2.
    unsafe {
        let slot = (*core).current_slot;
        if (*slot).teardown.raise_next && !completes((*slot).pending.kind) {
            raise(core);
        }
    }
}

/// Stands in for the strategy: the current thread goes on, unless it has swallowed the panic.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
pub(crate) unsafe fn decide(core: *mut Core) -> u32 {
    // SAFETY: K1, K2.
    unsafe {
        if !completes((*(*core).current_slot).pending.kind) {
            before_blocking(core);
        }
        (*core).current
    }
}

/// Stands in for the strategy: always the dullest.
///
/// # Safety
///
/// None is needed; the type is that of the strategy's.
pub(crate) unsafe fn value(_core: *mut Core, _kind: Kind, _options: u32) -> u32 {
    0
}

/// Raises the panic if the current thread, about to execute or block, does not unwind although it should.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
pub(crate) unsafe fn before_blocking(core: *mut Core) {
    // SAFETY: K1, K2.
    unsafe {
        if (*(*core).current_slot).unbreakable == 0 && !thread::panicking() {
            raise(core);
        }
    }
}

/// Counts a step of a destructor; gives up on a thread whose destructors seem to run for ever.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
pub(crate) unsafe fn count_step(core: *mut Core) {
    // SAFETY: K1, K2.
    unsafe {
        let slot = (*core).current_slot;
        (*slot).teardown.steps += 1;
        if (*slot).teardown.steps > STEPS {
            give_up(core);
        }
    }
}

/// Whether the operation undoes something, so that breaking it off would leave it done. The panic then waits for the next.
fn completes(kind: OpKind) -> bool {
    matches!(kind, OpKind::Unlock | OpKind::Exit)
}

unsafe fn raise(core: *mut Core) -> ! {
    // SAFETY: K1, K2, K3.
    unsafe {
        let me = (*core).current;
        dequeue(core, me);
        let slot = &mut *(*core).current_slot;
        if slot.pending.kind == OpKind::Join {
            (*(*core).slots.add(slot.pending.target as usize)).joiner = NOBODY;
        }
        let slot = &mut *(*core).current_slot;
        slot.teardown.raise_next = false;
        slot.teardown.raises += 1;
        slot.known_unwinding = true;
        let raises = slot.teardown.raises;
        let runnable = &mut (*core).runnable;
        runnable.insert(me);
        if raises > RAISES {
            give_up(core);
        }
    }
    panic::resume_unwind(Box::new(TornDown))
}

/// Suspends the current thread for ever.
unsafe fn give_up(core: *mut Core) -> ! {
    // SAFETY: K1, K2, K6.
    unsafe {
        let slot = (*core).current_slot;
        (*slot).teardown.given_up = true;
        (*core).next = NOBODY;
        loop {
            (*(*slot).yielder).suspend(());
        }
    }
}
