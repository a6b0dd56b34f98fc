//! Threads that suspend themselves to the root loop, which resumes the next: coroutines of corosensei.
//!
//! Every `SAFETY` note cites this rule, or one of the [kernel](super::super).
//!
//! - **R1** A thread's yielder lives on the thread's stack from its first step to its end, and is used on that stack alone.

use corosensei::stack::STACK_ALIGNMENT;
use corosensei::{Coroutine, CoroutineResult, Yielder};

use super::super::core::{Execution, NOBODY};
use super::super::stack::ThreadStack;

/// What the kernel keeps of a simulated thread to go on with it.
pub(crate) struct Thread {
    coroutine: Coroutine<(), (), (), ThreadStack>,
}

/// What threads need to know of the root loop, and it of them.
#[derive(Debug, Default)]
pub(crate) struct Root {
    /// By thread number; those of threads that have not begun or have ended are not valid.
    yielders: Vec<*const Yielder<(), ()>>,
}

impl Thread {
    /// A thread that will run `body`, which does not unwind.
    ///
    /// # Safety
    ///
    /// What `body` borrows outlives the thread, or the thread is leaked first.
    pub(crate) unsafe fn new<F: FnOnce()>(
        execution: Execution,
        number: u32,
        stack: ThreadStack,
        body: F,
    ) -> Self {
        if align_of::<F>() <= STACK_ALIGNMENT {
            // SAFETY: the caller's promise.
            return unsafe { Thread::running(execution, number, stack, body) };
        }
        // More than a coroutine's stack is aligned to.
        let body = Box::new(body);
        // SAFETY: as above.
        unsafe { Thread::running(execution, number, stack, body) }
    }

    /// # Safety
    ///
    /// As for `new`.
    unsafe fn running(execution: Execution, number: u32, stack: ThreadStack, body: impl FnOnce()) -> Self {
        let run = move |yielder: &Yielder<(), ()>, ()| {
            execution.with(|core| {
                let yielders = &mut core.root.yielders;
                let places = yielders.len().max(number as usize + 1);
                yielders.resize(places, std::ptr::null());
                yielders[number as usize] = yielder;
            });
            body();
        };
        // SAFETY: K5 and the caller's promise.
        Thread { coroutine: unsafe { Coroutine::with_stack_unchecked(stack, run) } }
    }
}

impl Execution {
    /// The root loop: resumes `first`, then whomever the thread that was suspended or ended has named, until that is nobody.
    pub(crate) fn drive(self, first: u32) {
        let mut next = first;
        while next != NOBODY {
            let place = self.with(|core| {
                core.note_switch(next);
                core.thread_place(next)
            });
            // SAFETY: K4.
            let thread = unsafe { &mut *place };
            let running = thread.as_mut().expect("a thread that has not ended is in its place");
            if let CoroutineResult::Return(()) = running.coroutine.resume(()) {
                let ended = thread.take().expect("it was there when it was resumed");
                self.with(|core| core.stacks.push(ended.coroutine.into_stack()));
            }
            next = self.with(|core| core.next);
        }
    }

    /// Suspends the current thread, with the turn to `next`, or to the root loop for good if that is nobody. Returns when it
    /// is its turn again.
    #[inline(always)]
    pub(crate) fn give_turn(self, next: u32) {
        let yielder = self.with(|core| {
            core.next = next;
            core.root.yielders[core.current as usize]
        });
        // SAFETY: R1: this runs on the stack of the current thread.
        unsafe { (*yielder).suspend(()) };
    }
}
