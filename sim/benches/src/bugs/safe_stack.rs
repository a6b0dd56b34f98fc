//! The stack that Dmitry Vyukov posted as a riddle: free slots linked by index, and slots that two threads own at once.
//!
//! `pop` takes the link out of the top slot, which marks it as being taken, and then moves the head; `push` links the slot back.
//! A slot that is popped and pushed while another thread holds its link fools that thread's compare-exchange (ABA). Three
//! threads suffice, but it takes five preemptions at the right places, so this is the hardest program here.

use std::sync::Arc;

use raddle::platform::{Memory, Mutex, Threads};

use super::{Form, Racy, join_all, start};

const THREADS: usize = 3;
const SLOTS: usize = 3;
const ROUNDS: usize = 2;

/// The link of a slot that is the last one, or is being taken.
const NONE: isize = -1;

struct Slot<P: Memory> {
    value: Racy<P>,
    next: Racy<P>,
}

struct SafeStack<P: Memory> {
    slots: Vec<Slot<P>>,
    head: Racy<P>,
    count: Racy<P>,
    /// Held for each operation, in the repaired form.
    lock: P::Mutex<()>,
}

impl<P: Threads> SafeStack<P> {
    fn new() -> Self {
        let next = |index: usize| if index + 1 < SLOTS { index.cast_signed() + 1 } else { NONE };
        let slot = |index: usize| Slot { value: Racy::new(0), next: Racy::new(next(index)) };
        SafeStack {
            slots: (0..SLOTS).map(slot).collect(),
            head: Racy::new(0),
            count: Racy::new(SLOTS.cast_signed()),
            lock: Mutex::new(()),
        }
    }

    fn slot(&self, index: isize) -> &Slot<P> {
        &self.slots[index.cast_unsigned()]
    }

    /// The last slot is never given away: `None`.
    fn pop(&self) -> Option<isize> {
        while self.count.get() > 1 {
            let head = self.head.get();
            let next = self.slot(head).next.swap(NONE);
            if next < 0 {
                P::yield_now();
            } else if self.head.replace(head, next).is_ok() {
                self.count.add(-1);
                return Some(head);
            } else {
                self.slot(head).next.swap(next);
            }
        }
        None
    }

    fn push(&self, index: isize) {
        let mut head = self.head.get();
        loop {
            self.slot(index).next.set(head);
            match self.head.replace(head, index) {
                Ok(()) => break,
                Err(found) => head = found,
            }
        }
        self.count.add(1);
    }

    fn work(&self, own: isize, form: Form) {
        let exclusive = || (form == Form::Repaired).then(|| self.lock.lock());
        for _ in 0..ROUNDS {
            let index = loop {
                let guard = exclusive();
                if let Some(index) = self.pop() {
                    break index;
                }
                drop(guard);
                P::yield_now();
            };
            let slot = self.slot(index);
            slot.value.set(own);
            assert_eq!(slot.value.get(), own, "slot {index} has two owners");
            let _guard = exclusive();
            self.push(index);
        }
    }
}

pub(super) fn run<P: Threads>(form: Form) {
    let stack = Arc::new(SafeStack::<P>::new());
    let start_one = |own: usize| {
        let stack = Arc::clone(&stack);
        start::<P>("worker", move || stack.work(own.cast_signed(), form))
    };
    let threads: Vec<_> = (0..THREADS).map(start_one).collect();
    join_all::<P>(threads);
}
