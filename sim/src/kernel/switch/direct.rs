//! Threads that go on one after the other without anybody in between: an own change of stacks for x86-64.
//!
//! A thread that is suspended has pushed what the compiler relies on and cannot be told to save by itself (the frame pointer and
//! `rbx`), and the address where it goes on; the place of the thread keeps its stack pointer. All other registers are
//! declared as overwritten, so the compiler saves those it needs, and none that it does not. The code is inlined: a thread
//! that is suspended in the frame of its own operation returns out of no frame that the processor did not expect.
//!
//! Nothing unwinds out of a thread: its body catches all panics, and what else escapes is carried to the root loop and goes
//! on there. A walk of the stack, as for a backtrace, ends in [`begin`], whose caller is declared to be unknown.
//!
//! Every `SAFETY` note cites one of these rules, or one of the [kernel](super::super).
//!
//! - **S1** The stack pointer in a thread's place is the one with which it was suspended last, or that of a new thread; that of
//!   the root loop is the one with which `drive` was left. Each is used once, by whoever gives the turn to it.
//! - **S2** A stack pointer that somebody goes on with points to an address to jump to, and what is there takes everything else
//!   from above it: the end of [`change`] what it has pushed, `begin` what [`Thread::new`] has written.
//! - **S3** The stack of a thread belongs to it until its body has ended. After that the thread only gives its stack back and the turn
//!   away; nobody else uses the stack before it has done both.

use std::any::Any;
use std::arch::{asm, naked_asm};
use std::panic::{self, AssertUnwindSafe};
use std::ptr;

use corosensei::stack::{STACK_ALIGNMENT, Stack};

use super::super::core::{Execution, NOBODY, current};
use super::super::stack::ThreadStack;

/// What the kernel keeps of a simulated thread to go on with it.
pub(crate) struct Thread {
    stack: ThreadStack,
    stack_pointer: *mut usize,
}

/// What threads need to know of the root loop, and it of them.
#[derive(Debug)]
pub(crate) struct Root {
    stack_pointer: *mut usize,
    /// What has escaped from a thread, which would be a mistake of the kernel.
    escaped: Option<Box<dyn Any + Send>>,
}

impl Default for Root {
    fn default() -> Self {
        Root { stack_pointer: ptr::null_mut(), escaped: None }
    }
}

impl Thread {
    /// A thread that will run `body`, which does not unwind.
    ///
    /// # Safety
    ///
    /// What `body` borrows outlives the thread, or the thread is leaked first.
    pub(crate) unsafe fn new<F: FnOnce()>(_: Execution, _number: u32, stack: ThreadStack, body: F) -> Self {
        let room = stack.base().get() - stack.limit().get();
        assert!(size_of::<F>() + align_of::<F>() < room / 2, "a stack has room for what its thread captures");
        let alignment = align_of::<F>().max(STACK_ALIGNMENT);
        let captured = (stack.base().get() - size_of::<F>()) & !(alignment - 1);
        let captured = ptr::with_exposed_provenance_mut::<F>(captured);
        // SAFETY: S3: nobody uses the stack yet; it has room, and is aligned.
        unsafe { captured.write(body) };
        let first = [begin as *const () as usize, enter::<F> as *const () as usize, captured as usize];
        // SAFETY: inside of the stack, which has room.
        let stack_pointer = unsafe { captured.cast::<usize>().sub(first.len()) };
        // SAFETY: as above.
        unsafe { stack_pointer.cast::<[usize; 3]>().write(first) };
        Thread { stack, stack_pointer }
    }
}

/// Where a new thread begins. Takes the entry function and its argument from the stack.
#[unsafe(naked)]
unsafe extern "C" fn begin() {
    naked_asm!(
        ".cfi_startproc",
        // Who looks for the caller of this finds none.
        ".cfi_undefined rip",
        "pop rax",
        "pop rdi",
        "xor ebp, ebp",
        // As a call, without the processor's expecting a return.
        "lea rcx, [rip + 2f]",
        "push rcx",
        "jmp rax",
        "2:",
        "ud2",
        ".cfi_endproc",
    )
}

