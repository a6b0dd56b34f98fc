//! `StringBuffer.append` of JDK 1.4: it asks another buffer for its length and then for so many characters, and that one may
//! have become shorter in between.

use std::sync::Arc;

use raddle::platform::{Memory, Mutex, Threads};

use super::{Form, Racy, join_all, start};

/// A buffer whose every operation is atomic by itself. Its characters say nothing, so only their number is kept.
struct Buffer<P: Memory> {
    lock: P::Mutex<()>,
    count: Racy<P>,
}

impl<P: Memory> Buffer<P> {
    fn new(count: isize) -> Self {
        Buffer { lock: Mutex::new(()), count: Racy::new(count) }
    }

    fn len(&self) -> isize {
        let _alone = self.lock.lock();
        self.count.get()
    }

    fn copy_first(&self, count: isize) {
        let _alone = self.lock.lock();
        assert!(count <= self.count.get(), "there are fewer than {count} characters");
    }

    fn append(&self, count: isize) {
        let _alone = self.lock.lock();
        self.count.set(self.count.get() + count);
    }

    fn erase_first(&self, count: isize) {
        let _alone = self.lock.lock();
        let erased = count.min(self.count.get());
        self.count.set(self.count.get() - erased);
    }

    /// Two operations of `other`, with time in between. Repaired: one.
    fn append_all_of(&self, other: &Buffer<P>, form: Form) {
        let _alone = self.lock.lock();
        let before = self.count.get();
        let count = match form {
            Form::Buggy => {
                let count = other.len();
                other.copy_first(count);
                count
            }
            Form::Repaired => other.len(),
        };
        self.count.set(before + count);
    }
}

pub(super) fn run<P: Threads>(form: Form) {
    let shared = Arc::new(Buffer::<P>::new(3));
    let changed = Arc::clone(&shared);
    let changer = start::<P>("changer", move || {
        changed.erase_first(3);
        changed.append(3);
    });
    Buffer::<P>::new(0).append_all_of(&shared, form);
    join_all::<P>([changer]);
}
