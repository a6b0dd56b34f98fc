//! Threads: birth, end, and the ways in which one waits for another.

use std::any::Any;
use std::io;
use std::mem::replace;
use std::panic::{self, AssertUnwindSafe, Location};
use std::ptr::NonNull;

use corosensei::stack::Stack;

use crate::choice::Kind;

use super::core::{Core, Execution, NOBODY};
use super::message_of;
use super::operation::{Op, OpKind};
use super::report::{End, Fate};
use super::stack::ThreadStack;
use super::switch::Thread;
use super::teardown::TornDown;

type Payload = Box<dyn Any + Send>;

/// In the place of the one thread that joins another: there are several.
const SEVERAL: u32 = NOBODY - 1;

/// The size of the page at the end of a stack. Larger pages only make the message for an overflow less certain.
const GUARD_BYTES: usize = 4096;

impl Execution {
    /// Starts a thread that runs `body`, which says whether it left a result; returns the thread's number.
    ///
    /// # Errors
    ///
    /// If the execution is being torn down; if a choice says so, as a system without resources does.
    ///
    /// # Safety
    ///
    /// What `body` borrows outlives the thread, or the thread is leaked first.
    pub(crate) unsafe fn spawn(
        self,
        name: &str,
        birthplace: &'static Location<'static>,
        body: impl FnOnce() -> bool,
    ) -> io::Result<u32> {
        self.offer(OpKind::Spawn, 0);
        if self.with(|core| !core.tearing && core.born as usize == core.limits.threads) {
            self.with(|core| core.finish(End::ThreadBound));
            self.switch(NOBODY);
        }
        if self.with(|core| core.tearing) {
            return Err(io::Error::other("the simulation is ending this execution"));
        }
        if self.fault(Kind::Spawn) {
            self.with(|core| core.announce(OpKind::FailedSpawn, 0));
            self.record();
            return Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                "the simulated system cannot start a thread now",
            ));
        }
        // SAFETY: the caller's promise.
        let number = unsafe { self.add_thread(name, self.current(), birthplace, body) };
        self.with(|core| core.announce(OpKind::Spawn, number));
        self.record();
        Ok(number)
    }

    /// Puts a thread that is ready to start into the table, which has a free slot; returns its number.
    ///
    /// # Safety
    ///
    /// What `body` borrows outlives the thread, or the thread is leaked first.
    pub(crate) unsafe fn add_thread(
        self,
        name: &str,
        parent: u32,
        birthplace: &'static Location<'static>,
        body: impl FnOnce() -> bool,
    ) -> u32 {
        self.with(|core| {
            let stack = core.stacks.pop().unwrap_or_else(|| new_stack(core.limits.stack_bytes, core.born));
            let number = core.bear(name, parent, birthplace);
            let limit = stack.limit().get();
            core.slot(number).guard = limit..limit + GUARD_BYTES;
            // SAFETY: the caller's promise.
            let thread = unsafe { Thread::new(self, number, stack, move || self.live(body)) };
            // SAFETY: K4: nothing runs in this place yet.
            unsafe { *core.thread_place(number) = Some(thread) };
            number
        })
    }

    /// The whole life of a thread, on its own stack.
    fn live(self, body: impl FnOnce() -> bool) {
        let is_torn_down = self.with(|core| core.tearing);
        // In a teardown the body does not begin, but what it captured is dropped here, where destructors can wait.
        let result = if is_torn_down {
            self.contain(|| {
                drop(body);
                false
            })
        } else {
            self.record();
            self.contain(body)
        };
        let has_result = match result {
            Some(Ok(has_result)) => has_result,
            Some(Err(payload)) => {
                // The payload's destructor is code under test as well.
                self.contain(|| drop(payload));
                true
            }
            None => false,
        };
        self.destroy_locals();
        self.end_thread(has_result);
    }

    /// Runs `body` and catches what it panics with; notes the panic for the report. `None`: it was torn down.
    pub(crate) fn contain<T>(self, body: impl FnOnce() -> T) -> Option<Result<T, Payload>> {
        let caught = panic::catch_unwind(AssertUnwindSafe(body));
        if let Err(payload) = &caught {
            if payload.is::<TornDown>() {
                return None;
            }
            let message = message_of(&**payload);
            let place = self.take_place();
            self.with(|core| {
                let slot = core.current_slot();
                slot.panicked_at = place;
                slot.known_unwinding = false;
                slot.message = Some(message);
            });
        }
        Some(caught)
    }

    /// Ends the current thread, which has a result or was torn down.
    fn end_thread(self, has_result: bool) {
        if !self.with(|core| core.tearing) {
            // A teardown that begins while this waits for its turn does not raise here: there is nothing left to unwind.
            self.offer(OpKind::Exit, 0);
        }
        let is_torn_down = self.with(|core| core.tearing);
        self.with(|core| {
            let slot = core.current_slot();
            slot.alive = false;
            slot.has_result = has_result;
            if !is_torn_down {
                slot.fate = if slot.message.is_some() { Fate::Panicked } else { Fate::Finished };
            }
            let joiner = slot.joiner;
            core.unfinished -= 1;
            core.runnable.remove(core.current);
            core.enable_joiner(joiner, has_result);
        });
        if !is_torn_down {
            self.record();
        }
        let next = self.pick_other();
        self.with(|core| core.next = next);
    }

    /// Suspends the current thread until another thread enables it.
    fn block(self) {
        self.before_blocking();
        self.with(|core| core.runnable.remove(core.current));
        let next = self.pick_other();
        self.switch(next);
    }

    /// Blocks until `target` has ended with a result.
    pub(crate) fn join(self, target: u32) {
        if self.with(|core| core.slot(target).has_result) {
            self.offer(OpKind::Join, target);
        } else {
            self.block_in_join(target);
        }
        self.with(|core| core.slot(target).joined = true);
        self.record();
    }

    /// Blocks until `target` has ended, be it because it was torn down. A section that the teardown must not break off calls
    /// this.
    pub(crate) fn wait_for_end(self, target: u32) {
        if self.with(|core| core.slot(target).alive) {
            self.with(|core| core.current_slot().waits_for_any_end = true);
            self.block_in_join(target);
            self.with(|core| core.current_slot().waits_for_any_end = false);
        } else {
            self.offer(OpKind::Join, target);
        }
        self.with(|core| core.slot(target).joined = true);
        self.record();
    }

    fn block_in_join(self, target: u32) {
        self.with(|core| {
            core.announce(OpKind::Join, target);
            let me = core.current;
            let joiner = &mut core.slot(target).joiner;
            *joiner = if *joiner == NOBODY { me } else { SEVERAL };
        });
        self.block();
    }

    /// Whether `target` has ended.
    pub(crate) fn is_finished(self, target: u32) -> bool {
        self.step(OpKind::IsFinished, target);
        self.with(|core| !core.slot(target).alive)
    }

    /// Blocks until the current thread is unparked, or was before, or goes on for no reason.
    pub(crate) fn park(self) {
        if !self.with(|core| core.current_slot().unpark_token) && self.fault(Kind::Unpark) {
            // An unpark that comes before the turn is left for the next park.
            self.step(OpKind::Park, 0);
            return;
        }
        if self.with(|core| core.current_slot().unpark_token) {
            self.offer(OpKind::Park, 0);
        } else {
            self.with(|core| core.announce(OpKind::Park, 0));
            self.block();
        }
        self.with(|core| core.current_slot().unpark_token = false);
        self.record();
    }

    /// Unparks `target`.
    pub(crate) fn unpark(self, target: u32) {
        self.offer(OpKind::Unpark, target);
        self.with(|core| {
            core.slot(target).unpark_token = true;
            if core.pending[target as usize].kind == OpKind::Elapse {
                core.end_park(target);
            }
            if core.slot(target).alive && core.pending[target as usize].kind == OpKind::Park {
                core.runnable.insert(target);
            }
        });
        self.record();
    }

    /// The context pointer of the current thread.
    pub(crate) fn context(self) -> Option<NonNull<()>> {
        self.with(|core| core.current_slot().context)
    }

    /// Sets the context pointer of the current thread; returns the one before.
    pub(crate) fn set_context(self, context: Option<NonNull<()>>) -> Option<NonNull<()>> {
        self.with(|core| replace(&mut core.current_slot().context, context))
    }
}

impl Core {
    /// Lets those go on who join the current thread, which has ended.
    fn enable_joiner(&mut self, joiner: u32, has_result: bool) {
        match joiner {
            NOBODY => {}
            SEVERAL => {
                let join = Op { kind: OpKind::Join, target: self.current };
                for thread in 0..self.born {
                    if self.pending[thread as usize] == join && self.slot(thread).alive {
                        self.enable_joiner(thread, has_result);
                    }
                }
            }
            joiner => {
                if has_result || self.slot(joiner).waits_for_any_end {
                    self.runnable.insert(joiner);
                }
            }
        }
    }
}

#[cold]
fn new_stack(bytes: usize, number: u32) -> ThreadStack {
    match ThreadStack::new(bytes, number as usize) {
        Ok(stack) => stack,
        Err(error) => panic!("no memory for the stack of a simulated thread ({bytes} bytes): {error}"),
    }
}
