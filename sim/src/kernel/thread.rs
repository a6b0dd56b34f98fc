//! Threads: birth, end, and the ways in which one waits for another.

use std::any::Any;
use std::io;
use std::panic::{self, AssertUnwindSafe, Location};
use std::ptr::NonNull;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, Yielder};

use super::core::{Core, NOBODY};
use super::operation::{Op, OpKind};
use super::report::{End, Fate};
use super::step::{finish_execution, offer, pick_other, record, step, switch};
use super::{message_of, teardown};

type Payload = Box<dyn Any + Send>;

/// Starts a thread that runs `body`, which says whether it left a result; returns the thread's number.
///
/// # Errors
///
/// If the execution is being torn down.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
pub(crate) unsafe fn spawn(
    core: NonNull<Core>,
    name: &str,
    birthplace: &'static Location<'static>,
    body: impl FnOnce() -> bool + 'static,
) -> io::Result<u32> {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2; `body` borrows nothing.
    unsafe {
        if (*pointer).tearing {
            return Err(io::Error::other("the simulation is ending this execution"));
        }
        offer(core, OpKind::Spawn, 0);
        if (*pointer).born as usize == (*pointer).limits.threads {
            finish_execution(pointer, End::ThreadBound);
            switch(pointer, NOBODY);
        }
        if (*pointer).tearing {
            return Err(io::Error::other("the simulation is ending this execution"));
        }
        let parent = (*pointer).current;
        let number = add_thread(core, name, parent, birthplace, body);
        (*(*pointer).current_slot).pending.target = number;
        record(core);
        Ok(number)
    }
}

/// Puts a thread that is ready to start into the table; returns its number.
///
/// # Safety
///
/// K1; there is a free slot; what `body` borrows outlives the execution.
pub(crate) unsafe fn add_thread(
    core: NonNull<Core>,
    name: &str,
    parent: u32,
    birthplace: &'static Location<'static>,
    body: impl FnOnce() -> bool,
) -> u32 {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2, K3: no coroutine runs in a slot that is not born yet. The coroutine is resumed to its end or
    // forgotten (K5), before the execution ends.
    unsafe {
        let number = (*pointer).born;
        let stacks = &mut (*pointer).stacks;
        let stack = match stacks.pop() {
            Some(stack) => stack,
            None => new_stack((*pointer).limits.stack_bytes),
        };
        let slot = &mut *(*pointer).slots.add(number as usize);
        slot.reuse(name, parent, birthplace);
        slot.coroutine = Some(Coroutine::with_stack_unchecked(stack, move |yielder, ()| {
            enter(core, number, yielder, body);
        }));
        (*pointer).born += 1;
        (*pointer).unfinished += 1;
        let runnable = &mut (*pointer).runnable;
        runnable.insert(number);
        number
    }
}

#[cold]
fn new_stack(bytes: usize) -> DefaultStack {
    match DefaultStack::new(bytes) {
        Ok(stack) => stack,
        Err(error) => panic!("no memory for the stack of a simulated thread ({bytes} bytes): {error}"),
    }
}

/// The whole life of a thread, on its own stack.
unsafe fn enter(core: NonNull<Core>, number: u32, yielder: &Yielder<(), ()>, body: impl FnOnce() -> bool) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2, K3, K6.
    unsafe {
        (*(*pointer).slots.add(number as usize)).yielder = yielder;
        // In a teardown the body does not begin, but what it captured is dropped here, where destructors can wait.
        let result = if (*pointer).tearing {
            contain(core, || drop(body)).map(|_| Ok(false))
        } else {
            record(core);
            contain(core, body)
        };
        let has_result = match result {
            Some(Ok(has_result)) => has_result,
            Some(Err(payload)) => {
                // The payload's destructor is code under test as well.
                contain(core, || drop(payload));
                true
            }
            None => false,
        };
        finish(core, has_result);
    }
}

/// Runs `body` and catches what it panics with; notes the panic in the report. `None`: it was torn down.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
pub(crate) unsafe fn contain<T>(core: NonNull<Core>, body: impl FnOnce() -> T) -> Option<Result<T, Payload>> {
    let caught = panic::catch_unwind(AssertUnwindSafe(body));
    if let Err(payload) = &caught {
        if payload.is::<teardown::TornDown>() {
            return None;
        }
        // SAFETY: K1, K2, K3.
        unsafe {
            let slot = &mut *(*core.as_ptr()).current_slot;
            slot.message = Some(message_of(&**payload));
        }
    }
    Some(caught)
}