/// The whole of a thread, on its own stack.
unsafe extern "C" fn enter<F: FnOnce()>(body: *mut F) -> ! {
    // SAFETY: S2: written by `Thread::new`, and read here alone.
    let body = unsafe { body.read() };
    let escaped = panic::catch_unwind(AssertUnwindSafe(body)).err();
    let execution = current().expect("a simulated thread ends inside of its execution");
    let next = execution.with(|core| {
        if escaped.is_some() {
            core.root.escaped = escaped;
            core.next = NOBODY;
        }
        let place = core.thread_place(core.current);
        // SAFETY: K4: the thread that ends empties its place.
        let ended = unsafe { (*place).take() };
        core.stacks.extend(ended.map(|ended| ended.stack));
        core.next
    });
    let place = execution.go_to(next);
    // SAFETY: S1, S2; S3: this is the last thing that the thread does.
    unsafe { asm!("mov rsp, [{}]", "pop rax", "jmp rax", in(reg) place, options(noreturn)) }
}

/// Keeps the stack pointer of whoever calls in `left`, and goes on with the one that is kept in `entered`, which may be the
/// same. Returns when somebody goes on with the one that was kept.
///
/// # Safety
///
/// S1, S2.
#[inline(always)]
unsafe fn change(left: *mut *mut usize, entered: *mut *mut usize) {
    // SAFETY: the caller's promise; what is not declared as overwritten is pushed and popped.
    unsafe {
        asm!(
            "push rbp",
            "push rbx",
            "lea rax, [rip + 2f]",
            "push rax",
            "mov [rdi], rsp",
            "mov rsp, [rsi]",
            "pop rax",
            "jmp rax",
            "2:",
            "pop rbx",
            "pop rbp",
            inout("rdi") left => _,
            inout("rsi") entered => _,
            out("r12") _, out("r13") _, out("r14") _, out("r15") _,
            clobber_abi("sysv64"),
        );
    }
}

impl Execution {
    /// Gives the turn to `first`, and returns when it is nobody's any more.
    pub(crate) fn drive(self, first: u32) {
        let entered = self.go_to(first);
        let left = self.with(|core| &raw mut core.root.stack_pointer);
        // SAFETY: S1, S2.
        unsafe { change(left, entered) };
        if let Some(escaped) = self.with(|core| core.root.escaped.take()) {
            panic::resume_unwind(escaped);
        }
    }

    /// Suspends the current thread, with the turn to `next`, or to the root loop for good if that is nobody. Returns when it
    /// is its turn again.
    #[inline(always)]
    pub(crate) fn give_turn(self, next: u32) {
        let place = self.with(|core| core.thread_place(core.current));
        // SAFETY: K3, K4: a thread that runs is in its place.
        let left = unsafe { place_of_stack_pointer(place) };
        let entered = self.go_to(next);
        // SAFETY: S1, S2.
        unsafe { change(left, entered) };
    }

    /// Makes `next` the thread that runs; where the stack pointer to go on with is. For nobody it is that of the root loop.
    #[inline(always)]
    fn go_to(self, next: u32) -> *mut *mut usize {
        self.with(|core| {
            if next == NOBODY {
                return &raw mut core.root.stack_pointer;
            }
            core.note_switch(next);
            let place = core.thread_place(next);
            // SAFETY: K3, K4: a thread that can go on is in its place.
            unsafe { place_of_stack_pointer(place) }
        })
    }
}

/// Where the stack pointer of the thread in `place` is.
///
/// # Safety
///
/// There is a thread in `place`.
#[inline(always)]
unsafe fn place_of_stack_pointer(place: *mut Option<Thread>) -> *mut *mut usize {
    // SAFETY: the caller's promise.
    match unsafe { &mut *place } {
        Some(thread) => &raw mut thread.stack_pointer,
        None => unreachable!("a thread that has not ended is in its place"),
    }
}
