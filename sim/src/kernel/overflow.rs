//! A clear message when a simulated thread overflows its stack.
//!
//! Each stack ends in a page that cannot be touched, so an overflow is a fault of the processor and not a silent
//! corruption. Nothing can be unwound from there: all that is left is to say whose stack it was before the process ends.
//! That needs a handler for the signal, which is the one thing of a process that a kernel changes. It is installed while at
//! least one kernel exists and then taken back; faults that have nothing to do with a simulated stack are handed on to the
//! handler that was there before.

#[cfg(unix)]
pub(crate) use unix::Handler;

/// Elsewhere the operating system's own report of an overflow has to do.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Handler;

#[cfg(not(unix))]
impl Handler {
    pub(crate) fn install() -> Self {
        Handler
    }
}

#[cfg(unix)]
mod unix {
    use std::cell::UnsafeCell;
    use std::fmt::{self, Write};
    use std::mem::MaybeUninit;
    use std::ptr;
    use std::sync::{Mutex, PoisonError};

    use libc::{c_int, c_void, sigaction, siginfo_t, stack_t};

    use super::super::core::current;

    /// A guard page is reported by one of these, depending on the system.
    const SIGNALS: [c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];

    /// Room for the handler, whose own stack cannot be the one that has overflowed. Wide vector registers are saved there.
    const HANDLER_STACK_BYTES: usize = 64 * 1024;

    /// How many kernels exist.
    static KERNELS: Mutex<usize> = Mutex::new(0);

    /// The handlers that were there before, for as long as ours is installed.
    struct Before(UnsafeCell<[MaybeUninit<sigaction>; SIGNALS.len()]>);

    // SAFETY: written under the lock of `KERNELS` before the first handler is installed, and only read while one is.
    unsafe impl Sync for Before {}

    static BEFORE: Before = Before(UnsafeCell::new([const { MaybeUninit::uninit() }; SIGNALS.len()]));

    /// Keeps the signal handler installed, and a stack for it on this OS thread.
    #[derive(Debug)]
    pub(crate) struct Handler {
        /// The stack for the handler, if the OS thread had none. Kernels do not change their OS thread.
        own_stack: Option<Box<[MaybeUninit<u8>]>>,
    }

    impl Handler {
        pub(crate) fn install() -> Self {
            let own_stack = provide_stack();
            let mut kernels = KERNELS.lock().unwrap_or_else(PoisonError::into_inner);
            if *kernels == 0 {
                for (index, signal) in SIGNALS.into_iter().enumerate() {
                    // SAFETY: zero is a valid `sigaction`; all that matters is set.
                    let mut ours: sigaction = unsafe { std::mem::zeroed() };
                    ours.sa_sigaction = handler_address();
                    ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                    // SAFETY: under the lock, and our handler, the only reader, is not installed for this signal yet.
                    let before = unsafe { &raw mut (*BEFORE.0.get())[index] };
                    // SAFETY: both point to a `sigaction`.
                    unsafe { sigaction(signal, &ours, before.cast()) };
                }
            }
            *kernels += 1;
            Handler { own_stack }
        }
    }

    impl Drop for Handler {
        fn drop(&mut self) {
            let mut kernels = KERNELS.lock().unwrap_or_else(PoisonError::into_inner);
            *kernels -= 1;
            if *kernels == 0 {
                for (index, signal) in SIGNALS.into_iter().enumerate() {
                    restore(index, signal);
                }
            }
            drop(kernels);
            if self.own_stack.is_some() {
                let disabled = stack_t {
                    ss_sp: ptr::null_mut(),
                    ss_flags: libc::SS_DISABLE,
                    ss_size: HANDLER_STACK_BYTES,
                };
                // SAFETY: takes back what `provide_stack` has set on this OS thread; then the memory may go.
                unsafe { libc::sigaltstack(&disabled, ptr::null_mut()) };
            }
        }
    }

