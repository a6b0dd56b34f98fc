//! Setters write two variables, one after the other; a checker must never see one without the other.
//!
//! One setter between its two writes is enough, but all others must not have written by then: every further setter makes the
//! schedules that fail rarer, and a scheduler that treats all threads alike hardly ever leaves so many behind.

use std::sync::Arc;

use raddle::platform::{Memory, Mutex, Threads};

use super::{Form, Racy, join_all, start};

struct Pair<P: Memory> {
    a: Racy<P>,
    b: Racy<P>,
    /// Held for both writes and for the whole check, in the repaired form.
    lock: P::Mutex<()>,
}

impl<P: Memory> Pair<P> {
    fn write(&self) {
        self.a.set(1);
        self.b.set(-1);
    }

    fn check(&self) {
        let is_whole = (self.a.get() == 0 && self.b.get() == 0) || (self.a.get() == 1 && self.b.get() == -1);
        assert!(is_whole, "one write without the other");
    }
}

pub(super) fn run<P: Threads>(setters: usize, checkers: usize, form: Form) {
    let pair = Arc::new(Pair::<P> { a: Racy::new(0), b: Racy::new(0), lock: Mutex::new(()) });
    let start_all = |name, count, role: fn(&Pair<P>)| -> Vec<_> {
        let start_one = |_| {
            let pair = Arc::clone(&pair);
            start::<P>(name, move || {
                let _whole = (form == Form::Repaired).then(|| pair.lock.lock());
                role(&pair);
            })
        };
        (0..count).map(start_one).collect()
    };
    let setters = start_all("setter", setters, Pair::write);
    let checkers = start_all("checker", checkers, Pair::check);
    join_all::<P>(setters);
    join_all::<P>(checkers);
}
