//! The work-stealing queue that CHESS was shown with: an owner pushes and pops at the tail, a thief takes from the head.
//!
//! The protocol is that of Cilk-5 ("THE"): each side moves its end first and looks at the other end then; where the two could
//! meet they decide under a lock. A thief may just have taken the slot at the head, so the owner must leave one slot free. The
//! bug: its fast path fills that slot as well.

use std::iter;
use std::sync::{Arc, PoisonError, RwLock};

use raddle::platform::{Memory, Mutex, Threads};

use super::{Form, Racy, join_all, start};

const ITEMS: usize = 4;
const STEALS: usize = 2;
/// A power of two.
const INITIAL_SLOTS: usize = 2;
const MAX_SLOTS: isize = 1024 * 1024;

/// What a slot holds that no item was ever put in.
const NOTHING: isize = -1;

/// The lock of the slow paths.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum LockKind {
    Blocking,
    /// An atomic exchange, and a yield after each failure.
    Spinning,
}

enum Lock<P: Memory> {
    Blocking(P::Mutex<()>),
    Spinning(Racy<P>),
}

impl<P: Threads> Lock<P> {
    fn new(kind: LockKind) -> Self {
        match kind {
            LockKind::Blocking => Lock::Blocking(Mutex::new(())),
            LockKind::Spinning => Lock::Spinning(Racy::new(0)),
        }
    }

    fn hold<R>(&self, section: impl FnOnce() -> R) -> R {
        match self {
            Lock::Blocking(mutex) => {
                let _guard = mutex.lock();
                section()
            }
            Lock::Spinning(is_taken) => {
                while is_taken.swap(1) == 1 {
                    P::yield_now();
                }
                let result = section();
                is_taken.set(0);
                result
            }
        }
    }
}

/// The slots, a power of two of them.
struct Table<P: Memory>(Vec<Racy<P>>);

impl<P: Memory> Table<P> {
    /// `items`, and empty slots behind them: `slots` in all.
    fn new(items: impl Iterator<Item = isize>, slots: usize) -> Self {
        Table(items.chain(iter::repeat(NOTHING)).take(slots).map(Racy::new).collect())
    }

    fn mask(&self) -> isize {
        self.0.len().cast_signed() - 1
    }

    fn slot(&self, index: isize) -> &Racy<P> {
        &self.0[(index & self.mask()).cast_unsigned()]
    }
}

struct Queue<P: Memory> {
    /// Written by the thief; by the owner under the lock.
    head: Racy<P>,
    /// Written by the owner alone.
    tail: Racy<P>,
    /// Replaced by the owner under the lock, read by the thief under the lock: no race, so no step.
    table: RwLock<Arc<Table<P>>>,
    lock: Lock<P>,
    form: Form,
}

impl<P: Threads> Queue<P> {
    fn new(kind: LockKind, form: Form) -> Self {
        Queue {
            head: Racy::new(0),
            tail: Racy::new(0),
            table: RwLock::new(Arc::new(Table::new(iter::empty(), INITIAL_SLOTS))),
            lock: Lock::new(kind),
            form,
        }
    }

    fn table(&self) -> Arc<Table<P>> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn steal(&self) -> Option<isize> {
        self.lock.hold(|| {
            let head = self.head.get();
            self.head.set(head + 1);
            if head < self.tail.get() {
                Some(self.table().slot(head).get())
            } else {
                self.head.set(head);
                None
            }
        })
    }

    fn pop(&self) -> Option<isize> {
        let tail = self.tail.get() - 1;
        self.tail.set(tail);
        if self.head.get() <= tail {
            Some(self.table().slot(tail).get())
        } else {
            self.tail.set(tail + 1);
            self.lock.hold(|| self.pop_alone())
        }
    }

    /// The lock keeps thieves out.
    fn pop_alone(&self) -> Option<isize> {
        let tail = self.tail.get() - 1;
        self.tail.set(tail);
        let found = if self.head.get() <= tail {
            Some(self.table().slot(tail).get())
        } else {
            self.tail.set(tail + 1);
            None
        };
        if self.head.get() > tail {
            self.head.set(0);
            self.tail.set(0);
            return None;
        }
        found
    }

    fn push(&self, item: isize) {
        let tail = self.tail.get();
        let table = self.table();
        let one_too_many = isize::from(self.form == Form::Buggy);
        if tail < self.head.get() + table.mask() + one_too_many && tail < MAX_SLOTS {
            table.slot(tail).set(item);
            self.tail.set(tail + 1);
        } else {
            self.lock.hold(|| self.push_alone(item));
        }
    }

    /// The lock keeps thieves out. Brings the ends back to the start of the table, and doubles it if it is full.
    fn push_alone(&self, item: isize) {
        let mut table = self.table();
        let head = self.head.get();
        let count = self.tail.get() - head;
        let head = head & table.mask();
        self.head.set(head);
        self.tail.set(head + count);
        if count >= table.mask() {
            table = self.grow(&table, head, count);
            self.head.set(0);
            self.tail.set(count);
        }
        assert!(count < table.mask(), "the table is full");
        let tail = self.tail.get();
        table.slot(tail).set(item);
        self.tail.set(tail + 1);
    }

    fn grow(&self, old: &Table<P>, head: isize, count: isize) -> Arc<Table<P>> {
        let items = (0..count).map(|index| old.slot(head + index).get());
        let table = Arc::new(Table::new(items, old.0.len() * 2));
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&table);
        table
    }
}

/// How often each item was worked on.
struct Work<P: Memory>(Vec<Racy<P>>);

impl<P: Memory> Work<P> {
    fn on(&self, item: Option<isize>) {
        let Some(item) = item else { return };
        assert_ne!(item, NOTHING, "an empty slot was taken for an item");
        self.0[item.cast_unsigned()].add(1);
    }
}

pub(super) fn run<P: Threads>(kind: LockKind, form: Form) {
    let queue = Arc::new(Queue::<P>::new(kind, form));
    let work = Arc::new(Work::<P>((0..ITEMS).map(|_| Racy::new(0)).collect()));
    let thief = {
        let (queue, work) = (Arc::clone(&queue), Arc::clone(&work));
        start::<P>("thief", move || (0..STEALS).for_each(|_| work.on(queue.steal())))
    };
    for item in (0..ITEMS.cast_signed()).step_by(2) {
        queue.push(item);
        queue.push(item + 1);
        work.on(queue.pop());
    }
    (0..ITEMS / 2).for_each(|_| work.on(queue.pop()));
    join_all::<P>([thief]);
    for (item, times) in work.0.iter().enumerate() {
        assert_eq!(times.get(), 1, "item {item} was not worked on exactly once");
    }
}