    /// Puts the handler of before back, unless somebody has replaced ours in the meantime.
    fn restore(index: usize, signal: c_int) {
        // SAFETY: zero is a valid `sigaction`.
        let mut now: sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: asks only.
        unsafe { sigaction(signal, ptr::null(), &mut now) };
        if now.sa_sigaction == handler_address() {
            // SAFETY: under the lock; initialised when ours was installed.
            let before = unsafe { &raw const (*BEFORE.0.get())[index] };
            // SAFETY: as above.
            unsafe { sigaction(signal, before.cast(), ptr::null_mut()) };
        }
    }

    fn handler_address() -> usize {
        on_fault as extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize
    }

    /// Gives this OS thread a stack for signal handlers, if it has none: `std` gives one to the threads that it makes.
    fn provide_stack() -> Option<Box<[MaybeUninit<u8>]>> {
        let mut now = MaybeUninit::<stack_t>::uninit();
        // SAFETY: asks only.
        unsafe { libc::sigaltstack(ptr::null(), now.as_mut_ptr()) };
        // SAFETY: filled in by the call, which cannot fail with these arguments.
        let now = unsafe { now.assume_init() };
        if now.ss_flags & libc::SS_DISABLE == 0 {
            return None;
        }
        let mut memory = Box::new_uninit_slice(HANDLER_STACK_BYTES);
        let ours = stack_t { ss_sp: memory.as_mut_ptr().cast(), ss_flags: 0, ss_size: HANDLER_STACK_BYTES };
        // SAFETY: the memory lives until `Handler::drop` takes it back.
        unsafe { libc::sigaltstack(&ours, ptr::null_mut()) };
        Some(memory)
    }

    /// Runs on the stack for handlers. Calls nothing that a signal handler must not call: it reads, and writes to a file.
    extern "C" fn on_fault(signal: c_int, info: *mut siginfo_t, _context: *mut c_void) {
        // SAFETY: the system passes a valid pointer.
        let info = unsafe { &*info };
        // SAFETY: these signals carry an address.
        let address = unsafe { info.si_addr() } as usize;
        if let Some(message) = overflow_at(address) {
            let text = &message.text[..message.length];
            // SAFETY: the text is valid; an error cannot be reported anywhere.
            unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
            // SAFETY: ends the process.
            unsafe { libc::abort() };
        }
        // Not ours: the handler of before gets the fault when the instruction is tried again.
        for (index, ours) in SIGNALS.into_iter().enumerate() {
            if ours == signal {
                // SAFETY: initialised before this handler was installed.
                let before = unsafe { &raw const (*BEFORE.0.get())[index] };
                // SAFETY: as above.
                unsafe { sigaction(signal, before.cast(), ptr::null_mut()) };
            }
        }
    }

    /// A message that needs no memory of its own.
    struct Message {
        text: [u8; 640],
        length: usize,
    }

    impl Write for Message {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            let room = &mut self.text[self.length..];
            let fitting = part.len().min(room.len());
            room[..fitting].copy_from_slice(&part.as_bytes()[..fitting]);
            self.length += fitting;
            Ok(())
        }
    }

    /// What to say, if `address` is in the page below the stack of the simulated thread that runs on this OS thread.
    fn overflow_at(address: usize) -> Option<Message> {
        // K1: interrupted, but on the same OS thread; K2: what is read here is not being written by code that overflows.
        current()?.with(|core| {
            let slot = core.threads().get(core.current as usize)?;
            if !slot.guard.contains(&address) {
                return None;
            }
            let mut message = Message { text: [0; 640], length: 0 };
            let _ = writeln!(
                message,
                "\nraddle: simulated thread {} '{}' (started at {}) has overflowed its stack of {} bytes. Look for endless \
                 recursion, or allow more by Limits::stack_bytes.",
                core.current, slot.name, slot.birthplace, core.limits.stack_bytes,
            );
            Some(message)
        })
    }
}