/// Ends the current thread, which has a result or was torn down.
unsafe fn finish(core: NonNull<Core>, has_result: bool) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2, K3.
    unsafe {
        if !(*pointer).tearing {
            // A teardown that begins while this waits for its turn does not raise here: there is nothing left to unwind.
            offer(core, OpKind::Exit, 0);
        }
        let me = (*pointer).current;
        let slot = &mut *(*pointer).current_slot;
        slot.alive = false;
        slot.has_result = has_result;
        let joiner = slot.joiner;
        if !(*pointer).tearing {
            slot.fate = if slot.message.is_some() { Fate::Panicked } else { Fate::Finished };
            record(core);
        }
        (*pointer).unfinished -= 1;
        let runnable = &mut (*pointer).runnable;
        runnable.remove(me);
        if joiner != NOBODY && has_result {
            runnable.insert(joiner);
        }
        (*pointer).next = pick_other(pointer);
    }
}

/// Suspends the current thread until another thread enables it.
unsafe fn block(core: *mut Core) {
    // SAFETY: K1, K2.
    unsafe {
        if (*core).tearing {
            teardown::before_blocking(core);
        }
        let me = (*core).current;
        let runnable = &mut (*core).runnable;
        runnable.remove(me);
        let next = pick_other(core);
        switch(core, next);
    }
}

/// Blocks until `target` has ended.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of, `target` a thread of it that nobody else joins.
pub(crate) unsafe fn join(core: NonNull<Core>, target: u32) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2, K3.
    unsafe {
        let joined = (*pointer).slots.add(target as usize);
        if (*joined).has_result {
            offer(core, OpKind::Join, target);
        } else {
            (*(*pointer).current_slot).pending = Op { kind: OpKind::Join, target };
            (*joined).joiner = (*pointer).current;
            block(pointer);
        }
        (*joined).joined = true;
        record(core);
    }
}

/// Whether `target` has ended.
///
/// # Safety
///
/// As [`join`].
pub(crate) unsafe fn is_finished(core: NonNull<Core>, target: u32) -> bool {
    // SAFETY: K1, K2, K3.
    unsafe {
        step(core, OpKind::IsFinished, target);
        !(*(*core.as_ptr()).slots.add(target as usize)).alive
    }
}

/// Blocks until the current thread is unparked, or was before.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of.
pub(crate) unsafe fn park(core: NonNull<Core>) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2.
    unsafe {
        let slot = (*pointer).current_slot;
        if (*slot).unpark_token {
            offer(core, OpKind::Park, 0);
        } else {
            (*slot).pending = Op { kind: OpKind::Park, target: 0 };
            block(pointer);
        }
        (*slot).unpark_token = false;
        record(core);
    }
}

/// Unparks `target`.
///
/// # Safety
///
/// `core` is the execution that the caller is inside of, `target` a thread of it.
pub(crate) unsafe fn unpark(core: NonNull<Core>, target: u32) {
    let pointer = core.as_ptr();
    // SAFETY: K1, K2, K3.
    unsafe {
        offer(core, OpKind::Unpark, target);
        let unparked = (*pointer).slots.add(target as usize);
        (*unparked).unpark_token = true;
        if (*unparked).alive && (*unparked).pending.kind == OpKind::Park {
            let runnable = &mut (*pointer).runnable;
            runnable.insert(target);
        }
        record(core);
    }
}

/// The number of the execution.
#[inline]
pub(crate) fn execution(core: NonNull<Core>) -> u64 {
    // SAFETY: K1, K2.
    unsafe { (*core.as_ptr()).execution }
}

/// The number of the current thread.
#[inline]
pub(crate) fn number(core: NonNull<Core>) -> u32 {
    // SAFETY: K1, K2.
    unsafe { (*core.as_ptr()).current }
}

/// The context pointer of the current thread.
pub(crate) fn context(core: NonNull<Core>) -> Option<NonNull<()>> {
    // SAFETY: K1, K2, K3.
    unsafe { (*(*core.as_ptr()).current_slot).context }
}

/// Sets the context pointer of the current thread; returns the one before.
pub(crate) fn set_context(core: NonNull<Core>, context: Option<NonNull<()>>) -> Option<NonNull<()>> {
    // SAFETY: K1, K2, K3.
    unsafe {
        let slot = &mut *(*core.as_ptr()).current_slot;
        std::mem::replace(&mut slot.context, context)
    }
}

/// The number of the simulated thread that calls, `main` being 0; `None` outside of an execution.
pub fn current_thread() -> Option<usize> {
    super::core::current().map(|core| number(core) as usize)
}

/// How many steps the execution has made that the caller is inside of; 0 outside of one.
pub fn steps() -> u64 {
    // SAFETY: K1, K2.
    super::core::current().map_or(0, |core| unsafe { &(*core.as_ptr()).log }.len() as u64)
}

/// Whether the caller is inside of an execution.
pub fn is_simulated() -> bool {
    super::core::current().is_some()
}
