//! The stacks of simulated threads.
//!
//! A system maps memory in whole pages, so the busy first lines of all stacks would have the same place in a page, and with it in
//! the first cache of the processor, which has room for a dozen of them there. With more threads each switch would
//! fetch its stack anew. So every stack begins a few lines further down in its page than the one before.

use std::io;

use corosensei::stack::{DefaultStack, Stack, StackPointer};

const LINE_BYTES: usize = 64;
const PAGE_LINES: usize = 64;
/// How far the beginnings of stacks are apart. Odd, so that all lines of a page have their turn.
const APART_LINES: usize = 5;

/// The stack of one thread after the other.
pub(crate) struct ThreadStack {
    mapped: DefaultStack,
    /// How much at its beginning is not used.
    shift: usize,
}

impl ThreadStack {
    /// A stack with room for `bytes`. `number`: how many stacks there are.
    pub(crate) fn new(bytes: usize, number: usize) -> io::Result<Self> {
        let shift = (number * APART_LINES % PAGE_LINES) * LINE_BYTES;
        let mapped = DefaultStack::new(bytes + shift)?;
        Ok(ThreadStack { mapped, shift })
    }
}

// SAFETY: all of the stack between `base` and `limit` is the mapped one's, which has a guard page at the end; it has room for
// `bytes` without what is not used.
unsafe impl Stack for ThreadStack {
    fn base(&self) -> StackPointer {
        let base = self.mapped.base().get() - self.shift;
        StackPointer::new(base).expect("a mapped stack is larger than the shift")
    }

    fn limit(&self) -> StackPointer {
        self.mapped.limit()
    }

    #[cfg(windows)]
    fn teb_fields(&self) -> corosensei::stack::StackTebFields {
        self.mapped.teb_fields()
    }

    #[cfg(windows)]
    fn update_teb_fields(&mut self, stack_limit: usize, guaranteed_stack_bytes: usize) {
        self.mapped.update_teb_fields(stack_limit, guaranteed_stack_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_begin_at_different_lines_and_have_the_room_that_was_asked_for() {
        let stacks: Vec<_> = (0..PAGE_LINES)
            .map(|number| ThreadStack::new(16 * 1024, number).expect("there is memory"))
            .collect();
        let mut lines: Vec<_> =
            stacks.iter().map(|stack| stack.base().get() / LINE_BYTES % PAGE_LINES).collect();
        lines.sort_unstable();
        assert_eq!(lines, (0..PAGE_LINES).collect::<Vec<_>>());
        for stack in &stacks {
            assert_eq!(stack.base().get() % corosensei::stack::STACK_ALIGNMENT, 0);
            assert!(stack.base().get() - stack.limit().get() >= 16 * 1024);
        }
    }
}
