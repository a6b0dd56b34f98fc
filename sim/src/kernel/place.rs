//! Where a panic began.
//!
//! What unwinding carries is the message alone. The place is known to the panic hook, so the first kernel puts one in front of
//! the hook that it finds. For a panic inside of an execution it notes the place and prints nothing: the report tells of that
//! panic, once, and not thousands of times. Every other panic is handed on. The hook stays for as long as the process does:
//! taking it back could take away one that somebody else has put in front of it meanwhile.

use std::cell::RefCell;
use std::fmt;
use std::panic;
use std::sync::Once;
use std::thread;

use super::core::{Execution, current};

thread_local! {
    /// The place of the last panic of a simulated thread, until it is caught or the thread is suspended.
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the compiler calls it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Puts the hook in front of the one that is there, once.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    // `std` refuses hooks while this OS thread panics. Then places stay unknown until the next kernel is made.
    if thread::panicking() {
        return;
    }
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if current().is_none() {
                return before(info);
            }
            let place = info.location().map(|location| Place {
                file: location.file().to_owned(),
                line: location.line(),
                column: location.column(),
            });
            LAST.with_borrow_mut(|last| *last = place);
        }));
    });
}

impl Execution {
    /// Keeps the place of the current thread's panic: it is about to be suspended while it unwinds, and another may panic then.
    pub(crate) fn keep_place(self) {
        if let Some(place) = LAST.take() {
            self.with(|core| core.current_slot().place = Some(place));
        }
    }

    /// Where the panic began that the current thread has just caught; unknown if it was raised without the hook.
    pub(crate) fn take_place(self) -> Option<Place> {
        let last = LAST.take();
        self.with(|core| core.current_slot().place.take()).or(last)
    }
}
